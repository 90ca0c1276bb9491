"""Dotted numbers that are surely versions, or surely addresses, whatever word stands before them."""

from __future__ import annotations

from app.masking.patterns import Pattern

_PRODUCT = Pattern(
    rb"(?i)(?<!\w)(?:compiler|gcc|clang|asterisk|cvp|uccx|freeswitch|kamailio|opensips|erlang)"
    rb"(?: version)? \Z"
)
"""Products whose version stands directly behind their name, where hardly an address does."""
_MOST = 29
_TAG = Pattern(rb"/(?P<name>[a-z][a-z0-9._-]{0,62}):\Z")
"""``registry/gws:100.0.118.2``: the tag of an image."""
_PLACES = frozenset(
    b"addr address client dest destination dst from gateway gw host ip ipv4 local node peer proxy remote"
    b" server sip sips source src tcp tls to udp ws wss".split()
)
"""``src/dst:203.0.113.7``: no images are called so."""
_FIREWALL = Pattern(rb"(?i)(?<!\w)fw \Z")
_SERVICE = Pattern(rb"(?i)(?<!\w)(?:nginx|tomcat|mysql|postgres(?:ql)?) \Z")
"""Whose versions have three numbers at most, and none of four begins with 10."""


def of_product(before: bytes, text: bytes, *, port: bool) -> bool:
    """Whether a dotted number is the version of a product or the tag of an image; no `port` is behind it."""
    first, second = text.split(b".")[:2]
    numbered = (int(first) <= _MOST and first != b"10") or (first, second) == (b"100", b"0")
    if port or not numbered:
        return False
    tag = _TAG.search(before)
    return (tag is not None and tag["name"] not in _PLACES) or _PRODUCT.search(before) is not None


def of_private_net(text: bytes) -> bool:
    """Whether a number is an address of a private net that no version begins with."""
    first, second = text.split(b".")[:2]
    return (first, second) == (b"192", b"168") or (first == b"172" and 16 <= int(second) <= 31)


def of_firewall(before: bytes, text: bytes) -> bool:
    """``fw 10.12.13.14``: no firmware has so high a second number; ``nginx 10.1.2.3``."""
    first, second = text.split(b".")[:2]
    if first != b"10":
        return False
    return _SERVICE.search(before) is not None or (len(second) > 1 and _FIREWALL.search(before) is not None)
