r"""Values with a key that go on in the next line, behind a ``\`` at their line's end.

``ani=+49309018\`` and ``20417;lang=de`` below it. The rest is masked by itself: it has its own token. So is
that of a value of T-Library which has line ends in it, up to the quote that ends its last line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.spans import Span

_LINES = 8
_WHOLE = frozenset({Kind.USER, Kind.HOST, Kind.IP, Kind.MAC})
r"""``login=CORP\``, ``dir=C:\logs\``: what ends so goes on nowhere."""
_MARK = rb"(?<!\\)\\\r?\n(?=[\s\S])"
_AT_MARK = Pattern(_MARK)
_BEHIND = Pattern(rb"[ \t]{0,4}" + _MARK)
_BARE = Pattern(rb"(?!\d{4}-)[^\x00-\x20,;&\"'<>()\[\]{}|=:\\]{1,256}+(?![=:])")
"""No key stands there, and no stamp of time."""
_QUOTED = {
    quote: Pattern(
        rb"(?:[^\r\n\\" + quote + rb"]|(?!" + _MARK + rb")\\){1,255}+(?=" + quote + rb"|" + _MARK + rb")"
    )
    for quote in (b"'", b'"')
}
_BLOCK = Pattern(rb"[ \t]{0,4}\r?\n(?P<rest>(?:[^'\r\n]{0,256}+\r?\n){0,7}[^'\r\n]{0,256}+)'(?=\r?\n|\Z)")
_LINE = Pattern(rb"[^\s](?:[^\r\n]*[^\s])?")


def without_mark(buffer: bytes, start: int, end: int) -> int:
    r"""Where a value without quotes ends: before a ``\`` that continues its line."""
    return end - 1 if end - start > 1 and _AT_MARK.match(buffer, end - 1) else end


def continued(spans: Iterable[Span], buffer: bytes) -> Iterator[Span]:
    """The spans of values with a key, and what they have in the lines behind them."""
    for span in spans:
        yield span
        if span.line:
            continue
        block = (
            _BLOCK.match(buffer, span.end) if buffer[max(0, span.start - 2) : span.start] == b"\t'" else None
        )
        if block:
            for line in _LINE.finditer(buffer, *block.span("rest")):
                yield span._replace(start=line.start(), end=line.end(), learn=False)
        if span.kind in _WHOLE:
            continue
        rest = _QUOTED.get(buffer[span.start - 1 : span.start], _BARE) if span.start else _BARE
        end = span.end
        for _ in range(_LINES):
            mark = _BEHIND.match(buffer, end)
            found = mark and rest.match(buffer, mark.end())
            if not found:
                break
            end = found.end()
            yield span._replace(start=found.start(), end=end, learn=False)
