"""``caseferry bundle``: seal one without sending it, and prove one against its own manifest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.bundle import BundleFormat, Manifest, choose_compressor, format_of_name, verify_bundle
from app.commands.console import LEFT_OUT, Screen, counted
from app.commands.inputs import gather, shown
from app.commands.masking_run import check_lens, open_masking
from app.commands.options import MaskingOptions
from app.commands.parcel import Parcel, seal_parcel
from app.domain.cases import parse_case_number
from app.domain.errors import InputError

_HEADS = (b"PK\x03\x04", b"\x28\xb5\x2f\xfd")
"""How ZIP files and zstd frames begin."""


@dataclass(frozen=True, slots=True)
class SealOrder:
    """What is to be sealed, and where the bundle goes; its name says the format."""

    case: str
    paths: Sequence[Path]
    out: Path
    level: int | None = None
    masking: MaskingOptions = field(default_factory=MaskingOptions)
    json: bool = False


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What ``bundle seal --json`` prints.

    Attributes:
        grown: bytes that are in the bundle of files that grew while they were read, by their masked names.
    """

    file: str
    size: int
    sha256: str
    manifest_sha256: str
    manifest: Manifest
    grown: dict[str, int]


@dataclass(frozen=True, slots=True)
class VerifiedBundle:
    """What ``bundle verify --json`` prints."""

    verified: bool
    sha256: str
    size: int
    manifest_sha256: str
    manifest: Manifest


def verify(path: Path, screen: Screen, *, json: bool) -> int:
    """0 when every byte is what the manifest says; `IntegrityError` otherwise.

    Raises:
        InputError: it neither begins as a bundle nor is it named as one (CF-1129).
    """
    _refuse_no_bundle(path)
    found = verify_bundle(path)
    if json:
        screen.json(
            VerifiedBundle(
                verified=True,
                sha256=found.sha256,
                size=found.size,
                manifest_sha256=found.manifest_sha256,
                manifest=found.manifest,
            )
        )
        return 0
    manifest = found.manifest
    screen.line(f"{path.name} is whole: {found.size} bytes, SHA-256 {found.sha256}")
    screen.line(f"  Case {manifest.case}, made by {manifest.created_by}")
    screen.line(f"  Rules {manifest.rule_set}, engine {manifest.engine}, key {manifest.key_id}")
    screen.table(
        ["File", "Application", "Lines", "Masked size", "Values"],
        [
            [
                member.name,
                member.application,
                str(member.raw_lines),
                str(member.masked_size),
                str(sum(member.counts.values())),
            ]
            for member in manifest.members
        ],
    )
    for left in manifest.left_out:
        screen.line(f"  Left out: {left.name} ({left.reason})")
    return 0


def _refuse_no_bundle(path: Path) -> None:
    """A log, say. What is named as a bundle may be a damaged one, and so may what begins as one."""
    if _is_named_as_one(path):
        return
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError:
        return  # whoever verifies it says so
    if not head.startswith(_HEADS):
        raise InputError(
            "This is no bundle",
            happened=f"{shown(path.name)} begins neither as a .zip nor as a .tar.zst, and is not named so.",
            todo="Name a file that caseferry bundle seal or send made.",
            code="CF-1129",
        )


def seal(order: SealOrder, screen: Screen) -> int:
    """Mask and seal; 0 when every file is in the bundle, 9 when some stay here (the manifest names them).

    Everything that can be refused is refused before the first byte is written.
    """
    case = parse_case_number(order.case)
    _check_out(order.out)
    choose_compressor(format_of_name(order.out.name), order.level)
    inputs = gather(order.paths, outside=order.out)
    check_lens(inputs, order.masking.lens)
    with open_masking(order.masking) as masking:
        screen.note(masking.note)
        parcel = seal_parcel(
            inputs, case=case, masking=masking, level=order.level, target=order.out, screen=screen
        )
    _say(parcel, screen, json=order.json)
    return LEFT_OUT if parcel.manifest.left_out else 0


def _is_named_as_one(path: Path) -> bool:
    return any(path.name.casefold().endswith(form.suffix) for form in BundleFormat)


def _check_out(out: Path) -> None:
    if not _is_named_as_one(out):
        endings = " nor ".join(form.suffix for form in BundleFormat)
        raise InputError(
            "The bundle's name tells no format",
            happened=f"{shown(out.name)} ends neither in {endings}.",
            todo="Give a name that ends in .zip or .tar.zst.",
            code="CF-1156",
        )
    if os.path.lexists(out):
        raise InputError(
            "A file is in the way",
            happened=f"{shown(out.name)} exists already; nothing was written.",
            todo="Choose another name, or remove the older bundle.",
            code="CF-1144",
        )


def _say(parcel: Parcel, screen: Screen, *, json: bool) -> None:
    bundle, manifest = parcel.bundle, parcel.manifest
    for line in (*parcel.left_here, *parcel.still_written):
        screen.note(line)
    if json:
        screen.json(
            SealedFile(
                file=bundle.name,
                size=bundle.size,
                sha256=bundle.sha256,
                manifest_sha256=bundle.manifest_sha256,
                manifest=manifest,
                grown=dict(parcel.grown),
            )
        )
        return
    screen.line(f"Sealed {bundle.name}: {bundle.size} bytes, SHA-256 {bundle.sha256}")
    screen.line(
        f"  {counted(len(manifest.members), 'file', 'files')} masked,"
        f" {counted(sum(manifest.counts.values()), 'value', 'values')} replaced;"
        f" packed by {manifest.packing}"
    )
