"""The states of a transfer, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class TransferState(StrEnum):
    """How far a transfer is.

    Members:
        PLANNED: a row, and not a byte on the wire yet.
        SENDING: bytes are going out; after a kill the row still says so.
        WAITING: the peer did not answer; it is tried again by itself.
        PAUSED: a person stopped it; it goes on when the person says so.
        FINISHING: every byte is acknowledged; the peer closes the file.
        VERIFYING: the peer compares digests.
        VERIFIED: the end: proven.
        FAILED: it needs a person, or a new attempt by the caller.
        CANCELLED: the end: a person gave it up.
        SUPERSEDED: the end: the source is no longer what was planned.
    """

    PLANNED = "planned"
    SENDING = "sending"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHING = "finishing"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class IllegalMove(ValueError):
    """A state does not follow from another: a defect of the caller."""


_S = TransferState
_ENDINGS = frozenset({_S.FAILED, _S.CANCELLED, _S.SUPERSEDED})

MOVES: Mapping[TransferState, frozenset[TransferState]] = MappingProxyType(
    {
        _S.PLANNED: _ENDINGS | {_S.SENDING, _S.WAITING, _S.PAUSED},
        _S.SENDING: _ENDINGS | {_S.WAITING, _S.PAUSED, _S.FINISHING},
        _S.WAITING: _ENDINGS | {_S.SENDING, _S.PAUSED},
        _S.PAUSED: _ENDINGS | {_S.SENDING, _S.WAITING},
        _S.FINISHING: _ENDINGS | {_S.SENDING, _S.WAITING, _S.PAUSED, _S.VERIFYING},
        _S.VERIFYING: _ENDINGS | {_S.SENDING, _S.WAITING, _S.PAUSED, _S.VERIFIED},
        _S.FAILED: frozenset({_S.SENDING, _S.WAITING, _S.PAUSED, _S.CANCELLED, _S.SUPERSEDED}),
        _S.VERIFIED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.SUPERSEDED: frozenset(),
    }
)
"""What may follow a state. A state may always follow itself: a killed process left it so."""


def is_final(state: TransferState) -> bool:
    """Whether nothing follows."""
    return not MOVES[state]


def move(before: TransferState, after: TransferState) -> TransferState:
    """`after`, when it may follow `before`.

    Raises:
        IllegalMove: it may not.
    """
    if after is not before and after not in MOVES[before]:
        raise IllegalMove(f"{after} does not follow {before}")
    return after
