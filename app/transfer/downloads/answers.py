"""What a server answers to a range, and whether it is that range of that content. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.errors import PeerError

_CONTENT_RANGE = re.compile(r"\Abytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)\Z", re.ASCII)
_WEAK = "W/"
_ETAG = re.compile(r'\A(?:W/)?"[^"]+"\Z')


class Changed(Exception):
    """The server has another content by now."""


class NoRanges(Exception):
    """The whole must be asked for: the server sends no ranges, or does not say of what content they are."""


def etag_of(headers: Mapping[str, str]) -> str:
    """The answer's ETag, a strong or a weak one; nothing when there is none."""
    etag = headers.get("etag", "").strip()
    return etag if _ETAG.match(etag) else ""


def is_strong(etag: str) -> bool:
    """Whether two contents with this one are the same, byte for byte; a weak one does not say so."""
    return bool(etag) and not etag.startswith(_WEAK)


def other_content(one: str, another: str) -> bool:
    """Whether these two are of two contents; nothing is said by none."""
    return bool(one and another) and one.removeprefix(_WEAK) != another.removeprefix(_WEAK)


def check_answer(
    status: int, headers: Mapping[str, str], *, start: int, end: int, size: int, etag: str, judged: bool
) -> None:
    """Whether the body is exactly the bytes from `start` to `end`.

    Args:
        status: 200, 206 or 416.
        headers: with lower-case names.
        start: the first byte that was asked for.
        end: the first one behind.
        size: of the whole content.
        etag: what other bytes of it had; empty when none was seen.
        judged: whether a digest of the whole judges in the end; else only a strong ETag makes ranges fit.

    Raises:
        Changed: the content is another one.
        NoRanges: the body is the whole, or a range of who knows what.
        PeerError: it is something else (CF-1641).
    """
    shown = etag_of(headers)
    if status == 416 or other_content(etag, shown):
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
    if not judged and not is_strong(shown):
        raise NoRanges


def not_asked_for(what: str) -> PeerError:
    """The answer is not the one that was asked for."""
    return PeerError(
        "The server sends something else than was asked for",
        happened=f"What came is not the part of the file that was asked for: {what}.",
        todo="Try again; a proxy in between may answer in its place.",
        code="CF-1641",
    )
