"""``CONNECT`` to an HTTP proxy, up to the end of its answer and not one byte further.

What follows may be the server's own first words: an SSH server speaks before it is spoken to.
"""

from __future__ import annotations

import re
from base64 import b64encode

from app.transfer.network.hurried import Hurried

LONGEST_ANSWER = 16 * 1024

_STATUS = re.compile(rb"\AHTTP/1\.[01] ([0-9]{3})(?: |\r|\n)", re.ASCII)


def connect_through(sock: Hurried, host: str, port: int, *, user: str, password: str) -> int | None:
    """Ask for a connection to the server; the status, or None when the answer is no HTTP.

    Args:
        sock: connected to the proxy.
        host: name or address of the server, without brackets.
        port: of the server.
        user: for the proxy; empty for none.
        password: of the user.

    Raises:
        OSError: the connection to the proxy broke, or was closed without a word.
    """
    name = host if host.isascii() else host.encode("idna").decode("ascii")
    place = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if user:
        token = b64encode(f"{user}:{password}".encode()).decode("ascii")
        lines.append(f"Proxy-Authorization: Basic {token}")
    sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    head = _head(sock)
    if not head:
        raise ConnectionResetError("closed without an answer")
    return _status(head)


def _head(sock: Hurried) -> bytes:
    head = bytearray()
    while not head.endswith((b"\r\n\r\n", b"\n\n")) and len(head) < LONGEST_ANSWER:
        byte = sock.recv(1)
        if not byte:
            break
        head += byte
        if len(head) == 5 and head != b"HTTP/":
            break
    return bytes(head)


def _status(head: bytes) -> int | None:
    found = _STATUS.match(head)
    return None if found is None else int(found[1])
