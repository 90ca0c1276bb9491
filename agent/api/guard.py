"""What every request must satisfy before it is looked at: no browser, our host, JSON, a bounded body."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from app.domain.errors import CredentialsError, InputError, RefusedError, WorldError

BODY_LIMIT = 1024 * 1024
_WITHIN: ContextVar[tuple[Path, ...] | None] = ContextVar("caseferry_within", default=None)


def refuse(*, verb: str, headers: Mapping[str, str], hosts: Collection[str]) -> WorldError | None:
    """Why this request is not served, or None.

    A web page that a browser of this machine shows can send requests here: it always adds ``Origin``
    to those that change something, cannot set ``Host``, and cannot send JSON without being asked first.

    Args:
        verb: the HTTP method.
        headers: with lower-case names.
        hosts: ``host:port`` by which this agent may be called, lower case.
    """
    if "origin" in headers or "sec-fetch-site" in headers:
        return CredentialsError(
            "Browsers are not served",
            happened="The request carries the marks of a web page.",
            todo="Use the Caseferry desktop or the command caseferry-agent.",
            code="CF-1391",
        )
    if headers.get("host", "").lower() not in hosts:
        return InputError(
            "The request is for another host",
            happened="The header Host does not name this agent.",
            todo="Use the address in the agent's endpoint file; for other names see [api] names.",
            code="CF-1193",
        )
    if verb == "POST" and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return InputError(
            "The request is not JSON",
            happened="The header Content-Type is not application/json.",
            todo="Use the Caseferry desktop or the command caseferry-agent.",
            code="CF-1194",
        )
    return None


def refuse_outside(paths: Sequence[str], roots: Sequence[Path]) -> None:
    """Nothing outside the folders of this agent can be asked for; links are followed before it is judged.

    Raises:
        RefusedError: a path lies outside (CF-1290). Its number is told, not the path.
    """
    allowed = [root.resolve() for root in roots]
    for number, text in enumerate(paths, start=1):
        if "\0" in text or not any(Path(text).resolve().is_relative_to(root) for root in allowed):
            raise RefusedError(
                "This file may not be sent by the agent",
                happened=f"Path {number} lies outside the watched folders and drop_folders.",
                todo="Choose another file, or ask the administrator of this server.",
                code="CF-1290",
            )


@contextmanager
def within(roots: Sequence[Path]) -> Iterator[None]:
    """What is called in the block is called by somebody who may name paths in these folders only.

    `refuse_outside` judges the paths as they are then; who opens them has to judge what is opened.
    """
    token = _WITHIN.set(tuple(roots))
    try:
        yield
    finally:
        _WITHIN.reset(token)


def callers_folders() -> tuple[Path, ...] | None:
    """The folders in which the present caller may name paths; None when it may anywhere."""
    return _WITHIN.get()


def too_large() -> WorldError:
    """The refusal of a body above `BODY_LIMIT`."""
    return InputError(
        "The request is too large",
        happened=f"A request may have up to {BODY_LIMIT // 1024} KiB.",
        todo="Send fewer paths at once, or a folder instead of its files.",
        code="CF-1195",
    )
