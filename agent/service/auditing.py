"""What the audit trail of a running agent needs: its key, and how transfers were proven."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from agent.audit import KEY_NAME
from app.secrets import SecretStore
from app.transfer import Journal

_KEY_BYTES = 32


def audit_key(vault: SecretStore) -> bytes:
    """The key of the trail's HMACs; made at the first start.

    Raises:
        WorldError: the vault cannot be used.
    """
    with vault.exclusive():
        kept = vault.get(KEY_NAME)
        if kept is None:
            kept = secrets.token_bytes(_KEY_BYTES)
            vault.put(KEY_NAME, kept)
        return kept


def level_of(transfers: Journal) -> Callable[[str], str]:
    """How the transfer of a key was proven, ``A`` to ``D``; empty when it was not."""

    def level(key: str) -> str:
        found = transfers.find(key)
        return "" if found is None or found.level is None else found.level.value

    return level
