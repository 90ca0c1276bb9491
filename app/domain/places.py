"""Where a server is: how people and files name it, and whether a name can be one. Pure."""

from __future__ import annotations

_LONGEST = 253
"""Letters of a whole name, RFC 1035 and what SOCKS can carry."""


def place_of(host: str, port: int) -> str:
    """``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_host(host: str) -> bool:
    """Whether a server may be called so: parts of 1 to 63 letters, 253 at most, and no sign without a look.

    Whether there is a server of this name is the name service's to say.
    """
    if not host or not host.isprintable() or any(each.isspace() for each in host):
        return False
    try:
        return len(host.encode("idna").removesuffix(b".")) <= _LONGEST
    except UnicodeError:
        return False
