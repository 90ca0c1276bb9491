"""Whether a log request is the portal's own: the signature over its document (R-LOG-1)."""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.decoding import ready
from app.domain.errors import InputError, TrustError
from app.portal.contract.logs import SIGNED_AS, LogRequest, SignedLogRequest

_KEY_BYTES = 32


def read_request_key(text: str) -> bytes:
    """The key that a portal signs log requests with, as ``/capabilities`` tells it.

    Raises:
        InputError: the text is none (CF-1185).
    """
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise InputError(
            "This is no key of a portal",
            happened="The key for log requests is not base64 of 32 bytes.",
            todo="Copy it from the portal's owner again.",
            code="CF-1185",
        )
    return raw


def request_key_fingerprint(key: bytes) -> str:
    """The key for people to compare, in groups of four."""
    digest = hashlib.sha256(key).hexdigest()[:40]
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def signed_request(signed: SignedLogRequest, key: bytes) -> LogRequest:
    """The request, if the holder of the portal's key has signed this very document.

    Args:
        signed: as it came.
        key: the public key that was agreed to, 32 bytes.

    Raises:
        TrustError: it is not signed with this key, or holds no request (CF-1476).
    """
    try:
        signature = base64.b64decode(signed.signature, validate=True)
        document = signed.document.encode("utf-8")
        Ed25519PublicKey.from_public_bytes(key).verify(signature, SIGNED_AS + document)
        request = msgspec.json.decode(document, type=ready(LogRequest))
    except (InvalidSignature, ValueError) as error:
        raise _not_signed() from error
    times = (request.first, request.last, request.asked, request.expires)
    if request.id != signed.id or any(at.tzinfo is None for at in times):
        raise _not_signed()
    return request


def _not_signed() -> TrustError:
    return TrustError(
        "A log request is not the portal's",
        happened="Its signature is not that of the portal's key that was agreed to.",
        todo="Nothing was sent. Ask support whether the key was changed, and agree to the new one then.",
        code="CF-1476",
    )
