"""The customer's own patterns, on RE2: linear time, and one pass for all of them.

All patterns are combined into one that finds places without captures; which rule it was, and its group 1,
are resolved inside the place that was found. It sees one rule at a place: a line in which several rules match
is read by each of them, so that none hides what another finds beyond it. Where two overlap the one of lower
priority wins, and the other keeps the rest (`spans.settle`); of a value that the winner cut out of all of its
match it keeps nothing, so that the winner says how much of it goes.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

from app.masking.errors import MaskingError
from app.masking.needed import needed_text
from app.masking.patternbytes import class_end, pattern_bytes
from app.masking.rules import PatternRule
from app.masking.spans import Span

LinesWith = Callable[[bytes, int, int, Sequence[bytes]], Sequence[tuple[int, int]]]
"""Where in a part of a buffer lines stand that hold one of some texts; rather too many lines than too few."""
_Match = tuple[int, int, Span | None]
"""Where a match begins and ends, and the place of its value."""

MOST_RULES = 200
MOST_BYTES = 64 * 1024
"""Of all patterns together."""
LONGEST_PATTERN = 4_000
_MEMORY = 16 * 1024 * 1024
_PIECE = 64 * 1024
_OVERLAP = 4 * 1024
_FEW = 16
"""Places that are asked one by one: to sort them takes longer."""
_LEAST_TIME = 2.0
_TIME_OF_PIECE = 0.5


@cache
def re2_module() -> Any:
    """RE2, loaded by the first rule that needs it; None where there is no wheel for this platform."""
    try:
        import re2  # type: ignore[import-untyped]  # google-re2 ships no types
    except ImportError:
        return None
    return re2


def available() -> bool:
    """Whether RE2 can be loaded here."""
    return re2_module() is not None


def complaint(pattern: str) -> str:
    """Why a pattern cannot be a rule, in words that help; empty when it can.

    Refused are what RE2 refuses (look-around, back-references, repeats over 1000), repeats within repeats,
    and patterns that match nothing at all.
    """
    if len(pattern.encode("utf-8")) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} bytes"
    if re2_module() is None:
        return "needs RE2 (google-re2), which cannot be loaded on this machine"
    for mark, what in _NOT_HERE:
        if mark in _without_classes(pattern):
            return f"uses {what}; capture the value alone as group 1 instead: word=(\\d+)"
    if any(f"\\{digit}" in pattern.replace("\\\\", "") for digit in "123456789"):
        return "uses a back-reference (\\1), which takes very long; write the text twice, or make two rules"
    if _asks_for_a_line_end(pattern):
        return "can never match: a match ends at its line, so leave \\n away; $ stands for the end of a line"
    if _nested_repeat(pattern):
        return "repeats something that is itself repeated, as in (a+)+; write the inner part once"
    try:
        _compile(pattern, wrapped=False)  # "a)|(b" fits into the brackets of others
        compiled = _compile(pattern)
    except re2_module().error as fault:
        reason = fault.args[0] if fault.args else ""
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        return f"is not a pattern that RE2 takes: {text}"
    if compiled.match(b"") is not None:
        return "must not match nothing"
    if compiled.groups > 1:
        return "has more than one group; write (?:…) for groups that are not the value"
    return ""


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern finds something in a text; for the test texts of a rule."""
    return _compile(pattern).search(text.encode("utf-8")) is not None


def literal(text: str, *, any_case: bool = False) -> str:
    """The pattern of a text that is meant as it stands."""
    quoted = re2_module().escape(text) if re2_module() is not None else text
    return f"(?i:{quoted})" if any_case else str(quoted)


