"""The checks of the sign-in page: does the portal answer, over which TLS, which ways to send it offers."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

from app.domain.errors import InputError, WorldError
from app.portal import PortalClient, portal_root
from app.portal.contract import Capabilities, SftpHost
from app.settings import Trust

_SECONDS = 8.0


class Outcome(Enum):
    """How a check ended."""

    GOOD = auto()
    WARN = auto()
    BAD = auto()
    RUNNING = auto()


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list."""

    title: str
    text: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first look at a portal found."""

    capabilities: Capabilities
    check: Check


def clean_address(text: str) -> str:
    """The portal's address as the client takes it; ``https://`` is added when it is missing.

    Raises:
        InputError: it is no address, or not ``https``.
    """
    given = text.strip()
    if given and "://" not in given:
        given = f"https://{given}"
    parts = urlsplit(given)
    if parts.scheme != "https" or not parts.hostname:
        raise InputError(
            "This is not a portal address",
            happened="The portal address must begin with https:// and name a server.",
            todo="Copy it from the browser, for example https://support.example.com.",
            code="CF-1180",
        )
    return portal_root(given)


def look_at_portal(address: str, trust: Trust) -> Answer:
    """Ask for the capabilities and measure the time and the TLS version.

    Raises:
        WorldError: the portal does not answer, or is not the one we trust.
    """
    client = PortalClient(address, trust=trust, read_seconds=_SECONDS)
    try:
        started = time.perf_counter()
        capabilities = client.capabilities()
        took = round((time.perf_counter() - started) * 1000)
    finally:
        client.close()
    version = _tls_version(address, trust)
    words = f"{took} ms, {version}" if version else f"{took} ms"
    return Answer(capabilities, Check("Portal answers", words, Outcome.GOOD))


def look_at_sftp(host: SftpHost, trust: Trust) -> Check:
    """Whether the SFTP port can be reached from here, the way that `trust` takes."""
    try:
        with _dial(host.host, host.port, trust):
            pass
    except (OSError, WorldError):
        return Check(
            f"SFTP on port {host.port} is blocked",
            "Only needed for temporary accounts. You can ask your network team later.",
            Outcome.WARN,
        )
    return Check(f"SFTP on port {host.port} is reachable", "For temporary accounts.", Outcome.GOOD)


def gateway_check(capabilities: Capabilities) -> Check | None:
    """Which upload gateways the portal names."""
    if not capabilities.gateways:
        return None
    first, *spare = (each.region for each in capabilities.gateways)
    text = f"{' and '.join(spare)} as spare" if spare else "The only one of this portal"
    return Check(f"{first} upload gateway", text, Outcome.GOOD)


def _tls_version(address: str, trust: Trust) -> str:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            _dial(host, port, trust) as plain,
            trust.ssl_context().wrap_socket(plain, server_hostname=host) as wrapped,
        ):
            return (wrapped.version() or "").replace("TLSv", "TLS ")
    except (OSError, WorldError):
        return ""


def _dial(host: str, port: int, trust: Trust) -> socket.socket:
    if trust.way is None:
        return socket.create_connection((host, port), timeout=_SECONDS)
    return trust.way.dial(host, port, _SECONDS)
