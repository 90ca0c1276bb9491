"""How much of the spool a job says that it needs, before its files are masked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.jobs.room import own_room, room_for
from agent.jobs.rows import FileRow, FileState, SegmentMark
from agent.watch import Fingerprint

LOG = FileRow("j", 1, "a.log", Path("a.log"), FileState.WAITING, raw_size=100_000_000)
PACKED = replace(LOG, path=Path("a.log.1.GZ"))
INSIDE = SegmentMark("g", 1, 1, Fingerprint(1, 1, "h", "t"), inside=True)


def test_a_log_needs_room_for_its_packed_copy_and_for_its_bundle() -> None:
    assert room_for([LOG]) == 50_100_000


def test_files_of_one_bundle_are_summed_up() -> None:
    assert room_for([LOG, LOG]) == 100_100_000


def test_a_copy_that_lies_there_already_needs_no_room() -> None:
    assert room_for([LOG, LOG], copied=lambda _file: True) == 50_100_000


@pytest.mark.parametrize(
    ("file", "needed"), [(PACKED, 125_100_000), (replace(PACKED, mark=INSIDE), 50_100_000)]
)
def test_the_copy_of_an_archive_is_as_large_as_the_archive_but_not_that_of_text_in_one(
    file: FileRow, needed: int
) -> None:
    assert room_for([file]) == needed


def test_a_copy_that_will_be_made_again_does_not_count_against_itself() -> None:
    assert own_room([LOG], lambda _file: 40_000_000) == 40_000_000


@pytest.mark.parametrize(("lies", "own"), [(70_000_000, 45_000_000), (20_000_000, 0)])
def test_a_copy_that_packed_badly_counts_as_what_it_was_let_in_for(lies: int, own: int) -> None:
    assert own_room([replace(LOG, state=FileState.MASKED)], lambda _file: lies) == own
