"""The key that log requests are signed with: made once, kept for its owner only."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.errors import LocalError
from app.portal.contract.logs import SIGNED_AS

_BYTES = 32


class RequestKey:
    """An Ed25519 key that signs log requests and nothing else.

    Attributes:
        public: what agents agree to, base64 of 32 bytes.
    """

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(raw)
        self.public = base64.b64encode(self._key.public_key().public_bytes_raw()).decode("ascii")

    def sign(self, document: str) -> str:
        """The signature of a document, base64."""
        return base64.b64encode(self._key.sign(SIGNED_AS + document.encode("utf-8"))).decode("ascii")


def open_request_key(path: Path) -> RequestKey:
    """The key of this data folder; made (0600) on the first start.

    Raises:
        LocalError: the file holds no key (CF-1806).
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raw = path.read_bytes()
        if len(raw) != _BYTES:
            raise LocalError(
                "The portal's key file is damaged",
                happened=f"keys/{path.name} has {len(raw)} bytes instead of {_BYTES}.",
                todo="Put the data folder's own key file back; agents trust exactly that key.",
                code="CF-1806",
            ) from None
        return RequestKey(raw)
    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())
    return RequestKey(raw)
