"""The thread that keeps times, evidence and ids level with what the scans see."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from agent.catalogue.activity import Activity
from agent.catalogue.backlog import Backlog, BacklogTold
from agent.catalogue.evidence import Evidence
from agent.catalogue.finding import micros_of
from agent.catalogue.idindex import IdIndex
from agent.catalogue.idle import Breather, rest_in_the_background
from agent.catalogue.indexing import TimeIndexer
from agent.catalogue.times import TimeTable
from app.domain.errors import WorldError

_log = logging.getLogger(__name__)
_EVERY = 30.0
_SHORTEST_REST = 0.5
_REST = 19.0
"""After a round it rests nineteen times as long, so that busy logs take a twentieth of a core at most."""
_SHARE_OF_IDS = 0.2
_SIGNS_EVERY = 20.0
_STOP_WAIT = 5.0
"""Seconds for which the end of a block is waited for: only a disk that hangs takes longer."""


class Upkeep:
    """Reads what is new after `wake`, and in any case every half a minute."""

    def __init__(
        self,
        *,
        table: TimeTable,
        indexer: TimeIndexer,
        evidence: Evidence,
        activity: Activity,
        ids: IdIndex | None,
        wall: Callable[[], datetime],
        changed: Callable[[], None] = lambda: None,
        recorded: Callable[[], None] = lambda: None,
        not_recorded: Callable[[WorldError], None] = lambda _error: None,
        backlog: Callable[[], Backlog],
        crowded: Callable[[], None] = lambda: None,
        work: Callable[[], float] = time.thread_time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing runs before `start`.

        Args:
            table: of the catalogue.
            indexer: of the catalogue.
            evidence: of the catalogue.
            activity: of this agent.
            ids: index of ids; none is built when None.
            wall: aware UTC time.
            changed: called when segments were read.
            recorded: called after every round, each of which writes.
            not_recorded: called with why a round could not; it is repeated.
            backlog: what waits to be sent among the evidence.
            crowded: called when it changes whether what waits to be sent has room.
            work: seconds of a core that this thread has used; waiting for a busy machine is no work.
            clock: monotonic seconds.
        """
        self._work = work
        self._clock = clock
        self._signed = clock()
        self._table = table
        self._indexer = indexer
        self._evidence = evidence
        self._activity = activity
        self._ids = ids
        self._wall = wall
        self._changed = changed
        self._recorded = recorded
        self._not_recorded = not_recorded
        self._backlog = backlog
        self._told = BacklogTold(crowded)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._threads = [threading.Thread(target=self._run, name="upkeep", daemon=True)]
        if ids is not None:
            self._threads.append(threading.Thread(target=self._index_ids, name="ids", daemon=True))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Something changed."""
        self._wake.set()

    def stop(self) -> None:
        """End at the next block, with everything kept that was read; a thread that hangs is left behind."""
        self._stop.set()
        self._indexer.cease()
        self._evidence.cease()
        self._wake.set()
        deadline = time.monotonic() + _STOP_WAIT
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.1, deadline - time.monotonic()))

    def once(self) -> int:
        """One round; how many segments were read."""
        self._sign()
        done = self._indexer.catch_up(alive=self._sign_now_and_then)
        self._evidence.renew()
        self._told.look(self._backlog())
        return done

    def _sign(self) -> None:
        """Of life: while none comes, the agent counts as one that stands."""
        self._signed = self._clock()
        self._activity.alive(micros_of(self._wall()) // 1000)

    def _sign_now_and_then(self) -> None:
        if self._clock() - self._signed >= _SIGNS_EVERY:
            self._sign()

    def _run(self) -> None:
        rest_in_the_background()
        while not self._stop.is_set():
            began = self._work()
            try:
                read = self.once()
                self._recorded()
                if read:
                    self._changed()
            except WorldError as error:
                self._not_recorded(error)
            except Exception:  # noqa: BLE001 - the border of this thread
                _log.exception("a round of the catalogue's upkeep failed; it is repeated")
            worked = self._work() - began
            self._stop.wait(min(max(_SHORTEST_REST, worked * _REST), _EVERY))
            self._wake.wait(_EVERY)
            self._wake.clear()

    def _index_ids(self) -> None:
        rest_in_the_background()
        pause = Breather(self._stop, share=_SHARE_OF_IDS)
        while not self._stop.wait(_EVERY):
            try:
                if self._ids is not None:
                    self._ids.build(self._table, wanted=lambda: not self._stop.is_set(), pause=pause)
            except WorldError as error:
                _log.info("the index of ids cannot be built (%s)", error.code)
            except Exception:  # noqa: BLE001 - the border of this thread
                _log.exception("building the index of ids failed; it is repeated")
