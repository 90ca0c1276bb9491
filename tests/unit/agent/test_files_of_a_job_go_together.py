"""The files of a job are masked by what all of them tell, also after a kill."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.jobs import FileRow, FileState, JobJournal, JobRow, Previews, Spool, Studies
from agent.jobs.collected import SourceMoved
from agent.jobs.masking import mask
from app.agentlink import JobState, PreviewAsk, Via
from app.masking import PseudonymKey, load_rules, open_engine, residual_check
from tests.peers.masked_copies import text_of

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
ENGINE, CHECK = open_engine(RULES, KEY), residual_check(RULES, KEY)
FILES = [
    b"10:15:01.118 then Quorra Musterfrau called\n",
    b"10:15:02.118 and Musterfrau, Quorra again\n",
    b"10:15:02.118 ok\n\t'CustomerName'\t'Quorra Musterfrau'\n",
]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Desk:
    """A job of files that were collected, and what masks them."""

    def __init__(self, folder: Path, files: list[bytes]) -> None:
        folder.mkdir(exist_ok=True)
        self.journal, self.spool = JobJournal(folder / "journal.db"), Spool(folder / "spool")
        self.studies = Studies(ENGINE, self.journal)
        self.job = JobRow(
            id="j", case="0003256109", source="all", via=Via.HTTPS, state=JobState.MASKING, name="j.zip",
            created=NOW, changed=NOW,
        )  # fmt: skip
        self.paths = [folder / f"{number}.log" for number in range(1, len(files) + 1)]
        rows = [
            FileRow(job="j", number=number, name=path.name, path=path, state=FileState.WAITING)
            for number, path in enumerate(self.paths, start=1)
        ]
        self.journal.create(self.job, rows)
        for row, path, data in zip(rows, self.paths, files, strict=True):
            path.write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            self.journal.collected(row, path=path, size=len(data), sha256=digest, modified_ns=0)

    def mask(self, *, most: int = 99) -> None:
        """Mask at most so many files, as a run that is killed then."""

        def still_wanted() -> bool:
            return len(self.copies()) < most

        mask(
            self.job,
            journal=self.journal,
            spool=self.spool,
            engine=ENGINE,
            check=CHECK,
            studies=self.studies,
            still_wanted=still_wanted,
            last_try=False,
        )

    def copies(self) -> list[bytes]:
        rows = self.journal.files("j")
        return [text_of(self.spool, row) for row in rows if row.state is FileState.MASKED]

    def restart(self) -> None:
        self.studies = Studies(ENGINE, self.journal)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, FILES)
    yield made
    made.journal.close()


def test_what_the_last_file_tells_is_masked_in_the_first(desk: Desk) -> None:
    desk.mask()
    assert [b"Musterfrau" in copy for copy in desk.copies()] == [False, False, False]


def test_a_job_that_goes_on_after_a_kill_masks_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    desk.mask(most=1)
    assert len(desk.copies()) == 1
    desk.restart()
    desk.mask()
    whole = Desk(tmp_path / "whole", FILES)
    whole.mask()
    assert desk.copies() == whole.copies()
    whole.journal.close()


def test_nothing_is_masked_while_a_file_that_goes_with_it_has_moved(desk: Desk) -> None:
    desk.paths[2].unlink()
    with pytest.raises(SourceMoved):
        desk.mask()
    assert desk.copies() == []


def test_a_file_that_came_back_is_read_again(desk: Desk) -> None:
    desk.paths[2].write_bytes(b"other\n")
    with pytest.raises(SourceMoved):
        desk.mask()
    desk.paths[2].write_bytes(FILES[2])
    desk.mask()
    assert len(desk.copies()) == 3


def test_a_masked_file_whose_source_is_gone_holds_up_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.mask(most=1)
    desk.restart()
    desk.paths[0].unlink()
    with caplog.at_level(logging.INFO):
        desk.mask()
    assert len(desk.copies()) == 3
    assert "file 1 is gone" in caplog.text


def test_a_file_that_changes_between_study_and_masking_is_collected_again(desk: Desk) -> None:
    desk.studies.of("j")
    desk.paths[0].write_bytes(FILES[0].replace(b"Quorra", b"Maria"))
    with pytest.raises(SourceMoved):
        desk.mask()
    assert desk.copies() == []


def test_the_review_shows_what_was_masked_together(desk: Desk) -> None:
    desk.mask()
    row = desk.journal.files("j")[0]
    shown = Previews(desk.spool, ENGINE, desk.studies).lines(
        row, PreviewAsk(job="j", name=row.name, first=1, limit=10, changed_only=False)
    )
    assert "".join(line.after + "\n" for line in shown).encode() == desk.copies()[0]


def test_a_job_of_one_file_needs_no_study(tmp_path: Path) -> None:
    alone = Desk(tmp_path, FILES[2:])
    alone.mask()
    assert alone.studies.of("j") is None
    assert len(alone.copies()) == 1
    alone.journal.close()
