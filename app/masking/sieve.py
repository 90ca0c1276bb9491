"""Where the reference engine would find something in masked text: a look at an eighth of its cost or less.

Masked text holds next to nothing, and the detectors of the reference engine take their time to find that
out. Here RE2 reads first, with patterns that find at least what the detectors' own find (`superset`); the
detectors themselves read only the lines it stops at, with what stands around these. Signs (``=``, ``:``) are
judged by what stands before them, once for all places that have the same words there. What lies in a token is
no find. Nothing of this is the native engine's: the check after masking must not share its mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO

from app.masking.arrows import ARROW, arrows
from app.masking.cells import CELLS, cell_pairs
from app.masking.closing import failing_closed, stream_size
from app.masking.columns import LABELS
from app.masking.constraints import ENTRY, TOLD, constrained
from app.masking.custom import re2_module
from app.masking.described import DESCRIBED, SHOWN, described_by, shown
from app.masking.engine import Detector, ReferenceEngine
from app.masking.face import Kind
from app.masking.givens import names_left
from app.masking.insertions import INSERT, inserted
from app.masking.joints import JOINTS, MARKS, QUOTED, joined
from app.masking.keyed import KeyedValues
from app.masking.keysbefore import GROUPED
from app.masking.network import SEEN as OF_NETWORK
from app.masking.notations import (
    ASSIGNMENTS,
    COLONS,
    NOTATIONS,
    TYPE,
    Written,
)
from app.masking.numbers import SEEN as OF_NUMBERS
from app.masking.patterns import Pattern
from app.masking.persons import SEEN as OF_PERSONS
from app.masking.segments import (
    ARGUMENT,
    ASSIGNED,
    BARRED,
    CALLING,
    CARD_LINE,
    SEGMENT,
    SUBJECT,
    arguments,
    assigned,
    barred,
    calling,
    segments,
    subjects,
    visiting_cards,
)
from app.masking.signs import Signs
from app.masking.sip import SEEN as OF_SIP
from app.masking.spans import Span, settle
from app.masking.stream import Reading, Window
from app.masking.superset import superset
from app.masking.tables import HEADER, PAIR, pairs, rule_of_pair, tabled
from app.masking.text import SEEN as OF_TEXT
from app.masking.text import maybe_mail
from app.masking.tokens import LONGEST_TOKEN, TOKEN
from app.masking.wordpairs import WORDS, word_pairs

_SEEN = OF_NETWORK | OF_NUMBERS | OF_PERSONS | OF_SIP | OF_TEXT
_AROUND = 640
"""Bytes before and behind a line that its detectors may ask for, at least."""
_LONGEST_LINE = 8 * 1024
_MEMORY = 32 * 1024 * 1024
_RECORD, _TABLE = 2048, 6144
"""The same for records of persons, and tables."""
_NEAR = {
    "base64": 2, "card": 64, "dtmf": 160, "geo": 2, "host": 64, "iban": 64, "ip": 256, "log-host": 2,
    "login": 160, "mac": 64, "mail": 80, "national-id": 160, "phone": 160, "sdp-origin": 2, "secret": 64,
    "sip-host": 2, "sip-uri": 2,
}  # fmt: skip
"""The same for detectors that look at less."""
_OVER_LINE = 16
"""Bytes behind a line that a pattern may look at."""
_OVER_LINES = frozenset({"dtmf"})
"""A header and the body behind it."""
_VALUED = frozenset({"person-name"})
"""Their values are groups with names, and tokens in many lines of masked text."""

Finder = Callable[[bytes], Iterator[Span]]

Certain = Callable[[bytes, int, int], bool]
"""Whether a line (a buffer, from, to) is worth the detector's time."""

