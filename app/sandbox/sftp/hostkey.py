"""The ed25519 host key of the SFTP side: made once, kept for its owner only."""

from __future__ import annotations

import os
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.domain.errors import LocalError


def open_host_key(path: Path) -> paramiko.Ed25519Key:
    """The host key of this data folder; made (0600) on the first start.

    Raises:
        LocalError: the file cannot be written, or holds no ed25519 key.
    """
    try:
        if not path.exists():
            _make(path)
        return paramiko.Ed25519Key.from_private_key_file(str(path))
    except (OSError, paramiko.SSHException, ValueError) as error:
        raise LocalError(
            "The SFTP host key cannot be used",
            happened=f"keys/{path.name}: {type(error).__name__}.",
            todo="Put the data folder's own key file back; clients trust exactly that key.",
            code="CF-1830",
        ) from error


def public_line(key: paramiko.Ed25519Key) -> str:
    """The key as OpenSSH writes it: ``ssh-ed25519 AAAA…``."""
    return f"{key.get_name()} {key.get_base64()}"


def _make(path: Path) -> None:
    """Write beside and rename, so that a kill leaves no half key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
