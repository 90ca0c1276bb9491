"""The reference tus server (`@tus/server` on Node.js), over TLS."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme

_HERE = Path(__file__).parent / "node"
_FILES = ("package.json", "package-lock.json", "server.mjs", "client.mjs")


@dataclass(frozen=True, slots=True)
class TusReference:
    """A running server. `folder` is where it stores."""

    url: str
    port: int
    folder: Path
    ca_file: Path

    def ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))

    def stored(self) -> list[Path]:
        """The uploads, without their notes."""
        return sorted(path for path in self.folder.iterdir() if path.suffix != ".json")


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """CA, certificate and key of 127.0.0.1, as files."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    paths = (folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority.cert_pem.write_to_path(str(paths[0]))
    for blob in server.cert_chain_pems:
        blob.write_to_path(str(paths[1]), append=True)
    server.private_key_pem.write_to_path(str(paths[2]))
    return paths


def installed() -> Path:
    """The folder with the server, a client and their packages: installed once, outside the tree.

    A missing node or npm is an error: without this peer, nobody knows whether what we speak is tus.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise RuntimeError("the reference tus server needs node (20.19 or newer) and npm on the PATH")
    cache = Path(os.environ.get("CASEFERRY_TEST_CACHE") or Path.home() / ".cache" / "caseferry-tests")
    digest = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _FILES)).hexdigest()[:12]
    folder = cache / f"tus-reference-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / ".done"
        if not done.exists():
            for name in _FILES:
                shutil.copy(_HERE / name, folder / name)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            result = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=110, check=False
            )
            if result.returncode != 0:
                raise RuntimeError(f"npm ci failed: {result.stderr[-2000:]}")
            done.touch()
    return folder


@contextlib.contextmanager
def tus_reference(folder: Path, *, location: str = "relative") -> Iterator[TusReference]:
    """Run it; what it stored outlives it, so that a second run is a restart on another port."""
    home = installed()
    store, tls = folder / "store", folder / "tls"
    store.mkdir(parents=True, exist_ok=True)
    if tls.exists():
        ca, certificate, key = tls / "ca.pem", tls / "server.pem", tls / "server.key"
    else:
        ca, certificate, key = certificates(tls)
    process = subprocess.Popen(
        ["node", "server.mjs", str(store), str(certificate), str(key), location],
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the reference tus server did not start")
        port = json.loads(line)["port"]
        yield TusReference(url=f"https://127.0.0.1:{port}/files", port=port, folder=store, ca_file=ca)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
