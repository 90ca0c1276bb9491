from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.jobs import FileRow, FileState, JobJournal, JobRow, masked_at
from agent.jobs.volumes import UNPLANNED, VolumeRow, weakest_level
from app.agentlink import ErrorReply, JobState, Via
from app.domain.files import SealedBundle
from app.masking import FileReport
from app.transfer import Level

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def job(
    number: str,
    *,
    source: str = "all",
    state: JobState = JobState.COLLECTING,
    case: str = "0003256109",
) -> JobRow:
    return JobRow(
        id=number,
        case=case,
        source=source,
        via=Via.HTTPS,
        state=state,
        name=f"{number}.zip",
        created=NOW,
        changed=NOW,
    )


def file(number: str, place: int, segment: str = "") -> FileRow:
    return FileRow(
        job=number,
        number=place,
        name=f"a/{place}.log",
        path=Path(f"/logs/{place}.log"),
        state=FileState.WAITING,
        segment=segment,
        application="a",
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JobJournal]:
    made = JobJournal(tmp_path / "journal.db", wall=lambda: NOW)
    yield made
    made.close()


def test_a_segment_is_claimed_once_per_case(journal: JobJournal) -> None:
    assert journal.create(job("j1"), [file("j1", 1, "seg")])
    assert not journal.create(job("j2"), [file("j2", 1, "seg")])
    assert journal.job("j2") is None
    assert not journal.create(job("j3", source="other rule"), [file("j3", 1, "seg")])
    assert journal.create(job("j4", source="other rule", case="0003256117"), [file("j4", 1, "seg")])


def test_a_segment_is_masked_when_no_job_still_waits_to_mask_it(journal: JobJournal) -> None:
    report = FileReport("utf-8", lines=1, raw_size=1, masked_size=1, masked_sha256="ab")
    other = job("j2", source="other rule", case="0003256117")
    journal.create(job("j1"), [file("j1", 1, "a"), file("j1", 2, "b"), file("j1", 3, "c")])
    journal.create(other, [file("j2", 1, "b")])
    for each in journal.files("j1")[:2]:
        journal.masked(each, report=report)
    assert journal.masked_among(["a", "b", "c", "d"]) == {"a"}


@pytest.mark.parametrize(
    ("state", "ended", "done"),
    [
        (FileState.QUARANTINED, JobState.FAILED, set()),
        (FileState.QUARANTINED, JobState.VERIFIED, {"a"}),
        (FileState.LEFT_OUT, JobState.CANCELLED, set()),
        (FileState.LEFT_OUT, JobState.FAILED, {"a"}),
    ],
)
def test_what_may_be_masked_again_is_not_done_with(
    journal: JobJournal, state: FileState, ended: JobState, done: set[str]
) -> None:
    journal.create(job("j1"), [file("j1", 1, "a")])
    journal.without(journal.files("j1")[0], state=state, kind="quarantined", reason="It is odd.")
    journal.move("j1", before=list(JobState), after=ended)
    assert journal.masked_among(["a"]) == done


def test_what_is_masked_can_be_told_from_the_data_folder(journal: JobJournal, tmp_path: Path) -> None:
    journal.create(job("j1"), [file("j1", 1, "a")])
    journal.without(journal.files("j1")[0], state=FileState.LEFT_OUT, kind="unreadable", reason="It is gone.")
    assert masked_at(tmp_path, ["a"]) == {"a"}
    assert masked_at(tmp_path / "nowhere", ["a"]) == set()


def test_one_claimed_segment_of_several_makes_no_job_at_all(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1, "seg")])
    assert not journal.create(job("j2"), [file("j2", 1, "new"), file("j2", 2, "seg")])
    assert journal.claimed("all") == {"seg"}
    assert journal.files("j2") == []


def test_jobs_are_due_in_the_order_that_a_person_gave_them(journal: JobJournal) -> None:
    for number in ("j1", "j2", "j3", "j4"):
        journal.create(job(number), [])
    journal.place_before("j4", "j2")
    journal.place_before("j1", "")
    assert [each.id for each in journal.due(NOW)] == ["j4", "j2", "j3", "j1"]


def test_a_new_job_stands_behind_those_that_were_put_in_order(journal: JobJournal) -> None:
    for number in ("j1", "j2"):
        journal.create(job(number), [])
    journal.place_before("j2", "j1")
    journal.create(job("j3"), [])
    assert [each.id for each in journal.due(NOW)] == ["j2", "j1", "j3"]


def test_a_job_is_put_before_itself_without_harm(journal: JobJournal) -> None:
    journal.create(job("j1"), [])
    journal.place_before("j1", "j1")
    assert [each.id for each in journal.due(NOW)] == ["j1"]


def test_a_priority_survives_a_restart(tmp_path: Path) -> None:
    first = JobJournal(tmp_path / "journal.db")
    first.create(job("j1"), [])
    first.prioritise("j1", 7)
    first.close()
    second = JobJournal(tmp_path / "journal.db")
    found = second.job("j1")
    second.close()
    assert found is not None
    assert found.priority == 7


