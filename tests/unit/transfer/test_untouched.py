"""What nobody has written to since it was sealed is not hashed again, where the peer's digest is compared."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.bundle import closedfile, reopen_bundle
from app.domain.errors import IntegrityError
from app.domain.files import SealedBundle
from app.storage import untouched
from app.transfer import Journal, Part, RetryPolicy, SourceChanged, TransferState, send
from app.transfer.destination import Beat, Level, Shipment
from app.transfer.source import Source
from app.transfer.whole import WholeDigest
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its times do not tell who writes")

SIZE = 90_000
PART = 16_000
AT_ONCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=240)


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=SIZE)


def nothing() -> None:
    """Goes on waiting."""


def read(whole: WholeDigest, bundle: SealedBundle) -> list[Part]:
    """Every part, in order."""
    starts = range(0, bundle.size, PART)
    return [whole.read_part(Part(at, min(PART, bundle.size - at)))[0] for at in starts]


def damage(bundle: SealedBundle, place: int = 3000) -> None:
    """Change a byte; size and time of the last change stay."""
    times = bundle.path.stat()
    with bundle.path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(bundle.path, ns=(times.st_atime_ns, times.st_mtime_ns))


def damaged_unseen(bundle: SealedBundle) -> SealedBundle:
    """A bundle whose file has another byte, and nothing but its bytes shows it: as on a disk that rots."""
    damage(bundle)
    return replace(bundle, untouched=untouched(bundle.path.stat()))


def trusting(source: Source, *, each: bool = False, in_order: bool = True) -> WholeDigest:
    whole = WholeDigest(source)
    whole.begin([], in_order=in_order, each=each, compared=True, crc=True)
    return whole


@pytest.mark.parametrize("in_order", [True, False])
def test_what_nobody_wrote_to_is_not_hashed_on_its_way(bundle: SealedBundle, *, in_order: bool) -> None:
    content = bundle.path.read_bytes()
    with closing(Source(bundle)) as source, closing(trusting(source, in_order=in_order)) as whole:
        parts = read(whole, bundle)
        whole.prove(nothing)
    assert {(part.sha256, part.upto) for part in parts} == {("", "")}
    assert [part.crc32 for part in parts] == [zlib.crc32(content[one.offset : one.end]) for one in parts]


def test_a_lane_that_needs_the_digest_of_each_part_has_it(bundle: SealedBundle) -> None:
    with closing(Source(bundle)) as source, closing(trusting(source, each=True)) as whole:
        assert all(part.sha256 for part in read(whole, bundle))
        whole.prove(nothing)


@pytest.mark.parametrize("compared", [True, False])
def test_only_what_the_peer_compares_is_trusted_to_be_what_was_sealed(
    bundle: SealedBundle, *, compared: bool
) -> None:
    with closing(Source(damaged_unseen(bundle))) as source, closing(WholeDigest(source)) as whole:
        whole.begin([], in_order=True, each=False, compared=compared)
        read(whole, bundle)
        if compared:
            whole.prove(nothing)
        else:
            with pytest.raises(SourceChanged):
                whole.prove(nothing)


def test_what_was_written_to_before_it_is_opened_is_hashed(bundle: SealedBundle) -> None:
    damage(bundle)
    with closing(Source(bundle)) as source, closing(trusting(source)) as whole:
        assert all(part.upto for part in read(whole, bundle))
        with pytest.raises(SourceChanged):
            whole.prove(nothing)


def test_what_is_written_to_on_its_way_is_hashed_before_its_end(bundle: SealedBundle) -> None:
    with closing(Source(bundle)) as source, closing(trusting(source)) as whole:
        read(whole, bundle)
        damage(bundle)
        with pytest.raises(SourceChanged):
            whole.prove(nothing)


def test_what_is_renamed_on_its_way_is_hashed_and_proven(bundle: SealedBundle) -> None:
    with closing(Source(bundle)) as source, closing(trusting(source)) as whole:
        read(whole, bundle)
        bundle.path.rename(bundle.path.with_suffix(".1"))
        assert not source.is_untouched
        whole.prove(nothing)


def test_an_attempt_after_it_was_touched_hashes_what_was_sent_before(bundle: SealedBundle) -> None:
    with closing(Source(bundle)) as source, closing(trusting(source)) as whole:
        first = whole.read_part(Part(0, PART))[0]
        damage(bundle, place=100)
        whole.begin([replace(first, state=first.state.ACKED)], in_order=True, each=False, compared=True)
        with pytest.raises(SourceChanged):
            whole.prove(nothing)


def test_a_bundle_is_known_from_its_sealing_and_from_its_proof_on(bundle: SealedBundle) -> None:
    there = untouched(bundle.path.stat())
    assert there is not None
    assert (bundle.untouched, reopen_bundle(bundle.path).untouched) == (there, there)


def test_of_what_is_no_plain_file_nothing_is_certain(tmp_path: Path) -> None:
    assert untouched(tmp_path.stat()) is None


def test_of_times_that_count_in_seconds_nothing_is_certain(bundle: SealedBundle) -> None:
    now = bundle.path.stat()
    coarse = SimpleNamespace(
        st_mode=now.st_mode,
        st_dev=now.st_dev,
        st_ino=now.st_ino,
        st_size=now.st_size,
        st_mtime_ns=now.st_mtime_ns // 10**9 * 10**9,
        st_ctime_ns=now.st_ctime_ns // 10**9 * 10**9,
    )
    assert untouched(coarse) is None  # type: ignore[arg-type]


def another_of_its_size(path: Path) -> None:
    path.with_suffix(".2").write_bytes(bytes(path.stat().st_size))
    path.with_suffix(".2").replace(path)


@pytest.mark.parametrize("meddle", [lambda path: os.utime(path, ns=(0, 0)), another_of_its_size])
def test_what_takes_the_bundles_place_while_it_gets_its_name_is_not_what_was_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meddle: Callable[[Path], None]
) -> None:
    def synced(folder: Path) -> None:
        meddle(folder / "logs.zip")

    monkeypatch.setattr(closedfile, "_sync_folder", synced)
    assert sealed_bundle(tmp_path, size=SIZE).untouched is None


def test_a_peer_that_has_something_else_has_the_file_looked_at(
    journal: Journal, bundle: SealedBundle
) -> None:
    store = MemoryStore()
    there = MemoryDestination(store, connections=1, part_size=PART, part_digests=False, whole_compared=True)
    with pytest.raises(SourceChanged):
        send(journal, damaged_unseen(bundle), there, key="k", policy=AT_ONCE)
    assert [one.state for one in journal.transfers()] == [TransferState.SUPERSEDED]


def test_a_peer_that_damages_a_good_file_is_the_one_to_blame(journal: Journal, bundle: SealedBundle) -> None:
    class Damaging(MemoryDestination):
        """What it keeps is not what it was given."""

        def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
            kept = self.store.files[shipment.key]
            self.store.files[shipment.key] = bytes([kept[0] ^ 1]) + kept[1:]
            return super().verify(shipment, beat=beat)

    there = Damaging(MemoryStore(), connections=1, part_size=PART, part_digests=False, whole_compared=True)
    with pytest.raises(IntegrityError) as caught:
        send(journal, bundle, there, key="k", policy=AT_ONCE)
    assert (caught.value.code, journal.transfers()[0].state) == ("CF-1721", TransferState.FAILED)
