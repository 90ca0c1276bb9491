"""The residual check: other code reads what was masked, and one personal value that it finds stops the file.

It is a second masking, by the reference engine, that must find nothing, and a search for the site's own
known values (canaries). A sieve tells where the engine would find something, and the engine reads there.
Beyond a size a sample is read: head, tail and blocks at places drawn from the digest of the file, cut at line
ends, so that the same file is always read at the same places. The check says what it read.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.logs import Encoding, sniff_encoding
from app.logs.encodings import HEAD
from app.masking.beginnings import first_bytes
from app.masking.canaries import Canaries
from app.masking.copies import open_masked
from app.masking.errors import MaskingError, NotText
from app.masking.face import Engine, FileReport, MaskedFile, MaskedLine
from app.masking.keys import PseudonymKey
from app.masking.rules import Policy, RuleSet

if TYPE_CHECKING:
    from app.masking.engine import ReferenceEngine
    from app.masking.sieve import Sieve
    from app.masking.stream import Window

_BLOCK = 64 * 1024
_SMALL = 48 * 1024
"""Texts of so many bytes, all together, are read sooner than a sieve is made."""
_SHOWN = 3
_SEARCHED = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a file the detectors read.

    The sieve reads 5 to 25 MB a second, a fifth to a tenth of what the native engine masks: with these
    defaults the check costs about as much as masking, for segments and for files of gigabytes alike. Where
    there is no RE2 the reference engine reads alone, a tenth as fast.

    Attributes:
        whole: files up to this many bytes are read whole.
        part: of larger files one byte in this many is read, and never less than `whole` bytes.
    """

    whole: int = 1536 * 1024
    part: int = 12

    def __post_init__(self) -> None:
        if self.whole < 4 * _BLOCK or self.part < 1:
            raise ValueError(f"at least {4 * _BLOCK} bytes are read, and one part of one")


EVERYTHING = Reach(part=1)
"""Every byte of every file."""


