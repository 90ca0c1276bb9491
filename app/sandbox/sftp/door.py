"""Who is let in over SSH, and to what: a temporary account by its password, to SFTP, and to nothing else."""

from __future__ import annotations

import logging

import paramiko
from paramiko import Channel, ServerInterface
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_RESOURCE_SHORTAGE,
    OPEN_SUCCEEDED,
)

from app.domain.errors import LocalError
from app.sandbox.sftp.accounts import Gate, check_password
from app.sandbox.sftp.arrivals import Arrivals
from app.sandbox.sftp.folder import CaseFolder
from app.sandbox.sftp.session import CaseSession, Place
from app.sandbox.sftp.subsystem import CaseSftp
from app.sandbox.sftp.writers import Writers
from app.sandbox.site import Site

MOST_CHANNELS = 8
"""Sessions of one connection."""
MOST_GUESSES = 5

_log = logging.getLogger("app.sandbox.sftp")


class Door(ServerInterface):
    """The server side of one SSH connection. No shell, no command, no forwarding: those stay refused."""

    def __init__(
        self, site: Site, writers: Writers, arrivals: Arrivals, transport: paramiko.Transport
    ) -> None:
        self._site = site
        self._writers = writers
        self._arrivals = arrivals
        self._transport = transport
        self._guesses = 0
        self._channels = 0
        self.gate: Gate | None = None
        self.opened = site.monotonic()

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        """Passwords only."""
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        """R-FILE-5: right, neither expired nor ended, and the case is not closed."""
        try:
            account = check_password(self._site, username, password)
        except LocalError as error:
            _log.warning("a login could not be decided: %s", error.code)
            return AUTH_FAILED
        if account is None:
            self._guesses += 1
            _log.info("an SFTP login was refused")
            if self._guesses >= MOST_GUESSES:
                self._transport.close()
            return AUTH_FAILED
        self.gate = Gate(self._site, account)
        place = Place(
            site=self._site,
            gate=self.gate,
            folder=CaseFolder(self._site, account.case),
            writers=self._writers,
            arrivals=self._arrivals,
        )
        self._transport.set_subsystem_handler("sftp", CaseSftp, CaseSession, place)
        _log.info("SFTP session for case %s", account.case)
        return AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        """Sessions, and not too many."""
        if kind != "session" or self.gate is None:
            return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        if self._channels >= MOST_CHANNELS:
            return OPEN_FAILED_RESOURCE_SHORTAGE
        self._channels += 1
        return OPEN_SUCCEEDED

    def check_channel_subsystem_request(self, channel: Channel, name: str) -> bool:
        """SFTP, while the account lives."""
        if name != "sftp" or self.gate is None or not self.gate.is_open():
            return False
        return super().check_channel_subsystem_request(channel, name)
