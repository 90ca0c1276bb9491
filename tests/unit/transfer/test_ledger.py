"""When parts on their way into the journal may leave, and what a kill can take of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.files import SealedBundle
from app.transfer import Journal, Part, SourceChanged, send
from app.transfer.ledger import Ledger
from app.transfer.parts import PartState
from app.transfer.source import Source
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

PART = 1000
SECONDS = 30.0


class SlowDisk:
    """Commits of a journal that are let through one by one."""

    def __init__(self, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
        self._note = journal.note_parts
        self._may = threading.Semaphore(0)
        self.done = threading.Semaphore(0)
        monkeypatch.setattr(journal, "note_parts", self._noted)

    def commit(self) -> None:
        """Let one through."""
        self._may.release()

    def _noted(self, transfer: int, parts: Sequence[Part]) -> None:
        assert self._may.acquire(timeout=SECONDS)
        self._note(transfer, parts)
        self.done.release()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=5 * PART)


@pytest.fixture
def transfer(journal: Journal, bundle: SealedBundle) -> int:
    source = Source(bundle)
    source.close()
    destination = MemoryDestination.identity
    return journal.begin(bundle, source.identity, key="k", destination=destination, now=100.0).id


@pytest.fixture
def disk(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> SlowDisk:
    return SlowDisk(journal, monkeypatch)


@pytest.fixture
def ledger(journal: Journal, transfer: int, disk: SlowDisk) -> Iterator[Ledger]:
    made = Ledger(journal, transfer, failed=lambda error: pytest.fail(str(error)))
    made.start()
    yield made
    for _commit in range(10):
        disk.commit()
    made.close()


def test_a_part_that_was_read_waits_until_its_beginning_is_on_the_disk(
    ledger: Ledger, disk: SlowDisk
) -> None:
    handed_on = threading.Event()
    part = Part(0, PART)
    number = ledger.begin(part)
    ledger.sent(replace(part, sha256="d", state=PartState.SENT), begun=number, then=handed_on.set)
    before = handed_on.is_set()
    disk.commit()
    assert (before, handed_on.wait(SECONDS)) == (False, True)


def test_a_part_whose_beginning_is_on_the_disk_is_handed_on_at_once(
    ledger: Ledger, disk: SlowDisk, journal: Journal, transfer: int
) -> None:
    first = ledger.begin(Part(0, PART))
    passed = threading.Event()
    ledger.sent(Part(0, PART, "d", PartState.SENT), begun=first, then=passed.set)
    disk.commit()
    assert passed.wait(SECONDS)
    on_the_disk = [part.offset for part in journal.parts(transfer)]
    handed_on: list[int] = []
    ledger.sent(Part(0, PART, "d", PartState.SENT), begun=first, then=lambda: handed_on.append(0))
    assert (on_the_disk, handed_on) == ([0], [0])


def test_a_part_that_was_read_before_needs_no_new_beginning(ledger: Ledger) -> None:
    assert ledger.begin(Part(0, PART, "d", PartState.SENT)) == 0


def test_what_a_part_is_known_by_is_on_the_disk_before_long(
    ledger: Ledger, disk: SlowDisk, journal: Journal, transfer: int
) -> None:
    number = ledger.begin(Part(0, PART))
    disk.commit()
    assert disk.done.acquire(timeout=SECONDS)
    ledger.sent(Part(0, PART, "d", PartState.SENT), begun=number, then=lambda: None)
    disk.commit()
    assert disk.done.acquire(timeout=SECONDS)
    assert journal.parts(transfer) == [Part(0, PART, "d", PartState.SENT)]


def test_a_part_that_a_kill_left_without_its_digest_is_read_and_sent_again(
    journal: Journal, bundle: SealedBundle, transfer: int
) -> None:
    journal.note_parts(transfer, [Part(0, PART, "", PartState.SENT)])
    store = MemoryStore()
    send(journal, bundle, MemoryDestination(store, part_size=PART), key="k")
    assert store.files == {"k": bundle.path.read_bytes()}


def test_a_source_that_changed_after_such_a_kill_never_becomes_a_file_of_the_case(
    journal: Journal, bundle: SealedBundle, transfer: int
) -> None:
    journal.note_parts(transfer, [Part(0, PART, "", PartState.SENT)])
    bundle.path.write_bytes(bytes(bundle.size))
    store = MemoryStore()
    with pytest.raises(SourceChanged):
        send(journal, bundle, MemoryDestination(store, part_size=PART), key="k")
    assert store.files == {}
