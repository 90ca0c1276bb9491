"""Creating calls: done once for one ``Idempotency-Key``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Header, Response

from app.decoding import ready
from app.portal.contract import ProblemCode
from app.sandbox.callers import Caller
from app.sandbox.problems import ProblemError
from app.sandbox.site import Site
from app.sandbox.store.times import stamp

KEY_HEADER = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client, random; the same key never does the same thing twice.",
    ),
]
_NONCE = b"\0" * 12


@dataclass(frozen=True, slots=True)
class Created:
    """What a creating call made: its status, the contract's value and further headers."""

    value: object
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kept:
    body: bytes
    headers: dict[str, str]


def create_once(
    site: Site,
    caller: Caller,
    *,
    key: str | None,
    call: tuple[str, object],
    effect: Callable[[Connection], Created],
) -> Response:
    """Run a creating call in one transaction; a repeated one gets the first one's answer and does nothing.

    Refusals are not kept: the call can be repeated with the same key when the reason is gone. The answer is
    sealed with the key itself, so the store alone does not give away a secret that was shown once.

    Args:
        site: the portal.
        caller: keys of different callers never meet.
        key: the ``Idempotency-Key``; None runs the call plainly.
        call: address and body, which must be the same when the key is.
        effect: does it, on the connection of the transaction.

    Raises:
        ProblemError: 422 ``idempotency-key-reused``.
    """
    with site.database.transaction() as connection:
        if key is None:
            return _response(effect(connection))
        return _once(connection, site, caller, key=key, call=call, effect=effect)


def _once(
    connection: Connection,
    site: Site,
    caller: Caller,
    *,
    key: str,
    call: tuple[str, object],
    effect: Callable[[Connection], Created],
) -> Response:
    now = site.clock()
    connection.execute("DELETE FROM idempotency WHERE at < ?", (stamp(now - site.lifetimes.idempotency),))
    digest = hashlib.sha256(key.encode()).hexdigest()
    fingerprint = hashlib.sha256(msgspec.json.encode(call)).hexdigest()
    cipher = AESGCM(hashlib.sha256(f"{caller.id}\n{key}".encode()).digest())
    row = connection.execute(
        "SELECT fingerprint, status, answer FROM idempotency WHERE caller = ? AND key_sha256 = ?",
        (caller.id, digest),
    ).fetchone()
    if row is None:
        made = effect(connection)
        kept = _Kept(body=msgspec.json.encode(made.value), headers=made.headers)
        # One key seals one answer, so a fixed nonce is never used twice with it.
        sealed = cipher.encrypt(_NONCE, msgspec.msgpack.encode(kept), None)
        connection.execute(
            "INSERT INTO idempotency (caller, key_sha256, fingerprint, status, answer, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (caller.id, digest, fingerprint, made.status, sealed, stamp(now)),
        )
        return _response(made)
    if row["fingerprint"] != fingerprint:
        raise ProblemError(
            422,
            ProblemCode.KEY_REUSED,
            "This key was used for another call",
            "The Idempotency-Key came with other content before. Use a new key for a new call.",
        )
    first = msgspec.msgpack.decode(cipher.decrypt(_NONCE, row["answer"], None), type=ready(_Kept))
    return _json(first.body, int(row["status"]), {**first.headers, "Idempotency-Replayed": "true"})


def _response(made: Created) -> Response:
    return _json(msgspec.json.encode(made.value), made.status, made.headers)


def _json(body: bytes, status: int, headers: dict[str, str]) -> Response:
    return Response(
        body,
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **headers},
    )
