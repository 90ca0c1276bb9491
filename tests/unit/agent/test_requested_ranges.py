"""What a log request gets: the lines it asks for, of the generation that lay there when it was granted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.jobs import FileRow, FileState, SourceMoved, Spool, Studies
from agent.jobs.collecting import collect
from agent.jobs.masking import mask
from agent.requests import Decision, RequestRule, RequestState
from app.masking import PseudonymKey, load_rules, residual_check
from tests.peers.masked_copies import text_of
from tests.peers.request_hall import START, RequestHall
from tests.peers.shipping_line import ENGINE
from tests.peers.timed_logs import KnownSegment, steady

MINUTE = timedelta(minutes=1)
SEND = RequestRule("sip", Decision.SEND, applications=("sips_*",))
CLOSED, GROWING = "sips_a.20230609_080000_000.log", "sips_a.20230609_090000_000.log"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RequestHall]:
    made = RequestHall(tmp_path, rules=[SEND])
    yield made
    made.close()


def written(name: str, *, at: datetime = START) -> KnownSegment:
    """The segment as the hall has written it."""
    made = KnownSegment(name)
    made.begin(at)
    return steady(made, at, count=20, step=2 * MINUTE)


def grant(hall: RequestHall, first: datetime, last: datetime) -> None:
    hall.take(first=first, last=last)
    hall.turn()


def collected(hall: RequestHall, *, last_try: bool = True) -> list[FileRow]:
    for job in hall.jobs():
        collect(
            job,
            journal=hall.journal,
            catalogue=hall.site.catalogue,
            still_wanted=lambda: True,
            last_try=last_try,
        )
    return [file for job in hall.jobs() for file in hall.journal.files(job.id)]


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_the_lines_of_the_range_are_sent_with_their_header(hall: RequestHall) -> None:
    first, last = START + 10 * MINUTE, START + 21 * MINUTE
    grant(hall, first, last)
    (file,) = collected(hall)
    known = written(CLOSED)
    part = known.between(first, last)
    assert file.raw_sha256 == digest(known.header, part)
    assert (file.raw_size, file.header) == (len(known.header) + len(part), len(known.header))


def test_nothing_else_is_in_the_masked_copy(hall: RequestHall) -> None:
    first, last = START + 10 * MINUTE, START + 21 * MINUTE
    grant(hall, first, last)
    collected(hall)
    (job,) = hall.jobs()
    spool = Spool(hall.root / "spool")
    mask(
        job,
        journal=hall.journal,
        spool=spool,
        engine=ENGINE,
        check=residual_check(load_rules(), PseudonymKey(bytes(range(32)))),
        studies=Studies(ENGINE, hall.journal),
        still_wanted=lambda: True,
        last_try=True,
    )
    (file,) = hall.journal.files(job.id)
    lines = text_of(spool, file).count(b"\n")
    known = written(CLOSED)
    assert file.state is FileState.MASKED
    assert lines == known.header.count(b"\n") + known.between(first, last).count(b"\n")


def test_a_range_from_the_first_line_on_needs_no_second_header(hall: RequestHall) -> None:
    grant(hall, START, START + 11 * MINUTE)
    (file,) = collected(hall)
    known = written(CLOSED)
    assert (file.start, file.header) == (0, 0)
    assert file.raw_sha256 == digest(known.header, known.between(START, START + 11 * MINUTE))


def test_of_a_segment_that_grows_what_it_held_when_it_was_granted_is_sent(hall: RequestHall) -> None:
    begun = START + 60 * MINUTE
    grant(hall, begun + 10 * MINUTE, begun + 600 * MINUTE)
    known = written(GROWING, at=begun)
    part = known.between(begun + 10 * MINUTE, begun + 600 * MINUTE)
    path = hall.site.folder / GROWING
    with path.open("ab") as stream:
        stream.write(known.records[-1].raw)
    path.rename(hall.site.folder / "sips_a.20230609_095959_000.log")
    hall.site.look()
    (file,) = collected(hall)
    assert file.raw_sha256 == digest(known.header, part)


def test_a_segment_that_was_renamed_just_now_is_looked_for_again(hall: RequestHall) -> None:
    begun = START + 60 * MINUTE
    grant(hall, begun, begun + 600 * MINUTE)
    (hall.site.folder / GROWING).rename(hall.site.folder / "sips_a.20230609_095959_000.log")
    with pytest.raises(SourceMoved):
        collected(hall, last_try=False)
    hall.site.look()
    (file,) = collected(hall, last_try=False)
    assert file.raw_sha256 == digest(written(GROWING, at=begun).content)


def test_another_log_in_its_place_is_not_sent_but_the_one_that_was_held(hall: RequestHall) -> None:
    begun = START + 60 * MINUTE
    grant(hall, begun, begun + 600 * MINUTE)
    path = hall.site.folder / GROWING
    path.unlink()
    path.write_bytes(written(GROWING, at=begun + MINUTE).content)
    hall.site.look()
    (file,) = collected(hall)
    assert file.raw_sha256 == digest(written(GROWING, at=begun).content)


def test_a_log_that_is_replaced_while_it_is_granted_is_looked_for_again(hall: RequestHall) -> None:
    hall.take(first=START + 60 * MINUTE, last=START + 600 * MINUTE)
    path = hall.site.folder / GROWING
    found = hall.desk.collection.look(hall.row().request)
    path.write_bytes(b"another one\n" * 4000)
    hall.site.finder.find = lambda _scope, **_: found  # type: ignore[method-assign,assignment]
    with pytest.raises(SourceMoved):
        hall.desk.collection.begin(hall.row().request)
    assert hall.jobs() == []


def test_a_clock_that_was_set_back_makes_two_parts_of_one_segment(tmp_path: Path) -> None:
    hall = RequestHall(tmp_path, rules=[SEND])
    at = START + 120 * MINUTE
    known = KnownSegment("sips_a.20230609_100000_000.log")
    known.begin(at)
    for minutes in (0, 10, 20, 30, 5, 12, 25):
        known.add(at + minutes * MINUTE, f"Std 05060 minute {minutes}")
    hall.site.put(known)
    hall.site.settle()
    grant(hall, at + 9 * MINUTE, at + 13 * MINUTE)
    files = collected(hall)
    hall.close()
    raw = [record.raw for record in known.records]
    assert [file.raw_sha256 for file in files] == [
        digest(known.header, raw[1]),
        digest(known.header, raw[5]),
    ]


def test_the_policy_counts_what_would_be_sent(tmp_path: Path) -> None:
    known = written(CLOSED)
    first, last = START + 10 * MINUTE, START + 21 * MINUTE
    size = len(known.header) + len(known.between(first, last))
    hall = RequestHall(tmp_path, rules=[RequestRule("small", Decision.SEND, largest=size)])
    row = hall.take(first=first, last=last)
    hall.close()
    assert (row.state, row.size) == (RequestState.ACCEPTED, size)


def test_a_kill_between_two_jobs_sends_no_segment_twice_though_it_grew_and_was_renamed(
    hall: RequestHall,
) -> None:
    begun = START + 60 * MINUTE
    hall.take(first=begun + 10 * MINUTE, last=begun + 600 * MINUTE)
    hall.desk.collection.begin(hall.row().request)
    path = hall.site.folder / GROWING
    with path.open("ab") as stream:
        stream.write(written(GROWING, at=begun).records[-1].raw)
    path.rename(hall.site.folder / "sips_a.20230609_095959_000.log")
    hall.site.settle()
    hall.kill()
    hall.turn()
    assert len(hall.jobs()) == 1
