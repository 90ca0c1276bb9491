"""What is in a packed segment, so that it can be compared with what was seen before it was packed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from agent.watch.opening import open_shared
from app.logs import PackedError, open_packed


class NotUnpacked(OSError):
    """A packed file is damaged, or not whole yet, or is not opened here."""


@contextmanager
def open_known(path: Path, identity: tuple[int, int], *, packed: bool) -> Iterator[BinaryIO]:
    """The bytes of a log as its writer wrote them: of a packed segment, those of the one file in it.

    An archive of several files is given as it is.

    Args:
        path: where it lay when it was listed.
        identity: its device and inode then.
        packed: whether it is a packed segment by its name.

    Raises:
        FileNotFoundError: another file lies there by now.
        NotUnpacked: its packed content cannot be read, also while the stream is read.
        OSError: the file cannot be read.
    """
    with open_shared(path) as source:
        own = os.fstat(source.fileno())
        if (own.st_dev, own.st_ino) != identity:
            raise FileNotFoundError("another file lies there by now")
        try:
            yield _content(source) if packed else source
        except PackedError as error:
            raise NotUnpacked("the packed file cannot be unpacked") from error


def _content(source: BinaryIO) -> BinaryIO:
    packed = open_packed(source)
    if packed is not None:
        files = [entry for entry in packed.entries if not entry.folder]
        if len(files) == 1 and files[0].fault is None:
            return files[0].open()
    source.seek(0)
    return source
