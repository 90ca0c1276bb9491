"""``caseferry download``: what is in a case comes to this disk, once, whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.commands.downloading import DownloadOrder, chosen
from app.domain.errors import RefusedError
from app.domain.files import FileCheck, Origin
from app.portal.contract import CaseFile
from tests.peers.commands import client_of, run, stopped_while_it_moves
from tests.peers.portal import PortalProcess
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]

NUMBER = "0003256109"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def portal(people_portal: PortalProcess) -> PortalProcess:
    return people_portal


@pytest.fixture(scope="module")
def home(people_home: dict[str, str]) -> dict[str, str]:
    return people_home


@pytest.fixture(scope="module")
def files(portal: PortalProcess, home: dict[str, str]) -> list[CaseFile]:
    return client_of(portal, home).files(NUMBER)


def test_what_support_put_there_arrives_and_is_not_fetched_again(
    home: dict[str, str], files: list[CaseFile], tmp_path: Path
) -> None:
    words = ("download", NUMBER, "--to", tmp_path / "new", "--json", "--progress", "none")
    done = run(home, *words)
    assert done.returncode == 0, done.stderr
    of_support = {file.id: file for file in files if file.origin is Origin.SUPPORT}
    fetched = json.loads(done.stdout)
    assert {each["id"] for each in fetched} == set(of_support) != set()
    for each in fetched:
        content = Path(each["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == of_support[each["id"]].sha256
        assert (each["checked"], each["already"]) == (True, False)
    assert sorted(map(str, (tmp_path / "new").iterdir())) == sorted(each["path"] for each in fetched)
    again = json.loads(run(home, *words).stdout)
    assert all(each["already"] for each in again)


def test_another_file_of_the_name_is_not_touched(
    home: dict[str, str], files: list[CaseFile], tmp_path: Path
) -> None:
    file = next(each for each in files if each.origin is Origin.SUPPORT)
    mine = tmp_path / file.name
    mine.write_bytes(b"mine")
    done = run(home, "download", NUMBER, file.id, "--to", tmp_path, "--progress", "none")
    assert done.returncode != 0
    assert "CF-1220" in done.stderr
    assert mine.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [mine]


def test_events_say_how_far_it_is(home: dict[str, str], files: list[CaseFile], tmp_path: Path) -> None:
    file = next(each for each in files if each.origin is Origin.SUPPORT)
    done = run(home, "download", NUMBER, file.name, "--to", tmp_path, "--progress", "lines")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert (events[-1]["done"], events[-1]["size"]) == (file.size, file.size)
    assert "identical to the portal's digest" in done.stdout


def test_a_name_that_the_case_does_not_have_is_said(home: dict[str, str], tmp_path: Path) -> None:
    done = run(home, "download", NUMBER, "nothing.zip", "--to", tmp_path)
    assert done.returncode != 0
    assert "CF-1221" in done.stderr


def a_file(number: str, name: str, *, minutes: int = 0, origin: Origin = Origin.SUPPORT) -> CaseFile:
    return CaseFile(
        id=number,
        case=NUMBER,
        name=name,
        size=3,
        sha256="",
        origin=origin,
        check=FileCheck.VERIFIED,
        via="https",
        sent=NOW + timedelta(minutes=minutes),
        sent_by="s",
    )


def test_files_of_one_name_are_told_apart_by_their_age() -> None:
    files = [
        a_file("b", "LOGS.zip", minutes=1),
        a_file("a", "logs.zip"),
        a_file("c", "../logs.zip", minutes=2),
    ]
    found = chosen(files, DownloadOrder(case=NUMBER, folder=Path("x"), everything=True))
    assert {file.id: target for file, target in found} == {
        "a": Path("x/logs.zip"),
        "b": Path("x/LOGS (2).zip"),
        "c": Path("x/logs (3).zip"),
    }


def test_only_what_is_named_is_fetched() -> None:
    files = [a_file("a", "one.zip"), a_file("b", "two.zip", origin=Origin.CUSTOMER)]
    assert [file.id for file, _ in chosen(files, DownloadOrder(case=NUMBER))] == ["a"]
    assert [file.id for file, _ in chosen(files, DownloadOrder(case=NUMBER, files=["two.zip"]))] == ["b"]
    with pytest.raises(RefusedError):
        chosen(files, DownloadOrder(case=NUMBER, files=["three.zip"]))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_download_that_is_stopped_says_so_and_goes_on_later(
    home: dict[str, str], files: list[CaseFile], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    file = max(files, key=lambda each: each.size)
    words = ("download", NUMBER, file.id, "--to", tmp_path)
    slow = max(1, file.size // 20)
    done = stopped_while_it_moves(home, number, *words, "--limit", f"{slow} B/s")
    assert (done.returncode, "the same command goes on" in done.stderr) == (code, True)
    assert list(tmp_path.glob("*.part"))
    again = run(home, *words, "--json", "--progress", "none")
    assert json.loads(again.stdout)[0]["resumed"] is True
    content = next(path for path in tmp_path.iterdir() if path.is_file()).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file.sha256