class CustomRules:
    """Finds what the customer's patterns match. Several threads may use one.

    Spans have the order 1 + place of the rule in `rules`, before every built-in detector. A match ends at its
    line; lines over 64 KiB are searched in pieces that overlap by 4 KiB.

    Args:
        rules: in the order of their priority.
        lines_with: finds lines quickly, so that RE2 reads those only that a rule may match in; it is asked
            where every rule has a text that all its matches hold.

    Raises:
        MaskingError: RE2 is not here, or refuses the patterns together (``CF-1950``); from `find`: they took
            far too long (``CF-1951``).
    """

    def __init__(self, rules: Sequence[PatternRule], *, lines_with: LinesWith | None = None) -> None:
        self._rules = tuple(rules)
        self._needed = tuple(dict.fromkeys(needed_text(rule.pattern) for rule in self._rules))
        self._lines_with = lines_with if self._needed and all(self._needed) else None
        self._all: Any = None
        self._groups = self._numbers()
        if not self._rules:
            return
        if re2_module() is None:
            raise _cannot("RE2 cannot be loaded on this machine")
        try:
            together = "|".join(f"({rule.pattern})" for rule in self._rules)
            self._all = _compile(together, captures=False)
            self._which = _compile(together)
            self._each = [_compile(rule.pattern) for rule in self._rules]
            self._matching = _set_of(self._rules)
        except re2_module().error:
            raise _cannot("RE2 refuses the patterns together; they are too large") from None

    def __bool__(self) -> bool:
        return bool(self._rules)

    @property
    def teaches(self) -> bool:
        """Whether a rule's values are also masked where they recur."""
        return any(rule.learn for rule in self._rules)

    def find(self, buffer: bytes) -> Iterator[Span]:
        """Every place that a rule matches."""
        if self._all is None:
            return
        begun = time.thread_time()
        reached = 0
        for start, end, again in _pieces(buffer):
            found: Iterable[_Match] = (
                each
                for first, last in self._lines(buffer, start, end)
                for each in self._matches(buffer, min(max(first, reached), last), last)
            )
            if again < end:  # what begins behind `again` may be cut; it is whole in the next piece
                found = list(found)
                over = (last for first, last, _ in found if first < again < last < end)
                reached = max(over, default=again)
                found = [each for each in found if each[0] < reached]
            yield from (place for *_, place in found if place is not None)
            if time.thread_time() - begun > _LEAST_TIME + _TIME_OF_PIECE * (end / _PIECE):
                raise MaskingError(
                    "A rule of your own takes too long",
                    happened="The patterns took far too long on this file; the output was thrown away.",
                    todo="Bound the repeats of the patterns ({1,40} for +), then mask the file again.",
                    code="CF-1951",
                )

    def _matches(self, buffer: bytes, start: int, end: int) -> Iterator[_Match]:
        """Rather one match twice than one too few."""
        asked = start
        """Up to here lines were asked which rules match in them."""
        hits = self._all.finditer(buffer, start, end)
        while (hit := next(hits, None)) is not None:
            if hit.start() >= asked:
                line = max(start, buffer.rfind(b"\n", start, hit.start()) + 1)
                asked = buffer.find(b"\n", hit.end(), end)
                asked = end if asked < 0 else asked
                rules = self._rules_in(buffer, line, asked)
                if len(rules) > 1:
                    yield from self._apart(buffer, line, asked, rules)
                    asked = min(asked + 1, end)
                    hits = self._all.finditer(buffer, asked, end) if asked < end else iter(())
                    continue
            yield *hit.span(), self._resolve(buffer, hit.start(), end)

    def _rules_in(self, buffer: bytes, start: int, end: int) -> Sequence[int]:
        """The rules that may match in a line, by their number; all where RE2 has no room to tell."""
        if len(self._rules) == 1:
            return (0,)
        if self._matching is None:
            return range(len(self._rules))
        # the byte before it, which \b looks at in a piece of a long line
        return self._matching.Match(buffer[max(0, start - 1) : end]) or range(len(self._rules))

    def _apart(self, buffer: bytes, start: int, end: int, rules: Iterable[int]) -> Iterator[_Match]:
        """What each of them matches; a value that one before has cut out of all of a match stays so."""
        matched, valued = _Stretches(), _Stretches()
        for number in sorted(rules):
            value = 1 if self._groups[number][1] else 0
            matches, values = [], []
            for hit in self._each[number].finditer(buffer, start, end):
                first, last = match = hit.span()
                place = self._span(buffer, number, hit, value)
                begin, stop = match if place is None else place[:2]
                if not (matched.hold(first, last) and valued.touch(begin, stop)):
                    yield first, last, place
                matches.append(match)
                values.append((begin, stop))
            matched.add(matches)
            valued.add(values)

    def _lines(self, buffer: bytes, start: int, end: int) -> Sequence[tuple[int, int]]:
        if self._lines_with is None:
            return ((start, end),)
        return self._lines_with(buffer, start, end, self._needed)

    def _numbers(self) -> tuple[tuple[int, int], ...]:
        """For each rule its group in all patterns together, and the group of its value (0: the whole)."""
        numbers, at = [], 1
        for rule in self._rules:
            own = bool(_compile(rule.pattern).groups) if re2_module() is not None else False
            numbers.append((at, at + 1 if own else 0))
            at += 2 if own else 1
        return tuple(numbers)

    def _resolve(self, buffer: bytes, start: int, limit: int) -> Span | None:
        match = self._which.match(buffer, start, limit)
        for number, (whole, value) in enumerate(self._groups):
            if match.span(whole)[0] < 0:
                continue
            return self._span(buffer, number, match, value)
        return None

    def _span(self, buffer: bytes, number: int, match: Any, value: int) -> Span | None:
        """The place of the value (its group; 0: the whole match) that a rule found."""
        first, last = match.span(value)
        if first < 0:  # the group took no part
            first, last = match.span()
        rule = self._rules[number]
        if first == last:
            return None
        first, last = _whole_characters(buffer, first, last)
        return Span(first, last, 1 + number, rule.kind, rule.rule, None, rule.learn, True)


