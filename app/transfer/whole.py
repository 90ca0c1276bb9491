"""The SHA-256 of the whole file, taken beside the sending and compared with the sealed one before its end."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace

from app.transfer.crc import crc32
from app.transfer.parts import Part, PartState, acked_parts
from app.transfer.ranges import RangeSet
from app.transfer.source import Source, SourceChanged, source_changed

_BLOCK = 4 * 1024 * 1024
_LOOK_EVERY = 0.1
_KEPT = 256


@dataclass(frozen=True, slots=True)
class _Known:
    """The state of the digest behind a part, and what it says."""

    state: hashlib._Hash
    upto: str


class WholeDigest:
    """Follows the parts as they are read, so that the file is read once; and says by what a part is known.

    Where parts leave gaps (after a resume, or with several runs) it reads the file by itself, and compares
    what was acknowledged before.

    Where the peer's SHA-256 of all it has is the proof, and certainly nobody has written to the file since
    its digest was made, nothing is hashed: reading the same bytes again would say the same again. Should
    somebody touch the file on its way, all of it is hashed before its last byte leaves.

    Hashing frees the interpreter: beside parts that are hashed by themselves it has a thread of its own.
    `read_part`, `split` and `prove` belong to one other thread at a time.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._place = 0
        self._on_its_own = False
        self._trusts = False
        self._each = True
        self._crc = False
        self._closing = False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transfer-digest")
        self._last: Future[None] | None = None
        self._before: OrderedDict[int, hashlib._Hash] = OrderedDict()

    def begin(
        self,
        parts: Sequence[Part],
        *,
        in_order: bool,
        each: bool = True,
        compared: bool = False,
        crc: bool = False,
    ) -> None:
        """An attempt begins.

        Args:
            parts: what is known, of parts that were acknowledged and of parts that were read.
            in_order: whether the rest will be read in order.
            each: whether each part needs a SHA-256 of its own.
            compared: whether the peer's SHA-256 of the whole is compared in the end.
            crc: whether parts that need none should have their CRC-32.
        """
        self._each = each
        self._crc = crc
        begun = self._place > 0 or self._on_its_own
        self._trusts = compared and not begun and self._source.is_untouched
        if self._trusts:
            return
        acked = RangeSet()
        for part in acked_parts(parts):
            acked.add(part.offset, part.end)
        left_out = any(one.end > self._place for one in acked)
        if (left_out or not in_order) and not self._on_its_own and self._place < self._source.bundle.size:
            self._on_its_own = True
            self._settle()
            checked = [part for part in parts if part.upto or (part.sha256 and part.state is PartState.ACKED)]
            known = [part for part in checked if part.offset >= self._place]
            self._last = self._worker.submit(self._pass, known)

    def keep_memory(self, kept: int) -> None:
        """As the source's."""
        self._source.keep_memory(kept)

    def read_part(self, part: Part) -> tuple[Part, memoryview]:
        """The part's bytes, and the part with what it is known by; they count once, when they are the next.

        Raises:
            SourceChanged: the part was read before, and was another one.
            LocalError: it cannot be read.
        """
        if self._trusts:
            return self._read_unhashed(part)
        here = part.offset == self._place
        before = self._digest if here else self._before.get(part.offset)
        if self._each or self._on_its_own or part.sha256 or before is None:
            read, data = self._source.read_part(part)
            self._follow(part.offset, data)
            return read, data
        self._settle()
        self._note_before(part.offset, before)
        after = before.copy()
        crc = 0

        def look_at(piece: memoryview) -> None:
            nonlocal crc
            if self._crc:
                crc = crc32(piece, crc)
            after.update(piece)

        data = self._source.read(part.offset, part.length, along=look_at)
        upto = after.hexdigest()
        if part.upto not in ("", upto):
            raise _differs(part, name=self._source.bundle.name)
        if here:
            self._digest, self._place = after, part.end
        return replace(part, upto=upto, state=PartState.SENT, crc32=crc if self._crc else None), data

    def split(self, part: Part, place: int) -> tuple[Part, Part]:
        """The part cut at the byte `place` within it, each half with what it is known by.

        Raises:
            SourceChanged: the part was read before, and was another one.
            LocalError: it cannot be read.
        """
        before = None if part.sha256 else self._before.get(part.offset)
        if before is None:
            head, tail = self._source.split(part, place)
            return head, replace(tail, upto=part.upto)
        name = self._source.bundle.name
        data = self._source.read(part.offset, part.length)
        head = Part(part.offset, place - part.offset, "", PartState.SENT)
        first = _known_by(before, data[: head.length], before=head, name=name)
        tail = Part(place, part.end - place, "", PartState.SENT, part.upto)
        _known_by(first.state, data[head.length :], before=tail, name=name)
        self._note_before(place, first.state)
        return replace(head, upto=first.upto), tail

    def _read_unhashed(self, part: Part) -> tuple[Part, memoryview]:
        """The part's bytes; with a digest only where it had one, or its lane needs one."""
        if self._each or part.sha256:
            return self._source.read_part(part)
        crc = 0

        def look_at(piece: memoryview) -> None:
            nonlocal crc
            crc = crc32(piece, crc)

        data = self._source.read(part.offset, part.length, along=look_at if self._crc else None)
        return replace(part, state=PartState.SENT, crc32=crc if self._crc else None), data

    def _follow(self, offset: int, data: memoryview) -> None:
        if self._on_its_own or offset != self._place:
            return
        self._settle()
        self._place += len(data)
        self._last = self._worker.submit(self._digest.update, data)

    def _note_before(self, place: int, state: hashlib._Hash) -> None:
        """What a part that begins there goes on from, should it be read again."""
        self._before[place] = state
        while len(self._before) > _KEPT:
            self._before.popitem(last=False)

    def prove(self, going: Callable[[], None]) -> None:
        """All of the file was read, and it is the sealed one.

        Args:
            going: called while it waits; raises to end the waiting.

        Raises:
            SourceChanged: it is not.
        """
        if self._trusts:
            if self._source.is_untouched:
                return
            self._hash_all()
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

    def doubt(self, going: Callable[[], None]) -> None:
        """The peer has something else: whether the file is the sealed one, where that was not hashed.

        Raises:
            SourceChanged: it is not, whatever the system says of it.
        """
        if self._trusts:
            self._hash_all()
            self.prove(going)

    def _hash_all(self) -> None:
        self._trusts, self._on_its_own = False, True
        self._last = self._worker.submit(self._pass, ())

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
            if part.sha256:
                _part, data = self._source.read_part(part)
            else:
                data = self._source.read(part.offset, part.length)
            self._digest.update(data)
            place = part.end
            if part.upto not in ("", self._digest.copy().hexdigest()):
                raise _differs(part, name=self._source.bundle.name)


def _known_by(state: hashlib._Hash, data: memoryview, *, before: Part, name: str) -> _Known:
    """What the part is known by; `before` is the part as it was known.

    Raises:
        SourceChanged: it was known by something else.
    """
    after = state.copy()
    after.update(data)
    known = _Known(after, after.hexdigest())
    if before.upto not in ("", known.upto):
        raise _differs(before, name=name)
    return known


def _differs(part: Part, *, name: str) -> SourceChanged:
    return source_changed(name, f"bytes from {part.offset} differ from what was sent")
