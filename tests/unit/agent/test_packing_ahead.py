"""Files are packed while the next one is masked: what comes of the job when something goes wrong."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import pytest

from agent.jobs import ProgressBoard, Spool, Studies, Tools, Workshop, masking, preparing
from agent.jobs.collected import SourceMoved
from agent.jobs.journal import JobJournal
from agent.jobs.masking import mask as real_mask
from agent.jobs.room import room_for
from agent.jobs.rows import FileRow, FileState, JobRow
from app.agentlink import JobState, Via
from app.bundle import Sealer, read_manifest, verify_bundle
from app.domain.errors import LocalError
from app.masking import MaskedFile, PseudonymKey, load_rules, mask_file, open_engine, residual_check
from tests.peers.unpacking import members_of

KEY = PseudonymKey(b"k" * 32)
TEXT = b"2026-11-24T04:20:00.123 call from +4930901820417\n" * 20
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Desk:
    """A workshop without sending, and one job of three collected files that it is to mask."""

    def __init__(
        self, folder: Path, *, name: str = "j.zip", key: PseudonymKey = KEY, text: bytes = TEXT
    ) -> None:
        self.journal, self.spool = JobJournal(folder / "journal.db"), Spool(folder / "spool")
        self.reached = threading.Condition()
        rules = load_rules()
        engine = self.engine = open_engine(rules, key)
        self.workshop = Workshop(
            Tools(
                journal=self.journal,
                catalogue=cast(Any, None),
                spool=self.spool,
                engine=engine,
                check=residual_check(rules, key),
                lens=None,
                previews=cast(Any, None),
                studies=Studies(engine, self.journal),
                sender=cast(Any, SimpleNamespace(progress=ProgressBoard())),
                host="",
                created_by="test",
            ),
            changed=self._changed,
            senders=0,
        )
        job = JobRow(
            id="j", case="0003256109", source="all", via=Via.HTTPS, state=JobState.MASKING, name=name,
            created=NOW, changed=NOW,
        )  # fmt: skip
        paths = [folder / f"{number}.log" for number in (1, 2, 3)]
        rows = [
            FileRow(job="j", number=number, name=path.name, path=path, state=FileState.WAITING)
            for number, path in enumerate(paths, start=1)
        ]
        self.journal.create(job, rows)
        for row, path in zip(rows, paths, strict=True):
            path.write_bytes(text)
            digest, modified = hashlib.sha256(text).hexdigest(), path.stat().st_mtime_ns
            self.journal.collected(row, path=path, size=len(text), sha256=digest, modified_ns=modified)

    @property
    def bundle(self) -> Path:
        return next(path for path in self.spool.job_folder("j").iterdir() if path.name.startswith("j."))

    @property
    def job(self) -> JobRow:
        found = self.journal.job("j")
        assert found is not None
        return found

    def run_until(self, reached: Callable[[], bool]) -> None:
        with self.reached:
            self.workshop.start()
            assert self.reached.wait_for(reached, timeout=120)
        self.workshop.stop()

    def _changed(self, _job: str) -> None:
        with self.reached:
            self.reached.notify_all()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.workshop.stop()
    made.journal.close()


def is_sealed(desk: Desk) -> Callable[[], bool]:
    return lambda: desk.job.state is JobState.SENDING


def with_mask(on_each: Callable[[MaskedFile], None]) -> Any:
    """Masking that does this after each file is given to be packed."""

    def mask(job: JobRow, *, on_masked: Callable[[MaskedFile], None] | None = None, **rest: Any) -> None:
        def then(file: MaskedFile) -> None:
            assert on_masked is not None
            on_masked(file)
            on_each(file)

        real_mask(job, on_masked=then if on_masked else None, **rest)

    return patch.object(preparing, "mask", mask)


def test_the_bundle_is_sealed_when_the_last_file_is_masked(desk: Desk) -> None:
    desk.run_until(is_sealed(desk))
    proven = verify_bundle(desk.bundle)
    assert (desk.job.sha256, desk.job.size) == (proven.sha256, proven.size)
    assert [member.name for member in proven.manifest.members] == ["1.log", "2.log", "3.log"]
    assert b"+4930901820417" not in b"".join(members_of(desk.bundle.read_bytes()).values())


def test_files_that_an_earlier_run_masked_give_the_same_bundle(desk: Desk, tmp_path: Path) -> None:
    def fail(_file: MaskedFile) -> None:
        raise LocalError("No", happened="No.", todo="No.", code="CF-1892")

    with with_mask(fail):
        desk.run_until(lambda: desk.job.state is JobState.WAITING)
    assert any(file.state is FileState.MASKED for file in desk.journal.files("j"))
    assert not list(desk.spool.job_folder("j").glob(".*"))
    desk.journal.move("j", before=(JobState.WAITING,), after=JobState.MASKING)
    again = Workshop(desk.workshop._tools, changed=desk._changed, senders=0)
    desk.workshop = again
    desk.run_until(is_sealed(desk))
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.run_until(is_sealed(other))
    assert desk.bundle.read_bytes() == other.bundle.read_bytes()
    other.journal.close()


def test_a_job_of_logs_that_pack_badly_does_not_wait_for_room_that_its_own_copies_take(
    tmp_path: Path,
) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    draw = random.Random(1)
    lines = ("".join(draw.choices(letters, k=60)) for _line in range(4000))
    desk = Desk(tmp_path, text="\n".join(lines).encode())
    desk.spool.quota = room_for(desk.journal.files("j"))
    masked: list[str] = []

    def fail_at_the_second(file: MaskedFile) -> None:
        masked.append(file.name)
        if len(masked) == 2:
            raise LocalError("No", happened="No.", todo="No.", code="CF-1892")

    with with_mask(fail_at_the_second):
        desk.run_until(lambda: desk.job.state is JobState.WAITING)
    assert desk.spool.used() + room_for([desk.journal.files("j")[2]]) > desk.spool.quota
    desk.journal.move("j", before=(JobState.WAITING,), after=JobState.MASKING)
    desk.workshop = Workshop(desk.workshop._tools, changed=desk._changed, senders=0)
    desk.run_until(lambda: desk.job.state in {JobState.WAITING, JobState.SENDING})
    job = desk.job
    desk.journal.close()
    assert job.problem is None


def test_what_was_masked_with_another_key_is_masked_again(desk: Desk, tmp_path: Path) -> None:
    def fail(_file: MaskedFile) -> None:
        raise LocalError("No", happened="No.", todo="No.", code="CF-1892")

    with with_mask(fail):
        desk.run_until(lambda: desk.job.state is JobState.WAITING)
    assert any(file.state is FileState.MASKED for file in desk.journal.files("j"))
    desk.journal.move("j", before=(JobState.WAITING,), after=JobState.MASKING)
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other", key=PseudonymKey(b"o" * 32))
    changed = replace(desk.workshop._tools, engine=other.engine, check=other.workshop._tools.check)
    studies = Studies(other.engine, desk.journal)
    desk.workshop = Workshop(replace(changed, studies=studies), changed=desk._changed, senders=0)
    desk.run_until(is_sealed(desk))
    other.run_until(is_sealed(other))
    assert read_manifest(desk.bundle).key_id == other.engine.key_id
    assert members_of(desk.bundle.read_bytes()) == members_of(other.bundle.read_bytes())
    (volume,) = desk.journal.volumes.of("j")
    assert volume.masked_by == f"{other.engine.rule_set_sha256} {other.engine.key_id}"
    other.journal.close()


def test_a_copy_that_changes_while_it_is_packed_is_masked_again(desk: Desk) -> None:
    harmed: list[Path] = []
    real = preparing.Sealer.add

    def add(sealer: Sealer, file: MaskedFile) -> None:
        if not harmed:
            harmed.append(file.path)
            file.path.write_bytes(b"+4930901820417\n")
        real(sealer, file)

    with patch.object(preparing.Sealer, "add", add):
        desk.run_until(is_sealed(desk))
    assert harmed
    assert len(read_manifest(desk.bundle).members) == 3
    assert b"+4930901820417" not in b"".join(members_of(desk.bundle.read_bytes()).values())


def test_of_a_copy_that_changes_before_it_is_checked_nothing_stays_and_its_file_waits(desk: Desk) -> None:
    tools = desk.workshop._tools
    real = tools.check.examine

    def examine(file: MaskedFile, **more: Any) -> MaskedFile:
        file.path.write_bytes(b"+4930901820417\n")
        return real(file, **more)

    with patch.object(tools.check, "examine", examine), pytest.raises(SourceMoved):
        real_mask(
            desk.job,
            journal=desk.journal,
            spool=desk.spool,
            engine=tools.engine,
            check=tools.check,
            studies=tools.studies,
            still_wanted=lambda: True,
            last_try=False,
        )
    assert [file.state for file in desk.journal.files("j")] == [FileState.WAITING] * 3
    assert list(desk.spool.job_folder("j").iterdir()) == []


def plain_copies() -> Any:
    """Masking as a version did it that knew no packed copies."""

    def masks_plain(*words: Any, deflate: object, **more: Any) -> MaskedFile:
        assert deflate is not None
        return mask_file(*words, **more)

    return patch.object(masking, "mask_file", masks_plain)


def stopped_by_an_older_version(desk: Desk) -> FileRow:
    """The first file whose copy it left; the job goes on with this version."""

    def fail(_file: MaskedFile) -> None:
        raise LocalError("No", happened="No.", todo="No.", code="CF-1892")

    with plain_copies(), with_mask(fail):
        desk.run_until(lambda: desk.job.state is JobState.WAITING)
    desk.journal.move("j", before=(JobState.WAITING,), after=JobState.MASKING)
    desk.workshop = Workshop(desk.workshop._tools, changed=desk._changed, senders=0)
    return next(file for file in desk.journal.files("j") if file.state is FileState.MASKED)


def test_a_job_goes_on_that_an_older_version_left_with_a_plain_copy(desk: Desk, tmp_path: Path) -> None:
    left = stopped_by_an_older_version(desk)
    assert left.report is not None
    assert left.report.packed is None
    desk.run_until(is_sealed(desk))
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.run_until(is_sealed(other))
    assert desk.bundle.read_bytes() == other.bundle.read_bytes()
    other.journal.close()


def test_a_plain_copy_of_an_older_version_that_was_changed_is_masked_again(desk: Desk) -> None:
    left = stopped_by_an_older_version(desk)
    copy = desk.spool.masked("j", left.number)
    assert left.report is not None
    copy.write_bytes(b"+4930901820417".ljust(left.report.masked_size, b"."))
    desk.run_until(is_sealed(desk))
    assert len(read_manifest(desk.bundle).members) == 3
    assert b"+4930901820417" not in b"".join(members_of(desk.bundle.read_bytes()).values())


def test_a_cancelled_job_leaves_nothing_of_what_was_packed_ahead(desk: Desk) -> None:
    cancelled = threading.Event()

    def cancel(_file: MaskedFile) -> None:
        desk.journal.move("j", before=(JobState.MASKING,), after=JobState.CANCELLED)
        cancelled.set()

    with with_mask(cancel):
        desk.workshop.start()
        assert cancelled.wait(120)
        desk.workshop.stop()
    assert list(desk.spool.job_folder("j").iterdir()) == []
