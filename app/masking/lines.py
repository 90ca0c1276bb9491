"""Lines before and after masking, put together from pieces of a file for the review."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.masking.face import Kind, MaskedLine, Replacement
from app.masking.spans import Span
from app.masking.stream import Transcoder


class LineBuilder:
    """Takes the own parts of windows in order and gives whole lines, with columns in characters.

    Args:
        token: makes the token of a kind and a value.
        transcoder: of the file.
        longest: characters of a line after which it comes in pieces, each with its number.
    """

    def __init__(
        self,
        token: Callable[[Kind, bytes], bytes],
        transcoder: Transcoder,
        *,
        longest: int | None = None,
    ) -> None:
        self._longest = longest
        self._token = token
        self._text = transcoder.text
        self._number = 1
        self._start_over()

    def _start_over(self) -> None:
        self._before: list[str] = []
        self._after: list[str] = []
        self._columns = [0, 0]
        self._found: list[Replacement] = []

    def take(self, own: bytes, spans: Sequence[Span]) -> Iterator[MaskedLine]:
        """The lines that an own part ends; `spans` are settled, with offsets in it."""
        at = 0
        for span in spans:
            yield from self._plain(own[at : span.start])
            before = self._text(own[span.start : span.end])
            after = self._token(span.kind, span.value or own[span.start : span.end]).decode("ascii")
            self._found.append(Replacement(span.kind, span.rule, before, after, *self._columns))
            self._add(before, after)
            at = span.end
        yield from self._plain(own[at:])
        if self._longest is not None and self._columns[0] > self._longest:
            yield self._piece()

    def rest(self) -> Iterator[MaskedLine]:
        """A last line without an end."""
        if self._before:
            yield self._line()

    def _plain(self, data: bytes) -> Iterator[MaskedLine]:
        lines = data.split(b"\n")
        for line in lines[:-1]:
            self._add_same(line)
            yield self._line()
        self._add_same(lines[-1])

    def _add_same(self, data: bytes) -> None:
        if data:
            text = self._text(data)
            self._add(text, text)

    def _add(self, before: str, after: str) -> None:
        self._before.append(before)
        self._after.append(after)
        self._columns[0] += len(before)
        self._columns[1] += len(after)

    def _line(self) -> MaskedLine:
        line = self._piece()
        self._number += 1
        return line

    def _piece(self) -> MaskedLine:
        before, after = "".join(self._before), "".join(self._after)
        line = MaskedLine(
            self._number, before.removesuffix("\r"), after.removesuffix("\r"), tuple(self._found)
        )
        self._start_over()
        return line
