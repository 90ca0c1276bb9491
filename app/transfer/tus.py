"""tus 1.0 over HTTPS: core, creation, and checksum and termination where the server has them."""

from __future__ import annotations

import hashlib
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from app.domain.errors import InputError, PeerError, UnreachableError
from app.transfer import failures
from app.transfer.destination import Beat, Features, Level, Opened, Shipment
from app.transfer.parts import LARGEST_PART, PART_SIZE, SMALLEST_PART, ByteRange, Part
from app.transfer.retry import parse_retry_after
from app.transfer.wire import Answer, Patience, TokenSource, Wire

VERSION = "1.0.0"
SMALLEST_PATCH = 256 * 1024
"""Bytes below which a 413 is no longer answered with smaller requests."""

_MOST_CORRUPTED = 3
_CHECK_EVERY = (0.1, 2.0)
_CHECK_FOR = 900.0


@dataclass(frozen=True, slots=True)
class Announced:
    """What OPTIONS announces.

    Attributes:
        checksum: the server compares the SHA-256 of every PATCH.
        termination: DELETE removes an upload.
        max_size: bytes of the largest upload; None when not said.
    """

    checksum: bool = False
    termination: bool = False
    max_size: int | None = None


class _State(msgspec.Struct):
    """What this side reads of the answer of a state address."""

    phase: str = ""
    stored_sha256: str = ""
    check: str = ""
    note: str = ""

    @property
    def turned_down(self) -> bool:
        """Whether the server is done with it and does not vouch for it: more waiting changes nothing."""
        return self.phase == "done" and self.check in ("unknown", "differs")


