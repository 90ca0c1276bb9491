"""What grows after it was sent is sent from there on, and what is sent has one name."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.catalogue import Catalogue, open_catalogue
from agent.jobs import (
    CaseState,
    FileRow,
    FileState,
    Intake,
    JobJournal,
    JobRow,
    Rule,
    RuleBook,
    Ruling,
    Sight,
    Spool,
    Studies,
    When,
    can_be_read,
)
from agent.jobs.bundling import bundle, job_key
from agent.jobs.collecting import collect
from agent.jobs.masking import mask, masked_files
from agent.jobs.ranges import Part, SegmentRange, collection_key, part_behind
from agent.watch import scan_folder
from app.agentlink import JobState, Via
from app.bundle import Sealer, read_manifest
from app.masking import PseudonymKey, load_rules, open_engine, residual_check
from app.storage import migrations_in
from app.transfer import idempotency_key
from tests.peers.unpacking import members_of

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
ENGINE = open_engine(RULES, KEY)
HEADER = "Local time:        2023-06-09T10:00:00.118\nApplication name:  sips_a\n"
RANGES = st.builds(
    SegmentRange,
    generation=st.text("ab", min_size=1, max_size=2),
    start=st.integers(0, 3),
    end=st.integers(4, 6),
    sha256=st.sampled_from(["c0", "c1"]),
)


def key_of(ranges: list[SegmentRange], **other: str) -> str:
    facts = {"rule_set": "r", "key_id": "k", "own": "all", **other}
    return collection_key(facts.pop("case", "0003256109"), ranges, **facts)  # type: ignore[arg-type]


@given(st.lists(RANGES, max_size=4), st.randoms(use_true_random=False))
def test_the_key_does_not_hang_on_the_order_of_ranges(ranges: list[SegmentRange], chance: Any) -> None:
    other = list(ranges)
    chance.shuffle(other)
    assert key_of(ranges) == key_of(other)


@given(st.lists(RANGES, max_size=3), st.lists(RANGES, max_size=3))
def test_other_ranges_have_another_key(first: list[SegmentRange], second: list[SegmentRange]) -> None:
    same = sorted(map(repr, first)) == sorted(map(repr, second))
    assert (key_of(first) == key_of(second)) is same


@pytest.mark.parametrize("other", ["case", "rule_set", "key_id", "own"])
def test_every_fact_of_a_collection_is_in_its_key(other: str) -> None:
    ranges = [SegmentRange("g", 0, 9, "c")]
    assert key_of(ranges) != key_of(ranges, **{other: "other"})


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_a_part_begins_with_a_line_and_keeps_the_header(codec: str) -> None:
    mark = b"\xff\xfe" if codec == "utf-16-le" else b""
    header, first, second = (
        text.encode(codec) for text in (HEADER, "10:15:00.118 one\n", "10:15:01.118 two\n")
    )
    stream = io.BytesIO(mark + header + first + second)
    before = len(mark + header)
    whole = Part(header=before, start=before + len(first))
    assert part_behind(stream, taken=before + len(first)) == whole
    assert part_behind(stream, taken=before + len(first) + 4) == whole


def test_what_has_no_border_is_sent_as_a_whole() -> None:
    assert part_behind(io.BytesIO(b"one line without an end"), taken=5) == Part()
    assert part_behind(io.BytesIO(b"a\nb\n"), taken=0) == Part()


class Place:
    """A watched folder with a rule, and jobs up to the sealed bundle."""

    def __init__(self, root: Path) -> None:
        self.logs = root / "logs"
        self.logs.mkdir()
        self.now = 0.0
        self.catalogue: Catalogue = open_catalogue(root / "c.db", quiet=1.0, clock=lambda: self.now)
        self.journal, self.spool = JobJournal(root / "journal.db"), Spool(root / "spool")
        rule = Rule("all", (self.logs,), (), "0003256109", When(every=None), Via.HTTPS)
        self.book = RuleBook(root / "rules.db")
        self.intake = Intake(
            journal=self.journal,
            engine=ENGINE,
            vault=cast(Any, None),
            ruling=Ruling(
                [rule],
                journal=self.journal,
                catalogue=self.catalogue,
                book=self.book,
                sight=Sight(
                    case=lambda _number: CaseState.OPEN, lines=lambda _keys: {}, alarms=lambda _name: ()
                ),
                readable=can_be_read,
            ),
            created=lambda _job: None,
        )

    def close(self) -> None:
        self.book.close()
        self.journal.close()
        self.catalogue.close()

    def look(self) -> None:
        for _ in range(2):
            self.catalogue.observe(scan_folder(self.logs))
            self.now += 2.0

    def claim(self) -> JobRow | None:
        self.look()
        return self.journal.jobs()[0] if self.intake.claim() else None

    def ship(self, job: JobRow | None) -> FileRow:
        assert job is not None
        collect(job, journal=self.journal, catalogue=self.catalogue, still_wanted=lambda: True, last_try=True)
        mask(
            job,
            journal=self.journal,
            spool=self.spool,
            engine=ENGINE,
            check=residual_check(RULES, KEY),
            studies=Studies(ENGINE, self.journal),
            still_wanted=lambda: True,
            last_try=True,
        )
        (file,) = self.journal.files(job.id)
        return file

    def sealed(self, job: JobRow) -> tuple[bytes, Any]:
        """The only member of its bundle, and what the manifest says of it."""
        target = self.spool.bundle(job.id, job.name)
        with Sealer(target) as sealer:
            for file in masked_files(job, self.journal.files(job.id), spool=self.spool):
                sealer.add(file)
            bundle(job, sealer=sealer, journal=self.journal, engine=ENGINE, host="", created_by="test")
        (member,) = read_manifest(target).members
        return members_of(target.read_bytes())[member.name], member


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def lines(first: int, count: int) -> str:
    return "".join(
        f"10:15:{n % 60:02d}.118 Std row {n} said by '+4930901820{n:02d}7' end\n"
        for n in range(first, first + count)
    )


def write(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


@pytest.mark.parametrize("before", [3, 90], ids=["a short beginning", "a long beginning"])
def test_a_segment_that_grows_is_sent_from_where_it_was(place: Place, before: int) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, before))
    first = place.claim()
    assert place.ship(first).state is FileState.MASKED
    taken = path.stat().st_size
    write(path, lines(before, 5))
    second = place.claim()
    file = place.ship(second)
    assert second is not None
    text, member = place.sealed(second)
    assert text.startswith(b"Local time:")
    assert [row for row in range(before + 5) if b"row %d said" % row in text] == list(
        range(before, before + 5)
    )
    assert (member.start, member.header, member.raw_lines) == (taken, len(HEADER), 7)
    assert member.raw_size == file.raw_size == len(HEADER) + path.stat().st_size - taken
    assert b"4930901820" not in text


def test_a_segment_that_grows_while_its_job_waits_is_sent_in_two_ranges(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20) + "10:16:00.118 unfini")
    first = place.claim()
    write(path, "shed\n" + lines(21, 4))
    second = place.claim()
    assert first is not None
    assert second is not None
    assert place.ship(first).state is FileState.MASKED
    assert place.ship(second).state is FileState.MASKED
    earlier, later = place.sealed(first)[0], place.sealed(second)[0]
    assert earlier.endswith(b"10:16:00.118 unfini")
    assert later.count(b"unfinished\n") == 1
    assert b"row 19 said" not in later
    assert b"row 21 said" not in earlier


def test_what_could_not_be_sent_is_sent_with_what_comes_behind(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    first = place.claim()
    assert first is not None
    (file,) = place.journal.files(first.id)
    place.journal.without(file, state=FileState.QUARANTINED, kind="quarantined", reason="No.")
    write(path, lines(20, 5))
    second = place.claim()
    assert place.ship(second).start == 0
    assert second is not None
    assert b"row 0 said" in place.sealed(second)[0]


def test_the_packed_form_of_what_was_sent_in_ranges_is_nothing_new(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    place.ship(place.claim())
    write(path, lines(20, 5))
    place.ship(place.claim())
    (place.logs / "sips_a.log.2.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert place.claim() is None


def test_a_segment_that_is_packed_before_it_is_collected_is_sent_once(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    job = place.claim()
    plain = path.read_bytes()
    (place.logs / "sips_a.log.1.gz").write_bytes(gzip.compress(plain))
    path.unlink()
    place.look()
    file = place.ship(job)
    assert (file.state, file.raw_size) == (FileState.MASKED, len(plain))
    assert place.claim() is None


def test_what_grew_before_it_was_packed_is_not_taken_for_what_was_sent(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    place.ship(place.claim())
    grown = path.read_bytes() + lines(20, 5).encode()
    (place.logs / "sips_a.log.1.gz").write_bytes(gzip.compress(grown))
    path.unlink()
    assert place.ship(place.claim()).state is FileState.MASKED


def zipped(name: str, *contents: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}/{name}", content)
    return sink.getvalue()


@pytest.mark.parametrize("before", [3, 90], ids=["a short beginning", "a long beginning"])
@pytest.mark.parametrize("ending", ["gz", "zip"])
def test_of_a_log_that_grew_and_was_packed_only_what_it_grew_by_is_sent(
    place: Place, before: int, ending: str
) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, before))
    place.ship(place.claim())
    taken = path.stat().st_size
    grown = path.read_bytes() + lines(before, 5).encode()
    packed = gzip.compress(grown) if ending == "gz" else zipped("sips_a.log.1", grown)
    (place.logs / f"sips_a.log.1.{ending}").write_bytes(packed)
    path.unlink()
    job = place.claim()
    file = place.ship(job)
    assert job is not None
    text, member = place.sealed(job)
    assert (file.start, member.start, member.header) == (taken, taken, len(HEADER))
    assert text.startswith(b"Local time:")
    assert [row for row in range(before + 5) if b"row %d said" % row in text] == list(
        range(before, before + 5)
    )
    assert b"4930901820" not in text
    assert member.name.endswith("sips_a.log.1")
    assert place.claim() is None


def test_a_log_that_goes_on_growing_after_its_packed_rest_was_sent_is_sent_on(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    place.ship(place.claim())
    for first in (20, 25):
        content = HEADER + lines(0, first + 5)
        packed = place.logs / f"sips_a.log.{first}.gz"
        packed.write_bytes(gzip.compress(content.encode()))
        path.unlink(missing_ok=True)
        job = place.claim()
        place.ship(job)
        assert job is not None
        text = place.sealed(job)[0]
        assert [row for row in range(first + 5) if b"row %d said" % row in text] == list(
            range(first, first + 5)
        )


def test_an_archive_of_several_files_is_sent_whole(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    place.ship(place.claim())
    grown = path.read_bytes() + lines(20, 5).encode()
    (place.logs / "sips_a.log.1.zip").write_bytes(zipped("sips_a.log", grown, b"another\n"))
    path.unlink()
    file = place.ship(place.claim())
    assert (file.state, file.start) == (FileState.MASKED, 0)


def test_a_damaged_archive_of_what_grew_is_not_cut_but_put_into_quarantine(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 90))
    place.ship(place.claim())
    grown = path.read_bytes() + lines(90, 900).encode()
    (place.logs / "sips_a.log.1.gz").write_bytes(gzip.compress(grown)[:-2000])
    path.unlink()
    file = place.ship(place.claim())
    assert (file.state, file.start) == (FileState.QUARANTINED, 0)


def test_a_new_content_under_the_old_name_is_a_generation_of_its_own(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    place.ship(place.claim())
    path.unlink()
    write(path, HEADER + lines(40, 30))
    file = place.ship(place.claim())
    assert (file.start, file.state) == (0, FileState.MASKED)


def test_jobs_of_an_older_version_keep_their_bundle_and_key(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    old = sqlite3.connect(path)
    import agent.jobs.journal as room

    for step in migrations_in(Path(room.__file__).parent / "migrations")[:2]:
        old.executescript(step.sql)
    old.execute(
        "INSERT INTO jobs (id, case_number, source, via, state, name, created, changed, size, sha256, "
        "manifest_sha256, idempotency_key, place) VALUES ('j', '0003256109', 'all', 'https', 'sending', "
        "'j.zip', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', 7, 'aa', 'bb', 'kk', 1)"
    )
    old.execute(
        "INSERT INTO job_files (job, number, name, path, segment, application, state, raw_size, raw_sha256) "
        "VALUES ('j', 1, 'a.log', '/a.log', 'seg', 'a', 'masked', 9, 'dd')"
    )
    old.execute("PRAGMA user_version = 2")
    old.commit()
    old.close()
    journal = JobJournal(path)
    job, files = journal.job("j"), journal.files("j")
    journal.close()
    assert job is not None
    assert (job.state, job.key, files[0].start, files[0].upto) == (JobState.SENDING, "kk", 0, 9)
    whole = idempotency_key("0003256109", "all", ENGINE.rule_set_sha256, ENGINE.key_id, "seg:dd")
    assert job_key(job, files, engine=ENGINE) == whole
    assert job.created == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_range_that_could_not_be_read_is_sent_with_the_one_that_was_claimed_behind_it(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    first = place.claim()
    write(path, lines(20, 5))
    second = place.claim()
    assert first is not None
    (file,) = place.journal.files(first.id)
    place.journal.release("all", file)
    place.journal.without(file, state=FileState.LEFT_OUT, kind="unreadable", reason="No.")
    assert place.ship(second).start == 0
    assert second is not None
    text = place.sealed(second)[0]
    assert [row for row in range(25) if b"row %d said" % row in text] == list(range(25))


def test_a_range_that_is_collected_twice_begins_at_the_same_place(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20) + "10:16:00.118 unfini")
    place.ship(place.claim())
    write(path, "shed\n" + lines(21, 4))
    second = place.claim()
    assert second is not None
    start = place.ship(second).start
    place.journal.mask_again(second.id, quarantined=False)
    assert place.ship(second).start == start > 0


def test_what_is_tried_again_is_not_sent_twice_when_a_later_job_took_it_up(place: Place) -> None:
    path = place.logs / "sips_a.log.1"
    write(path, HEADER + lines(0, 20))
    first = place.claim()
    assert first is not None
    (file,) = place.journal.files(first.id)
    place.journal.without(file, state=FileState.QUARANTINED, kind="quarantined", reason="No.")
    write(path, lines(20, 5))
    place.ship(place.claim())
    place.journal.mask_again(first.id, quarantined=True)
    again = place.ship(first)
    assert (again.state, again.kind) == (FileState.LEFT_OUT, "duplicate")
