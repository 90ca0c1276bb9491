"""tus clients that others have written (`tus-js-client`, `tuspy`), as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.peers.portal import ROOT
from tests.peers.tus_reference import installed

_LONGEST_S = 110


def tus_js_client(wish: dict[str, Any], *, ca_file: Path) -> dict[str, Any]:
    """Send by `tus-js-client`; what it said. `tests/peers/node/client.mjs` has the wishes."""
    return _told(
        ["node", "client.mjs", json.dumps(wish)], cwd=installed(), trust={"NODE_EXTRA_CA_CERTS": str(ca_file)}
    )


def tuspy(wish: dict[str, Any], *, ca_file: Path) -> dict[str, Any]:
    """Send by `tuspy`; what it said.

    The wishes are ``endpoint``, ``file``, ``token``, ``metadata``, ``chunk``, ``checksum``, ``stopAfter`` (in
    bytes, where it ends) and ``uploadUrl`` (goes on with that one).
    """
    # Its own `verify` is a switch only; which authority counts is told by the environment.
    return _told(
        [sys.executable, "-m", "tests.peers.tus_clients", json.dumps(wish)],
        cwd=ROOT,
        trust={"REQUESTS_CA_BUNDLE": str(ca_file)},
    )


def _told(command: list[str], *, cwd: Path, trust: dict[str, str]) -> dict[str, Any]:
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **trust},
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    if not result.stdout.strip():
        raise RuntimeError(f"the client said nothing: {result.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return told


def _send(wish: dict[str, Any]) -> dict[str, Any]:
    from tusclient.client import TusClient
    from tusclient.exceptions import TusCommunicationError

    client = TusClient(wish["endpoint"], headers={"Authorization": f"Bearer {wish['token']}"})
    uploader = client.uploader(
        wish["file"],
        url=wish.get("uploadUrl"),
        chunk_size=wish.get("chunk", 1 << 20),
        metadata=wish["metadata"],
        upload_checksum=wish.get("checksum", False),
    )
    try:
        uploader.upload(stop_at=wish.get("stopAfter"))
    except TusCommunicationError as error:
        return {"error": type(error).__name__, "status": error.status_code}
    return {"url": uploader.url, "offset": uploader.offset}


if __name__ == "__main__":
    print(json.dumps(_send(json.loads(sys.argv[1]))))
