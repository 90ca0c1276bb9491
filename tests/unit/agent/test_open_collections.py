"""While a collection is open, what it wants of a growing log outlives whatever is done to the log."""

from __future__ import annotations

import errno
import hashlib
import itertools
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from agent.catalogue import Evidence, Hold, HoldReason, Scope, Segment, TimeRange
from agent.jobs import FileRow, FileState
from agent.jobs.collecting import collect
from agent.requests import Decision, RequestRule, RequestState
from agent.service.holding import HeldCollections
from agent.watch import Fingerprint
from app.agentlink import JobState
from app.domain.errors import LocalError
from tests.peers.request_hall import START, RequestHall
from tests.peers.timed_logs import KnownSegment, steady

MINUTE = timedelta(minutes=1)
ASK = RequestRule("sip", Decision.ASK, applications=("sips_*",))
SEND = RequestRule("sip", Decision.SEND, applications=("sips_*",))
GROWING = "sips_a.20230609_090000_000.log"
BEGUN = START + 60 * MINUTE


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RequestHall]:
    made = RequestHall(tmp_path, rules=[SEND])
    yield made
    made.close()


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[RequestHall]:
    made = RequestHall(tmp_path, rules=[ASK])
    yield made
    made.close()


def written(count: int = 20) -> KnownSegment:
    """The growing segment as the hall has written it."""
    made = KnownSegment(GROWING)
    made.begin(BEGUN)
    return steady(made, BEGUN, count=count, step=2 * MINUTE)


def take(hall: RequestHall) -> None:
    hall.take(first=BEGUN, last=BEGUN + 600 * MINUTE)


def held_jobs(hall: RequestHall) -> HeldCollections:
    return HeldCollections(hall.journal, hall.site.catalogue, hall.desk.evidence)


def without_the_requests_hold(hall: RequestHall) -> None:
    """As after two days: only the job holds."""
    hall.desk.evidence.release_labelled(HoldReason.COLLECTION, "request-lr-1")


def empty(hall: RequestHall, *, copy: str = "") -> None:
    """As logrotate with copytruncate."""
    path = hall.site.folder / GROWING
    if copy:
        shutil.copy(path, hall.site.folder / copy)
    with path.open("r+b") as stream:
        stream.truncate(0)
        stream.write(written(count=3).content[:400])
    hall.site.look()


def too_many_files(_path: Path, _known: Fingerprint) -> bool:
    raise OSError(errno.EMFILE, "too many open files")


def full(*_evidence: object, **_facts: object) -> Hold:
    raise LocalError("The disk is full", happened="h", todo="d", code="CF-1804")


def linked(hall: RequestHall) -> bool:
    """Whether what is held of the growing segment is a link."""
    row = hall.site.catalogue.database.row(
        "SELECT linked FROM pins JOIN segments ON segments.id = pins.segment WHERE segments.path = ?",
        (GROWING,),
    )
    return row is not None and bool(row["linked"])


def collected(hall: RequestHall) -> list[FileRow]:
    for job in hall.jobs():
        collect(
            job,
            journal=hall.journal,
            catalogue=hall.site.catalogue,
            still_wanted=lambda: True,
            last_try=True,
        )
    return [file for job in hall.jobs() for file in hall.journal.files(job.id)]


def sent(hall: RequestHall) -> list[str]:
    return [file.raw_sha256 for file in collected(hall) if file.state is FileState.WAITING]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_job_holds_the_log_that_grows_as_well(hall: RequestHall) -> None:
    take(hall)
    hall.turn()
    without_the_requests_hold(hall)
    held_jobs(hall).take_stock()
    (hall.site.folder / GROWING).unlink()
    hall.site.look()
    assert sent(hall) == [digest(written().content)]


def held_of_the_job(hall: RequestHall) -> list[int]:
    """How many segments each hold of a job has."""
    job = hall.jobs()[0].id
    return [hold.segments for hold in hall.desk.evidence.holds() if hold.label == job]


