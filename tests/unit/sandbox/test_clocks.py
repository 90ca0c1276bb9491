"""What the portal decides by the time that passes: it goes by the clock it is given."""

from __future__ import annotations

import asyncio
import itertools
import socket
from datetime import timedelta

from paramiko import ServerInterface, SFTPAttributes

from app.sandbox.api.events import _Stream
from app.sandbox.callers import Caller, CallerKind, Scope
from app.sandbox.sftp import SftpServer, SftpSettings
from app.sandbox.sftp.accounts import Gate
from app.sandbox.sftp.arrivals import Arrivals
from app.sandbox.sftp.folder import CaseFolder
from app.sandbox.sftp.session import CaseSession, Place
from app.sandbox.sftp.writers import Writers
from app.sandbox.site import Lifetimes, Site
from app.sandbox.store.files import SftpAccountRow

CASE = "0003256109"
CALLER = Caller(CallerKind.PERSON, "c-1", "Nadia Roe", frozenset({Scope.CASES}))


def told(site: Site) -> list[bytes]:
    """All that a listener without a token hears before it is sent away."""

    async def listen() -> list[bytes]:
        stream = _Stream(site, CALLER, None, start=0, stale=False)
        return [piece async for piece in stream.run()]

    return asyncio.run(listen())


def ticking(site: Site, seconds: float) -> None:
    clock = itertools.count(0.0, seconds)
    site.monotonic = lambda: next(clock)


def test_a_listener_whose_token_has_ended_is_sent_away_when_it_is_looked_at_again(site: Site) -> None:
    ticking(site, 10.0)
    assert len(told(site)) == 1


def test_a_listener_hears_now_and_then_that_the_portal_is_there(site: Site) -> None:
    site.lifetimes = Lifetimes(heartbeat=timedelta(seconds=5))
    ticking(site, 3.0)
    assert told(site)[1:] == [b": still here\n\n"]


def test_a_connection_that_does_not_sign_in_is_closed_when_its_time_is_over(site: Site) -> None:
    now = [0.0]
    site.monotonic = lambda: now[0]
    server = SftpServer(site, host="127.0.0.1", port=0, settings=SftpSettings(login_s=60.0))
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.announced.port), timeout=60.0) as client:
            assert client.recv(4) == b"SSH-"
            now[0] = 61.0
            while client.recv(4096):
                pass
    finally:
        server.stop()


def test_the_folder_of_a_case_is_as_new_as_the_clock_says(site: Site) -> None:
    site.monotonic = lambda: 0.0
    now, writers = site.clock(), Writers(site.monotonic)
    account = SftpAccountRow("s-1", CASE, "case-1", b"", now, now + timedelta(days=1), "Nadia Roe")
    place = Place(
        site=site,
        gate=Gate(site, account),
        folder=CaseFolder(site, CASE),
        writers=writers,
        arrivals=Arrivals(site, writers, grace=timedelta(0)),
    )
    found = CaseSession(ServerInterface(), place).stat("/")
    assert isinstance(found, SFTPAttributes)
    assert found.st_mtime == now.timestamp()
