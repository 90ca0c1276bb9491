"""``caseferry bundle verify``: prove a bundle against its own manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.bundle import Manifest, verify_bundle
from app.commands.console import Screen


@dataclass(frozen=True, slots=True)
class VerifiedBundle:
    """What ``bundle verify --json`` prints."""

    verified: bool
    sha256: str
    size: int
    manifest_sha256: str
    manifest: Manifest


def verify(path: Path, screen: Screen, *, json: bool) -> int:
    """0 when every byte is what the manifest says; `IntegrityError` otherwise."""
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
