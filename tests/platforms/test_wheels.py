"""Every platform's wheel holds that platform's library; the package installs where there is no compiler."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from build_core import ROOT, TARGETS, Target, this_machine

pytestmark = pytest.mark.timeout(600)

_MASK_ONE_LINE = """
import sys
from app import masking
from app.masking.native.library import library_path

rules, key = masking.load_rules(), masking.PseudonymKey(bytes(32))
engine = masking.open_engine(rules, key)
print(library_path())
print(engine.name)
print(masking.mask_text(engine, sys.argv[1]).text)
"""


@pytest.fixture(scope="module")
def wheels(libraries: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every wheel; the compiler kept what it made for the libraries."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([sys.executable, "build_core.py", "--wheels", str(folder)], cwd=ROOT, check=True)
    return folder


def _wheel_of(target: Target, folder: Path) -> Path:
    (wheel,) = folder.glob(f"caseferry-*-py3-none-{target.tag}.whl")
    return wheel


def _environment(folder: Path, *, path: str) -> tuple[Path, dict[str, str]]:
    """A fresh Python, and variables with which it sees nothing of this one but what it imports by `more`."""
    venv.EnvBuilder(with_pip=True).create(folder)
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CC"))}
    variables.pop("VIRTUAL_ENV", None)
    return folder / "bin" / "python", {**variables, "PATH": path}


def _mask_a_line(python: Path, variables: dict[str, str], *, cwd: Path) -> list[str]:
    """Where its core lies, which engine it is, and the masked line; the libraries are those of the tests."""
    site = next(path for path in sys.path if path.endswith("site-packages"))
    add = f"import sys; sys.path.append({site!r})\n"
    command = [str(python), "-I", "-c", add + _MASK_ONE_LINE, "CustomerName='Erika Mustermann'"]
    done = subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_there_is_one_wheel_for_every_platform_and_nothing_else(wheels: Path) -> None:
    assert sorted(path.name for path in wheels.iterdir()) == sorted(
        _wheel_of(target, wheels).name for target in TARGETS
    )


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_wheel_holds_exactly_its_library(wheels: Path, libraries: dict[str, Path], target: Target) -> None:
    with zipfile.ZipFile(_wheel_of(target, wheels)) as wheel:
        names = wheel.namelist()
        compiled = [name for name in names if name.endswith((".so", ".dll", ".dylib", ".pdb", ".lib"))]
        assert compiled == [f"app/masking/native/lib/{target.library}"]
        assert wheel.read(compiled[0]) == libraries[target.name].read_bytes()
        seal = wheel.read(f"{compiled[0]}.sha256").decode("ascii").strip()
        assert seal == hashlib.sha256(wheel.read(compiled[0])).hexdigest()
        assert "app/masking/native/lib/default.json" in names
        assert [name for name in names if name.endswith((".c", ".h"))] == []
        (tags,) = [name for name in names if name.endswith(".dist-info/WHEEL")]
        said = wheel.read(tags).decode().splitlines()
    assert [line for line in said if line.startswith("Tag:")] == [f"Tag: py3-none-{target.tag}"]
    assert "Root-Is-Purelib: false" in said


def test_the_wheel_of_this_machine_installs_and_masks(wheels: Path, tmp_path: Path) -> None:
    target = this_machine()
    assert target is not None, "the core is not offered for this machine"
    python, variables = _environment(tmp_path / "fresh", path=os.defpath)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(_wheel_of(target, wheels))], env=variables, check=True)
    core, engine, line = _mask_a_line(python, variables, cwd=tmp_path)
    assert Path(core).is_relative_to(tmp_path)
    assert engine == "native 1"
    assert line.startswith("CustomerName='<NAME:")
    assert "Mustermann" not in line


def test_installing_from_the_sources_needs_no_compiler(tmp_path: Path) -> None:
    """The index of the tests' own pip brings hatchling and zig, as pyproject.toml asks for them."""
    python, variables = _environment(tmp_path / "fresh", path=str(tmp_path / "no-programs"))
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, str(ROOT)], env=variables, check=True)
    core, engine, line = _mask_a_line(python, variables, cwd=tmp_path)
    assert Path(core).is_relative_to(tmp_path)
    assert Path(core).is_file()
    assert engine == "native 1"
    assert line.startswith("CustomerName='<NAME:")
