"""The records of a tar file in the one form that a bundle uses: pax, plain files, no owner, no time."""

from __future__ import annotations

from app.bundle.compressors import TAR_BLOCK

TAR_END = bytes(2 * TAR_BLOCK)
"""Two empty blocks end a tar file."""

_SIZE = slice(124, 136)


def tar_header(name: str, size: int) -> bytes:
    """The header of a member: one block, after a pax header where the name or the size does not fit."""
    import tarfile  # large: an agent that packs nothing does without

    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def padding(size: int) -> int:
    """Zero bytes behind a member of this size."""
    return -size % TAR_BLOCK


def claimed_size(header: bytes) -> int:
    """The size that a header of one block names; -1 when it names none."""
    try:
        return int(header[_SIZE].rstrip(b"\0 ").decode("ascii"), 8)
    except ValueError:
        return -1
