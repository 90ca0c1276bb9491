# The project's verbs on Windows: .\dev.ps1 demo, .\dev.ps1 test … The work is done by the file "dev" beside this one.
$ErrorActionPreference = "Stop"
$script = Join-Path $PSScriptRoot "dev"
foreach ($version in "3.14", "3.13", "3.12", "3.11") {
    if (Get-Command py -ErrorAction SilentlyContinue) {
        & py "-$version" -c "import venv" 2>$null
        if ($LASTEXITCODE -eq 0) {
            & py "-$version" $script @args
            exit $LASTEXITCODE
        }
    }
}
if (Get-Command python -ErrorAction SilentlyContinue) {
    & python $script @args
    exit $LASTEXITCODE
}
Write-Error "Caseferry needs Python 3.11 to 3.14; none was found."
exit 2
