"""With which code a program ends for an error of the world. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)


class Exit(IntEnum):
    """Exit codes of all programs; ``docs/commands.md`` and ``docs/agent.md`` say what each means there."""

    OK = 0
    DEFECT = 1
    INPUT = 2
    REFUSED = 3
    CREDENTIALS = 4
    TRUST = 5
    UNREACHABLE = 6
    INTEGRITY = 7
    LOCAL = 8
    INCOMPLETE = 9
    INTERRUPTED = 130
    TERMINATED = 143


_EXITS: Mapping[type[WorldError], Exit] = {
    InputError: Exit.INPUT,
    RefusedError: Exit.REFUSED,
    CredentialsError: Exit.CREDENTIALS,
    TrustError: Exit.TRUST,
    UnreachableError: Exit.UNREACHABLE,
    PeerError: Exit.UNREACHABLE,
    IntegrityError: Exit.INTEGRITY,
    LocalError: Exit.LOCAL,
}
OF_THE_AGENT: Mapping[type[WorldError], Exit] = {PeerError: Exit.INTEGRITY}
"""Who asks an agent tells one that does not run from a portal that does not keep to the contract."""
_MASKING = "CF-19"
"""By code, so that a command that masks nothing need not load the engine."""


def exit_code(error: WorldError, differing: Mapping[type[WorldError], Exit] | None = None) -> Exit:
    """The exit code for an error; `differing` holds the families that a program tells by another one."""
    other = Exit.INCOMPLETE if error.code.startswith(_MASKING) else Exit.DEFECT
    table = {**_EXITS, **(differing or {})}
    return next((code for kind, code in table.items() if isinstance(error, kind)), other)
