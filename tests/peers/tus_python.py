"""`tuspyserver` (PyPI), a tus server that others have written, as a process of its own over TLS."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.peers.portal import ROOT
from tests.peers.tus_reference import TusReference, certificates


@contextlib.contextmanager
def tus_python(folder: Path) -> Iterator[TusReference]:
    """Run it on a free port of the loopback."""
    store = folder / "store"
    store.mkdir(parents=True, exist_ok=True)
    ca, certificate, key = certificates(folder / "tls")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.tus_python", str(store), str(certificate), str(key)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("tuspyserver did not start")
        port = json.loads(line)["port"]
        yield TusReference(url=f"https://127.0.0.1:{port}/files/", port=port, folder=store, ca_file=ca)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _serve(store: str, certificate: str, key: str) -> None:
    import uvicorn
    from fastapi import FastAPI
    from tuspyserver import create_tus_router

    application = FastAPI()
    application.include_router(create_tus_router(prefix="files", files_dir=store, max_size=1 << 40))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, ssl_certfile=certificate, ssl_keyfile=key, log_config=None, access_log=False
    )
    config.load()
    assert isinstance(config.ssl, ssl.SSLContext)
    print(json.dumps({"event": "ready", "port": listener.getsockname()[1]}), flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    _serve(*sys.argv[1:])
