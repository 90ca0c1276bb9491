"""A sender that is killed again and again, wherever it is, with several connections open."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.peers import transfer_sender
from tests.peers.chaos_relay import ChaosRelay, Total
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.proftpd import proftpd
from tests.peers.sealed import sealed_bundle

pytestmark = pytest.mark.real_peer

MIB = 1024 * 1024
KILLS = int(os.environ.get("CASEFERRY_KILLS", "3"))


@pytest.mark.parametrize("make", [openssh, proftpd], ids=["openssh", "proftpd"])
def test_nothing_is_lost_or_doubled_by_kills(
    make: Callable[[Path], AbstractContextManager[OpenSsh]], tmp_path: Path
) -> None:
    dice = random.Random(20261128)
    bundle = sealed_bundle(tmp_path / "spool", size=(16 + 3 * KILLS) * MIB + 4711)
    with make(tmp_path / "server") as server, ChaosRelay(server.port) as relay:
        config = {
            "journal": tmp_path / "journal.sqlite3",
            "bundle": bundle.path,
            "key": "k",
            "sftp": {
                "port": relay.port,
                "user": server.user,
                "key_file": server.key_file,
                "host_key": server.host_key,
            },
        }
        for kill in range(KILLS):
            # Signing in takes some thousand bytes; all connections stop somewhere behind the first one's. The
            # last time so late that however many connections there are, some part was acknowledged.
            held = dice.randrange(10_000, 3 * MIB) if kill < KILLS - 1 else 16 * MIB
            relay.rearm(total=Total(hold_after_sent=held))
            with transfer_sender.started(config, tmp_path):
                assert relay.held.wait(timeout=120)
        relay.release()
        proof = transfer_sender.finish(transfer_sender.start(config, tmp_path))
        assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
        assert {path.name for path in server.folder.iterdir()} == {"logs.zip", "logs.zip.sha256"}
    assert proof["resumed"] >= 1