def test_a_hold_that_a_kill_cut_short_is_whole_after_the_next_start(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    without_the_requests_hold(hall)
    pin, pinned = Evidence._pin, itertools.count()

    def killed(evidence: Evidence, hold: int, segment: Segment) -> None:
        if next(pinned):
            raise SystemExit
        pin(evidence, hold, segment)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Evidence, "_pin", killed)
        with pytest.raises(SystemExit):
            held_jobs(hall).take_stock()
    assert held_of_the_job(hall) == [1]
    held_jobs(hall).take_stock()
    assert held_of_the_job(hall) == [2]


def test_a_job_that_could_not_be_held_is_held_at_its_next_change(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    held, job = held_jobs(hall), hall.jobs()[0].id
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Evidence, "hold_segments", full)
        held.follow(job)
    assert held_of_the_job(hall) == []
    held.follow(job)
    assert held_of_the_job(hall) == [2]


def test_a_job_that_ends_while_it_is_being_held_is_held_no_longer(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    held, job, hold = held_jobs(hall), hall.jobs()[0].id, Evidence.hold_segments

    def cancelled_first(
        evidence: Evidence, reason: HoldReason, *, label: str, segments: Sequence[Segment], keep: timedelta
    ) -> Hold:
        hall.end_jobs(JobState.CANCELLED)
        held.follow(label)
        return hold(evidence, reason, label=label, segments=segments, keep=keep)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Evidence, "hold_segments", cancelled_first)
        held.follow(job)
    assert held_of_the_job(hall) == []


def test_a_log_that_is_emptied_while_its_job_waits_is_sent(hall: RequestHall) -> None:
    take(hall)
    hall.turn()
    without_the_requests_hold(hall)
    held_jobs(hall).take_stock()
    hall.desk.evidence.renew()
    empty(hall)
    hall.desk.evidence.renew()
    assert sent(hall) == [digest(written().content)]


def test_a_log_that_is_emptied_while_a_person_thinks_is_sent(asking: RequestHall) -> None:
    take(asking)
    asking.desk.evidence.renew()
    empty(asking)
    asking.desk.evidence.renew()
    asking.desk.allow("lr-1")
    asking.turn()
    assert digest(written().content) in sent(asking)


def test_a_log_that_is_longer_than_before_when_it_is_seen_to_be_emptied_is_sent(
    asking: RequestHall,
) -> None:
    take(asking)
    asking.desk.evidence.renew()
    whole = written().content
    path = asking.site.folder / GROWING
    path.write_bytes(b"other " * len(whole))
    asking.site.look()
    asking.desk.evidence.renew()
    asking.desk.allow("lr-1")
    asking.turn()
    assert digest(whole) in sent(asking)


def test_a_link_that_cannot_be_read_for_a_moment_stays_what_is_held(asking: RequestHall) -> None:
    take(asking)
    asking.desk.evidence.renew()
    (asking.site.folder / GROWING).unlink()
    asking.site.look()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("agent.catalogue.spares.still_begins_with", too_many_files)
        asking.desk.evidence.renew()
    assert linked(asking)
    assert list((asking.root / "evidence" / "spares").iterdir())
    asking.desk.evidence.renew()
    assert linked(asking)
    assert not list((asking.root / "evidence" / "spares").iterdir())


def test_what_was_copied_before_it_was_emptied_is_sent_once(asking: RequestHall) -> None:
    take(asking)
    asking.desk.evidence.renew()
    empty(asking, copy="sips_a.20230609_090000_000.log.1")
    asking.site.settle()
    asking.desk.evidence.renew()
    asking.desk.allow("lr-1")
    asking.turn()
    assert sent(asking).count(digest(written().content)) == 1
    assert len(sent(asking)) == len(set(sent(asking))) == 2


def grown_and_emptied(hall: RequestHall) -> None:
    """Ten records came behind the copy, from the fortieth minute on."""
    take(hall)
    hall.desk.evidence.renew()
    (hall.site.folder / GROWING).write_bytes(written(count=30).content)
    hall.site.look()
    hall.site.indexer.catch_up()
    empty(hall)
    hall.desk.evidence.renew()


