"""Checks typed text for personal values before it is posted (R-FILE-6). Blocking: call it through `Task`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.masking import Engine, load_rules, mask_text, new_key, open_engine


@dataclass(frozen=True, slots=True)
class Finding:
    """A value in the text that looks personal.

    Attributes:
        start, end: characters of the whole text.
        token: what it becomes when it is masked.
    """

    kind: str
    start: int
    end: int
    token: str


Check = Callable[[str], list[Finding]]


@lru_cache(maxsize=1)
def _engine() -> Engine:
    """The default rules with a key of this run only: tokens in comments join to nothing."""
    return open_engine(load_rules(), new_key())


def find_personal(text: str) -> list[Finding]:
    """Every value in the text that the rules would mask, in order.

    Raises:
        MaskingError: the text could not be checked; it must not be posted.
    """
    starts = [0]
    for typed in text.split("\n"):
        starts.append(starts[-1] + len(typed) + 1)
    found: list[Finding] = []
    for line in mask_text(_engine(), text).lines:
        for each in line.replacements:
            start = starts[line.number - 1] + each.before_column
            found.append(Finding(each.kind, start, start + len(each.before), each.after))
    return found


def undecided(text: str, found: Sequence[Finding], kept: frozenset[str]) -> list[Finding]:
    """Findings whose value the person has not decided to keep."""
    return [each for each in found if text[each.start : each.end] not in kept]


def masked(text: str, finding: Finding, found: Sequence[Finding]) -> str:
    """The text with this value, wherever it was found, replaced by its token."""
    value = text[finding.start : finding.end]
    for each in sorted(found, key=lambda one: -one.start):
        if text[each.start : each.end] == value:
            text = text[: each.start] + each.token + text[each.end :]
    return text
