"""Telling the service manager of systemd how the agent is (``sd_notify``); elsewhere nothing is told."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

_PATIENCE = 1.0
"""Seconds that a state may wait for a manager that is busy."""


class ServiceManager:
    """Sends states to the socket that the environment names. A state that cannot be sent is left out."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Look at the environment; nothing is sent yet.

        Args:
            environment: with ``NOTIFY_SOCKET`` (a path, or ``@`` and an abstract name), ``WATCHDOG_USEC`` and
                ``WATCHDOG_PID``; the process's own when None.
        """
        given = os.environ if environment is None else environment
        address = given.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watched = bool(given.get("WATCHDOG_USEC")) and given.get("WATCHDOG_PID", "") in (
            "",
            str(os.getpid()),
        )

    def ready(self, status: str) -> None:
        """The agent works, after its start or after a reload."""
        self._send("READY=1", f"STATUS={_line(status)}")

    def beginning(self, status: str, *, seconds: int) -> None:
        """The start goes on, and takes up to so many seconds from now."""
        self._send(f"EXTEND_TIMEOUT_USEC={seconds * 1_000_000}", f"STATUS={_line(status)}")

    def reloading(self) -> None:
        """The agent takes another configuration; `ready` follows."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def status(self, text: str) -> None:
        """One line for people."""
        self._send(f"STATUS={_line(text)}")

    def alive(self) -> None:
        """Keeps the watchdog quiet; to be called well within its time, as long as all is well."""
        if self._watched:
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The agent ends."""
        self._send("STOPPING=1")

    def _send(self, *fields: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.settimeout(_PATIENCE)
                out.sendto("\n".join(fields).encode(), self._address)
        except OSError:
            return  # the manager has gone or is busy: nothing of the agent's work hangs on it


def _line(text: str) -> str:
    return " ".join(text.split())
