"""Serving the API on the loopback, and telling clients where (``endpoint.json``)."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from datetime import datetime
from pathlib import Path

import msgspec
import uvicorn

from agent.api.application import Api, application
from agent.api.certificate import own_certificate
from agent.api.events import EventBoard
from agent.api.methods import Desk
from agent.api.tokens import Tokens
from app.agentlink import ENDPOINT_NAME, Endpoint, Hello, Role
from app.domain.errors import LocalError
from app.secrets import replace_file

_HOST = "127.0.0.1"
_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


class ApiServer:
    """One agent's API on a free port of the loopback; it runs in a thread of its own.

    Attributes:
        tokens: who may call; the endpoint file's token is the first.
        endpoint: what the endpoint file says.
    """

    def __init__(self, *, folder: Path, hello: Hello, desk: Desk, board: EventBoard, now: datetime) -> None:
        self._socket = _listening_socket()
        port = int(self._socket.getsockname()[1])
        certificate = own_certificate(folder, now=now)
        self.tokens = Tokens()
        self.path = folder / ENDPOINT_NAME
        self.endpoint = Endpoint(
            host=_HOST,
            port=port,
            certificate_sha256=certificate.sha256,
            token=self.tokens.issue(label="endpoint file", role=Role.ADMIN),
            instance=hello.instance,
            certificate=certificate.certificate.read_text(encoding="ascii"),
        )
        self._ready = threading.Event()
        self._server = _Server(
            uvicorn.Config(
                application(Api(hello=hello, tokens=self.tokens, desk=desk, board=board, port=port)),
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

    def start(self) -> Path:
        """Serve, write ``endpoint.json`` (0600, atomically) and return its path.

        Raises:
            LocalError: the server did not come up.
        """
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or not self._server.started:
            raise LocalError(
                "The agent's API did not start",
                happened="The server on the loopback did not come up.",
                todo="Look into the agent's log, then start it again.",
                code="CF-1890",
            )
        replace_file(self.path, msgspec.json.encode(self.endpoint))
        return self.path

    def stop(self) -> None:
        """Stop serving and remove ``endpoint.json``."""
        self.path.unlink(missing_ok=True)
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


def _listening_socket() -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":
        # without it another program of this machine could bind the same port and answer in our place
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    listening.bind((_HOST, 0))
    return listening
