"""What logs told by their keys, sealed: it is in clear text, and has to outlive a restart of the agent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from app.masking import KeyRing, Kind, MaskingError, PseudonymKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Values = Sequence[tuple[Kind, bytes]]
_SALT, _KEY_ID, _NONCE = 16, 10, 12
_DECODER = msgspec.msgpack.Decoder(list[tuple[Kind, bytes]])


class LearnedSeal:
    """Seals values (AES-256-GCM) under a key that is derived from that of the pseudonyms."""

    def __init__(self, ring: KeyRing) -> None:
        """Seal with the current key; open with the older ones, too."""
        self._ring = ring

    def seal(self, values: Values, *, of: int) -> bytes:
        """Seal what is kept under the number `of`."""
        key = self._ring.current
        salt, nonce, name = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE), key.id.encode("ascii")
        sealed = _cipher(key, salt).encrypt(nonce, msgspec.msgpack.encode(values), _bound(name, of))
        return name + salt + nonce + sealed

    def open(self, sealed: bytes, *, of: int) -> Values:
        """What was sealed for this number.

        Raises:
            MaskingError: it was changed, is another number's, or its key is not here (CF-1915).
        """
        from cryptography.exceptions import InvalidTag  # the ciphers cost memory at rest

        name = sealed[:_KEY_ID]
        salt, nonce = sealed[_KEY_ID : _KEY_ID + _SALT], sealed[_KEY_ID + _SALT : _KEY_ID + _SALT + _NONCE]
        key = next((one for one in self._ring.keys if one.id.encode("ascii") == name), None)
        if key is None or len(nonce) != _NONCE:
            raise _cannot_be_opened()
        try:
            content = _cipher(key, salt).decrypt(nonce, sealed[_KEY_ID + _SALT + _NONCE :], _bound(name, of))
            return _DECODER.decode(content)
        except (InvalidTag, msgspec.MsgspecError) as fault:
            raise _cannot_be_opened() from fault


def _bound(name: bytes, of: int) -> bytes:
    return name + of.to_bytes(8, "big")


def _cipher(key: PseudonymKey, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"caseferry/kept/1").derive(key.secret)
    return AESGCM(derived)


def _cannot_be_opened() -> MaskingError:
    return MaskingError(
        "What a log told cannot be opened",
        happened="The values that were found in it are sealed with a key that is not here, or were changed.",
        todo="Give the key ring with the older keys, then try again.",
        code="CF-1915",
    )
