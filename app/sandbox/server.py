"""The portal as a process: sockets, TLS, HTTP and SFTP in one place, and a graceful end."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from app.domain.errors import LocalError
from app.sandbox.application import build_application
from app.sandbox.demo import load_demo, load_generated_cases
from app.sandbox.intake import IntakeProtocol
from app.sandbox.site import Site, open_site, utc_now
from app.sandbox.tls import TlsFiles, ensure_tls

if TYPE_CHECKING:
    from app.sandbox.sftp import SftpServer

_log = logging.getLogger("app.sandbox.server")
_GRACE_S = 10
_GOODBYE_S = 0.25
_BACKLOG = 256


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a portal.

    Attributes:
        data: the data folder.
        listen: HTTPS.
        sftp: SFTP; None for a portal without.
        demo: fill an empty store with the demo data.
        demo_cases: that many generated cases on top.
        access_token_seconds: life of an access token; None for the default.
    """

    data: Path
    listen: Address
    sftp: Address | None = None
    demo: bool = False
    demo_cases: int = 0
    access_token_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """What the portal says when it serves."""

    url: str
    sftp_port: int | None
    ca_file: str

    def line(self) -> str:
        """The one JSON line on stdout."""
        return json.dumps(
            {"event": "ready", "url": self.url, "sftp_port": self.sftp_port, "ca_file": self.ca_file}
        )


def run(options: Options, *, on_ready: Callable[[Ready], None]) -> None:
    """Serve until SIGTERM or SIGINT, then end what runs and return.

    Raises:
        LocalError: an address is taken, the data folder cannot be used.
    """
    asyncio.run(_serve(options, on_ready))


async def _serve(options: Options, on_ready: Callable[[Ready], None]) -> None:
    listener = _listen(options.listen)
    sftp: SftpServer | None = None
    site: Site | None = None
    try:
        host, port = options.listen.host, listener.getsockname()[1]
        url = f"https://{_in_url(host)}:{port}"
        site = await asyncio.to_thread(_prepare, options, url)
        tls = ensure_tls(options.data / "tls", host=_reachable(host), now=utc_now())
        if options.sftp is not None:
            from app.sandbox.sftp import start_sftp

            sftp = await asyncio.to_thread(start_sftp, site, host=options.sftp.host, port=options.sftp.port)
            site.sftp = sftp.announced
        ready = Ready(
            url=url, sftp_port=None if sftp is None else sftp.announced.port, ca_file=str(tls.ca.absolute())
        )
        server = _Server(_configuration(site, tls), site, lambda: on_ready(ready))
        await server.serve(sockets=[listener])
    finally:
        if sftp is not None:
            await asyncio.to_thread(sftp.stop)
        if site is not None:
            site.database.close()
        listener.close()


class _Server(uvicorn.Server):
    """uvicorn that tells when it serves, ends streams first, and returns from a signal."""

    def __init__(self, config: uvicorn.Config, site: Site, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._site = site
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if not self.should_exit:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        cut = asyncio.create_task(self._cut_idle())
        try:
            await super().shutdown(sockets=sockets)
        finally:
            cut.cancel()

    async def _cut_idle(self) -> None:
        """A closed TLS connection waits for the client's goodbye; idle clients never say it."""
        while True:
            await asyncio.sleep(_GOODBYE_S)
            for connection in list(self.server_state.connections):
                transport = getattr(connection, "transport", None)
                if transport is not None and transport.is_closing():
                    transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True
        self._site.stopping.set()


def _configuration(site: Site, tls: TlsFiles) -> uvicorn.Config:
    config = uvicorn.Config(
        build_application(site),
        http=IntakeProtocol,
        ssl_certfile=tls.certificate,
        ssl_keyfile=tls.key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
    )
    config.load()
    if config.ssl is None:
        raise LocalError(
            "TLS could not be set up",
            happened="The server took no certificate.",
            todo="Remove the folder tls/ in the data folder and start again.",
            code="CF-1807",
        )
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def _prepare(options: Options, url: str) -> Site:
    site = open_site(options.data, url=url)
    if options.access_token_seconds is not None:
        site.lifetimes = replace(site.lifetimes, access_token=timedelta(seconds=options.access_token_seconds))
    if options.demo:
        site.demo = True
        load_demo(site)
    if options.demo_cases:
        load_generated_cases(site, options.demo_cases)
    return site


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that name their protocol.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise LocalError(
            "The portal cannot listen",
            happened=f"{address.host}:{address.port}: {error.strerror}.",
            todo="Choose another address with --listen, or stop what uses this one.",
            code="CF-1808",
        ) from error
    return listener


def _reachable(host: str) -> str:
    """The host that an address can name; "all addresses" is reached by this machine's name."""
    return socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104


def _in_url(host: str) -> str:
    reachable = _reachable(host)
    return f"[{reachable}]" if ":" in reachable else reachable
