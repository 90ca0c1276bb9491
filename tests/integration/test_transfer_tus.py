"""Sending to the reference tus server, through kills, cuts and restarts."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import TrustError
from app.domain.files import SealedBundle
from app.transfer import (
    Cancelled,
    Control,
    Journal,
    Level,
    Progress,
    RetryPolicy,
    Stopped,
    TransferState,
    TusDestination,
    send,
)
from tests.peers import transfer_sender
from tests.peers.chaos_relay import ChaosRelay, Total
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal
from tests.peers.tus_reference import TusReference, tus_reference

__all__ = ["journal"]

pytestmark = pytest.mark.real_peer

MIB = 1024 * 1024
AT_ONCE = RetryPolicy(first=0.01, longest=0.05, give_up_after=240)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TusReference]:
    with tus_reference(tmp_path_factory.mktemp("tus")) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty_store(server: TusReference) -> None:
    for path in server.folder.iterdir():
        path.unlink()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=5 * MIB + 321)


def destination(server: TusReference, *, port: int | None = None, part_size: int = MIB) -> TusDestination:
    url = f"https://127.0.0.1:{port or server.port}/files"
    return TusDestination(
        url, ssl_context=server.ssl_context(), metadata={"case": "0003256109"}, part_size=part_size
    )


def only_upload(server: TusReference) -> bytes:
    stored = server.stored()
    assert len(stored) == 1
    return stored[0].read_bytes()


def test_a_bundle_arrives_whole(server: TusReference, bundle: SealedBundle, journal: Journal) -> None:
    send(journal, bundle, destination(server), key="k")
    assert hashlib.sha256(only_upload(server)).hexdigest() == bundle.sha256


def test_without_checksums_and_state_the_proof_says_size_only(
    server: TusReference, bundle: SealedBundle, journal: Journal
) -> None:
    assert send(journal, bundle, destination(server), key="k").level is Level.SIZE_ONLY


def test_the_same_key_is_not_sent_twice(server: TusReference, bundle: SealedBundle, journal: Journal) -> None:
    send(journal, bundle, destination(server), key="k")
    again = send(journal, bundle, destination(server), key="k")
    assert (again.sent, len(server.stored())) == (0, 1)


def test_an_absolute_location_of_the_same_host_is_followed(
    tmp_path: Path, bundle: SealedBundle, journal: Journal
) -> None:
    with tus_reference(tmp_path / "absolute", location="absolute") as other:
        send(journal, bundle, destination(other), key="k")
        assert only_upload(other) == bundle.path.read_bytes()


def test_a_killed_sender_is_resumed_by_a_new_process(
    server: TusReference, bundle: SealedBundle, tmp_path: Path
) -> None:
    with ChaosRelay(server.port, total=Total(hold_after_sent=3 * MIB + 4711)) as relay:
        config = {
            "journal": tmp_path / "journal.sqlite3",
            "bundle": bundle.path,
            "key": "k",
            "tus": {"url": f"https://127.0.0.1:{relay.port}/files", "ca_file": server.ca_file},
        }
        with transfer_sender.started(config, tmp_path):
            assert relay.held.wait(timeout=120)
        relay.release()
        proof = transfer_sender.finish(transfer_sender.start(config, tmp_path))
    assert only_upload(server) == bundle.path.read_bytes()
    assert proof["resumed"] == 1
    assert proof["sent"] <= bundle.size - 2 * MIB


def test_a_cut_costs_less_than_a_part(server: TusReference, bundle: SealedBundle, journal: Journal) -> None:
    with ChaosRelay(server.port, total=Total(cut_after_sent=2 * MIB + 99_999)) as relay:
        proof = send(journal, bundle, destination(server, port=relay.port), key="k", policy=AT_ONCE)
    assert relay.struck == 1
    assert only_upload(server) == bundle.path.read_bytes()
    assert proof.sent <= bundle.size + MIB


def test_a_lost_answer_does_not_double_a_part(
    server: TusReference, bundle: SealedBundle, journal: Journal
) -> None:
    with ChaosRelay(server.port, total=Total(deaf_after_sent=2 * MIB + 5_000)) as relay:
        send(journal, bundle, destination(server, port=relay.port), key="k", policy=AT_ONCE)
    assert relay.struck == 1
    assert only_upload(server) == bundle.path.read_bytes()


def test_a_restarted_server_is_gone_on_with(tmp_path: Path, bundle: SealedBundle, journal: Journal) -> None:
    with ChaosRelay(0, total=Total(hold_after_sent=3 * MIB)) as relay:
        with tus_reference(tmp_path / "tus") as first:
            relay.target = first.port
            outcome: list[object] = []
            sender = threading.Thread(
                target=lambda: outcome.append(
                    send(journal, bundle, destination(first, port=relay.port), key="k", policy=AT_ONCE)
                )
            )
            sender.start()
            assert relay.held.wait(timeout=120)
        with tus_reference(tmp_path / "tus") as second:
            relay.target = second.port
            relay.release()
            sender.join(timeout=120)
            assert len(outcome) == 1
            assert only_upload(second) == bundle.path.read_bytes()


def test_a_pause_keeps_what_the_server_has(
    server: TusReference, bundle: SealedBundle, journal: Journal
) -> None:
    control = Control()
    states: list[TransferState] = []

    def follow(progress: Progress) -> None:
        states.append(progress.state)
        if progress.acked >= 2 * MIB and TransferState.PAUSED not in states:
            control.pause()
        if progress.state is TransferState.PAUSED:
            control.resume()

    proof = send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    assert TransferState.PAUSED in states
    assert only_upload(server) == bundle.path.read_bytes()
    assert proof.sent < bundle.size + 2 * MIB


def test_a_cancel_leaves_nothing_at_the_server(
    server: TusReference, bundle: SealedBundle, journal: Journal
) -> None:
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * MIB:
            control.cancel()

    with pytest.raises(Cancelled):
        send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    assert server.stored() == []


def test_a_stop_is_resumed_later(server: TusReference, bundle: SealedBundle, journal: Journal) -> None:
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * MIB:
            control.stop()

    with pytest.raises(Stopped):
        send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    proof = send(journal, bundle, destination(server), key="k")
    assert proof.resumed == 1
    assert only_upload(server) == bundle.path.read_bytes()


def test_an_upload_that_the_server_dropped_is_sent_anew(
    server: TusReference, bundle: SealedBundle, journal: Journal
) -> None:
    dropped: list[Path] = []

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * MIB and not dropped:
            for path in server.folder.iterdir():
                dropped.append(path)
                path.unlink()

    send(journal, bundle, destination(server), key="k", on_progress=follow, policy=AT_ONCE)
    assert dropped
    assert only_upload(server) == bundle.path.read_bytes()


def test_a_certificate_that_is_not_trusted_is_refused_before_a_byte(
    server: TusReference, bundle: SealedBundle, journal: Journal, tmp_path: Path
) -> None:
    with tus_reference(tmp_path / "other") as other:
        untrusting = TusDestination(server.url, ssl_context=other.ssl_context())
        with pytest.raises(TrustError) as caught:
            send(journal, bundle, untrusting, key="k")
    assert caught.value.code == "CF-1410"
    assert server.stored() == []
