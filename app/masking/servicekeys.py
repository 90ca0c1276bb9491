"""Keys of services with the prefix of their kind, and hashes of log-ins with passwords."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.spans import Span

KEYS = Pattern(
    rb"(?<![\w-])(?:sk|pk|rk|gh[oprsu]|github_pat|gl(?:pat|rt|dt|cbt|ptt)|shpat|xox[abprs]|AKIA|AIza)[_-]?[A-Za-z0-9_-]{16,200}(?![\w-])",
    words=(b"sk", b"pk", b"rk", b"gh", b"github_pat", b"gl", b"shpat", b"xox", b"AKIA", b"AIza"),
)
"""``sk-…``, ``ghp_…``."""
DIGESTS = Pattern(
    rb"(?<![\w-])(?i:ha[12])[=:][ ]?[\"']?(?P<key>[0-9A-Fa-f]{32})(?!\w)",
    words=(b"ha1", b"ha2"),
    any_case=True,
)
"""``ha1=…``: the hash of a log-in and its password."""
_PREFIX = Pattern(rb"(?:sk|pk|rk|gh[oprsu]|github_pat|gl(?:pat|rt|dt|cbt|ptt)|shpat|xox[abprs])(?=[_-])")
_APART = Pattern(rb"[_-]")
_LONG = 16
_LONG_WITH_DIGIT = 8
_DIGIT = Pattern(rb"[0-9]")


def service_keys(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Where such keys and hashes stand."""
    for match in KEYS.finditer(buffer):
        if _is_key(match[0]):
            yield Span(*match.span(), order, kind, "api-key")
    for match in DIGESTS.finditer(buffer):
        yield Span(*match.span("key"), order, kind, "api-key", None, False, True)


def _is_key(text: bytes) -> bool:
    """Whether a part between ``_`` and ``-`` looks random: ``pkcs11_management_id_count`` is a name."""
    if text.startswith((b"A", b"xox", b"ghp_", b"gho_", b"ghr_", b"ghs_", b"ghu_")):
        return True
    prefix = _PREFIX.match(text)
    return prefix is not None and any(map(_is_random, _APART.split(text[prefix.end() :])))


def _is_random(part: bytes) -> bool:
    return len(part) >= _LONG or (len(part) >= _LONG_WITH_DIGIT and _DIGIT.search(part) is not None)
