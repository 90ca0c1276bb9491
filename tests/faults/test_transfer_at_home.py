"""What can go wrong on this side: the network between, the disk of the journal, a second sender."""

from __future__ import annotations

import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import LocalError
from app.domain.files import SealedBundle
from app.transfer import (
    Control,
    Journal,
    Patience,
    Progress,
    RetryPolicy,
    TransferBusy,
    TransferState,
    TusDestination,
    send,
)
from tests.peers.chaos_relay import ChaosRelay, Fault
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

KIB = 1024
AT_ONCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=240)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        yield running


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=2000 * KIB)


def destination(
    server: FaultyTus, *, port: int | None = None, patience: Patience | None = None
) -> TusDestination:
    return TusDestination(
        f"https://127.0.0.1:{port or server.port}/files",
        ssl_context=server.ssl_context(),
        state_url="state",
        part_size=256 * KIB,
        patience=patience,
    )


def arrived(server: FaultyTus, bundle: SealedBundle) -> bool:
    return bytes(server.only_upload().data) == bundle.path.read_bytes()


def test_cuts_at_any_byte_cost_nothing_but_time(
    server: FaultyTus, bundle: SealedBundle, journal: Journal
) -> None:
    dice = random.Random(20261124)
    cuts = [Fault(cut_after_sent=dice.randrange(100, 600 * KIB)) for _ in range(12)]
    with ChaosRelay(server.port, faults=cuts) as relay:
        send(journal, bundle, destination(server, port=relay.port), key="k", policy=AT_ONCE)
    assert relay.struck >= 2
    assert arrived(server, bundle)


def test_a_connection_that_stands_still_is_dropped_and_gone_on_with(
    server: FaultyTus, bundle: SealedBundle, journal: Journal
) -> None:
    with ChaosRelay(server.port, faults=[Fault(hold_after_sent=99_999)]) as relay:
        impatient = destination(server, port=relay.port, patience=Patience(block=2.0, answer=2.0))
        proof = send(journal, bundle, impatient, key="k", policy=AT_ONCE)
    assert relay.struck == 1
    assert proof.sent <= bundle.size + 2 * 256 * KIB
    assert arrived(server, bundle)


def test_two_senders_of_one_key_do_not_meet(
    server: FaultyTus, bundle: SealedBundle, journal: Journal, tmp_path: Path
) -> None:
    refused: list[TransferBusy] = []

    def follow(progress: Progress) -> None:
        if progress.acked >= 256 * KIB and not refused:
            with Journal(tmp_path / "journal.sqlite3") as second, pytest.raises(TransferBusy) as caught:
                send(second, bundle, destination(server), key="k")
            refused.append(caught.value)

    send(journal, bundle, destination(server), key="k", on_progress=follow)
    assert [error.code for error in refused] == ["CF-1823"]
    assert arrived(server, bundle)


def test_a_pause_ends_a_wait_and_a_resume_goes_on(
    server: FaultyTus, bundle: SealedBundle, journal: Journal
) -> None:
    control = Control()
    states: list[TransferState] = []

    def follow(progress: Progress) -> None:
        states.append(progress.state)
        if progress.state is TransferState.WAITING:
            threading.Thread(target=control.pause).start()
        if progress.state is TransferState.PAUSED:
            threading.Thread(target=control.resume).start()

    server.say("PATCH", Reply(status=503, headers=(("Retry-After", "600"),)))
    send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    assert states.index(TransferState.WAITING) < states.index(TransferState.PAUSED)
    assert arrived(server, bundle)


def test_progress_never_runs_past_the_file(server: FaultyTus, bundle: SealedBundle, journal: Journal) -> None:
    seen: list[Progress] = []
    server.say("PATCH", None, Reply(corrupt=True), Reply(status=500, after_storing=True))
    send(journal, bundle, destination(server), key="k", on_progress=seen.append, policy=AT_ONCE)
    assert all(0 <= one.acked <= one.done <= one.size == bundle.size for one in seen)
    assert (seen[-1].state, seen[-1].done) == (TransferState.VERIFIED, bundle.size)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of one MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def send_until_full(server: FaultyTus, bundle: SealedBundle, journal: Journal, filler: Path) -> LocalError:
    """What ends a transfer whose journal's disk is filled up midway."""

    def follow(progress: Progress) -> None:
        if 512 * KIB <= progress.acked < bundle.size and not filler.exists():
            _fill(filler)

    with pytest.raises(LocalError) as caught:
        send(journal, bundle, destination(server), key="k", on_progress=follow)
    return caught.value


@pytest.mark.root
def test_a_full_disk_under_the_journal_ends_it_and_loses_nothing(
    server: FaultyTus, bundle: SealedBundle, small: Path
) -> None:
    with Journal(small / "journal.sqlite3") as journal:
        error = send_until_full(server, bundle, journal, small / "filler")
        assert error.code in ("CF-1802", "CF-1803")
        (small / "filler").unlink()
        send(journal, bundle, destination(server), key="k")
    assert arrived(server, bundle)


@pytest.mark.root
def test_a_full_disk_under_the_journal_is_the_last_error_of_its_row(
    server: FaultyTus, bundle: SealedBundle, small: Path
) -> None:
    with Journal(small / "journal.sqlite3") as journal:
        error = send_until_full(server, bundle, journal, small / "filler")
    with Journal(small / "journal.sqlite3") as journal:
        row = journal.find("k")
    assert row is not None
    assert (row.state, row.error_code) == (TransferState.FAILED, error.code)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (64 * KIB, 4 * KIB, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
