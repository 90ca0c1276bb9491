"""A TCP connection to a server: every address of its name, directly or through a proxy."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import TYPE_CHECKING, cast

from app.domain.errors import (
    CredentialsError,
    InputError,
    PeerError,
    RefusedError,
    UnreachableError,
    WorldError,
)
from app.domain.places import is_host
from app.transfer.network.connect import connect_through
from app.transfer.network.hurried import Hurried
from app.transfer.network.opening import Held
from app.transfer.network.proxies import Network, Proxy, ProxyKind

if TYPE_CHECKING:
    import python_socks

_SOCKS5_LATER = frozenset({1, 3, 4, 5, 6})
_SOCKS5_RULE = 2
_SOCKS5_LONGEST = 255

DIRECT = Network()


def _nobody(_sock: socket.socket) -> None:
    """Nobody holds it."""


def dial(
    host: str, port: int, *, network: Network = DIRECT, seconds: float, held: Held = _nobody
) -> socket.socket:
    """Connect; names are resolved anew each time, all addresses (IPv6, IPv4) are tried.

    Args:
        host: name or address, without brackets.
        port: of the server.
        network: the way out.
        seconds: for each attempt.
        held: see `Held`.

    Returns:
        A connected socket that notices a dead peer by itself.

    Raises:
        OSError: no direct connection.
        CredentialsError: the proxy wants another sign-in (CF-1340).
        RefusedError: the proxy does not let it through (CF-1250).
        UnreachableError: the proxy, or the server behind it, does not answer (CF-1540, CF-1541).
        PeerError: it is no proxy (CF-1640).
        InputError: the PAC answer cannot be used (CF-1163), or no server can be called so (CF-1132).
    """
    _refuse_no_name(host)
    place = (host, port)
    *others, last = network.detours.in_order(network.ways(host, port), place=place)
    failed: list[Proxy | None] = []
    for way in others:
        with contextlib.suppress(OSError, UnreachableError):
            sock = _by(way, host, port, seconds=seconds, held=held)
            network.detours.led(way, failed=failed, place=place)
            return sock
        failed.append(way)
    sock = _by(last, host, port, seconds=seconds, held=held)
    network.detours.led(last, failed=failed, place=place)
    return sock


def resolve(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a name, in the order in which they are tried.

    Raises:
        OSError: there is none.
        InputError: no server can be called so (CF-1132).
    """
    _refuse_no_name(host)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_kind, address in found))


def watch_over(sock: socket.socket, *, seconds: float) -> None:
    """Have the system end a connection whose peer acknowledges nothing for so long, also while it is idle.

    Systems that cannot (some sandboxes, and WSL 1) do without: then our own patience alone counts.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sys.platform == "linux":
        for option, value in (
            (socket.TCP_USER_TIMEOUT, int(seconds * 1000)),
            (socket.TCP_KEEPIDLE, max(1, int(seconds / 2))),
            (socket.TCP_KEEPINTVL, max(1, int(seconds / 8))),
        ):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _refuse_no_name(host: str) -> None:
    """The system and TLS would answer with an error of encoding, which is nobody's fault but the name's."""
    if not is_host(host):
        raise InputError(
            "The server's address cannot be used",
            happened="Its name has an empty part, one of more than 63 letters, or a sign that no name has.",
            todo="Check the name for a slip, such as two dots in a row.",
            code="CF-1132",
        )


def _by(way: Proxy | None, host: str, port: int, *, seconds: float, held: Held) -> socket.socket:
    if way is None:
        return _connected(host, port, seconds=seconds, held=held)
    if way.kind is ProxyKind.HTTP:
        return _by_http(way, host, port, seconds=seconds, held=held)
    return _by_socks(way, host, port, seconds=seconds, held=held)


def _connected(host: str, port: int, *, seconds: float, held: Held) -> socket.socket:
    """To the first of its addresses that answers; the error is that of the last."""
    failed: OSError | None = None
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock: socket.socket | None = None
        try:
            sock = socket.socket(family, kind, protocol)
            sock.settimeout(seconds)
            held(sock)
            sock.connect(address)
        except OSError as error:
            failed = error
            if sock is not None:
                sock.close()
        else:
            return sock
    raise failed or OSError("the name has no address")


class _FirstHop:
    """The connection to a SOCKS proxy itself, in the hand of whoever gives up while the proxy is silent."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def connect(self, dest_host: str, dest_port: int, timeout: float) -> Hurried:
        """As python-socks calls it; raises `OSError`. The time is that of the whole conversation."""
        plain = _connected(dest_host, dest_port, seconds=timeout, held=self._held)
        return Hurried(plain, seconds=timeout)


