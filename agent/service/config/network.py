"""``[network]``: the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.service.config.words import optional_path
from app.domain.errors import InputError
from app.settings import TomlDocument
from app.transfer.network import NEVER_MET, READABLE, Proxy, parse_proxy, unreadable


@dataclass(frozen=True, slots=True)
class NetworkTable:
    """The table as it stands in the file."""

    proxy: str = ""
    proxy_user: str = ""
    proxy_password_file: str = ""
    no_proxy: list[str] = field(default_factory=list)
    extra_ca_files: list[str] = field(default_factory=list)
    client_certificate: str = ""
    client_key: str = ""


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The way out, for HTTPS and SFTP alike.

    Attributes:
        proxy: without user and password; None for a direct connection.
        proxy_user: empty when the proxy wants no sign-in; its password lies in `proxy_password_file`.
        no_proxy: servers that are reached without it, see `app.transfer.network.passes_by`.
        extra_ca_files: authorities that count beside those of the portal or of the system.
        client_certificate, client_key: what this machine shows.
        doubts: what is said of the `doubtful`, each with its place. An agent runs all the same, as nothing is
            worse for them than it was; a change of the file that brings one is not taken.
    """

    proxy: Proxy | None = None
    proxy_user: str = ""
    proxy_password_file: Path | None = None
    no_proxy: tuple[str, ...] = ()
    extra_ca_files: tuple[Path, ...] = ()
    client_certificate: Path | None = None
    client_key: Path | None = None
    doubts: tuple[InputError, ...] = field(default=(), compare=False)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The entries of `no_proxy` that mean no server, in their order. A password may be in one."""
        return tuple(self.no_proxy[place] for place in unreadable(self.no_proxy))


def read_network(document: TomlDocument, home: Path, read: NetworkTable) -> NetworkSettings:
    """Check the table; what is only of no use is among its `doubts`.

    Raises:
        InputError: with file, line and field.
    """
    proxy = None
    if read.proxy:
        try:
            proxy = parse_proxy(read.proxy)
        except InputError as error:
            raise document.error(
                "network", "proxy", happened="it is no proxy's address.", todo=error.todo
            ) from error
        if proxy.user or proxy.password:
            raise document.error(
                "network",
                "proxy",
                happened="it holds a user or a password.",
                todo="Give proxy_user and proxy_password_file instead.",
            )
    doubts = tuple(
        document.error("network", "no_proxy", place, happened=NEVER_MET, todo=READABLE)
        for place in unreadable(read.no_proxy)
    )
    return NetworkSettings(
        proxy=proxy,
        proxy_user=read.proxy_user,
        proxy_password_file=optional_path(home, read.proxy_password_file),
        no_proxy=tuple(read.no_proxy),
        extra_ca_files=tuple(home / file for file in read.extra_ca_files),
        client_certificate=optional_path(home, read.client_certificate),
        client_key=optional_path(home, read.client_key),
        doubts=doubts,
    )


def doubtful_entries(document: TomlDocument) -> tuple[str, ...]:
    """As `NetworkSettings.doubtful`, of a document that may be wrong in any other way."""
    table = document.data.get("network")
    listed = table.get("no_proxy") if isinstance(table, Mapping) else None
    entries = [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []
    return tuple(entries[place] for place in unreadable(entries))
