"""A second look at a line in which a value was masked that had told what another one is.

``login by oracle 10.2.0.4`` is a version only as long as ``oracle`` stands there: a run over the masked text
would take it for an address. So the lines in which a detector passed something over because of the words
before it, and in which one of these may be masked now, are searched again as they will stand in the masked
text, until nothing more is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.masking.spans import Span

_LONGEST = 2048
_ROUNDS = 4
_DIGITS = b"0123456789abcdef"

Search = Callable[[bytes], list[Span]]
"""What stands in a text, settled."""


def look_again(
    settled: list[Span], buffer: bytes, *, start: int, end: int, perhaps: Iterable[int], search: Search
) -> list[Span]:
    """What was settled, and what is found besides in lines that are wholly inside of ``buffer[start:end]``.

    Args:
        settled: in order.
        buffer: the text.
        start: of the own part.
        end: of the own part.
        perhaps: where something was passed over because of its context, in order.
        search: in a line that was masked.
    """
    more: list[Span] = []
    done = start
    for place in perhaps:
        if not done <= place < end:
            continue
        first = buffer.rfind(b"\n", max(start, place - _LONGEST), place) + 1 or max(start, place - _LONGEST)
        stop = min(end, first + _LONGEST)
        feed = buffer.find(b"\n", place, stop)
        last = feed if feed >= 0 else stop
        if (first and buffer[first - 1] != 10) or (last < len(buffer) and buffer[last] != 10):
            continue
        line = [span for span in settled if span.end > first and span.start < last]
        if not line or line[0].end > place:
            continue
        more += _in_line(line, buffer, first, last, search)
        done = last
    return sorted([*settled, *more]) if more else settled


def _in_line(line: list[Span], buffer: bytes, first: int, last: int, search: Search) -> list[Span]:
    more: list[Span] = []
    for _round in range(_ROUNDS):
        known = sorted([*line, *more])
        text, places = _written(known, buffer, first, last)
        fresh = [_back(span, places) for span in search(text)]
        if not fresh:
            break
        more += fresh
    return more


def _written(line: list[Span], buffer: bytes, first: int, last: int) -> tuple[bytes, list[tuple[int, int]]]:
    """The line with tokens, and where its plain pieces begin: there and in the buffer."""
    pieces: list[bytes] = []
    places = [(0, first)]
    size, at = 0, first
    for span in line:
        token = b"<%b:%b>" % (span.kind.value.encode(), _DIGITS)
        pieces += [buffer[at : span.start], token]
        size += span.start - at + len(token)
        at = span.end
        places.append((size, at))
    pieces.append(buffer[at:last])
    return b"".join(pieces), places


def _back(span: Span, places: list[tuple[int, int]]) -> Span:
    there, here = next(place for place in reversed(places) if place[0] <= span.start)
    return span._replace(start=span.start - there + here, end=span.end - there + here)
