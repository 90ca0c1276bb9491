"""The forms of a bundle: a ZIP that everything opens, or a tar of zstd frames that is smaller."""

from __future__ import annotations

from enum import StrEnum

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
"""What every zstd frame begins with; a ZIP begins with ``PK``."""


class BundleFormat(StrEnum):
    """How a bundle is packed; its name ends so."""

    ZIP = "zip"
    TAR_ZST = "tar.zst"

    @property
    def suffix(self) -> str:
        """``.zip`` or ``.tar.zst``."""
        return f".{self.value}"


def format_of_name(name: str) -> BundleFormat:
    """The format that a bundle of this name has; ZIP unless the name ends in ``.tar.zst``."""
    return BundleFormat.TAR_ZST if name.casefold().endswith(BundleFormat.TAR_ZST.suffix) else BundleFormat.ZIP


def format_of_head(head: bytes) -> BundleFormat:
    """The format by a file's first bytes; what is neither counts as a ZIP, whose reader refuses it."""
    return BundleFormat.TAR_ZST if head.startswith(ZSTD_MAGIC) else BundleFormat.ZIP