class _Stretches:
    """Places of what is found in a line, which may overlap."""

    def __init__(self) -> None:
        self._all: list[tuple[int, int]] = []
        self._starts: list[int] = []
        self._reach: list[int] = []

    def add(self, more: Iterable[tuple[int, int]]) -> None:
        self._all.extend(more)

    def hold(self, first: int, last: int) -> bool:
        """Whether all of this lies in one of them."""
        if len(self._all) <= _FEW:
            return any(start <= first and end >= last for start, end in self._all)
        self._order()
        before = bisect_right(self._starts, first)
        return before > 0 and self._reach[before - 1] >= last

    def touch(self, first: int, last: int) -> bool:
        """Whether one of them has a part of this."""
        self._order()
        before = bisect_left(self._starts, last)
        return before > 0 and self._reach[before - 1] > first

    def _order(self) -> None:
        if len(self._starts) < len(self._all):
            self._all.sort()
            self._starts = [start for start, _ in self._all]
            self._reach = list(accumulate((end for _, end in self._all), max))


_NOT_HERE = (
    ("(?=", "look-ahead"),
    ("(?!", "look-ahead"),
    ("(?<=", "look-behind"),
    ("(?<!", "look-behind"),
    ("(?>", "an atomic group"),
    ("(?P=", "a back-reference"),
)


def _compile(pattern: str, *, captures: bool = True, wrapped: bool = True) -> Any:
    return re2_module().compile(
        _wrapped(pattern) if wrapped else pattern_bytes(pattern), options=_options(captures=captures)
    )


def _set_of(rules: Sequence[PatternRule]) -> Any:
    """Tells which of the rules match in a text; None where RE2 has no room for that."""
    matching = re2_module().Set.SearchSet(_options(captures=False))
    try:
        for rule in rules:
            matching.Add(_wrapped(rule.pattern))
        matching.Compile()
    except re2_module().error:
        return None
    return matching


def _wrapped(pattern: str) -> bytes:
    return b"(?m:%b)" % pattern_bytes(pattern)


def _options(*, captures: bool) -> Any:
    options = re2_module().Options()
    options.log_errors = False
    options.never_nl = True
    options.never_capture = not captures
    options.max_mem = _MEMORY
    options.encoding = re2_module().Options.Encoding.LATIN1
    return options


def _whole_characters(buffer: bytes, first: int, last: int) -> tuple[int, int]:
    """A place that begins or ends inside of a character of UTF-8 has all of it."""
    if buffer[first] & 0xC0 == 0x80:
        first = _character(buffer, first)[0]
    if buffer[last : last + 1] > b"\x7f" and buffer[last] & 0xC0 == 0x80:
        last = _character(buffer, last)[1]
    return first, last


