"""Whether this machine's way to a peer has come back: asked of its own routing table, without a packet."""

from __future__ import annotations

import socket
from typing import Protocol
from urllib.parse import urlsplit


class Network(Protocol):
    """Looks at the way to one place; a seam, for tests and for what the operating system announces."""

    def way(self, identity: str) -> str:
        """Names the way to the place of this `Destination.identity`: another word is another way.

        Empty while there is none. Cheap: it is asked every second while a transfer waits.
        """


class RoutingTable:
    """The address that this machine would send from, as its routing table says."""

    def way(self, identity: str) -> str:
        """`Network.way`; a name that is not an address is looked at by the default routes."""
        host = urlsplit(identity).hostname or ""
        return "|".join(_source(family, host) for family in (socket.AF_INET, socket.AF_INET6)).strip("|")


_OUTSIDE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses of the documentation: nothing is sent to them."""


def _source(family: socket.AddressFamily, host: str) -> str:
    try:
        socket.inet_pton(family, host)
    except OSError:
        host = _OUTSIDE[family]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""
