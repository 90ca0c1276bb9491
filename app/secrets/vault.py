"""An encrypted file of secrets (AES-256-GCM)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.errors import IntegrityError, LocalError
from app.secrets.locking import FileLock
from app.secrets.private_files import read_private, replace_file

KEY_BYTES = 32
_MAGIC = b"caseferry vault 1\n"
_NONCE_BYTES = 12


class FileVault:
    """A `SecretStore` in one file, written whole under a fresh nonce, for its owner only (0600).

    Any change from outside, and any other key, is detected. Several processes may use the same file.

    Attributes:
        key_note: for people: where the key of this vault is kept, and why there; empty when nobody said.
    """

    def __init__(self, path: Path, key: bytes, *, key_note: str = "") -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a vault key has {KEY_BYTES} bytes")
        self._path = path
        self._cipher = AESGCM(key)
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))
        self.key_note = key_note

    def __repr__(self) -> str:
        return f"FileVault({self._path.name})"

    def get(self, name: str) -> bytes | None:
        """The secret, or None.

        Raises:
            IntegrityError: the file was changed from outside, or belongs to another key.
            LocalError: it cannot be read.
        """
        return self._read().get(name)

    def put(self, name: str, value: bytes) -> None:
        """Keep a secret; durable when this returns. Raises as `get`, and LocalError when the disk refuses."""
        with self.exclusive():
            self._write({**self._read(), name: value})

    def delete(self, name: str) -> None:
        """Forget a secret. Raises as `put`."""
        with self.exclusive():
            kept = self._read()
            if kept.pop(name, None) is not None:
                self._write(kept)

    def takes_over(self, other: FileVault) -> None:
        """Seal what the same file holds under another key with this one's; nothing, when it is so already.

        Raises:
            IntegrityError: neither of the two opens it.
        """
        with self.exclusive():
            try:
                self._read()
            except IntegrityError:
                self._write(other._read())

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other threads and processes from changing the vault during the block."""
        with ExitStack() as holding:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                holding.enter_context(self._lock.held())
            except OSError as error:
                raise LocalError(
                    "The vault cannot be locked",
                    happened=f"{self._path.name}.lock: {error.strerror or type(error).__name__}.",
                    todo="Check the rights of the data folder.",
                    code="CF-1872",
                ) from error
            yield

    def _read(self) -> dict[str, bytes]:
        sealed = read_private(self._path)
        if sealed is None:
            return {}
        head, nonce, body = _split(sealed)
        try:
            plain = self._cipher.decrypt(nonce, body, head)
            return msgspec.msgpack.decode(plain, type=dict[str, bytes])
        except (InvalidTag, ValueError) as error:
            raise IntegrityError(
                "The vault does not open",
                happened=f"{self._path.name} was changed from outside, or belongs to another key.",
                todo="Put the file aside and sign in again; secrets that were in it must be renewed.",
                code="CF-1770",
            ) from error

    def _write(self, secrets_by_name: dict[str, bytes]) -> None:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, msgspec.msgpack.encode(secrets_by_name), _MAGIC)
        replace_file(self._path, _MAGIC + nonce + sealed)


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, nonce and body; a head that is not ours fails with the tag, for it is authenticated."""
    start = len(_MAGIC)
    nonce = sealed[start : start + _NONCE_BYTES].ljust(_NONCE_BYTES, b"\0")
    return sealed[:start], nonce, sealed[start + _NONCE_BYTES :]
