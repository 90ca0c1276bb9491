"""The SHA-256 of the whole file, taken beside the sending and compared with the sealed one before its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

from app.transfer.parts import Part, acked_parts
from app.transfer.ranges import RangeSet
from app.transfer.source import Source, source_changed

_BLOCK = 4 * 1024 * 1024
_LOOK_EVERY = 0.1


class WholeDigest:
    """Follows the parts as they are read, so that the file is read once.

    Where they leave gaps (after a resume, or with several runs) it reads the file by itself, and compares
    what was acknowledged before.

    Hashing frees the interpreter: it has a thread of its own. `follow` and `prove` belong to one other thread
    at a time.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._place = 0
        self._on_its_own = False
        self._closing = False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transfer-digest")
        self._last: Future[None] | None = None

    def begin(self, parts: Sequence[Part], *, in_order: bool) -> None:
        """An attempt begins with these parts acknowledged; from where parts will come in order or not."""
        acked = RangeSet()
        for part in acked_parts(parts):
            acked.add(part.offset, part.end)
        left_out = any(each.end > self._place for each in acked)
        if (left_out or not in_order) and not self._on_its_own and self._place < self._source.bundle.size:
            self._on_its_own = True
            self._settle()
            known = [part for part in acked_parts(parts) if part.sha256 and part.offset >= self._place]
            self._last = self._worker.submit(self._pass, known)

    def follow(self, offset: int, data: memoryview) -> None:
        """These bytes were read for sending; they count once, when they are the next ones."""
        if self._on_its_own or offset != self._place:
            return
        self._settle()
        self._place += len(data)
        self._last = self._worker.submit(self._digest.update, data)

    def prove(self, going: Callable[[], None]) -> None:
        """All of the file was read, and it is the sealed one.

        Args:
            going: called while it waits; raises to end the waiting.

        Raises:
            SourceChanged: it is not.
        """
        while self._last is not None:
            try:
                self._last.result(timeout=_LOOK_EVERY)
                break
            except NotYet:
                going()
        bundle = self._source.bundle
        if not self._on_its_own and self._place != bundle.size:
            raise RuntimeError("the whole is proven before it was read")
        self._source.must_stand_still()
        if self._digest.hexdigest() != bundle.sha256:
            raise source_changed(bundle.name, "its SHA-256 is another one")

    def failed(self) -> BaseException | None:
        """Why the pass of its own ended early."""
        return self._last.exception() if self._last is not None and self._last.done() else None

    def close(self) -> None:
        """End its thread."""
        self._closing = True
        self._worker.shutdown()

    def _settle(self) -> None:
        if self._last is not None:
            self._last.result()

    def _pass(self, known: Sequence[Part]) -> None:
        place = self._place
        size = self._source.bundle.size
        for part in [*known, Part(size, 1)]:
            while place < part.offset and not self._closing:
                data = self._source.read(place, min(_BLOCK, part.offset - place))
                self._digest.update(data)
                place += len(data)
            if self._closing or part.offset == size:
                return
            _part, data = self._source.read_part(part)
            self._digest.update(data)
            place = part.end
