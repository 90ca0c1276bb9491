"""The way out as the settings say it, and the system's proxies (its PAC script included) as Qt finds them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

from app.transfer.network import Certificates, Network, Way, parse_proxy
from ui.shell.configuration import NetworkChoice, ProxyUse

AT_HOME = ("localhost", "127.0.0.0/8", "::1")
"""Servers on this machine are reached without the system's proxy, whatever it says."""

_WORDS = {
    QNetworkProxy.ProxyType.HttpProxy: "PROXY",
    QNetworkProxy.ProxyType.HttpCachingProxy: "PROXY",
    QNetworkProxy.ProxyType.Socks5Proxy: "SOCKS5",
}


def way_of(choice: NetworkChoice, *, password: str, ca_file: Path | None, pinned: bytes) -> Way:
    """The way out. Nothing is asked yet; the system's proxies are, at each connection.

    Args:
        choice: the settings.
        password: of the proxy's user.
        ca_file: the one authority that counts; None for the system's.
        pinned: the one certificate that counts (DER); empty for none.

    Raises:
        InputError: the proxy's address cannot be used (CF-1163).
    """
    return Way(
        network=_network(choice, password=password),
        certificates=Certificates(
            ca_files=(*(() if ca_file is None else (ca_file,)), *(Path(each) for each in choice.ca_files)),
            system_store=ca_file is None,
            client_certificate=Path(choice.client_certificate) if choice.client_certificate else None,
            client_key=Path(choice.client_key) if choice.client_key else None,
            pinned=pinned,
        ),
    )


def _network(choice: NetworkChoice, *, password: str) -> Network:
    if choice.use is ProxyUse.NONE:
        return Network()
    if choice.use is ProxyUse.SYSTEM:
        return Network(
            no_proxy=(*AT_HOME, *choice.no_proxy),
            pac=system_proxies,
            user=choice.proxy_user,
            password=password,
        )
    proxy = replace(parse_proxy(choice.proxy), user=choice.proxy_user, password=password)
    return Network(proxy=proxy, no_proxy=tuple(choice.no_proxy))


def system_proxies(address: str) -> str:
    """What the system's settings say for an address, as a PAC script answers: ``PROXY host:port; DIRECT``.

    A PAC script may be fetched and run for it: never call it in the GUI thread.
    """
    if threading.current_thread() is threading.main_thread():
        raise RuntimeError("the system's proxies are asked off the GUI thread")
    return pac_words(QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(address))))


def pac_words(proxies: Iterable[QNetworkProxy]) -> str:
    """Proxies in the words of a PAC script; kinds that cannot be spoken to are passed over."""
    return "; ".join(_words(proxies)) or "DIRECT"


def _words(proxies: Iterable[QNetworkProxy]) -> Sequence[str]:
    found = []
    for proxy in proxies:
        word = _WORDS.get(proxy.type())
        if proxy.type() is QNetworkProxy.ProxyType.NoProxy:
            found.append("DIRECT")
        elif word is not None and proxy.hostName():
            host = proxy.hostName()
            found.append(f"{word} {f'[{host}]' if ':' in host else host}:{proxy.port()}")
    return found
