"""Expressions of alarm rules: RE2, which takes linear time whatever is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

_LONGEST = 2000
_MEMORY = 8 << 20
_LEVELS = "Alr|Alarm|Std|Standard|Int|Interaction|Trc|Trace|Dbg|Debug"


@cache
def _re2() -> Any:
    """RE2; None where there is no wheel for this platform."""
    try:
        import re2  # type: ignore[import-untyped]  # its wheel has no types
    except ImportError:
        return None
    return re2


def complaint(pattern: str) -> str:
    """Why a pattern cannot be used, in words that help; empty when it can."""
    if len(pattern.encode("utf-8")) > _LONGEST:
        return f"is longer than {_LONGEST} bytes"
    if _re2() is None:
        return "needs RE2 (google-re2), which cannot be loaded on this machine"
    try:
        compiled = compiled_lines(pattern)
    except _re2().error:
        return "is not one that RE2 takes: check brackets; it has no back-references and no look-around"
    return "matches an empty line" if compiled.search(b"") is not None else ""


def compiled_lines(pattern: str) -> Any:
    """A pattern to be searched in whole lines (bytes in UTF-8 or an 8-bit encoding)."""
    options = _re2().Options()
    options.log_errors = False
    options.never_nl = True
    options.max_mem = _MEMORY
    options.encoding = _re2().Options.Encoding.LATIN1
    return _re2().compile(b"(?m:%b)" % pattern.encode("utf-8"), options=options)


def compiled_ids(ids: Sequence[str]) -> Any:
    """Ids where logs write them: behind the level (``Std 04504``), or in full (``GCTI-00-04504``)."""
    pattern = _ids(ids)
    return re.compile(pattern.encode("ascii")) if _re2() is None else compiled_lines(pattern)


def compiled_any(ids: Sequence[str], patterns: Sequence[str]) -> tuple[Any, ...]:
    """As few expressions for all as there can be: a block in which nothing is takes one pass of each."""
    if _re2() is None:
        return (compiled_ids(ids),) if ids else ()  # there can be no patterns then
    return _together([*patterns, *([_ids(ids)] if ids else [])])


def _together(patterns: Sequence[str]) -> tuple[Any, ...]:
    """One expression, or two for the halves when it would be too large for RE2, and so on."""
    if not patterns:
        return ()
    try:
        return (compiled_lines("|".join(f"(?:{pattern})" for pattern in patterns)),)
    except _re2().error:
        if len(patterns) == 1:
            raise
        half = len(patterns) // 2
        return (*_together(patterns[:half]), *_together(patterns[half:]))


def _ids(ids: Sequence[str]) -> str:
    return rf"(?:\b(?:{_LEVELS}) |\bGCTI-\d\d-)(?:{'|'.join(ids)})\b"
