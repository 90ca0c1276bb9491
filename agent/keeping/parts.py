"""Kept parts: what a growing segment got since the last look, masked at once, behind what was kept before.

Parts are whole lines. Those of one segment lie in one file, each packed by itself, so that any gzip reader
reads it as one text. No raw byte is written. What the segment told by its keys is sealed with the row, and
masks what comes later; what came before is masked by it when all of it is sent.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from agent.keeping.ledger import Advance
from agent.keeping.rows import KeptRow
from agent.keeping.sealing import LearnedSeal, Values
from agent.watch import Fingerprint, open_shared
from agent.watch.fingerprint import grown, read_before
from app.logs import sniff_encoding
from app.logs.encodings import HEAD, Encoding
from app.logs.lines import last_feed
from app.masking import Engine, MaskingError, first_bytes

BLOCK = 2 * 1024 * 1024
_TAUGHT = 1000
"""Values told before by which a part is masked; by all of them is masked what is sent."""
_MOST_TOLD = 50_000
"""Values of one segment that are remembered; how many there were past them is told."""
LONGEST_LINE = 8 * 1024 * 1024
_MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


class NotKept(Exception):
    """No more of this segment can be kept; the text says why, for people."""


class KeptParts:
    """The files of parts. Used by one thread, but for `learned` and `path`."""

    def __init__(
        self,
        folder: Path,
        *,
        engine: Engine,
        seal: LearnedSeal,
        room: Callable[[int], None],
        breathe: Callable[[], None] = lambda: None,
        masked: Callable[[], None] = lambda: None,
        block: int = BLOCK,
    ) -> None:
        """Nothing is written yet.

        Args:
            folder: for the agent's account only; made when it is needed.
            engine: masks.
            seal: of what segments tell.
            room: asked before so many bytes are written; raises `LocalError` when they do not fit.
            breathe: called before each part; may rest.
            masked: called when a part was masked, before it counts.
            block: raw bytes of a part at most, unless a line is longer.
        """
        self._folder = folder
        self._engine = engine
        self._seal = seal
        self._room = room
        self._breathe = breathe
        self._masked = masked
        self._block = block

    def path(self, number: int) -> Path:
        """Where the parts lie that are kept under this number."""
        return self._folder / f"{number:08d}.gz"

    def learned(self, row: KeptRow) -> Values:
        """What the segment told by its keys; in clear text.

        Raises:
            MaskingError: it cannot be opened (CF-1915).
        """
        return self._seal.open(row.learned, of=row.id) if row.learned else ()

    def take(self, row: KeptRow, file: Path) -> Iterator[Advance]:
        """Write what the file has behind what is kept, part by part; each is on the disk when it comes.

        Nothing comes of a file that is another one by now, or that does not go on behind the very same bytes.

        Raises:
            NotKept: a line is too long, or masking failed.
            LocalError: there is no room.
            OSError: the file cannot be read, or a part cannot be written.
        """
        stream: BinaryIO
        # without a buffer of ours: bytes of before a cut must not be read after it
        with open_shared(file).detach() as stream:  # type: ignore[attr-defined]  # of BufferedReader
            found = os.fstat(stream.fileno())
            if (found.st_dev, found.st_ino) != (row.device, row.inode):
                return
            encoding = sniff_encoding(stream.read(HEAD))
            while (piece := self._next(stream, row, encoding)) is not None:
                self._breathe()
                content, after = piece
                advance = self._part(row, content, after, encoding, file=file)
                yield advance
                row = replace(
                    row, print=after, packed=advance.packed, text=advance.text, learned=advance.learned
                )

    def keep_only(self, numbers: set[int]) -> None:
        """Delete all other files."""
        if self._folder.is_dir():
            known = {self.path(number).name for number in numbers}
            for path in self._folder.iterdir():
                if path.name not in known:
                    _remove(path)

    def remove(self, row: KeptRow) -> None:
        """Delete what is kept; there need not be anything."""
        _remove(self.path(row.id))

    def _next(self, stream: BinaryIO, row: KeptRow, encoding: Encoding) -> tuple[bytes, Fingerprint] | None:
        """The next whole lines with the fingerprint up to their end; None when there are none."""
        start = read_before(row.print)
        for block in (self._block, LONGEST_LINE):
            stream.seek(start)
            wanted = row.size - start + block
            data = stream.read(wanted)
            before, content = data[: row.size - start], data[row.size - start :]
            content = content[: last_feed(content, encoding)]
            if content:
                after = grown(row.print, before, content)
                return None if after is None else (content, after)
            if len(data) < wanted:
                return None
        raise NotKept(f"A line of it is longer than {LONGEST_LINE // 1_000_000} MB.")

    def _part(
        self, row: KeptRow, content: bytes, after: Fingerprint, encoding: Encoding, *, file: Path
    ) -> Advance:
        self._room(len(content))
        masked, told, untold = self._mask(row, content, encoding, file=file)
        packed = gzip.compress(masked, 1, mtime=0)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(self.path(row.id), flags, 0o600), "wb") as target:
            target.truncate(row.packed)  # what a kill left behind it
            target.seek(row.packed)
            target.write(packed)
            target.flush()
            os.fsync(target.fileno())
        self._masked()
        return Advance(
            row=row,
            print=after,
            sha256=hashlib.sha256(content).hexdigest(),
            packed=row.packed + len(packed),
            text=row.text + len(masked),
            learned=self._seal.seal(told, of=row.id),
            untold=untold,
        )

    def _mask(
        self, row: KeptRow, content: bytes, encoding: Encoding, *, file: Path
    ) -> tuple[bytes, Values, int]:
        """Masked; what the segment told until now, also in what was sent before; values past the bound."""
        mark = encoding.bom or _MARKS.get(encoding.name, b"")
        source = content if content.startswith(mark) else mark + content
        sink = io.BytesIO()
        try:
            known = self.learned(row)
            study = self._engine.study()
            study.listen()
            study.teach(known[:_TAUGHT])
            if row.begin and not row.learned:
                with first_bytes(open_shared(file), row.begin, before_read=self._breathe) as beginning:
                    self._engine.learn(beginning, study)
            self._engine.learn(io.BytesIO(source), study)
            self._engine.mask_stream(io.BytesIO(source), sink, study=study)
        except MaskingError as error:
            raise NotKept(f"{error.title}. {error.happened} ({error.code})") from error
        masked = sink.getvalue()
        told = tuple(dict.fromkeys((*known, *study.heard())))
        untold = max(0, len(told) - _MOST_TOLD) + study.not_learned
        return (masked.removeprefix(mark) if row.text else masked), told[:_MOST_TOLD], untold


def _remove(path: Path) -> None:
    """What cannot be deleted now is deleted when stock is taken."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
