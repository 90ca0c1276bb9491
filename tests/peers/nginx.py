"""nginx as the measure of HTTPS: takes files by PUT and gives them by GET, over TLS 1.3."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.peers.ports import free_port
from tests.peers.tus_reference import certificates

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
{user}
events {{ }}
http {{
  access_log off;
  sendfile on;
  client_max_body_size 0;
  client_body_buffer_size 1m;
  client_body_temp_path {folder}/incoming;
  server {{
    listen {address}:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.3;
    location / {{ root {folder}/files; dav_methods PUT DELETE; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running server. `folder` is where its files lie."""

    url: str
    folder: Path
    ca_file: Path


def installed() -> bool:
    """Whether there is an nginx on this machine."""
    return _program() is not None


@contextlib.contextmanager
def nginx(folder: Path, *, address: str = "127.0.0.1") -> Iterator[Nginx]:
    """Run it on a free port of an address of this machine; its certificate names the loopback."""
    program = _program()
    if program is None:
        raise RuntimeError("nginx is not installed")
    ca, certificate, key = certificates(folder / "tls")
    (folder / "files").mkdir(parents=True)
    port = free_port(address)
    user = "user root;" if folder.owner() == "root" else ""
    text = _CONFIGURATION.format(
        folder=folder, address=address, port=port, certificate=certificate, key=key, user=user
    )
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen([program, "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        _wait_for(address, port)
        yield Nginx(url=f"https://127.0.0.1:{port}", folder=folder / "files", ca_file=ca)
    finally:
        process.terminate()
        process.wait()


def _program() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def _wait_for(address: str, port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.05)
        else:
            return
