"""The threads that look: one for each watched folder, so that a share that hangs keeps no other waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from agent.watch.agenda import Agenda, Look, LookKind, Tiers, late_text
from agent.watch.clocks import ClockWatch, awake_clock
from agent.watch.glance import open_glances
from agent.watch.hints import HintSource
from agent.watch.listing import list_directory
from agent.watch.scan import FolderScan
from agent.watch.shares import is_share
from agent.watch.tree import Lister, Tree

_log = logging.getLogger(__name__)

_FAILED_AGAIN = 5.0
_SILENT = 30.0
_STOP_WAIT = 30.0

OnScan = Callable[[FolderScan], float | None]
"""Takes one pass over a folder or a part of it; returns in how many seconds its directories must be handed on
again, or None."""
Remembered = Callable[[Path], Mapping[str, int]]


class Watcher:
    """Looks at folders and hands what changed to `on_scan`."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        hints: HintSource,
        on_scan: OnScan,
        every: float,
        remembered: Remembered = lambda _folder: MappingProxyType({}),
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        lister: Lister = list_directory,
        share: Callable[[Path], bool] = is_share,
        awake: Callable[[], float] | None = None,
    ) -> None:
        """Keep what is needed; nothing starts before `start`.

        Args:
            folders: each is looked at with its subfolders.
            hints: what shortens the wait.
            on_scan: called by one thread at a time; an exception in it is logged and the pass is repeated.
            every: seconds between two full scans of a folder; hot files and the directories' own times of
                change are asked for more often (see `Tiers`).
            remembered: the directories of a folder in which files were known before this start, with their
                device.
            clock: monotonic seconds.
            wall: seconds since 1970.
            lister: lists one directory.
            share: whether a folder lies on the network: it is scanned less often when that takes long. It is
                asked before every full scan, as a share may be mounted after the start.
            awake: monotonic seconds that stand still while the machine sleeps; the system's own when None,
                or `clock` where that is another one.
        """
        self._hints = hints
        self._on_scan = on_scan
        self._handing = threading.Lock()
        awake = awake or (awake_clock() if clock is time.monotonic else clock)
        self._watches = {
            folder: _FolderWatch(
                Tree(
                    folder,
                    remembered=remembered(folder),
                    lister=lister,
                    glances=open_glances() if lister is list_directory else None,
                    on_directory=_arming(hints, folder),
                    clock=clock,
                    wall=wall,
                ),
                every=every,
                share=share,
                hand=self._hand,
                hints=hints,
                clock=clock,
                wall=wall,
                awake=awake,
            )
            for folder in dict.fromkeys(folders)
        }

    @property
    def mode(self) -> str:
        """``events+scan``, or ``scan`` when hints do not come for all; `reason` says why."""
        return "scan" if self.reason else "events+scan"

    @property
    def reason(self) -> str:
        """Why hints do not come for everything, for people; empty when they do."""
        told = [self._hints.reason] if self._hints.reason else []
        shares = self._shares
        if shares:
            names = ", ".join(folder.name for folder in shares)
            told.append(f"On a network share, where changes by other machines make no file events: {names}.")
        told += [late_text(folder.name, late) for folder in shares if (late := self.late(folder))]
        return " ".join(told)

    def silent(self, folder: Path) -> float | None:
        """For how many seconds a look at this folder has not come back, when it is long; else None."""
        watch = self._watches.get(folder)
        return None if watch is None else watch.silent()

    def late(self, folder: Path) -> float | None:
        """Seconds between two full scans of a folder when they are slow and rarer than every ten minutes."""
        watch = self._watches.get(folder)
        return None if watch is None else watch.late

    @property
    def _shares(self) -> list[Path]:
        return [folder for folder, watch in self._watches.items() if watch.is_share]

    @property
    def waiting(self) -> int:
        """How many directories wait for a look because of hints; bounded."""
        return sum(watch.waiting for watch in self._watches.values())

    def start(self) -> None:
        """Begin; the first pass over every folder starts at once."""
        self._hints.start(self.hint)
        if self.reason:
            _log.info("scanning only: %s", self.reason)
        for watch in self._watches.values():
            watch.start()

    def stop(self) -> None:
        """End after the passes that run; one that hangs is left behind."""
        for watch in self._watches.values():
            watch.end()
        self._hints.stop()
        deadline = time.monotonic() + _STOP_WAIT
        for watch in self._watches.values():
            watch.join(0.1 if watch.silent() else max(0.1, deadline - time.monotonic()))

    def hint(self, folder: Path, relative: str | None = None) -> None:
        """Look at this directory of a folder soon; at everything in it when None is given."""
        watch = self._watches.get(folder)
        if watch is not None:
            watch.hint(relative)

    def _hand(self, scan: FolderScan) -> float | None:
        with self._handing:
            return self._on_scan(scan)


