"""Manifest to bytes and back, by msgspec: members in the order of their declaration, counts by kind."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from app.bundle.manifest import FORMAT, Manifest
from app.decoding import ready
from app.domain.errors import InputError


class _Version(msgspec.Struct):
    format: int


def encode_manifest(manifest: Manifest) -> bytes:
    """The one byte form of a manifest: equal manifests give equal bytes on every machine."""
    ordered = replace(
        manifest,
        counts=dict(sorted(manifest.counts.items())),
        members=[replace(member, counts=dict(sorted(member.counts.items()))) for member in manifest.members],
    )
    return msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest; members that this version does not know are ignored.

    Raises:
        InputError: no JSON, a field is missing or of another type (CF-1126); a newer format (CF-1127).
    """
    try:
        version = msgspec.json.decode(data, type=ready(_Version)).format
        if version == FORMAT:
            return msgspec.json.decode(data, type=ready(Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(
            "The manifest cannot be read",
            happened=f"manifest.json: {error}.",
            todo="Seal the bundle again from its masked files.",
            code="CF-1126",
        ) from error
    raise InputError(
        "The bundle has another format",
        happened=f"manifest.json has format {version}; this program reads format {FORMAT}.",
        todo="Install a newer Caseferry to read it.",
        code="CF-1127",
    )
