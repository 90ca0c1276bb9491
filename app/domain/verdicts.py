"""A rule's answer: yes, or no with the reason and the rule's number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of an action.

    Attributes:
        allowed: whether the action may be taken now.
        rule: the number of the rule that decided, such as ``R-CASE-11``.
        reason: a sentence for people; empty when allowed without remark.
        way_out: what the person can do instead; empty when there is nothing.
    """

    allowed: bool
    rule: str
    reason: str = ""
    way_out: str = ""


def yes(rule: str) -> Verdict:
    """An unconditional yes by this rule."""
    return Verdict(allowed=True, rule=rule)


def no(rule: str, reason: str, *, way_out: str = "") -> Verdict:
    """A refusal by this rule, with its reason."""
    return Verdict(allowed=False, rule=rule, reason=reason, way_out=way_out)
