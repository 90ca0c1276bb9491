"""Proxies: how they are written down, and which of them the way to a server takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from app.domain.errors import InputError
from app.domain.places import is_host, place_of
from app.transfer.network.detours import Detours
from app.transfer.network.passing_by import passes_by


class ProxyKind(StrEnum):
    """How a proxy is spoken to: HTTP ``CONNECT``, or SOCKS. SOCKS proxies resolve the server's name."""

    HTTP = "http"
    SOCKS5 = "socks5"
    SOCKS4 = "socks4"


_PORTS = {ProxyKind.HTTP: 8080, ProxyKind.SOCKS5: 1080, ProxyKind.SOCKS4: 1080}
_SCHEMES = {
    "http": ProxyKind.HTTP,
    "socks": ProxyKind.SOCKS5,
    "socks5": ProxyKind.SOCKS5,
    "socks5h": ProxyKind.SOCKS5,
    "socks4": ProxyKind.SOCKS4,
    "socks4a": ProxyKind.SOCKS4,
}
_PAC = {
    "proxy": ProxyKind.HTTP,
    "http": ProxyKind.HTTP,
    "socks": ProxyKind.SOCKS5,
    "socks5": ProxyKind.SOCKS5,
    "socks4": ProxyKind.SOCKS4,
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy."""

    kind: ProxyKind
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """For people: without user and password."""
        return f"{self.kind.value}://{place_of(self.host, self.port)}"


def parse_proxy(text: str) -> Proxy:
    """From ``http://[user:password@]host[:port]``, or ``socks5://`` or ``socks4://`` alike.

    Raises:
        InputError: it is none (CF-1163).
    """
    whole = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError as error:
        raise _no_proxy_address() from error
    kind = _SCHEMES.get(parts.scheme.lower())
    plain = is_host(parts.hostname or "") and not any(each.isspace() for each in whole)
    if kind is None or not plain or parts.path not in ("", "/") or port == 0:
        raise _no_proxy_address()
    return Proxy(
        kind=kind,
        host=parts.hostname or "",
        port=port or _PORTS[kind],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def parse_pac_result(text: str) -> tuple[Proxy | None, ...]:
    """What ``FindProxyForURL`` answered, in its order; None stands for a direct connection.

    Kinds that cannot be spoken to are passed over; an empty answer means direct.

    Raises:
        InputError: nothing of it can be used (CF-1163).
    """
    entries = [entry.split() for entry in text.split(";") if entry.strip()]
    if not entries:
        return (None,)
    found: list[Proxy | None] = []
    for word, *address in entries:
        kind = _PAC.get(word.lower())
        if word.upper() == "DIRECT":
            found.append(None)
        elif kind is not None and len(address) == 1:
            found.append(parse_proxy(f"{kind.value}://{address[0]}"))
    if not found:
        raise _no_proxy_address()
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Network:
    """The way out of this network. Nothing of it comes from the environment.

    Attributes:
        proxy: for every server that `no_proxy` does not name; None for none.
        no_proxy: see `passes_by`.
        pac: answers what a PAC script says for an address (``https://host:port/``); asked instead of `proxy`.
        user, password: for the proxies that it names.
        detours: which of several ways failed lately.
    """

    proxy: Proxy | None = None
    no_proxy: tuple[str, ...] = ()
    pac: Callable[[str], str] | None = None
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    detours: Detours = field(default_factory=Detours, repr=False, compare=False)

    def ways(self, host: str, port: int) -> tuple[Proxy | None, ...]:
        """What to try, in order; None is a direct connection.

        Raises:
            InputError: the PAC answer cannot be used (CF-1163).
        """
        if passes_by(host, port, self.no_proxy):
            return (None,)
        if self.pac is not None:
            return tuple(
                None if way is None else replace(way, user=self.user, password=self.password)
                for way in parse_pac_result(self.pac(f"https://{place_of(host, port)}/"))
            )
        return (self.proxy,)


def _no_proxy_address() -> InputError:
    return InputError(
        "The proxy's address cannot be used",
        happened="It is not of the form http://host:port, socks5://host:port or socks4://host:port.",
        todo="Give scheme, host and port; user and password may stand before the host.",
        code="CF-1163",
    )
