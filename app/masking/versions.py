"""Dotted numbers that are surely versions, or surely addresses, whatever word stands before them."""

from __future__ import annotations

from app.masking.patterns import Pattern

_PRODUCT = Pattern(
    rb"(?i)(?<!\w)(?:compiler|gcc|clang|asterisk|cvp|uccx|freeswitch|kamailio|opensips)(?: version)? \Z"
)
"""Products whose version stands directly behind their name, where hardly an address does."""
_MOST = 49
_TAG = Pattern(rb"/[a-z][a-z0-9._-]{0,62}:\Z")
"""``registry/gws:100.0.118.2``: the tag of an image."""
_FIREWALL = Pattern(rb"(?i)(?<!\w)fw \Z")


def of_product(before: bytes, text: bytes) -> bool:
    """Whether a dotted number is the version of a product or the tag of an image."""
    if of_private_net(text) or text.startswith(b"10."):
        return False
    first = int(text.partition(b".")[0])
    return (first <= _MOST and _PRODUCT.search(before) is not None) or _TAG.search(before) is not None


def of_private_net(text: bytes) -> bool:
    """Whether a number is an address of a private net that no version begins with."""
    first, second = text.split(b".")[:2]
    return (first, second) == (b"192", b"168") or (first == b"172" and 16 <= int(second) <= 31)


def of_firewall(before: bytes, text: bytes) -> bool:
    """``fw 10.12.13.14``: no firmware has so high a second number."""
    first, second = text.split(b".")[:2]
    return first == b"10" and len(second) > 1 and _FIREWALL.search(before) is not None
