"""What a log request gets out of packed segments: the lines it asks for, and nothing else of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.jobs import FileRow, FileState, Spool, Studies
from agent.jobs.collecting import collect
from agent.jobs.masking import mask
from agent.requests import Decision, RequestRule
from app.masking import PseudonymKey, load_rules, residual_check
from tests.peers.masked_copies import text_of
from tests.peers.packed_logs import pack, zipped
from tests.peers.request_hall import START, RequestHall
from tests.peers.shipping_line import ENGINE
from tests.peers.timed_logs import KnownSegment, steady

MINUTE = timedelta(minutes=1)
SEND = RequestRule("sip", Decision.SEND, applications=("sips_*", "urs_*"))
CLOSED, GROWING = "sips_a.20230609_080000_000.log", "sips_a.20230609_090000_000.log"
FIRST, LAST = START + 10 * MINUTE, START + 21 * MINUTE


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RequestHall]:
    made = RequestHall(tmp_path, rules=[SEND])
    yield made
    made.close()


def written(name: str, *, at: datetime = START, application: str = "sips_a") -> KnownSegment:
    """The segment as the hall has written it."""
    made = KnownSegment(name, application=application)
    made.begin(at)
    return steady(made, at, count=20, step=2 * MINUTE)


def grant(hall: RequestHall, first: datetime = FIRST, last: datetime = LAST, *applications: str) -> None:
    hall.take("lr-1", *applications, first=first, last=last)
    hall.turn()


def files_of(hall: RequestHall) -> list[FileRow]:
    return [file for job in hall.jobs() for file in hall.journal.files(job.id)]


def collected(hall: RequestHall) -> list[FileRow]:
    for job in hall.jobs():
        collect(
            job,
            journal=hall.journal,
            catalogue=hall.site.catalogue,
            still_wanted=lambda: True,
            last_try=True,
        )
    return files_of(hall)


def masked(hall: RequestHall) -> list[tuple[FileRow, bytes]]:
    spool = Spool(hall.root / "spool")
    for job in hall.jobs():
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
    found = []
    for file in files_of(hall):
        found.append((file, text_of(spool, file) if file.state is FileState.MASKED else b""))
    return found


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_the_lines_of_the_range_are_sent_with_their_header(hall: RequestHall, packing: str) -> None:
    pack(hall.site.folder / CLOSED, packing=packing)
    hall.site.settle()
    grant(hall)
    (file,) = collected(hall)
    known = written(CLOSED)
    part = known.between(FIRST, LAST)
    assert file.raw_sha256 == digest(known.header, part)
    assert (file.raw_size, file.header) == (len(known.header) + len(part), len(known.header))
    assert file.name == f"sips_a/{CLOSED}"


def test_nothing_else_is_in_the_masked_copy(hall: RequestHall) -> None:
    pack(hall.site.folder / CLOSED)
    hall.site.settle()
    grant(hall)
    collected(hall)
    ((file, copy),) = masked(hall)
    known = written(CLOSED)
    assert file.state is FileState.MASKED
    assert copy.count(b"\n") == (known.header + known.between(FIRST, LAST)).count(b"\n")


def test_each_file_of_a_zip_gives_its_lines(hall: RequestHall) -> None:
    names = CLOSED, "urs_a.20230609_080000_000.log"
    packed = zipped(*((name, (hall.site.folder / name).read_bytes()) for name in names))
    for name in names:
        (hall.site.folder / name).unlink()
    (hall.site.folder / "all.20230609.log.zip").write_bytes(packed)
    hall.site.settle()
    grant(hall, FIRST, LAST, "*")
    known = written(names[0]), written(names[1], application="urs_a")
    assert [(file.name, file.raw_sha256) for file in collected(hall)] == [
        (f"{each.application}/all.20230609.log/{each.name}", digest(each.header, each.between(FIRST, LAST)))
        for each in known
    ]
    assert [file.state for file, _copy in masked(hall)] == [FileState.MASKED] * 2


def test_a_log_that_is_packed_between_the_grant_and_the_collecting_is_collected(hall: RequestHall) -> None:
    grant(hall)
    pack(hall.site.folder / CLOSED)
    hall.site.settle()
    (file,) = collected(hall)
    known = written(CLOSED)
    assert file.raw_sha256 == digest(known.header, known.between(FIRST, LAST))


@pytest.mark.parametrize("name", [CLOSED, GROWING])
def test_a_kill_between_two_jobs_sends_no_segment_twice_though_it_was_packed(
    hall: RequestHall, name: str
) -> None:
    begun = START if name == CLOSED else START + 60 * MINUTE
    hall.take(first=begun + 10 * MINUTE, last=begun + 21 * MINUTE)
    hall.desk.collection.begin(hall.row().request)
    path = hall.site.folder / name
    pack(path.rename(path.with_name(f"{name}.1")))
    hall.site.settle()
    hall.kill()
    hall.turn()
    assert len(hall.jobs()) == 1


def test_of_a_cut_archive_what_is_readable_is_sent_and_the_cut_is_told(hall: RequestHall) -> None:
    path = hall.site.folder / CLOSED
    packed = gzip.compress(path.read_bytes(), mtime=0)
    path.unlink()
    path.with_name(f"{CLOSED}.gz").write_bytes(packed[:-30])
    hall.site.settle()
    grant(hall, FIRST, START + 50 * MINUTE)
    collected(hall)
    ((file, copy),) = masked(hall)
    assert file.state is FileState.MASKED
    assert copy.endswith(b"\n")
    assert file.report is not None
    (left,) = file.report.left_out
    assert left.code == "CF-1911"
    assert left.reason.startswith("Behind byte "), "names of files leave masked only"
    assert hall.row().reason.startswith(
        "1 log that may be of the range cannot be read to the end: Behind byte"
    )


def test_of_an_archive_whose_check_sum_does_not_fit_nothing_is_sent(hall: RequestHall) -> None:
    known = KnownSegment("sips_a.20230609_050000_000.log")
    known.begin(START - 180 * MINUTE)
    steady(known, START - 180 * MINUTE, count=600, step=MINUTE / 6)
    packed = bytearray(gzip.compress(known.content, mtime=0))
    packed[-6] ^= 1
    (hall.site.folder / f"{known.name}.gz").write_bytes(packed)
    hall.site.settle()
    grant(hall, START - 170 * MINUTE, START - 160 * MINUTE)
    collected(hall)
    ((file, copy),) = masked(hall)
    assert (file.state, copy) == (FileState.QUARANTINED, b"")
    assert "CF-1911" in file.reason
