"""Serving the API: always on the loopback, to other machines only while one is or gets paired."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from agent.api.application import Api, Side, application
from agent.api.certificate import own_certificate
from agent.api.events import EventBoard
from agent.api.listener import Listener, bound_socket
from agent.api.paired import PAIRED_FILE, PairedBook
from agent.api.pairing import Pairing
from agent.api.reach import Reach
from agent.api.rights import give_to_group
from agent.api.service import Service
from agent.api.standing import Standing
from agent.api.tokens import Tokens
from app.agentlink import (
    ENDPOINT_NAME,
    OPERATORS_ENDPOINT_NAME,
    Endpoint,
    Hello,
    PairedPrograms,
    PairingOpen,
    Role,
    shown_code,
)
from app.domain.errors import LocalError, RefusedError
from app.domain.places import place_of
from app.secrets import replace_file

_log = logging.getLogger(__name__)
_HOST = "127.0.0.1"


class ApiServer:
    """One agent's API on a free port of the loopback, in threads of its own.

    Attributes:
        tokens: who may call from this machine; the endpoint file's token is the first.
        book: who may call from other machines.
        pairing: how they get in.
        endpoint: what the endpoint file says.
    """

    def __init__(
        self,
        *,
        folder: Path,
        hello: Hello,
        standing: Standing,
        service: Service,
        board: EventBoard,
        wall: Callable[[], datetime],
        reach: Reach | None = None,
    ) -> None:
        """Take a port; nothing is served before `start`.

        Args:
            folder: the data folder.
            hello: who answers.
            standing: whose desk answers.
            service: the agent itself.
            board: what changed.
            wall: aware UTC time.
            reach: who may reach it; only this account by default.

        Raises:
            LocalError: the list of paired programs is damaged (CF-1882).
        """
        self._reach = reach or Reach()
        self._folder = folder
        self._certificate = own_certificate(folder, now=wall())
        self._hello = hello
        self.tokens = Tokens()
        self.book = PairedBook(folder / PAIRED_FILE)
        self.pairing = Pairing(
            self.book, certificate_sha256=self._certificate.sha256, instance=hello.instance, wall=wall
        )
        self._api = Api(hello, self.tokens, self.book, self.pairing, standing, service, board)
        bound = bound_socket(_HOST, 0)
        port = int(bound.getsockname()[1])
        hosts = frozenset({f"{_HOST}:{port}", f"localhost:{port}"})
        self._local = Listener(application(self._api, Side(hosts)), bound, certificate=self._certificate)
        self._remote: Listener | None = None
        self._remote_problem = ""
        self._settling = threading.Lock()
        self._stopped = False
        self.path = folder / ENDPOINT_NAME
        self.endpoint = Endpoint(
            host=_HOST,
            port=port,
            certificate_sha256=self._certificate.sha256,
            token=self.tokens.issue(label="endpoint file", role=Role.ADMIN),
            instance=hello.instance,
            certificate=self._certificate.certificate.read_text(encoding="ascii"),
        )

    @property
    def alive(self) -> bool:
        """Whether calls of this machine are served."""
        return self._local.alive

    def start(self) -> Path:
        """Serve, write ``endpoint.json`` (0600, atomically) and return its path.

        With an operators group, ``endpoint-operators.json`` (0640) lies beside it.

        Raises:
            LocalError: the server did not come up (CF-1890), or the operators' file cannot be given to their
                group (CF-1876).
        """
        if not self._local.start():
            raise LocalError(
                "The agent's API did not start",
                happened="The server on the loopback did not come up.",
                todo="Look into the agent's log, then start it again.",
                code="CF-1890",
            )
        self._tell_operators()
        self.settle()
        replace_file(self.path, msgspec.json.encode(self.endpoint))
        return self.path

    def stop(self) -> None:
        """Stop serving and remove the endpoint files."""
        self.path.unlink(missing_ok=True)
        (self._folder / OPERATORS_ENDPOINT_NAME).unlink(missing_ok=True)
        with self._settling:
            self._stopped = True
            remote, self._remote = self._remote, None
        if remote is not None:
            remote.stop()
        self._local.stop()

    def pair(self, role: Role) -> PairingOpen:
        """A code for one program on another machine.

        Raises:
            RefusedError: the configuration does not allow other machines (CF-1283).
            LocalError: the address cannot be listened on (CF-1881).
        """
        if self._reach.remote is None:
            raise RefusedError(
                "This agent does not listen to other machines",
                happened="Its configuration has no [api] remote.",
                todo='Add [api] remote = "0.0.0.0:8443", or another port, and restart the agent.',
                code="CF-1283",
            )
        code, expires = self.pairing.open(role)
        self.settle()
        if self._remote_problem:
            self.pairing.close()
            raise LocalError(
                "Other machines cannot be listened to",
                happened=self._remote_problem,
                todo="Give [api] remote another port, or an address of this machine.",
                code="CF-1881",
            )
        return PairingOpen(
            code=shown_code(code),
            expires=expires,
            certificate_sha256=self._certificate.sha256,
            address=place_of(*self._reach.remote),
            role=role,
        )

    def paired(self) -> PairedPrograms:
        """Who may call from other machines, and whether they are listened to."""
        return PairedPrograms(
            programs=self.book.programs(),
            address="" if self._reach.remote is None else place_of(*self._reach.remote),
            listening=self._remote is not None,
            problem=self._remote_problem,
        )

    def wrong_codes(self) -> int:
        """How many pairing codes were wrong since the agent was started."""
        return self.pairing.wrong

    def made_room(self) -> frozenset[str]:
        """Ids of programs that are let in no more because others came."""
        return self.book.made_room()

    def revoke(self, number: str) -> PairedPrograms:
        """Let a program in no more.

        Raises:
            InputError: there is none of this id (CF-1179).
        """
        self.book.remove(number)
        self.settle()
        return self.paired()

    def settle(self) -> None:
        """Listen to other machines exactly while one is or may get paired. To be called every so often."""
        with self._settling:
            place = self._reach.remote
            asked = self.pairing.is_open or bool(self.book.programs())
            if place is not None and asked and not self._stopped:
                if self._remote is None:
                    self._listen(*place)
            elif self._remote is not None:
                self._remote.stop()
                self._remote = None
                _log.info("other machines are no longer listened to")

    def _listen(self, host: str, port: int) -> None:
        names = {*self._reach.names, socket.gethostname(), host}
        hosts = frozenset(place_of(name, port).lower() for name in names)
        try:
            listener = Listener(
                application(self._api, Side(hosts, remote=True)),
                bound_socket(host, port),
                certificate=self._certificate,
            )
        except OSError as error:
            problem = f"{place_of(host, port)}: {error.strerror or type(error).__name__}."
            if problem != self._remote_problem:
                _log.info("other machines cannot be listened to: %s", problem)
            self._remote_problem = problem
            return
        if listener.start():
            self._remote, self._remote_problem = listener, ""
            _log.info("other machines are listened to")
        else:
            listener.stop()
            self._remote_problem = f"{place_of(host, port)}: the server did not come up."

    def _tell_operators(self) -> None:
        path = self._folder / OPERATORS_ENDPOINT_NAME
        if not self._reach.operators:
            path.unlink(missing_ok=True)
            return
        token = self.tokens.issue(label="operators' file", role=Role.OPERATOR)
        replace_file(path, msgspec.json.encode(replace(self.endpoint, token=token)))
        give_to_group(path, self._reach.operators)
