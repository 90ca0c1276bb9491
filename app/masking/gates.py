"""Finders that read masked text only where RE2 stops: at what matches wherever they find something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from app.masking.custom import re2_module
from app.masking.spans import Span
from app.masking.tokens import LONGEST_TOKEN, TOKEN

AROUND = 640
"""Bytes before and behind a line that its detectors may ask for, at least."""
_LONGEST_LINE = 8 * 1024
_MEMORY = 32 * 1024 * 1024
_OVER = 512
"""Bytes behind a piece in which a match may go on that begins in it."""

Finder = Callable[[bytes], Iterator[Span]]

Certain = Callable[[bytes, int, int], bool]
"""Whether a line (a buffer, from, to) is worth the detector's time."""


def can_sieve() -> bool:
    """Whether this machine has what the sieve needs (RE2)."""
    return re2_module() is not None


class Gate:
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
        around: int = AROUND,
        in_line: bool = True,
    ) -> None:
        self.pattern = pattern
        self.in_line = in_line
        self._finder = finder
        self._around = around
        self._find = finding(pattern)
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


class Gates:
    """Tells in one reading of a piece which gates' patterns match in it; most match in none."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self._gates = gates
        self._always = len(gates)
        self._set = _set_of([*(gate.pattern for gate in gates), ""])  # the last one matches in any text

    def open(
        self, text: bytes, pieces: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[Gate, Sequence[tuple[int, int]]]]:
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


def in_token(buffer: bytes, start: int, end: int) -> bool:
    """Whether a place lies in a token."""
    for mark in (b"<", b"cf-"):
        at = buffer.rfind(mark, max(0, start - LONGEST_TOKEN), start + len(mark))
        if at >= 0:
            token = TOKEN.match(buffer, at)
            if token is not None and end <= token.end():
                return True
    return False


def finding(pattern: str) -> Callable[[bytes, int, int], tuple[int, int]]:
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
