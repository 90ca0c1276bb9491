"""The product's own engine: the core finds and replaces, Python reads and writes.

What it masks is what the reference engine masks, some hundred times faster. Values whose form needs Unicode,
and token forms other than the plain one, are made by the same code as the reference's.
"""

from __future__ import annotations

import ctypes
import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import compress
from typing import BinaryIO

from app.masking.closing import failing_closed, lines_differ, stream_size
from app.masking.custom import CustomRules
from app.masking.face import FileReport, Kind, MaskedLine, Study
from app.masking.keys import PseudonymKey
from app.masking.lines import LineBuilder
from app.masking.native.library import CoreMissing, load_core
from app.masking.native.passes import Passes, Piece
from app.masking.native.places import Places, Windows
from app.masking.native.room import Room, Rooms
from app.masking.native.ruletable import KINDS, RuleTable
from app.masking.native.studying import NativeStudy, native_study
from app.masking.native.told import Lesson, Told
from app.masking.pseudonyms import OnToken, Pseudonyms
from app.masking.rules import RuleSet
from app.masking.spans import Span
from app.masking.stream import CONTEXT, Reading, Transcoder, Window
from app.masking.studied import StudiedFile, identified, refuse_unknown

NAME = "native 1"
BLOCK = 640 * 1024
"""Bytes of a window that are its own."""

_STRETCHES = 128
"""Of lines that a rule of the customer's own may match in; where there are more, all is searched."""

_PROBE = (Kind.NAME, b"Erika  MUSTERMANN")


