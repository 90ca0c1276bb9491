"""What happens to segments when their files are appended, renamed, cut, copied, deleted or hidden."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.catalogue import Catalogue, Pass, Segment, SegmentState, open_catalogue
from agent.catalogue.longgone import LongGone
from agent.watch import SeenFile, scan_folder
from app.storage import Database, Durability


class Site:
    """A folder of logs, a catalogue, and a clock that only moves when told."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "logs"
        self.folder.mkdir()
        self.database = root / "catalogue.db"
        self.now = 1000.0
        self.catalogue = self.open()

    def open(self) -> Catalogue:
        return open_catalogue(self.database, quiet=30.0, clock=lambda: self.now)

    def reopen(self) -> None:
        self.catalogue.close()
        self.catalogue = self.open()

    def look(self, *, after: float = 0.0) -> Pass:
        self.now += after
        return self.catalogue.observe(scan_folder(self.folder))

    def write(self, name: str, content: bytes, *, mode: str = "wb") -> Path:
        path = self.folder / name
        with path.open(mode) as stream:
            stream.write(content)
        return path

    def states(self) -> dict[str, str]:
        return {segment.path: segment.state.value for segment in self.catalogue.segments()}

    def settle(self) -> list[Segment]:
        """Look, and look again when all is quiet; what is closed then."""
        self.look()
        self.look(after=31.0)
        return self.catalogue.closed()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.catalogue.close()


