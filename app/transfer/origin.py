"""What an address leads to: a host and a port, over HTTPS and nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.domain.errors import InputError


def origin_of(url: str) -> tuple[str, int]:
    """Host and port of an address.

    Raises:
        InputError: it is no https address, or has a user in it (CF-1132).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wrong_address() from error
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise wrong_address()
    return parts.hostname, port or 443


def wrong_address() -> InputError:
    """It is not what an address must be."""
    return InputError(
        "The server's address cannot be used",
        happened="It is not of the form https://host[:port]/path.",
        todo="Give an https address without user and password.",
        code="CF-1132",
    )
