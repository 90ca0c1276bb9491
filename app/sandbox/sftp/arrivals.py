"""Files that clients have finished, waiting to be looked at; one thread looks at them, in time order."""

from __future__ import annotations

import heapq
import logging
import threading
from datetime import datetime, timedelta

from app.domain.errors import LocalError
from app.sandbox.sftp.rows import ArrivalRow, all_arrivals, arrival, forget_arrival, note_arrival
from app.sandbox.sftp.taking import Also, Later, take
from app.sandbox.sftp.writers import Place, Writers
from app.sandbox.site import Site

_log = logging.getLogger("app.sandbox.sftp")
_RETRY = timedelta(seconds=10)


class _Stopped(Exception):
    """The portal stops in the middle of a look; the next start looks again."""


class Arrivals:
    """The queue of finished files; what is in it is in the store, too, and survives a kill.

    Args:
        site: the portal.
        writers: who writes now.
        grace: how long a file waits for its companion before it counts as sent without.
    """

    def __init__(self, site: Site, writers: Writers, *, grace: timedelta) -> None:
        self._site = site
        self._writers = writers
        self._grace = grace
        self._wake = threading.Condition()
        self._due: list[tuple[datetime, Place]] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sftp-arrivals", daemon=True)

    def start(self) -> None:
        """Begin with what a stop or a kill has left."""
        for row in all_arrivals(self._site.database):
            self._schedule((row.case, row.name), at=self._site.clock())
        self._thread.start()

    def stop(self) -> None:
        """End after the block that is being read."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        self._thread.join()

    def note(self, place: Place, *, user: str) -> None:
        """A client has finished this file."""
        now = self._site.clock()
        row = ArrivalRow(case=place[0], name=place[1], user=user, finished=now)
        with self._site.database.transaction() as connection:
            note_arrival(connection, row)
        self._schedule(place, at=now)

    def forget(self, place: Place) -> None:
        """It was renamed or removed."""
        if arrival(self._site.database, case=place[0], name=place[1]) is None:
            return
        with self._site.database.transaction() as connection:
            forget_arrival(connection, case=place[0], name=place[1])

    def _schedule(self, place: Place, *, at: datetime) -> None:
        with self._wake:
            heapq.heappush(self._due, (at, place))
            self._wake.notify_all()

    def _run(self) -> None:
        while (place := self._next()) is not None:
            row = arrival(self._site.database, case=place[0], name=place[1])
            if row is not None:
                self._look(row)

    def _next(self) -> Place | None:
        """Wait for the next place that is due; None when the portal stops."""
        with self._wake:
            while not self._stopping:
                now = self._site.clock()
                if self._due and self._due[0][0] <= now:
                    return heapq.heappop(self._due)[1]
                self._wake.wait((self._due[0][0] - now).total_seconds() if self._due else None)
        return None

    def _look(self, row: ArrivalRow) -> None:
        place = (row.case, row.name)
        try:
            after = take(self._site, self._writers, row, grace=self._grace, look_up=self._look_up)
        except _Stopped:
            return
        except (OSError, LocalError) as error:
            _log.warning("a finished file is looked at again later: %s", type(error).__name__)
            after = Later(self._site.clock() + _RETRY)
        except Exception as error:  # noqa: BLE001
            # The thread must go on; the row stays, and the next start tries again.
            _log.error("a finished file could not be taken", exc_info=error)
            return
        if isinstance(after, Later):
            self._schedule(place, at=after.at)
        elif isinstance(after, Also):
            self._schedule((row.case, after.name), at=self._site.clock())

    def _look_up(self) -> None:
        if self._stopping:
            raise _Stopped
