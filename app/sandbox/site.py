"""One running portal: its data folder, store, clock, randomness and what it announces of itself."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import Request

from app.domain.errors import LocalError
from app.portal.contract import Limits, SftpHost
from app.sandbox.requestkey import RequestKey, open_request_key
from app.sandbox.sealing import Seal, open_seal
from app.sandbox.store import open_store
from app.storage import Database


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what the portal gives out is good for."""

    access_token: timedelta = timedelta(minutes=30)
    refresh_token: timedelta = timedelta(days=30)
    code: timedelta = timedelta(seconds=60)
    device_code: timedelta = timedelta(minutes=15)
    device_interval: timedelta = timedelta(seconds=2)
    acknowledgement: timedelta = timedelta(hours=12)
    idempotency: timedelta = timedelta(days=2)
    heartbeat: timedelta = timedelta(seconds=15)


@dataclass(slots=True)
class Site:
    """What every call of the portal needs.

    Attributes:
        data: the data folder (0700): ``portal.sqlite3``, ``tls/``, ``keys/``, ``cases/``.
        url: how clients reach it, without a slash at the end.
        request_key: what log requests are signed with.
        sftp: the SFTP side, once it listens.
        clock: the time, aware UTC.
        monotonic: seconds that never step.
        token: that many random bytes.
        stopping: set when the portal is about to stop; streams end then.
        kept_events: how many changes can be resumed; older ones are a `resync`.
    """

    data: Path
    url: str
    database: Database
    seal: Seal
    request_key: RequestKey
    limits: Limits = field(default_factory=Limits)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    sftp: SftpHost | None = None
    demo: bool = False
    clock: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    token: Callable[[int], bytes] = secrets.token_bytes
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    kept_events: int = 10_000


def open_site(data: Path, *, url: str, clock: Callable[[], datetime] = utc_now) -> Site:
    """Open a portal's data folder, creating it for its owner only.

    Raises:
        LocalError: the folder or the store cannot be opened.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.name == "posix":
            data.chmod(0o700)
    except OSError as error:
        raise LocalError(
            "The portal's data folder cannot be used",
            happened=f"{data}: {error.strerror or type(error).__name__}.",
            todo="Name a folder with --data that is your own, or that you may make.",
            code="CF-1843",
        ) from error
    return Site(
        data=data,
        url=url,
        database=open_store(data / "portal.sqlite3"),
        seal=open_seal(data / "keys" / "portal.key"),
        request_key=open_request_key(data / "keys" / "log-requests.key"),
        clock=clock,
    )


def site_of(request: Request) -> Site:
    """The portal that serves this request."""
    site: Site = request.app.state.site
    return site
