"""HTTPS requests to one origin: blocks, time-outs, one renewed sign-in, redirects that stay at home."""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from app.domain.errors import InputError, WorldError
from app.domain.places import place_of
from app.settings.handshakes import PAGES, error_of_page, is_verdict, verdict_behind
from app.transfer.destination import Beat
from app.transfer.failures import (
    cut,
    foreign_host,
    from_os_error,
    garbage,
    insecure_redirect,
    not_signed_in,
)
from app.transfer.incoming import LONGEST_ANSWER, Incoming
from app.transfer.network import (
    DIRECT,
    BulkTls,
    Network,
    Opening,
    cut_off,
    dial,
    expect_loss,
    watch_over,
)
from app.transfer.origin import origin_of
from app.transfer.responses import FinalResponse

BLOCK = 256 * 1024
"""Bytes handed to the socket at once."""

_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class TokenSource(Protocol):
    """Where the bearer token comes from."""

    def bearer(self) -> str:
        """The token to send now."""

    def rejected(self) -> None:
        """The server did not take it: the next `bearer` must be a new one."""


class SharedTokens:
    """One source for several connections: what one of them renewed, the others do not reject."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._lock = threading.Lock()

    def bearer(self) -> str:
        """The token to send now."""
        with self._lock:
            return self._source.bearer()

    def rejected(self, token: str) -> None:
        """The server did not take this one; nothing happens when there is another one by now."""
        with self._lock:
            if self._source.bearer() == token:
                self._source.rejected()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def whole(self) -> bytes:
        """`body`."""
        return self.body

    def leave(self) -> None:
        """There is nothing left of it on the connection."""


A = TypeVar("A", "Answer", "Incoming")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a connection, for one block to leave, and for an answer after the last block."""

    connect: float = 20.0
    block: float = 30.0
    answer: float = 120.0