def test_claims_survive_a_restart(tmp_path: Path) -> None:
    first = JobJournal(tmp_path / "journal.db")
    first.create(job("j1"), [file("j1", 1, "seg")])
    first.close()
    second = JobJournal(tmp_path / "journal.db")
    assert second.claimed("all") == {"seg"}
    second.close()


def test_a_released_segment_can_be_claimed_again(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1, "seg")])
    journal.release("all", file("j1", 1, "seg"))
    assert journal.create(job("j2"), [file("j2", 1, "seg")])


CASES = {"r1": "0003256109", "r2": "0003256109", "r3": "0003256117"}
"""Of each rule."""


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(CASES)), st.lists(st.integers(0, 9), min_size=1, max_size=4)),
        max_size=12,
    )
)
def test_whatever_is_claimed_in_whatever_order_no_segment_has_two_jobs_for_a_case(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[tuple[str, list[int]]]
) -> None:
    journal = JobJournal(tmp_path_factory.mktemp("j") / "journal.db")
    try:
        owners: dict[tuple[str, str], str] = {}
        for number, (rule, segments) in enumerate(attempts):
            keys = [f"s{one}" for one in segments]
            name = f"j{number}"
            rows = [file(name, place, key) for place, key in enumerate(keys, start=1)]
            case = CASES[rule]
            free = len(set(keys)) == len(keys) and not any((case, key) in owners for key in keys)
            assert journal.create(job(name, source=rule, case=case), rows) is free
            if free:
                owners.update({(case, key): rule for key in keys})
        for rule in CASES:
            assert journal.claimed(rule) == {key for (_case, key), owner in owners.items() if owner == rule}
    finally:
        journal.close()


def test_of_two_who_move_a_job_one_wins(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1)])
    start = threading.Barrier(4)
    won: list[bool] = []

    def try_it() -> None:
        start.wait()
        won.append(journal.move("j1", before=(JobState.COLLECTING,), after=JobState.MASKING))

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


def test_a_move_replaces_what_belonged_to_the_old_state(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1)])
    problem = ErrorReply(code="CF-1500", title="Away")
    journal.move(
        "j1",
        before=(JobState.COLLECTING,),
        after=JobState.WAITING,
        back_to=JobState.COLLECTING,
        problem=problem,
        next_attempt=NOW + timedelta(minutes=1),
        attempts=1,
    )
    waiting = journal.job("j1")
    assert waiting is not None
    assert (waiting.problem, waiting.back_to, waiting.attempts) == (problem, JobState.COLLECTING, 1)
    journal.move("j1", before=(JobState.WAITING,), after=JobState.COLLECTING)
    running = journal.job("j1")
    assert running is not None
    assert (running.problem, running.back_to, running.next_attempt) == (None, None, None)


def test_a_waiting_job_is_due_when_its_time_has_come(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1)])
    journal.move(
        "j1",
        before=(JobState.COLLECTING,),
        after=JobState.WAITING,
        back_to=JobState.SENDING,
        next_attempt=NOW + timedelta(minutes=1),
    )
    assert journal.due(NOW) == []
    assert journal.next_due(after=NOW) == NOW + timedelta(minutes=1)
    assert journal.next_due(after=NOW + timedelta(minutes=1)) is None
    assert [found.id for found in journal.due(NOW + timedelta(minutes=1))] == ["j1"]


@pytest.mark.parametrize(
    "state", [JobState.REVIEW, JobState.PAUSED, JobState.FAILED, JobState.VERIFIED, JobState.CANCELLED]
)
def test_a_job_that_waits_for_a_person_or_has_ended_is_never_due(
    journal: JobJournal, state: JobState
) -> None:
    journal.create(job("j1", state=state), [file("j1", 1)])
    assert journal.due(NOW + timedelta(days=9)) == []


def test_the_same_bytes_have_one_carrier(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1, "s1"), file("j1", 2, "s2")])
    journal.create(job("j2"), [file("j2", 1, "s3")])
    first, second = journal.files("j1")
    (third,) = journal.files("j2")

    def carrier(file: FileRow, sha256: str) -> tuple[str, int]:
        found = journal.taken.carrier(file, rule="all", sha256=sha256)
        return found.job, found.number

    assert carrier(first, "d") == ("j1", 1)
    assert carrier(first, "d") == ("j1", 1)
    assert carrier(second, "d") == ("j1", 1)
    assert carrier(third, "d") == ("j1", 1)
    assert carrier(third, "e") == ("j2", 1)


def test_a_report_comes_back_as_it_was(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1)])
    report = FileReport(
        encoding="utf-8",
        lines=3,
        raw_size=30,
        masked_size=40,
        masked_sha256="ab",
        counts={"TEL": 2},
        rules={"number": 2},
        undecodable=1,
    )
    journal.masked(journal.files("j1")[0], report=report)
    (found,) = journal.files("j1")
    assert (found.state, found.report) == (FileState.MASKED, report)


