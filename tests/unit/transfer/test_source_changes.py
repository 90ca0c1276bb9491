"""A log that is cut short, written on, or rotated away while its bundle is being sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.files import SealedBundle
from app.transfer import Journal, Progress, RetryPolicy, SourceChanged, TransferState, send
from app.transfer.source import Source
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

PART = 50_000
AT_ONCE = RetryPolicy(first=0.0, longest=0.0, give_up_after=30)


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=8 * PART)


def midway(change: Callable[[], None]) -> Callable[[Progress], None]:
    """Something happens to the source when the first part has arrived; the one lane waits for that."""
    done: list[None] = []

    def follow(progress: Progress) -> None:
        if progress.acked and not done:
            done.append(None)
            change()

    return follow


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(2 * PART)


def cut_short_and_written_anew(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(bytes(size))


def written_on(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"one more line\n")


@pytest.mark.parametrize("change", [cut_short, cut_short_and_written_anew, written_on])
def test_what_is_another_file_by_now_never_becomes_a_file_of_the_case(
    journal: Journal, bundle: SealedBundle, change: Callable[[Path], None]
) -> None:
    store = MemoryStore()
    there = MemoryDestination(store, connections=1, part_size=PART)
    with pytest.raises(SourceChanged) as caught:
        send(
            journal,
            bundle,
            there,
            key="k",
            policy=AT_ONCE,
            on_progress=midway(lambda: change(bundle.path)),
        )
    assert bundle.name in caught.value.happened
    assert store.files == {}
    assert [one.state for one in journal.transfers()] == [TransferState.SUPERSEDED]


def test_what_is_rotated_away_is_sent_to_its_end_from_the_file_that_was_opened(
    journal: Journal, bundle: SealedBundle
) -> None:
    store, content = MemoryStore(), bundle.path.read_bytes()

    def rotated() -> None:
        bundle.path.rename(bundle.path.with_suffix(".1"))
        bundle.path.write_bytes(b"another log")

    there = MemoryDestination(store, connections=1, part_size=PART)
    send(journal, bundle, there, key="k", policy=AT_ONCE, on_progress=midway(rotated))
    assert store.files == {"k": content}


def test_a_changed_file_on_its_way_to_another_place_is_no_word_on_this_one(
    journal: Journal, bundle: SealedBundle
) -> None:
    identity = MemoryDestination.identity
    with closing(Source(bundle)) as source:
        row = journal.begin(bundle, source.identity, key="k", destination=identity, now=1.0)
    elsewhere = MemoryDestination(MemoryStore(), part_size=PART)
    elsewhere.identity = "memory://elsewhere:1/"
    cut_short(bundle.path)
    with pytest.raises(SourceChanged):
        send(journal, bundle, elsewhere, key="k")
    assert journal.find("k") == row