class NativeEngine:
    """Masks with one rule set and one key. Several threads may use it, each with files of its own.

    Args:
        threads: that mask one file together.
        block, context: sizes of windows in bytes; tests make them small.

    Raises:
        CoreMissing: the core cannot be used on this machine.
    """

    def __init__(
        self,
        rules: RuleSet,
        key: PseudonymKey,
        *,
        threads: int = 1,
        block: int = BLOCK,
        context: int = CONTEXT,
    ) -> None:
        self._core = load_core()
        self._rules, self._key = rules, key
        self._threads = threads
        self._block, self._context = block, context
        self._pseudonyms = Pseudonyms.of(rules, key)
        self._asking = threading.Lock()
        self._custom = CustomRules(rules.patterns, lines_with=self._lines_with)
        self._table = RuleTable(self._core, rules)
        self._tell()
        self._prove()

    @property
    def name(self) -> str:
        """``native 1``."""
        return NAME

    @property
    def rule_set(self) -> str:
        """Name and version of the rules."""
        return self._rules.title

    @property
    def profile(self) -> str:
        """Name of the rules' profile; empty for the rules as they stand."""
        return self._rules.profile

    @property
    def rule_set_sha256(self) -> str:
        """Digest of the rules' canonical text."""
        return self._rules.sha256

    @property
    def key_id(self) -> str:
        """Names the pseudonym key."""
        return self._key.id

    @property
    def on_token(self) -> OnToken | None:
        """See `app.masking.face.Engine.on_token`."""
        return self._pseudonyms.on_token

    @on_token.setter
    def on_token(self, hook: OnToken | None) -> None:
        self._pseudonyms.on_token = hook
        self._tell()  # with a hook every token is asked for

    def pseudonym(self, kind: Kind, value: str) -> str:
        """The token of a value that is known to be personal, whatever the rules find in it."""
        return self._pseudonyms.token(kind, value.encode("utf-8", "surrogatepass")).decode("ascii")

    def study(self) -> NativeStudy:
        """See `app.masking.face.Engine.study`."""
        return NativeStudy(self._told.lesson(), rules=self._rules.sha256, key=self._key.id)

    def learn(self, source: BinaryIO, study: Study) -> None:
        """See `app.masking.face.Engine.learn`; what was found in the file is kept, too, where there is room.

        Raises:
            MaskingError: anything went wrong, as it will when the file is masked.
        """
        with failing_closed():
            own = self._own(study)
            own.known.refuse_used()
            size = stream_size(source)
            before = own.lesson.learned, own.lesson.dropped
            with self._rooms.taken() as rooms, closing(Places()) as places:
                if self._told.learning:
                    own.lesson.next_file()
                    reading = self._reading(source, size)
                    Passes(rooms, self._custom).learn(reading, own.lesson, places)
                learned, dropped = own.lesson.learned - before[0], own.lesson.dropped - before[1]
                kept = None if dropped else own.shelf.put(places)
                own.known.add(source, size, StudiedFile(places.identity, learned, dropped, kept))

    def mask_stream(self, source: BinaryIO, sink: BinaryIO, *, study: Study | None = None) -> FileReport:
        """Copy `source` (seekable, read from its first byte) to `sink` masked.

        Raises:
            MaskingError: anything went wrong; what is in `sink` must not be used.
            NotText: the file is binary.
        """
        with failing_closed():
            size = stream_size(source)
            own = None if study is None else self._own(study)
            if own is not None and not self._told.learning:
                own = None  # a file tells the others nothing
            known = [] if own is None else own.known.maybe(source, size)
            if own is not None and not known:
                refuse_unknown(self._reading(source, size))
            writing, windows = _Writing(self._core, sink), Windows()
            with self._rooms.taken() as rooms, closing(Places()) as places:
                lesson, reading, pieces = self._pieces(source, size, rooms, places, own=own, known=known)
                writing.put(reading.transcoder.encoding.bom)
                for piece in pieces:
                    windows.add(piece.same)
                    writing.take(piece, reading.transcoder)
                writing.put(reading.tail)
                told = (lesson.learned, lesson.dropped)
                if own is not None:
                    file = identified(known, windows.identity)
                    told = (file.learned, file.not_learned)
                return self._report(rooms, reading, writing, told=told, size=size)

    def preview(
        self, source: BinaryIO, *, study: Study | None = None, longest: int | None = None
    ) -> Iterator[MaskedLine]:
        """Every line before and after, in order, without its line end; a long one in pieces (`longest`).

        Raises:
            MaskingError: as `mask_stream`.
        """
        with failing_closed(), self._rooms.taken() as rooms:
            size = stream_size(source)
            room = rooms[0]
            lesson = self._told.lesson()
            own = None if study is None else self._own(study)
            known = [] if own is None else own.known.maybe(source, size)
            if own is not None and self._told.learning and known and not _past_bound(known):
                lesson = own.lesson
            elif self._told.learning:
                for window in self._reading(source, size).windows():
                    found = room.find(window, list(self._custom.find(window.buffer)))
                    lesson.take(window.buffer, found.teachers, found.taught)
                if own is not None and lesson.learned:
                    lesson.share(own.lesson)
                elif own is not None:
                    lesson = own.lesson  # a name of a file, which tells nothing itself
            reading = self._reading(source, size)
            builder = LineBuilder(self._token_of, reading.transcoder, longest=longest)
            over = 0
            for window in reading.windows():
                own_part, spans, over = self._settled(room, window, lesson, over)
                yield from builder.take(own_part, spans)
            yield from builder.rest()

    def _own(self, study: Study) -> NativeStudy:
        return native_study(study, rules=self._rules.sha256, key=self._key.id)

    def _pieces(
        self,
        source: BinaryIO,
        size: int,
        rooms: list[Room],
        places: Places,
        *,
        own: NativeStudy | None,
        known: list[StudiedFile],
    ) -> tuple[Lesson, Reading, Iterator[Piece]]:
        """The masked text, by what the file tells itself, by a study, or by both.

        A study that knows everything the file tells saves the first pass, and the search where the file's
        places are on its shelf.
        """
        passes = Passes(rooms, self._custom)
        lesson = self._told.lesson()
        if not self._told.learning:
            reading = self._reading(source, size)
            return lesson, reading, passes.at_once(reading, lesson)
        if own is None or _past_bound(known):
            passes.learn(self._reading(source, size), lesson, places)
            if own is not None:
                lesson.share(own.lesson)
            reading = self._reading(source, size, seen=True)
            return lesson, reading, passes.write(reading, lesson, places)
        reading = self._reading(source, size)
        kept = known[0].places if len(known) == 1 else None
        if kept is None:
            return own.lesson, reading, passes.at_once(reading, own.lesson)
        return own.lesson, reading, passes.write(reading, own.lesson, own.shelf.of(kept))

    def _reading(self, source: BinaryIO, size: int, *, seen: bool = False) -> Reading:
        """One pass; what was `seen` in another is not looked at for binary again, for it must be the same."""

        def plain(data: bytes) -> bool:
            return seen or bool(self._core.cf_is_plain(data, len(data)))

        return Reading(source, size=size, block=self._block, context=self._context, plain=plain)

    def _settled(
        self, room: Room, window: Window, lesson: Lesson, over: int
    ) -> tuple[bytes, list[Span], int]:
        """An own part with its spans (offsets in it), and how far it reaches into the next."""
        taught = None if lesson.empty else lesson
        start = window.start + over
        found = room.find(window, list(self._custom.find(window.buffer)))
        end = room.settle(window, found, lesson=taught, start=start)
        spans = [
            span._replace(start=span.start - start, end=span.end - start)
            for span in room.settled(window, lesson=taught, name_of=self._table.name_of)
        ]
        return window.buffer[start:end], spans, end - window.end

    def _report(
        self, rooms: list[Room], reading: Reading, writing: _Writing, *, told: tuple[int, int], size: int
    ) -> FileReport:
        kinds: Counter[str] = Counter()
        rules: Counter[str] = Counter()
        kept: Counter[str] = Counter()
        for room in rooms:
            counts = room.counts()
            kinds.update({KINDS[n].value: count for n, count in enumerate(counts.kinds) if count})
            rules.update({self._table.name_of(n): counts.rules[n] for n in _counted(counts.rules)})
            kept.update({KINDS[n].value: count for n, count in enumerate(counts.kept) if count})
        return FileReport(
            encoding=reading.transcoder.encoding.name,
            lines=writing.lines + (not writing.ended),
            raw_size=size,
            masked_size=writing.size,
            masked_sha256=writing.sha256,
            counts=dict(sorted(kinds.items())),
            rules=dict(sorted(rules.items())),
            undecodable=reading.transcoder.undecodable + len(reading.tail),
            learned=told[0],
            not_learned=told[1],
            kept=dict(sorted(kept.items())),
        )

    def _tell(self) -> None:
        told = Told(
            self._core, rules=self._rules, table=self._table, key=self._key, pseudonyms=self._pseudonyms
        )
        self._told = told
        self._rooms = Rooms(lambda: Room(self._core, told, self._ask), threads=max(1, self._threads))

    def _ask(self, kind: int, raw: bytes) -> bytes:
        with self._asking:
            return self._pseudonyms.token(KINDS[kind], raw)

    def _lines_with(
        self, buffer: bytes, start: int, end: int, texts: Sequence[bytes]
    ) -> Sequence[tuple[int, int]]:
        lines = (ctypes.c_uint64 * (2 * _STRETCHES))()
        packed = b"".join(bytes((len(text),)) + text for text in texts)
        count = self._core.cf_lines_with(buffer, start, end, packed, len(packed), lines, _STRETCHES)
        if count < 0:  # so many that all is searched in one go
            return ((start, end),)
        return list(zip(lines[: 2 * count : 2], lines[1 : 2 * count : 2], strict=True))

    def _token_of(self, kind: Kind, raw: bytes) -> bytes:
        with self._asking:
            return self._pseudonyms.token(kind, raw)

    def _prove(self) -> None:
        """That the core of this machine makes the tokens it must."""
        kind, value = _PROBE
        window = Window(value, 0, len(value), last=True)
        with self._rooms.taken() as rooms:
            room = rooms[0]
            found = room.find(window, [Span(0, len(value), 1, kind, "", None, False, True)])
            room.settle(window, found, lesson=None, start=0)
            made = b"".join(bytes(part) for part in room.write(window, lesson=None))
            kept = room.counts().kept[KINDS.index(kind)]
        plain = Pseudonyms.of(self._rules, self._key)
        expected = value if kept else plain.token(kind, value)
        if made != expected:
            raise CoreMissing("the core makes other tokens on this machine than it must")


