"""A customer's pattern as the bytes that RE2 reads: what it says beyond ASCII is met in UTF-8 and in cp1252.

RE2 reads bytes, since a log may hold any. So ``ö`` is written as the alternative of its two encodings, and a
class that holds it as an alternative of the class and these. What a class excludes beyond ASCII is not
excluded, so that more is masked, not less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LAST = 0x10FFFF
_LENGTHS = (0x7F, 0x7FF, 0xFFFF, _LAST)
_CLASSES = frozenset({"\\d", "\\D", "\\w", "\\W", "\\s", "\\S"})
_MOST_CASES = 512
"""Characters of a range whose other case is looked up."""


def pattern_bytes(pattern: str) -> bytes:
    """The pattern for text of both encodings; one in ASCII stays as it is."""
    if pattern.isascii():
        return pattern.encode("ascii")
    return b"".join(_Written(pattern).parts())


def class_end(pattern: str, at: int) -> int:
    """Behind the class that begins at a place; a first ``]`` belongs to it."""
    stop = at + (3 if pattern[at + 1 : at + 2] == "^" else 2)
    if pattern[stop - 1 : stop] == "\\":
        stop += 1
    if pattern.startswith("[:", stop - 1):
        stop -= 1
    while stop < len(pattern) and pattern[stop] != "]":
        named = pattern.find(":]", stop) if pattern.startswith("[:", stop) else -1
        stop = named + 2 if named >= 0 else stop + (2 if pattern[stop] == "\\" else 1)
    return min(stop + 1, len(pattern))


class _Written:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._any_case = "(?i" in pattern

    def parts(self) -> Iterator[bytes]:
        pattern, at = self._pattern, 0
        while at < len(pattern):
            char = pattern[at]
            if pattern.startswith("\\Q", at):
                stop = pattern.find("\\E", at)
                end = stop if stop >= 0 else len(pattern)
                yield from map(self._literal, pattern[at + 2 : end])
                at = end + 2
            elif char == "\\" and pattern[at + 1 : at + 2].isascii():
                yield pattern[at : at + 2].encode("ascii")
                at += 2
            elif char == "\\":
                at += 1  # of a character that needs none
            elif char == "[":
                end = class_end(pattern, at)
                yield self._class(pattern[at:end])
                at = end
            else:
                yield char.encode("ascii") if char.isascii() else self._any_of([(ord(char), ord(char))])
                at += 1

    def _literal(self, char: str) -> bytes:
        return _escaped(char.encode("ascii")) if char.isascii() else self._any_of([(ord(char), ord(char))])

    def _class(self, text: str) -> bytes:
        if text.isascii() or not text.endswith("]"):
            return text.encode("utf-8")
        plain, ranges = _split(text[2:-1] if text[1] == "^" else text[1:-1])
        if text[1] == "^":
            return f"[^{plain or chr(10)}]".encode("ascii")
        return self._any_of(ranges, f"[{plain}]".encode("ascii") if plain else b"")

    def _any_of(self, ranges: Iterable[tuple[int, int]], plain: bytes = b"") -> bytes:
        wanted = [part for each in ranges for part in self._cases(*each)]
        single = sorted({byte for low, high in wanted for byte in _cp1252(low, high)})
        ways = [b"".join(map(_between, way)) for low, high in wanted for way in _utf8(low, high)]
        if single:
            ways.append(b"[" + b"".join(b"\\x%02x" % byte for byte in single) + b"]")
        beyond = b"(?-i:" + b"|".join(dict.fromkeys(ways)) + b")"
        return b"(?:" + plain + b"|" + beyond + b")" if plain else beyond

    def _cases(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        yield low, high
        if not self._any_case or high - low > _MOST_CASES:
            return
        for code in range(low, high + 1):
            for other in {chr(code).lower(), chr(code).upper()}:
                if len(other) == 1 and not low <= ord(other) <= high and not other.isascii():
                    yield ord(other), ord(other)


def _split(inside: str) -> tuple[str, list[tuple[int, int]]]:
    """What a class holds in ASCII, as it is written, and the ranges beyond."""
    plain: list[str] = []
    ranges: list[tuple[int, int]] = []
    at = 0
    while at < len(inside):
        if inside.startswith("[:", at) and ":]" in inside[at:]:
            size = inside.index(":]", at) + 2 - at
        else:
            size = 2 if inside[at] == "\\" else 1
        first = inside[at : at + size]
        if first not in _CLASSES and inside[at + size : at + size + 1] == "-" and at + size + 1 < len(inside):
            last = inside[at + size + 1 : at + size + (3 if inside[at + size + 1] == "\\" else 2)]
            text = f"{first}-{last}"
            if not text.isascii():
                low, high = sorted((ord(first[-1]), ord(last[-1])))
                if low < 0x80:
                    plain.append(f"\\x{low:02x}-\\x7f")
                ranges.append((max(low, 0x80), high))
                at += len(text)
                continue
            plain.append(text)
            at += len(text)
            continue
        if first.isascii():
            plain.append(first)
        else:
            ranges.append((ord(first[-1]), ord(first[-1])))
        at += size
        if first in _CLASSES and inside[at : at + 1] == "-":
            plain.append("\\-")
            at += 1
    return "".join(plain), ranges


def _cp1252(low: int, high: int) -> Iterator[int]:
    for byte in range(0x80, 0x100):
        char = bytes((byte,)).decode("cp1252", "ignore")
        if char and low <= ord(char) <= high:
            yield byte


def _utf8(low: int, high: int) -> Iterator[list[tuple[int, int]]]:
    """The ranges of bytes, place by place, that are the characters from `low` to `high` in UTF-8."""
    for last in _LENGTHS:
        if low <= last < high:
            yield from _utf8(low, last)
            low = last + 1
    for bits in (6, 12, 18):
        mask = (1 << bits) - 1
        if low & ~mask == high & ~mask or len(_encoded(low)) * 6 - 6 < bits:
            continue
        if low & mask:
            yield from _utf8(low, low | mask)
            yield from _utf8((low | mask) + 1, high)
            return
        if high & mask != mask:
            yield from _utf8(low, (high & ~mask) - 1)
            yield from _utf8(high & ~mask, high)
            return
    yield list(zip(_encoded(low), _encoded(high), strict=True))


def _encoded(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass")


def _between(ends: tuple[int, int]) -> bytes:
    low, high = ends
    return b"\\x%02x" % low if low == high else b"[\\x%02x-\\x%02x]" % ends


def _escaped(char: bytes) -> bytes:
    return char if char.isalnum() else b"\\" + char
