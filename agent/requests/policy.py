"""The customer's policy: what of a log request is sent, asked about, or never sent. Pure (R-LOG-1)."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.transfer import Hours


class Decision(StrEnum):
    """What is done; the later one is the stricter one."""

    SEND = "send"
    ASK = "ask"
    NEVER = "never"


class DataKind(StrEnum):
    """What kind of data a log is.

    Members:
        TIMED: plain text whose lines are known by time.
        PACKED: compressed.
        WHOLE: of no known form. Nothing of it is sent to a request; rules may name it, as they could before.
    """

    TIMED = "timed"
    PACKED = "packed"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class RequestRule:
    """A rule of the policy: it holds when everything that it names holds.

    Attributes:
        then: what is done.
        applications: names, or patterns with ``*`` and ``?``; any when empty.
        largest: bytes of everything that would be sent; any when None.
        longest: the range that is asked for; any when None.
        kinds: of data; any when empty.
        profiles: of masking, one of which must be in use; any when empty.
        hours: local time at which it is decided; any when empty.
    """

    name: str
    then: Decision
    applications: tuple[str, ...] = ()
    largest: int | None = None
    longest: timedelta | None = None
    kinds: frozenset[DataKind] = frozenset()
    profiles: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one application would send of one kind."""

    application: str
    kind: DataKind
    size: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for the whole request.

    Attributes:
        span: the range that is asked for.
        profile: of masking that is in use; empty for the rules as they stand.
        local: local time.
    """

    span: timedelta
    profile: str
    local: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided; `rule` is empty when no rule held, and `application` is whose logs decided it."""

    decision: Decision
    rule: str = ""
    application: str = ""


def judge(parts: Sequence[Part], rules: Sequence[RequestRule], *, at: Circumstances) -> Ruling:
    """The strictest of what the rules say of each part; for a part the first rule that holds decides.

    What no rule knows is asked. So is a request of no parts: there is nothing that a rule could speak of.
    """
    total = sum(part.size for part in parts)
    rulings = [_ruling(part, rules, total=total, at=at) for part in parts]
    order = list(Decision)
    return max(rulings, key=lambda ruling: order.index(ruling.decision), default=Ruling(Decision.ASK))


def _ruling(part: Part, rules: Sequence[RequestRule], *, total: int, at: Circumstances) -> Ruling:
    for rule in rules:
        if _holds(rule, part, total=total, at=at):
            return Ruling(rule.then, rule.name, part.application)
    return Ruling(Decision.ASK, "", part.application)


def _holds(rule: RequestRule, part: Part, *, total: int, at: Circumstances) -> bool:
    return (
        (not rule.applications or _named(part.application, rule.applications))
        and (rule.largest is None or total <= rule.largest)
        and (rule.longest is None or at.span <= rule.longest)
        and (not rule.kinds or part.kind in rule.kinds)
        and (not rule.profiles or at.profile in rule.profiles)
        and (not rule.hours or any(hours.covers(at.local) for hours in rule.hours))
    )


def _named(application: str, patterns: Sequence[str]) -> bool:
    """Letter case does not matter."""
    name = application.casefold()
    return any(fnmatch.fnmatchcase(name, pattern.casefold()) for pattern in patterns)
