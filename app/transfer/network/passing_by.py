"""``no_proxy``: servers that are reached without the proxy, and entries of it that mean none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.domain.errors import InputError

NEVER_MET = "it is no name, address or network, and is never met."
"""What is said of an entry of a settings file."""

READABLE = (
    "Give a name (example.com), an address, a network (10.0.0.0/8), each perhaps with :port, <local> or *; "
    "one server an entry."
)
"""What helps who wrote an entry that means nothing."""

_NAME = re.compile(r"[^\s\"'#%*,./:;<>?@\[\\\]^|]+(?:\.[^\s\"'#%*,./:;<>?@\[\\\]^|]+)*")
"""Parts without signs that no name has. Numbers may be one: ``127.1``, and what a file of hosts calls so."""
_NO_PORT = 65_536


def passes_by(host: str, port: int, no_proxy: Sequence[str]) -> bool:
    """Whether `no_proxy` names this server, which is then reached without a proxy.

    Args:
        host: name or address of the server, without brackets.
        port: of the server.
        no_proxy: names (``example.com`` means what is below it, too; a leading dot or ``*.`` means the same),
            addresses, networks (``10.0.0.0/8``), each perhaps with ``:port``; ``*`` means every server, and
            ``<local>`` every name without a dot.
    """
    return any(_names(entry.strip().lower(), host.lower().rstrip("."), port) for entry in no_proxy)


def unreadable(no_proxy: Sequence[str]) -> tuple[int, ...]:
    """The places (from 0) of entries that mean no server, whatever it is called; empty ones are left out."""
    return tuple(place for place, entry in enumerate(no_proxy) if not _is_readable(entry.strip().lower()))


def refuse_unreadable(no_proxy: Sequence[str]) -> None:
    """Have a person mend what would be passed over.

    Raises:
        InputError: entries mean no server (CF-1115).
    """
    places = unreadable(no_proxy)
    if places:
        words = ", ".join(_entry_words(no_proxy, place) for place in places)
        raise InputError(
            "A server without a proxy cannot be read",
            happened=f"No server is meant by {words} of no_proxy.",
            todo=READABLE,
            code="CF-1115",
        )


def _entry_words(no_proxy: Sequence[str], place: int) -> str:
    """An entry for people: ``entry 2 (10.0.0.0/99)``; by its number alone where a password may be in it."""
    entry = no_proxy[place].strip()
    return f"entry {place + 1}" + ("" if "@" in entry else f" ({entry})")


def _is_readable(entry: str) -> bool:
    if entry in ("", "*", "<local>"):
        return True
    entry, number = _apart(entry)
    if number is not None and not 0 < number < _NO_PORT:
        return False
    if "/" in entry:
        return _network(entry) is not None
    bare = entry.strip("[]")
    return _address(bare) is not None or bool(_NAME.fullmatch(_bare_name(bare)))


def _apart(entry: str) -> tuple[str, int | None]:
    """An entry and its port."""
    name, colon, number = entry.rpartition(":")
    numbered = colon and number.isascii() and number.isdigit()
    # Behind an IPv6 address without brackets a number is the address's own, behind a network it is not.
    if numbered and (name.endswith("]") or ":" not in name or "/" in name):
        digits = number.lstrip("0") or "0"
        return name, int(digits) if len(digits) <= len(str(_NO_PORT)) else _NO_PORT
    return entry, None


def _bare_name(entry: str) -> str:
    return entry.removeprefix("*").removeprefix(".").rstrip(".")


def _names(entry: str, host: str, port: int) -> bool:
    if entry in ("*", ""):
        return entry == "*"
    if entry == "<local>":
        return "." not in host and ":" not in host
    entry, number = _apart(entry)
    if number is not None and number != port:
        return False
    if "/" in entry:
        return _within(host, entry)
    entry = entry.strip("[]")
    address = _address(host)
    if address is not None:
        return address == _address(entry)
    entry = _bare_name(entry)
    return host == entry or host.endswith(f".{entry}")


def _within(host: str, network: str) -> bool:
    address, within = _address(host), _network(network)
    return address is not None and within is not None and address in within


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address however it is written, without its zone; IPv4 also where it is written as IPv6."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
