"""The headers of tus 1.0.0, read and written (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from app.domain.cases import parse_case_number
from app.domain.errors import InputError
from app.portal.contract import UploadMetadata
from app.sandbox.uploads.names import safe_file_name

VERSION = "1.0.0"
EXTENSIONS = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "checksum",
    "concatenation",
    "termination",
    "expiration",
)
CHECKSUMS = ("sha256", "sha1", "crc32")
OFFSET_TYPE = "application/offset+octet-stream"
LARGEST = 2**63 - 1
"""The largest length a header may name; there is no other limit (R-FILE-2)."""

_NUMBER = re.compile(r"\A[0-9]{1,19}\Z")
_KEY = re.compile(r"\A[\x21-\x2b\x2d-\x7e]{1,100}\Z")
_SHA256 = re.compile(r"\A[0-9a-f]{64}\Z")
_DIGEST_SIZES = {"sha256": 32, "sha1": 20, "crc32": 4}
_UPLOAD_ID = re.compile(r"\A[0-9A-Za-z_-]{8,64}\Z")
_MOST_PARTS = 1000
_LONGEST_KEY = 200


class HeaderError(InputError):
    """A request header is not what tus or the contract asks for.

    Attributes:
        field: the header, or the key inside ``Upload-Metadata``.
    """

    code = "CF-1162"

    def __init__(self, field: str, what: str) -> None:
        super().__init__(
            "A header of the upload cannot be used",
            happened=f"{field} {what}.",
            todo="Send it as tus 1.0.0 says.",
        )
        self.field = field
        self.what = what


class UploadKind(StrEnum):
    """A whole file, a part of one to come, or a file made of parts (extension *concatenation*)."""

    WHOLE = "whole"
    PARTIAL = "partial"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Concat:
    """``Upload-Concat``; `parts` are the ids of the partial uploads, in order."""

    kind: UploadKind
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checksum:
    """``Upload-Checksum``: of the body of one request."""

    algorithm: str
    digest: bytes


def parse_size(text: str, *, field: str) -> int:
    """A count of bytes.

    Raises:
        HeaderError: it is not a whole number from 0 to 2⁶³-1.
    """
    if not _NUMBER.match(text) or int(text) > LARGEST:
        raise HeaderError(field, "is not a whole number of bytes")
    return int(text)


def parse_metadata(text: str) -> dict[str, str]:
    """``Upload-Metadata``: pairs of a key and a Base64 value (UTF-8 inside), separated by commas.

    Raises:
        HeaderError: a key is empty, doubled or not ASCII; a value is not Base64 or not UTF-8.
    """
    found: dict[str, str] = {}
    if not text.strip():
        return found
    for pair in text.split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not _KEY.match(key):
            raise HeaderError("Upload-Metadata", "has an empty or unreadable key")
        if key in found:
            raise HeaderError(key, "stands twice in Upload-Metadata")
        try:
            found[key] = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise HeaderError(key, "is not Base64 of UTF-8") from error
    return found


def format_metadata(values: Mapping[str, str]) -> str:
    """The header for these values; the inverse of `parse_metadata`.

    Raises:
        HeaderError: a key has a space, a comma or a character outside ASCII.
    """
    pairs = []
    for key, value in values.items():
        if not _KEY.match(key):
            raise HeaderError("Upload-Metadata", "has an empty or unreadable key")
        encoded = base64.b64encode(value.encode()).decode("ascii")
        pairs.append(f"{key} {encoded}" if encoded else key)
    return ",".join(pairs)


def announced(values: Mapping[str, str]) -> UploadMetadata:
    """What an upload says of itself; keys that the contract does not know are left aside.

    Raises:
        HeaderError: a required key is missing, or one is not of its form.
    """
    for key in ("case", "filename", "sha256"):
        if not values.get(key, "").strip():
            raise HeaderError(key, "is missing in Upload-Metadata")
    try:
        case = parse_case_number(values["case"])
    except InputError as error:
        raise HeaderError("case", "is not a case number") from error
    try:
        name = safe_file_name(values["filename"])
    except InputError as error:
        raise HeaderError("filename", f"cannot be used: {error.happened.rstrip('.')}") from error
    key = values.get("idempotency_key", "")
    if len(key) > _LONGEST_KEY:
        raise HeaderError("idempotency_key", f"is longer than {_LONGEST_KEY} characters")
    return UploadMetadata(
        case=case,
        filename=name,
        sha256=_digest(values["sha256"], field="sha256"),
        manifest_sha256=_digest(values.get("manifest_sha256", ""), field="manifest_sha256", optional=True),
        idempotency_key=key,
        acknowledgement=values.get("acknowledgement", ""),
    )


def _digest(text: str, *, field: str, optional: bool = False) -> str:
    digest = text.strip().lower()
    if optional and not digest:
        return ""
    if not _SHA256.match(digest):
        raise HeaderError(field, "is not a SHA-256 in 64 hex digits")
    return digest


def parse_checksum(text: str) -> Checksum:
    """``Upload-Checksum``: the algorithm's name and the Base64 digest.

    Raises:
        HeaderError: another algorithm than those announced, or no digest of its length.
    """
    algorithm, _, encoded = text.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise HeaderError("Upload-Checksum", f"names another algorithm than {' and '.join(CHECKSUMS)}")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise HeaderError("Upload-Checksum", "is not Base64") from error
    if len(digest) != _DIGEST_SIZES[algorithm]:
        raise HeaderError("Upload-Checksum", f"has not the length of a {algorithm} digest")
    return Checksum(algorithm=algorithm, digest=digest)


def parse_concat(text: str, *, folder: str) -> Concat:
    """``Upload-Concat``: ``partial``, or ``final;`` and the addresses of the parts.

    Args:
        text: the header.
        folder: the path under which uploads live, such as ``/api/v1/uploads``; others are refused.

    Raises:
        HeaderError: neither of the two, no part, too many, or an address that is none of ours.
    """
    if text.strip() == "partial":
        return Concat(kind=UploadKind.PARTIAL)
    word, semicolon, addresses = text.strip().partition(";")
    if word.strip() != "final" or not semicolon:
        raise HeaderError("Upload-Concat", "is neither partial nor final")
    parts = tuple(_part_id(address, folder=folder) for address in addresses.split())
    if not parts or len(parts) > _MOST_PARTS:
        raise HeaderError("Upload-Concat", f"must name 1 to {_MOST_PARTS} parts")
    if len(set(parts)) != len(parts):
        raise HeaderError("Upload-Concat", "names a part twice")
    return Concat(kind=UploadKind.FINAL, parts=parts)


def _part_id(address: str, *, folder: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError as error:
        raise HeaderError("Upload-Concat", "has an address that cannot be read") from error
    parent, _, identity = path.rpartition("/")
    if parent != folder.rstrip("/") or not _UPLOAD_ID.match(identity):
        raise HeaderError("Upload-Concat", "names an address that is no upload of this portal")
    return identity


def http_date(moment: datetime) -> str:
    """``Upload-Expires``: the form of RFC 9110 §5.6.7."""
    return format_datetime(moment, usegmt=True)