def test_of_what_was_not_copied_in_time_the_whole_lines_are_sent_and_the_rest_is_told(
    asking: RequestHall,
) -> None:
    grown_and_emptied(asking)
    found = asking.desk.collection.look(asking.row().request)
    assert found.missing == (
        "1 log that may be of the range cannot be read: Its end was destroyed before it was kept."
    )
    assert max(part.size for part in found.segments) == len(written().content)


def lost_between(hall: RequestHall, first: int, last: int) -> list[str]:
    """What cannot be found of these minutes behind `BEGUN`."""
    wanted = TimeRange.between(BEGUN + first * MINUTE, BEGUN + last * MINUTE)
    found = hall.site.finder.find(Scope(applications=("sips_a",), range=wanted), fresh=False)
    return [one.reason for one in found.lost]


def test_who_asks_only_for_what_was_destroyed_is_told(asking: RequestHall) -> None:
    grown_and_emptied(asking)
    assert lost_between(asking, 45, 55) == ["Its end was destroyed before it was kept."]


def test_who_asks_only_for_what_was_kept_is_told_of_no_loss(asking: RequestHall) -> None:
    grown_and_emptied(asking)
    assert lost_between(asking, 5, 15) == []


def test_a_link_goes_on_holding_what_is_written_after_a_renaming(asking: RequestHall) -> None:
    take(asking)
    asking.desk.evidence.renew()
    path = asking.site.folder / GROWING
    with path.open("ab") as stream:
        path.rename(asking.site.folder / "sips_a.20230609_095959_000.log")
        asking.site.look()
        stream.write(written(count=21).records[-1].raw)
        stream.flush()
        asking.site.look()
        asking.site.indexer.catch_up()
        (asking.site.folder / "sips_a.20230609_095959_000.log").unlink()
    asking.site.look()
    asking.desk.evidence.renew()
    asking.desk.allow("lr-1")
    asking.turn()
    assert sent(asking) == [digest(written(count=21).content)]


def test_the_copy_beside_a_link_counts_and_goes_with_the_request(asking: RequestHall) -> None:
    take(asking)
    asking.desk.evidence.renew()
    used = asking.desk.evidence.used()
    asking.desk.deny("lr-1")
    asking.desk.evidence.renew()
    left = [path for path in (asking.root / "evidence").rglob("*") if path.is_file()]
    assert (used, asking.desk.evidence.used(), left) == (len(written().content), 0, [])


def test_an_incident_takes_the_room_of_copies_beside_links(asking: RequestHall) -> None:
    take(asking)
    asking.desk.evidence.renew()
    asking.desk.evidence.quota = asking.desk.evidence.used()
    everything = Scope(range=TimeRange.between(START, START + 600 * MINUTE))
    asking.desk.evidence.hold(HoldReason.INCIDENT, label="x", scope=everything, keep=timedelta(days=1))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("os.link", lambda *_a, **_k: (_ for _ in ()).throw(OSError(1, "no links")))
        asking.add("urs_b", count=3)
        asking.desk.evidence.renew()
    (hold,) = [hold for hold in asking.desk.evidence.holds() if hold.reason is HoldReason.INCIDENT]
    assert (hold.missing, hold.problem) == (0, "")


def test_a_start_leaves_the_logs_of_an_open_request_held(asking: RequestHall) -> None:
    take(asking)
    held_jobs(asking).take_stock()
    (asking.site.folder / GROWING).unlink()
    asking.site.look()
    asking.desk.allow("lr-1")
    asking.turn()
    assert sent(asking) == [digest(written().content)]


def test_a_start_holds_again_what_an_open_request_asks_for(asking: RequestHall) -> None:
    take(asking)
    without_the_requests_hold(asking)
    asking.kill()
    assert [hold.label for hold in asking.desk.evidence.holds()] == ["request-lr-1"]


def test_a_start_holds_nothing_for_a_request_that_has_ended(hall: RequestHall) -> None:
    take(hall)
    hall.turn()
    hall.end_jobs(JobState.VERIFIED)
    hall.turn()
    hall.kill()
    assert hall.row().state is RequestState.SENT
    assert hall.desk.evidence.holds() == []
