"""A sender that starts again does not ask for uploads that the server has said are gone by now."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import UnreachableError, WorldError
from app.domain.files import SealedBundle
from app.transfer import Journal, Level, RetryPolicy, TusDestination, send
from app.transfer.ends import JournalEnds
from app.transfer.source import Source
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.sealed import sealed_bundle
from tests.peers.streams import Streams

HOUR = 3600.0
NOON = 1_000_000.0
NO_PATIENCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        running.keeps = timedelta(hours=1)
        yield running
        running.release()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=5000)


def sent(bundle: SealedBundle, server: FaultyTus, streams: Streams, *, now: float) -> Level:
    """By a process of its own at that time, which knows what the journal of an earlier one says."""
    source = Source(bundle)
    source.close()
    with Journal(streams.path.with_name("journal.sqlite3")) as journal:
        transfer = journal.begin(bundle, source.identity, key="k", destination="https://a", now=now)
        ends = JournalEnds(journal, transfer.id, wall=lambda: now)
        streams.shipment = replace(streams.shipment, ends=ends)
        return streams.send(
            TusDestination(server.url, ssl_context=server.ssl_context(), state_url="state", streams=1)
        )


@pytest.mark.parametrize(("passed", "first"), [(HOUR / 2, "HEAD"), (2 * HOUR, "POST")], ids=["kept", "gone"])
def test_what_has_expired_meanwhile_begins_anew_unasked(
    server: FaultyTus, bundle: SealedBundle, tmp_path: Path, passed: float, first: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(3 << 20))
    streams = Streams(path)
    server.say("PATCH", None, Reply(cut_after=300_000))
    with pytest.raises(UnreachableError):
        sent(bundle, server, streams, now=NOON)
    if first == "POST":
        server.uploads.clear()
    before = len(server.requests)
    assert sent(bundle, server, streams, now=NOON + passed) is Level.SERVER_SHA256
    asked = [method for method, _headers in server.requests[before:] if method != "OPTIONS"]
    assert asked[0] == first
    assert bytes(server.only_upload().data) == streams.content


def test_the_journal_knows_the_end_of_an_upload_that_is_under_way(
    server: FaultyTus, bundle: SealedBundle, tmp_path: Path
) -> None:
    server.say("PATCH", *(Reply(500) for _ in range(400)))
    destination = TusDestination(server.url, ssl_context=server.ssl_context(), streams=1)
    with Journal(tmp_path / "journal.sqlite3") as journal:
        with pytest.raises(WorldError):
            send(journal, bundle, destination, key="k", policy=NO_PATIENCE)
        transfer = journal.find("k")
        assert transfer is not None
        assert list(journal.ends(transfer.id)) == [transfer.remote]
