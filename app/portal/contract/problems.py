"""Errors on the wire: RFC 9457 problem details (``application/problem+json``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ProblemCode(StrEnum):
    """Stable codes of the contract. A client may meet one it does not know and then goes by the status."""

    BAD_REQUEST = "bad-request"
    NOT_SIGNED_IN = "not-signed-in"
    WRONG_CREDENTIALS = "wrong-credentials"
    WRONG_SCOPE = "wrong-scope"
    ACCESS_LEVEL = "access-level"
    NOT_FOUND = "not-found"
    CASE_CLOSED = "case-closed"
    NOT_ACKNOWLEDGED = "not-acknowledged"
    KEY_REUSED = "idempotency-key-reused"
    CHANGED = "changed-meanwhile"
    UPLOAD_OFFSET = "upload-offset"
    UPLOAD_GONE = "upload-gone"
    UPLOAD_LOCKED = "upload-locked"
    UPLOAD_TOO_LARGE = "upload-too-large"
    CHECKSUM = "checksum-mismatch"
    DIGEST_DIFFERS = "digest-differs"
    STORAGE_FULL = "storage-full"
    NO_SFTP = "no-sftp"
    TOO_MANY = "too-many-requests"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457, with the members this contract adds.

    Attributes:
        status: the HTTP status, repeated.
        code: a `ProblemCode`, or a newer one.
        title: one line for people.
        detail: what happened and what to do, for people; no personal value.
        rule: the number of the rule that refused, such as ``R-FILE-1``; empty when none did.
        reference: id in the server's log; set for ``internal`` only.
        fields: field name to what is wrong with it, for ``bad-request``.
    """

    status: int
    code: str
    title: str
    type: str = "about:blank"
    detail: str = ""
    rule: str = ""
    reference: str = ""
    fields: dict[str, str] = field(default_factory=dict)
