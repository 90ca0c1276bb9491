"""What every request must satisfy before it is looked at: no browser, our host, JSON, a bounded body."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.errors import CredentialsError, InputError, WorldError

BODY_LIMIT = 1024 * 1024


def refuse(*, verb: str, headers: Mapping[str, str], port: int) -> WorldError | None:
    """Why this request is not served, or None.

    A web page that a browser of this machine shows can send requests here: it always adds ``Origin``
    to those that change something, cannot set ``Host``, and cannot send JSON without being asked first.

    Args:
        verb: the HTTP method.
        headers: with lower-case names.
        port: where this agent listens.
    """
    if "origin" in headers or "sec-fetch-site" in headers:
        return CredentialsError(
            "Browsers are not served",
            happened="The request carries the marks of a web page.",
            todo="Use the Caseferry desktop or the command caseferry-agent.",
            code="CF-1391",
        )
    if headers.get("host", "").lower() not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return InputError(
            "The request is for another host",
            happened="The header Host does not name this agent.",
            todo="Use the address in the agent's endpoint file.",
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


def too_large() -> WorldError:
    """The refusal of a body above `BODY_LIMIT`."""
    return InputError(
        "The request is too large",
        happened=f"A request may have up to {BODY_LIMIT // 1024} KiB.",
        todo="Send fewer paths at once, or a folder instead of its files.",
        code="CF-1195",
    )