def _arming(hints: HintSource, folder: Path) -> Callable[[str, tuple[int, int]], None]:
    def arm(relative: str, identity: tuple[int, int]) -> None:
        hints.arm(folder, relative, identity)

    return arm


class _FolderWatch:
    """One folder with its thread."""

    def __init__(
        self,
        tree: Tree,
        *,
        every: float,
        share: Callable[[Path], bool],
        hand: OnScan,
        hints: HintSource,
        clock: Callable[[], float],
        wall: Callable[[], float],
        awake: Callable[[], float],
    ) -> None:
        self._tree = tree
        self._every = every
        self._share = share
        self._agenda = Agenda(Tiers.of(full=every, share=share(tree.folder)))
        self._hand = hand
        self._hints = hints
        self._clock = clock
        self._wall = wall
        self._awake = awake
        self._clocks = ClockWatch()
        self._wake = threading.Condition()
        self._stopping = False
        self._began: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"watch {tree.folder.name}", daemon=True)

    @property
    def waiting(self) -> int:
        return self._agenda.dirty

    @property
    def late(self) -> float | None:
        return self._agenda.late

    @property
    def is_share(self) -> bool:
        return self._agenda.tiers.share

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    def join(self, seconds: float) -> None:
        if self._thread.is_alive():
            self._thread.join(seconds)

    def silent(self) -> float | None:
        began = self._began
        if began is None or (lasted := self._clock() - began) < _SILENT:
            return None
        return lasted

    def hint(self, relative: str | None) -> None:
        with self._wake:
            if relative is None:
                self._agenda.everything()
                self._wake.notify_all()
            elif self._agenda.hint(relative):
                self._wake.notify_all()

    def _run(self) -> None:
        while (look := self._next()) is not None:
            began = self._began = self._clock()
            spent = time.thread_time()
            try:
                self._look(look)
            except Exception:  # noqa: BLE001 - the border of this thread: what goes wrong must not end the watching
                _log.exception("a look at a watched folder failed; it is repeated")
            self._began = None
            with self._wake:
                self._agenda.done(
                    look,
                    began=began,
                    ended=self._clock(),
                    cost=time.thread_time() - spent,
                    readable=self._tree.readable,
                )

    def _next(self) -> Look | None:
        """The look that is due, waiting for it; None when the watcher stops."""
        with self._wake:
            while not self._stopping:
                now = self._clock()
                if self._clocks.stepped(monotonic=self._awake(), wall=self._wall()):
                    _log.info("the clock has stepped or the machine slept: everything is looked at")
                    self._agenda.everything()
                due = self._agenda.take(now)
                if isinstance(due, Look):
                    return due
                self._wake.wait(due)
            return None

    def _look(self, look: Look) -> None:
        if look.kind is LookKind.FULL:
            self._hints.check()
            self._agenda.paced(Tiers.of(full=self._every, share=self._share(self._tree.folder)))
            self._take(self._tree.full(forced=look.forced))
        elif look.kind is LookKind.SOME:
            self._take(self._tree.look(look.directories, forced=look.forced))
        else:
            hot = look.kind is LookKind.HOT
            for directory in self._tree.changed_hot() if hot else self._tree.changed_directories():
                self.hint(directory)

    def _take(self, scans: Iterable[FolderScan]) -> None:
        for scan in scans:
            if not scan.readable:
                self._hints.disarm(scan.folder)
            looked = scan.looked or frozenset({""})
            try:
                again = self._hand(scan)
            except Exception:  # noqa: BLE001 - what goes wrong in taking it in must not end the watching
                _log.exception("a pass over a watched folder failed; it is repeated")
                again = _FAILED_AGAIN
            if again is not None:
                with self._wake:
                    self._agenda.again(looked, at=self._clock() + again)
