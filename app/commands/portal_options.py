"""Options that say where the portal or a server is, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from app.commands.options import described


class Via(StrEnum):
    """The way to the portal."""

    HTTPS = "https"
    SFTP = "sftp"


@Parameter(name="*")
@described
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
@described
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
