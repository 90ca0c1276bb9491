"""The bytes of a segment, from any of them on: of the file itself, or of a text that is packed in it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO, cast

from agent.catalogue.segments import Segment
from agent.watch import open_shared, still_begins_with
from app.logs import Break, Text, each_text, open_packed, packing_of

_BUFFER = 1 << 18


@dataclass(frozen=True, slots=True)
class Texts:
    """What is in a segment.

    Attributes:
        packing: ``gzip`` or ``zip``; empty when it is not packed.
        each: its texts in their order, one at a time; one of what is not packed.
    """

    packing: str
    each: Iterator[Text]


class OtherContent(OSError):
    """Under the segment's path lies something else by now."""


def open_raw(file: Path, *, segment: Segment | None = None) -> FileIO:
    """Open a segment that is not packed, without a buffer.

    Raises:
        OtherContent: it does not begin with what the catalogue saw.
        OSError: it cannot be read.
    """
    stream = open_shared(file)
    try:
        _must_be(stream, file, segment)
    except OSError:
        stream.close()
        raise
    return cast(FileIO, cast(BufferedReader, stream).detach())


@contextmanager
def open_texts(file: Path, *, segment: Segment | None = None) -> Iterator[Texts]:
    """Open everything in a segment.

    Args:
        file: where it lies.
        segment: when given, the file must still begin with what the catalogue saw.

    Raises:
        OtherContent: it does not.
        PackedError: it cannot be unpacked; also while it is read, when it unpacks to too much.
        OSError: it cannot be read.
    """
    with open_shared(file) as stream:
        _must_be(stream, file, segment)
        packed = None if packing_of(stream.read(4)) is None else open_packed(stream)
        if packed is None:
            stream.seek(0)
            yield Texts("", iter([Text("", stream, Break())]))
            return
        with closing(each_text(packed)) as each:
            yield Texts(packed.kind.value, each)


def open_text(file: Path, *, member: int = 0, segment: Segment | None = None) -> BinaryIO:
    """One text of a segment, seekable; of a packed one it ends where it cannot be unpacked any further.

    Going far back in a packed text begins its unpacking anew.

    Args:
        file: where the segment lies.
        member: number of the text in it, from 0.
        segment: as for `open_texts`.

    Raises:
        OtherContent: there is no such text.
        PackedError, OSError: as `open_texts`.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(open_shared(file))
        _must_be(stream, file, segment)
        packed = None if packing_of(stream.read(4)) is None else open_packed(stream)
        if packed is None:
            stream.seek(0)
            stack.pop_all()
            return stream
        each = stack.enter_context(closing(each_text(packed)))
        text = next((one for number, one in enumerate(each) if number == member), None)
        if text is None or text.stream is None:
            raise (text and text.fault) or OtherContent("there is no such text in it")
        return cast(BinaryIO, io.BufferedReader(_OneText(text.stream, stack.pop_all()), _BUFFER))


class _OneText(io.RawIOBase):
    """A text that closes what it lies in with itself."""

    def __init__(self, stream: BinaryIO, held: ExitStack) -> None:
        super().__init__()
        self._stream = cast(BufferedReader, stream)
        self._held = held

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    # The library's buffer may be anything; `BufferedReader` gives these.
    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        return self._stream.readinto1(buffer)

    def close(self) -> None:
        if not self.closed:
            self._held.close()
        super().close()


def _must_be(stream: BinaryIO, file: Path, segment: Segment | None) -> None:
    if segment is None or _is_untouched(stream, segment):
        return
    if not still_begins_with(file, segment.print):
        raise OtherContent("there is another content")


def _is_untouched(stream: BinaryIO, segment: Segment) -> bool:
    """Whether it is the very file that the last scan saw, unchanged since."""
    now = os.fstat(stream.fileno())
    seen = (segment.device, segment.inode, segment.size, segment.modified_ns)
    return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) == seen
