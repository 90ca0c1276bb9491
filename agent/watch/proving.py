"""Whether file events really come: tried out at the start, and again and again, in a folder of our own."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from agent.watch.hints import HintSource, NoHints, OnHint, file_events

_WAIT = 3.0
_ANSWER_WITHIN = 5.0
_PREFIX = "file-events-"


def proven_hints(
    place: Path, *, make: Callable[[], HintSource] = file_events, wait: float = _WAIT
) -> HintSource:
    """Fresh hints when those of this system are seen to come, else none and the reason.

    Args:
        place: a folder of our own, on a local disk; folders are made in it for the trials.
        make: makes the hints, once for the trial and once for use.
        wait: seconds after which an event that has not come counts as missing.
    """
    trial = make()
    if isinstance(trial, NoHints):
        return trial
    why = _tried(trial, place, wait=wait)
    return NoHints(why) if why else CheckedHints(make(), place)


def forget_trials(place: Path) -> None:
    """Take away the folders that killed agents left; to be called while nothing is tried out."""
    for left in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # it is in nobody's way
            shutil.rmtree(left)


class CheckedHints:
    """Hints that are tried out whenever `check` is called, by a file of our own that changes.

    A queue that has died, or a system that has stopped telling, is otherwise the same as a quiet folder.
    """

    def __init__(
        self, hints: HintSource, place: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is made before `start`.

        Args:
            hints: what is checked; not started.
            place: where a folder for the check is made.
            clock: monotonic seconds.
        """
        self._hints = hints
        self._place = place
        self._clock = clock
        self._folder: Path | None = None
        self._asked: float | None = None
        self._count = 0
        self._trouble = ""

    @property
    def reason(self) -> str:
        """Why hints do not come, or not for all; empty while they do."""
        return self._hints.reason or self._trouble

    def start(self, on_hint: OnHint) -> None:
        """Begin."""

        def heard(folder: Path, relative: str | None) -> None:
            if folder == self._folder:
                self._asked, self._trouble = None, ""
            else:
                on_hint(folder, relative)

        self._hints.start(heard)
        with contextlib.suppress(OSError):  # without a folder there are no checks; the scan goes on anyway
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._place))

    def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
        """As `HintSource.arm`."""
        self._hints.arm(folder, relative, identity)

    def disarm(self, folder: Path) -> None:
        """As `HintSource.disarm`."""
        self._hints.disarm(folder)

    def check(self) -> None:
        """See whether the last change of our own file was told, and change it again."""
        if self._folder is None:
            return
        if self._asked is not None:
            if self._clock() - self._asked <= _ANSWER_WITHIN:
                return
            self._trouble = "File events have stopped coming."
        try:
            found = self._folder.stat()
            self._hints.arm(self._folder, "", (found.st_dev, found.st_ino))
            self._asked = self._clock()
            self._count += 1
            (self._folder / "check").write_text(str(self._count), encoding="ascii")
        except OSError:
            self._asked = None  # a full disk, for example, says nothing about events

    def stop(self) -> None:
        """End, and take the folder of the checks away."""
        self._hints.stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder)


def _tried(hints: HintSource, place: Path, *, wait: float) -> str:
    """Why hints are not to be had; empty when a new file, growth and a new name are each heard of."""
    heard = threading.Event()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
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
