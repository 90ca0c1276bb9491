"""A real systemd in a container of this machine's own files: nothing of what happens in it stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import app

ROOT = Path(app.__file__).parent.parent
PYTHON = "/opt/python/bin/python3"
SOURCES = "/opt/caseferry"
PYTHON_PATH = f"{SOURCES}:/opt/caseferry-libraries"
_PROBE_PATH = "/etc/systemd/system/caseferry-probe.service"
_PROBE = """\
[Unit]
After=basic.target
[Service]
Type=oneshot
StandardOutput=file:/out/said
StandardError=file:/out/errors
ExecStart=/bin/sh /out/probe.sh
ExecStopPost=/bin/systemctl poweroff --force
TimeoutStartSec=300
[Install]
"""


def why_not() -> str:
    """Why no systemd can be booted here; empty when one can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "it needs root on Linux"
    if shutil.which("systemd-nspawn") is None:
        return "systemd-nspawn is missing (Debian: apt-get install systemd-container)"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    return ""


def boot(folder: Path, script: str, *, files: Mapping[str, str], seconds: float = 300.0) -> list[str]:
    """Boot, run a shell script as root, and power off; the lines it wrote on standard output.

    Args:
        folder: an empty one; it is ``/out`` there.
        script: for ``/bin/sh``.
        files: path in the container and content.
        seconds: the longest it may take.
    """
    (folder / "probe.sh").write_text(script, encoding="utf-8")
    binds = {
        str(folder): "/out",
        str(ROOT): SOURCES,
        sys.base_prefix: "/opt/python",
        _libraries(): "/opt/caseferry-libraries",
    }
    with _copied_root(folder / "mounts") as root:
        words = ["systemd-nspawn", "--quiet", f"--directory={root}", "--boot", "--private-network"]
        words += ["--register=no", "--keep-unit", "--console=pipe", "--machine=caseferry-probe"]
        for place, inside in binds.items():
            words.append(f"--bind{'' if inside == '/out' else '-ro'}={place}:{inside}")
        for path, content in {_PROBE_PATH: _PROBE, **files}.items():
            target = root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
            target.chmod(0o644)
        done = subprocess.run(
            [*words, "systemd.unit=caseferry-probe.service"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    said = folder / "said"
    assert said.exists(), f"systemd did not come up: {done.stdout[-1000:]} {done.stderr[-2000:]}"
    return said.read_text(encoding="utf-8").splitlines()


@contextmanager
def _copied_root(folder: Path) -> Iterator[Path]:
    """This machine's root as it is, with everything that is written in memory; taken away at the end."""
    upper, root = folder / "written", folder / "root"
    for place in (upper, root):
        place.mkdir(parents=True)
    _mount("-t", "tmpfs", "tmpfs", str(upper))
    try:
        for name in ("upper", "work"):
            (upper / name).mkdir()
        layers = f"lowerdir=/,upperdir={upper / 'upper'},workdir={upper / 'work'}"
        _mount("-t", "overlay", "overlay", "-o", layers, str(root))
        try:
            yield root
        finally:
            subprocess.run(["umount", str(root)], check=True)
    finally:
        subprocess.run(["umount", str(upper)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _libraries() -> str:
    """Where the libraries of this environment lie."""
    import msgspec

    return str(Path(msgspec.__file__).parent.parent)
