"""Where the reference engine would find something in masked text: a look at an eighth of its cost or less.

Masked text holds next to nothing, and the detectors of the reference engine take their time to find that
out. Here RE2 reads first, with patterns that find at least what the detectors' own find (`superset`); the
detectors themselves read only the lines it stops at, with what stands around these. Signs (``=``, ``:``) are
judged by what stands before them, once for all places that have the same words there. What lies in a token is
no find. Nothing of this is the native engine's: the check after masking must not share its mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

from app.masking.alternating import LINE, LISTED, in_lines, in_lists, line_may_tell, may_tell
from app.masking.arrows import ARROW, arrows
from app.masking.boundpairs import BOUND_PAIR, bound_pairs
from app.masking.cells import CELLS, cell_pairs
from app.masking.closing import failing_closed, stream_size
from app.masking.columns import LABELS
from app.masking.constraints import ENTRY, OF_COLUMN, TOLD, TRUNCATED, constrained
from app.masking.described import DESCRIBED, SHOWN, described_by, shown
from app.masking.engine import Detector, ReferenceEngine
from app.masking.entries import CLAIM, ENTRIES, SYSTEMS, claimed, coded, entered
from app.masking.expanded import RECORD, expanded
from app.masking.face import Kind
from app.masking.gates import AROUND, Certain, Finder, Gate, Gates, finding, in_token
from app.masking.givens import names_left
from app.masking.insertions import INSERT, inserted
from app.masking.interchange import SEGMENT as OF_INTERCHANGE
from app.masking.interchange import interchanged, may_hold
from app.masking.joints import JOINTS, MARKS, QUOTED, joined
from app.masking.jsonsigns import MARK as SIGN_OF_JSON
from app.masking.jsonsigns import may_sign, signed_in_json
from app.masking.keyed import KeyedValues
from app.masking.keysbefore import GROUPED
from app.masking.mails import maybe_mail
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
from app.masking.sessions import CONTACT, contacts, in_session
from app.masking.signs import Signs
from app.masking.sip import SEEN as OF_SIP
from app.masking.spans import Span, settle
from app.masking.statements import STATEMENT, parametrised
from app.masking.stream import Reading, Window
from app.masking.superset import superset
from app.masking.tables import HEADER, PAIR, pairs, rule_of_pair, tabled
from app.masking.text import SEEN as OF_TEXT
from app.masking.tokens import TOKEN
from app.masking.told import CHANGED, ENTERED, EXTRACTED, GIVEN, IS, RECEIVED, SPOKEN, STEP, told
from app.masking.turns import NAMED_TWICE, ROLE, turns
from app.masking.wordpairs import WORDS, word_pairs

_SEEN = OF_NETWORK | OF_NUMBERS | OF_PERSONS | OF_SIP | OF_TEXT
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
    for sign in (
        rb"=(?>==?|>)?",
        rb"!=(?>=?)",
        rb"<-",
        rb"->(?=[ \t]{0,4}['\"])",
        rb"<(?<![-=<>!:]<)(?:[>=](?=[ \t]{0,4}')|(?<=[ \t]<)(?=[ \t]{1,4}'))",
        rb">(?<![-=<>!:]>)(?:=(?=[ \t]{0,4}')|(?<=[ \t]>)(?=[ \t]{1,4}'))",
    )
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
        self._finders = [finder for finder in finders if not isinstance(finder, Gate)]
        gates = [finder for finder in finders if isinstance(finder, Gate)]
        self._in_line = Gates([gate for gate in gates if gate.in_line])
        self._over_lines = Gates([gate for gate in gates if not gate.in_line])

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
            s for s in found if not in_token(buffer, s.start, s.end) and not self._engine.stays(s, buffer)
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


def _sieved(detector: Detector, engine: ReferenceEngine) -> Iterator[Finder | Gate]:
    def whole(buffer: bytes) -> Iterator[Span]:
        return detector.finder(buffer, detector.order, detector.kind)

    if detector.name == "keyed":
        yield from _sieved_keys(engine.keyed)
    elif detector.name in _SEEN:
        if detector.name == "person-name":
            givens = engine.givens
            yield names_left(givens, detector.order, detector.kind, finding)
        pattern = "|".join(superset(*each) for each in _SEEN[detector.name])
        near = _NEAR.get(detector.name, AROUND)
        certain: Certain | None = None
        if detector.name in _VALUED:
            certain = _with_value([each[-1] for each in _SEEN[detector.name]])
        elif detector.name == "ip":
            certain = engine.network.maybe_address
        elif detector.name == "mail":
            certain = _with_local_part
        yield Gate(whole, pattern, certain, around=near, in_line=detector.name not in _OVER_LINES)
    else:
        yield whole


def _sieved_keys(keyed: KeyedValues) -> Iterator[Finder | Gate]:
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
            yield Gate(
                _of(keyed, written), pattern, _with_rule(written, keyed, in_line=in_line), in_line=in_line
            )

    yield Gate(
        lambda buffer: keyed.find_left(inserted, buffer), superset(INSERT), around=_TABLE, in_line=False
    )
    yield Gate(
        lambda buffer: keyed.find_left(parametrised, buffer),
        superset(STATEMENT),
        around=_TABLE,
        in_line=False,
    )
    yield Gate(lambda buffer: keyed.find_left(bound_pairs, buffer), superset(BOUND_PAIR))
    yield Gate(lambda buffer: keyed.find_left(arrows, buffer), superset(ARROW))
    yield Gate(
        lambda buffer: keyed.find_left(in_lists, buffer), superset(LISTED), _listed(keyed), around=_TABLE
    )
    yield Gate(lambda buffer: keyed.find_left(in_lines, buffer), superset(LINE), _alternating(keyed))
    yield Gate(lambda buffer: keyed.find_left(constrained, buffer), superset(GROUPED))
    for there in (ENTRY, OF_COLUMN, TRUNCATED):
        yield Gate(lambda buffer: keyed.find_left(constrained, buffer), superset(there))
    yield Gate(lambda buffer: keyed.find_left(constrained, buffer), superset(TOLD), around=_RECORD)
    for said in (IS, CHANGED, GIVEN, EXTRACTED, STEP, RECEIVED, SPOKEN, ENTERED):
        yield Gate(lambda buffer: keyed.find_left(told, buffer), superset(said))
    for turn in (ROLE, NAMED_TWICE):
        yield Gate(lambda buffer: keyed.find_left(turns, buffer), superset(turn), around=_RECORD)
    for line, _ in DESCRIBED:
        yield Gate(partial(_of_line, keyed, line), superset(line), around=_RECORD)
    yield Gate(lambda buffer: keyed.find_left(shown, buffer), superset(SHOWN), around=_RECORD)
    yield Gate(
        lambda buffer: keyed.find_left(contacts, buffer), superset(CONTACT), _of_session, around=_RECORD
    )
    yield Gate(
        lambda buffer: keyed.find_left(interchanged, buffer),
        superset(OF_INTERCHANGE),
        may_hold,
        around=_RECORD,
    )
    yield Gate(
        lambda buffer: keyed.find_left(expanded, buffer), superset(RECORD), around=_TABLE, in_line=False
    )
    yield Gate(
        lambda buffer: keyed.find_left(signed_in_json, buffer),
        superset(SIGN_OF_JSON),
        lambda buffer, start, _end: may_sign(buffer, start, keyed.rule_of),
    )
    for joint in JOINTS:
        yield Gate(partial(_of_joint, keyed, joint), superset(MARKS[joint]), in_line=joint is not QUOTED)
    yield Gate(lambda buffer: keyed.find_left(word_pairs, buffer), superset(WORDS))
    yield Gate(
        lambda buffer: keyed.find_left(entered, buffer), superset(ENTRIES), around=_RECORD, in_line=False
    )
    yield Gate(
        lambda buffer: keyed.find_left(coded, buffer), superset(SYSTEMS), around=_RECORD, in_line=False
    )
    yield Gate(lambda buffer: keyed.find_left(claimed, buffer), superset(CLAIM), around=_RECORD)
    yield Gate(lambda buffer: keyed.find_left(cell_pairs, buffer), superset(CELLS))
    yield Gate(lambda buffer: keyed.find_left(segments, buffer), superset(SEGMENT), around=_RECORD)
    yield Gate(lambda buffer: keyed.find_left(visiting_cards, buffer), superset(CARD_LINE), around=_RECORD)
    yield Gate(lambda buffer: keyed.find_left(assigned, buffer), superset(ASSIGNED))
    yield Gate(lambda buffer: keyed.find_left(barred, buffer), superset(BARRED))
    yield Gate(lambda buffer: keyed.find_left(arguments, buffer), superset(ARGUMENT))
    yield Gate(lambda buffer: keyed.find_left(calling, buffer), superset(CALLING))
    yield Gate(lambda buffer: keyed.find_left(subjects, buffer), superset(SUBJECT))
    yield Gate(lambda buffer: keyed.find_left(pairs, buffer), superset(PAIR), _paired(keyed))
    yield Gate(lambda buffer: keyed.find_left(tabled, buffer), superset(HEADER), around=_TABLE, in_line=False)
    yield Gate(
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
        stop = min(len(buffer), end + AROUND)
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


def _listed(keyed: KeyedValues) -> Certain:
    """Whether a list begins there with two keys that have a rule."""
    return lambda buffer, start, _end: may_tell(buffer, start, keyed.rule_of)


def _alternating(keyed: KeyedValues) -> Certain:
    """Whether a line begins there whose cells are keys and values in turn."""

    def certain(buffer: bytes, start: int, end: int) -> bool:
        feed = buffer.find(b"\n", end)
        line = buffer[start : feed if feed >= 0 else len(buffer)]
        return line_may_tell(line, keyed.rule_of) and next(keyed.find_left(in_lines, line), None) is not None

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
        stop = min(len(buffer), end + AROUND)
        for pattern, groups in named:
            found = pattern.search(buffer, start, stop)
            if found is not None and not (groups and all(_is_token(found, name) for name in groups)):
                return True
        return False

    return certain


def _of_session(buffer: bytes, start: int, _end: int) -> bool:
    """Whether the line there belongs to a description of a session."""
    return in_session(buffer, buffer.rfind(b"\n", 0, start + 1) + 1)


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
