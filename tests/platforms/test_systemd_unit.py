"""The unit as systemd itself judges it. Where there is no systemd-analyze, the skip says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.service.units import UnitOrder, unit_text
from agent.service.units.systemd import UNIT_NAME

MOST_EXPOSURE = 2.0

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="NOT PROVEN HERE: systemd-analyze is missing (Debian: apt-get install systemd)",
)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """What `caseferry-agent service install` writes, with a program that is there."""
    order = UnitOrder(
        command=(sys.executable, "-m", "agent.service", "run", "--config", "/etc/caseferry/agent.toml"),
        data=Path("/var/lib/caseferry"),
        user="root",  # an account that every machine has; systemd judges the unit, not the account
        groups=("adm",),
        vault_key=Path("/etc/caseferry/vault.cred"),
    )
    path = tmp_path / UNIT_NAME
    path.write_text(unit_text(order), encoding="utf-8")
    return path


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_understands_every_line_of_the_unit(unit: Path) -> None:
    done = analyze("verify", "--man=no", str(unit))
    about_it = [line for line in (done.stdout + done.stderr).splitlines() if unit.stem in line]
    assert (done.returncode, about_it) == (0, [])


def test_the_exposure_of_the_unit_is_at_most_two(unit: Path) -> None:
    given = unit.read_text(encoding="utf-8").replace("User=root", "User=caseferry")
    unit.write_text(given, encoding="utf-8")
    words = ("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE * 10:.0f}", str(unit))
    done = analyze(*words)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert float(last.partition(":")[2].split()[0]) <= MOST_EXPOSURE