_OVER = 512
"""Bytes behind a piece in which a match may go on that begins in it."""
_PIECE = 2048
"""Bytes of a text that are read at once to see which patterns match in it, at least."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KINDS = "|".join(Kind).encode()
_NOT_BEHIND_SIGN = (
    rb"(?:[\s,;&<>)\[\]{}|]|(?P<mark>['\"])<(?:" + _KINDS + rb"):[0-9a-f]{16}>(?P=mark)(?![\w'\"]))"
)
"""Where no value begins, or one that is a token and nothing else."""
_ASSIGNED = tuple(
    Pattern(sign + rb"(?:(?=[ \t]{1,4}\[)|(?![ \t]{0,4}+" + TYPE + _NOT_BEHIND_SIGN + rb"))")
    for sign in (rb"=(?>==?|>)?", rb"!=(?>=?)", rb"<-", rb"->(?=[ \t]{0,4}['\"])")
)
"""Each begins with what is found quickly, which the signs together do not."""
_COLON = Pattern(
    rb":(?![:/]|\\(?!\\{0,7}t)|(?<=\d\d:)\d\d:\d\d(?!\d)|[ \t]{0,8}+"
    + _NOT_BEHIND_SIGN.replace(rb"\[\]", rb"\]")
    + rb")(?<!::)(?<!:\d\d:)(?<!\n\d\d:)"
    rb"(?<!\n\d{4}-\d\d-\d\d[T ]\d\d:)(?<!\n\d\d/\d\d/\d\d \d\d:)(?<!\n(?:"
    + "|".join(_MONTHS).encode()
    + rb") [ 123]\d \d\d:)"
    rb"(?![0-9a-f]{16}>)"
)


def can_sieve() -> bool:
    """Whether this machine has what the sieve needs (RE2)."""
    return re2_module() is not None


class Sieve:
    """Reads masked text for one engine. Safe to use from one thread at a time.

    Args:
        engine: whose finds are looked for.

    Raises:
        ValueError: there is no RE2 on this machine.
    """

    def __init__(self, engine: ReferenceEngine) -> None:
        self._engine = engine
        self._known = engine.known()
        finders = [finder for each in engine.detectors for finder in _sieved(each, engine)]
        self._finders = [finder for finder in finders if not isinstance(finder, _Gate)]
        gates = [finder for finder in finders if isinstance(finder, _Gate)]
        self._in_line = _Gates([gate for gate in gates if gate.in_line])
        self._over_lines = _Gates([gate for gate in gates if not gate.in_line])

    def suspicious(self, source: BinaryIO) -> Iterator[tuple[Window, int]]:
        """Windows of a text in which the engine finds something, each with the number of its first own line.

        Raises:
            MaskingError: as the engine's `mask_stream`.
        """
        with failing_closed():
            reading = Reading(source, size=stream_size(source))
            line = 1
            for window in reading.windows():
                if self.finds(window.buffer, window.start, window.end):
                    yield window, line
                line += window.buffer.count(b"\n", window.start, window.end)

    def finds(self, buffer: bytes, start: int, end: int) -> bool:
        """Whether something is left in ``buffer[start:end]``."""
        return any(span.end > start and span.start < end for span in self.spans(buffer))

    def spans(self, buffer: bytes) -> list[Span]:
        """What is left in a text, settled."""
        found = [span for finder in self._finders for span in finder(buffer)]
        text = b"\n" + buffer  # a first line begins behind a line end, too
        for gates, pieces in ((self._in_line, _pieces(text)), (self._over_lines, [(0, len(text))])):
            for gate, areas in gates.open(text, pieces):
                found += gate.spans(text, buffer, areas)
        found += self._known.find(buffer)
        left = [
            s for s in found if not _in_token(buffer, s.start, s.end) and not self._engine.stays(s, buffer)
        ]
        return settle(left, buffer) if left else []


def _pieces(text: bytes) -> Iterator[tuple[int, int]]:
    """A text in pieces of some lines; each begins with the line end before its first line."""
    begin, size = 0, len(text)
    while begin + 1 < size:
        feed = text.find(b"\n", min(size - 1, begin + _PIECE))
        end = feed + 1 if feed >= 0 else size
        yield begin, end
        begin = end - 1


def _sieved(detector: Detector, engine: ReferenceEngine) -> Iterator[Finder | _Gate]:
    def whole(buffer: bytes) -> Iterator[Span]:
        return detector.finder(buffer, detector.order, detector.kind)

    if detector.name == "keyed":
        yield from _sieved_keys(engine.keyed)
    elif detector.name in _SEEN:
        if detector.name == "person-name":
            givens = engine.givens
            yield names_left(givens, detector.order, detector.kind, _finding)
        pattern = "|".join(superset(*each) for each in _SEEN[detector.name])
        near = _NEAR.get(detector.name, _AROUND)
        certain: Certain | None = None
        if detector.name in _VALUED:
            certain = _with_value([each[-1] for each in _SEEN[detector.name]])
        elif detector.name == "ip":
            certain = engine.network.maybe_address
        elif detector.name == "mail":
            certain = _with_local_part
        yield _Gate(whole, pattern, certain, around=near, in_line=detector.name not in _OVER_LINES)
    else:
        yield whole


def _sieved_keys(keyed: KeyedValues) -> Iterator[Finder | _Gate]:
    for written in NOTATIONS:
        if written is COLONS:
            yield Signs(written, (_COLON if _stamps_are_no_keys(keyed) else written.heads,), keyed)
        elif written is ASSIGNMENTS:
            yield Signs(written, _ASSIGNED, keyed)
        elif written.quick:
            yield _of(keyed, written)
        else:
            pattern = superset(written.heads, written.values)
            in_line = b"\\s" not in written.heads.pattern + written.values.pattern
            yield _Gate(
                _of(keyed, written), pattern, _with_rule(written, keyed, in_line=in_line), in_line=in_line
            )

    yield _Gate(lambda buffer: keyed.find_left(inserted, buffer), superset(INSERT), in_line=False)
    yield _Gate(lambda buffer: keyed.find_left(arrows, buffer), superset(ARROW))
    yield _Gate(lambda buffer: keyed.find_left(constrained, buffer), superset(GROUPED))
    yield _Gate(lambda buffer: keyed.find_left(constrained, buffer), superset(ENTRY))
    yield _Gate(lambda buffer: keyed.find_left(constrained, buffer), superset(TOLD), around=_RECORD)
    for line, _ in DESCRIBED:
        yield _Gate(partial(_of_line, keyed, line), superset(line), around=_RECORD)
    yield _Gate(lambda buffer: keyed.find_left(shown, buffer), superset(SHOWN), around=_RECORD)
    for joint in JOINTS:
        yield _Gate(partial(_of_joint, keyed, joint), superset(MARKS[joint]), in_line=joint is not QUOTED)
    yield _Gate(lambda buffer: keyed.find_left(word_pairs, buffer), superset(WORDS))
    yield _Gate(lambda buffer: keyed.find_left(cell_pairs, buffer), superset(CELLS))
    yield _Gate(lambda buffer: keyed.find_left(segments, buffer), superset(SEGMENT), around=_RECORD)
    yield _Gate(lambda buffer: keyed.find_left(visiting_cards, buffer), superset(CARD_LINE), around=_RECORD)
    yield _Gate(lambda buffer: keyed.find_left(assigned, buffer), superset(ASSIGNED))
    yield _Gate(lambda buffer: keyed.find_left(barred, buffer), superset(BARRED))
    yield _Gate(lambda buffer: keyed.find_left(arguments, buffer), superset(ARGUMENT))
    yield _Gate(lambda buffer: keyed.find_left(calling, buffer), superset(CALLING))
    yield _Gate(lambda buffer: keyed.find_left(subjects, buffer), superset(SUBJECT))
    yield _Gate(lambda buffer: keyed.find_left(pairs, buffer), superset(PAIR), _paired(keyed))
    yield _Gate(
        lambda buffer: keyed.find_left(tabled, buffer), superset(HEADER), around=_TABLE, in_line=False
    )
    yield _Gate(
        lambda buffer: keyed.find_left(keyed.reports, buffer), superset(LABELS), around=_TABLE, in_line=False
    )


def _of_line(keyed: KeyedValues, line: Pattern, buffer: bytes) -> Iterator[Span]:
    """Values of lines of a description; what is a token already is none."""
    return keyed.find_left(partial(described_by, line), buffer)


def _of_joint(keyed: KeyedValues, joint: Pattern, buffer: bytes) -> Iterator[Span]:
    """Values of one joint; what is a token already is none."""
    return keyed.find_left(partial(joined, joint), buffer)


def _of(keyed: KeyedValues, written: Written) -> Finder:
    return lambda buffer: keyed.find_left(written, buffer)


def _with_rule(written: Written, keyed: KeyedValues, *, in_line: bool) -> Certain:
    """Whether the first head there has a rule, and a value that is no token.

    RE2 stops anew in the lines behind, so that a head that ends in its line is not looked for there.
    """

    def certain(buffer: bytes, start: int, end: int) -> bool:
        stop = min(len(buffer), end + _AROUND)
        if in_line:
            feed = buffer.find(b"\n", end, stop)
            stop = min(stop, feed + _OVER_LINE) if feed >= 0 else stop
        head = written.heads.search(buffer, start, stop)
        if head is None:
            return False
        value = written.values.match(buffer, head.end())
        if value is None or _is_token(value, value.lastgroup or "bare"):
            return False
        return any(keyed.rule_of(key) is not None for key in written.keys_of(head))

    return certain


def _paired(keyed: KeyedValues) -> Certain:
    """Whether a pair begins there whose label has a rule, and whose value is no token."""

    def certain(buffer: bytes, start: int, _end: int) -> bool:
        pair = PAIR.match(buffer, start)
        if pair is None or rule_of_pair(pair, keyed.rule_of) is None:
            return False
        return TOKEN.fullmatch(pair["value"].rstrip(b" ")) is None

    return certain


def _with_value(patterns: Sequence[Pattern]) -> Certain:
    """Whether one of the patterns finds something there, with a group that is no token."""
    named = [(pattern, tuple(pattern.groupindex)) for pattern in patterns]

    def certain(buffer: bytes, start: int, end: int) -> bool:
        stop = min(len(buffer), end + _AROUND)
        for pattern, groups in named:
            found = pattern.search(buffer, start, stop)
            if found is not None and not (groups and all(_is_token(found, name) for name in groups)):
                return True
        return False

    return certain


def _with_local_part(buffer: bytes, start: int, _end: int) -> bool:
    """Whether the mail address that may be there has more than a domain."""
    return maybe_mail(buffer, start)


def _is_token(found: re.Match[bytes], group: str) -> bool:
    """Whether a group is a token, or took no part."""
    start, end = found.span(group)
    return start < 0 or TOKEN.fullmatch(found.string, start, end) is not None


def _stamps_are_no_keys(keyed: KeyedValues) -> bool:
    """Whether no rule is for what stands before the first colon of a stamp that begins a line.

    Numbers are no key; the other stamps are tried, each hour and month: a rule may be called ``t``.
    """
    hours = [b"2026-11-28T%02d" % hour for hour in range(24)]
    months = [f"{month} 19 10".encode() for month in _MONTHS]
    return all(keyed.rule_of(key) is None for key in (*hours, *months))


class _Gate:
    """A finder that reads only where RE2 stops.

    Args:
        finder: of spans in a buffer.
        pattern: matches wherever the finder finds something, and before it at its key.
        certain: a second look at what RE2 found.
        around: bytes before and behind that the finder may ask for.
        in_line: whether no match goes on behind the line in which it begins.
    """

    def __init__(
        self,
        finder: Finder,
        pattern: str,
        certain: Certain | None = None,
        *,
        around: int = _AROUND,
        in_line: bool = True,
    ) -> None:
        self.pattern = pattern
        self.in_line = in_line
        self._finder = finder
        self._around = around
        self._find = _finding(pattern)
        self._certain = certain

    def spans(self, text: bytes, buffer: bytes, areas: Sequence[tuple[int, int]]) -> Iterator[Span]:
        """What the finder finds in areas of a text, which is a buffer behind a line end."""
        places = [place for start, end in areas for place in self._places(text, buffer, start, end)]
        for start, end in _joined(places, text, self._around):
            for span in self._finder(text[start:end]):
                yield span._replace(start=span.start + start - 1, end=span.end + start - 1)

    def _places(self, text: bytes, buffer: bytes, at: int, limit: int) -> Iterator[tuple[int, int]]:
        """Matches that may be one of the finder's, of each line the first."""
        last = min(len(text), limit + _OVER)
        while at < limit:
            start, end = self._find(text, at, last)
            if start < 0 or start >= limit:
                return
            if self._certain is not None and not self._certain(buffer, max(0, start - 1), end - 1):
                at = start + 1
                continue
            token = _token_around(text, start, end)
            if token:
                at = max(at + 1, token - 1)
            else:
                feed = text.find(b"\n", end, end + _LONGEST_LINE)
                end = feed + 1 if feed >= 0 else end
                yield start, end
                at = max(at + 1, end - 1)


