"""Names that leave this machine: of bundles and of the files in them, free of personal values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from app.bundle import BundleFormat
from app.masking import Engine, mask_name

_UNSAFE = re.compile(r"[^\w.+=@() -]+", re.UNICODE)
_LONGEST = 120


def bundle_name(source: str, *, created: datetime, job: str, form: BundleFormat = BundleFormat.ZIP) -> str:
    """The bundle's name in the case: what started it, when (UTC), the job's first characters, its format."""
    return f"{_safe(source)}-{created:%Y%m%d-%H%M%S}-{job[:8]}{form.suffix}"


def member_name(engine: Engine, *, folder: str, path: str) -> str:
    """The name of a file in the bundle; every part of it went through the masking engine.

    Args:
        engine: the one that masks the contents.
        folder: what the name begins with, such as the application; may be empty.
        path: relative path with ``/``.

    Raises:
        MaskingError: the engine failed; the file must not be sent.
    """
    parts = [part for part in f"{folder}/{path}".split("/") if part not in ("", ".", "..")]
    return "/".join(_safe(part) for part in mask_name(engine, "/".join(parts)).split("/"))


def distinct(names: Iterable[str]) -> list[str]:
    """The same names; one that was there before (whatever its letter case) gets ``~2``, ``~3``."""
    taken: set[str] = set()
    found: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{name}~{number}"
        taken.add(candidate.casefold())
        found.append(candidate)
    return found


def _safe(part: str) -> str:
    """Only what every file system and ZIP program takes; the end of a long name, with its suffix, stays."""
    plain = _UNSAFE.sub("_", part).strip(" ")
    return plain[-_LONGEST:].lstrip(".") or "file"
