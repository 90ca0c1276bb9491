"""A process that sends one file and tells its memory: ``python -m tests.bench.memory_once JSON``.

The JSON has ``journal``, ``bundle`` (paths), ``round_trip`` (seconds), and ``sftp`` {port, user, key_file,
host_key} or ``tus`` {port, ca_file, token, case}. It loads what a sender needs and nothing else.

The way is a relay's: TCP ends there, so that a handshake does not see how long it is. Here the destinations
are told, as a handshake over a real way of that length would tell them: all connections are wanted at once.
"""

from __future__ import annotations

import json
import ssl
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.bundle import reopen_bundle
from app.transfer import Destination, Journal, Progress, SftpDestination, SftpLogin, TusDestination, send
from app.transfer.destination import Features
from app.transfer.tus import MOST_STREAMS
from tests.peers.fixed_token import FixedToken


class _FarSftp(SftpDestination):
    round_trip = 0.0

    @property
    def features(self) -> Features:
        return replace(super().features, round_trip=self.round_trip, all_at_once=True)


class _FarTus(TusDestination):
    round_trip = 0.0

    @property
    def features(self) -> Features:
        return replace(super().features, round_trip=self.round_trip)


def _destination(config: dict[str, Any]) -> Destination:
    made: _FarSftp | _FarTus
    if "sftp" in config:
        sftp = config["sftp"]
        login = SftpLogin(user=sftp["user"], key_file=Path(sftp["key_file"]))
        made = _FarSftp("127.0.0.1", sftp["port"], login=login, host_key=sftp["host_key"])
        made.round_trip = config["round_trip"]
        return made
    tus = config["tus"]
    made = _FarTus(
        f"https://127.0.0.1:{tus['port']}/api/v1/uploads",
        ssl_context=ssl.create_default_context(cafile=tus["ca_file"]),
        tokens=FixedToken(tus["token"]),
        metadata={"case": tus["case"]},
        state_url="state",
        streams=MOST_STREAMS,
    )
    made.round_trip = config["round_trip"]
    return made


def _send(config: dict[str, Any]) -> None:
    seen = [0]

    def follow(progress: Progress) -> None:
        seen[0] = max(seen[0], progress.connections)

    rest = _memory("VmRSS")
    with Journal(Path(config["journal"])) as journal:
        send(
            journal, reopen_bundle(Path(config["bundle"])), _destination(config), key="k", on_progress=follow
        )
    print(json.dumps({"memory": _memory("VmHWM"), "rest": rest, "connections": seen[0]}))


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (each for each in status.splitlines() if each.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    _send(json.loads(sys.argv[1]))
