"""Places in a buffer that hold a personal value, and what to do where they overlap."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from app.masking.face import Kind
from app.masking.tokens import TOKEN, ends_with_token

_TOKEN = -1


class Span(NamedTuple):
    """A place that holds a personal value.

    Attributes:
        start, end: offsets in the buffer.
        order: priority; the lower wins where two overlap.
        value: what the token is made of when it is not the text itself (another notation of a learned value).
        learn: whether the value is masked where it recurs.
        touching: may stand directly beside a token. Found by shape alone, such a place is what an
            earlier run left on purpose.
        line: it was looked for to the end of its line, and may hold more than one secret.
    """

    start: int
    end: int
    order: int
    kind: Kind
    rule: str
    value: bytes | None = None
    learn: bool = False
    touching: bool = False
    line: bool = False


def settle(spans: Iterable[Span], buffer: bytes) -> list[Span]:
    """Spans in order and without overlap, free of line ends and of tokens that already stand there.

    Where two overlap the one of lower order keeps its place and the other keeps what is left of it, so that
    nothing
    that anybody found stays uncovered.
    """
    tokens = [Span(*token.span(), _TOKEN, Kind.CUSTOM, "") for token in TOKEN.finditer(buffer)]
    ordered = sorted([*spans, *tokens])
    settled: list[Span] = []
    index = 0
    while index < len(ordered):
        reach = ordered[index].end
        stop = index + 1
        while stop < len(ordered) and ordered[stop].start < reach:
            reach = max(reach, ordered[stop].end)
            stop += 1
        cluster = ordered[index:stop] if stop - index == 1 else _share(ordered[index:stop])
        for span in cluster:
            if span.order != _TOKEN:
                settled.extend(_clean(span, buffer))
        index = stop
    return settled


def _share(cluster: list[Span]) -> list[Span]:
    taken: list[Span] = []
    starts: list[int] = []
    for span in sorted(cluster, key=lambda s: (s.order, s.start - s.end, s.start)):
        at = bisect_right(starts, span.start)
        at -= at > 0 and taken[at - 1].end > span.start
        begin = span.start
        pieces = []
        while at < len(taken) and taken[at].start < span.end:
            if begin < taken[at].start:
                pieces.append((begin, taken[at].start))
            begin = taken[at].end
            at += 1
        if begin < span.end:
            pieces.append((begin, span.end))
        for start, end in pieces:
            whole = (start, end) == (span.start, span.end)
            place = bisect_right(starts, start)
            starts.insert(place, start)
            taken.insert(place, span if whole else span._replace(start=start, end=end, value=None))
    return taken


def _clean(span: Span, buffer: bytes) -> list[Span]:
    if not span.touching and beside_token(span, buffer):
        return []
    text = buffer[span.start : span.end]
    if b"\n" in text or b"\r" in text or text[:1].isspace() or text[-1:].isspace():
        return _lines(span, span.start, span.end, buffer)
    return [span] if _says_something(text) or span.kind is Kind.DTMF else []


def _lines(span: Span, start: int, end: int, buffer: bytes) -> list[Span]:
    pieces: list[Span] = []
    for line in buffer[start:end].replace(b"\r", b"\n").split(b"\n"):
        stop = start + len(line)
        body = line.strip()
        if _says_something(body):
            begin = start + len(line) - len(line.lstrip())
            whole = (begin, begin + len(body)) == (span.start, span.end)
            piece = span._replace(start=begin, end=begin + len(body))
            pieces.append(piece if whole else piece._replace(value=None))
        start = stop + 1
    return pieces


def beside_token(span: Span, buffer: bytes) -> bool:
    """Whether a token stands directly before or behind the span."""
    if ends_with_token(buffer, span.start):
        return True
    return buffer[span.end : span.end + 1] in (b"<", b"c") and TOKEN.match(buffer, span.end) is not None


_MARKS = re.compile(
    rb"&(?:quot|apos|amp|lt|gt|nbsp|[lr]aquo|#34|#39|#x22|#x27);"
    rb"|\xc2[\xa0-\xbf]|\xe2\x80[\x80-\xbf]|\xe3\x80[\x80-\x92]"
)
"""Quotes, dashes and blanks beyond ASCII (UTF-8), and those that XML writes as entities."""
_MARKS_OF_CP1252 = b"\x84\x85\x91\x92\x93\x94\x96\x97\xa0\xab\xbb"


def _says_something(text: bytes) -> bool:
    if text.isalnum():
        return True
    if b"&" in text or not text.isascii():
        text = _MARKS.sub(b"", text).translate(None, _MARKS_OF_CP1252)
    return any(48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c >= 128 for c in text)
