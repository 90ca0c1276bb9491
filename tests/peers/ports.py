"""Ports for servers that cannot be asked to choose one themselves, or that come back under the same one."""

from __future__ import annotations

import contextlib
import random
import socket

_FIRST, _END = 20_000, 32_000
_dice = random.SystemRandom()


def free_port(address: str = "127.0.0.1", *, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of this address where nobody listens.

    It lies below those that systems hand out by themselves, to servers that ask for any port and to clients:
    nobody gets it by chance before its server does.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(1000):
        port = _dice.randrange(_FIRST, _END)
        with contextlib.suppress(OSError), socket.socket(family, kind) as probe:
            probe.bind((address, port))
            return port
    raise RuntimeError(f"no port of {address} is free")
