"""Where secrets are kept: an encrypted vault whose key the operating system guards.

It must not know what the secrets are for. No secret is ever logged, shown or put into an error's text.
"""

from app.secrets.keys import KeyStore, KeyStoreUnusable
from app.secrets.locking import FileLock
from app.secrets.opening import open_agent_vault, open_user_vault
from app.secrets.private_files import read_private, replace_file
from app.secrets.store import SecretStore
from app.secrets.vault import FileVault

__all__ = [
    "FileLock",
    "FileVault",
    "KeyStore",
    "KeyStoreUnusable",
    "SecretStore",
    "open_agent_vault",
    "open_user_vault",
    "read_private",
    "replace_file",
]
