"""The seam to `app.sandbox.sftp`: what the process needs of the SFTP side."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from app.domain.errors import LocalError
from app.portal.contract import SftpHost
from app.sandbox.site import Site


class SftpSide(Protocol):
    """A running SFTP server.

    ``app.sandbox.sftp.start_sftp(site, *, host, port)`` returns one; its host key lies in ``<data>/keys/``.
    """

    @property
    def announced(self) -> SftpHost:
        """Host, the port it really has, and the public host key."""

    def stop(self) -> None:
        """End every session and the listener; returns when they have ended."""


def start_sftp_side(site: Site, *, host: str, port: int) -> SftpSide:
    """Start the SFTP side.

    Raises:
        LocalError: this installation has none, or the address is taken.
    """
    room = import_module("app.sandbox.sftp") if find_spec("app.sandbox.sftp") else None
    start = getattr(room, "start_sftp", None)
    if start is None:
        raise LocalError(
            "This portal has no SFTP side",
            happened="The option --sftp was given, but the part that serves it is missing.",
            todo="Start the portal without --sftp, or install it completely.",
            code="CF-1809",
        )
    return cast("SftpSide", start(site, host=host, port=port))
