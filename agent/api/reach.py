"""Who may reach the API beside the agent's own account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Who may reach the API beside the agent's own account.

    Attributes:
        remote: host and port on which other machines are listened to; None never.
        names: by which other machines call this one, beside its addresses and its host name.
        operators: group of this machine whose members get a token of the operator role; empty for none.
    """

    remote: tuple[str, int] | None = None
    names: tuple[str, ...] = ()
    operators: str = ""
