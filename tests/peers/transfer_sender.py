"""A sending process of its own, which a test may kill: ``python -m tests.peers.transfer_sender CONFIG``.

CONFIG is JSON: ``journal``, ``bundle`` (path), ``key``, and ``tus`` {url, ca_file, and perhaps token,
metadata, state_url} or ``sftp`` {port, user,
key_file, host_key}. The proof is printed as one JSON line.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.bundle import reopen_bundle
from app.transfer import Destination, Journal, SftpDestination, SftpLogin, TusDestination, send

PART_SIZE = 1024 * 1024


class _Token:
    def __init__(self, value: str) -> None:
        self._value = value

    def bearer(self) -> str:
        return self._value

    def rejected(self) -> None:
        """There is no other."""


def start(
    config: dict[str, Any], folder: Path, *, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start it with this configuration."""
    path = folder / "sender.json"
    path.write_text(json.dumps(config, default=str))
    command = [sys.executable, "-m", "tests.peers.transfer_sender", str(path)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def started(config: dict[str, Any], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """See `start`; it is killed at the end of the block, and its pipes are closed, whatever happens there."""
    process = start(config, folder)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and nothing of it stays; may come twice."""
    process.kill()
    process.communicate()


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for its proof; killed when it comes to none in two minutes."""
    try:
        out, err = process.communicate(timeout=120)
    except BaseException:
        end(process)
        raise
    if process.returncode != 0:
        raise RuntimeError(err[-3000:])
    proof: dict[str, Any] = json.loads(out)
    return proof


def _destination(config: dict[str, Any]) -> Destination:
    if "tus" in config:
        tus = config["tus"]
        context = ssl.create_default_context(cafile=tus["ca_file"])
        return TusDestination(
            tus["url"],
            ssl_context=context,
            tokens=_Token(tus["token"]) if "token" in tus else None,
            metadata=tus.get("metadata"),
            state_url=tus.get("state_url", ""),
            part_size=PART_SIZE,
        )
    sftp = config["sftp"]
    return SftpDestination(
        "127.0.0.1",
        sftp["port"],
        login=SftpLogin(user=sftp["user"], key_file=Path(sftp["key_file"])),
        host_key=sftp["host_key"],
        part_size=PART_SIZE,
    )


def main() -> None:
    config = json.loads(Path(sys.argv[1]).read_text())
    with Journal(Path(config["journal"])) as journal:
        proof = send(journal, reopen_bundle(Path(config["bundle"])), _destination(config), key=config["key"])
    print(json.dumps(asdict(proof)))


if __name__ == "__main__":
    main()
