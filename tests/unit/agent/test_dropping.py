"""What may be dropped on a case, and that nothing else is read in its place."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.jobs import OwnFiles
from agent.jobs.dropping import Dropped, Replaced, dropped_files, open_dropped
from app.domain.errors import InputError, WorldError

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    (folder / "old").mkdir(parents=True)
    (folder / "a.log").write_bytes(b"line\n")
    (folder / "old" / "b.log").write_bytes(b"older line\n")
    return folder


@pytest.fixture
def own(tmp_path: Path) -> OwnFiles:
    data = tmp_path / "data"
    (data / "vault").mkdir(parents=True)
    (data / "evidence").mkdir()
    (data / "vault" / "key").write_bytes(b"key of the vault")
    (data / "journal.db").write_bytes(b"rows")
    (tmp_path / "proxy-password").write_bytes(b"made up")
    return OwnFiles(data, secrets=(tmp_path / "proxy-password",))


def found(own: OwnFiles, *paths: Path | str, within: list[Path] | None = None) -> list[Dropped]:
    return dropped_files([str(path) for path in paths], folders=(), within=within, own=own)


def code_of(own: OwnFiles, *paths: Path | str, within: list[Path] | None = None) -> str:
    with pytest.raises(WorldError) as no:
        found(own, *paths, within=within)
    return no.value.code


def chosen(own: OwnFiles, path: Path) -> Dropped:
    [one] = found(own, path)
    return one


def test_a_folder_brings_its_files_under_its_own_name(logs: Path, own: OwnFiles) -> None:
    assert [each.name for each in found(own, logs)] == ["logs/a.log", "logs/old/b.log"]


def test_a_path_that_is_not_whole_is_not_taken(own: OwnFiles) -> None:
    assert code_of(own, "a.log") == "CF-1197"


def test_a_path_that_leads_round_in_links_is_not_taken(logs: Path, own: OwnFiles) -> None:
    (logs / "round").symlink_to(logs / "round")
    assert code_of(own, logs / "round") == "CF-1197"


@pytest.mark.parametrize("name", ["journal.db", "vault/key", "vault", "."])
def test_nothing_of_the_data_folder_is_dropped(own: OwnFiles, name: str) -> None:
    assert code_of(own, own.data / name) == "CF-1298"


def test_a_folder_that_holds_the_data_folder_is_not_dropped(own: OwnFiles) -> None:
    assert code_of(own, own.data.parent) == "CF-1298"


def test_a_link_to_the_data_folder_is_seen_through(logs: Path, own: OwnFiles) -> None:
    (logs / "link").symlink_to(own.data)
    assert code_of(own, logs / "link" / "journal.db") == "CF-1298"


@posix
@pytest.mark.parametrize("name", ["data/vault/key", "data/journal.db", "proxy-password"])
def test_a_second_name_of_an_own_file_is_seen_through(logs: Path, own: OwnFiles, name: str) -> None:
    (logs / "harmless.log").hardlink_to(own.data.parent / name)
    assert code_of(own, logs / "harmless.log") == "CF-1298"


@pytest.mark.root
@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="NOT PROVEN HERE: mounting needs root on Linux"
)
@pytest.mark.parametrize(("what", "name"), [("", "journal.db"), ("", "vault/key"), ("vault", "key")])
def test_the_data_folder_is_known_where_it_is_mounted_a_second_time(
    logs: Path, own: OwnFiles, what: str, name: str
) -> None:
    place = logs / "mounted"
    place.mkdir()
    subprocess.run(["mount", "--bind", own.data / what, place], check=True)
    try:
        assert code_of(own, place / name) == "CF-1298"
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_secret_of_the_configuration_is_not_dropped(own: OwnFiles) -> None:
    assert code_of(own, own.secrets[0]) == "CF-1298"


@posix
def test_a_log_that_is_pinned_as_evidence_is_dropped_all_the_same(logs: Path, own: OwnFiles) -> None:
    (own.data / "evidence" / "1").hardlink_to(logs / "a.log")
    assert chosen(own, logs / "a.log").name == "a.log"


@posix
def test_a_pipe_is_not_dropped(logs: Path, own: OwnFiles) -> None:
    os.mkfifo(logs / "pipe.log")
    assert code_of(own, logs / "pipe.log") == "CF-1299"


@posix
def test_a_socket_is_not_dropped(own: OwnFiles, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(logs)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s.log")
        assert code_of(own, logs / "s.log") == "CF-1299"


@pytest.mark.skipif(sys.platform != "linux", reason="file systems of Linux's kernel")
@pytest.mark.parametrize("path", ["/dev/null", "/proc/version", "/proc/self/environ", "/sys/kernel/notes"])
def test_what_is_the_kernels_is_not_dropped(own: OwnFiles, path: str) -> None:
    assert code_of(own, path) == "CF-1299"


def test_what_lies_outside_of_the_callers_folders_is_refused(logs: Path, own: OwnFiles) -> None:
    """The API has judged the path before; a link may have come since."""
    (logs / "old").rename(logs.parent / "elsewhere")
    (logs / "old").symlink_to(logs.parent / "elsewhere")
    assert code_of(own, logs / "old" / "b.log", within=[logs]) == "CF-1290"
    assert found(own, logs / "a.log", within=[logs])


def test_a_file_that_is_not_there_is_the_callers_mistake(logs: Path, own: OwnFiles) -> None:
    with pytest.raises(InputError):
        found(own, logs / "none.log")


def test_what_was_chosen_is_opened(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    with open_dropped(one.path, one.identity) as stream:
        assert stream.read() == b"line\n"


def test_a_log_that_grows_stays_the_chosen_one(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    with (logs / "a.log").open("ab") as stream:
        stream.write(b"more\n")
    with open_dropped(one.path, one.identity) as stream:
        assert stream.read() == b"line\nmore\n"


def test_another_file_in_its_place_is_not_opened(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    (logs / "a.log").rename(logs / "a.log.1")
    (logs / "a.log").write_bytes(b"another one\n")
    with pytest.raises(Replaced):
        open_dropped(one.path, one.identity)


def test_a_share_that_numbers_its_files_anew_is_read(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    device, _inode, *rest = one.identity.split(":")
    with open_dropped(one.path, ":".join((device, "1", *rest))) as stream:
        assert stream.read() == b"line\n"


def test_a_link_in_place_of_the_file_is_not_followed(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    (logs / "a.log").rename(logs / "kept")
    (logs / "a.log").symlink_to(logs / "kept")
    with pytest.raises(Replaced):
        open_dropped(one.path, one.identity)


def test_a_link_in_place_of_a_folder_is_not_followed(logs: Path, own: OwnFiles) -> None:
    """Even when it leads to the very file: the next one need not."""
    one = chosen(own, logs / "old" / "b.log")
    (logs / "old").rename(logs / "kept")
    (logs / "old").symlink_to(logs / "kept")
    with pytest.raises(Replaced):
        open_dropped(one.path, one.identity)


@posix
def test_a_pipe_in_its_place_keeps_nobody_waiting(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    (logs / "a.log").unlink()
    os.mkfifo(logs / "a.log")
    with pytest.raises(Replaced):
        open_dropped(one.path, one.identity)


def test_a_file_that_is_gone_is_told_as_gone(logs: Path, own: OwnFiles) -> None:
    one = chosen(own, logs / "a.log")
    (logs / "a.log").unlink()
    with pytest.raises(FileNotFoundError):
        open_dropped(one.path, one.identity)


def test_more_files_than_one_job_takes_are_refused(logs: Path, own: OwnFiles) -> None:
    for number in range(2001):
        (logs / "old" / f"{number}.log").touch()
    assert code_of(own, logs) == "CF-1197"
