"""One connection to a tus server: asking where uploads stand, and sending parts to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.domain.errors import WorldError
from app.transfer import failures
from app.transfer.destination import Beat
from app.transfer.parts import Part
from app.transfer.tus_answers import (
    VERSION,
    Announced,
    Stand,
    checksum_header,
    encode_metadata,
    error_of,
    number_in,
    read_stand,
    refusing_rule,
)
from app.transfer.tus_expiry import Expiries
from app.transfer.tus_places import Places
from app.transfer.wire import Answer, Wire

SMALLEST_PATCH = 256 * 1024
"""Bytes below which a 413 is no longer answered with smaller requests."""

_MOST_CORRUPTED = 3
_OFFSET_TYPE = "application/offset+octet-stream"


@dataclass(slots=True)
class Terms:
    """What all lanes of one file go by.

    Attributes:
        announced: what the server can do.
        largest_patch: bytes of a request; smaller once a proxy has refused larger ones.
        deferred: addresses of uploads whose length the server waits for.
        corrupted: how many times in a row bytes arrived changed, by where in the file they begin.
        asked: where requests with a checksum ended in the file, and where they began.
    """

    announced: Announced
    largest_patch: int
    deferred: set[str] = field(default_factory=set)
    corrupted: dict[int, int] = field(default_factory=dict)
    asked: dict[int, int] = field(default_factory=dict)


class Speech:
    """tus over one `Wire`. `expiries` hears what each answer says of an upload's end."""

    def __init__(self, wire: Wire, expiries: Expiries) -> None:
        self.wire = wire
        self._expiries = expiries

    @property
    def peer(self) -> str:
        """``host:port``."""
        return self.wire.peer

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: memoryview | None = None,
        beat: Beat | None = None,
    ) -> Answer:
        """One request, with the version; raises as `Wire.request`."""
        every = {"Tus-Resumable": VERSION, **(headers or {})}
        answer = self.wire.request(method, url, headers=every, body=body, beat=beat)
        if method != "POST":
            self._expiries.note(url, answer.headers)
        return answer

    def stand(self, url: str, *, size: int | None) -> Stand | None:
        """Where an upload stands; None when the server has no such upload.

        Args:
            url: the upload.
            size: the length that it must have; None when it does not matter.

        Raises:
            PeerError: its length is another one, or its offset impossible (CF-1630).
        """
        answer = self.ask("HEAD", url)
        if answer.status in (404, 410):
            return None
        self.expect(answer, 200, 204, of_upload=True)
        stand = read_stand(answer, peer=self.peer)
        wrong_length = size is not None and stand.length is not None and stand.length != size
        if wrong_length or (size is not None and (stand.offset or 0) > size):
            what = f"the upload has {stand.offset} of {stand.length} bytes, not of {size}"
            raise failures.garbage(self.peer, what)
        return stand

    def expect(self, answer: Answer, *allowed: int, of_upload: bool = False) -> None:
        """Raise what any other status means."""
        if answer.status not in allowed:
            raise self.error_of(answer, of_upload=of_upload)

    def error_of(self, answer: Answer, *, of_upload: bool = False) -> WorldError:
        """What an answer that was not hoped for means."""
        return error_of(answer, peer=self.peer, of_upload=of_upload, now=self._expiries.wall())

    def location(self, answer: Answer) -> str:
        """The address of what was created.

        Raises:
            PeerError: it is not said (CF-1630).
            TrustError: it is not on this server (CF-1412, CF-1413).
        """
        if "location" not in answer.headers:
            raise failures.garbage(self.peer, "an upload was created, but not where")
        url = self.wire.resolve(answer.url, answer.headers["location"])
        self._expiries.note(url, answer.headers)
        return url


