"""Which state may follow which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from app.transfer import TransferState
from app.transfer.states import MOVES, IllegalMove, is_final, move

STATES = st.sampled_from(TransferState)


@given(STATES)
def test_a_state_may_follow_itself(state: TransferState) -> None:
    assert move(state, state) is state


@given(STATES.filter(is_final), STATES)
def test_nothing_follows_an_end(before: TransferState, after: TransferState) -> None:
    if after is not before:
        with pytest.raises(IllegalMove):
            move(before, after)


@given(STATES)
def test_only_a_verification_leads_to_verified(before: TransferState) -> None:
    leads = TransferState.VERIFIED in MOVES[before]
    assert leads == (before is TransferState.VERIFYING)


@given(STATES.filter(lambda state: not is_final(state)))
def test_whatever_is_not_ended_can_be_cancelled(state: TransferState) -> None:
    assert move(state, TransferState.CANCELLED) is TransferState.CANCELLED


def test_every_state_can_be_reached() -> None:
    reached = {TransferState.PLANNED}
    while (more := reached | {after for state in reached for after in MOVES[state]}) != reached:
        reached = more
    assert reached == set(TransferState)


class Life(RuleBasedStateMachine):
    """Any legal life of a transfer: verified only by way of every byte, and an end stays the end."""

    def __init__(self) -> None:
        super().__init__()
        self.state = TransferState.PLANNED
        self.trail = [self.state]

    @precondition(lambda self: not is_final(self.state))
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        self.state = move(self.state, data.draw(st.sampled_from(sorted(MOVES[self.state]))))
        self.trail.append(self.state)

    @rule(after=STATES)
    def try_anything(self, after: TransferState) -> None:
        if after is not self.state and after not in MOVES[self.state]:
            with pytest.raises(IllegalMove):
                move(self.state, after)

    def teardown(self) -> None:
        if self.state is TransferState.VERIFIED:
            assert self.trail[-4:-1] == [
                TransferState.SENDING,
                TransferState.FINISHING,
                TransferState.VERIFYING,
            ]


TestLife = Life.TestCase
