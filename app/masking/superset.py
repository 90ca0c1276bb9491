"""A pattern of RE2 that finds at least what a pattern of ``re`` finds.

What RE2 does not know is left out where that finds more, and never where it would find less: looks at what
stands around are asked for at the ends of a pattern, as characters that are read, and dropped inside of it;
a back reference is the group's pattern again; what is possessive or atomic may give back; a long count has no
end. A match tells where to look, and not where the other one begins and ends.
"""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]  # typeshed leaves out the parser of `re`
from re import _parser  # type: ignore[attr-defined]  # the same
from typing import Any

from app.masking.patterns import Pattern

_MOST_REPEATS = 8
_CATEGORIES = {
    sre.CATEGORY_DIGIT: "0-9",
    sre.CATEGORY_SPACE: r"\x09-\x0d\x20",
    sre.CATEGORY_WORD: "0-9A-Za-z_",
    sre.CATEGORY_NOT_DIGIT: r"\x00-\x2f\x3a-\xff",
    sre.CATEGORY_NOT_SPACE: r"\x00-\x08\x0e-\x1f\x21-\xff",
    sre.CATEGORY_NOT_WORD: r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\xff",
}
_LINES = r"(?m:^)", r"(?m:$)"


def superset(*patterns: Pattern) -> str:
    """What RE2 reads with the encoding Latin-1: the patterns, one directly behind the other.

    Raises:
        ValueError: a pattern holds what is not known here.
    """
    parts = []
    for place, pattern in enumerate(patterns):
        flags = pattern.flags
        writer = _Writer(
            multiline=bool(flags & re.MULTILINE), begins=not place, ends=place == len(patterns) - 1
        )
        text = writer.sequence(
            list(_parser.parse(pattern.pattern, flags & ~re.DEBUG)),
            first=not place,
            last=place == len(patterns) - 1,
        )
        parts.append(f"(?i:{text})" if flags & re.IGNORECASE else f"(?:{text})")
    return "".join(parts)


class _Writer:
    """Writes the parsed form of one pattern."""

    def __init__(self, *, multiline: bool, begins: bool, ends: bool) -> None:
        self._multiline = multiline
        self._begins, self._ends = begins, ends
        self._groups: dict[int, str] = {}

    def sequence(self, items: list[Any], *, first: bool, last: bool) -> str:
        """The items one behind the other; `first` and `last` where nothing is written before and behind."""
        looks = sre.ASSERT, sre.ASSERT_NOT
        begin, end = 0, len(items)
        while begin < end and items[begin][0] in looks:
            begin += 1
        while end > begin and items[end - 1][0] in looks:
            end -= 1
        before = self._look(items[:begin], direction=-1) if first else ""
        behind = self._look(items[end:][::-1], direction=1) if last else ""
        inner = [
            self._item(
                op,
                value,
                first=first and not before and at == begin,
                last=last and not behind and at == end - 1,
            )
            for at, (op, value) in enumerate(items[begin:end], begin)
        ]
        return before + "".join(inner) + behind

    def _look(self, looks: list[Any], *, direction: int) -> str:
        """One of the looks at an end of the pattern, as a character that is read, or nothing."""
        border = r"\A" if direction < 0 else r"\z"
        for op, (towards, inner) in looks:
            if towards != direction:
                continue
            if op is sre.ASSERT:
                return f"(?:{self.sequence(list(inner), first=direction < 0, last=direction > 0)})"
            refused = [text for text in map(self._one_character, _branches(list(inner))) if text]
            if refused:
                return f"(?:{border}|[^{''.join(refused)}])"
        return ""

    def _one_character(self, items: list[Any]) -> str:
        """What stands in the brackets of a class that is these items; empty when they are no class."""
        if len(items) != 1:
            return ""
        op, value = items[0]
        if op is sre.LITERAL:
            return _character(value)
        if op is sre.IN and value[0][0] is not sre.NEGATE:
            return _members(value)
        return ""

    def _item(self, op: Any, value: Any, *, first: bool, last: bool) -> str:
        if op is sre.LITERAL:
            return _character(value)
        if op is sre.NOT_LITERAL:
            return f"[^{_character(value)}]"
        if op is sre.ANY:
            return r"[^\n]"
        if op is sre.IN:
            negated = value[0][0] is sre.NEGATE
            return f"[{'^' if negated else ''}{_members(value[negated:])}]"
        if op is sre.BRANCH:
            return f"(?:{'|'.join(self.sequence(list(b), first=first, last=last) for b in value[1])})"
        if op is sre.SUBPATTERN:
            return self._group(value, first=first, last=last)
        if op is sre.ATOMIC_GROUP:
            return f"(?:{self.sequence(list(value), first=first, last=last)})"
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = value
            return f"(?:{self.sequence(list(inner), first=False, last=False)}){_count(least, most)}"
        return self._rare(op, value)

    def _rare(self, op: Any, value: Any) -> str:
        if op in (sre.ASSERT, sre.ASSERT_NOT):
            return ""
        if op is sre.GROUPREF:
            return f"(?:{self._groups[value]})"
        if op is sre.AT:
            return self._place(value)
        raise ValueError(f"no pattern of RE2 for {op}")

    def _group(self, value: Any, *, first: bool, last: bool) -> str:
        number, added, removed, inner = value
        text = self.sequence(list(inner), first=first, last=last)
        if removed or added & ~re.IGNORECASE:
            raise ValueError("no pattern of RE2 for these flags")
        if number is not None:
            self._groups[number] = text
        return f"(?i:{text})" if added & re.IGNORECASE else f"(?:{text})"

    def _place(self, value: Any) -> str:
        if not (self._begins and self._ends):
            return ""  # what is one pattern's end is not the end of all, and a text may begin at a cut
        if value is sre.AT_BEGINNING:
            return _LINES[0] if self._multiline else r"\A"
        if value is sre.AT_END:
            return _LINES[1] if self._multiline else r"(?:\n?\z)"
        if value is sre.AT_BEGINNING_STRING:
            return r"\A"
        if value is sre.AT_END_STRING:
            return r"\z"
        return r"\b" if value is sre.AT_BOUNDARY else r"\B"


def _branches(items: list[Any]) -> list[list[Any]]:
    if len(items) == 1 and items[0][0] is sre.BRANCH:
        return [list(branch) for branch in items[0][1][1]]
    if len(items) == 1 and items[0][0] is sre.SUBPATTERN and not items[0][1][1]:
        return _branches(list(items[0][1][3]))
    return [items]


def _character(value: int) -> str:
    char = chr(value)
    return char if char.isalnum() and value < 128 else f"\\x{value:02x}"


def _members(members: list[Any]) -> str:
    pieces = []
    for op, value in members:
        if op is sre.LITERAL:
            pieces.append(_character(value))
        elif op is sre.RANGE:
            pieces.append(f"{_character(value[0])}-{_character(value[1])}")
        else:
            pieces.append(_CATEGORIES[value])
    return "".join(pieces)


def _count(least: int, most: Any) -> str:
    low = min(least, _MOST_REPEATS)
    if most is sre.MAXREPEAT or most > _MOST_REPEATS:
        return {0: "*", 1: "+"}.get(low, f"{{{low},}}")
    return "?" if (low, most) == (0, 1) else f"{{{low},{most}}}"
