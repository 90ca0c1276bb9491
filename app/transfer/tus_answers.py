"""What a tus server announces and answers, read; and what is an error of which family."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.decoding import ready
from app.domain.errors import InputError, PeerError, WorldError
from app.transfer import failures
from app.transfer.crc import crc32
from app.transfer.parts import Part
from app.transfer.retry import parse_retry_after
from app.transfer.wire import Answer

VERSION = "1.0.0"
_PROOFS = ("sha256", "sha1")
_QUICK = ("crc32", *_PROOFS)


@dataclass(frozen=True, slots=True)
class Announced:
    """What OPTIONS announces.

    Attributes:
        checksum: by which the server compares every request; empty: by none.
        concatenation: a file may be made of several uploads that went side by side.
        creation_with_upload: a creation may carry the first bytes.
        termination: DELETE removes an upload.
        max_size: bytes of the largest upload; None when not said.
    """

    checksum: str = ""
    concatenation: bool = False
    creation_with_upload: bool = False
    termination: bool = False
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an upload stands, as HEAD says.

    Attributes:
        offset: bytes from its start that the server has; None for a joined upload that is not ready.
        length: of the whole upload; None while it is deferred, or when the server does not say it.
        deferred: the server waits to be told the length.
    """

    offset: int | None
    length: int | None
    deferred: bool = False


class _Problem(msgspec.Struct):
    """RFC 9457, as far as it is shown."""

    title: str = ""
    detail: str = ""
    rule: str = ""


def read_announced(answer: Answer, *, peer: str, whole_is_proven: bool) -> Announced:
    """The answer to OPTIONS.

    Args:
        answer: to OPTIONS.
        peer: ``host:port``.
        whole_is_proven: whether the server's SHA-256 of the whole file follows. Then *crc32* is taken before
            *sha256* and *sha1*: what arrives damaged is to be found early, at little cost for both sides.

    Raises:
        PeerError: another version of tus (CF-1614), or a size that is no number (CF-1630).
    """
    versions = [version.strip() for version in answer.headers.get("tus-version", "").split(",")]
    if VERSION not in versions and answer.headers.get("tus-resumable") != VERSION:
        raise PeerError(
            "The server does not speak tus 1.0",
            happened=f"{peer} announces no version 1.0.0.",
            todo="Check the upload address.",
            code="CF-1614",
        )
    extensions = {name.strip() for name in answer.headers.get("tus-extension", "").split(",")}
    offered = {name.strip() for name in answer.headers.get("tus-checksum-algorithm", "").split(",")}
    wanted = _QUICK if whole_is_proven else _PROOFS
    usable = [name for name in wanted if name in offered] if "checksum" in extensions else []
    largest = number_in(answer, "tus-max-size", peer=peer) if answer.headers.get("tus-max-size") else 0
    return Announced(
        checksum=usable[0] if usable else "",
        concatenation="concatenation" in extensions,
        creation_with_upload="creation-with-upload" in extensions,
        termination="termination" in extensions,
        max_size=largest or None,
    )


def read_stand(answer: Answer, *, peer: str) -> Stand:
    """The answer to HEAD.

    Raises:
        PeerError: a number is none, or there is no offset (CF-1630).
    """
    headers = answer.headers
    length = number_in(answer, "upload-length", peer=peer) if "upload-length" in headers else None
    joined = headers.get("upload-concat", "").startswith("final") and "upload-offset" not in headers
    offset = None if joined else number_in(answer, "upload-offset", peer=peer)
    return Stand(offset=offset, length=length, deferred=headers.get("upload-defer-length") == "1")


def number_in(answer: Answer, name: str, *, peer: str) -> int:
    """The number of a header.

    Raises:
        PeerError: there is none (CF-1630).
    """
    text = answer.headers.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise failures.garbage(peer, f"no number in {name}")
    return int(text)


def refusing_rule(answer: Answer) -> str:
    """The rule that the server names for its refusal; empty when it names none."""
    return _problem(answer).rule


def error_of(answer: Answer, *, peer: str, of_upload: bool, now: datetime) -> WorldError:
    """What an answer that was not hoped for means.

    Args:
        answer: with a status that the protocol does not foresee at this place.
        peer: ``host:port``.
        of_upload: whether it came from an upload's address, so that 404 means that the upload is gone.
        now: what this machine's clock says, with its zone: a ``Retry-After`` may be a date.
    """
    status = answer.status
    later = parse_retry_after(answer.headers.get("retry-after"), now=now)
    if status == 423:
        return failures.locked(peer, retry_after=later)
    if status == 507:
        return failures.storage_full(peer, retry_after=later)
    if status in (408, 425, 429, 503) or (status == 413 and later is not None):
        return failures.busy(peer, status=status, retry_after=later)
    if status >= 500:
        return failures.server_failed(peer, status=status, retry_after=later)
    if status == 413:
        return failures.too_large(peer)
    if status in (404, 410):
        if of_upload:
            return failures.gone(peer)
        return failures.garbage(peer, f"no tus server at this address (status {status})")
    if 400 <= status < 500:
        problem = _problem(answer)
        return failures.refused(
            peer, status=status, detail=problem.detail or problem.title, rule=problem.rule
        )
    return failures.garbage(peer, f"status {status} where tus has none")


def checksum_header(algorithm: str, data: memoryview, *, known: Part | None = None) -> str:
    """``Upload-Checksum`` of these bytes; `known` is the part that they are, with what is known of it."""
    if algorithm == "sha256" and known is not None and known.sha256:
        digest = bytes.fromhex(known.sha256)
    elif algorithm == "crc32":
        ready = None if known is None else known.crc32
        digest = (crc32(data) if ready is None else ready).to_bytes(4, "big")
    else:
        digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return f"{algorithm} {b64encode(digest).decode()}"


def encode_metadata(pairs: Mapping[str, str]) -> str:
    """``Upload-Metadata``: keys with their base64 values; empty values are left out.

    Raises:
        InputError: a key is empty, not ASCII, or has a space or comma (CF-1133).
    """
    for key in pairs:
        if not key or not key.isascii() or not key.isprintable() or " " in key or "," in key:
            raise InputError(
                "The upload's metadata cannot be written",
                happened="A key is empty, not ASCII, or has a space or comma.",
                todo="Use plain keys such as filename.",
                code="CF-1133",
            )
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items() if value)


def _problem(answer: Answer) -> _Problem:
    """What the server says about a refusal, when it says it in the standard form."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return _Problem()
    try:
        return msgspec.json.decode(answer.body, type=ready(_Problem))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Problem()
