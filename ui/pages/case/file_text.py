"""What a file of a case and the manifest of a bundle say: pure, from contract types to texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.bundle.manifest import Manifest, Member
from app.domain.files import FileCheck, Origin
from app.portal.contract import CaseFile
from ui.widgets.kinds import Category, by_category
from ui.widgets.quantities import digest_text, plural, size_text

VISIBLE_MEMBERS = 200


class FilesFilter(StrEnum):
    """The chips above the files."""

    ALL = "All"
    SENT = "Sent"
    RECEIVED = "From support"


@dataclass(frozen=True, slots=True)
class CheckText:
    """The check column.

    Attributes:
        icon, role: glyph and text role; the words never rely on the colour.
    """

    words: str
    icon: str
    role: str
    spoken: str


_CHECKS = {
    FileCheck.VERIFIED: CheckText(
        "SHA-256 matches", "shield_checkmark", "success.fg", "Verified: the portal has exactly what was sent"
    ),
    FileCheck.CHECKING: CheckText(
        "Checking", "shield_task", "text.secondary", "Checking: the portal compares digests"
    ),
    FileCheck.DIFFERS: CheckText(
        "Differs", "shield_error", "danger.fg", "Differs: the portal has something else than was sent"
    ),
    FileCheck.UNKNOWN: CheckText(
        "Unknown (other tool)", "info", "text.secondary", "Unknown: it was sent without a digest"
    ),
}


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One line of an open manifest."""

    name: str
    raw: str
    packed: str
    masked: int
    parts: tuple[tuple[Category, int], ...]
    digest: str
    sha256: str


def check_text(file: CaseFile) -> CheckText:
    """The words of the check column."""
    return _CHECKS[file.check]


def passes(file: CaseFile, chosen: FilesFilter) -> bool:
    """Whether the file is shown under this chip."""
    if chosen is FilesFilter.SENT:
        return file.origin is Origin.CUSTOMER
    if chosen is FilesFilter.RECEIVED:
        return file.origin is Origin.SUPPORT
    return True


def chip_text(chosen: FilesFilter, files: Sequence[CaseFile]) -> str:
    """``Sent 6``."""
    return f"{chosen.value} {sum(passes(file, chosen) for file in files)}"


def second_line(file: CaseFile, manifest: Manifest | None) -> str:
    """Size, way and resumption: ``14 files · 3.9 GB raw, 612 MB sent · HTTPS, resumed once``."""
    parts: list[str] = []
    if manifest is not None:
        raw = sum(member.raw_size for member in manifest.members)
        parts.append(plural(len(manifest.members), "file", "files"))
        parts.append(f"{size_text(raw)} raw, {size_text(file.size)} sent")
    else:
        parts.append(size_text(file.size))
    way = file.via.upper()
    if file.resumed:
        way += f"{', ' if way else ''}{resumed_text(file.resumed)}"
    if way:
        parts.append(way)
    if file.check is FileCheck.DIFFERS and file.note:
        parts.append(file.note)
    return " · ".join(parts)


def resumed_text(times: int) -> str:
    """``resumed once``, ``resumed 3 times``."""
    return "resumed once" if times == 1 else f"resumed {times} times"


def icon_of(file: CaseFile) -> str:
    """The icon beside the name."""
    name = file.name.casefold()
    if file.has_manifest or name.endswith((".zip", ".gz", ".7z", ".tar", ".zst")):
        return "folder_zip"
    if name.endswith((".log", ".txt")):
        return "document_text"
    return "document"


def member_row(member: Member) -> MemberRow:
    """One file inside a bundle."""
    return MemberRow(
        name=member.name,
        raw=size_text(member.raw_size),
        packed=size_text(member.packed_size),
        masked=sum(member.counts.values()),
        parts=tuple(by_category(member.counts)),
        digest=digest_text(member.masked_sha256),
        sha256=member.masked_sha256,
    )


def masked_by_text(manifest: Manifest) -> str:
    """Which rules and which key masked the bundle."""
    return f"rules “{manifest.rule_set}” · key {manifest.key_id[:8]} · the manifest travels inside the bundle"


def space_used(files: Iterable[CaseFile]) -> tuple[str, str]:
    """The figure and the line below it: ``701 MB`` and ``6 sent, 3 received. No size limit.``."""
    held = list(files)
    sent = sum(file.origin is Origin.CUSTOMER for file in held)
    return (
        size_text(sum(file.size for file in held)),
        f"{sent} sent, {len(held) - sent} received. No size limit.",
    )
