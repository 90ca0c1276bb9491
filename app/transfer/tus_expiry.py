"""Until when a tus server keeps unfinished uploads (extension *expiration*)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from app.transfer.destination import Ends, NoEnds
from app.transfer.retry import parse_moment

_log = logging.getLogger(__name__)

SOON = 3600.0
"""Seconds before its end in which an upload is about to expire."""

_DOUBT = 300.0
"""Seconds for which what has expired is asked for nevertheless: clocks differ, servers sweep late."""


def seconds_left(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds from an answer until its ``Upload-Expires``, below 0 when that is past; None without one.

    On the server's clock where the answer has a ``Date``: a wrong clock here does not matter then.

    Args:
        headers: of the answer, with lower-case names.
        now: what this machine's clock says, with its zone.
    """
    expires = parse_moment(headers.get("upload-expires", ""))
    if expires is None:
        return None
    return (expires - (parse_moment(headers.get("date", "")) or now)).total_seconds()


class Expiries:
    """When each upload of one file expires, as the newest answer said. Thread-safe.

    Attributes:
        wall: this machine's clock, with its zone.
    """

    def __init__(self, *, monotonic: Callable[[], float], wall: Callable[[], datetime]) -> None:
        """`monotonic` gives seconds that never step."""
        self._monotonic = monotonic
        self.wall = wall
        self._ends: dict[str, float] = {}
        self._kept: Ends = NoEnds()
        self._lock = threading.Lock()

    def keep_in(self, kept: Ends) -> None:
        """Note every end there, too, and take from there what no answer has said yet."""
        self._kept = kept

    def note(self, url: str, headers: Mapping[str, str]) -> None:
        """An answer about the upload; one that does not say it changes nothing."""
        left = seconds_left(headers, now=self.wall())
        if left is not None:
            with self._lock:
                self._ends[url] = self._monotonic() + left
            self._kept.note(url, left)

    def left(self, url: str) -> float | None:
        """Seconds that the upload is kept, below 0 when it is over; None when the server did not say."""
        with self._lock:
            end = self._ends.get(url)
        return self._kept.left(url) if end is None else end - self._monotonic()

    def is_over(self, url: str) -> bool:
        """Whether the upload has expired for so long that it need not be asked for."""
        left = self.left(url)
        return left is not None and left < -_DOUBT

    def tell(self, urls: Iterable[str]) -> None:
        """Before uploads are asked for: say in the log which of them are over or about to expire."""
        for number, url in enumerate(urls):
            left = self.left(url)
            if left is None or left > SOON:
                continue
            if left <= 0:
                _log.info("upload %d has expired %.0f s ago: it may have to begin anew", number, -left)
            else:
                _log.info("upload %d expires in %.0f s", number, left)
