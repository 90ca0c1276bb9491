"""A reader that is behind: what still lies on the disk is read once, and what does not is said."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.watch.fingerprint import HEAD, TAIL, continues, fingerprint_of, longest_beginning
from tests.peers.following_reader import FollowingReader
from tests.peers.rotating_site import RotatingSite, own_lines

NOTHING_WRONG: tuple[list[str], list[str], list[str]] = ([], [], [])


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[FollowingReader]:
    folder = tmp_path / "logs"
    folder.mkdir()
    reader = FollowingReader(folder)
    yield reader
    reader.kill()


@pytest.fixture
def site(reader: FollowingReader) -> RotatingSite:
    return RotatingSite(reader.folder, pause=reader.settle, kill=reader.kill, start=reader.start)


def half_read(site: RotatingSite) -> None:
    """The live log was read to a place in its middle."""
    site.write(count=60)
    site.pause()
    site.write(count=40)


def long_after(reader: FollowingReader) -> None:
    """So late that what has not been found by now will not be."""
    for _ in range(3):
        reader.look(after=25)


@pytest.mark.parametrize("killed", [False, True], ids=["awake", "killed"])
@pytest.mark.parametrize("packed", [0, 1, 2], ids=["plain", "first packed", "second packed"])
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("way", ["copytruncate", "shift"])
def test_rotations_that_nobody_looked_at_are_read_from_where_it_was(
    site: RotatingSite, reader: FollowingReader, way: str, times: int, packed: int, killed: bool
) -> None:
    half_read(site)
    for _ in range(times):
        getattr(site, way)()
        site.write(count=20)
    if 0 < packed <= times:
        site.pack(f"a.log.{packed}")
    if killed:
        site.restart()
    site.pause()
    long_after(reader)
    assert site.verdict(reader.lines()) == NOTHING_WRONG
    assert len(reader.contents()) == times + 1
    assert reader.lost == []


@pytest.mark.parametrize("killed", [False, True], ids=["awake", "killed"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_copy_that_is_seen_half_made_and_cut_before_it_is_opened_is_read_once(
    site: RotatingSite, reader: FollowingReader, part: float, killed: bool
) -> None:
    half_read(site)
    whole = site.path().read_bytes()
    copy = site.path("a.log.1")
    copy.write_bytes(whole[: int(part * len(whole))])

    def finish() -> None:
        copy.write_bytes(whole)
        site.cut(kept=True)
        site.write(count=30)

    reader.look(between=finish)
    if killed:
        site.restart()
    site.pause()
    assert site.verdict(reader.lines()) == NOTHING_WRONG


@pytest.mark.parametrize("killed", [False, True], ids=["awake", "killed"])
def test_a_copy_that_stands_still_half_made_and_is_rotated_twice_is_read_once(
    site: RotatingSite, reader: FollowingReader, killed: bool
) -> None:
    half_read(site)
    whole = site.path().read_bytes()
    site.path("a.log.1").write_bytes(whole[: len(whole) // 2])
    site.pause()
    site.path("a.log.1").write_bytes(whole)
    site.cut(kept=True)
    site.write(count=30)
    site.copytruncate()
    site.write(count=10)
    site.copytruncate()
    if killed:
        site.restart()
    site.pause()
    assert site.verdict(reader.lines()) == NOTHING_WRONG


def test_two_rotations_between_listing_and_opening_lose_nothing(
    site: RotatingSite, reader: FollowingReader
) -> None:
    half_read(site)
    site.copytruncate()
    site.write(count=30)

    def twice() -> None:
        for _ in range(2):
            site.copytruncate()
            site.write(count=10)

    for _ in range(3):
        reader.look(after=1.5, between=twice)
    site.pause()
    assert site.verdict(reader.lines()) == NOTHING_WRONG


@pytest.mark.parametrize("killed", [False, True], ids=["awake", "killed"])
def test_a_copy_that_was_deleted_before_it_was_read_is_said_to_be_lost(
    site: RotatingSite, reader: FollowingReader, killed: bool
) -> None:
    site.write(count=60)
    site.pause()
    read = reader.lines()
    site.write(count=40)
    for _ in range(2):
        site.copytruncate(keep=1)
        site.path("a.log.2").unlink(missing_ok=True)
        site.write(count=20)
    reader.look()
    if killed:
        site.restart()
    long_after(reader)
    (before,) = reader.lost
    assert own_lines(before) == read


@pytest.mark.parametrize("killed", [False, True], ids=["awake", "killed"])
def test_whole_logs_that_came_and_went_unseen_are_said_to_be_lost_behind_the_newest_that_was_read(
    site: RotatingSite, reader: FollowingReader, killed: bool
) -> None:
    site.write(count=60)
    site.pause()
    site.copytruncate()
    site.pause()
    read = reader.lines()
    site.path("a.log.1").unlink()
    for _ in range(3):
        site.write(count=20)
        site.cut()
    site.write(count=20)
    reader.look()
    if killed:
        site.restart()
    long_after(reader)
    (before,) = reader.lost
    assert own_lines(before) == read


def test_what_was_said_to_be_lost_is_read_when_it_comes_back(
    site: RotatingSite, reader: FollowingReader
) -> None:
    half_read(site)
    site.copytruncate()
    away = site.path("a.log.1").rename(site.folder.with_name("away"))
    site.write(count=5)
    long_after(reader)
    assert reader.lost
    away.rename(site.path("a.log.1"))
    site.pause()
    assert site.verdict(reader.lines()) == NOTHING_WRONG
    assert reader.lost == []


def test_deleting_what_was_read_to_its_end_loses_nothing(site: RotatingSite, reader: FollowingReader) -> None:
    for _ in range(4):
        site.write(count=20)
        site.pause()
        site.shift(keep=1)
        site.path("a.log.2").unlink(missing_ok=True)
        site.write(count=20)
        site.pause()
    site.path("a.log.1").unlink()
    site.restart()
    long_after(reader)
    assert site.verdict(reader.lines()) == NOTHING_WRONG
    assert reader.lost == []


def test_logs_with_stamps_may_be_deleted_once_a_later_one_was_read(
    site: RotatingSite, reader: FollowingReader
) -> None:
    for day in range(1, 5):
        site.write(f"a.2023060{day}.log", 20)
        site.pause()
    site.restart(lambda: [site.path(f"a.2023060{day}.log").unlink() for day in (1, 2)] and None)
    long_after(reader)
    assert reader.lost == []


class Counting(io.BytesIO):
    """Counts what is read of it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.count += len(found)
        return found


