"""A large collection is sent in several bundles, the first while the next is masked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.jobs import (
    FileRow,
    FileState,
    JobJournal,
    JobRow,
    ProgressBoard,
    Spool,
    Studies,
    Tools,
    VolumeRow,
    Workshop,
)
from agent.jobs.volumes import UNPLANNED, plan, to_be_sealed, untold, volume_name
from app.agentlink import JobState, Via
from app.bundle import read_manifest, verify_bundle
from app.domain.errors import IntegrityError, LocalError, RefusedError, UnreachableError
from app.masking import PseudonymKey, load_rules, open_engine, residual_check
from app.transfer import Control, Level, Proof

KEY = PseudonymKey(b"k" * 32)
RULES = load_rules()
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SIZES = st.lists(st.integers(0, 30), min_size=1, max_size=12)


def row(number: int, size: int = 10, *, volume: int = UNPLANNED, state: str = "masked") -> FileRow:
    return FileRow("j", number, f"{number}.log", Path(), FileState(state), raw_size=size, volume=volume)


def sealed(number: int) -> VolumeRow:
    return VolumeRow("j", number, "n", 1, "aa", "bb", "k")


@given(SIZES)
def test_every_file_is_in_one_volume_and_no_volume_of_several_is_too_large(sizes: list[int]) -> None:
    files = [row(number, size) for number, size in enumerate(sizes, start=1)]
    planned = plan(files, most=40)
    assert list(planned) == [file.number for file in files]
    assert list(planned.values()) == sorted(planned.values())
    for volume in set(planned.values()):
        inside = [file.raw_size for file in files if planned[file.number] == volume and file.raw_size]
        assert len(inside) <= 1 or sum(inside) <= 40


@given(SIZES, SIZES)
def test_what_is_planned_later_goes_behind_all_that_was_planned(first: list[int], second: list[int]) -> None:
    files = [row(number, size) for number, size in enumerate([*first, *second], start=1)]
    before = plan(files[: len(first)], most=40)
    known = [replace(file, volume=before.get(file.number, UNPLANNED)) for file in files]
    after = plan(known, most=40)
    assert set(after) == {file.number for file in files[len(first) :]}
    assert min(after.values()) > max(before.values())


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["masked", "quarantined", "left-out"])), min_size=1)
)
def test_what_is_not_sent_is_named_by_one_manifest(files: list[tuple[int, str]]) -> None:
    rows = [row(n, volume=volume, state=state) for n, (volume, state) in enumerate(files, start=1)]
    not_sent = [each.number for each in rows if each.state is not FileState.MASKED]
    volumes: list[VolumeRow] = []
    named: list[int] = []
    while numbers := to_be_sealed(rows, volumes):
        told = untold(rows, volumes, number=numbers[0], last=len(numbers) == 1)
        named += [file.number for file in told]
        rows = [replace(each, volume=numbers[0]) if each in told else each for each in rows]
        volumes.append(sealed(numbers[0]))
    if volumes:
        assert sorted(named) == not_sent


def test_the_first_bundle_is_named_as_the_job_and_the_others_are_numbered() -> None:
    assert [volume_name("a-1.tar.zst", number) for number in (1, 2, 12)] == [
        "a-1.tar.zst",
        "a-1-v02.tar.zst",
        "a-1-v12.tar.zst",
    ]


class Works:
    """A workshop with one job of three files, each in a bundle of its own, and a sender that does as told.

    Attributes:
        sent: key and members of every bundle that arrived.
        on_send: called before a bundle arrives, with its number.
    """

    def __init__(self, folder: Path, *, quota: int | None = None) -> None:
        self.folder = folder
        self.journal, self.spool = JobJournal(folder / "journal.db"), Spool(folder / "spool", quota=quota)
        self.sent: list[tuple[str, list[str]]] = []
        self.said_last: list[bool] = []
        self.on_send: Callable[[int], None] = lambda _number: None
        self.on_read: Callable[[], None] = lambda: None
        self.reached = threading.Condition()
        destinations = SimpleNamespace(forget=lambda _job: None, address=lambda _job: "there")
        self.withdraws, self.withdrawn = True, list[int]()
        self.sender = SimpleNamespace(
            progress=ProgressBoard(), destinations=destinations, send=self._send, withdraw=self._withdraw
        )
        self.workshop = self._open()
        now = datetime.now(UTC)
        job = JobRow("j", "0003256109", "all", Via.HTTPS, JobState.COLLECTING, "j.zip", now, now)
        rows = []
        for number in (1, 2, 3):
            path = folder / f"{number}.log"
            path.write_bytes(b"2026-11-24T04:20:00.123 call %d from +4930901820417\n" % number * 50)
            rows.append(
                FileRow("j", number, path.name, path, FileState.WAITING, raw_size=2500, volume=UNPLANNED)
            )
        self.journal.create(job, rows)

    def _open(self, key: PseudonymKey = KEY) -> Workshop:
        return Workshop(
            Tools(
                journal=self.journal,
                catalogue=cast(Any, None),
                spool=self.spool,
                engine=open_engine(RULES, key),
                check=residual_check(RULES, key),
                lens=None,
                previews=cast(Any, None),
                studies=Studies(open_engine(RULES, key), self.journal),
                sender=cast(Any, self.sender),
                host="",
                created_by="test",
                volume=2600,
                breathe=self._read,
            ),
            changed=self._changed,
            senders=1,
        )

    @property
    def job(self) -> JobRow:
        found = self.journal.job("j")
        assert found is not None
        return found

    def run_until(self, state: JobState) -> None:
        with self.reached:
            self.workshop.start()
            assert self.reached.wait_for(lambda: self.job.state is state, timeout=120)
        self.workshop.stop()

    def again(self, key: PseudonymKey = KEY) -> None:
        """A restart of the agent, perhaps with another key."""
        self.workshop = self._open(key)

    def _withdraw(self, _job: JobRow, volume: VolumeRow) -> bool:
        self.withdrawn.append(volume.number)
        return self.withdraws

    def _send(
        self, _job: JobRow, volume: VolumeRow, _control: Control, *, last: bool, **_others: Any
    ) -> Proof:
        path = self.spool.bundle("j", volume.name)
        if not path.exists():
            raise IntegrityError("Gone", happened="It is gone.", todo="None.", code="CF-1791")
        self.on_send(volume.number)
        assert verify_bundle(path).sha256 == volume.sha256
        names = [member.name for member in read_manifest(path).members]
        self.sent.append((volume.key, names))
        self.said_last.append(last)
        return Proof("a" * 64, Level.SERVER_SHA256, 0)

    def _read(self) -> None:
        self.on_read()

    def _changed(self, _job: str) -> None:
        with self.reached:
            self.reached.notify_all()


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    made = Works(tmp_path)
    yield made
    made.workshop.stop()
    made.journal.close()


def arrived(works: Works) -> list[list[str]]:
    assert len({key for key, _names in works.sent}) == len(works.sent), "a bundle arrived twice"
    return [names for _key, names in works.sent]


def test_a_bundle_is_sent_while_the_next_one_is_masked(works: Works) -> None:
    first_arrived, reads = threading.Event(), 0

    def read() -> None:
        nonlocal reads
        reads += 1
        sealed_one = [volume for volume in works.journal.volumes.of("j") if volume.sealed]
        if len(sealed_one) == 1:
            assert first_arrived.wait(120), "nothing was sent while the second bundle is masked"

    works.on_read = read
    works.on_send = lambda _number: first_arrived.set()
    works.run_until(JobState.VERIFIED)
    assert reads
    assert arrived(works) == [["1.log"], ["2.log"], ["3.log"]]
    assert [volume.verified for volume in works.journal.volumes.of("j")] == [True] * 3
    assert works.said_last.count(True) <= 1


def test_the_spool_keeps_no_masked_copy_of_what_is_sealed(works: Works) -> None:
    def look(_number: int) -> None:
        done = {volume.number for volume in works.journal.volumes.of("j") if volume.sealed}
        copies = {int(path.stem) for path in works.spool.job_folder("j").glob("*.masked")}
        seen.append(copies & done)

    seen: list[set[int]] = []
    works.on_send = look
    works.run_until(JobState.VERIFIED)
    # The one that is being sealed may lose its copies a moment later.
    assert all(1 not in copies for copies in seen)
    assert not list((works.folder / "spool").iterdir())


def test_nothing_lies_unpacked_in_the_spool_while_a_job_runs(works: Works) -> None:
    """Each time that a file is read, and when a bundle leaves, all that lies there is looked into."""
    seen, unpacked = set[str](), set[str]()

    def look() -> None:
        for path in (works.folder / "spool").rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # it has gone meanwhile
                data = path.read_bytes() if path.is_file() else b""
                seen.update({path.suffix} if data else ())
                unpacked.update({path.name} if b"2026-11-24" in data or len(data) > 1500 else ())

    works.on_read = look
    works.on_send = lambda _number: look()
    works.run_until(JobState.VERIFIED)
    assert ({".masked", ".zip"} <= seen, unpacked) == (True, set())
    assert arrived(works) == [["1.log"], ["2.log"], ["3.log"]]


def test_a_full_spool_is_waited_for_until_a_bundle_has_left(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends, require_room = threading.Event(), works.spool.require_room

    def after_the_first(needed: int, **spare: Any) -> None:
        if len([volume for volume in works.journal.volumes.of("j") if volume.sealed]) == 1:
            assert sends.wait(120)
        require_room(needed, **spare)

    def hold_back(number: int) -> None:
        if number != 1:
            return
        works.spool.quota = 100
        with works.reached:
            sends.set()
            assert works.reached.wait_for(lambda: works.job.state is JobState.WAITING, timeout=120)
        problem = works.job.problem
        assert problem is not None
        codes.append(problem.code)
        works.spool.quota = None

    codes: list[str] = []
    monkeypatch.setattr(works.spool, "require_room", after_the_first)
    works.on_send = hold_back
    works.run_until(JobState.VERIFIED)
    assert codes == ["CF-1877"]
    assert arrived(works) == [["1.log"], ["2.log"], ["3.log"]]


def test_what_fits_into_the_quota_is_let_in(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", quota=1000)
    spool.bundle("j", "a.zip").write_bytes(bytes(600))
    spool.require_room(400)
    with pytest.raises(LocalError) as full:
        spool.require_room(401)
    assert (full.value.code, full.value.retryable) == ("CF-1877", True)
    spool.remove("j")
    spool.require_room(1000)


def test_a_bundle_that_is_lost_is_made_again_from_its_source(works: Works) -> None:
    lost: list[int] = []

    def lose(number: int) -> None:
        if number == 2 and not lost:
            lost.append(number)
            works.spool.bundle("j", volume_name("j.zip", 2)).unlink()
            raise IntegrityError("Gone", happened="It is gone.", todo="None.", code="CF-1791")

    works.on_send = lose
    works.run_until(JobState.VERIFIED)
    assert lost
    assert sorted(arrived(works)) == [["1.log"], ["2.log"], ["3.log"]]


def test_a_case_that_is_closed_stops_masking_and_a_later_try_sends_the_rest_once(works: Works) -> None:
    def refuse(number: int) -> None:
        if number == 2:
            raise RefusedError("Closed", happened="The case is closed.", todo="Reopen it.", code="CF-1200")

    works.on_send = refuse
    works.run_until(JobState.FAILED)
    assert arrived(works) == [["1.log"]]
    failed = works.job
    assert failed.problem is not None
    works.on_send = lambda _number: None
    works.journal.mask_again("j", quarantined=True)
    works.journal.move("j", before=(JobState.FAILED,), after=JobState.COLLECTING)
    works.again()
    works.run_until(JobState.VERIFIED)
    assert sorted(arrived(works)) == [["1.log"], ["2.log"], ["3.log"]]


def test_a_portal_that_is_away_does_not_stop_masking(works: Works) -> None:
    def away(_number: int) -> None:
        raise UnreachableError("Away", happened="It does not answer.", todo="Nothing.", code="CF-1500")

    works.on_send = away
    works.run_until(JobState.WAITING)
    assert works.job.back_to is JobState.SENDING
    assert [volume.sealed for volume in works.journal.volumes.of("j")] == [True] * 3


def sealed_before_the_key_changed(works: Works) -> dict[int, str]:
    """Three sealed bundles that did not leave, and a configuration with another key: their keys of before."""

    def away(_number: int) -> None:
        raise UnreachableError("Away", happened="It does not answer.", todo="Nothing.", code="CF-1500")

    works.on_send = away
    works.run_until(JobState.WAITING)
    assert works.job.back_to is JobState.SENDING
    works.journal.move("j", before=(JobState.WAITING,), after=JobState.SENDING)
    works.on_send = lambda _number: None
    works.again(PseudonymKey(b"o" * 32))
    return {volume.number: volume.key for volume in works.journal.volumes.of("j")}


def test_a_sealed_bundle_is_masked_again_when_rules_or_key_have_changed(works: Works) -> None:
    before = sealed_before_the_key_changed(works)
    works.run_until(JobState.VERIFIED)
    assert works.withdrawn == [1, 2, 3]
    assert sorted(arrived(works)) == [["1.log"], ["2.log"], ["3.log"]]
    assert not {key for key, _names in works.sent} & set(before.values())


def test_a_sealed_bundle_that_is_there_whole_is_proven_as_it_is(works: Works) -> None:
    before = sealed_before_the_key_changed(works)
    works.withdraws = False
    works.run_until(JobState.VERIFIED)
    assert [key for key, _names in works.sent] == [before[number] for number in (1, 2, 3)]


def test_a_bundle_that_was_withdrawn_has_another_key_when_the_rules_are_those_of_before(works: Works) -> None:
    before = sealed_before_the_key_changed(works)
    for number in before:
        works.journal.volumes.withdraw("j", number)
    works.again()
    works.journal.move("j", before=(JobState.SENDING,), after=JobState.BUNDLING)
    works.run_until(JobState.VERIFIED)
    assert not {key for key, _names in works.sent} & set(before.values())


def test_a_file_in_quarantine_is_named_by_one_bundle(works: Works) -> None:
    (works.folder / "2.log").write_bytes(b"\x7fELF" + bytes(3000))
    works.on_send = lambda number: manifests.append(
        [left.name for left in read_manifest(works.spool.bundle("j", volume_name("j.zip", number))).left_out]
    )
    manifests: list[list[str]] = []
    works.run_until(JobState.VERIFIED)
    assert arrived(works) == [["1.log"], ["3.log"]]
    assert manifests == [[], ["2.log"]]


def test_a_cancelled_job_leaves_nothing(works: Works) -> None:
    def cancel(_number: int) -> None:
        works.journal.move("j", before=list(JobState), after=JobState.CANCELLED)
        works.workshop.interrupt("j", cancel=True)

    works.on_send = cancel
    works.run_until(JobState.CANCELLED)
    assert not (works.folder / "spool" / "j").exists() or not list((works.folder / "spool" / "j").iterdir())


def test_a_job_that_is_paused_stops_in_the_middle_of_a_file(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.jobs.preparing._ASK_EVERY", 0.0)

    def pause() -> None:
        if works.job.state is JobState.MASKING:
            works.journal.move(
                "j", before=(JobState.MASKING,), after=JobState.PAUSED, back_to=JobState.MASKING
            )
            works._changed("j")

    works.on_read = pause
    works.run_until(JobState.PAUSED)
    assert {file.state for file in works.journal.files("j")} == {FileState.WAITING}
    assert not list(works.spool.job_folder("j").iterdir())
    works.on_read = lambda: None
    works.journal.move("j", before=(JobState.PAUSED,), after=JobState.MASKING)
    works.again()
    works.run_until(JobState.VERIFIED)
    assert arrived(works) == [["1.log"], ["2.log"], ["3.log"]]


def test_what_is_thrown_away_late_makes_no_folder_of_a_job_that_is_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.bundle("j1", "a.zip").write_bytes(b"x")
    spool.remove("j1")
    spool.remove_bundle("j1", "a.zip")
    spool.remove_copies("j1", [1])
    assert list((tmp_path / "spool").iterdir()) == []
