"""What the journal keeps, for whom, and until when."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.errors import InputError
from app.domain.files import SealedBundle
from app.transfer import Journal, Level, Part, Transfer, TransferBusy, TransferState
from app.transfer.ends import JournalEnds
from app.transfer.journal import LEASE_SECONDS
from app.transfer.parts import PartState
from app.transfer.source import Source
from app.transfer.states import IllegalMove
from tests.peers.sealed import sealed_bundle

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as opened:
        yield opened


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=5000)


def begun(
    journal: Journal,
    bundle: SealedBundle,
    *,
    key: str = "k",
    destination: str = "https://a",
    now: float = 100.0,
) -> Transfer:
    source = Source(bundle)
    source.close()
    return journal.begin(bundle, source.identity, key=key, destination=destination, now=now)


def test_nothing_of_a_transfer_that_begins_was_read_yet(journal: Journal, bundle: SealedBundle) -> None:
    assert journal.parts(begun(journal, bundle).id) == []


def test_a_part_that_is_noted_again_has_its_newest_state(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    sent = Part(0, 2000, "d", PartState.SENT)
    acked = replace(sent, state=PartState.ACKED)
    journal.note_parts(transfer.id, [sent, Part(2000, 3000, "e", PartState.SENT)])
    journal.note_parts(transfer.id, [acked])
    assert journal.parts(transfer.id) == [acked, Part(2000, 3000, "e", PartState.SENT)]


def test_the_ends_of_uploads_are_known_to_the_next_process(path: Path, bundle: SealedBundle) -> None:
    with Journal(path) as journal:
        transfer = begun(journal, bundle)
        JournalEnds(journal, transfer.id, wall=lambda: 1000.0).note("https://a/1", 600.0)
    with Journal(path) as journal:
        ends = JournalEnds(journal, transfer.id, wall=lambda: 1500.0)
        assert (ends.left("https://a/1"), ends.left("https://a/2")) == (100.0, None)


def test_an_end_that_hardly_moves_is_not_written_again(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    ends = JournalEnds(journal, transfer.id, wall=lambda: 1000.0)
    for seconds in (600.0, 630.0, 700.0):
        ends.note("u", seconds)
        assert journal.ends(transfer.id) == {"u": 1600.0 if seconds < 660.0 else 1700.0}


def test_of_what_has_arrived_no_end_is_kept(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    journal.note_end(transfer.id, "u", until=2000.0)
    for state in (TransferState.SENDING, TransferState.FINISHING, TransferState.VERIFYING):
        journal.move(transfer.id, state, now=101.0)
    journal.note_verified(transfer.id, Level.SERVER_SHA256, now=102.0)
    assert journal.ends(transfer.id) == {}


def test_the_last_error_is_kept_for_people(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    journal.move(transfer.id, TransferState.FAILED, now=101.0, error_code="CF-1510", error="It was cut.")
    found = journal.find("k")
    assert found is not None
    assert (found.error_code, found.error) == ("CF-1510", "It was cut.")


def test_what_could_not_be_written_is_no_error_of_what_has_arrived(
    journal: Journal, bundle: SealedBundle
) -> None:
    transfer = begun(journal, bundle)
    for state in (TransferState.SENDING, TransferState.FINISHING, TransferState.VERIFYING):
        journal.move(transfer.id, state, now=101.0)
    journal.note_verified(transfer.id, Level.SERVER_SHA256, now=102.0)
    journal.note_unwritten(transfer.id, now=103.0, error_code="CF-1802", error="The disk is full.")
    found = journal.find("k")
    assert found is not None
    assert (found.state, found.error_code) == (TransferState.VERIFIED, "")


def test_a_row_knows_its_source(journal: Journal, bundle: SealedBundle) -> None:
    source = begun(journal, bundle).source
    status = bundle.path.stat()
    assert (source.path, source.size, source.mtime_ns) == (bundle.path, status.st_size, status.st_mtime_ns)


def test_the_same_key_is_the_same_transfer(journal: Journal, bundle: SealedBundle) -> None:
    assert begun(journal, bundle) == begun(journal, bundle, now=999.0)


def test_a_key_stands_for_one_content(journal: Journal, bundle: SealedBundle) -> None:
    begun(journal, bundle)
    with pytest.raises(InputError) as caught:
        begun(journal, replace(bundle, sha256="0" * 64))
    assert caught.value.code == "CF-1131"


def test_a_place_that_may_have_all_of_it_stays_the_one(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    journal.note_remote(transfer.id, "https://a/1", resumed=False)
    last = Part(bundle.size - 1, 1, "d", PartState.SENT)  # an acknowledgement may be lost on its way
    journal.note_parts(transfer.id, [Part(0, bundle.size - 1, "d", PartState.ACKED), last])
    with pytest.raises(InputError) as caught:
        begun(journal, bundle, destination="https://b")
    assert caught.value.code == "CF-1114"


def test_what_no_place_has_whole_goes_another_way_from_its_first_byte(
    journal: Journal, bundle: SealedBundle
) -> None:
    transfer = begun(journal, bundle)
    journal.note_remote(transfer.id, "https://a/1", resumed=False)
    journal.note_end(transfer.id, "https://a/1", until=900.0)
    journal.note_parts(transfer.id, [Part(0, bundle.size - 1, "d", PartState.ACKED)])
    again = begun(journal, bundle, destination="https://b")
    moved = journal.redirect(again, "https://b", now=200.0)
    assert moved == journal.find("k")
    assert (moved.destination, moved.remote, journal.parts(moved.id)) == ("https://b", "", [])
    assert journal.ends(moved.id) == {}


def test_everything_is_there_after_a_restart(path: Path, bundle: SealedBundle) -> None:
    with Journal(path) as journal:
        transfer = begun(journal, bundle)
        part = Part(0, 2000, "d", PartState.ACKED)
        journal.move(transfer.id, TransferState.SENDING, now=101.0, attempt=True)
        journal.note_remote(transfer.id, "https://a/1", resumed=True)
        journal.note_parts(transfer.id, [part])
    with Journal(path) as journal:
        found = journal.find("k")
        assert found is not None
        assert (found.state, found.remote, found.attempts, found.resumed) == (
            TransferState.SENDING,
            "https://a/1",
            1,
            1,
        )
        assert journal.parts(found.id)[0] == part


def test_the_proof_is_kept(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    for state in (TransferState.SENDING, TransferState.FINISHING, TransferState.VERIFYING):
        journal.move(transfer.id, state, now=101.0)
    journal.note_verified(transfer.id, Level.EVERY_PART, now=102.0)
    found = journal.find("k")
    assert found is not None
    assert (found.state, found.level) == (TransferState.VERIFIED, Level.EVERY_PART)


def test_an_illegal_move_changes_nothing(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    with pytest.raises(IllegalMove):
        journal.move(transfer.id, TransferState.VERIFYING, now=101.0)
    found = journal.find("k")
    assert found is not None
    assert found.state is TransferState.PLANNED


def test_another_plan_replaces_the_parts(journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    plan = [Part(0, bundle.size, "d", PartState.SENT)]
    journal.note_parts(transfer.id, [Part(10, 20, "e", PartState.SENT)])
    journal.replace_parts(transfer.id, plan)
    assert journal.parts(transfer.id) == plan


def test_the_newest_transfer_comes_first(journal: Journal, bundle: SealedBundle) -> None:
    begun(journal, bundle, key="old", now=1.0)
    begun(journal, bundle, key="new", now=2.0)
    assert [one.key for one in journal.transfers()] == ["new", "old"]


def test_only_ended_and_old_transfers_are_forgotten(journal: Journal, bundle: SealedBundle) -> None:
    for key, now in (("old", 1.0), ("young", 50.0)):
        journal.move(begun(journal, bundle, key=key).id, TransferState.CANCELLED, now=now)
    begun(journal, bundle, key="running", now=1.0)
    assert journal.forget(before=10.0) == 1
    assert {one.key for one in journal.transfers()} == {"young", "running"}


def test_a_commit_survives_a_power_cut(path: Path, journal: Journal, bundle: SealedBundle) -> None:
    begun(journal, bundle)
    with journal._database.transaction() as connection:  # the pragma is of the connection, not of the file
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_only_the_owner_may_read_it(path: Path, journal: Journal) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_leased_transfer_is_refused_to_a_second_handle(
    path: Path, journal: Journal, bundle: SealedBundle
) -> None:
    transfer = begun(journal, bundle)
    with (
        Journal(path) as other,
        journal.leased(transfer.id, now=100.0),
        pytest.raises(TransferBusy),
        other.leased(transfer.id, now=101.0),
    ):
        pass


def test_a_leased_transfer_is_refused_to_a_second_thread_of_the_same_handle(
    journal: Journal, bundle: SealedBundle
) -> None:
    transfer = begun(journal, bundle)
    with (
        journal.leased(transfer.id, now=100.0),
        pytest.raises(TransferBusy),
        journal.leased(transfer.id, now=101.0),
    ):
        pass


def test_a_lease_ends_with_its_block(path: Path, journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    with journal.leased(transfer.id, now=100.0):
        pass
    with Journal(path) as other, other.leased(transfer.id, now=100.5):
        pass


def test_a_lease_that_was_not_renewed_is_free(path: Path, journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    late = 100.0 + LEASE_SECONDS + 1
    with (
        Journal(path) as other,
        journal.leased(transfer.id, now=100.0),
        other.leased(transfer.id, now=late),
        pytest.raises(TransferBusy),
    ):
        journal.renew(transfer.id, now=late)


def test_a_renewed_lease_holds(path: Path, journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    with Journal(path) as other, journal.leased(transfer.id, now=100.0):
        journal.renew(transfer.id, now=150.0)
        with pytest.raises(TransferBusy), other.leased(transfer.id, now=100.0 + LEASE_SECONDS + 1):
            pass


def test_the_lease_of_a_killed_process_is_free_at_once(
    path: Path, journal: Journal, bundle: SealedBundle
) -> None:
    transfer = begun(journal, bundle)
    program = (
        "import sys\nfrom pathlib import Path\nfrom app.transfer import Journal\n"
        f"with Journal(Path(sys.argv[1])) as journal, journal.leased({transfer.id}, now=100.0):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TransferBusy), journal.leased(transfer.id, now=100.0):
            pass
        other.kill()
        other.wait()
        with journal.leased(transfer.id, now=100.0):
            pass


def test_the_schema_refuses_an_empty_part(path: Path, journal: Journal, bundle: SealedBundle) -> None:
    transfer = begun(journal, bundle)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO parts VALUES (?, 99999, 0, '', 'planned', '')", (transfer.id,))
    connection.close()


def test_what_a_killed_process_left_beside_the_journal_is_swept(path: Path, journal: Journal) -> None:
    left = path.with_name(f"{path.name}.owner-0123456789abcdef")
    left.touch()
    mine = set(path.parent.glob("*.owner-*")) - {left}
    journal.forget(before=left.stat().st_mtime + 60)
    assert set(path.parent.glob("*.owner-*")) == mine


@pytest.fixture
def former(path: Path) -> Path:
    """A journal that version 1 wrote: one transfer under way, one proven."""
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "journals" / "version_1.sql").read_text())
    connection.close()
    return path


def test_a_journal_of_the_former_version_keeps_its_transfers(former: Path) -> None:
    with Journal(former) as journal:
        found = journal.find("sending-key")
        done = journal.find("done-key")
    assert found is not None
    assert done is not None
    assert (found.state, found.resumed, found.error_code, found.error) == (
        TransferState.SENDING, 1, "CF-1510", "",
    )  # fmt: skip
    assert (done.state, done.level) == (TransferState.VERIFIED, Level.SERVER_SHA256)


def test_a_journal_of_the_former_version_keeps_what_was_sent_and_drops_what_was_planned(former: Path) -> None:
    with Journal(former) as journal:
        parts = journal.parts(1)
    assert [(part.offset, part.state) for part in parts] == [(0, PartState.ACKED), (8388608, PartState.SENT)]


def test_the_file_of_the_former_version_is_kept_beside(former: Path) -> None:
    with Journal(former):
        pass
    copy = sqlite3.connect(former.with_name(f"{former.name}.v1"))
    assert copy.execute("SELECT count(*) FROM parts").fetchone()[0] == 3
    copy.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda journal, row: journal.note_parts(row.id, [Part(0, 10, state=PartState.SENT)]),
        lambda journal, row: journal.replace_parts(row.id, [Part(0, 10, state=PartState.ACKED)]),
        lambda journal, row: journal.note_remote(row.id, "https://a/upload", resumed=False),
        lambda journal, row: journal.move(row.id, TransferState.WAITING, now=2.0),
        lambda journal, row: journal.redirect(row, "https://c", now=2.0),
    ],
)
@pytest.mark.parametrize("ended", [False, True])
def test_who_was_frozen_until_another_took_the_transfer_changes_nothing_of_it(
    path: Path, bundle: SealedBundle, *, write: Callable[[Journal, Transfer], object], ended: bool
) -> None:
    with Journal(path) as frozen, Journal(path) as other:
        row = begun(frozen, bundle)
        with frozen.leased(row.id, now=0.0), ExitStack() as later:
            later.enter_context(other.leased(row.id, now=LEASE_SECONDS + 1))
            other.redirect(row, "https://b", now=1.0)
            before = other.transfers()
            if ended:
                later.close()
            with pytest.raises(TransferBusy):
                write(frozen, row)
            assert (other.transfers(), other.parts(row.id)) == (before, [])
