"""Bundles opened by the readers that everybody has, never by our own."""

from __future__ import annotations

import io
import tarfile
import zipfile

import zstandard


def members_of(bundle: bytes) -> dict[str, bytes]:
    """Every member with its content, in the order of the file; the manifest is the first."""
    if bundle.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    data = zstandard.ZstdDecompressor().stream_reader(bundle, read_across_frames=True).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = {info.name: tar.extractfile(info) for info in tar.getmembers()}
        return {name: stream.read() for name, stream in found.items() if stream is not None}
