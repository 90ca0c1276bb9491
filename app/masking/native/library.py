"""The core's library: where it lies, what its functions take, and what it is when it does not load.

Nothing in the library raises: an answer below zero says what went wrong, and `checked` turns it into a fault.
Functions are called without the interpreter's lock, so that threads mask side by side.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from ctypes import (
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int32,
    c_int64,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any

FACE = 1
"""Version of the functions below; a library that tells another one is not used."""

LIBRARIES = Path(__file__).resolve().parent / "lib"
_NAMES = {"win32": "caseferry_core.dll", "darwin": "caseferry_core.dylib"}

SEAL = ".sha256"
"""What the name of the file has more that holds the SHA-256 of a library, as it was built."""

DONE, FULL, ASKS = 0, 1, 2
"""Answers of ``cf_write``."""

NO_MEMORY = -2

LEARN, TOUCHING, KEPT = 1, 2, 128
"""Flags of a place."""

RULE_KEYS, RULE_OWN, RULES = 256, 1024, 1536
"""Where the numbers of rules begin: of keys, of the customer's own; and how many numbers there are."""


TIMES_KINDS, TIMES_PARTS = 8, 8
"""Kinds of messages, and stretches of time that a block of lines may cover."""


class CoreMissing(Exception):
    """The core cannot be used on this machine; the text says why, in words."""


class CoreFailed(ValueError):
    """The core refused what it was given, or memory ran out."""


class CSpan(Structure):
    """``cf_span`` of core.h."""

    _fields_ = (
        ("start", c_uint32),
        ("end", c_uint32),
        ("order", c_uint16),
        ("rule", c_uint16),
        ("kind", c_uint8),
        ("flags", c_uint8),
        ("spare", c_uint16),
        ("learned", c_int32),
    )


class CPlace(Structure):
    """``cf_place`` of replace.h: a place between the phases."""

    _fields_ = (
        ("start", c_uint32),
        ("size", c_uint32),
        ("rule", c_uint16),
        ("kind", c_uint8),
        ("flags", c_uint8),
    )


class CFound(Structure):
    """``cf_found_there`` of face.c: what stands in a buffer."""

    _fields_ = (
        ("places", c_void_p),
        ("place_count", c_uint64),
        ("teachers", c_void_p),
        ("teacher_count", c_uint64),
    )


class CProgress(Structure):
    """``cf_progress`` of face.c: how much was written, and whose token is asked for."""

    _fields_ = (
        ("written", c_uint64),
        ("raw", c_void_p),
        ("raw_size", c_uint32),
        ("kind", c_int32),
    )


class CTimesPart(Structure):
    """``cf_times_part`` of times.c: what was written in one stretch of time."""

    _fields_ = (
        ("number", c_int64),
        ("size", c_uint64),
        ("records", c_uint32),
        ("kinds", c_uint32 * TIMES_KINDS),
    )


class CTimes(Structure):
    """``cf_times_told`` of times.c: what a block tells."""

    _fields_ = (
        ("least", c_int64),
        ("most", c_int64),
        ("first", c_int64),
        ("pause", c_int64),
        ("place", c_uint64),
        ("records", c_uint32),
        ("count", c_uint32),
        ("parts", CTimesPart * TIMES_PARTS),
    )


SPAN_SIZE = ctypes.sizeof(CSpan)
PLACE_SIZE = ctypes.sizeof(CPlace)

