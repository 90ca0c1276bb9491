"""Values of a statement's parameters, by the column that each is for.

``… (customer_name, phone) VALUES (?, ?) params: ["Mary Major", "+4930…"]`` in the line of the statement, and
in the lines behind it ``binding parameter [1] as [VARCHAR] - [Mary Major]`` of Hibernate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from app.masking.notations import Judge, Place
from app.masking.patterns import Pattern
from app.masking.rules import KeyRule
from app.masking.spans import Span

PLACE = Pattern(rb"\?\d{0,3}|\$\d{1,3}|%s|[:@][A-Za-z]\w{0,63}|:\d{1,3}")
"""Where a parameter goes."""
_LOOK = 512
"""Bytes behind a statement in which its parameters begin."""
_LONGEST = 1024
"""Bytes of a line that binds parameters."""
_LIST = Pattern(
    rb"(?<![A-Za-z])(?i:param(?:eter)?s?|bind(?:ing)?s?|args?|values)[\"']?[ ]?[=:][ ]?(?P<open>[\[({])"
)
_ITEM = Pattern(
    rb" ?(?:\"((?:\\[^\r\n]|[^\"\\\r\n]){0,256})\"|'((?:\\[^\r\n]|[^'\\\r\n]){0,256})'"
    rb"|([^\s,()\[\]{}'\"][^,()\[\]{}'\"\r\n]{0,255})) ?(?P<mark>[,\])}])"
)
_CLOSED = {b"[": b"]", b"(": b")", b"{": b"}"}
_BOUND = Pattern(
    rb"binding parameter (?:\[(?P<first>\d{1,3})\] as \[\w{1,40}\] - |\((?P<second>\d{1,3}):\w{1,40}\) <- )"
    rb"\[(?P<value>[^\]\r\n]{1,256})\]"
)
_VARIABLE = Pattern(rb"\bBind variable (?P<number>\d{1,3}): (?P<value>[^\r\n]{1,256})")
"""As Siebel binds, a line each."""
_TYPED = Pattern(rb"\r?\n[^\r\n]{0,200}?==> {1,2}Parameters: ")
_ITEM_TYPED = Pattern(
    rb"(?:null|(?P<value>[^\r\n]{0,256}?)\([A-Z][A-Za-z]{1,30}\))(?P<mark>, |(?=[\r\n])|\Z)"
)
"""What MyBatis tells in the next line: ``==> Parameters: Mary Major(String), 030 …(String)``."""
_BELOW = Pattern(
    rb"\r?\n(?:\[parameters: (?P<open>[\[(])"
    rb"|[^\r\n]{0,160}? \[(?:generated in|cached since|no key) [\d.]{1,16}s(?: ago)?\] (?P<round>\())"
)
"""What SQLAlchemy tells of parameters in the next line: ``[generated in 0.00018s] ('…', '…')``."""
_NEXT = Pattern(rb"\r?\n(?P<line>[^\r\n]{1,1024})")

Rules = list[KeyRule | None]
Given = list[tuple[bytes, KeyRule | None]]
"""Parameters of a statement as it names them, each with the rule of its column."""
_AROUND = 2048
_NAMED = Pattern(
    rb"(?<![\w@$:])(?P<name>\$\d{1,3}|[@:]\w{1,64}) ?= ?"
    rb"(?:[Nn]?'(?P<text>(?:[^'\r\n]|''){0,1024})'|(?P<number>\+?\d[\w.+-]{0,63}))"
)
_TOLD_BELOW = Pattern(rb"\r?\n[^\r\n]{0,200}?[Pp]arameters?: ?(?P<line>[^\r\n]{1,2048})")
"""What PostgreSQL tells in the next line: ``DETAIL:  parameters: $1 = '…'``."""
_COMMENT = Pattern(rb"\r?\n-- @?(?P<name>\w{1,64}): '(?P<text>[^'\r\n]{0,1024})' \(Type[^\r\n]{0,256}")
_TOLD_BEFORE = Pattern(rb"[Pp]arameters=\[[^\r\n]{0,2047}\r?\n\Z")
"""The line before a statement, as Entity Framework writes it: ``[Parameters=[@p0='…'], …]``."""


def named_of_statement(
    given: Given, buffer: bytes, place: tuple[int, int, int], judge: Judge
) -> Iterator[Span]:
    """What is given to parameters of a statement by their names: in its lines, the one before, and behind.

    Args:
        given: the parameters.
        buffer: of whole lines.
        place: where the statement begins, where its last line ends, and the end of what may be read.
        judge: whether a value is personal.
    """
    start, end, most = place
    rules: dict[bytes, KeyRule] = {}
    for name, rule in given[:64]:
        if name[:1] in (b"$", b"@", b":") and rule is not None:
            rules.setdefault(name, rule)
    if not rules:
        return
    line = buffer.rfind(b"\n", max(0, start - _AROUND), start) + 1 or max(0, start - _AROUND)
    told = _TOLD_BEFORE.search(buffer, max(0, line - _AROUND), line)
    below = _TOLD_BELOW.match(buffer, end, most)
    areas = [told.span()] if told is not None else []
    areas += [(line, end)]
    areas += [below.span("line")] if below is not None else []
    for area in areas:
        for match in _NAMED.finditer(buffer, *area):
            yield from _judged(rules.get(match["name"]), match, judge)
    while (comment := _COMMENT.match(buffer, end, most)) is not None:
        yield from _judged(rules.get(b"@" + comment["name"]), comment, judge)
        end = comment.end()


def _judged(rule: KeyRule | None, match: re.Match[bytes], judge: Judge) -> Iterator[Span]:
    span = judge(rule, Place(*match.span(match.lastgroup or 0), quoted=True), match.string) if rule else None
    if span is not None:
        yield span


def of_statement(
    rules: Rules, buffer: bytes, place: tuple[int, int, int], judge: Judge
) -> tuple[list[Span], int]:
    """What is given to the parameters of a statement, and where the last line ends that says so.

    Args:
        rules: of the parameters, in their order.
        buffer: of whole lines.
        place: behind the rows of the statement, where its line ends, and the end of what may be read.
        judge: whether a value is personal.
    """
    at, end, most = place
    spans = _listed(rules, buffer, _LIST.search(buffer, at, min(end, at + _LOOK)), judge)
    if not spans:
        below = _BELOW.match(buffer, end, most)
        spans = _listed(rules, buffer, below, judge) or _typed(
            rules, buffer, _TYPED.match(buffer, end, most), judge
        )
    spans += _bound(rules, buffer, (at, min(end, at + _LONGEST)), judge) or []
    while (line := _NEXT.match(buffer, end, most)) is not None and (line.end() < most or most == len(buffer)):
        found = _bound(rules, buffer, line.span("line"), judge)
        if found is None:
            break
        spans += found
        end = line.end()
    return spans, end


def _listed(rules: Rules, buffer: bytes, head: re.Match[bytes] | None, judge: Judge) -> list[Span]:
    """The values of a list, as many as there are parameters, behind its bracket."""
    if head is None:
        return []
    places: list[tuple[int, int]] = []
    at, mark = head.end(), b","
    while mark == b",":
        item = _ITEM.match(buffer, at) if len(places) < len(rules) else None
        if item is None:
            return []
        places.append(next(item.span(group) for group in (1, 2, 3) if item[group] is not None))
        at, mark = item.end(), item["mark"]
    if mark != _CLOSED[head[head.lastgroup or 0]] or len(places) != len(rules):
        return []
    return _in_order(rules, places, buffer, judge)


def _typed(rules: Rules, buffer: bytes, head: re.Match[bytes] | None, judge: Judge) -> list[Span]:
    """The same with the type of each value behind it, to the end of a line."""
    places: list[tuple[int, int]] = []
    at, mark = (head.end() if head else 0), b", "
    while head is not None and mark:
        item = _ITEM_TYPED.match(buffer, at) if len(places) < len(rules) else None
        if item is None:
            return []
        places.append(item.span("value") if item["value"] is not None else (at, at))
        at, mark = item.end(), item["mark"]
    return _in_order(rules, places, buffer, judge) if len(places) == len(rules) else []


def _in_order(rules: Rules, places: list[tuple[int, int]], buffer: bytes, judge: Judge) -> list[Span]:
    given = zip(rules, places, strict=True)
    judged = [judge(rule, Place(*place, quoted=True), buffer) for rule, place in given if rule is not None]
    return [span for span in judged if span is not None]


def _bound(rules: Rules, buffer: bytes, place: tuple[int, int], judge: Judge) -> list[Span] | None:
    """The values that a line binds; None: it binds none."""
    spans: list[Span] | None = None
    for match in chain(_BOUND.finditer(buffer, *place), _VARIABLE.finditer(buffer, *place)):
        spans = spans or []
        number = int(match[1] or match["second"])
        rule = rules[number - 1] if 0 < number <= len(rules) else None
        span = judge(rule, Place(*match.span("value"), quoted=True), buffer) if rule is not None else None
        if span is not None:
            spans.append(span)
    return spans
