"""What lies beside a file that a server did not give its name."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from app.domain.errors import RefusedError
from app.transfer import Shipment
from app.transfer.sftp_closing import Closing
from app.transfer.sftp_proof import ReadBack
from app.transfer.ssh import Attributes, Code, StatusError

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

    def open(self, path: str, _mode: int) -> bytes:
        self.files[path] = b""
        return path.encode()

    def read_in_order(self, _handle: bytes, _ranges: object) -> Iterator[tuple[int, memoryview]]:
        return iter(())

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
