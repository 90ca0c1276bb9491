"""A directory at one glance: a digest of all that its listing would tell, made without a listing.

A listing makes objects of every file, and nearly every directory is as it was. The digest is made by the
compiled library and lives as long as the process; where there is no library, directories are listed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.masking.native import CoreMissing, load_core


@dataclass(frozen=True, slots=True)
class Glances:
    """What looks at a directory without listing it.

    Attributes:
        digest: of the directory of this path: its identity, its own times of change, names and kinds of what
            is in it, identity, size and times of its files. 0 when it could not be looked at as a whole.
        own: of these directories below an open one: identity and own times of change alone. 0 for one that
            cannot be seen.
    """

    digest: Callable[[bytes], int]
    own: Callable[[int, Sequence[bytes]], Sequence[int]]


def open_glances() -> Glances | None:
    """What glances at directories on this machine; None where they have to be listed."""
    if os.open not in os.supports_dir_fd:
        return None  # Windows, where listings are not true
    try:
        core = load_core()
        digest, own = core["cf_folder_glance"], core["cf_folders_own"]
    except (CoreMissing, AttributeError):
        return None
    digest.restype, digest.argtypes = ctypes.c_uint64, (ctypes.c_char_p,)
    own.restype = None
    own.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_uint64))

    def own_of(root: int, paths: Sequence[bytes]) -> Sequence[int]:
        told = (ctypes.c_uint64 * len(paths))()
        own(root, b"\0".join(paths), len(paths), told)
        return told[:]

    return Glances(digest=digest, own=own_of)
