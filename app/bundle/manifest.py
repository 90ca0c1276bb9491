"""``manifest.json``, the first member of every bundle (format version 1).

It holds no personal value and no path of the customer's disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

FORMAT = 1
MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Member:
    """One masked file in the bundle.

    Attributes:
        name: relative name in the bundle, ``/`` between parts.
        application: which application wrote it; empty when unknown.
        host: masked name of the server that wrote it; empty when unknown.
        first, last: time of the first and last stamped line; None when none was found.
        raw_size, raw_lines: before masking.
        masked_size: after masking, before packing.
        packed_size: in the bundle.
        masked_sha256: of the masked bytes before packing.
        packed_sha256: of the packed bytes as they lie in the bundle: of the deflate stream in a ZIP, of
            the frames with the member's data in a tar.zst.
        counts: values replaced, by kind.
        encoding: ``utf-8``, ``cp1252``, ``utf-16-le`` …
        residual_read: bytes of the masked copy that the check after masking read without a find; None when it
            was not checked.
        start, header: when the beginning of the log was sent before: this member is the first `header` bytes
            of the log and those from byte `start` on. 0 and 0 for a whole one.
    """

    name: str
    application: str
    host: str
    first: datetime | None
    last: datetime | None
    raw_size: int
    raw_lines: int
    masked_size: int
    packed_size: int
    masked_sha256: str
    packed_sha256: str
    encoding: str
    counts: dict[str, int] = field(default_factory=dict)
    residual_read: int | None = None
    start: int = 0
    header: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not in the bundle: ``quarantined``, ``binary``, ``unreadable`` or ``by hand``.

    Of one that is ``rescued`` a part is in the bundle: its log was destroyed, and `detail` tells the ranges.
    """

    name: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a bundle, for which case, masked by what.

    Attributes:
        rule_set: name and version of the rules, such as ``default 1``.
        rule_set_sha256: digest of the rule file.
        engine: which engine masked, such as ``reference 1``.
        key_id: names the pseudonym key, never the key itself.
        packing: library and level that packed the members, such as ``isal 1.9.1, level 2``; empty in bundles
            that were sealed before it was told.
        learned: values that the files told by their keys and that were masked wherever they recur, in all.
        not_learned: values past the bound of what is remembered of the bundle's files.
    """

    format: int
    case: str
    host: str
    created_by: str
    rule_set: str
    rule_set_sha256: str
    engine: str
    key_id: str
    members: list[Member]
    left_out: list[LeftOut] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    packing: str = ""
    learned: int = 0
    not_learned: int = 0