class ResidualCheck:
    """Reads masked copies. Safe to use from one thread at a time, as its engine.

    Args:
        engine: makes the reference engine with the rules and the key that masked; called by the first read.
        canaries: the site's own known values; these are looked for in every byte, however large the file is.
        sieve: makes that of this engine, when there is enough to read; None where there can be none.
            Without one the engine reads everything itself.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        *,
        canaries: Canaries | None = None,
        reach: Reach | None = None,
        sieve: Callable[[], Sieve | None] | None = None,
    ) -> None:
        self._make_engine = engine
        self._make_sieve = sieve
        self._sieve: Sieve | None = None
        self._unsieved = 0
        self._canaries = canaries if canaries is not None else Canaries()
        self._reach = reach if reach is not None else Reach()

    @cached_property
    def _engine(self) -> Engine:
        return self._make_engine()

    @property
    def fingerprint(self) -> str:
        """Equal for checks that look for the same, to the same extent."""
        return f"{self._canaries.sha256} {self._reach.whole}/{self._reach.part}"

    @property
    def canaries(self) -> int:
        """How many known values are looked for."""
        return len(self._canaries)

    def examine(self, file: MaskedFile, *, breathe: Callable[[], None] = lambda: None) -> MaskedFile:
        """The same file, with what was read of it in its report; `breathe` is called before every read.

        Raises:
            MaskingError: a personal value is left (``CF-1920``), a known value is left (``CF-1921``), the
                copy cannot be read (``CF-1922``), or it is not what masking wrote (``CF-1910``). The caller
                throws the copy away.
        """
        try:
            copy = open_masked(file.path, file.report)
            with first_bytes(copy, file.report.masked_size, before_read=breathe) as stream:
                read = self._read_inside(stream, file.report)
        except OSError as fault:
            raise _unreadable(fault.strerror or type(fault).__name__) from fault
        return replace(file, report=replace(file.report, residual_read=read, canaries=len(self._canaries)))

    def _read_inside(self, stream: BinaryIO, report: FileReport) -> int:
        """What was read of the copy, or of everything in it when it is an archive."""
        if not report.packing:
            return self.read(stream, size=report.masked_size, seed=report.masked_sha256)
        from app.masking.archives import masked_texts  # few copies are archives

        return sum(
            self.read(text, size=member.report.masked_size, seed=member.report.masked_sha256)
            for member, text in masked_texts(stream, report)
        )

    def read(self, stream: BinaryIO, *, size: int, seed: str) -> int:
        """How many bytes of masked text the detectors read, without a find.

        Args:
            stream: seekable.
            size: of the text in bytes.
            seed: draws the places of a sample; the same text has the same.

        Raises:
            MaskingError: as `examine`.
        """
        encoding = sniff_encoding(stream.read(min(HEAD, size)))
        if self._canaries:
            self._search(stream, encoding)
        self._unsieved += size
        if self._make_sieve is not None and self._unsieved > _SMALL:
            self._sieve, self._make_sieve = self._make_sieve(), None
        if size <= self._reach.whole or self._reach.part == 1:
            self._detect_whole(stream)
            return size
        return self._detect_sample(stream, size=size, seed=seed, encoding=encoding)

    def _detect_whole(self, stream: BinaryIO) -> None:
        stream.seek(0)
        if self._sieve is not None:
            for window, line in self._sieve.suspicious(stream):
                found = self._in_window(window)
                if found:
                    raise _left(iter(found), first=line)
            return
        report = self._engine.mask_stream(stream, _Nowhere())
        if report.counts:
            stream.seek(0)
            raise _left(self._engine.preview(stream), first=1)

    def _in_window(self, window: Window) -> list[MaskedLine]:
        """Own lines of a window in which the engine finds something, numbered from the first of them."""
        return self._left_in(window.buffer, window.start, window.end)

    def _left_in(self, text: bytes, start: int, end: int) -> list[MaskedLine]:
        """What is left in ``text[start:end]``: lines, numbered from that of `start`, with these finds only.

        The text may begin inside of a line of megabytes, where a token that was cut is none: what is found
        around the part in question says nothing.
        """
        encoding = sniff_encoding(text[:HEAD]).name
        skipped, lines = text.count(b"\n", 0, start), text.count(b"\n", start, end)
        first, last = (
            len(text[text.rfind(b"\n", 0, place) + 1 : place].decode(encoding, "replace"))
            for place in (start, end)
        )
        found: list[MaskedLine] = []
        for line in self._engine.preview(io.BytesIO(text)):
            number = line.number - skipped
            hits = tuple(
                hit
                for hit in line.replacements
                if (number > 1 or hit.before_column + len(hit.before) > first)
                and (number <= lines or hit.before_column < last)
            )
            if hits and 0 < number <= lines + 1:
                found.append(replace(line, number=number, replacements=hits))
        return found

    def _detect_sample(self, stream: BinaryIO, *, size: int, seed: str, encoding: Encoding) -> int:
        read = 0
        for start, end in _places(size, self._reach, seed=seed):
            begin = _after_feed(stream, start, encoding) if start else 0
            stop = _after_feed(stream, end, encoding) if end < size else size
            # a line of megabytes is read in part; its piece may begin inside a value, which is a token here
            stop = min(stop, end + _BLOCK)
            if begin >= stop:
                begin = start
            try:
                found = self._in_block(stream, begin, stop, encoding)
            except NotText:
                continue  # a stretch of control characters: the whole file is text, this part is not counted
            if found:
                raise _left(iter(found), first=1 + _feeds(stream, begin, encoding))
            read += stop - begin
        return read

    def _in_block(self, stream: BinaryIO, begin: int, stop: int, encoding: Encoding) -> list[MaskedLine]:
        """Lines of a block in which something is left, also when the lines around it are seen, too."""
        before = begin - _BLOCK if begin - _BLOCK > len(encoding.bom) else 0
        parts = [
            _unmarked(stream, *ends, encoding) for ends in pairwise((before, begin, stop, stop + _BLOCK))
        ]
        text, start = b"".join(parts), len(parts[0])
        end = start + len(parts[1])
        if _mid_line(text, start) or _mid_line(text, end):
            seen = self._sieve is None or self._sieve.finds(text, start, end)
        else:
            data = _cut(stream, begin, stop, encoding)
            if self._sieve is not None:
                seen = next(self._sieve.suspicious(io.BytesIO(data)), None) is not None
            else:
                seen = bool(self._engine.mask_stream(io.BytesIO(data), _Nowhere()).counts)
        return self._left_in(text, start, end) if seen else []

    def _search(self, stream: BinaryIO, encoding: Encoding) -> None:
        stream.seek(0)
        line, rest = 1, b""
        while True:
            data = stream.read(_SEARCHED)
            text = rest + data
            cut = len(text) if not data else _last_feed(text, encoding)
            if not cut and len(text) > 4 * _SEARCHED:
                cut = len(text) - _BLOCK  # no line end for megabytes: go on with an overlap
            piece = _narrow(text[:cut], encoding)
            seen = next(self._canaries.find(piece), None)
            if seen is not None:
                raise _known_value(line + piece.count(b"\n", 0, seen.at), seen.form)
            line += piece.count(b"\n")
            overlap = _BLOCK if cut and not _ends_line(text[:cut], encoding) and data else 0
            rest = text[max(0, cut - overlap) :]
            if not data:
                return


def residual_check(
    rules: RuleSet, key: PseudonymKey, *, canaries: Canaries | None = None, reach: Reach | None = None
) -> ResidualCheck:
    """The check for what an engine with these rules and key masked; the rules' site values are canaries.

    Its engine, megabytes of patterns, is made by the first read, and its sieve when there is enough to read.
    """

    @cache
    def engine() -> ReferenceEngine:
        from app.masking.engine import ReferenceEngine  # its patterns take long to compile

        return ReferenceEngine(rules, key)

    def sieve() -> Sieve | None:
        from app.masking.gates import can_sieve
        from app.masking.sieve import Sieve

        return Sieve(engine()) if can_sieve() else None

    site = [value for kind, value in rules.known if rules.policy_of(kind) is not Policy.KEEP]
    more = canaries.values if canaries is not None else ()
    looked_for = Canaries(dict.fromkeys((*site, *more)), country=rules.country)
    return ResidualCheck(engine, canaries=looked_for, reach=reach, sieve=sieve)


@dataclass(frozen=True, slots=True)
class ResidualRate:
    """What the check costs.

    Attributes:
        size: bytes of the masked text.
        read: bytes of it that the detectors read.
        seconds: of CPU.
    """

    size: int
    read: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Bytes that the check reads in a second of CPU."""
        return self.read / self.seconds if self.seconds else 0.0