def _counted(counts: Sequence[int]) -> Iterator[int]:
    """Numbers of what was counted; most of many were not."""
    return compress(range(len(counts)), counts)


def _past_bound(known: list[StudiedFile]) -> bool:
    """Whether the file told something for which its study had no room."""
    return any(file.not_learned for file in known)


class _Writing:
    """What was written so far: bytes, lines and digest."""

    def __init__(self, core: ctypes.CDLL, sink: BinaryIO) -> None:
        self._core, self._sink = core, sink
        self._digest = hashlib.sha256()
        self.size = 0
        self.lines = 0
        self.ended = True

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()

    def put(self, data: bytes | memoryview) -> None:
        """Bytes as they are."""
        self._sink.write(data)
        self._digest.update(data)
        self.size += len(data)

    def take(self, piece: Piece, transcoder: Transcoder) -> None:
        """A window's masked text, which has as many line ends as the text it stands for.

        Raises:
            MaskingError: it has not (``CF-1904``).
        """
        address = _address(piece.window.buffer)
        feeds = self._feeds(address + piece.start, piece.end - piece.start)
        wide = transcoder.encoding.wide
        masked = 0
        for part in [b"".join(map(bytes, piece.data))] if wide else piece.data:
            masked += self._feeds(_address(part), len(part))
            self.put(transcoder.outward(bytes(part)) if wide else part)
        if masked != feeds:
            raise lines_differ()
        if piece.end > piece.start:
            self.ended = piece.window.buffer[piece.end - 1] == 10
        self.lines += feeds
        self._count_undecodable(piece, address, transcoder)

    def _feeds(self, address: int, size: int) -> int:
        return int(self._core.cf_count_lines(address, size))

    def _count_undecodable(self, piece: Piece, address: int, transcoder: Transcoder) -> None:
        encoding = transcoder.encoding
        if encoding.wide:
            return
        if encoding.name == "utf-8" and self._core.cf_is_utf8(address + piece.start, piece.end - piece.start):
            return
        transcoder.count_undecodable(piece.own)


def _address(data: bytes | memoryview) -> int:
    if isinstance(data, memoryview):
        return ctypes.addressof(ctypes.c_char.from_buffer(data))
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def core_complaint() -> str:
    """Why the core cannot be used on this machine, in words; empty when it can."""
    try:
        load_core()
    except CoreMissing as missing:
        return str(missing)
    return ""
