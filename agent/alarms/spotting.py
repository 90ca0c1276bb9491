"""Which lines of a block an alarm rule is about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.alarms.expressions import compiled_any, compiled_ids, compiled_lines
from agent.alarms.rules import AlarmRule

_MOST_APPLICATIONS = 1000
_ID = re.compile(
    rb"\b(?:GCTI-(\d\d-\d{5})|(?:Alr|Alarm|Std|Standard|Int|Interaction|Trc|Trace|Dbg|Debug) (\d{5}))\b"
)
_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Spotted:
    """A line, from `start` up to `end` of the block, without its line feed."""

    rule: AlarmRule
    start: int
    end: int


class Spotter:
    """Finds lines. One pass over a block tells whether any rule is about it at all; most blocks have none.

    Safe to use from one thread at a time.
    """

    def __init__(self, rules: Sequence[AlarmRule]) -> None:
        self._rules = tuple(rules)
        self._ids = {rule.name: compiled_ids(rule.ids) for rule in rules if rule.ids}
        self._patterns = {rule.name: compiled_lines(rule.pattern) for rule in rules if rule.pattern}
        self._of: dict[str, tuple[tuple[AlarmRule, ...], tuple[Any, ...]]] = {}

    def find(self, plain: bytes, *, application: str) -> list[Spotted]:
        """The lines of a block that rules are about, each once for each rule, in the order they stand.

        Args:
            plain: whole lines in UTF-8 or an 8-bit encoding.
            application: who wrote them.
        """
        rules, anything = self._for(application)
        if not any(each.search(plain) for each in anything):
            return []
        found = [spotted for rule in rules for spotted in self._lines(rule, plain)]
        return sorted(found, key=lambda spotted: spotted.start)

    def _lines(self, rule: AlarmRule, plain: bytes) -> Iterator[Spotted]:
        pattern = self._patterns.get(rule.name)
        end = 0
        for match in (self._ids if rule.ids else self._patterns)[rule.name].finditer(plain):
            if match.start() < end:
                continue
            start = plain.rfind(b"\n", 0, match.start()) + 1
            feed = plain.find(b"\n", start)
            end = len(plain) if feed < 0 else feed
            if rule.ids and pattern is not None and pattern.search(plain[start:end]) is None:
                continue
            yield Spotted(rule, start, end)

    def _for(self, application: str) -> tuple[tuple[AlarmRule, ...], tuple[Any, ...]]:
        """The rules for an application, and what finds any of them; mostly that is one expression."""
        known = self._of.get(application)
        if known is None:
            if len(self._of) >= _MOST_APPLICATIONS:
                self._of.clear()
            rules = tuple(rule for rule in self._rules if rule.wants(application))
            ids = dict.fromkeys(each for rule in rules for each in rule.ids)
            patterns = [rule.pattern for rule in rules if not rule.ids]
            known = self._of[application] = (rules, compiled_any(list(ids), patterns))
        return known


def message_id(line: bytes) -> str:
    """The id of a message, such as ``04504`` or ``00-04504``; empty when the line has none."""
    match = _ID.search(line[:_LOOKED_AT])
    return (match[1] or match[2]).decode("ascii") if match else ""