_FACE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "cf_face": (c_uint32, ()),
    "cf_rules_new": (c_void_p, ()),
    "cf_rules_free": (None, (c_void_p,)),
    "cf_rules_shape": (c_int32, (c_void_p, c_int32, c_int32)),
    "cf_rules_key": (c_int32, (c_void_p, c_char_p, c_uint32, *(c_int32,) * 6)),
    "cf_rules_end": (c_int32, (c_void_p, c_char_p, c_uint32, *(c_int32,) * 5)),
    "cf_rules_needs": (c_int32, (c_void_p, c_int32)),
    "cf_rules_qualifier": (c_int32, (c_void_p, c_char_p, c_uint32)),
    "cf_rules_word": (c_int32, (c_void_p, c_char_p, c_uint32, c_int32)),
    "cf_rules_keep": (c_int32, (c_void_p, c_char_p, c_uint32)),
    "cf_rules_people": (c_int32, (c_void_p, c_char_p, c_uint32, c_uint32)),
    "cf_rules_allow": (c_int32, (c_void_p, c_int32, c_char_p, c_uint32)),
    "cf_rules_network": (c_int32, (c_void_p, c_int32, c_char_p, c_uint32)),
    "cf_rules_site": (c_int32, (c_void_p, c_int32, c_char_p, c_uint32)),
    "cf_rules_internal": (c_int32, (c_void_p, c_uint32, c_uint32)),
    "cf_rules_ready": (c_int32, (c_void_p,)),
    "cf_rule_name": (c_char_p, (c_int32,)),
    "cf_settings_new": (c_void_p, (c_void_p, c_char_p, c_uint64)),
    "cf_settings_free": (None, (c_void_p,)),
    "cf_settings_country": (c_int, (c_void_p, c_char_p, c_uint32)),
    "cf_settings_kept": (c_int, (c_void_p, c_int)),
    "cf_settings_treatment": (c_int, (c_void_p, c_int, c_int, c_char_p, c_uint32)),
    "cf_settings_range": (c_int, (c_void_p, c_char_p, c_char_p, c_uint32, c_int)),
    "cf_settings_stop": (c_int, (c_void_p, c_char_p, c_uint32)),
    "cf_settings_learning": (c_int, (c_void_p, c_int, c_uint32, c_uint32, c_uint32, c_uint64)),
    "cf_learned_new": (c_void_p, (c_void_p,)),
    "cf_learned_free": (None, (c_void_p,)),
    "cf_learned_know": (c_int, (c_void_p, c_int, c_char_p, c_uint32)),
    "cf_learned_take": (c_int, (c_void_p, c_char_p, c_uint64, c_char_p, c_uint64)),
    "cf_learned_next": (None, (c_void_p,)),
    "cf_learned_share": (c_int, (c_void_p, c_void_p)),
    "cf_learned_count": (c_uint32, (c_void_p,)),
    "cf_learned_dropped": (c_uint32, (c_void_p,)),
    "cf_learned_pending": (
        c_int64,
        (c_void_p, POINTER(c_uint8), POINTER(c_void_p), POINTER(c_uint32)),
    ),
    "cf_learned_form": (c_int, (c_void_p, c_int64, c_char_p, c_uint32)),
    "cf_work_new": (c_void_p, (c_void_p,)),
    "cf_work_free": (None, (c_void_p,)),
    "cf_work_kinds": (POINTER(c_uint64), (c_void_p,)),
    "cf_work_rules": (POINTER(c_uint64), (c_void_p,)),
    "cf_work_stayed": (POINTER(c_uint64), (c_void_p,)),
    "cf_work_reset": (None, (c_void_p,)),
    "cf_work_table": (None, (c_void_p, c_char_p, c_uint32)),
    "cf_find": (
        c_int,
        (c_void_p, c_char_p, c_uint64, c_uint64, c_uint64, c_char_p, c_uint64, POINTER(CFound)),
    ),
    "cf_settle": (
        c_int64,
        (c_void_p, c_void_p, c_char_p, c_uint64, c_uint64, c_uint64, c_uint64, c_char_p, c_uint64),
    ),
    "cf_settled": (c_void_p, (c_void_p, POINTER(c_uint64))),
    "cf_value_of": (c_void_p, (c_void_p, c_char_p, c_void_p, POINTER(c_uint32))),
    "cf_write": (c_int, (c_void_p, c_void_p, c_char_p, c_void_p, c_uint64, POINTER(CProgress))),
    "cf_tell": (c_int, (c_void_p, c_int, c_char_p, c_uint32, c_char_p, c_uint32)),
    "cf_count_lines": (c_uint64, (c_void_p, c_uint64)),
    "cf_is_utf8": (c_int, (c_void_p, c_uint64)),
    "cf_is_plain": (c_int, (c_char_p, c_uint64)),
    "cf_lines_with": (
        c_int64,
        (c_char_p, c_uint64, c_uint64, c_char_p, c_uint32, POINTER(c_uint64), c_uint64),
    ),
    "cf_seek": (c_int64, (c_void_p, c_uint64, c_uint64, c_char_p, c_uint64, c_int)),
    "cf_seek_wide": (c_int, ()),
    "cf_times": (c_int64, (c_char_p, c_uint64, c_int64, c_int64, c_int64, POINTER(CTimes))),
    "cf_clocks": (c_uint32, (c_void_p, c_uint64)),
    "cf_same": (c_uint64, (c_void_p, c_char_p, c_uint64)),
}

_loaded: dict[Path, ctypes.CDLL] = {}


def library_path() -> Path:
    """Where the library of this platform lies when it is there."""
    return LIBRARIES / _NAMES.get(sys.platform, "caseferry_core.so")


def load_core(path: Path | None = None) -> ctypes.CDLL:
    """The library with the types of its functions; loaded once.

    Raises:
        CoreMissing: it is not there, is not as it was built, is for another machine, or has other functions.
    """
    path = path or library_path()
    known = _loaded.get(path)
    if known is not None:
        return known
    if not path.is_file():
        raise CoreMissing("this package holds no core for this platform")
    if not _is_whole(path):
        raise CoreMissing("the core is damaged; install Caseferry again")
    try:
        core = ctypes.CDLL(str(path))
        for name, (answer, words) in _FACE.items():
            function = core[name]
            function.restype, function.argtypes = answer, words
            setattr(core, name, function)
    except OSError:
        raise CoreMissing("the core does not load on this machine") from None
    except AttributeError:
        raise CoreMissing("the core is of another version") from None
    if core.cf_face() != FACE:
        raise CoreMissing("the core is of another version")
    _loaded[path] = core
    return core


def _is_whole(path: Path) -> bool:
    """Whether a library is as it was built: one that was cut off would end the process with a bus error."""
    try:
        seal = path.with_name(path.name + SEAL).read_bytes()
        return seal.strip() == hashlib.sha256(path.read_bytes()).hexdigest().encode("ascii")
    except OSError:
        return False


def checked(answer: int) -> int:
    """An answer of the core that is not below zero.

    Raises:
        MemoryError, CoreFailed: it is.
    """
    if answer == NO_MEMORY:
        raise MemoryError
    if answer < 0:
        raise CoreFailed(f"the core answers {answer}")
    return answer
