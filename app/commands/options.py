"""Options that several verbs share. Light: nothing here reaches for the network or the vault."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import Parameter

OrDash = Annotated[str, Parameter(allow_leading_hyphen=True)]
"""Text, or ``-`` for standard input."""


_Options = TypeVar("_Options")


def _described(kind: type[_Options]) -> type[_Options]:
    """Each option's description in one line: the terminal breaks it, not the source."""
    kind.__doc__ = re.sub(r"\n {8}", " ", cleandoc(kind.__doc__ or ""))
    return kind


class Via(StrEnum):
    """The way to the portal."""

    HTTPS = "https"
    SFTP = "sftp"


@Parameter(name="*")
@_described
@dataclass(frozen=True, slots=True)
class MaskingOptions:
    """By which rules and key, how the masked copies are checked, and whether tokens can be turned back here.

    Attributes:
        rules: rule file; the product's own when left out.
        profile: of the rule file, such as voice-strict; the one it names itself when left out.
        key_file: pseudonym key, made when it does not exist; your own from the vault when left out.
        known: list of values that must not be left (one a line), looked for in every byte that was masked.
        check_all: check every byte of large files after masking too, not only a sample; slow.
        lens: file that keeps, here only, which value each token stands for; none when left out.
        keep_days: days until a value leaves the lens; until it is erased when left out.
        apart: look for what a file tells (a caller's name beside its key) in that file only; otherwise in
            all files that are named.
    """

    rules: Annotated[Path | None, Parameter(show_default=False)] = None
    profile: Annotated[str, Parameter(show_default=False)] = ""
    key_file: Annotated[Path | None, Parameter(show_default=False)] = None
    known: Annotated[Path | None, Parameter(show_default=False)] = None
    check_all: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    lens: Annotated[Path | None, Parameter(show_default=False)] = None
    keep_days: Annotated[float | None, Parameter(show_default=False)] = None
    apart: Annotated[bool, Parameter(negative=(), show_default=False)] = False


@Parameter(name="*")
@_described
@dataclass(frozen=True, slots=True)
class PackingOptions:
    """How the bundle is packed.

    Attributes:
        format: zip, which everything opens, or tar.zst, which is smaller.
        level: of compression, 0 (stored) to 9 for zip, 1 to 19 for tar.zst; what costs least for its size
            when left out.
    """

    format: Literal["zip", "tar.zst"] = "zip"
    level: Annotated[int | None, Parameter(show_default=False)] = None


@Parameter(name="*")
@_described
@dataclass(frozen=True, slots=True)
class PortalOptions:
    """Which portal, and whom to trust.

    Attributes:
        portal: address of the portal, https://…; the one you signed in to last when left out.
        ca: file with the certificate authority (PEM) of the portal, the only one that counts then; the
            system's store when left out.
        extra_ca: file with a certificate authority (PEM), such as a proxy's, that counts, too.
        proxy: http://host:port, socks5://host:port or socks4://host:port, the user before the host; the
            password is taken from the vault, see proxy-password.
        no_proxy: servers that are reached without it: names, addresses, networks, separated by commas.
        client_certificate: file (PEM) with the certificate that this machine shows.
        client_key: file with its key, when that is another one.
    """

    portal: Annotated[str, Parameter(env_var="CASEFERRY_PORTAL", show_default=False)] = ""
    ca: Annotated[Path | None, Parameter(env_var="CASEFERRY_CA", show_default=False)] = None
    extra_ca: Annotated[Path | None, Parameter(env_var="CASEFERRY_EXTRA_CA", show_default=False)] = None
    proxy: Annotated[str, Parameter(env_var="CASEFERRY_PROXY", show_default=False)] = ""
    no_proxy: Annotated[str, Parameter(env_var="CASEFERRY_NO_PROXY", show_default=False)] = ""
    client_certificate: Annotated[
        Path | None, Parameter(env_var="CASEFERRY_CLIENT_CERTIFICATE", show_default=False)
    ] = None
    client_key: Annotated[Path | None, Parameter(env_var="CASEFERRY_CLIENT_KEY", show_default=False)] = None


@Parameter(name="*")
@_described
@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How an SFTP server is signed in to, and the way there.

    Attributes:
        key_file: private key that signs in; without one the password is typed, or read from standard input,
            and so is the passphrase of a key that is locked.
        host_key: the server's public key line ("ssh-ed25519 AAAA…") as its operator told you; the only one
            that counts then. The one you agreed to before when left out; else you are asked.
        proxy: http://host:port, socks5://host:port or socks4://host:port, the user before the host; the
            password is taken from the vault, see proxy-password.
        no_proxy: servers that are reached without it: names, addresses, networks, separated by commas.
    """

    key_file: Annotated[Path | None, Parameter(show_default=False)] = None
    host_key: Annotated[str, Parameter(show_default=False)] = ""
    proxy: Annotated[str, Parameter(env_var="CASEFERRY_PROXY", show_default=False)] = ""
    no_proxy: Annotated[str, Parameter(env_var="CASEFERRY_NO_PROXY", show_default=False)] = ""


@Parameter(name="*")
@_described
@dataclass(frozen=True, slots=True)
class FetchingOptions:
    """How fast files are fetched, and for how long it is tried.

    Attributes:
        limit: bytes per second for everything that this command fetches, such as "2 MB/s"; none when left
            out.
        hours: another limit in hours of the week, such as "mon-fri 08:00-18:00 2MB/s"; may be repeated, the
            first that holds wins.
        only_idle: fetch only while nobody else uses this machine and its link.
        give_up: end when nothing has arrived for so long, such as 15m, 2h or 3d.
        progress: bar (without a terminal a line whenever it waits), lines (a JSON object a line, on standard
            error) or none.
    """

    limit: Annotated[str, Parameter(env_var="CASEFERRY_LIMIT", show_default=False)] = "none"
    hours: Annotated[list[str], Parameter(env_var="CASEFERRY_HOURS", negative=(), show_default=False)] = (
        field(default_factory=list)
    )
    only_idle: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    give_up: str = "15m"
    progress: Literal["bar", "lines", "none"] = "bar"


@Parameter(name="*")
@_described
@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How fast, over how many connections, and for how long it is tried.

    Attributes:
        limit: bytes per second for everything that this command sends, such as "2 MB/s"; 0 stops; none when
            left out.
        hours: another limit in hours of the week, such as "mon-fri 08:00-18:00 2MB/s"; may be repeated, the
            first that holds wins.
        only_idle: send only while nobody else uses this machine and its link.
        connections: the most for one file, 1 to 16; how many it has is found by measuring.
        give_up: end when nothing has arrived for so long, such as 15m, 2h or 3d.
        not_there: you know that the place which it was sent to before, and which may have all of it
            (CF-1114), has not got it: send it another way.
        progress: bar (without a terminal a line whenever it waits), lines (a JSON object a line, on standard
            error) or none.
    """

    limit: Annotated[str, Parameter(env_var="CASEFERRY_LIMIT", show_default=False)] = "none"
    hours: Annotated[list[str], Parameter(env_var="CASEFERRY_HOURS", negative=(), show_default=False)] = (
        field(default_factory=list)
    )
    only_idle: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    connections: int = 16
    give_up: str = "15m"
    not_there: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    progress: Literal["bar", "lines", "none"] = "bar"
