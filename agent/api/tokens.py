"""Who may call: tokens kept as digests only, each with a role."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from app.agentlink import Role

_RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: the token's label, for the log, and what it may do.

    Attributes:
        paired: it is a program on another machine; all others call from this machine only.
    """

    label: str
    role: Role
    paired: bool = False

    def may(self, needed: Role) -> bool:
        """Whether this role includes the needed one."""
        return _RANK[self.role] >= _RANK[needed]


class Tokens:
    """The tokens of this run and of this machine. A token itself is handed out once and never kept."""

    def __init__(self) -> None:
        self._digests: list[tuple[bytes, Caller]] = []

    def issue(self, *, label: str, role: Role) -> str:
        """A new random token of 256 bits."""
        token = new_token()
        self._digests.append((digest_of(token), Caller(label=label, role=role)))
        return token

    def caller(self, token: str) -> Caller | None:
        """Whose token this is, or None; the time taken does not depend on how much of it is right."""
        return whose(token, self._digests)


def new_token() -> str:
    """A random token of 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def whose(token: str, known: list[tuple[bytes, Caller]]) -> Caller | None:
    """The caller whose digest fits; all are compared, each in constant time."""
    asked = digest_of(token)
    found: Caller | None = None
    for digest, caller in known:
        if hmac.compare_digest(digest, asked):
            found = caller
    return found
