"""Exit codes of ``caseferry-agent``; documented in ``docs/agent.md``."""

from __future__ import annotations

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
    """Exit codes."""

    OK = 0
    DEFECT = 1
    INPUT = 2
    REFUSED = 3
    CREDENTIALS = 4
    TRUST = 5
    UNREACHABLE = 6
    PEER = 7
    LOCAL = 8
    WARNINGS = 9
    INTERRUPTED = 130


_CODES: tuple[tuple[type[WorldError], Exit], ...] = (
    (InputError, Exit.INPUT),
    (RefusedError, Exit.REFUSED),
    (CredentialsError, Exit.CREDENTIALS),
    (TrustError, Exit.TRUST),
    (UnreachableError, Exit.UNREACHABLE),
    (PeerError, Exit.PEER),
    (IntegrityError, Exit.PEER),
    (LocalError, Exit.LOCAL),
)


def exit_code(error: WorldError) -> Exit:
    """The exit code of an error's family."""
    return next((code for family, code in _CODES if isinstance(error, family)), Exit.DEFECT)
