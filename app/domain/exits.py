"""With which code a program ends for an error of the world. Pure."""

from __future__ import annotations

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

DEFECT = 1
LEFT_OUT = 9

_EXITS: tuple[tuple[type[WorldError], int], ...] = (
    (InputError, 2),
    (RefusedError, 3),
    (CredentialsError, 4),
    (TrustError, 5),
    (UnreachableError, 6),
    (PeerError, 6),
    (IntegrityError, 7),
    (LocalError, 8),
)
_MASKING = "CF-19"
"""By code, so that a command that masks nothing need not load the engine."""


def exit_code(error: WorldError) -> int:
    """The exit code for an error; ``docs/commands.md`` lists them."""
    other = LEFT_OUT if error.code.startswith(_MASKING) else DEFECT
    return next((code for kind, code in _EXITS if isinstance(error, kind)), other)
