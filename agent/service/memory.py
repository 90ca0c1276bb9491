"""Memory of an agent that rests: what work has used goes back to the system.

The C library of most Linux systems keeps freed memory for itself, and that of every thread apart. Both are
told otherwise here; where there is no such library nothing is done, and nothing is missed. Libraries' code
and constants that a start or a job needed are let go of, too (`agent.service.mappings`).
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Protocol

from agent.service.mappings import let_go_of_files
from app.resting import rest

_M_ARENA_MAX = -8
_ARENAS = 2
_QUIET = 5.0
"""Seconds without work after which memory is given back."""
_AGAIN = 600.0
"""Seconds of rest after which it is given back again: a rest asks the portal and looks at files, too."""

_COMMAND_LINE = "uvicorn.main"
_SPARED = ("chardet", "charset_normalizer", "multipart", "python_multipart")


class Allocator(Protocol):
    """What is asked of the C library."""

    def mallopt(self, parameter: int, value: int, /) -> int:
        """Set one of its parameters; 0 when it does not know it."""

    def malloc_trim(self, pad: int, /) -> int:
        """Give free memory back but for `pad` bytes; 1 when some was."""


def the_allocator() -> Allocator | None:
    """The C library of this process, where it is one that can be asked; else None."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    known = hasattr(library, "mallopt") and hasattr(library, "malloc_trim")  # musl knows neither
    return library if known else None


def few_arenas(allocator: Allocator | None = None) -> None:
    """Let all threads share a few stores of free memory. To be called before there are threads."""
    allocator = allocator or the_allocator()
    if allocator is not None:
        allocator.mallopt(_M_ARENA_MAX, _ARENAS)


def spare_libraries() -> None:
    """Let libraries do without others that an agent never uses: some megabytes.

    ``requests`` does without those that guess encodings, as the portal's answers are UTF-8; ``starlette``
    without one for forms, as the API takes none; ``uvicorn`` without its command line.

    For a process that is an agent and nothing else, before it imports any of them.
    """
    for name in _SPARED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # importlib's way to say: there is none
    warnings.filterwarnings("ignore", message="Unable to find acceptable character detection dependency")
    if _COMMAND_LINE not in sys.modules:
        sys.modules[_COMMAND_LINE] = _CommandLine(_COMMAND_LINE)


class _CommandLine(ModuleType):
    """In the place of ``uvicorn.main``, which ``uvicorn`` always loads, with ``click`` and much else.

    It has the server, and loads the true one as soon as anything else of it is used.
    """

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)  # what the import system asks every module for
        if name == "Server":
            return import_module("uvicorn.server").Server
        return _LaterCommand(name) if name in ("main", "run") else getattr(_true_command_line(), name)


@dataclass(frozen=True, slots=True)
class _LaterCommand:
    """A function of ``uvicorn.main``, which is loaded when it is called."""

    name: str

    def __call__(self, *words: object, **options: object) -> object:
        return getattr(_true_command_line(), self.name)(*words, **options)


def _true_command_line() -> ModuleType:
    if isinstance(sys.modules.get(_COMMAND_LINE), _CommandLine):
        del sys.modules[_COMMAND_LINE]
    return import_module(_COMMAND_LINE)


def give_back(allocator: Allocator | None = None, *, let_go: Callable[[], object] = let_go_of_files) -> None:
    """Give free memory back to the system; takes some milliseconds.

    Args:
        allocator: the C library; that of this process when None.
        let_go: lets go of what can be read again from files.
    """
    rest()
    gc.collect()
    allocator = allocator or the_allocator()
    if allocator is not None:
        allocator.malloc_trim(0)
    let_go()


class MemoryReturn:
    """Memory is given back after work, when none has followed for some seconds, and each ten minutes of rest.

    Args:
        give: gives it back.
        clock: seconds that never go back.
    """

    def __init__(
        self, give: Callable[[], None] = give_back, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._give = give
        self._clock = clock
        self._due = clock() + _QUIET  # a start is work

    def worked(self) -> None:
        """Something was done just now. May be called by any thread."""
        self._due = self._clock() + _QUIET

    def settle(self) -> bool:
        """Give back what is due, and whether anything was. To be called every second or so, by one thread."""
        now = self._clock()
        if now < self._due:
            return False
        self._due = now + _AGAIN
        self._give()
        return True
