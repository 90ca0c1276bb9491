from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

import pytest

from agent.watch import list_directory, open_shared, scan_folder, short_of_watches
from agent.watch.opening import extended, sharing_handle


def paths(folder: Path) -> set[str]:
    return {file.path for file in scan_folder(folder).files}


def test_files_of_subfolders_are_seen_with_their_relative_path(tmp_path: Path) -> None:
    (tmp_path / "sip").mkdir()
    (tmp_path / "sip" / "a.log").write_bytes(b"x")
    (tmp_path / "b.log").write_bytes(b"yy")
    scan = scan_folder(tmp_path)
    assert {(file.path, file.size) for file in scan.files} == {("sip/a.log", 1), ("b.log", 2)}
    assert scan.readable


def test_a_folder_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    scan = scan_folder(tmp_path / "gone")
    assert not scan.readable
    assert scan.problem
    assert not scan.covers("any.log")


class Unsaid:
    """An entry of a file system that lists no kinds, gone before it was looked at."""

    name = path = "a.log"

    def is_file(self, **_how: bool) -> bool:
        return False

    is_dir = is_symlink = is_file

    def stat(self, **_how: bool) -> os.stat_result:
        raise FileNotFoundError(errno.ENOENT, "gone", self.name)


def test_a_file_that_goes_while_it_is_listed_counts_as_moved_where_kinds_are_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "scandir", lambda _place: contextlib.nullcontext(iter([Unsaid()])))
    assert list_directory(str(tmp_path)).moved == ["a.log"]


def test_archives_spools_and_hidden_files_are_no_logs(tmp_path: Path) -> None:
    for name in ("a.log", "a.log.1.tar.gz", "a.zip", "b.7z", "b.qsp", ".a.log.swp", ".a.log.1.gz"):
        (tmp_path / name).write_bytes(b"x")
    assert paths(tmp_path) == {"a.log"}


def test_packed_segments_are_logs(tmp_path: Path) -> None:
    names = {
        "a.log.1.gz",
        "a.20230609_101502_118.log.gz",
        "syslog.2.gz",
        "mcp.log.2023-06-09.ZIP",
        "a.log.gz",
    }
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert paths(tmp_path) == names


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_archives_are_counted(tmp_path: Path) -> None:
    for name in ("a.log", "a.log.1.gz", "a.zip", "b.tar.gz", ".b.gz", "b.swp"):
        (tmp_path / name).write_bytes(b"x")
    assert scan_folder(tmp_path).archives == 2


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.log").write_bytes(b"x")
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "real.log").write_bytes(b"x")
    (folder / "current.log").symlink_to("real.log")
    (folder / "secret.log").symlink_to(outside / "secret.log")
    (folder / "dir").symlink_to(outside)
    assert paths(folder) == {"real.log"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of POSIX")
def test_a_pipe_is_neither_listed_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    assert paths(tmp_path) == set()
    open_shared(tmp_path / "pipe.log").close()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x")
    (tmp_path / "b.log").symlink_to("a.log")
    with pytest.raises(OSError, match=r"symbolic|levels"):
        open_shared(tmp_path / "b.log")


@pytest.mark.root
@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "seteuid"), reason="needs users")
def test_a_subfolder_without_rights_is_unknown_and_the_rest_is_known(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "a.log").write_bytes(b"x")
    (tmp_path / "b.log").write_bytes(b"x")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    closed.chmod(0)
    os.seteuid(65534)
    try:
        scan = scan_folder(tmp_path)
    finally:
        os.seteuid(0)
        closed.chmod(0o755)
    assert [file.path for file in scan.files] == ["b.log"]
    assert not scan.covers("closed/a.log")
    assert scan.covers("c.log")


def test_a_limit_of_watches_that_is_too_small_is_said(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).mkdir()
    limit = tmp_path / "limit"
    limit.write_text("3\n")
    assert "3 watches" in short_of_watches([tmp_path], limit_file=limit)
    limit.write_text("300\n")
    assert short_of_watches([tmp_path], limit_file=limit) == ""


class FakeKernel:
    """Windows' rule of sharing: what an open handle does not share, nobody else may do.

    What a link leads to is opened unless it is asked not to; of a packed file its bytes are, unless it is.
    """

    READ, WRITE, DELETE = 0x1, 0x2, 0x4
    LINK, PACKED = 0xA000000C, 0x80000013

    def __init__(self, *files: str, tag: int = 0) -> None:
        self.files = set(files)
        self.tag = tag
        self.shared: dict[int, int] = {}
        self.raw: dict[int, bool] = {}

    def create_file(
        self, path: str, access: int, share: int, _security: None, creation: int, flags: int, _template: None
    ) -> int | None:
        if path not in self.files or creation != 3 or access != 0x80000000:
            return None
        handle = max(self.shared, default=0) + 1
        self.shared[handle], self.raw[handle] = share, bool(flags & 0x00200000)
        return handle

    def reparse_tag(self, handle: int) -> int:
        return self.tag if self.raw[handle] else 0

    def close(self, handle: int) -> None:
        del self.shared[handle]

    def allowed(self, right: int) -> bool:
        return all(share & right for share in self.shared.values())


def test_reading_on_windows_keeps_nobody_from_writing_renaming_or_deleting() -> None:
    kernel = FakeKernel("C:\\logs\\a.log")
    assert sharing_handle("C:\\logs\\a.log", kernel) == 1
    for right in (kernel.READ, kernel.WRITE, kernel.DELETE):
        assert kernel.allowed(right)


def test_what_windows_does_not_open_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="cannot be opened"):
        sharing_handle("C:\\logs\\b.log", FakeKernel())


def test_a_link_of_windows_is_not_followed_and_left_closed() -> None:
    kernel = FakeKernel("C:\\logs\\a.log", tag=FakeKernel.LINK)
    with pytest.raises(OSError, match="symbolic link"):
        sharing_handle("C:\\logs\\a.log", kernel)
    assert kernel.shared == {}


def test_of_a_file_that_windows_keeps_packed_its_bytes_are_read() -> None:
    kernel = FakeKernel("C:\\logs\\a.log", tag=FakeKernel.PACKED)
    handle = sharing_handle("C:\\logs\\a.log", kernel)
    assert (list(kernel.shared), kernel.raw[handle]) == ([handle], False)


DEEP = "\\".join(["a folder with a name"] * 20)


@pytest.mark.parametrize(
    ("path", "long"),
    [
        ("C:\\logs\\a.log", "C:\\logs\\a.log"),
        (f"C:\\{DEEP}", f"\\\\?\\C:\\{DEEP}"),
        (f"C:/{DEEP}", f"\\\\?\\C:\\{DEEP}"),
        (f"\\\\server\\share\\{DEEP}", f"\\\\?\\UNC\\server\\share\\{DEEP}"),
        (f"\\\\?\\C:\\{DEEP}", f"\\\\?\\C:\\{DEEP}"),
        (DEEP, DEEP),
    ],
)
def test_a_long_path_of_windows_is_written_so_that_every_call_takes_it(path: str, long: str) -> None:
    assert extended(path) == long


def test_a_long_path_is_opened_under_its_long_form() -> None:
    assert sharing_handle(f"C:\\{DEEP}", FakeKernel(f"\\\\?\\C:\\{DEEP}")) == 1
