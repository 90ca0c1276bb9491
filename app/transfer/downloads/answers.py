"""What a server answers to a range, and whether it is that range of that content. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.errors import PeerError

_CONTENT_RANGE = re.compile(r"\Abytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)\Z", re.ASCII)


class Changed(Exception):
    """The server has another content by now."""


class NoRanges(Exception):
    """The server sends the whole where a range was asked for."""


def strong_etag(headers: Mapping[str, str]) -> str:
    """The answer's ETag when it is a strong one, else nothing."""
    etag = headers.get("etag", "").strip()
    return etag if etag.startswith('"') and etag.endswith('"') and len(etag) > 2 else ""


def check_answer(
    status: int, headers: Mapping[str, str], *, start: int, end: int, size: int, etag: str
) -> None:
    """Whether the body is exactly the bytes from `start` to `end`.

    Args:
        status: 200, 206 or 416.
        headers: with lower-case names.
        start: the first byte that was asked for.
        end: the first one behind.
        size: of the whole content.
        etag: the strong ETag that the bytes before had; empty when none was seen.

    Raises:
        Changed: the content is another one.
        NoRanges: the body is the whole.
        PeerError: it is something else (CF-1641).
    """
    shown = strong_etag(headers)
    if status == 416 or (etag and shown and shown != etag):
        raise Changed
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise not_asked_for("it is encoded, though it was asked for as it is")
    if status == 200:
        if start != 0 or end != size:
            raise NoRanges
        length = headers.get("content-length", str(size)).strip()
        if length != str(size):
            raise not_asked_for(f"the file has {size} bytes, and {length[:20]} are announced")
        return
    match = _CONTENT_RANGE.match(headers.get("content-range", "").strip())
    if status != 206 or match is None:
        raise not_asked_for("it is no range")
    if match[3] not in ("*", str(size)):
        raise Changed
    if (int(match[1]), int(match[2]) + 1) != (start, end):
        raise not_asked_for("it is another range")


def not_asked_for(what: str) -> PeerError:
    """The answer is not the one that was asked for."""
    return PeerError(
        "The server sends something else than was asked for",
        happened=f"What came is not the part of the file that was asked for: {what}.",
        todo="Try again; a proxy in between may answer in its place.",
        code="CF-1641",
    )
