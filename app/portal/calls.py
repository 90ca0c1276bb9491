"""One HTTP call to the portal: bearer token, ETags, limits on the answer, and the project's errors."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
import requests

from app.decoding import ready
from app.domain.errors import InputError, PeerError, UnreachableError
from app.portal.oauth import portal_root
from app.portal.problems import error_of_answer
from app.portal.tokens import TokenSource, not_signed_in
from app.settings import Trust, session, translated

T = TypeVar("T")
Query = Sequence[tuple[str, str]]

LARGEST_ANSWER = 32 * 1024 * 1024
_CACHED_ANSWERS = 512
_LARGEST_CACHED = 512 * 1024
_CHUNK = 64 * 1024
_BROKEN = "CF-1573"


@dataclass(frozen=True, slots=True)
class _Cached:
    etag: str
    body: bytes


class EtagCache:
    """The newest answers with an ETag, by address. Bounded; safe to use from several threads."""

    def __init__(self, size: int = _CACHED_ANSWERS) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Cached] = OrderedDict()

    def get(self, address: str) -> _Cached | None:
        """The answer that is kept for this address."""
        with self._lock:
            found = self._kept.get(address)
            if found is not None:
                self._kept.move_to_end(address)
            return found

    def put(self, address: str, etag: str, body: bytes) -> None:
        """Keep an answer; a large one is not kept."""
        if len(body) > _LARGEST_CACHED:
            return
        with self._lock:
            self._kept[address] = _Cached(etag=etag, body=body)
            self._kept.move_to_end(address)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


class Calls:
    """Calls under ``/api/v1`` of one portal, for one `TokenSource`. Safe to use from several threads.

    Attributes:
        root: the portal's address without a trailing slash.
        trust, tokens: as they were given.
    """

    def __init__(
        self,
        url: str,
        *,
        trust: Trust,
        tokens: TokenSource | None,
        read_seconds: float,
        answer_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = portal_root(url)
        self.trust = trust
        self.tokens = self._tokens = tokens
        self._http = session(trust, read_seconds=read_seconds)
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._answer_seconds = answer_seconds
        self._monotonic = monotonic
        self._cache = EtagCache()

    def get(self, path: str, kind: type[T], *, query: Query = (), signed_in: bool = True) -> T:
        """GET and read the answer as `kind`."""
        return decoded(self.get_bytes(path, query=query, signed_in=signed_in), kind, path)

    def get_bytes(
        self, path: str, *, query: Query = (), signed_in: bool = True, accept: str = "application/json"
    ) -> bytes:
        """GET with If-None-Match: an unchanged answer is not sent again."""
        address = self.address(path)
        key = requests.Request("GET", address, params=list(query)).prepare().url or address
        cached = self._cache.get(key)
        headers = {"Accept": accept}
        if cached is not None:
            headers["If-None-Match"] = cached.etag
        with self.open("GET", path, query=query, headers=headers, signed_in=signed_in) as answer:
            if answer.status_code == 304 and cached is not None:
                return cached.body
            body = self._body(answer)
            etag = answer.headers.get("ETag")
            if etag:
                self._cache.put(key, etag, body)
            return body

    def post(self, path: str, body: object, kind: type[T], *, idempotency_key: str) -> T:
        """A creating POST: the key makes a repeat after a broken connection harmless."""
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        }
        content = msgspec.json.encode(body)
        with self.open("POST", path, headers=headers, content=content) as answer:
            return decoded(self._body(answer), kind, path)

    def delete(self, path: str) -> None:
        """DELETE; the answer's body does not matter."""
        with self.open("DELETE", path):
            return

    def open(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        signed_in: bool = True,
    ) -> requests.Response:
        """Send, with one fresh token after a 401 and one repeat after a broken connection.

        Returns:
            An answer of 200 to 299 or 304, with its body still to be read; close it.

        Raises:
            WorldError: whatever the portal or the network answered instead.
        """
        token = self._bearer() if signed_in else ""
        answer = self._send(method, path, query=query, headers=headers, content=content, token=token)
        if answer.status_code == 401 and signed_in and self._tokens is not None:
            answer.close()
            self._tokens.rejected(token)
            token = self._bearer()
            answer = self._send(method, path, query=query, headers=headers, content=content, token=token)
        if 200 <= answer.status_code < 300 or answer.status_code == 304:
            return answer
        with answer:
            raise self._error(answer)

    def address(self, path: str) -> str:
        """The whole address of a path under ``/api/v1``."""
        return f"{self.root}/api/v1/{path}"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _bearer(self) -> str:
        if self._tokens is None:
            raise not_signed_in()
        return self._tokens.bearer()

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Query,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        token: str,
    ) -> requests.Response:
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"

        def once() -> requests.Response:
            return self._http.request(
                method,
                self.address(path),
                params=list(query),
                headers=sent,
                data=content,
                stream=True,
                allow_redirects=method == "GET",
            )

        try:
            return once()
        except UnreachableError as error:
            if error.code != _BROKEN:
                raise
            return once()

    def _body(self, answer: requests.Response) -> bytes:
        """The whole body, within limits of size and time: a server that drips cannot hold a thread."""
        ends = self._monotonic() + self._answer_seconds
        pieces = bytearray()
        with translated(answer.url):
            while piece := answer.raw.read1(_CHUNK, decode_content=True):
                pieces += piece
                if len(pieces) > LARGEST_ANSWER:
                    raise unexpected("the answer is larger than 32 MiB")
                if self._monotonic() > ends:
                    raise UnreachableError(
                        "The portal is too slow",
                        happened=f"Its answer was not complete after {self._answer_seconds:.0f} seconds.",
                        todo="Try again; if it stays so, check the network and any proxy in between.",
                        code="CF-1584",
                    )
        return bytes(pieces)

    def _error(self, answer: requests.Response) -> Exception:
        return error_of_answer(
            status=answer.status_code,
            media_type=answer.headers.get("Content-Type", ""),
            body=self._body(answer),
            retry_after=answer.headers.get("Retry-After"),
            now=datetime.now(UTC),
        )


def decoded(body: bytes, kind: type[T], path: str) -> T:
    """The body as `kind` of the contract.

    Raises:
        PeerError: it is something else; names the field, never the value.
    """
    try:
        return msgspec.json.decode(body, type=ready(kind))
    except msgspec.ValidationError as error:
        place = str(error).rpartition(" - at `")[2].rstrip("`") if " - at `" in str(error) else "$"
        raise unexpected(f"{path.partition('?')[0]} has no usable field {place}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise unexpected(f"{path.partition('?')[0]} is not JSON") from error


def part(value: Any) -> str:
    """A value as one part of a path, whatever is in it.

    Raises:
        InputError: it is empty, or a path step that every HTTP library takes out again.
    """
    text = str(value)
    if text in ("", ".", ".."):
        raise InputError(
            "The portal does not know this",
            happened="This is not the number or id of anything.",
            todo="Check the number.",
            code="CF-1183",
        )
    return quote(text, safe="")


def unexpected(what: str) -> PeerError:
    """An answer that the contract does not know."""
    return PeerError(
        "The portal answered something unexpected",
        happened=f"What came is not what the contract says: {what}.",
        todo="Check the portal's address; this program may also be older than the portal.",
        code="CF-1682",
    )
