"""A system that knows no low-water mark of sockets, as some sandboxes and WSL 1 do not."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest


def refuse_low_water(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sockets refuse the mark from now on; the marks that were asked for."""
    asked: list[int] = []
    usual = socket.socket.setsockopt

    def setsockopt(sock: socket.socket, level: int, name: int, value: Any) -> None:
        if name == socket.SO_RCVLOWAT and level == socket.SOL_SOCKET:
            asked.append(value)
            raise OSError(errno.ENOPROTOOPT, "Protocol not available")
        usual(sock, level, name, value)

    monkeypatch.setattr(socket.socket, "setsockopt", setsockopt)
    return asked
