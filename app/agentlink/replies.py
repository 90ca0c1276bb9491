"""Errors on the agent's wire: from the two families to `ErrorReply` and back."""

from __future__ import annotations

from app.agentlink.contract import ErrorReply
from app.domain.errors import (
    CaseferryError,
    CredentialsError,
    Defect,
    InputError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)

_FAMILIES: dict[str, type[WorldError]] = {
    "CF-11": InputError,
    "CF-12": RefusedError,
    "CF-13": CredentialsError,
    "CF-14": TrustError,
    "CF-15": UnreachableError,
    "CF-16": PeerError,
    "CF-17": IntegrityError,
    "CF-18": LocalError,
}
DEFECT_CODE = "CF-0000"
"""The code of a reply about a defect of the agent: only its reference says more."""


def reply_of(error: WorldError) -> ErrorReply:
    """The reply that carries an error of the world."""
    rule = error.rule if isinstance(error, RefusedError) else ""
    return ErrorReply(
        code=error.code,
        title=error.title,
        happened=error.happened,
        todo=error.todo,
        rule=rule,
        retryable=error.retryable,
    )


def defect_reply(reference: str) -> ErrorReply:
    """The reply about a defect: no detail leaves the agent's log."""
    return ErrorReply(
        code=DEFECT_CODE,
        title="Something went wrong in the agent",
        happened="This is a defect of Caseferry.",
        todo="Tell us the reference; the details are in the agent's log.",
        reference=reference,
    )


def error_of(reply: ErrorReply) -> CaseferryError:
    """The error a reply stands for, in its family; an unknown family is a plain `WorldError`."""
    if reply.reference:
        return Defect(reply.reference)
    family = _FAMILIES.get(reply.code[:5], WorldError)
    if family is RefusedError:
        return RefusedError(
            reply.title, happened=reply.happened, todo=reply.todo, rule=reply.rule, code=reply.code
        )
    error = family(reply.title, happened=reply.happened, todo=reply.todo, code=reply.code)
    error.retryable = reply.retryable
    return error
