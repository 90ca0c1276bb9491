"""An answer that is read while it comes: what came counts, whatever ends the connection."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from app.domain.errors import WorldError
from app.transfer.failures import cut, garbage
from app.transfer.network import NothingSoon
from app.transfer.responses import FinalResponse

LONGEST_ANSWER = 256 * 1024
"""Bytes of an answer that is read as a whole, at most."""

_SOON = 0.2
"""Seconds after which what came is handed on: people should see how far it is."""


class Line(Protocol):
    """The connection that it comes over."""

    @property
    def peer(self) -> str:
        """``host:port``, for people."""

    def expecting(self, count: int, *, brief: bool) -> AbstractContextManager[None]:
        """So many bytes of the answer are still to come, if all goes well.

        Args:
            count: bytes.
            brief: what is read in the block raises `NothingSoon` after a moment's silence.
        """

    def failed(self, error: OSError | http.client.HTTPException) -> WorldError:
        """What an error of this connection means; it is dropped."""

    def close(self) -> None:
        """Drop the connection."""


class Incoming:
    """An answer whose body is still to be read. `headers` has lower-case names."""

    def __init__(self, line: Line, response: FinalResponse, *, headers: Mapping[str, str], url: str) -> None:
        self._line = line
        self._response = response
        self._broken: OSError | http.client.HTTPException | None = None
        self.status = response.status
        self.headers = headers
        self.url = url
        self._whole: bytes | None = None

    def readinto(self, buffer: memoryview, *, going: Callable[[], None] = lambda: None) -> int:
        """The next bytes of the body, those that come soon; 0 at its end, or when it was cut.

        Args:
            buffer: takes them.
            going: called now and then while none come; raises to end the waiting.

        Raises:
            WorldError: the connection broke, and everything that came before was read.
        """
        filled, until = 0, time.monotonic() + _SOON
        while filled < len(buffer) and self._broken is None:
            try:
                count = self._some(buffer[filled:], until=until)
            except NothingSoon:
                if filled:
                    break
                going()
                continue
            except (OSError, http.client.HTTPException) as error:
                # Its frames know this object: a circle would keep the connection's memory for long.
                self._broken = error.with_traceback(None)
                break
            filled += count
            if not count or time.monotonic() >= until:
                break
        if self._broken is not None and not filled:
            self._response.close()
            raise self._line.failed(self._broken) from self._broken
        return filled

    def more(self, *, seconds: float, going: Callable[[], None]) -> bool:
        """Whether there is more behind what its reader knows to be all: not at its end, a cut, or a silence.

        Args:
            seconds: how long a silence must be; lines behind the last chunk are none of its bytes.
            going: called now and then meanwhile; raises to end the waiting.
        """
        one, until = memoryview(bytearray(1)), time.monotonic() + seconds
        while self._broken is None:
            try:
                return self._some(one, until=until) > 0
            except NothingSoon:
                going()
                if time.monotonic() >= until:
                    break
            except (OSError, http.client.HTTPException) as error:
                self._broken = error.with_traceback(None)
        return False

    def _some(self, buffer: memoryview, *, until: float) -> int:
        response = self._response
        with self._line.expecting(response.length or 0, brief=True):
            while response.between_chunks:
                response.pass_a_line()
                if response.between_chunks and time.monotonic() >= until:
                    # Lines that trickle in keep nobody from what came before them.
                    raise NothingSoon
            return response.take(buffer)

    def whole(self) -> bytes:
        """All of a short body, also when it is asked for again.

        Raises:
            WorldError: the connection broke, or the body is long (CF-1630).
        """
        if self._whole is None:
            self._whole = self._read_whole()
        return self._whole

    def _read_whole(self) -> bytes:
        buffer = bytearray(LONGEST_ANSWER + 1)
        view, filled = memoryview(buffer), 0
        while filled < len(view) and (count := self.readinto(view[filled:])):
            filled += count
        if filled > LONGEST_ANSWER:
            raise garbage(self._line.peer, f"an answer of more than {LONGEST_ANSWER} bytes")
        if self._response.length:
            raise cut(self._line.peer)
        return bytes(view[:filled])

    def leave(self) -> None:
        """No more of it is wanted; the connection is kept only when the body was read to its end."""
        if not self._response.isclosed() or self._response.will_close:
            self._line.close()
            self._response.close()
