"""Every row of the rotation matrix, read while it happens: nothing lost, nothing twice."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.watch import following
from agent.watch.fingerprint import fingerprint_of, grown, read_before
from tests.peers.following_reader import FollowingReader
from tests.peers.rotating_site import RotatingSite
from tests.peers.rotation_rows import ROWS


def site_and_reader(folder: Path) -> tuple[RotatingSite, FollowingReader]:
    folder.mkdir(exist_ok=True)
    reader = FollowingReader(folder)
    site = RotatingSite(folder, pause=reader.settle, kill=reader.kill, start=reader.start)
    return site, reader


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, row: Callable[[RotatingSite], None]) -> None:
    site, reader = site_and_reader(tmp_path / "logs")
    row(site)
    site.pause()
    for _ in range(2):
        reader.look(after=25)
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])
    assert site.must
    # of a log that is cut without a copy, nobody can tell what was written behind the last look
    assert not reader.lost or any(word in row.__name__ for word in ("cut", "copytruncate_out_of"))


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_a_kill_before_or_after_any_commit_loses_nothing(
    tmp_path: Path, row: Callable[[RotatingSite], None]
) -> None:
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        reader = FollowingReader(folder)
        site = RotatingSite(
            folder,
            pause=lambda reader=reader: reader.surviving(reader.settle),  # type: ignore[misc]
            kill=reader.kill,
            start=reader.start,
        )
        if number % 2:
            reader.kill_before = number
        else:
            reader.kill_after = number
        row(site)
        site.pause()
        reader.kill()
        assert site.verdict(reader.lines())[1:] == ([], [])
        if row.__name__ != "rename_out_of_the_pattern":  # a killed reader has no handle of what is gone
            assert site.verdict(reader.lines())[0] == []


def test_a_rotation_between_listing_and_opening_misleads_nobody(tmp_path: Path) -> None:
    site, reader = site_and_reader(tmp_path / "logs")
    site.write(count=100)
    site.pause()
    site.restart()  # no file is open any more

    def rotate() -> None:
        site.shift()
        site.write(count=3)

    reader.look(between=rotate)
    site.pause()
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])


def test_a_file_id_that_is_used_again_for_a_packed_form_is_not_taken_for_an_empty_log(tmp_path: Path) -> None:
    site, reader = site_and_reader(tmp_path / "logs")
    site.write()
    site.pause()
    reader.look(between=site.copytruncate)
    reader.look(after=0.01, between=lambda: site.delete("a.log"))
    reader.look(after=0.01, between=lambda: site.pack("a.log.1"))
    site.pause()
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])


def test_a_copy_that_is_empty_for_long_is_no_log_of_its_own(tmp_path: Path) -> None:
    site, reader = site_and_reader(tmp_path / "logs")
    site.write()
    site.pause()
    site.path("a.log.1").touch()
    site.pause()
    site.path("a.log.1").write_bytes(site.path().read_bytes())
    site.cut(kept=True)
    site.pause()
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])


def test_a_copy_that_is_shorter_than_what_was_read_is_not_judged_at_a_glance(tmp_path: Path) -> None:
    """As on a share that tells sizes late: the source is cut already, and the copy does not look whole."""
    site, reader = site_and_reader(tmp_path / "logs")
    site.write(count=100)
    site.pause()
    whole = site.path().read_bytes()
    site.path("a.log.1").write_bytes(whole[:2000])
    site.cut(kept=True)
    site.write(count=3)
    reader.look(after=0.01)
    site.path("a.log.1").write_bytes(whole)
    site.pause()
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])


def test_a_half_written_packed_file_is_read_when_it_is_whole(tmp_path: Path) -> None:
    site, reader = site_and_reader(tmp_path / "logs")
    site.write(count=100)
    site.pause()
    site.shift()
    site.write("a.log.1", 5)
    whole = gzip.compress(site.path("a.log.1").read_bytes())
    site.path("a.log.1.gz").write_bytes(whole[: len(whole) // 2])
    site.pause()
    site.path("a.log.1.gz").write_bytes(whole)
    site.delete("a.log.1", kept=True)
    site.pause()
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])


@pytest.mark.parametrize(
    "row", ["rename", "copytruncate", "copytruncate_seen_half_way", "pack_after_rename", "late_lines"]
)
def test_rows_that_need_no_open_handle_hold_without_any(
    tmp_path: Path, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_HELD", 0)
    site, reader = site_and_reader(tmp_path / "logs")
    ROWS[row](site)
    site.pause()
    reader.kill()
    assert site.verdict(reader.lines()) == ([], [], [])


@given(st.binary(max_size=9000), st.binary(min_size=1, max_size=9000), st.integers(0, 8999))
def test_a_fingerprint_grows_as_if_it_was_taken_anew_and_only_over_its_own_bytes(
    known: bytes, more: bytes, place: int
) -> None:
    before = fingerprint_of(io.BytesIO(known), size=len(known))
    start = read_before(before)
    anew = fingerprint_of(io.BytesIO(known + more), size=len(known + more))
    assert grown(before, known[start:], more) == anew
    if known[start:]:
        other = bytearray(known[start:])
        other[-1 - place % min(len(other), 512)] ^= 1
        assert grown(before, bytes(other), more) is None


SITE = ["write", "rename", "copytruncate", "cut", "delete", "pack"]
ACTS = st.sampled_from([*SITE, "kill", "look", "glance", *(f"{act} behind a look" for act in SITE)])


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTS, min_size=3, max_size=25))
def test_any_schedule_of_a_site_loses_nothing_and_doubles_nothing(acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "logs"
        site, reader = site_and_reader(folder)
        for act in acts:
            _do(act, site, reader)
        site.pause()
        reader.kill()
        assert site.verdict(reader.lines()) == ([], [], [])


def _do(act: str, site: RotatingSite, reader: FollowingReader) -> None:
    there = site.path().exists()
    if act.endswith(" behind a look"):
        reader.look(after=0.01, between=lambda: _do(act.removesuffix(" behind a look"), site, reader))
    elif act == "write":
        site.write(count=7)
    elif act == "look":
        site.pause()
    elif act == "glance":
        reader.look(after=0.01)  # too soon to judge anything: it must not be misled
    elif act == "kill":
        site.restart()
    elif act == "rename" and there:
        site.shift()
    elif act == "copytruncate" and there:
        site.copytruncate()
    elif act == "cut" and there:
        site.cut()
    elif act == "delete" and there:
        site.delete("a.log")
    elif act == "pack" and site.path("a.log.1").exists() and not site.path("a.log.1.gz").exists():
        site.pack("a.log.1")
