"""tus 1.0 over HTTPS: one upload, or several side by side that the server joins.

Core and creation are needed. Checksum, concatenation, creation with upload, termination, expiration and
deferred length are used where the server announces or asks for them.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from app.decoding import ready
from app.domain.errors import RefusedError, UnreachableError
from app.transfer import failures
from app.transfer.destination import Beat, Features, Level, Opened, Shipment
from app.transfer.network import DIRECT, Network, verifies
from app.transfer.parts import LARGEST_PART, PART_SIZE, SMALLEST_PART, Part
from app.transfer.ranges import ByteRange, RangeSet
from app.transfer.tus_answers import Announced, encode_metadata, read_announced
from app.transfer.tus_expiry import Expiries
from app.transfer.tus_lane import Speech, Terms, TusLane
from app.transfer.tus_places import Places
from app.transfer.wire import Patience, SharedTokens, TokenSource, Wire

MOST_STREAMS = 16
FAR_SECONDS = 0.01
"""A round trip from which on several streams are faster than the joining costs."""

_CHECK_EVERY = (0.1, 2.0)
_CHECK_FOR = 900.0
_TOO_LARGE = "upload-too-large"
"""What the contract calls a file that the server can never store."""


class _State(msgspec.Struct):
    """What this side reads of the answer of a state address."""

    phase: str = ""
    stored_sha256: str = ""
    check: str = ""
    note: str = ""
    problem: str = ""

    @property
    def turned_down(self) -> bool:
        """Whether the server is done with it and does not vouch for it: more waiting changes nothing."""
        return self.phase == "done" and self.check in ("unknown", "differs")


class TusDestination:
    """An upload address of a tus server."""

    def __init__(
        self,
        url: str,
        *,
        ssl_context: ssl.SSLContext,
        tokens: TokenSource | None = None,
        metadata: Mapping[str, str] | None = None,
        state_url: str = "",
        part_size: int = PART_SIZE,
        patience: Patience | None = None,
        network: Network = DIRECT,
        streams: int | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is connected yet.

        Args:
            url: where uploads are created, ``https://…``.
            ssl_context: what is trusted; verification stays on.
            tokens: bearer tokens; None for a server without sign-in.
            metadata: further pairs of ``Upload-Metadata``. ``filename``, ``filetype``, ``sha256``,
                ``manifest_sha256`` and ``idempotency_key`` are set from the bundle.
            state_url: relative to an upload's own address (``state``): answers JSON with ``stored_sha256``
                once the server has hashed what it stored. Empty: the server has no such address.
            part_size: bytes of a part on a usual network.
            patience: time-outs.
            network: the way out.
            streams: uploads of one file side by side, where the server can join them, 1 to `MOST_STREAMS`;
                None: one when the server is near, `MOST_STREAMS` when it is far.
            wall: this machine's clock, with its zone; servers name dates.

        Raises:
            InputError: no https address (CF-1132), or metadata that cannot be written (CF-1133).
        """
        if not verifies(ssl_context):
            raise ValueError("an SSL context that does not verify is never used")
        self._url = url
        self._context = ssl_context
        self._tokens = None if tokens is None else SharedTokens(tokens)
        self._patience = patience or Patience()
        self._network = network
        self._main = self._new_wire()
        self._metadata = dict(metadata or {})
        encode_metadata(self._metadata)
        self._state_url = state_url
        self._part_size = part_size
        self._streams = streams
        self._terms: Terms | None = None
        self._expiries = Expiries(monotonic=time.monotonic, wall=wall)
        self._round_trip: float | None = None
        self._places: Places | None = None
        self._lock = threading.Lock()
        self._resting: list[Wire] = []
        self._lanes: list[TusLane] = []
        self._connecting: set[Wire] = set()
        self._takes_lanes = True

    @property
    def identity(self) -> str:
        """``https://host:port/path``."""
        return f"https://{self._main.peer}{urlsplit(self._url).path}"

    @property
    def features(self) -> Features:
        """`Destination.features`: as many connections as the file has runs."""
        size = self._part_size
        return Features(
            most_connections=1 if self._places is None else len(self._places.runs),
            smallest_part=min(size, SMALLEST_PART),
            preferred_part=size,
            largest_part=max(size, LARGEST_PART),
            round_trip=self._round_trip,
            all_at_once=True,
            part_digests=not self._whole_is_proven_by_the_way(),
            whole_compared=bool(self._state_url),
            part_crc32=self._terms is not None and self._terms.announced.checksum == "crc32",
        )

    def announced(self) -> Announced:
        """What the server announces, asked once per object.

        Raises:
            PeerError: it speaks another version of tus (CF-1614).
        """
        return self._agreed().announced

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """`Destination.open_or_resume`; makes anew what the server forgot, or has and does not vouch for."""
        self._takes_lanes = True
        largest = self.announced().max_size
        if largest is not None and shipment.size > largest:
            raise failures.too_large(self._main.peer, largest=largest)
        self._expiries.keep_in(shipment.ends)
        known = self._known(remote, size=shipment.size)
        there = RangeSet(ByteRange(part.offset, part.end) for part in acked)
        opened = None
        if known is not None:
            self._places = known
            self._expiries.tell((*known.urls, known.final))
            opened = self._resumed(known, shipment, acked=sum(part.length for part in acked), beat=beat)
        return self._noting_what_was_compared(self._begun(shipment) if opened is None else opened, there)

    def lane(self) -> TusLane:
        """`Destination.lane`."""
        if self._places is None:
            raise ValueError("lanes are opened after the file")
        with self._lock:
            wire = self._resting.pop() if self._resting else None
        if wire is None:
            wire = self._connected()
        lane = TusLane(Speech(wire, self._expiries), self._places, self._agreed(), done=self._take_back)
        with self._lock:
            self._lanes.append(lane)
        return lane

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """`Destination.finish`: the last part has closed a single upload; several are joined."""
        places = self._placed()
        if places.several and not places.final:
            self._join(places, shipment, beat=beat)

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """`Destination.verify`: A with a state address, B when every part was compared, else D."""
        places = self._placed()
        upload = places.final if places.several else places.urls[0]
        if self._state_url:
            self._await_digest(upload, shipment, beat=beat)
            return Level.SERVER_SHA256
        stand = self._speech().stand(upload, size=None)
        if stand is not None and stand.offset not in (shipment.size, None):
            raise failures.stored_differs(self._main.peer, note="its size differs")
        compared = self.announced().checksum and not places.unchecked
        return Level.EVERY_PART if compared else Level.SIZE_ONLY

    def abort(self, remote: str, *, sha256: str = "") -> None:
        """`Destination.abort`."""
        del sha256  # an upload is one thing
        # What was broken off is not gone on with.
        self.close()
        speech = self._speech()
        refusal: RefusedError | None = None
        for url in Places.addresses(remote):
            if speech.wire.own(url) and self.announced().termination:
                try:
                    speech.expect(speech.ask("DELETE", url), 200, 204, 404, 410, of_upload=True)
                except RefusedError as error:
                    # One that is complete is not taken back; what else there is of the file still goes.
                    refusal = refusal or error
        if refusal is not None:
            raise refusal

    def close(self) -> None:
        """`Destination.close`."""
        with self._lock:
            lanes, self._lanes = self._lanes, []
        for lane in lanes:
            lane.close()
        with self._lock:
            resting, self._resting = self._resting, []
            main, self._main = self._main, self._new_wire()
        for wire in (main, *resting):
            wire.close()

    def break_off(self) -> None:
        """`Breakable.break_off`."""
        self._main.abandon()

    def no_more_lanes(self) -> None:
        """`Breakable.no_more_lanes`."""
        with self._lock:
            self._takes_lanes = False
            connecting = tuple(self._connecting)
        for wire in connecting:
            wire.abandon()

    def _connected(self) -> Wire:
        """A new connection for a lane."""
        wire = self._new_wire()
        with self._lock:
            if not self._takes_lanes:
                raise failures.cut(wire.peer, reason="the connection was given up here")
            self._connecting.add(wire)
        try:
            wire.connect()
        finally:
            with self._lock:
                self._connecting.discard(wire)
        return wire

    def _new_wire(self) -> Wire:
        return Wire(
            self._url,
            ssl_context=self._context,
            tokens=self._tokens,
            patience=self._patience,
            network=self._network,
        )

    def _speech(self) -> Speech:
        """Over the connection of `send`'s own thread; between the lanes' lives over one that they left."""
        with self._lock:
            if not self._main.connected and self._resting:
                self._main = self._resting.pop()
        return Speech(self._main, self._expiries)

    def _take_back(self, wire: Wire) -> None:
        """A lane ended in rest: the next one, or finishing, goes on with its connection."""
        with self._lock:
            self._resting.append(wire)

    def _whole_is_proven_by_the_way(self) -> bool:
        """The server will name the SHA-256 of all it has, and needs none of each part."""
        checksum = "" if self._terms is None else self._terms.announced.checksum
        return bool(self._state_url) and checksum != "sha256"

    def _agreed(self) -> Terms:
        if self._terms is None:
            speech = self._speech()
            answer = speech.ask("OPTIONS", self._url)
            # Some servers and proxies do not answer OPTIONS; creation shows whether it speaks tus.
            silent = answer.status in (404, 405, 501)
            if not silent:
                speech.expect(answer, 200, 204)
            announced = (
                Announced()
                if silent
                else read_announced(answer, peer=speech.peer, whole_is_proven=bool(self._state_url))
            )
            self._terms = Terms(announced=announced, largest_patch=max(self._part_size, LARGEST_PART))
        return self._terms

    def _placed(self) -> Places:
        if self._places is None:
            raise ValueError("a file is finished after it was opened")
        return self._places

    def _known(self, remote: str, *, size: int) -> Places | None:
        if not remote:
            return None
        return Places.read(remote, size=size, creation=self._url, own=self._main.own)

    def _noting_what_was_compared(self, opened: Opened, acked: RangeSet) -> Opened:
        """Bytes count as compared when their request was answered, or all of it is there."""
        terms, places = self._agreed(), self._placed()
        if self._state_url or not terms.announced.checksum or places.unchecked or opened.finished:
            return opened
        for each in opened.have:
            first = acked.end_of(each.start)
            if first < each.end and terms.asked.get(each.end, each.end) > first:
                places.unchecked = True
                return replace(opened, remote=places.written())
        return opened

    def _resumed(self, places: Places, shipment: Shipment, *, acked: int, beat: Beat) -> Opened | None:
        """Where the server stands; None when nothing of it can be gone on with."""
        speech = self._speech()
        if places.several and places.final:
            return self._resumed_final(places, shipment)
        have: list[ByteRange] = []
        lost: list[int] = []
        for number, (run, url) in enumerate(zip(places.runs, places.urls, strict=True)):
            stand = speech.stand(url, size=run.length) if url and not self._expiries.is_over(url) else None
            if stand is None:
                lost.append(number)
                continue
            if stand.deferred:
                self._agreed().deferred.add(url)
            if stand.offset:
                have.append(ByteRange(run.start, run.start + stand.offset))
        if not places.several:
            whole = [ByteRange(0, shipment.size)]
            if lost or (have == whole and self._turned_down(places.urls[0], shipment)):
                return None
        elif not have and acked == shipment.size and self._joined_before(places, shipment, beat=beat):
            return self._resumed_final(places, shipment)
        for number in lost:
            places.put(number, "")
        self._hand_over(speech.wire)
        return Opened(remote=places.written(), have=tuple(_merged(have)), runs=places.runs)

    def _resumed_final(self, places: Places, shipment: Shipment) -> Opened | None:
        over = self._expiries.is_over(places.final)
        stand = None if over else self._speech().stand(places.final, size=shipment.size)
        if stand is None or self._turned_down(places.final, shipment):
            return None
        have = (ByteRange(0, shipment.size),)
        return Opened(remote=places.written(), have=have, finished=True, runs=places.runs)

    def _begun(self, shipment: Shipment) -> Opened:
        announced = self.announced()
        streams = self._wanted_streams() if announced.concatenation else 1
        places = Places.planned(shipment.size, streams=streams, creation=self._url)
        self._places = places
        speech = self._speech()
        have: tuple[ByteRange, ...] = ()
        if not places.several:
            headers = {"Upload-Length": str(shipment.size), "Upload-Metadata": self._described(shipment)}
            answer = speech.ask("POST", self._url, headers)
            if answer.status == 413 and "retry-after" not in answer.headers:
                raise failures.too_large(speech.peer)
            speech.expect(answer, 200, 201)
            places.put(0, speech.location(answer))
            stand = speech.stand(places.urls[0], size=shipment.size)
            if stand is None:
                raise failures.garbage(speech.peer, "an upload is gone right after it was created")
            if stand.deferred:
                self._agreed().deferred.add(places.urls[0])
            have = (ByteRange(0, stand.offset),) if stand.offset else ()
        self._hand_over(speech.wire)
        return Opened(remote=places.written(), have=have, runs=places.runs)

    def _wanted_streams(self) -> int:
        if self._streams is not None:
            return max(1, min(self._streams, MOST_STREAMS))
        wire = self._speech().wire
        wire.connect()
        return MOST_STREAMS if wire.round_trip >= FAR_SECONDS else 1

    def _hand_over(self, wire: Wire) -> None:
        """The first lane goes on with the connection that opened the file and shows how far the peer is."""
        if wire.round_trip:
            self._round_trip = min(wire.round_trip, self._round_trip or wire.round_trip)
        with self._lock:
            if wire.connected:
                self._resting.append(wire)
                self._main = self._new_wire()

    def _described(self, shipment: Shipment) -> str:
        return encode_metadata(
            self._metadata
            | {
                "filename": shipment.name,
                "filetype": "application/octet-stream",
                "sha256": shipment.sha256,
                "manifest_sha256": shipment.manifest_sha256,
                "idempotency_key": shipment.key,
            }
        )

    def _join(self, places: Places, shipment: Shipment, *, beat: Beat) -> None:
        speech = self._speech()
        paths = " ".join(urlsplit(url).path for url in places.urls)
        headers = {"Upload-Concat": f"final;{paths}", "Upload-Metadata": self._described(shipment)}
        answer = speech.ask("POST", self._url, headers)
        if "location" in answer.headers and answer.status not in (404, 410):
            # Also of a refusal: the server has judged what it joined, and the state says how.
            beat.remember(places.join(speech.location(answer)))
        if answer.status in (200, 201):
            return
        if answer.status in (400, 404, 409, 410) and self._lacks_any(places):
            raise failures.gone(speech.peer)
        raise speech.error_of(answer)

    def _joined_before(self, places: Places, shipment: Shipment, *, beat: Beat) -> bool:
        """Whether the parts are gone because they were joined, and only the answer was lost."""
        speech = self._speech()
        paths = " ".join(urlsplit(url).path for url in places.urls)
        headers = {"Upload-Concat": f"final;{paths}", "Upload-Metadata": self._described(shipment)}
        answer = speech.ask("POST", self._url, headers)
        if answer.status in (200, 201) and "location" in answer.headers:
            beat.remember(places.join(speech.location(answer)))
            return True
        if answer.status not in (400, 404, 409, 410):
            raise speech.error_of(answer)
        return False

    def _lacks_any(self, places: Places) -> bool:
        speech = self._speech()
        stands = (
            speech.stand(url, size=run.length) for run, url in zip(places.runs, places.urls, strict=True)
        )
        return any(stand is None for stand in stands)

    def _await_digest(self, upload: str, shipment: Shipment, *, beat: Beat) -> None:
        pause, longest = _CHECK_EVERY
        waited = 0.0
        while waited < _CHECK_FOR:
            state = self._state_of(upload)
            if state.check == "differs" or state.stored_sha256 not in ("", shipment.sha256):
                raise failures.stored_differs(self._main.peer, note=state.note)
            if state.problem == _TOO_LARGE:
                raise failures.too_large(self._main.peer)
            if state.turned_down:
                raise (
                    failures.kept_aside(self._main.peer, note=state.note)
                    if state.stored_sha256
                    else failures.gone(self._main.peer)
                )
            if state.stored_sha256 and state.check in ("", "verified"):
                return
            beat.rest(pause)
            waited += pause
            pause = min(longest, pause * 1.5)
        raise UnreachableError(
            "The server still checks the file",
            happened=f"{self._main.peer} has not named its digest after {_CHECK_FOR:.0f} s.",
            todo="It is asked again by itself; the file arrived whole.",
            code="CF-1520",
        )

    def _turned_down(self, upload: str, shipment: Shipment) -> bool:
        """Whether it cannot become ours any more: the server says so, or names the digest of other bytes."""
        if not self._state_url:
            return False
        state = self._state_of(upload)
        others = state.stored_sha256 not in ("", shipment.sha256)
        if others and not state.turned_down and self.announced().termination:
            # A server that knows our key would give the same one again. Whatever it says, another is made.
            self._speech().ask("DELETE", upload)
        return others or state.turned_down

    def _state_of(self, upload: str) -> _State:
        speech = self._speech()
        url = speech.wire.resolve(upload.rstrip("/") + "/", self._state_url)
        answer = speech.ask("GET", url, {"Accept": "application/json"})
        speech.expect(answer, 200, of_upload=False)
        try:
            return msgspec.json.decode(answer.body, type=ready(_State))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise failures.garbage(speech.peer, "the upload's state is no JSON of a state") from error


def _merged(ranges: Sequence[ByteRange]) -> list[ByteRange]:
    """Ranges that touch are one."""
    merged: list[ByteRange] = []
    for each in ranges:
        if merged and merged[-1].end == each.start:
            each = ByteRange(merged.pop().start, each.end)
        merged.append(each)
    return merged