class _Gates:
    """Tells in one reading of a piece which gates' patterns match in it; most match in none."""

    def __init__(self, gates: Sequence[_Gate]) -> None:
        self._gates = gates
        self._always = len(gates)
        self._set = _set_of([*(gate.pattern for gate in gates), ""])  # the last one matches in any text

    def open(
        self, text: bytes, pieces: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[_Gate, Sequence[tuple[int, int]]]]:
        """Gates with the pieces in which they must read; those that touch as one."""
        areas: list[list[tuple[int, int]]] = [[] for _gate in self._gates]
        for start, end in pieces:
            matching = self._set.Match(text[start:end]) or ()
            if self._always not in matching:  # RE2 had not the memory to read it
                matching = range(self._always)
            for number in matching:
                if number == self._always:
                    continue
                area = areas[number]
                if area and area[-1][1] > start:
                    area[-1] = area[-1][0], end
                else:
                    area.append((start, end))
        return ((gate, area) for gate, area in zip(self._gates, areas, strict=True) if area)


def _joined(places: Sequence[tuple[int, int]], text: bytes, around: int) -> Iterator[tuple[int, int]]:
    """Whole lines around places, as few pieces as possible, in order."""
    begin = stop = -1
    for start, end in places:
        first = max(1, start - around)
        feed = text.rfind(b"\n", max(0, first - _LONGEST_LINE), first)
        first = feed + 1 if feed >= 0 else max(1, first - _LONGEST_LINE)
        last = min(len(text), end + around)
        feed = text.find(b"\n", last, last + _LONGEST_LINE)
        last = feed + 1 if feed >= 0 else min(len(text), last + _LONGEST_LINE)
        if first <= stop:
            stop = max(stop, last)
            continue
        if stop >= 0:
            yield begin, stop
        begin, stop = first, last
    if stop >= 0:
        yield begin, stop


