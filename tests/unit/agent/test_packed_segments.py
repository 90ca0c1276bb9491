"""Packed segments: collected, known again by what is in them, masked inside, shown in the review, sealed."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.catalogue import Segment, SegmentState
from agent.jobs import FileRow, FileState, JobJournal, JobRow, Previews, Spool, Studies
from agent.jobs.bundling import bundle
from agent.jobs.collecting import collect
from agent.jobs.masking import mask, masked_files
from agent.watch import take_fingerprint
from app.agentlink import JobState, PreviewAsk, Via
from app.bundle import Sealer, read_manifest
from app.masking import PseudonymKey, load_rules, reference_engine, residual_check

RULES, KEY = load_rules(), PseudonymKey(bytes(range(32)))
ENGINE = reference_engine(RULES, KEY)
ROWS = [f"2023-06-09T10:15:{n:02d}.118Z AttributeANI '+49309018207{n:02d}' end" for n in range(60)]
TEXT = ("\n".join(ROWS) + "\n").encode()
BINARY = bytes(range(256)) * 40


class Folder:
    """The catalogue's part of a watched folder."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.known: dict[str, Segment] = {}

    def has(self, name: str, data: bytes) -> Segment:
        (self.place / name).write_bytes(data)
        segment = Segment(
            id=len(self.known) + 1,
            folder=self.place,
            path=name,
            application="sip",
            generation=1,
            device=1,
            inode=len(self.known) + 1,
            modified_ns=0,
            print=take_fingerprint(self.place / name, size=len(data)),
            state=SegmentState.CLOSED,
            key=name,
        )
        self.known[name] = segment
        return segment

    def by_key(self, key: str) -> Segment | None:
        return self.known.get(key)


Run = Callable[[str, str, bytes], FileRow]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JobJournal]:
    made = JobJournal(tmp_path / "journal.db")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def job() -> JobRow:
    now = datetime.now(UTC)
    return JobRow("j1", "0003256109", "all", Via.HTTPS, JobState.COLLECTING, "j.zip", now, now)


@pytest.fixture
def run(tmp_path: Path, journal: JobJournal, folder: Folder, job: JobRow) -> Run:
    """Collect and mask one segment in a job of its own."""

    def ship(number: str, name: str, data: bytes) -> FileRow:
        segment = folder.has(name, data)
        own = replace(job, id=number)
        row = FileRow(number, 1, name, segment.file, FileState.WAITING, segment=name, application="sip")
        journal.create(own, [row])
        collect(own, journal=journal, catalogue=folder, still_wanted=lambda: True, last_try=True)  # type: ignore[arg-type]
        mask(
            own,
            journal=journal,
            spool=Spool(tmp_path / "spool"),
            engine=ENGINE,
            check=residual_check(RULES, KEY),
            studies=Studies(ENGINE, journal),
            still_wanted=lambda: True,
            last_try=True,
        )
        return journal.files(number)[0]

    return ship


def zipped(*members: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return sink.getvalue()


def test_a_packed_segment_is_masked_inside(run: Run) -> None:
    file = run("j1", "sip.log.1.gz", gzip.compress(TEXT))
    assert file.state is FileState.MASKED
    assert file.report is not None
    assert (file.report.packing, file.report.lines) == ("gzip", 60)


@pytest.mark.parametrize("packed", [gzip.compress(TEXT), zipped(("sip.log.1", TEXT))], ids=["gzip", "zip"])
def test_a_segment_that_was_sent_plain_is_not_sent_again_when_it_is_packed(run: Run, packed: bytes) -> None:
    assert run("j1", "sip.log.1", TEXT).state is FileState.MASKED
    again = run("j2", "sip.log.1.gz", packed)
    assert (again.state, again.kind) == (FileState.LEFT_OUT, "duplicate")


def test_a_segment_that_was_sent_packed_is_not_sent_again_plain(run: Run) -> None:
    assert run("j1", "sip.log.1.gz", gzip.compress(TEXT)).state is FileState.MASKED
    assert run("j2", "sip.log.2", TEXT).kind == "duplicate"


def test_a_packed_segment_is_sent_when_the_plain_one_was_gone_before_it_could_be_read(
    run: Run, journal: JobJournal, folder: Folder, job: JobRow
) -> None:
    segment = folder.has("sip.log.1", TEXT)
    journal.create(
        job, [FileRow("j1", 1, "a", segment.file, FileState.WAITING, segment=segment.key, application="sip")]
    )

    def once() -> None:
        collect(job, journal=journal, catalogue=folder, still_wanted=lambda: True, last_try=True)  # type: ignore[arg-type]

    once()
    segment.file.unlink()
    journal.collect_again("j1")
    once()
    assert journal.files("j1")[0].kind == "unreadable"
    assert run("j2", "sip.log.1.gz", gzip.compress(TEXT)).state is FileState.MASKED


def test_a_packed_segment_that_is_cut_off_is_in_quarantine(run: Run, tmp_path: Path) -> None:
    file = run("j1", "sip.log.1.gz", gzip.compress(TEXT)[:-20])
    assert (file.state, file.kind) == (FileState.QUARANTINED, "quarantined")
    assert "CF-1911" in file.reason
    assert not Spool(tmp_path / "spool").masked("j1", 1).exists()


def test_the_journal_keeps_what_was_in_an_archive(run: Run) -> None:
    report = run("j1", "sip.log.1.zip", zipped(("a.log", TEXT), ("core", BINARY))).report
    assert report is not None
    assert [(member.name, member.report.lines) for member in report.members] == [("sip.log.1.zip/a.log", 60)]
    assert [left.name for left in report.left_out] == ["sip.log.1.zip/core"]


def test_the_bundle_knows_the_time_of_a_packed_segment_and_names_what_its_archive_lost(
    run: Run, journal: JobJournal, job: JobRow, tmp_path: Path
) -> None:
    run("j1", "sip.log.1.zip", zipped(("a.log", TEXT), ("core", BINARY)))
    spool = Spool(tmp_path / "spool")
    with Sealer(spool.bundle(job.id, job.name)) as sealer:
        for file in masked_files(job, journal.files(job.id), spool=spool):
            sealer.add(file)
        sealed = bundle(job, sealer=sealer, journal=journal, engine=ENGINE, host="", created_by="test")
    manifest = read_manifest(sealed.path)
    (member,) = manifest.members
    assert (member.first, member.raw_lines) == (datetime(2023, 6, 9, 10, 15, 0, 118000, tzinfo=UTC), 60)
    assert [(left.name, left.reason) for left in manifest.left_out] == [("sip.log.1.zip/core", "binary")]


@pytest.mark.parametrize(
    "data",
    [gzip.compress(TEXT), zipped(("a.log", TEXT[:2000]), ("core", BINARY), ("b.log", TEXT[2000:]))],
    ids=["gzip", "zip"],
)
def test_the_review_shows_the_lines_that_are_inside(run: Run, tmp_path: Path, data: bytes) -> None:
    file = run("j1", "sip.log.1.gz", data)
    assert file.raw_sha256 == hashlib.sha256(data).hexdigest()
    shown = Previews(Spool(tmp_path / "spool"), ENGINE)
    lines = shown.lines(file, PreviewAsk(job="j1", name=file.name, first=3, limit=5, changed_only=False))
    assert [line.number for line in lines] == [3, 4, 5, 6, 7]
    assert [line.before for line in lines] == ROWS[2:7]
    assert not [line.after for line in lines if "9018207" in line.after]
