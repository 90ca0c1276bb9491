"""Whether every match of a pattern holds one of some words, proven from its parsed form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from re import _constants as sre  # type: ignore[attr-defined]  # typeshed leaves out the parser of `re`
from re import _parser  # type: ignore[attr-defined]  # the same
from typing import Any

from app.masking.patterns import Pattern

_GAP = "\0"
"""Stands for any text, and is in no word."""
_MOST = 60_000
"""Texts that are told apart; beyond, a part counts as any text, which proves less and never too much."""
_LARGEST_CLASS = 8
_LONGEST_REPEAT = 3

Texts = frozenset[str]


def holds_a_word(pattern: Pattern) -> bool:
    """Whether it is certain that every match, or what it looks at beside itself, holds one of the words."""
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    words = [word.decode("latin-1") for word in pattern.words]
    read = _Reader(words, lower=pattern.any_case)
    lowered = not pattern.any_case and bool(pattern.flags & re.IGNORECASE)
    return not lowered and read.holds(list(parsed))


class _Reader:
    def __init__(self, words: Sequence[str], *, lower: bool) -> None:
        self._words = words
        self._lower = lower
        self._kept = max(map(len, words)) - 1
        self._groups: dict[int, Texts] = {}

    def holds(self, items: Sequence[Any]) -> bool:
        """Whether all texts of a sequence hold a word: by one of its parts, or all together."""
        return any(map(self._part_holds, items)) or not self._without(items)

    def _without(self, items: Sequence[Any]) -> Texts:
        """The ends of texts of a sequence that hold no word; none when all hold one."""
        open_ends: Texts = frozenset({""})
        for at, item in enumerate(items):
            texts = self._of(item, first=at == 0, last=at == len(items) - 1)
            open_ends = frozenset(
                text[-self._kept :] if self._kept else ""
                for text in _joined(open_ends, texts)
                if not any(word in text for word in self._words)
            )
        return open_ends

    def _part_holds(self, item: Any) -> bool:
        op, value = item
        if op is sre.SUBPATTERN:
            return self._keeps_case(value[1]) and self.holds(list(value[3]))
        if op is sre.ATOMIC_GROUP:
            return self.holds(list(value))
        if op is sre.ASSERT:
            return self.holds(list(value[1]))
        if op is sre.BRANCH:
            return all(self.holds(list(branch)) for branch in value[1])
        return False

    def _keeps_case(self, added: int) -> bool:
        return self._lower or not added & re.IGNORECASE

    def _texts(self, items: Sequence[Any], *, first: bool, last: bool) -> Texts:
        """Texts that a sequence may be, with gaps for what is not told apart.

        What stands around them is told by looks at the ends, `first` and `last` where nothing else is there.
        """
        found: Texts = frozenset({""})
        for at, item in enumerate(items):
            ends = {"first": first and at == 0, "last": last and at == len(items) - 1}
            found = _joined(found, self._of(item, **ends))
        return found

    def _of(self, item: Any, *, first: bool, last: bool) -> Texts:
        op, value = item
        if op is sre.LITERAL:
            return frozenset({self._sign(value)})
        if op is sre.IN:
            return self._of_class(value)
        if op is sre.BRANCH:
            branches = (self._texts(list(branch), first=first, last=last) for branch in value[1])
            return _bounded(frozenset[str]().union(*branches))
        if op is sre.SUBPATTERN:
            return self._of_group(value, first=first, last=last)
        if op is sre.GROUPREF:
            return self._groups[value]
        if op is sre.ATOMIC_GROUP:
            return self._texts(list(value), first=first, last=last)
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            return self._repeated(*value)
        if op in (sre.ASSERT, sre.ASSERT_NOT, sre.AT):
            told = op is sre.ASSERT and (last if value[0] > 0 else first)
            return self._texts(list(value[1]), first=False, last=False) if told else frozenset({""})
        return frozenset({_GAP})

    def _of_group(self, value: Any, *, first: bool, last: bool) -> Texts:
        number, added, _removed, inner = value
        if not self._keeps_case(added):
            return frozenset({_GAP})
        if number is not None:
            self._groups[number] = self._texts(list(inner), first=False, last=False)
        return self._texts(list(inner), first=first, last=last)

    def _sign(self, code: int) -> str:
        sign = chr(code)
        return sign.lower() if self._lower and sign.isascii() else sign

    def _of_class(self, members: Sequence[Any]) -> Texts:
        codes: set[int] = set()
        for op, value in members:
            if op is sre.LITERAL:
                codes.add(value)
            elif op is sre.RANGE and value[1] - value[0] < _LARGEST_CLASS:
                codes.update(range(value[0], value[1] + 1))
            else:
                return frozenset({_GAP})
        small = len(codes) <= _LARGEST_CLASS
        return frozenset(map(self._sign, codes)) if small else frozenset({_GAP})

    def _repeated(self, least: int, most: int, inner: Sequence[Any]) -> Texts:
        once = self._texts(list(inner), first=False, last=False)
        if least == 0 and most == 1:
            return once | {""}
        if least == most and least <= _LONGEST_REPEAT:
            return _bounded(frozenset(map("".join, product(once, repeat=least))))
        several = _joined(
            _joined(once, frozenset({_GAP})), once
        )  # begins and ends with one, whatever between
        return several | once | ({""} if least == 0 else set())


def _joined(before: Texts, behind: Texts) -> Texts:
    if len(before) * len(behind) > _MOST:
        return frozenset({_GAP})
    return frozenset(first + second for first in before for second in behind)


def _bounded(texts: Texts) -> Texts:
    return texts if len(texts) <= _MOST else frozenset({_GAP})
