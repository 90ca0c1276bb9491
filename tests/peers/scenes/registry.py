"""The scenes of ``./dev shots``: name to a function that brings the stage there and says what to picture."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from tests.peers.scenes.stage import Stage

Scene = Callable[["Stage"], QWidget]

SCENES: dict[str, Scene] = {}


def scene(name: str) -> Callable[[Scene], Scene]:
    """Register a scene; its name is the picture's file name."""

    def register(function: Scene) -> Scene:
        assert name not in SCENES, f"two scenes are called {name}"
        SCENES[name] = function
        return function

    return register


def load_scenes() -> dict[str, Scene]:
    """Import every ``*_scenes`` module of this folder; all scenes by name, in order."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.endswith("_scenes"):
            importlib.import_module(f"tests.peers.scenes.{module.name}")
    return dict(sorted(SCENES.items()))
