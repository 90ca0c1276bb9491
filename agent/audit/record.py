"""One record of the audit trail as a line of JSON, chained to the line before it.

``prev`` is the SHA-256 of the whole line before, so that anybody can follow the chain; ``mac`` is an
HMAC-SHA256 of everything in front of it, so that only the holder of the key can write a line.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from app.decoding import ready

FIRST_PREVIOUS = "0" * 64
_MAC_BEFORE = b',"mac":"'
_MAC_AFTER = b'"}\n'
_MAC_SIZE = len(_MAC_BEFORE) + 64 + len(_MAC_AFTER)

Fact = Any
"""What a record tells beside its fixed fields: anything that JSON has."""


class EventKind(StrEnum):
    """What a record tells of.

    Members:
        SENDING: a bundle is about to leave; the record is durable before its first byte.
        OUTDATED: a bundle was sealed when other rules or another key held: withdrawn, or there whole.
        SENT: it arrived and was proven.
        REFUSED: a rule said no; FAILED: anything else that needs a person.
        REQUESTED, ANSWERED: a log request of support, and what became of it.
        TRAIL: something about the trail itself, such as a line that was torn by a power cut.
    """

    CREATED = "created"
    CONFIRMED = "confirmed"
    QUARANTINED = "quarantined"
    SENDING = "sending"
    OUTDATED = "outdated"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    REQUESTED = "requested"
    ANSWERED = "answered"
    CONFIG = "config"
    LIMITS = "limits"
    HELD = "held"
    RELEASED = "released"
    PAIRED = "paired"
    UNPAIRED = "unpaired"
    TRAIL = "trail"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something to record.

    Attributes:
        id: names the event for good: it is recorded once, however often it is told.
        by: who or what caused it, such as ``rule sip-and-urs``; no personal value.
        facts: digests, counts, tokens; no personal value.
    """

    id: str
    kind: EventKind
    by: str
    case: str = ""
    job: str = ""
    rule: str = ""
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A record that was read.

    Attributes:
        seq: 1 for the first of the trail, without gaps.
        at: aware UTC, by this machine's clock.
        prev: SHA-256 of the line before.
        kind: an `EventKind`, or one of a newer agent.
    """

    seq: int
    at: datetime
    id: str
    kind: str
    by: str
    prev: str
    case: str = ""
    job: str = ""
    rule: str = ""
    facts: dict[str, Fact] = field(default_factory=dict)


class NotARecord(ValueError):
    """The line is none of the trail's, or was changed so that it cannot be read."""


def compose(event: AuditEvent, *, seq: int, at: datetime, prev: str, key: bytes) -> bytes:
    """The line of an event, with its end of line."""
    body = msgspec.json.encode(
        {
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "id": event.id,
            "kind": event.kind.value,
            "by": event.by,
            **{name: value for name in ("case", "job", "rule") if (value := getattr(event, name))},
            **({"facts": event.facts} if event.facts else {}),
            "prev": prev,
        }
    )[:-1]
    return body + _MAC_BEFORE + _mac(body, key) + _MAC_AFTER


def read_record(line: bytes) -> AuditRecord:
    """The record in a line that ends with its end of line; nothing is proven.

    Raises:
        NotARecord: it holds none.
    """
    if len(line) <= _MAC_SIZE or not line.endswith(_MAC_AFTER) or line[-_MAC_SIZE:][:8] != _MAC_BEFORE:
        raise NotARecord
    try:
        return msgspec.json.decode(line[:-_MAC_SIZE] + b"}", type=ready(AuditRecord))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotARecord from error


def is_genuine(line: bytes, key: bytes) -> bool:
    """Whether the holder of the key wrote this very line."""
    body, told = line[:-_MAC_SIZE], line[-_MAC_SIZE:]
    return hmac.compare_digest(told, _MAC_BEFORE + _mac(body, key) + _MAC_AFTER)


def digest_of(line: bytes) -> str:
    """What the next line tells as ``prev``."""
    return hashlib.sha256(line).hexdigest()


def head_mac(seq: int, digest: str, key: bytes) -> str:
    """Proves which line is the last one."""
    return _mac(f"head {seq} {digest}".encode(), key).decode("ascii")


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).hexdigest().encode("ascii")
