"""``caseferry demo``: the whole product once, proven; and a demo that fails says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.demo.performance import has_display
from app.commands.demo.proof import closed_segments, refuse_personal_values, stands_in
from app.domain.errors import IntegrityError

ROOT = Path(__file__).parents[2]
DEMO = (sys.executable, "-m", "app.commands", "demo", "--headless")


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a demo whose temporary files can be looked for."""
    place = tmp_path / "tmp"
    place.mkdir()
    yield {**os.environ, "TMPDIR": str(place), "COLUMNS": "100"}
    assert list(place.iterdir()) == [], "the demo left something behind"


def test_the_demo_ends_with_a_table_of_verified_digests(temporary: dict[str, str]) -> None:
    done = subprocess.run(
        DEMO, cwd=ROOT, env=temporary, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if "verified │" in line]
    assert [row.split("│")[2].strip() for row in rows] == ["HTTPS", "SFTP"]
    assert "Masked by kind: " in done.stdout
    assert "No personal value was found" in done.stdout


def test_a_demo_that_is_stopped_ends_its_programs(temporary: dict[str, str]) -> None:
    with subprocess.Popen(DEMO, cwd=ROOT, env=temporary, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        line = next(line for line in demo.stdout if line.startswith("Portal at "))
        demo.send_signal(signal.SIGTERM)
        demo.stdout.read()
        assert demo.wait(timeout=120) == 130
    port = line.split()[2].rstrip(";").rsplit(":", 1)[1]
    listening = {row.split()[1].rsplit(":", 1)[1] for row in _tcp() if row.split()[3] == "0A"}
    assert f"{int(port):04X}" not in listening


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    done = subprocess.run(
        [*DEMO, "--keep", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 8
    assert "The folder is not empty" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_a_personal_value_in_a_bundle_fails_the_proof(tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("sips_a.log", "From: Erika Mustermann")
    with pytest.raises(IntegrityError) as failed:
        refuse_personal_values(bundle, {b"Erika Mustermann"})
    assert "Erika" not in str(failed.value)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        (b"<TEL:00a9763764bc1f20>", b"9763764", False),
        (b"digits 9763764 end", b"9763764", True),
        (b"x4930901820417y", b"4930901820417", True),
        (b"Hello Haruto.", b"Haruto", True),
    ],
)
def test_a_short_value_counts_as_a_word_of_its_own(text: bytes, value: bytes, expected: bool) -> None:
    assert stands_in(text, value) is expected


def test_the_newest_segment_of_each_application_is_not_closed(tmp_path: Path) -> None:
    names = ("a.20260609_101502_118.log", "a.20260609_111502_118.log", "b.20260609_101502_118.log")
    for name in names:
        (tmp_path / name).touch()
    assert closed_segments(tmp_path) == {names[0]}


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_window_needs_a_display(environment: dict[str, str], platform: str, expected: bool) -> None:
    assert has_display(environment, platform) is expected


def _tcp() -> list[str]:
    return Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