def test_jobs_are_listed_newest_first_and_by_case(journal: JobJournal) -> None:
    for number in ("j1", "j2", "j3"):
        journal.create(job(number), [file(number, 1)])
    assert [found.id for found in journal.jobs(limit=2)] == ["j3", "j2"]
    assert journal.jobs(case="0000000001") == []


def test_jobs_that_wait_to_send_are_due_when_the_network_is_back(journal: JobJournal) -> None:
    later = NOW + timedelta(minutes=15)
    for number, back_to in (("sends", JobState.SENDING), ("masks", JobState.MASKING)):
        journal.create(job(number, state=back_to), [file(number, 1)])
        journal.move(
            number, before=(back_to,), after=JobState.WAITING, back_to=back_to, next_attempt=later, attempts=3
        )
    assert journal.waits.hasten(NOW, [one.id for one in journal.waits.to_send()]) == 1
    assert [one.id for one in journal.due(NOW)] == ["sends"]


def test_a_clock_that_is_set_back_puts_no_job_off(journal: JobJournal) -> None:
    journal.create(job("j1"), [file("j1", 1)])
    journal.move(
        "j1",
        before=(JobState.COLLECTING,),
        after=JobState.WAITING,
        back_to=JobState.COLLECTING,
        next_attempt=NOW + timedelta(minutes=1),
        attempts=1,
    )
    assert journal.due(NOW) == []
    assert [one.id for one in journal.due(NOW - timedelta(days=3))] == ["j1"]


def test_what_lies_in_a_sealed_bundle_is_not_masked_again(journal: JobJournal, tmp_path: Path) -> None:
    files = [replace(file("j1", place), volume=volume) for place, volume in ((1, 1), (2, 1), (3, 2))]
    journal.create(job("j1"), files)
    report = FileReport("utf-8", lines=1, raw_size=1, masked_size=1, masked_sha256="ab")
    for each in journal.files("j1"):
        journal.masked(each, report=report)
    journal.without(files[1], state=FileState.QUARANTINED, kind="quarantined", reason="No.")
    bundle = SealedBundle(tmp_path, "j1.zip", 5, "aa", "bb")
    journal.volumes.note_sealed("j1", 1, bundle, key="k", packed_sizes={"a/1.log": 4})
    journal.mask_again("j1", quarantined=True)
    found = journal.files("j1")
    assert [each.state.value for each in found] == ["masked", "waiting", "waiting"]
    assert [each.volume for each in found] == [1, UNPLANNED, 2]
    assert found[0].packed_size == 4


def test_a_job_has_the_sums_of_its_bundles_and_a_digest_while_there_is_one(
    journal: JobJournal, tmp_path: Path
) -> None:
    journal.create(job("j1"), [])
    for number, size in ((1, 5), (2, 7)):
        bundle = SealedBundle(tmp_path, f"{number}.zip", size, f"{number}a", "bb")
        journal.volumes.note_sealed("j1", number, bundle, key=f"k{number}", packed_sizes={})
        found = journal.job("j1")
        assert found is not None
        seen = (found.size, found.sha256, found.key)
        assert seen == ((5, "1a", "k1") if number == 1 else (12, "", ""))
    journal.volumes.note_verified("j1", 2, resumed=3, level=Level.SERVER_SHA256)
    found = journal.job("j1")
    assert found is not None
    assert found.resumed == 3
    assert [(each.number, each.verified) for each in journal.volumes.of("j1")] == [(1, False), (2, True)]


def test_a_job_is_proven_as_well_as_its_least_proven_bundle(journal: JobJournal, tmp_path: Path) -> None:
    journal.create(job("j1"), [])
    seen = []
    for number, level in ((1, Level.SERVER_SHA256), (2, Level.SIZE_ONLY), (3, Level.EVERY_PART)):
        bundle = SealedBundle(tmp_path, f"{number}.zip", 5, f"{number}a", "bb")
        journal.volumes.note_sealed("j1", number, bundle, key=f"k{number}", packed_sizes={})
        journal.volumes.note_verified("j1", number, resumed=0, level=level)
        seen.append(weakest_level(journal.volumes.of("j1")))
    assert seen == ["A", "D", "D"]


def test_what_was_proven_before_levels_were_kept_is_not_called_proven_well() -> None:
    known = VolumeRow("j1", 1, "a.zip", 5, "aa", "bb", "k", verified=True, level="A")
    assert weakest_level([known, replace(known, number=2, level="")]) == ""
    assert weakest_level([replace(known, verified=False)]) == ""


def test_jobs_that_wait_for_room_are_due_when_there_is_some(journal: JobJournal) -> None:
    for number, code in (("room", "CF-1885"), ("other", "CF-1500")):
        journal.create(job(number), [])
        journal.move(
            number,
            before=(JobState.COLLECTING,),
            after=JobState.WAITING,
            back_to=JobState.MASKING,
            problem=ErrorReply(code=code, title="No"),
            next_attempt=NOW + timedelta(minutes=1),
        )
    assert journal.due_now("CF-1885", NOW) == 1
    assert [found.id for found in journal.due(NOW)] == ["room"]
