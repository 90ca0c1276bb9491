"""Whether an agent and a program of another version understand each other."""

from __future__ import annotations

from enum import StrEnum

from app.agentlink.contract import CONTRACT_MAX, CONTRACT_MIN, Hello

CONTRACT_HEADER = "Caseferry-Contract"
"""In every request: the newest contract that the caller speaks; without it, the first."""


class Agreement(StrEnum):
    """What a program can do with an agent.

    `FULL`: everything that both know. `ENDURING`: the program is too old; it can see (``status``, ``jobs``,
    ``job``), ``drain``, ``undrain`` and ``restart``, which never change. `NONE`: the agent is too old.
    """

    FULL = "full"
    ENDURING = "enduring"
    NONE = "none"


def agreement(hello: Hello, *, oldest: int = CONTRACT_MIN, newest: int = CONTRACT_MAX) -> Agreement:
    """What a program that speaks contracts `oldest` to `newest` can do with the agent that said `hello`."""
    if newest < hello.contract_min:
        return Agreement.ENDURING
    return Agreement.NONE if hello.contract_max < oldest else Agreement.FULL
