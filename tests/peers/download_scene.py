"""A server with one file that fails on purpose, and a folder that the file is fetched to."""

from __future__ import annotations

import errno
import hashlib
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from app.domain.errors import PeerError
from app.transfer.bandwidth import Flow
from app.transfer.downloads import Fetched, Wanted, fetch
from app.transfer.downloads.ledger import Ledger
from app.transfer.wire import Patience, Wire
from tests.peers.faulty_portal import Answer, End, FaultyPortal, Framing, Seen

MIB = 1 << 20
CONTENT = os.urandom(12 * MIB + 77)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FILE = "/content"


class Scene:
    """A server with one file, and a folder that it is fetched to."""

    def __init__(self, portal: FaultyPortal, context: ssl.SSLContext, folder: Path) -> None:
        self.portal, self.context = portal, context
        self.patience = Patience(connect=60, block=60, answer=60)
        self.target = folder / "x.bin"
        self.part = folder / "x.bin.part"
        self.wanted = Wanted(url=f"{portal.url}{FILE}", size=len(CONTENT), sha256=SHA256)

    def fetch(
        self,
        *,
        streams: int | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        flow: Flow | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Fetched:
        def refused(status: int, headers: object, body: bytes) -> Exception:
            return PeerError("refused", happened=str(status), todo="", code="CF-1600")

        return fetch(
            self.wanted,
            target=self.target,
            connect=self.wire,
            refused=refused,
            on_progress=on_progress,
            streams=streams,
            flow=flow,
            monotonic=monotonic,
        )

    def wire(self) -> Wire:
        """A connection to the server, not connected yet."""
        return Wire(self.wanted.url, ssl_context=self.context, tokens=None, patience=self.patience)

    def arrived(self) -> bool:
        left = [path.name for path in self.target.parent.iterdir() if path.name.startswith("x.bin.")]
        return self.target.read_bytes() == CONTENT and left == []

    def ranges(self) -> list[str]:
        return [seen.headers.get("Range", "") for seen in self.portal.asked(FILE)]


@contextmanager
def download_scene(folder: Path, *, address: str = "127.0.0.1") -> Iterator[Scene]:
    """The server has the file; the folder is made."""
    authority = trustme.CA()
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with FaultyPortal(authority, address=address) as portal:
        portal.answers(FILE, content())
        folder.mkdir(exist_ok=True)
        yield Scene(portal, context, folder)


def content(
    body: bytes = CONTENT,
    *,
    etag: str = '"one"',
    ranges: bool = True,
    cut_after: int | None = None,
    end: End = End.CLOSED,
    hold: threading.Event | None = None,
    framing: Framing = Framing.LENGTH,
) -> Callable[[Seen], Answer]:
    """A server that knows ranges and `If-Range`.

    Args:
        body: all of it.
        etag: of it; empty: it says none.
        ranges: whether it knows ranges, after all.
        cut_after, end, hold, framing: see `Answer`.
    """

    def answered(status: int, part: bytes, headers: dict[str, str]) -> Answer:
        return Answer(
            status,
            part,
            "application/octet-stream",
            headers,
            cut_after=cut_after,
            end=end,
            hold=hold,
            framing=framing,
        )

    def answer(seen: Seen) -> Answer:
        asked = seen.headers.get("Range")
        headers = {"ETag": etag} if etag else {}
        if asked is None or not ranges or (etag and seen.headers.get("If-Range", etag) != etag):
            return answered(200, body, headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        stop = int(last) + 1 if last else len(body)
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{len(body)}"
        return answered(206, body[int(first) : stop], headers)

    return answer


def refuse_records(patch: pytest.MonkeyPatch) -> None:
    """As while another program holds the ledger."""

    def refused(ledger: Ledger, path: Path) -> None:
        if ledger.marks or ledger.islands:
            raise PermissionError(errno.EACCES, "Permission denied")
        save(ledger, path)

    save = Ledger.save
    patch.setattr(Ledger, "save", refused)
