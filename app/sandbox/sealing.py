"""Values that a rule wants shown again (PIN, SFTP password), encrypted at rest with the portal's own key."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.errors import LocalError

_NONCE = 12
_KEY = 32


class Seal:
    """AES-256-GCM with a random nonce; `purpose` binds a value to what it is for."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, plain: bytes, *, purpose: str) -> bytes:
        """Encrypt a value for this purpose."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """The value back.

        Raises:
            LocalError: the key is not the one that closed it, or the value was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag as error:
            raise LocalError(
                "A stored secret cannot be opened",
                happened="keys/portal.key is not the key that this data folder was made with.",
                todo="Put the data folder's own key file back.",
                code="CF-1806",
            ) from error


def open_seal(key_file: Path) -> Seal:
    """The seal of this data folder; its key is made on the first start (0600)."""
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = key_file.read_bytes()
        if len(key) != _KEY:
            raise LocalError(
                "The portal's key file is damaged",
                happened=f"keys/{key_file.name} has {len(key)} bytes instead of {_KEY}.",
                todo="Put the data folder's own key file back.",
                code="CF-1806",
            ) from None
        return Seal(key)
    key = AESGCM.generate_key(bit_length=_KEY * 8)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key)
    return Seal(key)