def residual_rate(check: ResidualCheck, masked: Path, *, seed: str = "") -> ResidualRate:
    """Measure the check on a masked file.

    Raises:
        MaskingError: as `ResidualCheck.examine`.
    """
    size = masked.stat().st_size
    with masked.open("rb") as stream:
        before = time.process_time()
        read = check.read(stream, size=size, seed=seed)
        return ResidualRate(size, read, time.process_time() - before)


class _Nowhere(io.BytesIO):
    """Takes what a second masking writes; nobody needs it."""

    def write(self, data: object, /) -> int:
        return len(data)  # type: ignore[arg-type]


def _places(size: int, reach: Reach, *, seed: str) -> list[tuple[int, int]]:
    """Head, tail, and blocks between them, in order and without overlap; even offsets."""
    budget = max(reach.whole, size // reach.part)
    edge = min(budget // 8, 512 * 1024) // _BLOCK * _BLOCK or _BLOCK
    first, last = edge, (size - edge) // 2 * 2
    wanted = max(1, (budget - 2 * edge) // _BLOCK)
    slots = (last - first) // _BLOCK
    drawn = random.Random(seed).sample(range(slots), min(wanted, slots))  # noqa: S311 - places, no secrets
    inner = [(first + slot * _BLOCK, first + (slot + 1) * _BLOCK) for slot in sorted(drawn)]
    return [(0, edge), *inner, (last, size)]


def _mid_line(text: bytes, place: int) -> bool:
    """Whether a place lies inside of a line, where a value may be cut."""
    return 0 < place < len(text) and text[place - 1] != 10


def _cut(stream: BinaryIO, begin: int, stop: int, encoding: Encoding) -> bytes:
    """A piece of the file as a file of its own: with the mark of its encoding."""
    stream.seek(begin)
    data = stream.read(stop - begin)
    if begin and encoding.wide:
        return (encoding.bom or _bom(encoding)) + data
    return data


def _bom(encoding: Encoding) -> bytes:
    return b"\xff\xfe" if encoding.name.endswith("le") else b"\xfe\xff"


def _feed(encoding: Encoding) -> bytes:
    if not encoding.wide:
        return b"\n"
    return b"\n\0" if encoding.name.endswith("le") else b"\0\n"


def _after_feed(stream: BinaryIO, at: int, encoding: Encoding) -> int:
    """Where the first line behind a place begins; at most a block further."""
    stream.seek(at)
    data = stream.read(_BLOCK)
    feed = _feed(encoding)
    found = data.find(feed)
    while found >= 0 and encoding.wide and found % 2:
        found = data.find(feed, found + 1)
    return at + found + len(feed) if found >= 0 else at + len(data) // 2 * 2


def _last_feed(data: bytes, encoding: Encoding) -> int:
    feed = _feed(encoding)
    found = data.rfind(feed)
    while found >= 0 and encoding.wide and found % 2:
        found = data.rfind(feed, 0, found + len(feed) - 1)
    return found + len(feed) if found >= 0 else 0


def _ends_line(data: bytes, encoding: Encoding) -> bool:
    return _last_feed(data, encoding) == len(data)


def _unmarked(stream: BinaryIO, begin: int, stop: int, encoding: Encoding) -> bytes:
    """A piece of the file as UTF-8 or 8-bit bytes, without the mark of its encoding."""
    stream.seek(begin)
    data = stream.read(stop - begin)
    return _narrow(data if begin else data.removeprefix(encoding.bom), encoding)


def _count_feeds(data: bytes, encoding: Encoding) -> int:
    return _narrow(data, encoding).count(b"\n")


def _feeds(stream: BinaryIO, end: int, encoding: Encoding) -> int:
    """Line ends before a place."""
    stream.seek(0)
    count, left = 0, end
    while left and (data := stream.read(min(_SEARCHED, left))):
        count += _count_feeds(data, encoding)
        left -= len(data)
    return count


def _narrow(data: bytes, encoding: Encoding) -> bytes:
    if not encoding.wide:
        return data
    return data.decode(encoding.name, "replace").encode("utf-8", "replace")


def _left(lines: Iterator[MaskedLine], *, first: int) -> MaskingError:
    """The error for what is left: places and rules, never a value."""
    places: list[str] = []
    more = False
    for line in lines:
        if line.replacements:
            if len(places) == _SHOWN:
                more = True
                break
            rules = ", ".join(dict.fromkeys(f"{hit.rule} ({hit.kind})" for hit in line.replacements))
            places.append(f"line {line.number + first - 1}: {rules}")
    told = "; ".join(places) + (" and more" if more else "")
    return MaskingError(
        "The check after masking found something",
        happened=f"The masked copy still holds what a rule takes for personal: {told}. It was thrown away.",
        todo="Report the rule to support and leave the file out until then; the original is unchanged.",
        code="CF-1920",
    )


def _known_value(line: int, form: str) -> MaskingError:
    return MaskingError(
        "A known value is left",
        happened=f"The masked copy holds one of the site's known values in line {line} ({form})."
        " It was thrown away.",
        todo="Add a rule that masks it (a key name or a pattern), or take the value off the list.",
        code="CF-1921",
    )


def _unreadable(why: str) -> MaskingError:
    return MaskingError(
        "The check after masking could not read the copy",
        happened=f"This machine cannot read the masked copy: {why}.",
        todo="Check the disk and who may read there, then mask the file again.",
        code="CF-1922",
    )
