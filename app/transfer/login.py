"""Who signs in to an SFTP server, and the key that it must show."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class SftpLogin:
    """Who signs in.

    Attributes:
        password: of a temporary account; empty with a key.
        key_file: private key in any form that OpenSSH writes; None with a password.
        key_passphrase: of the key file.
    """

    user: str
    password: str = ""
    key_file: Path | None = None
    key_passphrase: str = ""

    def __repr__(self) -> str:
        """Without secrets."""
        return "SftpLogin(…)"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server's public key."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """``SHA256:…``, as OpenSSH shows it and people compare it."""
        return f"SHA256:{b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip('=')}"

    @property
    def line(self) -> str:
        """``ssh-ed25519 AAAA…``; `parse` reads it back."""
        return f"{self.kind} {b64encode(self.blob).decode()}"

    @classmethod
    def parse(cls, line: str) -> HostKey:
        """From an OpenSSH public key line: ``ssh-ed25519 AAAA… comment``.

        Raises:
            InputError: it is none (CF-1134).
        """
        words = line.split()
        try:
            kind, text = words[:2]
            blob = b64decode(text, validate=True)
        except ValueError as error:
            raise _no_host_key() from error
        length = int.from_bytes(blob[:4], "big")
        if blob[4 : 4 + length] != kind.encode():
            raise _no_host_key()
        return cls(kind=kind, blob=blob)


def _no_host_key() -> InputError:
    return InputError(
        "The server's host key cannot be read",
        happened="It is not of the form: ssh-ed25519 AAAA…",
        todo="Copy the whole public key line of the server.",
        code="CF-1134",
    )
