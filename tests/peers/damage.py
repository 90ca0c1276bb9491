"""Ways in which a database's file is damaged while nobody uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

_PAGE = 4096


def _header(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(b"\xff" * 100 + content[100:])


def _middle_page(path: Path) -> None:
    content = path.read_bytes()
    at = len(content) // _PAGE // 2 * _PAGE
    path.write_bytes(content[:at] + b"\xff" * _PAGE + content[at + _PAGE :])


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _garbage_in_the_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"\xa5" * 3 * _PAGE)


DAMAGES: Mapping[str, Callable[[Path], None]] = {
    "header": _header,
    "middle page": _middle_page,
    "cut": _cut,
    "emptied": _emptied,
}
"""Damages that no later read can be trusted after."""

HARMLESS: Mapping[str, Callable[[Path], None]] = {"garbage in the log": _garbage_in_the_log}
"""Damages that SQLite itself sees and ignores: checksums of the log's frames do not fit."""