class _Problem(msgspec.Struct):
    """RFC 9457, as far as it is shown."""

    title: str = ""
    detail: str = ""
    rule: str = ""


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
    ) -> None:
        """Nothing is connected yet.

        Args:
            url: where uploads are created, ``https://…``.
            ssl_context: what is trusted; verification stays on.
            tokens: bearer tokens; None for a server without sign-in.
            metadata: further pairs of ``Upload-Metadata``. ``filename``, ``sha256``, ``manifest_sha256`` and
                ``idempotency_key`` are set from the bundle.
            state_url: relative to an upload's own address (``state``): answers JSON with ``stored_sha256``
                once the server has hashed what it stored. Empty: the server has no such address.
            part_size: bytes of a PATCH.
            patience: time-outs.

        Raises:
            InputError: no https address (CF-1132), or metadata that cannot be written (CF-1133).
        """
        if ssl_context.verify_mode is not ssl.CERT_REQUIRED or not ssl_context.check_hostname:
            raise ValueError("an SSL context that does not verify is never used")
        self._url = url
        self._wire = Wire(url, ssl_context=ssl_context, tokens=tokens, patience=patience or Patience())
        self._metadata = dict(metadata or {})
        encode_metadata(self._metadata)
        self._state_url = state_url
        self._part_size = part_size
        self._patch_size = part_size
        self._announced: Announced | None = None
        self._upload = ""
        self._corrupted = 0

    @property
    def identity(self) -> str:
        """``https://host:port/path``."""
        return f"https://{self._wire.peer}{urlsplit(self._url).path}"

    @property
    def features(self) -> Features:
        """`Destination.features`: one stream."""
        size = self._part_size
        return Features(
            smallest_part=min(size, SMALLEST_PART),
            preferred_part=size,
            largest_part=max(size, LARGEST_PART),
        )

    def announced(self) -> Announced:
        """What the server announces, asked once per object.

        Raises:
            PeerError: it speaks another version of tus (CF-1614).
        """
        if self._announced is None:
            answer = self._ask("OPTIONS", self._url)
            if answer.status in (404, 405):
                # Some servers and proxies do not answer OPTIONS; creation shows whether it speaks tus.
                self._announced = Announced()
            else:
                self._raise_for(answer, allowed=(200, 204))
                self._announced = _announced(answer, peer=self._wire.peer)
        return self._announced

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """`Destination.open_or_resume`; makes anew what the server forgot, or has and does not vouch for."""
        del acked, beat
        largest = self.announced().max_size
        if largest is not None and shipment.size > largest:
            raise failures.too_large(self._wire.peer, largest=largest)
        if remote and self._wire.own(remote):
            offset = self._offset(remote, size=shipment.size)
            if offset is not None and not (offset == shipment.size and self._turned_down(remote)):
                self._upload = remote
                return _opened(remote, offset, size=shipment.size)
        self._upload = self._create(shipment)
        offset = self._offset(self._upload, size=shipment.size)
        if offset is None:
            raise failures.garbage(self._wire.peer, "an upload is gone right after it was created")
        return _opened(self._upload, offset, size=shipment.size)

    def lane(self) -> TusDestination:
        """`Destination.lane`: the one stream is this object's own."""
        return self

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        """`Lane.put`: one PATCH, or several where a proxy takes smaller requests only."""
        offset, sha256 = part.offset, part.sha256
        start = 0
        while start < len(data):
            piece = data[start : start + self._patch_size]
            digest = bytes.fromhex(sha256) if len(piece) == len(data) else hashlib.sha256(piece).digest()
            answer = self._patch(offset + start, piece, digest=digest, beat=beat)
            if answer.status in (200, 204):
                reached = _number(answer, "upload-offset", peer=self._wire.peer)
                self._corrupted = 0
                if reached != offset + start + len(piece):
                    return reached
                start += len(piece)
            elif answer.status == 413 and "retry-after" not in answer.headers:
                self._patch_size = min(self._patch_size, len(piece)) // 2
                if self._patch_size < SMALLEST_PATCH:
                    raise failures.too_large(self._wire.peer)
            else:
                return self._offset_after(answer)
        return offset + start

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """`Destination.finish`: the last PATCH has closed it."""
        del shipment, beat

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """`Destination.verify`: A with a state address, B when every PATCH was compared, else D."""
        if self._state_url:
            self._await_digest(shipment, beat=beat)
            return Level.SERVER_SHA256
        if self._offset(self._upload, size=shipment.size) not in (shipment.size, None):
            raise failures.stored_differs(self._wire.peer, note="its size differs")
        return Level.EVERY_PART if self.announced().checksum else Level.SIZE_ONLY

    def abort(self, remote: str) -> None:
        """`Destination.abort`."""
        if remote and self._wire.own(remote) and self.announced().termination:
            self._raise_for(self._ask("DELETE", remote), allowed=(200, 204, 404, 410))

    def close(self) -> None:
        """`Destination.close`."""
        self._wire.close()

    def _create(self, shipment: Shipment) -> str:
        metadata = self._metadata | {
            "filename": shipment.name,
            "sha256": shipment.sha256,
            "manifest_sha256": shipment.manifest_sha256,
            "idempotency_key": shipment.key,
        }
        headers = {"Upload-Length": str(shipment.size), "Upload-Metadata": encode_metadata(metadata)}
        answer = self._ask("POST", self._url, headers)
        if answer.status == 413 and "retry-after" not in answer.headers:
            raise failures.too_large(self._wire.peer)
        self._raise_for(answer, allowed=(200, 201))
        if "location" not in answer.headers:
            raise failures.garbage(self._wire.peer, "an upload was created, but not where")
        return self._wire.resolve(answer.url, answer.headers["location"])

    def _offset(self, upload: str, *, size: int) -> int | None:
        """The server's offset; None when it has no such upload."""
        answer = self._ask("HEAD", upload)
        if answer.status in (404, 410):
            return None
        self._raise_for(answer, allowed=(200, 204))
        offset = _number(answer, "upload-offset", peer=self._wire.peer)
        if "upload-length" in answer.headers:
            length = _number(answer, "upload-length", peer=self._wire.peer)
            if length != size or offset > size:
                raise failures.garbage(
                    self._wire.peer, f"the upload has {offset} of {length} bytes, not of {size}"
                )
        return offset

    def _patch(self, offset: int, data: memoryview, *, digest: bytes, beat: Beat) -> Answer:
        headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        if self.announced().checksum:
            headers["Upload-Checksum"] = f"sha256 {b64encode(digest).decode()}"
        return self._ask("PATCH", self._upload, headers, body=data, beat=beat)

    def _offset_after(self, answer: Answer) -> int:
        """What to do when a PATCH was not taken: where the server stands, or why it is an error."""
        if answer.status in (404, 410):
            raise failures.gone(self._wire.peer)
        if answer.status == 460:
            self._corrupted += 1
            if self._corrupted >= _MOST_CORRUPTED:
                raise failures.part_corrupted(self._wire.peer)
        elif answer.status != 409 or _problem(answer).rule:
            self._raise_for(answer, allowed=())
        stands = self._ask("HEAD", self._upload)
        self._raise_for(stands, allowed=(200, 204))
        return _number(stands, "upload-offset", peer=self._wire.peer)

    def _await_digest(self, shipment: Shipment, *, beat: Beat) -> None:
        pause, longest = _CHECK_EVERY
        waited = 0.0
        while waited < _CHECK_FOR:
            state = self._state_of(self._upload)
            if state.check == "differs" or state.stored_sha256 not in ("", shipment.sha256):
                raise failures.stored_differs(self._wire.peer, note=state.note)
            if state.turned_down:
                raise (
                    failures.kept_aside(self._wire.peer, note=state.note)
                    if state.stored_sha256
                    else failures.gone(self._wire.peer)
                )
            if state.stored_sha256 and state.check in ("", "verified"):
                return
            beat.rest(pause)
            waited += pause
            pause = min(longest, pause * 1.5)
        raise UnreachableError(
            "The server still checks the file",
            happened=f"{self._wire.peer} has not named its digest after {_CHECK_FOR:.0f} s.",
            todo="It is asked again by itself; the file arrived whole.",
            code="CF-1520",
        )

    def _turned_down(self, upload: str) -> bool:
        return bool(self._state_url) and self._state_of(upload).turned_down

    def _state_of(self, upload: str) -> _State:
        url = self._wire.resolve(upload.rstrip("/") + "/", self._state_url)
        answer = self._ask("GET", url, {"Accept": "application/json"})
        self._raise_for(answer, allowed=(200,))
        try:
            return msgspec.json.decode(answer.body, type=_State)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise failures.garbage(self._wire.peer, "the upload's state is no JSON of a state") from error

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: memoryview | None = None,
        beat: Beat | None = None,
    ) -> Answer:
        every = {"Tus-Resumable": VERSION, **(headers or {})}
        return self._wire.request(method, url, headers=every, body=body, beat=beat)

    def _raise_for(self, answer: Answer, *, allowed: tuple[int, ...]) -> None:
        status = answer.status
        if status in allowed:
            return
        peer = self._wire.peer
        later = parse_retry_after(answer.headers.get("retry-after"), now=datetime.now(UTC))
        if status == 423:
            raise failures.locked(peer)
        if status == 507:
            raise failures.storage_full(peer)
        if status in (408, 425, 429, 503) or (status == 413 and later is not None):
            raise failures.busy(peer, status=status, retry_after=later)
        if status >= 500:
            raise failures.server_failed(peer, status=status, retry_after=later)
        if status in (404, 410):
            raise (
                failures.gone(peer)
                if answer.url == self._upload
                else failures.garbage(peer, f"no tus server at this address (status {status})")
            )
        if 400 <= status < 500:
            problem = _problem(answer)
            raise failures.refused(
                peer, status=status, detail=problem.detail or problem.title, rule=problem.rule
            )
        raise failures.garbage(peer, f"status {status} where tus has none")


