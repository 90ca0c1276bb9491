"""Where a server is: how people and files name it, and whether a name can be one. Pure."""

from __future__ import annotations


def place_of(host: str, port: int) -> str:
    """``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_host(host: str) -> bool:
    """Whether a server may be called so: no empty part, none of more than 63 letters, no sign without a look.

    Whether there is a server of this name is the name service's to say.
    """
    if not host or not host.isprintable() or any(each.isspace() for each in host):
        return False
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True