class TusLane:
    """`Lane`: the parts of one run at a time go to its upload, in order."""

    def __init__(self, speech: Speech, places: Places, terms: Terms, *, done: Callable[[Wire], None]) -> None:
        """Nothing is asked yet.

        Args:
            speech: its own.
            places: shared by all lanes of the file.
            terms: shared, too.
            done: takes the connection back when the lane is closed in rest.
        """
        self._speech = speech
        self._places = places
        self._terms = terms
        self._done = done
        self._lock = threading.Lock()
        self._busy = False
        self._closed = False

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        """`Lane.put`: one request, or several where a proxy takes smaller ones only."""
        with self._lock:
            if self._closed:
                raise failures.cut(self._speech.peer, reason="the connection was given up here")
            self._busy = True
        try:
            reached = self._put(part, data, beat=beat)
        except BaseException:
            # A broken exchange must not be gone on with.
            self._give_up()
            raise
        if self._rested():
            self._give_up()
        return reached

    def expect_loss(self) -> None:
        """`LossyLane.expect_loss`."""
        self._speech.wire.expect_loss()

    def close(self) -> None:
        """`Lane.close`."""
        with self._lock:
            first, self._closed = not self._closed, True
            busy = self._busy
        if busy:
            self._speech.wire.abandon()
        elif first:
            self._done(self._speech.wire)

    def _rested(self) -> bool:
        """The part is through; whether the lane was closed meanwhile."""
        with self._lock:
            self._busy = False
            return self._closed

    def _give_up(self) -> None:
        """In the thread that puts: what the wire still holds is let go."""
        self._speech.wire.abandon()
        self._speech.wire.close()

    def _put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        number = self._places.run_of(part.offset)
        at = part.offset
        while at < part.end:
            piece = data[at - part.offset : at - part.offset + self._terms.largest_patch]
            known = part if len(piece) == len(data) else None
            answer = self._send(number, at, piece, known=known, beat=beat)
            if answer.status in (200, 201, 204):
                self._terms.corrupted.pop(at, None)
                reached = self._reached(number, answer)
                if reached != at + len(piece):
                    return reached
                at = reached
            elif answer.status == 413 and "retry-after" not in answer.headers:
                self._terms.largest_patch = min(self._terms.largest_patch, len(piece)) // 2
                if self._terms.largest_patch < SMALLEST_PATCH:
                    raise failures.too_large(self._speech.peer)
            else:
                return self._after(number, at, answer)
        return at

    def _send(self, number: int, at: int, piece: memoryview, *, known: Part | None, beat: Beat) -> Answer:
        run, url = self._places.runs[number], self._places.urls[number]
        if not url and not (self._terms.announced.creation_with_upload and at == run.start):
            url = self._begin(number, beat=beat)
        headers = {"Content-Type": _OFFSET_TYPE}
        if self._terms.announced.checksum:
            headers["Upload-Checksum"] = checksum_header(self._terms.announced.checksum, piece, known=known)
            self._terms.asked[at + len(piece)] = at
        if not url:
            return self._begin_with(number, piece, headers, beat=beat)
        headers["Upload-Offset"] = str(at - run.start)
        if url in self._terms.deferred:
            headers["Upload-Length"] = str(run.length)
        answer = self._speech.ask("PATCH", url, headers, body=piece, beat=beat)
        if answer.status in (200, 204):
            self._terms.deferred.discard(url)
        return answer

    def _creation(self, number: int) -> dict[str, str]:
        metadata = encode_metadata({"filename": f"part-{number}", "filetype": "application/octet-stream"})
        length = str(self._places.runs[number].length)
        return {"Upload-Length": length, "Upload-Concat": "partial", "Upload-Metadata": metadata}

    def _begin(self, number: int, *, beat: Beat) -> str:
        answer = self._speech.ask("POST", self._places.creation, self._creation(number))
        self._speech.expect(answer, 200, 201)
        url = self._speech.location(answer)
        beat.remember(self._places.put(number, url))
        return url

    def _begin_with(
        self, number: int, piece: memoryview, headers: Mapping[str, str], *, beat: Beat
    ) -> Answer:
        """The creation carries the first bytes; without its answer they are a nameless part, and expire."""
        every = self._creation(number) | dict(headers)
        answer = self._speech.ask("POST", self._places.creation, every, body=piece, beat=beat)
        if answer.status in (200, 201):
            beat.remember(self._places.put(number, self._speech.location(answer)))
        elif answer.status in (404, 405, 410):
            self._speech.expect(answer)
        return answer

    def _reached(self, number: int, answer: Answer) -> int:
        """The byte of the file up to which the run is there; asked for when the answer does not say it."""
        if "upload-offset" not in answer.headers:
            return self._stands(number)
        offset = number_in(answer, "upload-offset", peer=self._speech.peer)
        return self._places.runs[number].start + offset

    def _stands(self, number: int) -> int:
        run, url = self._places.runs[number], self._places.urls[number]
        stand = self._speech.stand(url, size=run.length) if url else Stand(offset=0, length=None)
        if stand is None:
            raise failures.gone(self._speech.peer)
        return run.start + (stand.offset or 0)

    def _after(self, number: int, at: int, answer: Answer) -> int:
        """What to do when a request was not taken: where the server stands, or why it is an error."""
        if answer.status == 460:
            self._terms.corrupted[at] = self._terms.corrupted.get(at, 0) + 1
            if self._terms.corrupted[at] >= _MOST_CORRUPTED:
                raise failures.part_corrupted(self._speech.peer)
        elif answer.status != 409 or refusing_rule(answer):
            self._speech.expect(answer, of_upload=True)
        return self._stands(number)
