"""A defect of ours in the middle of a transfer: what its row says afterwards, and what can still be done."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue

import pytest

from app.domain.errors import Defect
from app.domain.files import SealedBundle
from app.transfer import (
    Beat,
    Journal,
    Level,
    Opened,
    Order,
    Part,
    Queue,
    Shipment,
    Standing,
    TransferState,
    send,
)
from app.transfer.queue import Entry
from tests.conftest import ExpectedLogs
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]


class Broken(MemoryDestination):
    """A destination with a defect in one of its calls."""

    broken = "finish"

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        self._stumble("open")
        return super().open_or_resume(shipment, remote=remote, acked=acked, beat=beat)

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        self._stumble("finish")
        super().finish(shipment, beat=beat)

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        self._stumble("verify")
        return super().verify(shipment, beat=beat)

    def _stumble(self, call: str) -> None:
        if call == self.broken:
            raise KeyError("no such thing")


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=8000)


def broken_at(call: str, store: MemoryStore) -> Broken:
    there = Broken(store)
    there.broken = call
    return there


@pytest.mark.parametrize("call", ["open", "finish", "verify"])
def test_the_row_of_a_transfer_that_a_defect_ended_says_so_with_the_reference(
    journal: Journal, bundle: SealedBundle, expected_logs: ExpectedLogs, call: str
) -> None:
    expected_logs("app.transfer")
    with pytest.raises(Defect) as caught:
        send(journal, bundle, broken_at(call, MemoryStore()), key="k")
    row = journal.find("k")
    assert row is not None
    assert row.state is TransferState.FAILED
    assert caught.value.reference in row.error


def test_the_traceback_of_a_defect_stands_in_the_log_under_its_reference(
    journal: Journal, bundle: SealedBundle, expected_logs: ExpectedLogs, caplog: pytest.LogCaptureFixture
) -> None:
    expected_logs("app.transfer")
    with caplog.at_level(logging.ERROR), pytest.raises(Defect) as caught:
        send(journal, bundle, broken_at("finish", MemoryStore()), key="k")
    [record] = caplog.records
    assert (caught.value.reference in record.getMessage(), bool(record.exc_info)) == (True, True)


def test_what_a_defect_ended_goes_on_from_what_the_peer_has(
    journal: Journal, bundle: SealedBundle, expected_logs: ExpectedLogs
) -> None:
    expected_logs("app.transfer")
    store = MemoryStore()
    with pytest.raises(Defect):
        send(journal, bundle, broken_at("finish", store), key="k")
    proof = send(journal, bundle, MemoryDestination(store), key="k")
    assert (proof.sent, store.files) == (0, {"k": bundle.path.read_bytes()})


def test_a_queue_shows_the_reference_that_stands_in_the_row(
    journal: Journal, bundle: SealedBundle, expected_logs: ExpectedLogs
) -> None:
    expected_logs("app.transfer")
    failed: SimpleQueue[Entry] = SimpleQueue()

    def changed(entry: Entry) -> None:
        if entry.standing is Standing.FAILED:
            failed.put(entry)

    queue = Queue(
        lambda order, destination, *, control, on_progress: send(
            journal, order.bundle, destination, key=order.key, control=control, on_progress=on_progress
        ),
        at_once=1,
        changed=changed,
    )
    queue.add(Order("k", bundle, lambda: broken_at("finish", MemoryStore())))
    queue.start()
    error = failed.get(timeout=60).error
    queue.stop()
    row = journal.find("k")
    assert row is not None
    assert isinstance(error, Defect)
    assert error.reference in row.error
