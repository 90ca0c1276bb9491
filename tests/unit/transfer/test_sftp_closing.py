"""What lies beside a file that a server did not give its name."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import pytest

from app.domain.errors import RefusedError
from app.transfer import Shipment
from app.transfer.sftp_closing import Closing
from app.transfer.sftp_proof import ReadBack
from app.transfer.ssh import Attributes, Code, Mode, StatusError

SHIPMENT = Shipment(name="a.zip", size=0, sha256="0" * 64, manifest_sha256="1" * 64, key="k")


class Folder:
    """An SFTP client's view of a folder in which nothing can be renamed."""

    extensions: ClassVar[dict[str, bytes]] = {}

    def __init__(self, code: int) -> None:
        self.files = {".part": b""}
        self._code = code

    def stat(self, path: str) -> Attributes | None:
        there = self.files.get(path)
        return None if there is None else Attributes(size=len(there))

    def begin_stat(self, path: str) -> str:
        return path

    end_stat = stat

    def begin_open(self, path: str, _mode: int) -> str:
        return path

    def end_open(self, path: str) -> bytes:
        return path.encode()

    def open(self, path: str, mode: int) -> bytes:
        if mode & Mode.TRUNCATE:
            self.files[path] = b""
        return path.encode()

    def read_in_order(
        self, handle: bytes, ranges: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, memoryview]]:
        held = memoryview(self.files[handle.decode()])
        return ((start, held[start:end]) for start, end in ranges if start < end)

    def close(self, _handle: bytes) -> None:
        """It is closed."""

    def begin_close(self, _handle: bytes) -> int:
        return 0

    def end_close(self, _number: int) -> None:
        """It is closed."""

    def begin_write_and_close(self, handle: bytes, data: bytes) -> tuple[int, ...]:
        self.files[handle.decode()] = data
        return (0,)

    def begin_posix_rename(self, _old: str, _new: str) -> int:
        return -1

    def end(self, *numbers: int) -> None:
        if -1 in numbers:
            raise StatusError(self._code)

    def rename(self, _old: str, _new: str) -> None:
        raise StatusError(self._code)

    def remove(self, path: str) -> None:
        del self.files[path]


class Session:
    """One whose client is at hand."""

    def __init__(self, client: Folder) -> None:
        self.client = client


class Beat:
    """Nobody waits."""

    def rest(self, _seconds: float) -> None:
        """At once."""


def closing() -> Closing:
    return Closing(
        peer="box:22",
        folder="",
        policy=ReadBack.WHOLE,
        ask_shell=False,
        confirmed_later=False,
        dice=random.Random(1),
    )


@pytest.mark.parametrize("code", [Code.FAILURE, Code.PERMISSION_DENIED])
@pytest.mark.parametrize("read", [True, False])
def test_no_digest_is_left_beside_a_file_that_was_not_renamed(code: int, read: bool) -> None:
    client = Folder(code)
    session: Any = Session(client)
    beat: Any = Beat()
    made = closing()

    def close() -> None:
        if read:
            made.close(session, SHIPMENT, unfinished=".part", parts=(), beat=beat)
        else:
            made.close_unread(session, SHIPMENT, unfinished=".part")

    with pytest.raises((StatusError, RefusedError)):
        close()
    assert set(client.files) == {".part"}


UNFINISHED, OURS = ".a.zip.0123abcd.part", f"{'0' * 64}  a.zip\n".encode()


@pytest.mark.parametrize(
    ("there", "left"),
    [
        ({UNFINISHED: b"", "a.zip.sha256": OURS}, set()),
        ({UNFINISHED: b"", "a.zip.sha256": OURS.replace(b"0", b"1")}, {"a.zip.sha256"}),
        ({UNFINISHED: b"", "a.zip.sha256": b"of somebody else"}, {"a.zip.sha256"}),
        ({UNFINISHED: b"", "a.zip": b"", "a.zip.sha256": OURS}, {"a.zip", "a.zip.sha256"}),
        ({"a.zip.sha256": OURS}, {"a.zip.sha256"}),
    ],
    ids=["cut before the name was given", "another digest", "no digest", "has its name", "was taken away"],
)
def test_a_file_that_is_given_up_leaves_no_digest_of_it(there: dict[str, bytes], left: set[str]) -> None:
    client = Folder(Code.FAILURE)
    client.files = dict(there)
    session: Any = Session(client)
    closing().throw_away(session, UNFINISHED, sha256=SHIPMENT.sha256)
    assert set(client.files) == left
