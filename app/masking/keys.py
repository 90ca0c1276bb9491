"""The pseudonym key of a customer and the small file it may lie in."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.errors import InputError, LocalError

_MARK = "caseferry-pseudonym-key-1"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """A secret of 32 bytes. It is never shown; its `id` is.

    Raises:
        ValueError: the secret has another length.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != _BYTES:
            raise ValueError(f"a pseudonym key has {_BYTES} bytes")

    @property
    def id(self) -> str:
        """Names the key without telling anything of it: ``k-`` and eight hex digits."""
        return "k-" + hmac.digest(self.secret, b"caseferry/key-id/1", hashlib.sha256).hex()[:8]


def new_key() -> PseudonymKey:
    """A fresh random key."""
    return PseudonymKey(secrets.token_bytes(_BYTES))


def read_key_file(path: Path) -> PseudonymKey:
    """Read a key that `write_key_file` wrote.

    Raises:
        InputError: the file is not a key file (``CF-1111``).
        LocalError: it cannot be read (``CF-1811``).
    """
    try:
        text = path.read_bytes()
    except OSError as fault:
        raise LocalError(
            "The key file cannot be read",
            happened=f"{path.name}: {fault.strerror or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1811",
        ) from fault
    mark, _, encoded = text.strip().partition(b" ")
    secret = b""
    if mark == _MARK.encode("ascii"):
        with contextlib.suppress(binascii.Error):
            secret = base64.b64decode(encoded, validate=True)
    if len(secret) != _BYTES:
        raise InputError(
            "This is not a key file",
            happened=f"{path.name}, line 1: expected “{_MARK}” and a key of {_BYTES} bytes in base64.",
            todo="Use a file that Caseferry wrote, or leave the option away to have a new key made.",
            code="CF-1111",
        )
    return PseudonymKey(secret)


def write_key_file(path: Path, key: PseudonymKey) -> None:
    """Write `key` to a new file only its owner may read (0600). An existing file is never overwritten.

    Raises:
        LocalError: it exists or cannot be written (``CF-1812``).
    """
    created = False
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        created = True
        with os.fdopen(handle, "wb") as file:
            file.write(f"{_MARK} {base64.b64encode(key.secret).decode('ascii')}\n".encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        if created:
            with contextlib.suppress(OSError):
                path.unlink()
        raise LocalError(
            "The key file cannot be written",
            happened=f"{path.name}: {fault.strerror or type(fault).__name__}.",
            todo="Choose a new file name in a folder you may write to.",
            code="CF-1812",
        ) from fault
