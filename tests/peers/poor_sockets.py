"""A system whose sockets lack options that only help, as those of some sandboxes and of WSL 1 do."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

_LOW_WATER = (socket.SOL_SOCKET, getattr(socket, "SO_RCVLOWAT", None))
_OF_TCP = ("TCP_CORK", "TCP_USER_TIMEOUT", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_QUICKACK", "TCP_CONGESTION")


def refuse_low_water(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sockets refuse the mark from now on; the marks that were asked for."""
    return _refuse({_LOW_WATER}, monkeypatch)


def refuse_all_that_only_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets refuse it from now on."""
    of_tcp = {(socket.IPPROTO_TCP, getattr(socket, name, None)) for name in _OF_TCP}
    _refuse({_LOW_WATER, *of_tcp}, monkeypatch)


def _refuse(options: set[tuple[int, int | None]], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked: list[int] = []
    usual = socket.socket.setsockopt

    def setsockopt(sock: socket.socket, level: int, name: int, value: Any) -> None:
        if (level, name) in options:
            asked.append(value)
            raise OSError(errno.ENOPROTOOPT, "Protocol not available")
        usual(sock, level, name, value)

    monkeypatch.setattr(socket.socket, "setsockopt", setsockopt)
    return asked
