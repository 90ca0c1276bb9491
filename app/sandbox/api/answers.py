"""How answers travel: JSON of the contract, entity tags, and conditions on them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from fastapi import Request, Response

from app.portal.contract import ProblemCode
from app.sandbox.problems import ProblemError

_JSON = "application/json"


def answer(
    request: Request,
    value: object,
    *,
    tag: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A value of the contract with its ETag; 304 when the caller has this one (``If-None-Match``).

    Args:
        request: the call; only ``GET`` is answered with 304.
        value: a dataclass of the contract.
        tag: the entity tag when the value knows it; else it is the digest of the JSON.
        status: of a fresh answer.
        headers: further ones.
    """
    body = msgspec.json.encode(value)
    quoted = f'"{tag or hashlib.sha256(body).hexdigest()[:32]}"'
    fixed = {"ETag": quoted, "Cache-Control": "private, no-cache", **(headers or {})}
    if request.method in ("GET", "HEAD") and _named(request.headers.get("if-none-match", ""), quoted):
        return Response(status_code=304, headers=fixed)
    return Response(body, status_code=status, media_type=_JSON, headers=fixed)


def require_unchanged(request: Request, tag: str) -> None:
    """Hold ``If-Match`` against the present entity tag; a call without the header passes.

    Whether the reader has read the newest update is part of a case's tag, but no change of the case.

    Raises:
        ProblemError: 412 ``changed-meanwhile``.
    """
    wanted = request.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    present = f'"{tag.partition("-")[0]}"'
    offered = ",".join(part.partition("-")[0].strip().rstrip('"') + '"' for part in wanted.split(","))
    if not _named(offered, present, weak=False):
        raise ProblemError(
            412,
            ProblemCode.CHANGED,
            "It was changed meanwhile",
            "Read it again, then decide whether your change still makes sense.",
        )


def _named(header: str, tag: str, *, weak: bool = True) -> bool:
    """Whether a list of entity tags holds this one; weak comparison takes ``W/`` too (RFC 9110 §8.8.3.2)."""
    offered = [part.strip() for part in header.split(",")]
    if weak:
        offered = [part.removeprefix("W/") for part in offered]
    return tag in offered or (weak and "*" in offered)