def _by_socks(way: Proxy, host: str, port: int, *, seconds: float, held: Held) -> socket.socket:
    import python_socks  # few ways lead through one, and it is large
    from python_socks.sync import Proxy as SocksProxy

    if max(len(way.user.encode()), len(way.password.encode())) > _SOCKS5_LONGEST:
        raise _not_accepted(way)
    kinds = {
        ProxyKind.SOCKS5: python_socks.ProxyType.SOCKS5,
        ProxyKind.SOCKS4: python_socks.ProxyType.SOCKS4,
    }
    proxy = SocksProxy(
        kinds[way.kind],
        host=way.host,
        port=way.port,
        username=way.user or None,
        password=way.password or None,
        rdns=True,
        forward=cast("SocksProxy", _FirstHop(held)),
    )
    try:
        through = cast("Hurried", proxy.connect(dest_host=host, dest_port=port, timeout=seconds))
    except python_socks.ProxyError as error:
        raise proxy_error(way, error) from error
    except (python_socks.ProxyConnectionError, python_socks.ProxyTimeoutError, OSError) as error:
        raise proxy_unreachable(way, error) from error
    through.plain.settimeout(seconds)
    return through.plain


def _by_http(way: Proxy, host: str, port: int, *, seconds: float, held: Held) -> socket.socket:
    try:
        sock = _connected(way.host, way.port, seconds=seconds, held=held)
    except OSError as error:
        raise proxy_unreachable(way, error) from error
    try:
        through = Hurried(sock, seconds=seconds)
        status = connect_through(through, host, port, user=way.user, password=way.password)
    except OSError as error:
        sock.close()
        raise proxy_unreachable(way, error) from error
    if status is None or not 200 <= status < 300:
        sock.close()
        raise _http_error(way, status)
    sock.settimeout(seconds)
    return sock


def proxy_error(way: Proxy, error: python_socks.ProxyError) -> WorldError:
    """What a proxy answered instead of a connection, in our families."""
    code = getattr(error, "error_code", None)
    if code == _SOCKS5_RULE and way.kind is ProxyKind.SOCKS5:
        return _not_let_through(way, "its rules say no")
    if code in _SOCKS5_LATER and way.kind is ProxyKind.SOCKS5:
        return _not_reached(way)
    text = str(error).lower()
    if "auth" in text or "credential" in text or "password" in text:
        return _not_accepted(way)
    if code is None and "version" in text:
        return _no_proxy(way)
    return _not_reached(way)


def _http_error(way: Proxy, status: int | None) -> WorldError:
    if status in (401, 407):
        # Some proxies (tinyproxy) say 401 for a wrong password.
        return _not_accepted(way)
    if status is None or status < 400:
        return _no_proxy(way)
    if status in (403, 405):
        return _not_let_through(way, f"it answered {status}; many proxies allow port 443 only")
    return _not_reached(way, status=status)


def _not_accepted(way: Proxy) -> CredentialsError:
    return CredentialsError(
        "The proxy does not accept the sign-in",
        happened=f"{way.place} wants another user and password.",
        todo="Enter the proxy's user and password: in the desktop's network settings, or with"
        " caseferry proxy-password.",
        code="CF-1340",
    )


def _not_let_through(way: Proxy, why: str) -> RefusedError:
    return RefusedError(
        "The proxy does not let the connection through",
        happened=f"{way.place}: {why}.",
        todo="Ask who runs the proxy to allow this server and port, or list the server under no_proxy.",
        code="CF-1250",
    )


def proxy_unreachable(way: Proxy, error: Exception) -> UnreachableError:
    """There is no connection to the proxy itself."""
    cause = error.__cause__ or error
    if isinstance(cause, socket.gaierror):
        why = "its name cannot be resolved"
    elif isinstance(cause, ConnectionRefusedError):
        why = "it refuses the connection"
    else:
        why = "it does not answer"
    return UnreachableError(
        "The proxy cannot be reached",
        happened=f"{way.place}: {why}.",
        todo="It is tried again by itself; check the proxy's address in the network settings.",
        code="CF-1540",
    )


def _not_reached(way: Proxy, *, status: int | None = None) -> UnreachableError:
    return UnreachableError(
        "The proxy cannot reach the server",
        happened=f"{way.place} found no way to it{'' if status is None else f' (status {status})'}.",
        todo="It is tried again by itself; check the server's address and the proxy.",
        code="CF-1541",
    )


def _no_proxy(way: Proxy) -> PeerError:
    return PeerError(
        "This is no proxy of that kind",
        happened=f"{way.place} does not answer as such a proxy does.",
        todo="Check kind, host and port of the proxy in the network settings.",
        code="CF-1640",
    )
