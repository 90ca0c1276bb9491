"""Faces of rooms whose parts are loaded when they are first asked for.

A command that masks one file shall not wait for ciphers, HTTP and typed settings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def loaded_later(room: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """A room's ``__getattr__``.

    Args:
        room: the room's ``__name__``.
        places: names of the face with the file of the room that has each.

    Returns:
        a function that loads what a name stands for and keeps it in the room; it raises ``AttributeError``
        for names that are not in `places`.
    """

    def load(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{room}.{places[name]}"), name)
        setattr(sys.modules[room], name, value)
        return value

    return load
