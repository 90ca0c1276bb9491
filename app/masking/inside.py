"""Whether a file is an archive, which is masked inside; what opens archives is loaded for one only."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from app.logs.packings import HEAD, packing_of
from app.masking.errors import cannot

if TYPE_CHECKING:
    from app.logs import Packed


def archive_in(source: BinaryIO) -> Packed | None:
    """The file as an archive; None when it is none that is opened here, or is read once only.

    Raises:
        MaskingError: it cannot be read (``CF-1908``), or as `app.masking.archives.open_archive`.
    """
    try:
        if not source.seekable():
            return None
        source.seek(0)
        packing = packing_of(source.read(HEAD))
        source.seek(0)
    except OSError as fault:
        raise cannot("read", fault, "CF-1908") from None
    if packing is None:
        return None
    from app.masking.archives import open_archive

    return open_archive(source)
