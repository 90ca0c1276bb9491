"""A sending process of its own, which a test may kill: ``python -m tests.peers.transfer_sender CONFIG``.

CONFIG is JSON: ``journal``, ``bundle`` (path), ``key``, perhaps ``part_size``, and ``tus`` {url, ca_file, and
perhaps token, metadata, state_url} or ``sftp`` {port, user, key_file, host_key}. The proof is printed as one
JSON line.

``python -m tests.peers.transfer_sender --each`` forks a sender for every line of its standard input, so that
a process which is ready to send costs no start of Python: see `Nursery`.
"""

from __future__ import annotations

import ctypes
import json
import os
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
from tests.peers.fixed_token import FixedToken

PART_SIZE = 1024 * 1024


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


class Nursery:
    """Senders that are forked one after the other from a process that has loaded everything they need.

    Each ends before its n-th write, flush or rename, when it is told to, by the library of ``fault_at.c``.
    """

    def __init__(self, folder: Path, *, library: Path) -> None:
        """`folder`: for what they say on standard error, and for the number of their calls."""
        self._errors, self._count = folder / "senders.err", folder / "count"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.peers.transfer_sender", "--each"],
                cwd=Path(__file__).parents[2],
                env={
                    **os.environ,
                    "PYTHONDONTWRITEBYTECODE": "1",  # or the first makes more calls than the others
                    "LD_PRELOAD": str(library),
                    "KILL_COUNT": str(self._count),
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def run(self, config: dict[str, Any], *, kill_at: int = 0) -> int:
        """One sender, to its end: its exit code, negative for a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        ask = json.dumps({"config": config, "kill_at": kill_at}, default=str)
        self._process.stdin.write(f"{ask}\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(self.errors())
        return int(said)

    def calls(self) -> int:
        """How many calls the last sender made that came to its end."""
        return int(self._count.read_text())

    def errors(self) -> str:
        """The end of what the senders said on standard error."""
        return self._errors.read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """No more of them."""
        end(self._process)


def _each() -> None:
    """See `Nursery`. Returns in every child, which ends as any process does, and in the parent at the end."""
    arm = ctypes.CDLL(None).fault_arm
    arm.argtypes = [ctypes.c_long]
    for line in iter(sys.stdin.readline, ""):
        ask = json.loads(line)
        child = os.fork()
        if child == 0:
            sys.stdout = sys.stderr
            arm(ask["kill_at"])
            _send(ask["config"])
            return
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _destination(config: dict[str, Any]) -> Destination:
    part_size = config.get("part_size", PART_SIZE)
    if "tus" in config:
        tus = config["tus"]
        context = ssl.create_default_context(cafile=tus["ca_file"])
        return TusDestination(
            tus["url"],
            ssl_context=context,
            tokens=FixedToken(tus["token"]) if "token" in tus else None,
            metadata=tus.get("metadata"),
            state_url=tus.get("state_url", ""),
            part_size=part_size,
        )
    sftp = config["sftp"]
    return SftpDestination(
        "127.0.0.1",
        sftp["port"],
        login=SftpLogin(user=sftp["user"], key_file=Path(sftp["key_file"])),
        host_key=sftp["host_key"],
        part_size=part_size,
    )


def main() -> None:
    if sys.argv[1] == "--each":
        _each()
    else:
        _send(json.loads(Path(sys.argv[1]).read_text()))


def _send(config: dict[str, Any]) -> None:
    with Journal(Path(config["journal"])) as journal:
        proof = send(journal, reopen_bundle(Path(config["bundle"])), _destination(config), key=config["key"])
    print(json.dumps(asdict(proof)))


if __name__ == "__main__":
    main()
