"""Addresses of files on SFTP servers, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from app.domain.errors import InputError

_URL = re.compile(
    r"sftp://(?:(?P<user>[^@/]*)@)?(?P<host>\[[^\]/]+\]|[^:/\[\]]+)(?::(?P<port>\d{1,5}))?/(?P<path>.+)"
)
_SHORT = re.compile(r"(?P<user>[^@/:]+)@(?P<host>\[[^\]/]+\]|[^:/\[\]]+):(?P<path>.+)")
_HOME = "~/"
_PORT = 22


@dataclass(frozen=True, slots=True)
class ServerFile:
    """A file on a server.

    Attributes:
        path: absolute, or from the folder that signing in leads to.
    """

    user: str
    host: str
    port: int
    path: str

    @property
    def account(self) -> tuple[str, str, int]:
        """Who signs in where."""
        return self.user, self.host, self.port


def parse_server_file(text: str) -> ServerFile:
    """``sftp://user@host:port/path``, or ``user@host:path`` as for scp. Pure.

    The path of the first is absolute, and from the account's own folder behind ``/~/``, percent-encoded; that
    of the second is taken as it is.

    Raises:
        InputError: it is neither (CF-1157); also where a password stands in it.
    """
    found = _URL.fullmatch(text)
    if found is not None:
        path = unquote(found["path"])
        path = path.removeprefix(_HOME) if path.startswith(_HOME) else f"/{path}"
        user, port = unquote(found["user"] or ""), int(found["port"] or _PORT)
        secret = ":" in (found["user"] or "")
    else:
        found = _SHORT.fullmatch(text)
        if found is None:
            raise _no_address("It is of neither form.")
        user, port, path, secret = found["user"], _PORT, found["path"].removeprefix(_HOME), False
    if secret:
        raise _no_address("A password does not belong into an address: lists of processes show it.")
    if not user or not 0 < port < 65536 or path.endswith("/"):
        raise _no_address("It names no user, no port from 1 to 65535, or a folder.")
    return ServerFile(user=user, host=found["host"].strip("[]"), port=port, path=path)


def _no_address(happened: str) -> InputError:
    return InputError(
        "This is no address of a file on a server",
        happened=happened,
        todo="Give sftp://user@host:port/path/of/the/file, or user@host:path.",
        code="CF-1157",
    )
