"""``[masking]`` and ``[bundle]``: what is replaced, and what it is packed into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.bundle import LEVELS, BundleFormat
from app.settings import TomlDocument


@dataclass(frozen=True, slots=True)
class MaskingTable:
    """The table as it stands in the file."""

    rules: str = ""
    profile: str = ""
    key_file: str = ""
    known: str = ""
    check_all: bool = False
    lens: str = ""
    lens_days: float = 0.0


@dataclass(frozen=True, slots=True)
class BundleTable:
    """The table as it stands in the file."""

    format: BundleFormat = BundleFormat.ZIP
    level: int | None = None


def read_level(document: TomlDocument, bundle: BundleTable) -> int | None:
    """The level of compression; None is the format's own.

    Raises:
        InputError: the format has no such level.
    """
    allowed = LEVELS[bundle.format]
    if bundle.level is not None and bundle.level not in allowed:
        raise document.error(
            "bundle",
            "level",
            happened=f"{bundle.format.value} has no such level.",
            todo=f"Use {allowed.start} to {allowed.stop - 1}, or leave it out.",
        )
    return bundle.level


def check_lens(
    document: TomlDocument, *, lens: Path | None, days: float | None, collected: Iterable[Path]
) -> None:
    """The lens stays here: it may not lie in a folder whose logs are collected.

    Raises:
        InputError: with file, line and field.
    """
    if days is not None and not 0 < days <= 36_500:
        raise document.error(
            "masking",
            "lens_days",
            happened="it is no number of days.",
            todo="Use 1 to 36500, or leave it out.",
        )
    if lens is None:
        return
    place = lens.resolve()
    for folder in collected:
        if folder.resolve() in place.parents:
            raise document.error(
                "masking",
                "lens",
                happened="it lies in a folder whose logs are sent.",
                todo="Keep the lens in a folder of its own.",
            )