def _token_around(text: bytes, start: int, end: int) -> int:
    """Where the token ends that holds a match, whose ends may be the characters beside it; 0 without one."""
    for mark in (b"<", b"cf-"):
        at = text.rfind(mark, max(0, start - LONGEST_TOKEN), start + 1 + len(mark))
        if at >= 0:
            token = TOKEN.match(text, at)
            if token is not None and end <= token.end() + (not text[end - 1 : end].isalnum()):
                return token.end()
    return 0


def _in_token(buffer: bytes, start: int, end: int) -> bool:
    for mark in (b"<", b"cf-"):
        at = buffer.rfind(mark, max(0, start - LONGEST_TOKEN), start + len(mark))
        if at >= 0:
            token = TOKEN.match(buffer, at)
            if token is not None and end <= token.end():
                return True
    return False


def _finding(pattern: str) -> Callable[[bytes, int, int], tuple[int, int]]:
    """Where the first match stands in a part of a text; (-1, -1) without one.

    The module's own `search` takes three times as long for most of the places, to make objects of them.
    """
    module, options = _re2()
    compiled = module.compile(pattern.encode("ascii"), options=options)
    inner, anchors = getattr(compiled, "_regexp", None), getattr(module, "_Anchor", None)
    if inner is not None and anchors is not None:
        match, anywhere = inner.Match, anchors.UNANCHORED
        return lambda text, start, end: match(anywhere, text, start, end)[0]

    def find(text: bytes, start: int, end: int) -> tuple[int, int]:
        found = compiled.search(text, start, end)
        return (-1, -1) if found is None else found.span()

    return find


def _set_of(patterns: Sequence[str]) -> Any:
    """Patterns that are looked for at once; an answer is the numbers of those that match."""
    module, options = _re2()
    made = module.Set.SearchSet(options)
    for pattern in patterns:
        made.Add(pattern.encode("ascii"))
    made.Compile()
    return made


def _re2() -> tuple[Any, Any]:
    """RE2, and how the sieve uses it."""
    module = re2_module()
    if module is None:
        raise ValueError("there is no RE2 on this machine")
    options = module.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY
    options.encoding = module.Options.Encoding.LATIN1
    return module, options
