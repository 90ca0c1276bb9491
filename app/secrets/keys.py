"""Where the key of a vault is kept: the system's key store, systemd, DPAPI, or a file for its owner."""

from __future__ import annotations

import base64
import binascii
import os
import sys
from pathlib import Path
from typing import Protocol

from app.domain.errors import CredentialsError
from app.secrets import dpapi
from app.secrets.private_files import read_private, replace_file

SYSTEMD_CREDENTIAL = "caseferry-vault-key"
_SERVICE = "Caseferry"
_KEY_BYTES = 32


class KeyStoreUnusable(Exception):
    """The system's key store cannot be used here; the text says why, for people."""


class KeyStore(Protocol):
    """The operating system's key store: Credential Manager, Keychain, Secret Service."""

    def load(self, name: str) -> bytes | None:
        """The key of this name, or None. Raises KeyStoreUnusable."""

    def save(self, name: str, key: bytes) -> None:
        """Keep a key so that `load` finds it. Raises KeyStoreUnusable."""


class SystemKeyStore:
    """`KeyStore` through the ``keyring`` library."""

    def load(self, name: str) -> bytes | None:
        """The key of this name, or None when the store has none."""
        import keyring.errors

        try:
            text = keyring.get_password(_SERVICE, name)
        except keyring.errors.NoKeyringError as error:
            raise KeyStoreUnusable("this session has no key store") from error
        except keyring.errors.KeyringError as error:
            raise KeyStoreUnusable(f"the key store refused ({type(error).__name__})") from error
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise KeyStoreUnusable("the key store's entry is not one of ours") from error

    def save(self, name: str, key: bytes) -> None:
        """Keep the key and read it back: some stores take everything and keep nothing."""
        import keyring.errors

        try:
            keyring.set_password(_SERVICE, name, base64.b64encode(key).decode("ascii"))
        except keyring.errors.NoKeyringError as error:
            raise KeyStoreUnusable("this session has no key store") from error
        except keyring.errors.KeyringError as error:
            raise KeyStoreUnusable(f"the key store refused ({type(error).__name__})") from error
        if self.load(name) != key:
            raise KeyStoreUnusable("the key store did not keep the key")


def key_of_systemd() -> bytes | None:
    """The key that systemd hands to the service (``LoadCredential=caseferry-vault-key``), or None.

    Raises:
        CredentialsError: it has not exactly 32 bytes.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    path = Path(folder) / SYSTEMD_CREDENTIAL
    if not path.is_file():
        return None
    return _checked(path.read_bytes(), path)


def key_in_file(path: Path) -> bytes | None:
    """The key in a key file; on Windows it is sealed by DPAPI. None when there is no file.

    Raises:
        CredentialsError: the file can be read by others, or holds no key.
    """
    content = read_private(path)
    if content is None:
        return None
    return _checked(dpapi.unprotect(content) if sys.platform == "win32" else content, path)


def keep_key_in_file(path: Path, key: bytes) -> None:
    """Write a key file for its owner only."""
    replace_file(path, dpapi.protect(key) if sys.platform == "win32" else key)


def _checked(key: bytes, path: Path) -> bytes:
    if len(key) != _KEY_BYTES:
        raise CredentialsError(
            "The vault key is not usable",
            happened=f"{path.name} does not hold {_KEY_BYTES} bytes.",
            todo="Put the right key back, or remove vault and key and sign in again.",
            code="CF-1370",
        )
    return key