def test_a_rotated_segment_is_closed_after_the_quiet_time(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    site.write("mcp.log", b"two\n")
    assert site.look().look_again == pytest.approx(30.0)
    assert [segment.path for segment in site.look(after=30.0).closed] == ["mcp.log.1"]
    assert site.states() == {"mcp.log": "growing", "mcp.log.1": "closed"}


def test_growth_starts_the_quiet_time_anew(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    site.look()
    site.write("mcp.log.1", b"late\n", mode="ab")
    assert site.look(after=29.0).closed == ()
    assert site.look(after=29.0).closed == ()
    assert len(site.look(after=1.0).closed) == 1


def test_the_quiet_time_starts_anew_with_the_agent(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    site.look()
    site.reopen()
    assert site.look(after=1000.0).closed == ()
    assert len(site.look(after=30.0).closed) == 1


def test_a_closed_segment_keeps_its_key_when_it_is_renamed(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    (site.folder / "mcp.log.1").rename(site.folder / "mcp.log.2")
    site.look()
    (after,) = site.catalogue.closed()
    assert (after.key, after.path) == (before.key, "mcp.log.2")


def test_fast_renames_do_not_keep_a_segment_from_being_closed(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    for number in range(1, 4):
        site.look(after=11.0)
        (site.folder / f"mcp.log.{number}").rename(site.folder / f"mcp.log.{number + 1}")
    assert [segment.path for segment in site.look(after=11.0).closed] == ["mcp.log.4"]


def test_a_chain_of_renames_in_one_look_confuses_nobody(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    site.write("mcp.log.2", b"two\n")
    keys = {segment.path: segment.key for segment in site.settle()}
    (site.folder / "mcp.log.2").rename(site.folder / "mcp.log.3")
    (site.folder / "mcp.log.1").rename(site.folder / "mcp.log.2")
    site.write("mcp.log.1", b"three\n")
    closed = {segment.path: segment.key for segment in site.settle()}
    assert closed["mcp.log.3"] == keys["mcp.log.2"]
    assert closed["mcp.log.2"] == keys["mcp.log.1"]
    assert closed["mcp.log.1"] not in keys.values()


def test_copytruncate_gives_the_copy_and_a_new_generation(site: Site) -> None:
    site.write("mcp.log", b"first generation\n")
    site.look()
    shutil.copyfile(site.folder / "mcp.log", site.folder / "mcp.log.1")
    os.truncate(site.folder / "mcp.log", 0)
    site.look()
    site.write("mcp.log", b"2\n", mode="ab")
    closed = site.settle()
    assert [segment.path for segment in closed] == ["mcp.log.1"]
    live = next(segment for segment in site.catalogue.segments() if segment.path == "mcp.log")
    assert live.generation == 2


def test_a_file_cut_and_grown_past_its_old_size_is_a_new_generation(site: Site) -> None:
    site.write("mcp.log", b"old beginning\n")
    site.look()
    site.write("mcp.log", b"new beginning that is longer\n")
    site.look()
    live = [segment for segment in site.catalogue.segments() if segment.path == "mcp.log"]
    assert [segment.generation for segment in live] == [2]


def test_the_same_head_with_another_end_is_another_content(site: Site) -> None:
    head = b"h" * 5000
    site.write("mcp.log.1", head + b"a" * 1000)
    (before,) = site.settle()
    site.write("mcp.log.1", head + b"b" * 2000)
    (after,) = site.settle()
    assert after.generation == 2
    assert after.key != before.key


def test_delete_and_recreate_is_read_again(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    (site.folder / "mcp.log.1").unlink()
    site.write("mcp.log.1", b"other\n")
    (after,) = site.settle()
    assert after.key != before.key


def test_a_deleted_segment_is_gone_and_can_no_longer_be_found(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    (segment,) = site.settle()
    (site.folder / "mcp.log.1").unlink()
    site.look()
    assert site.states() == {}
    assert site.catalogue.by_key(segment.key) is None


def test_a_vanished_folder_makes_its_segments_unknown_and_brings_them_back_as_they_were(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    site.write("mcp.log", b"two\n")
    (before,) = site.settle()
    site.folder.rename(site.folder.with_name("away"))
    site.look()
    assert set(site.states().values()) == {"unknown"}
    assert not site.catalogue.folders([site.folder])[0].readable
    site.folder.with_name("away").rename(site.folder)
    site.look()
    assert site.states() == {"mcp.log": "growing", "mcp.log.1": "closed"}
    assert [segment.key for segment in site.catalogue.closed()] == [before.key]


def test_an_empty_mount_in_the_folders_place_loses_nothing(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    site.folder.rename(site.folder.with_name("away"))
    site.folder.mkdir()
    site.look()
    site.folder.rmdir()
    site.folder.with_name("away").rename(site.folder)
    assert [segment.key for segment in site.settle()] == [before.key]


def test_a_closed_segment_that_grows_is_open_again(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    site.write("mcp.log.1", b"more\n", mode="ab")
    site.look()
    assert site.states() == {"mcp.log.1": "growing"}
    assert site.catalogue.by_key(before.key) is None
    assert [segment.key for segment in site.settle()] != [before.key]


def test_touching_a_closed_segment_changes_nothing(site: Site) -> None:
    path = site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    os.utime(path, (1, 1))
    site.look()
    assert [segment.key for segment in site.catalogue.closed()] == [before.key]


def test_other_file_ids_under_the_same_path_and_content_are_the_same_segment(site: Site) -> None:
    # a network share that gives out new file ids after a remount
    path = site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)
    site.look()
    assert [segment.key for segment in site.catalogue.closed()] == [before.key]


def test_a_reused_file_id_is_a_new_segment(site: Site) -> None:
    path = site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    with path.open("r+b") as stream:  # the same file id, all new content, not smaller
        stream.write(b"uno, due, tre\n")
    (after,) = site.settle()
    assert after.key != before.key


def test_two_empty_files_are_two_segments(site: Site) -> None:
    site.write("a.log", b"")
    site.write("b.log", b"")
    site.look()
    assert len(site.catalogue.segments()) == 2


def test_a_lost_catalogue_gives_the_same_keys_again(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    (before,) = site.settle()
    site.catalogue.close()
    for path in site.database.parent.glob("catalogue.db*"):
        path.unlink()
    site.catalogue = site.open()
    assert [segment.key for segment in site.settle()] == [before.key]


def test_figures_of_a_folder(site: Site) -> None:
    site.write("mcp.log.1", b"one\n")
    site.write("mcp.log", b"two\n")
    site.settle()
    (summary,) = site.catalogue.folders([site.folder])
    assert (summary.segments, summary.growing, summary.readable) == (2, 1, True)


def test_the_application_comes_from_the_name(site: Site) -> None:
    site.write("sips_a-001.20230609_101502_118.log", b"x\n")
    site.look()
    assert [segment.application for segment in site.catalogue.segments()] == ["sips_a"]


@pytest.mark.root
@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="needs root")
def test_an_unreadable_file_is_said_and_closed_only_once_it_can_be_read(site: Site) -> None:
    path = site.write("mcp.log.1", b"one\n")
    path.chmod(0)
    for folder in (site.folder, *site.folder.parents):
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    site.catalogue.segments()  # the database is open before rights are given up
    os.seteuid(65534)
    try:
        site.look()
        site.look(after=31.0)
    finally:
        os.seteuid(0)
    assert site.catalogue.closed() == []
    assert "1 file in it cannot be read" in site.catalogue.folders([site.folder])[0].problem
    path.chmod(0o644)
    assert [segment.path for segment in site.settle()] == ["mcp.log.1"]


def test_states_are_the_words_of_the_catalogue() -> None:
    assert {state.value for state in SegmentState} == {"growing", "closed", "unknown", "gone"}


def partly(site: Site, *directories: str, files: Sequence[SeenFile] | None = None) -> Pass:
    """A pass over some directories only."""
    scan = scan_folder(site.folder)
    looked = frozenset(directories)
    seen = scan.files if files is None else tuple(files)
    seen = tuple(file for file in seen if file.path.rpartition("/")[0] in looked)
    return site.catalogue.observe(replace(scan, files=seen, looked=looked))


def two_directories(site: Site) -> None:
    for name in ("sip/a.log", "urs/b.log"):
        (site.folder / name).parent.mkdir()
        site.write(name, name.encode())
    site.look()


def test_a_pass_over_some_directories_says_nothing_of_the_others(site: Site) -> None:
    two_directories(site)
    (site.folder / "sip" / "a.log").unlink()
    (site.folder / "urs" / "b.log").unlink()
    partly(site, "sip")
    assert site.states() == {"urs/b.log": "growing"}


def test_a_segment_that_moved_to_another_directory_is_the_same_one_in_a_partial_pass(site: Site) -> None:
    two_directories(site)
    (before,) = (segment for segment in site.catalogue.segments() if segment.path == "sip/a.log")
    (site.folder / "sip" / "a.log").rename(site.folder / "urs" / "a.log.1")
    partly(site, "urs")
    (after,) = (segment for segment in site.catalogue.segments() if segment.path == "urs/a.log.1")
    assert after.id == before.id


def test_a_file_id_that_is_used_again_in_another_directory_changes_nothing_where_nobody_looked(
    site: Site,
) -> None:
    two_directories(site)
    known = {file.path: file for file in scan_folder(site.folder).files}
    stolen = replace(known["urs/b.log"], inode=known["sip/a.log"].inode, modified_ns=5)
    partly(site, "urs", files=[stolen])
    assert site.states()["sip/a.log"] == "growing"


def test_a_file_that_cannot_be_read_is_told_until_its_own_directory_is_looked_at(site: Site) -> None:
    two_directories(site)
    gone = replace(scan_folder(site.folder).files[0], path="sip/c.log", inode=1)
    (site.folder / "sip" / "c.log").symlink_to("a.log")
    partly(site, "sip", files=[gone])
    partly(site, "urs")
    (summary,) = site.catalogue.folders([site.folder])
    assert "cannot be read" in summary.problem
    partly(site, "sip")
    (summary,) = site.catalogue.folders([site.folder])
    assert summary.problem == ""


def test_the_directories_of_a_folder_are_those_with_segments(site: Site) -> None:
    two_directories(site)
    assert sorted(site.catalogue.directories(site.folder)) == ["sip", "urs"]


class Counting(Database):
    """Counts the rows that are read of it, by queries and in transactions."""

    read = 0

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        found = super().rows(sql, parameters)
        self.read += len(found)
        return found

    @contextmanager
    def transaction(self, *, waits: bool = True) -> Iterator[sqlite3.Connection]:
        def count(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> sqlite3.Row:
            self.read += 1
            return sqlite3.Row(cursor, row)

        with super().transaction(waits=waits) as connection:
            connection.row_factory = count
            yield connection


@pytest.mark.parametrize("directories", [2, 60])
def test_a_pass_reads_as_few_rows_however_many_segments_grow_in_other_directories(
    site: Site, directories: int
) -> None:
    for number in range(directories):
        (site.folder / f"d{number}").mkdir()
        site.write(f"d{number}/a.log", b"%d" % number)
    site.look()
    database = Counting(site.database, durability=Durability.NORMAL)
    catalogue = Catalogue(database, quiet=30.0, clock=lambda: site.now, wall=lambda: datetime.now(UTC))
    try:
        site.write("d0/a.log", b"more", mode="ab")
        scan = scan_folder(site.folder)
        files = tuple(file for file in scan.files if file.path == "d0/a.log")
        seen = catalogue.observe(replace(scan, files=files, looked=frozenset({"d0"})))
    finally:
        catalogue.close()
    assert seen.changed
    assert database.read == 4  # the folder; the segment: in its directory, by its file id, and to close it


def test_a_segment_that_went_a_month_ago_is_forgotten_by_a_running_agent(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_bytes(b"x")
    seconds = [0.0]

    def wall() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds[0])

    catalogue = open_catalogue(tmp_path / "c.db", quiet=30.0, clock=lambda: seconds[0], wall=wall)
    try:
        catalogue.observe(scan_folder(tmp_path / "logs"))
        (tmp_path / "logs" / "b.log").write_bytes(b"y")
        catalogue.observe(scan_folder(tmp_path / "logs"))
        (tmp_path / "logs" / "a.log").unlink()
        found = []
        for day in (1, 30, 32):
            seconds[0] = day * 86_400.0
            catalogue.observe(scan_folder(tmp_path / "logs"))
            found.append(len(catalogue.of_ids([1])))
    finally:
        catalogue.close()
    assert found == [1, 1, 0]


def test_what_went_is_looked_for_once_an_hour_and_in_every_folder(tmp_path: Path) -> None:
    catalogue = open_catalogue(tmp_path / "c.db", quiet=30.0)
    wall = datetime(2026, 1, 1, tzinfo=UTC)
    long_gone = LongGone()
    asked: list[str] = []
    try:
        with catalogue.database.transaction() as connection:
            connection.set_trace_callback(asked.append)
            for now in (0.0, 10.0, 3599.0, 3600.0):
                for folder in (1, 2):
                    long_gone.forget(connection, folder, now=now, wall=wall)
            connection.set_trace_callback(None)
    finally:
        catalogue.close()
    assert len(asked) == 4