def test_a_packed_log_is_not_unpacked_for_logs_with_other_heads() -> None:
    stream = Counting(b"mine\n" * 10_000)
    others = [fingerprint_of(io.BytesIO(b"%d\n" % number * 10_000), size=15_000) for number in range(10, 99)]
    assert longest_beginning(stream, others) is None
    assert stream.count <= HEAD


def test_a_packed_log_is_unpacked_once_for_many_with_its_head() -> None:
    content = b"".join(b"line %d\n" % number for number in range(10_000))
    known = [fingerprint_of(io.BytesIO(content), size=size) for size in range(5_000, 90_000, 1_000)]
    stream = Counting(content)
    assert longest_beginning(stream, known) == known[-1]
    assert stream.count <= HEAD + TAIL * len(known)


@given(
    st.binary(min_size=1, max_size=3).map(lambda seed: seed * 3000),
    st.lists(st.integers(0, 9000), max_size=6),
    st.integers(0, 9000),
)
def test_the_longest_beginning_is_the_longest_of_those_that_the_file_continues(
    content: bytes, sizes: list[int], other: int
) -> None:
    foreign = content[:other] + b"?" + content[other:]
    known = [
        fingerprint_of(io.BytesIO(source), size=min(size, len(source)))
        for size in sizes
        for source in (content, foreign)
    ]
    stream = io.BytesIO(content)
    fits = [one for one in known if continues(stream, one)]
    assert longest_beginning(stream, known) == max(fits, key=lambda one: one.size, default=None)
