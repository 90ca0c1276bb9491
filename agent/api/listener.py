"""One socket on which the API is served, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading

import uvicorn
from starlette.applications import Starlette

from agent.api.certificate import OwnCertificate
from agent.api.guests import Door, guest_protocol

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


class Listener:
    """Serves an application with TLS until it is stopped."""

    def __init__(self, app: Starlette, bound: Door, *, certificate: OwnCertificate) -> None:
        self._socket = bound
        self._ready = threading.Event()
        self._server = _Server(
            uvicorn.Config(
                app,
                http=guest_protocol(bound),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=64,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=1,
                ssl_certfile=certificate.certificate,
                ssl_keyfile=certificate.key,
            ),
            ready=self._ready,
        )
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it serves."""
        return self._thread.is_alive() and self._server.started and not self._server.should_exit

    def start(self) -> bool:
        """Serve; whether it came up."""
        self._thread.start()
        return self._ready.wait(_START_SECONDS) and self._server.started

    def stop(self) -> None:
        """Serve no more."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._ready.set()


class _Server(uvicorn.Server):
    """Says when it serves, or that it never will."""

    def __init__(self, config: uvicorn.Config, *, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


def bound_socket(host: str, port: int) -> Door:
    """A socket that holds this address; port 0 is any free one.

    Raises:
        OSError: it cannot be had.
    """
    bound = Door(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # without it another program of this machine could bind the same port and answer in our place
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif port:
            # a port that is named must be had again at once after a restart
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
