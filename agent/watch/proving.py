"""Whether file events really come: tried out at the start, in a folder of our own."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from agent.watch.hints import HintSource, NoHints, file_events

_WAIT = 3.0


def proven_hints(
    place: Path, *, make: Callable[[], HintSource] = file_events, wait: float = _WAIT
) -> HintSource:
    """Fresh hints when those of this system are seen to come, else none and the reason.

    Args:
        place: a folder of our own, on a local disk; a folder is made in it for the time of the trial.
        make: makes the hints, once for the trial and once for use.
        wait: seconds after which an event that has not come counts as missing.
    """
    trial = make()
    if isinstance(trial, NoHints):
        return trial
    why = _tried(trial, place, wait=wait)
    return NoHints(why) if why else make()


def _tried(hints: HintSource, place: Path, *, wait: float) -> str:
    """Why hints are not to be had; empty when a new file, growth and a new name are each heard of."""
    heard = threading.Event()
    folder = Path(tempfile.mkdtemp(prefix="file-events-", dir=place))
    try:
        hints.start(lambda _folder, _relative: heard.set())
        found = folder.stat()
        hints.arm(folder, "", (found.st_dev, found.st_ino))
        if hints.reason:
            return hints.reason
        for act in (_create, _grow, _rename):
            heard.clear()
            act(folder)
            if not heard.wait(wait):
                return "File events do not come on this machine: they were tried out at the start."
        return ""
    except OSError as error:
        return f"File events could not be tried out: {error.strerror or type(error).__name__}."
    finally:
        hints.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def _create(folder: Path) -> None:
    (folder / "a.log").touch()


def _grow(folder: Path) -> None:
    with (folder / "a.log").open("ab") as stream:
        stream.write(b"x")


def _rename(folder: Path) -> None:
    (folder / "a.log").rename(folder / "a.log.1")
