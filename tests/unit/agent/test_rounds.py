"""The rounds of rules and alarms: trouble of one does not hold up the other."""

from __future__ import annotations

from agent.service.rounds import RuleRounds
from app.domain.errors import LocalError


def test_alarms_that_cannot_be_acted_on_do_not_hold_up_rules() -> None:
    done: list[str] = []

    def act() -> bool:
        raise LocalError("Full", happened="The disk is full.", todo="Free space.", code="CF-1870")

    def refresh() -> bool:
        done.append("asked")
        return True

    def claim() -> float:
        done.append("claimed")
        return 7.0

    def prune() -> None:
        done.append("forgotten")
        raise LocalError("Full", happened="The disk is full.", todo="Free space.", code="CF-1802")

    rounds = RuleRounds(
        refresh=refresh,
        act=act,
        acted=lambda _done: None,
        claim=claim,
        changed=lambda: done.append("changed"),
        prune=prune,
    )
    assert rounds.once() == 7.0
    assert done == ["asked", "changed", "claimed", "forgotten"]
