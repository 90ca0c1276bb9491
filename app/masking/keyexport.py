"""Keys on their way to the next server: a small file, sealed under a passphrase (scrypt and AES-256-GCM)."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.domain.errors import CredentialsError, InputError
from app.masking.keys import MOST_KEYS, KeyRing, PseudonymKey

FORMAT = "caseferry-keys-1"
LEAST_PASSPHRASE = 12
"""Characters of a passphrase."""

_KEY_BYTES = 32
_LARGEST = 64 * 1024
_MOST_MEMORY = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of the passphrase costs: scrypt's numbers; 128 * n * r bytes of memory."""

    n: int = 2**16
    r: int = 8
    p: int = 1

    def __post_init__(self) -> None:
        power = self.n >= 2**14 and not self.n & (self.n - 1)
        if (
            not power
            or not 1 <= self.r <= 32
            or not 1 <= self.p <= 16
            or 128 * self.n * self.r > _MOST_MEMORY
        ):
            raise ValueError("scrypt's numbers are out of range")


def export_keys(ring: KeyRing, passphrase: str, *, cost: Cost | None = None) -> bytes:
    """The file for the next server; without the passphrase it tells the current key's id and no more.

    Raises:
        InputError: the passphrase is too short (``CF-1931``).
    """
    if len(passphrase.strip()) < LEAST_PASSPHRASE:
        raise InputError(
            "The passphrase is too short",
            happened=f"It has fewer than {LEAST_PASSPHRASE} characters; nothing was written.",
            todo="Use several words that nobody can guess.",
            code="CF-1931",
        )
    cost = cost if cost is not None else Cost()
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    head = {
        "format": FORMAT,
        "key_id": ring.current.id,
        "n": cost.n,
        "r": cost.r,
        "p": cost.p,
        "salt": _text(salt),
        "nonce": _text(nonce),
    }
    content = b"".join(key.secret for key in ring.keys)
    sealed = AESGCM(_derived(passphrase, salt, cost)).encrypt(nonce, content, _bound(head))
    return (json.dumps({**head, "sealed": _text(sealed)}, indent=1) + "\n").encode("ascii")


def import_keys(data: bytes, passphrase: str) -> KeyRing:
    """The keys of an exported file.

    Raises:
        InputError: it is no such file (``CF-1932``).
        CredentialsError: another passphrase sealed it, or it was changed (``CF-1933``).
    """
    head, sealed, cost = _parsed(data)
    try:
        content = AESGCM(_derived(passphrase, _bytes(head["salt"]), cost)).decrypt(
            _bytes(head["nonce"]), sealed, _bound(head)
        )
    except InvalidTag as fault:
        raise CredentialsError(
            "The keys cannot be opened",
            happened="The passphrase is another one, or the file was changed on its way.",
            todo="Type the passphrase again, or export the keys again at the first server.",
            code="CF-1933",
        ) from fault
    if not content or len(content) % _KEY_BYTES or len(content) > MOST_KEYS * _KEY_BYTES:
        raise _no_export("its content has another size")
    keys = [PseudonymKey(content[at : at + _KEY_BYTES]) for at in range(0, len(content), _KEY_BYTES)]
    if keys[0].id != head["key_id"]:
        raise _no_export("its key has another id")
    return KeyRing(keys[0], tuple(keys[1:]))


def _parsed(data: bytes) -> tuple[dict[str, Any], bytes, Cost]:
    if len(data) > _LARGEST:
        raise _no_export("it is too large")
    try:
        read = json.loads(data)
        if not isinstance(read, dict) or read.get("format") != FORMAT:
            raise _no_export(f"it does not say {FORMAT}")
        sealed = _bytes(read.pop("sealed"))
        salt, nonce = _bytes(read["salt"]), _bytes(read["nonce"])
        numbers = [read["n"], read["r"], read["p"]]
        if len(salt) != 16 or len(nonce) != 12 or any(type(number) is not int for number in numbers):
            raise _no_export("a field has another size")
        return read, sealed, Cost(*numbers)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as fault:
        raise _no_export("a field is missing or not right") from fault


def _derived(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    scrypt = Scrypt(salt=salt, length=_KEY_BYTES, n=cost.n, r=cost.r, p=cost.p)
    return scrypt.derive(passphrase.strip().encode("utf-8", "surrogatepass"))


def _bound(head: dict[str, Any]) -> bytes:
    """Every field that is readable is bound to what is sealed."""
    return json.dumps(head, sort_keys=True).encode("ascii")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _no_export(why: str) -> InputError:
    return InputError(
        "This is not a file of exported keys",
        happened=f"The file is not what caseferry keys export writes: {why}.",
        todo="Give the file that was written by caseferry keys export.",
        code="CF-1932",
    )
