"""TLS for connections that move much: records are encrypted and decrypted in memory, many of them at once.

A TLS socket asks the system once for each record of 16 KiB that it sends, after it has asked whether it may,
twice for each that it receives, and is woken for each segment; beside threads that read, write and hash, that
costs more than a copy in memory does, and nearly as much as the encryption. Here a MiB comes at once, and 64
KiB leave.
"""

from __future__ import annotations

import hmac
import io
import math
import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING

from app.domain.lowwater import LowWater
from app.transfer.network.pinning import PinnedContext, other_certificate

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_SENT = 64 * 1024
"""Bytes that leave at once: twice as many save no more that counts, and every connection has the memory."""

_RECEIVED = 1024 * 1024
"""Bytes taken at once where much is coming."""

_LITTLE = 16 * 1024
"""Bytes taken at once where a short answer is waited for: every connection has as much memory."""

_SOON = 0.1
"""Seconds after which fewer bytes are taken, too."""

_MORE = -1
"""Instead of a number of bytes: more must come first."""

_LONG = 0.2
"""Seconds without a whole record, although some of one keeps coming, that are a silence for who is brief."""


class NothingSoon(Exception):
    """Nothing came for a moment, from a connection that is well."""


class BulkTls:
    """A TLS connection with as much of a socket's face as `http.client` needs. For one thread.

    Attributes:
        plain: the connection below; shutting it down, also from another thread, ends everything.
        coming: bytes that will come at least, if the peer keeps its word; the reader says so.
        brief: whether a silence is told after a moment already: who reads has something else to do.
    """

    def __init__(self, plain: socket.socket, *, host: str, context: ssl.SSLContext) -> None:
        """Shake hands; `plain` is closed when that fails by the certificate, else it stays the caller's.

        Raises:
            OSError: TLS fails; `ssl.SSLCertVerificationError` when it is not trusted.
            TrustError: it is not the pinned certificate (CF-1440).
        """
        self.plain = plain
        self.coming = 0
        self.brief = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._scratch = memoryview(bytearray(_LITTLE))
        self._low_water = LowWater()
        self._gathers = sys.platform == "linux"
        self._waits_for = 1
        self._silent = 0.0
        self._readers = 0
        self._closed = False
        self._broken: ssl.SSLError | None = None
        self._spoilt = False
        self._shake_hands(host, context)

    def sendall(self, data: ReadableBuffer) -> None:
        """Encrypt and send all of it; how long that may take counts anew whenever some of it has left."""
        view = memoryview(data).cast("B")
        while view:
            view = view[self._tls.write(view) :]
            if self._outgoing.pending >= _SENT:
                self._flush()
        self._flush()

    send = sendall

    def settimeout(self, seconds: float | None) -> None:
        """As a socket's."""
        self.plain.settimeout(seconds)

    def setsockopt(self, level: int, name: int, value: int) -> None:
        """As a socket's."""
        self.plain.setsockopt(level, name, value)

    def makefile(self, mode: str, buffering: int = io.DEFAULT_BUFFER_SIZE) -> io.BufferedReader:
        """What comes, decrypted. It may outlive `close`.

        Raises:
            ValueError: `mode` is not ``rb``.
        """
        if mode != "rb":
            raise ValueError("it can only be read from, and as bytes")
        self._readers += 1
        return io.BufferedReader(_Decrypted(self), max(buffering, io.DEFAULT_BUFFER_SIZE))

    def close(self) -> None:
        """Close the connection, once nobody reads from it any more."""
        self._closed = True
        if not self._readers:
            self.plain.close()

    def leave(self) -> None:
        """One of those who read has ended."""
        self._readers -= 1
        if self._closed:
            self.close()

    def read_into(self, view: memoryview) -> int:
        """Some bytes, as many as are there; 0 at the end.

        Raises:
            NothingSoon: `brief`, and nothing came for a moment; after as many as the patience has, it breaks.
            OSError: the connection broke, or was silent for too long; what came before was read.
        """
        if self._spoilt:
            raise self._why()
        filled, until = 0, time.monotonic() + _LONG if self.brief else math.inf
        while filled < len(view):
            try:
                # With a buffer it returns a number.
                count = int(self._tls.read(len(view) - filled, view[filled:]))
            except ssl.SSLWantReadError:
                count = _MORE
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                break
            except ssl.SSLError as error:
                self._spoilt = True
                if not filled:
                    raise
                # What came before it was proven, record by record.
                self._broken = error.with_traceback(None)
                break
            if not count or (count == _MORE and filled):
                break
            if count == _MORE:
                # Not while that error is handled: what breaks here would have it for its context for ever.
                if time.monotonic() >= until:
                    raise NothingSoon
                self._flush()
                self._receive()
            else:
                filled += count
        self.coming -= filled
        return filled

    def recv(self, count: int) -> bytes:
        """As a socket's."""
        buffer = bytearray(count)
        return bytes(buffer[: self.read_into(memoryview(buffer))])

    def _why(self) -> ssl.SSLError:
        """Why it is spoilt; not kept once it is told: its frames know this object, a circle."""
        error, self._broken = self._broken, None
        return error or ssl.SSLError("the connection is spoilt")

    def _shake_hands(self, host: str, context: ssl.SSLContext) -> None:
        pinned = context if isinstance(context, PinnedContext) else None
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
            except ssl.SSLCertVerificationError as error:
                self._flush()
                if pinned is None:
                    raise
                raise other_certificate(host, agreed=pinned.der) from error
        shown = self._tls.getpeercert(binary_form=True) or b""
        if pinned is not None and not hmac.compare_digest(shown, pinned.der):
            self.plain.close()
            raise other_certificate(host, agreed=pinned.der, shown=shown)
        self._flush()

    def _flush(self) -> None:
        left = memoryview(self._outgoing.read())
        while left:
            # Not all at once: on a slow way that would take longer than the patience for some of it.
            left = left[self.plain.send(left) :]

    def _receive(self) -> None:
        if self.coming > len(self._scratch) < _RECEIVED:
            self._scratch = memoryview(bytearray(_RECEIVED))
        mark = self._low_water.mark(left=self.coming, most=_RECEIVED) if self._gathers else 1
        mark = self._wait_for(mark)
        count = self._received_soon() if mark > 1 else None
        if count is None and mark > 1:
            # Fewer than the mark came: they may be taken now.
            self._low_water.missed(mark, left=self.coming)
            self._wait_for(1)
        if count is None:
            count = self._received_soon() if self.brief else self.plain.recv_into(self._scratch)
        if count is None:
            patience = self.plain.gettimeout()
            if patience is not None and self._silent >= patience:
                raise TimeoutError("timed out")
            raise NothingSoon
        self._silent = 0.0
        if count:
            self._incoming.write(self._scratch[:count])
        else:
            self._incoming.write_eof()

    def _received_soon(self) -> int | None:
        """How many bytes have come; None when the socket was not readable for a moment."""
        patience = self.plain.gettimeout()
        self.plain.settimeout(_SOON)
        try:
            return self.plain.recv_into(self._scratch)
        except TimeoutError:
            self._silent += _SOON
            return None
        finally:
            self.plain.settimeout(patience)

    def _wait_for(self, count: int) -> int:
        """Have the socket count as readable once so many bytes are there, or its end; how many it is now."""
        if count != self._waits_for:
            try:
                self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
                self._waits_for = count
            except OSError:
                # Some sandboxes and small systems know no such option: there each byte counts.
                self._gathers = False
        return self._waits_for


class _Decrypted(io.RawIOBase):
    """The reading side of a `BulkTls`."""

    def __init__(self, stream: BulkTls) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._stream.read_into(memoryview(buffer).cast("B"))

    def close(self) -> None:
        if not self.closed:
            self._stream.leave()
        super().close()
