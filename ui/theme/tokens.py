"""The design tokens: one JSON file is the source of every colour, size and font of the desktop."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from app.settings import resource


class Scheme(StrEnum):
    """The two colour sets."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class FontScale:
    """One step of the type scale; sizes in px at 100 %."""

    size: int
    line: int
    weight: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """What ``resources/design/tokens.json`` says, checked while it is read.

    Attributes:
        colors: scheme to role to ``#RRGGBB``.
        scale: name of the step to its size and weight.
        families: ``ui``, ``display`` and ``mono`` font families for this platform, best first.
        sizes: the nested ``size`` object.
        icons: purpose (``cases``, ``reply``, …) to the name of the icon file.
    """

    colors: dict[Scheme, dict[str, str]]
    scale: dict[str, FontScale]
    families: dict[str, tuple[str, ...]]
    space: dict[str, int]
    radius: dict[str, int]
    sizes: dict[str, Any]
    icons: dict[str, str]
    fast_ms: int
    base_ms: int

    def size(self, *path: str) -> int:
        """A size in px, such as ``size("sidebar", "collapsed")``.

        Raises:
            KeyError: the tokens have no such size.
        """
        value: Any = self.sizes
        for name in path:
            value = value[name]
        return int(value)


def platform_name(platform: str = sys.platform) -> str:
    """The tokens' name of a platform: ``windows``, ``macos`` or ``linux``."""
    return {"win32": "windows", "darwin": "macos"}.get(platform, "linux")


def _families(font: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    platform = platform_name()
    return {kind: tuple(font[kind].get(platform, ())) for kind in ("ui", "display", "mono")}


@cache
def load_tokens() -> Tokens:
    """Read the tokens once.

    Raises:
        FileNotFoundError: the installation lacks the file.
        KeyError: the file lacks a part the desktop needs.
    """
    raw = msgspec.json.decode(resource("design", "tokens.json").read_bytes())
    return Tokens(
        colors={Scheme(name): dict(roles) for name, roles in raw["color"].items()},
        scale={
            name: FontScale(size=step["size"], line=step["line"], weight=step["weight"])
            for name, step in raw["font"]["scale_px_at_100"].items()
        },
        families=_families(raw["font"]),
        space={name: value for name, value in raw["spacing"].items() if name != "unit"},
        radius=dict(raw["radius"]),
        sizes=dict(raw["size"]),
        icons={
            purpose: name
            for group in ("nav", "actions", "objects")
            for purpose, name in raw["icons"][group].items()
        },
        fast_ms=raw["motion"]["fast_ms"],
        base_ms=raw["motion"]["base_ms"],
    )
