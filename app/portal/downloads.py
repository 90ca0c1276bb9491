"""Fetching a file of a case: into ``.part``, checked against the portal's digest, then put in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.portal.calls import Calls, part
from app.portal.contract import CaseFile
from app.portal.problems import error_of_answer
from app.transfer import Control, Limiter
from app.transfer.downloads import Wanted, broken_on_stop, fetch
from app.transfer.network import DIRECT, Way
from app.transfer.wire import Patience, SharedTokens, Wire


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that arrived.

    Attributes:
        sha256: of what lies on this disk, lower-case hex.
        checked: whether the portal had a digest to compare it with.
        resumed: whether it went on from an earlier part.
    """

    path: Path
    size: int
    sha256: str
    checked: bool
    resumed: bool


def download(
    calls: Calls,
    file: CaseFile,
    *,
    target: Path,
    on_progress: Callable[[int, int], None] | None,
    limiter: Limiter | None = None,
    control: Control | None = None,
) -> Downloaded:
    """Fetch `file` to `target`; see `PortalClient.download`."""
    url = calls.address(f"cases/{part(file.case)}/files/{part(file.id)}/content")
    context = calls.trust.ssl_context()
    tokens = None if calls.tokens is None else SharedTokens(calls.tokens)
    way = calls.trust.way
    network = way.network if isinstance(way, Way) else DIRECT

    def connect() -> Wire:
        return Wire(url, ssl_context=context, tokens=tokens, patience=Patience(), network=network)

    with broken_on_stop(connect, control=control or Control(), break_off=Wire.abandon) as made:
        found = fetch(
            Wanted(url=url, size=file.size, sha256=file.sha256.lower()),
            target=target,
            connect=made,
            refused=_refused,
            on_progress=on_progress,
            flow=None if limiter is None else limiter.flow(),
        )
    return Downloaded(
        path=target,
        size=file.size,
        sha256=found.sha256,
        checked=bool(file.sha256),
        resumed=found.resumed,
    )


def _refused(status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    return error_of_answer(
        status=status,
        media_type=headers.get("content-type", ""),
        body=body,
        retry_after=headers.get("retry-after"),
        now=datetime.now(UTC),
    )