def _character(buffer: bytes, at: int) -> tuple[int, int]:
    """The character of which this byte is not the first; the place twice when it is of none."""
    for start in range(at - 1, max(-1, at - 4), -1):
        lead = buffer[start]
        if lead & 0xC0 != 0x80:
            end = start + (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4)
            try:
                buffer[start:end].decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                break
            return (start, end) if lead > 0x7F and end > at else (at, at)
    return at, at


def _pieces(buffer: bytes) -> Iterator[tuple[int, int, int]]:
    """Where to search, and from where next: lines up to 1 MiB together, longer ones in parts that overlap."""
    size, start = len(buffer), 0
    while start < size:
        end = min(size, start + 16 * _PIECE)
        if end < size:
            feed = buffer.rfind(b"\n", start, end)
            end = min(size, start + _PIECE) if feed < 0 else feed + 1
        long_line = end < size and buffer[end - 1 : end] != b"\n"
        again = end - _OVERLAP if long_line else end
        yield start, end, again
        start = again


def _without_classes(pattern: str) -> str:
    """The pattern with escapes and classes as one letter, so that its structure can be read."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            out.append("x")
            at += 2
        elif char == "[":
            out.append("x")
            at = class_end(pattern, at)
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _asks_for_a_line_end(pattern: str) -> bool:
    """Whether a line end stands in every match, as far as the top of a pattern tells."""
    depth = at = 0
    found = False
    while at < len(pattern):
        char = pattern[at]
        size = _quoted(pattern, at) or (
            2 if char == "\\" else class_end(pattern, at) - at if char == "[" else 1
        )
        depth += (char == "(") - (char == ")")
        if depth == 0 and char == "|":
            return False
        feed = pattern[at : at + size] in ("\\n", "\n")
        found = found or (feed and depth == 0 and pattern[at + size : at + size + 1] not in ("?", "*", "{"))
        at += size
    return found


def _quoted(pattern: str, at: int) -> int:
    r"""How long the text is that stands there between \Q and \E, with these; 0 where there is none."""
    if not pattern.startswith("\\Q", at):
        return 0
    stop = pattern.find("\\E", at)
    return (stop + 2 if stop >= 0 else len(pattern)) - at


def _nested_repeat(pattern: str) -> bool:
    """Whether a group that holds a repeat without bound (or of more than 100) is itself repeated."""
    plain = _without_classes(pattern)
    inside = [False]
    at = 0
    while at < len(plain):
        char = plain[at]
        many, size = _repeat(plain, at)
        if char == "(":
            inside.append(False)
        elif char == ")" and len(inside) > 1:
            held = inside.pop()
            repeated, _ = _repeat(plain, at + 1)
            if held and repeated > 1:
                return True
            inside[-1] = inside[-1] or held
        elif many > 1:
            inside[-1] = inside[-1] or many > 100
            at += size - 1
        at += 1
    return _work(plain) > 20_000


def _repeat(plain: str, at: int) -> tuple[float, int]:
    """How often at most what stands before a place is repeated (1: no repeat), and the mark's length."""
    char = plain[at : at + 1]
    if char and char in "*+":
        return float("inf"), 1
    if char == "{":
        stop = plain.find("}", at)
        least, comma, most = plain[at + 1 : stop].partition(",") if stop > 0 else ("", "", "")
        if least.isdigit() and (most.isdigit() or not most):
            bound = float(most) if most else float("inf") if comma else float(least)
            return bound, stop - at + 1
    return 1, 1


def _work(plain: str) -> float:
    """The product of the bounded repeats: RE2 writes each of them out."""
    work = 1.0
    for at in range(len(plain)):
        many, _ = _repeat(plain, at)
        if 1 < many < float("inf"):
            work *= many
    return work


def _cannot(why: str) -> MaskingError:
    return MaskingError(
        "Your own patterns cannot be used",
        happened=f"{why}; nothing was masked.",
        todo="Take the patterns out of the rule file, or write them as key names.",
        code="CF-1950",
    )
