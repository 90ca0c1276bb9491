"""Where secrets are kept: an encrypted vault whose key the operating system guards.

It must not know what the secrets are for. No secret is ever logged, shown or put into an error's text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.later import loaded_later
from app.secrets.locking import FileLock
from app.secrets.private_files import read_private, refuse_open, replace_file
from app.secrets.store import SecretStore

if TYPE_CHECKING:
    from app.secrets.keys import KeyStore, KeyStoreUnusable
    from app.secrets.opening import look_into_agent_vault, open_agent_vault, open_user_vault
    from app.secrets.vault import FileVault

__all__ = [
    "FileLock",
    "FileVault",
    "KeyStore",
    "KeyStoreUnusable",
    "SecretStore",
    "look_into_agent_vault",
    "open_agent_vault",
    "open_user_vault",
    "read_private",
    "refuse_open",
    "replace_file",
]

_LATER = {
    "KeyStore": "keys",
    "KeyStoreUnusable": "keys",
    "look_into_agent_vault": "opening",
    "open_agent_vault": "opening",
    "open_user_vault": "opening",
    "FileVault": "vault",
}

# Ciphers take long to load, and much memory: only who opens a vault waits for them.
__getattr__ = loaded_later(__name__, _LATER)
