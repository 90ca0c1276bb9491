"""``[api]``: who may reach the agent beside its own account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.api import Reach
from app.domain.errors import InputError
from app.settings import TomlDocument
from app.transfer.network import parse_place

_HOST_NAME = re.compile(r"\A[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?\Z")
_GROUP = re.compile(r"\A[A-Za-z0-9_][A-Za-z0-9 ._\\-]{0,127}\Z")


@dataclass(frozen=True, slots=True)
class ApiTable:
    """The table as it stands in the file."""

    remote: str = ""
    names: list[str] = field(default_factory=list)
    operators: str = ""


def read_api(document: TomlDocument, read: ApiTable) -> Reach:
    """Check the table.

    Raises:
        InputError: with file, line and field.
    """
    for index, name in enumerate(read.names):
        if not _HOST_NAME.match(name):
            raise document.error(
                "api", "names", index, happened="it is no name of a machine.", todo="Use host names only."
            )
    if read.operators and not _GROUP.match(read.operators):
        raise document.error(
            "api", "operators", happened="it is no name of a group.", todo="Name a group of this machine."
        )
    return Reach(remote=_remote(document, read.remote), names=tuple(read.names), operators=read.operators)


def _remote(document: TomlDocument, text: str) -> tuple[str, int] | None:
    if not text:
        return None
    try:
        host, port = parse_place(text)
    except InputError as error:
        raise _no_address(document) from error
    if "://" in text or "/" in text or text.rpartition(":")[2] != str(port):
        raise _no_address(document)
    return host, port


def _no_address(document: TomlDocument) -> InputError:
    return document.error(
        "api", "remote", happened="it is no address and port.", todo='Write, for example, "0.0.0.0:8443".'
    )