def _opened(upload: str, offset: int, *, size: int) -> Opened:
    have = (ByteRange(0, offset),) if offset else ()
    return Opened(remote=upload, have=have, runs=(ByteRange(0, size),))


def encode_metadata(pairs: Mapping[str, str]) -> str:
    """``Upload-Metadata``: keys with their base64 values; empty values are left out.

    Raises:
        InputError: a key is empty, not ASCII, or has a space or comma (CF-1133).
    """
    for key in pairs:
        if not key or not key.isascii() or not key.isprintable() or " " in key or "," in key:
            raise InputError(
                "The upload's metadata cannot be written",
                happened="A key is empty, not ASCII, or has a space or comma.",
                todo="Use plain keys such as filename.",
                code="CF-1133",
            )
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items() if value)


def _announced(answer: Answer, *, peer: str) -> Announced:
    versions = [version.strip() for version in answer.headers.get("tus-version", "").split(",")]
    if VERSION not in versions and answer.headers.get("tus-resumable") != VERSION:
        raise PeerError(
            "The server does not speak tus 1.0",
            happened=f"{peer} announces no version 1.0.0.",
            todo="Check the upload address.",
            code="CF-1614",
        )
    extensions = {name.strip() for name in answer.headers.get("tus-extension", "").split(",")}
    algorithms = {name.strip() for name in answer.headers.get("tus-checksum-algorithm", "").split(",")}
    largest = _number(answer, "tus-max-size", peer=peer) if answer.headers.get("tus-max-size") else 0
    return Announced(
        checksum="checksum" in extensions and "sha256" in algorithms,
        termination="termination" in extensions,
        max_size=largest or None,
    )


def _number(answer: Answer, name: str, *, peer: str) -> int:
    text = answer.headers.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise failures.garbage(peer, f"no number in {name}")
    return int(text)


def _problem(answer: Answer) -> _Problem:
    """What the server says about a refusal, when it says it in the standard form."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return _Problem()
    try:
        return msgspec.json.decode(answer.body, type=_Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Problem()
