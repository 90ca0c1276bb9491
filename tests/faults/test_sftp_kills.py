"""A sender that is killed again and again, wherever it is, with several connections open.

Some kills of one transfer by default; ``CASEFERRY_KILL_POINTS=200`` kills two hundred times, a few times in
each of many transfers to one server.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.files import SealedBundle
from tests.peers import transfer_sender
from tests.peers.chaos_relay import ChaosRelay, Total
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.proftpd import proftpd
from tests.peers.sealed import sealed_bundle

pytestmark = [pytest.mark.real_peer, pytest.mark.timeout(300)]

MIB = 1024 * 1024
KILLS = int(os.environ.get("CASEFERRY_KILL_POINTS", "3"))
PER_TRANSFER = 5
MOST_SENT = 3 * MIB
LATE = 16 * MIB
TRANSFERS = range((KILLS + PER_TRANSFER - 1) // PER_TRANSFER)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> SealedBundle:
    """Longer than what leaves in all runs that are killed, so that every one of them is."""
    kills = min(KILLS, PER_TRANSFER)
    return sealed_bundle(tmp_path_factory.mktemp("spool"), size=kills * MOST_SENT + LATE + 4711)


@pytest.fixture(scope="module", params=[openssh, proftpd], ids=["openssh", "proftpd"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with request.param(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.mark.parametrize("number", TRANSFERS, ids="transfer{}".format)
def test_nothing_is_lost_or_doubled_by_kills(
    server: OpenSsh, bundle: SealedBundle, tmp_path: Path, number: int
) -> None:
    dice = random.Random(20261128 + number)
    for path in server.folder.iterdir():
        path.unlink()
    with ChaosRelay(server.port) as relay:
        config = {
            "journal": tmp_path / "journal.sqlite3",
            "bundle": bundle.path,
            "key": f"k{number}",
            "sftp": {
                "port": relay.port,
                "user": server.user,
                "key_file": server.key_file,
                "host_key": server.host_key,
            },
        }
        kills = min(PER_TRANSFER, KILLS - number * PER_TRANSFER)
        for kill in range(kills):
            # Signing in takes some thousand bytes; all connections stop somewhere behind the first one's. The
            # last time so late that however many connections there are, some part was acknowledged.
            held = dice.randrange(10_000, MOST_SENT) if kill < kills - 1 else LATE
            relay.rearm(total=Total(hold_after_sent=held))
            with transfer_sender.started(config, tmp_path):
                assert relay.held.wait(timeout=120)
        relay.release()
        proof = transfer_sender.finish(transfer_sender.start(config, tmp_path))
        assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
        assert {path.name for path in server.folder.iterdir()} == {"logs.zip", "logs.zip.sha256"}
    assert proof["resumed"] >= 1
