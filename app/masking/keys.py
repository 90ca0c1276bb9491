"""The pseudonym keys of a customer and the small file they may lie in."""

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
from typing import BinaryIO

from app.domain.errors import InputError, LocalError
from app.secrets import refuse_open, replace_file

_MARK = "caseferry-pseudonym-key-1"
_BYTES = 32
_LARGEST = 64 * 1024
MOST_KEYS = 100
"""Keys of one ring."""


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


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that masks now, and those that masked before and still open the lens.

    Attributes:
        older: newest first.
    """

    current: PseudonymKey
    older: tuple[PseudonymKey, ...] = ()

    @property
    def keys(self) -> tuple[PseudonymKey, ...]:
        """All of them, the current one first."""
        return (self.current, *self.older)

    def rotated(self, key: PseudonymKey) -> KeyRing:
        """With another key as the current one; the one until now is kept among the older.

        Raises:
            InputError: there are too many older keys (``CF-1930``).
        """
        return KeyRing(key).joined(self)

    def joined(self, other: KeyRing) -> KeyRing:
        """With the keys of another ring among the older ones.

        Raises:
            InputError: as `rotated`.
        """
        keys = tuple(dict.fromkeys((*self.keys, *other.keys)))
        if len(keys) > MOST_KEYS:
            raise InputError(
                "There are too many older keys",
                happened=f"A ring holds at most {MOST_KEYS} keys; nothing was changed.",
                todo="Export the ring to keep it, and go on with a new key in a new place.",
                code="CF-1930",
            )
        return KeyRing(keys[0], keys[1:])


def read_key_file(path: Path) -> PseudonymKey:
    """The current key of a key file.

    Raises:
        InputError, LocalError: as `read_key_ring`.
    """
    return read_key_ring(path).current


def read_key_ring(path: Path) -> KeyRing:
    """Read a file that `write_key_file` or `write_key_ring` wrote: the current key first, then older ones.

    Raises:
        CredentialsError: others may read it, too (``CF-1371``).
        InputError: the file is not a key file (``CF-1111``).
        LocalError: it cannot be read (``CF-1811``).
    """
    try:
        with path.open("rb") as file:
            return _ring_of(file, path=path)
    except OSError as fault:
        raise LocalError(
            "The key file cannot be read",
            happened=f"{path.name}: {fault.strerror or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1811",
        ) from fault


def _ring_of(file: BinaryIO, *, path: Path) -> KeyRing:
    text = file.read(_LARGEST + 1)
    lines = text.strip().splitlines() or [b""]
    keys = [_key_of(line.strip(), path=path, number=number) for number, line in enumerate(lines, start=1)]
    if len(keys) > MOST_KEYS or len(text) > _LARGEST:
        raise _no_key_file(path, MOST_KEYS + 1)
    refuse_open(file, name=path.name)
    return KeyRing(keys[0], tuple(keys[1:]))


def _key_of(line: bytes, *, path: Path, number: int) -> PseudonymKey:
    mark, _, encoded = line.partition(b" ")
    secret = b""
    if mark == _MARK.encode("ascii"):
        with contextlib.suppress(binascii.Error):
            secret = base64.b64decode(encoded, validate=True)
    if len(secret) != _BYTES:
        raise _no_key_file(path, number)
    return PseudonymKey(secret)


def _no_key_file(path: Path, line: int) -> InputError:
    return InputError(
        "This is not a key file",
        happened=f"{path.name}, line {line}: expected “{_MARK}” and a key of {_BYTES} bytes in base64.",
        todo="Use a file that Caseferry wrote, or leave the option away to have a new key made.",
        code="CF-1111",
    )


def write_key_ring(path: Path, ring: KeyRing) -> None:
    """Put the ring in place of the file (0600), whole or not at all.

    Raises:
        LocalError: it cannot be written.
    """
    replace_file(path, b"".join(_line(key) for key in ring.keys))


def _line(key: PseudonymKey) -> bytes:
    return f"{_MARK} {base64.b64encode(key.secret).decode('ascii')}\n".encode("ascii")


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
            file.write(_line(key))
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