class Wire:
    """One kept connection to one origin. One thread at a time; `abandon` alone may come from another."""

    def __init__(
        self,
        url: str,
        *,
        ssl_context: ssl.SSLContext,
        tokens: SharedTokens | None,
        patience: Patience,
        network: Network = DIRECT,
    ) -> None:
        """Nothing is connected yet.

        Raises:
            InputError: the address is not ``https://host[:port]/…`` (CF-1132).
        """
        self._host, self._port = origin_of(url)
        self._context = ssl_context
        self._tokens = tokens
        self._patience = patience
        self._network = network
        self._connection: http.client.HTTPSConnection | None = None
        # The library lets go of it while the body of a last answer (``Connection: close``) is still to come.
        self._line: BulkTls | None = None
        self._abandoned = False
        self._opening = Opening()
        self._shown = ""
        self.round_trip = 0.0
        """Seconds that the newest TCP connection took; 0 before the first."""

    @property
    def peer(self) -> str:
        """``host:port``, for people and addresses."""
        return place_of(self._host, self._port)

    def own(self, url: str) -> bool:
        """Whether `url` is on this origin."""
        try:
            return origin_of(url) == (self._host, self._port)
        except InputError:
            return False

    @property
    def connected(self) -> bool:
        """Whether there is a connection to go on with."""
        return self._connection is not None and not self._abandoned

    def connect(self) -> None:
        """Connect now, if there is no connection.

        Raises:
            WorldError: see `app.transfer.failures` and `app.transfer.network.dial`.
        """
        try:
            self._connected()
        except (OSError, http.client.HTTPException) as error:
            raise _translated(self.peer, error) from error

    def expect_loss(self) -> None:
        """See `network.expect_loss`: for the connection that is open, if there is one. From any thread."""
        line = self._line
        if line is not None:
            expect_loss(line.plain)

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._line is not None:
            # Whoever reads an answer has read enough of it.
            self._line.plain.close()
            self._line = None

    def abandon(self) -> None:
        """End it at once and for good, also from another thread; who waits for it hears of a cut."""
        self._abandoned = True
        line = self._line
        if line is not None:
            cut_off(line.plain)
        self._opening.end()

    def resolve(self, base: str, location: str) -> str:
        """An absolute address on this origin.

        Raises:
            PeerError: it is no address (CF-1630).
            TrustError: it leaves TLS (CF-1412) or the origin (CF-1413).
        """
        try:
            url = urljoin(base, location)
        except ValueError as error:
            raise garbage(self.peer, "it names what is no address") from error
        if not url.isascii():
            raise garbage(self.peer, "it names an address that is not encoded")
        if urlsplit(url).scheme != "https":
            raise insecure_redirect(self.peer)
        if not self.own(url):
            raise foreign_host(self.peer)
        return url

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: memoryview | None = None,
        beat: Beat | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever the status.

        Raises:
            CredentialsError: 401, also with a renewed token; or the server wants a client certificate, or
                another one (CF-1313, CF-1314).
            TrustError: certificate, or a redirect that leaves TLS or the origin.
            UnreachableError, PeerError: see `app.transfer.failures`.
        """

        def once(place: str) -> Answer:
            return self._once(lambda: self._exchange(method, place, headers, body, beat), body=body)

        return self._led(once, url, follow=body is None)

    def fetch(self, url: str, *, headers: Mapping[str, str]) -> Incoming:
        """One GET, and the beginning of its answer; the body is still to be read.

        Raises:
            WorldError: as `request`.
        """

        def once(place: str) -> Incoming:
            return self._once(lambda: self._begun(place, headers), body=None)

        return self._led(once, url, follow=True)

    @contextmanager
    def expecting(self, count: int, *, brief: bool) -> Iterator[None]:
        """So many bytes of the answer are still to come, if all goes well.

        Args:
            count: bytes.
            brief: what is read in the block raises `NothingSoon` after a moment's silence.
        """
        line = self._line
        if line is None:
            yield
            return
        line.coming, line.brief = count, brief
        try:
            yield
        finally:
            line.brief = False

    def failed(self, error: OSError | http.client.HTTPException) -> WorldError:
        """What an error of this connection means; it is dropped."""
        self.close()
        return _translated(self.peer, error)

    def _led(self, once: Callable[[str], A], url: str, *, follow: bool) -> A:
        """Renew a refused token once; follow redirects that stay at home."""
        renewed = False
        redirects = 0
        while True:
            answer = once(url)
            if answer.status in PAGES:
                about_ours = error_of_page(answer.status, answer.whole(), self.peer)
                if about_ours is not None:
                    self.close()
                    raise about_ours
            if answer.status == 401:
                if renewed or self._tokens is None:
                    raise not_signed_in(self.peer)
                self._tokens.rejected(self._shown)
                renewed = True
            elif answer.status in _REDIRECTS and follow and "location" in answer.headers:
                redirects += 1
                if redirects > _MOST_REDIRECTS:
                    raise garbage(self.peer, "it redirects in a circle")
                url = self.resolve(url, answer.headers["location"])
            else:
                return answer
            answer.leave()

    def _once(self, exchange: Callable[[], A], *, body: memoryview | None) -> A:
        # A kept connection may have been closed while it was idle; that is not a cut, and is tried anew once.
        idle = self._connection is not None and body is None
        while True:
            try:
                return exchange()
            except (OSError, http.client.HTTPException) as error:
                ended = self._verdict(error)
                try:
                    self.close()
                    if not (idle and isinstance(ended, ConnectionError | ssl.SSLEOFError)):
                        raise _translated(self.peer, ended) from error
                    idle = False
                finally:
                    # Its frames know this one: a circle would keep the connection's memory for long.
                    del ended
            except BaseException:
                self.close()
                raise

    def _verdict(self, error: OSError | http.client.HTTPException) -> OSError | http.client.HTTPException:
        """Why it ended, where the server has said so, else that it did."""
        return verdict_behind(self._line, error) if isinstance(error, OSError) else error

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: memoryview | None,
        beat: Beat | None,
    ) -> Answer:
        connection = self._asked(method, url, headers, length=None if body is None else len(body))
        broken = None if body is None else self._send(connection, body, beat=beat)
        self._timeout(self._patience.answer)
        try:
            response = connection.getresponse()
            answered = response.read(LONGEST_ANSWER + 1)
            if broken is None and response.length and len(answered) <= LONGEST_ANSWER:
                # The library takes an answer that was cut for one that is short.
                raise http.client.IncompleteRead(answered, response.length)
        except (OSError, http.client.HTTPException) as error:
            raise error if is_verdict(error) else broken or error from error
        if broken is not None or response.will_close or len(answered) > LONGEST_ANSWER:
            self.close()
        if len(answered) > LONGEST_ANSWER:
            raise garbage(self.peer, f"an answer of more than {LONGEST_ANSWER} bytes")
        return Answer(status=response.status, headers=_lowered(response), body=answered, url=url)

    def _begun(self, url: str, headers: Mapping[str, str]) -> Incoming:
        connection = self._asked("GET", url, headers, length=None)
        self._timeout(self._patience.answer)
        response = cast(FinalResponse, connection.getresponse())
        self._timeout(self._patience.block)
        return Incoming(self, response, headers=_lowered(response), url=url)

    def _asked(
        self, method: str, url: str, headers: Mapping[str, str], *, length: int | None
    ) -> http.client.HTTPSConnection:
        """Send everything of a request but its body."""
        connection = self._connected()
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.putrequest(method, target, skip_accept_encoding=True)
        if self._tokens is not None:
            self._shown = self._tokens.bearer()
            connection.putheader("Authorization", f"Bearer {self._shown}")
        for name, value in headers.items():
            connection.putheader(name, value)
        if length is not None or method in ("POST", "PATCH"):
            connection.putheader("Content-Length", str(length or 0))
        connection.endheaders()
        self._timeout(self._patience.block)
        return connection

    def _send(
        self, connection: http.client.HTTPSConnection, body: memoryview, *, beat: Beat | None
    ) -> ConnectionError | None:
        """Send the body; a server that refuses in the middle has its answer read all the same."""
        _cork(connection, on=True)
        start = 0
        while start < len(body):
            block = body[start : start + (BLOCK if beat is None else min(BLOCK, beat.stride))]
            start += len(block)
            if beat is not None:
                beat.leaving(len(block))
            try:
                connection.send(block)
            except (BrokenPipeError, ConnectionResetError) as error:
                return error
            if beat is not None:
                beat.moved(len(block))
        _cork(connection, on=False)
        return None

    def _connected(self) -> http.client.HTTPSConnection:
        if self._abandoned:
            raise cut(self.peer, reason="the connection was given up here")
        if self._connection is None:
            connection = http.client.HTTPSConnection(
                self._host,
                self._port,
                timeout=self._patience.connect,
                context=self._context,
                blocksize=BLOCK,
            )
            connection.response_class = FinalResponse
            connection.sock = self._line = self._secured()
            self._connection = connection
            if self._abandoned:
                raise cut(self.peer, reason="the connection was given up here")
        return self._connection

    def _secured(self) -> BulkTls:
        began = time.monotonic()
        seconds = self._patience.connect
        with self._opening.making() as held:
            plain = dial(self._host, self._port, network=self._network, seconds=seconds, held=held)
            try:
                self.round_trip = time.monotonic() - began
                watch_over(plain, seconds=self._patience.block)
                return BulkTls(plain, host=self._host, context=self._context)
            except BaseException:
                plain.close()
                raise

    def _timeout(self, seconds: float) -> None:
        if self._line is not None:
            self._line.settimeout(seconds)


def _cork(connection: http.client.HTTPSConnection, *, on: bool) -> None:
    """Have the system send full segments only, and the rest at the end: TLS writes record by record.

    What a slow sender leaves unfinished leaves after 200 ms all the same.
    """
    if sys.platform == "linux" and connection.sock is not None:
        # It saves packets, no more: some sandboxes do not know it.
        with suppress(OSError):
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)


def _lowered(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _translated(peer: str, error: OSError | http.client.HTTPException) -> WorldError:
    if isinstance(error, OSError):
        return from_os_error(peer, error)
    if isinstance(error, http.client.IncompleteRead):
        return cut(peer)
    return garbage(peer, f"no HTTP ({type(error).__name__})")
