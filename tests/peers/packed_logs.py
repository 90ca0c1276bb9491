"""Logs packed as rotations pack them."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip of these files."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return sink.getvalue()


def pack(path: Path, *, packing: str = "gzip") -> Path:
    """As logrotate does it: the packed file comes, then the plain one goes."""
    content = path.read_bytes()
    target = path.with_name(f"{path.name}.{'gz' if packing == 'gzip' else 'zip'}")
    target.write_bytes(gzip.compress(content, mtime=0) if packing == "gzip" else zipped((path.name, content)))
    path.unlink()
    return target
