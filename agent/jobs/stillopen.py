"""A bundle that is on its way comes into no case that was closed meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from app.domain.errors import RefusedError, WorldError
from app.transfer import Beat, Destination, Features, Lane, Level, Opened, Part, Shipment

_log = logging.getLogger(__name__)


class WhileOpen:
    """A destination that asks whether the case still takes files before it closes the file under its name.

    A refusal throws the unfinished file away: nothing of the bundle stays there. A file that has its name
    already is only proven.
    """

    def __init__(self, inner: Destination, require_open: Callable[[], None]) -> None:
        """Nothing is asked yet.

        Args:
            inner: where the bundle goes, which does not know of cases.
            require_open: raises `RefusedError` when the case takes no files, and another error of the world
                when that is not known; nothing is finished then.
        """
        self._inner = inner
        self._require_open = require_open
        self._opened: Opened | None = None

    @property
    def identity(self) -> str:
        """`Destination.identity`."""
        return self._inner.identity

    @property
    def features(self) -> Features:
        """`Destination.features`."""
        return self._inner.features

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """`Destination.open_or_resume`."""
        self._opened = self._inner.open_or_resume(shipment, remote=remote, acked=acked, beat=beat)
        return self._opened

    def lane(self) -> Lane:
        """`Destination.lane`."""
        return self._inner.lane()

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """`Destination.finish`, if the case still takes files.

        Raises:
            RefusedError: it does not; the unfinished file is gone, as far as the peer can.
        """
        opened = self._opened
        if opened is not None and not opened.finished:
            try:
                self._require_open()
            except RefusedError:
                self._throw_away(opened.remote, sha256=shipment.sha256)
                raise
        self._inner.finish(shipment, beat=beat)

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """`Destination.verify`."""
        return self._inner.verify(shipment, beat=beat)

    def abort(self, remote: str, *, sha256: str = "") -> None:
        """`Destination.abort`."""
        self._inner.abort(remote, sha256=sha256)

    def close(self) -> None:
        """`Destination.close`."""
        self._inner.close()

    def _throw_away(self, remote: str, *, sha256: str) -> None:
        try:
            self._inner.abort(remote, sha256=sha256)
        except WorldError as error:
            _log.info("the unfinished file stays at the peer (%s)", error.code)
