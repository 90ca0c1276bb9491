"""Bodies on their way to the disk, and the one who may write."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.intake import Intake
from app.sandbox.uploads.append import Appended, BodyCut, BodyWriter, Ending, room_of
from app.sandbox.uploads.checkpoints import Checkpoints
from app.sandbox.uploads.headers import Checksum
from app.sandbox.uploads.leases import Lease, Leases, UploadLocked
from app.sandbox.uploads.problems import ending_problem
from app.sandbox.uploads.relay import LARGE, SMALL
from app.sandbox.uploads.spool import Appender, RunningDigest, Spool, digest_file
from app.storage import PAGE

MIB = 1 << 20


class FullDisk(Appender):
    """A disk that has room for so many bytes, and says why by this number."""

    def __init__(self, path: Path, *, room: int, number: int = errno.ENOSPC) -> None:
        super().__init__(path, start=0, digest=None)
        self._room, self._number = room, number

    def write(self, *blocks: bytes | bytearray | memoryview) -> None:
        for block in blocks:
            self._write(block)

    def _write(self, block: bytes | bytearray | memoryview) -> None:
        fits = memoryview(block)[: self._room - self.position]
        super().write(fits)
        if len(fits) < len(block):
            raise OSError(self._number, "it refuses")


async def pieces(*parts: bytes, cut: bool = False) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if cut:
        raise BodyCut


def append(
    appender: Appender,
    body: AsyncIterator[bytes],
    *,
    limit: int | None = None,
    checksum: Checksum | None = None,
    checkpoints: list[int] | None = None,
) -> Appended:
    async def whole() -> Appended:
        with ThreadPoolExecutor(2) as pool:
            recorded = checkpoints if checkpoints is not None else []
            made = Checkpoints(appender, recorded.append, every=2 * MIB, threads=pool)
            writer = BodyWriter(appender, limit=limit, checksum=checksum, checkpoints=made, pool=pool)
            pump = asyncio.create_task(writer.pump(body, heard=lambda: None))
            await asyncio.wait({pump})
            return await writer.end(pump, taken_over=False, record=lambda appended: appended)

    return asyncio.run(whole())


def test_a_whole_body_is_on_the_disk_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "u"
    appender = Appender(path, start=0, digest=None)
    done = append(appender, pieces(b"a" * MIB, b"b" * 10))
    assert done == Appended(received=MIB + 10, ending=Ending.WHOLE)
    assert path.read_bytes() == b"a" * MIB + b"b" * 10
    assert appender.digest is not None
    assert appender.digest.state.hexdigest() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_connection_that_no_thread_can_read_is_given_back(tmp_path: Path) -> None:
    class Lent:
        lent = False

        def begin(self, _heard: object) -> bool:
            self.lent = True
            return True

        def give_back(self) -> None:
            self.lent = False

    async def body() -> None:
        with ThreadPoolExecutor(1) as pool:
            made = Checkpoints(appender, lambda _bytes: None, every=2 * MIB, threads=pool)
            writer = BodyWriter(appender, limit=None, checksum=None, checkpoints=made, pool=pool)
            stopped = ThreadPoolExecutor(1)
            stopped.shutdown()
            with pytest.raises(RuntimeError):
                await writer.read(pieces(), cast(Intake, intake), heard=lambda: None, threads=stopped)

    intake, appender = Lent(), Appender(tmp_path / "u", start=0, digest=None)
    asyncio.run(body())
    appender.close()
    assert not intake.lent


def test_a_cut_body_keeps_what_arrived(tmp_path: Path) -> None:
    done = append(Appender(tmp_path / "u", start=0, digest=None), pieces(b"a" * 100, cut=True))
    assert done == Appended(received=100, ending=Ending.CUT)


def test_a_full_disk_keeps_what_fitted_and_says_so(tmp_path: Path) -> None:
    done = append(FullDisk(tmp_path / "u", room=3 * MIB + 5), pieces(*[b"a" * MIB] * 5))
    assert done == Appended(received=3 * MIB + 5, ending=Ending.DISK_FULL)
    assert (tmp_path / "u").stat().st_size == 3 * MIB + 5


def test_a_disk_that_takes_no_file_so_large_keeps_what_fitted_and_is_none_that_is_full(
    tmp_path: Path,
) -> None:
    disk = FullDisk(tmp_path / "u", room=MIB, number=errno.EFBIG)
    done = append(disk, pieces(b"a" * MIB, b"b" * MIB))
    assert done == Appended(received=MIB, ending=Ending.NEVER_SO_LARGE)
    problem = ending_problem(done.ending, stopping=False)
    assert problem is not None
    # Without Retry-After: no sender waits for it.
    assert (problem.status, problem.headers) == (413, {})


def test_a_digest_that_is_behind_or_ahead_of_the_file_does_not_count(tmp_path: Path) -> None:
    appender = Appender(tmp_path / "u", start=0, digest=None)
    appender.hash(b"a" * 10)
    ahead = appender.digest
    appender.write(b"a" * 10)
    level = appender.digest
    appender.write(b"b" * 10)
    behind = appender.digest
    appender.close()
    assert (ahead, behind) == (None, None)
    assert level is not None
    assert level.state.hexdigest() == hashlib.sha256(b"a" * 10).hexdigest()


def test_a_block_that_the_disk_did_not_take_leaves_no_digest_that_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    appender = Appender(tmp_path / "u", start=0, digest=None)
    for block in (b"a" * MIB, b"b" * MIB):
        appender.hash(block)
    appender.write(b"a" * MIB)
    for call in ("pwritev", "writev", "write"):
        monkeypatch.setattr(os, call, full, raising=False)
    with pytest.raises(OSError, match="No space"):
        appender.write(b"b" * MIB)
    appender.close()
    assert (appender.position, appender.digest) == (MIB, None)


def test_what_nobody_asks_the_digest_of_is_not_hashed(tmp_path: Path) -> None:
    appender = Appender(tmp_path / "u", start=0, digest=None, hashed=False)
    done = append(appender, pieces(b"a" * 100))
    assert (done.received, appender.hashes, appender.digest) == (100, False, None)


def test_the_offset_is_made_durable_on_the_way(tmp_path: Path) -> None:
    checkpoints: list[int] = []
    append(Appender(tmp_path / "u", start=0, digest=None), pieces(*[b"a" * MIB] * 5), checkpoints=checkpoints)
    assert checkpoints == [2 * MIB, 4 * MIB]


class SlowDisk(Appender):
    """Makes nothing durable until it may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, start=0, digest=None)
        self.may = threading.Event()

    def sync(self) -> int:
        assert self.may.wait(120)
        return super().sync()


def test_bytes_are_written_while_an_offset_is_made_durable(tmp_path: Path) -> None:
    recorded: list[int] = []
    disk = SlowDisk(tmp_path / "u")
    with ThreadPoolExecutor(1) as threads:
        checkpoints = Checkpoints(disk, recorded.append, every=10, threads=threads)
        for _ in range(2):
            disk.write(b"a" * 9)
            checkpoints.reach()
        assert (checkpoints.certain, disk.position) == (0, 18)
        disk.may.set()
        disk.write(b"a" * 12)
        checkpoints.reach()
        assert recorded[0] == 18, "the next begins once the one before is made"
        checkpoints.settle()
    disk.close()
    assert (recorded, checkpoints.certain) == ([18, 30], 30)


class LosingDisk(Appender):
    """Loses bytes behind its first megabytes, and says so once, as systems do."""

    syncs = 0

    def sync(self) -> int:
        self.syncs += 1
        if self.syncs == 2:
            raise OSError(errno.EIO, "Input/output error")
        return super().sync()


def test_bytes_that_the_disk_lost_on_the_way_do_not_count_later(tmp_path: Path) -> None:
    done = append(LosingDisk(tmp_path / "u", start=0, digest=None), pieces(*[b"a" * MIB] * 5))
    assert done == Appended(received=2 * MIB, ending=Ending.DISK_FAILED)


class Hanging:
    """A client that sends some bytes on a borrowed connection, and then nothing."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.interrupted = threading.Event()
        self.begun, self.given_back = 0, 0
        self.left = len(content) + 1
        self.whole = False

    def begin(self, _heard: object) -> bool:
        self.begun += 1
        return True

    def readinto(self, block: memoryview, *, at_once: int) -> int:
        assert at_once
        count = min(len(block), len(self._content))
        block[:count], self._content = self._content[:count], self._content[count:]
        if count < len(block):
            assert self.interrupted.wait(120)
        return count

    def interrupt(self) -> None:
        self.interrupted.set()

    def give_back(self) -> None:
        self.given_back += 1


class StandingDisk(Appender):
    """Writes nothing until it may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, start=0, digest=None)
        self.asked, self.may = threading.Event(), threading.Event()

    def write(self, *blocks: bytes | bytearray | memoryview) -> None:
        self.asked.set()
        assert self.may.wait(120)
        super().write(*blocks)


def test_a_body_that_is_interrupted_again_and_again_is_stored_before_its_file_is_closed(
    tmp_path: Path,
) -> None:
    content = os.urandom(3 * MIB)
    disk, client = StandingDisk(tmp_path / "u"), Hanging(content)

    async def scene() -> Appended:
        with ThreadPoolExecutor(4) as pool:
            made = Checkpoints(disk, lambda _position: None, every=MIB, threads=pool)
            writer = BodyWriter(disk, limit=None, checksum=None, checkpoints=made, pool=pool)
            reading = writer.read(pieces(), cast(Any, client), heard=lambda: None, threads=pool)
            pump = asyncio.create_task(reading)
            await asyncio.to_thread(disk.asked.wait, 120)
            for _ in range(3):
                pump.cancel()
                await asyncio.wait({pump}, timeout=0)
            assert not pump.done(), "the threads still have the file"
            assert client.given_back == 0
            disk.may.set()
            await asyncio.wait({pump})
            return await writer.end(pump, taken_over=True, record=lambda appended: appended)

    assert asyncio.run(scene()) == Appended(received=len(content), ending=Ending.TAKEN_OVER)
    assert (tmp_path / "u").read_bytes() == content
    assert (client.interrupted.is_set(), client.given_back) == (True, 1)


def test_a_body_that_is_given_up_before_it_is_read_borrows_no_connection(tmp_path: Path) -> None:
    disk, client = Appender(tmp_path / "u", start=0, digest=None), Hanging(b"")

    async def scene() -> None:
        with ThreadPoolExecutor(1) as pool:
            made = Checkpoints(disk, lambda _position: None, every=MIB, threads=pool)
            writer = BodyWriter(disk, limit=None, checksum=None, checkpoints=made, pool=pool)
            reading = writer.read(pieces(), cast(Any, client), heard=lambda: None, threads=pool)
            pump = asyncio.create_task(reading)
            pump.cancel()
            await asyncio.wait({pump})

    asyncio.run(scene())
    disk.close()
    assert client.begun == client.given_back


def test_who_writes_to_a_closed_file_writes_into_no_other_one(tmp_path: Path) -> None:
    appender = Appender(tmp_path / "u", start=0, digest=None)
    appender.close()
    # The other one has the number that was free.
    with (tmp_path / "other").open("wb"), pytest.raises(OSError, match="descriptor"):
        appender.write(b"a" * 10)
    assert (tmp_path / "other").read_bytes() == b""


@pytest.mark.parametrize("cut", [True, False])
def test_bytes_that_fail_their_checksum_are_gone(tmp_path: Path, cut: bool) -> None:
    path = tmp_path / "u"
    path.write_bytes(b"before")
    digest = RunningDigest(position=6, state=hashlib.sha256(b"before"))
    appender = Appender(path, start=6, digest=digest)
    done = append(appender, pieces(b"a" * MIB, b"x", cut=cut), checksum=Checksum("sha256", b"\0" * 32))
    assert done.received == 6
    assert path.read_bytes() == b"before"
    assert appender.digest is not None
    assert appender.digest.state.hexdigest() == hashlib.sha256(b"before").hexdigest()


def test_a_body_beyond_the_length_is_gone(tmp_path: Path) -> None:
    done = append(Appender(tmp_path / "u", start=0, digest=None), pieces(b"a" * 2 * MIB, b"b"), limit=2 * MIB)
    assert done == Appended(received=0, ending=Ending.TOO_LONG)


def test_a_body_beyond_the_length_is_gone_also_when_the_disk_fails_then(tmp_path: Path) -> None:
    disk = LosingDisk(tmp_path / "u", start=0, digest=None)
    done = append(disk, pieces(*[b"a" * MIB] * 3, b"b"), limit=3 * MIB)
    assert (done, (tmp_path / "u").stat().st_size) == (
        Appended(received=0, ending=Ending.DISK_FAILED),
        0,
    )


def test_bytes_behind_the_offset_are_cut_off_before_going_on(tmp_path: Path) -> None:
    path = tmp_path / "u"
    path.write_bytes(b"provable+not")
    append(Appender(path, start=8, digest=None), pieces(b"!"))
    assert path.read_bytes() == b"provable!"


@settings(max_examples=30, deadline=None)
@given(parts=st.lists(st.binary(max_size=2000), max_size=6))
def test_parts_are_joined_in_order_with_the_right_digest(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    for number, part in enumerate(parts):
        spool.path(f"p{number}").write_bytes(part)
    digest = spool.join("whole", [f"p{number}" for number in range(len(parts))], on_block=lambda: None)
    assert spool.path("whole").read_bytes() == b"".join(parts)
    assert digest.state.hexdigest() == digest_file(spool.path("whole")).state.hexdigest()


class Clock:
    """Monotonic seconds that a test moves; the event loop's own time is not touched."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


def test_a_hanging_holder_is_interrupted_for_a_newer_request() -> None:
    async def scene() -> None:
        clock = Clock()
        leases = Leases(clock, quiet=1.0, patience=5.0)
        entered = asyncio.Event()

        async def holder() -> None:
            async with leases.hold("u") as lease:
                lease.pump = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
                entered.set()
                await asyncio.wait({lease.pump})
                assert lease.taken_over

        task = asyncio.create_task(holder())
        await entered.wait()
        clock.now = 2.0
        async with leases.hold("u") as newer:
            assert not newer.taken_over
        await task

    run(scene())


def test_a_hanging_holder_is_interrupted_once_however_many_come() -> None:
    class Pump:
        cancelled = 0

        def done(self) -> bool:
            return False

        def cancel(self) -> None:
            self.cancelled += 1

    lease = Lease(heard=0.0, pump=cast(Any, Pump()))
    for _newcomer in range(3):
        lease.interrupt()
    assert cast(Any, lease.pump).cancelled == 1


def test_a_holder_that_hears_bytes_is_left_alone() -> None:
    async def scene() -> None:
        clock = Clock()
        leases = Leases(clock, quiet=1.0, patience=0.0)
        async with leases.hold("u") as lease:
            leases.touch(lease)
            with pytest.raises(UploadLocked):
                async with leases.hold("u"):
                    pass
            assert not lease.taken_over

    run(scene())


def test_other_uploads_do_not_wait() -> None:
    async def scene() -> None:
        leases = Leases(Clock())
        async with leases.hold("u"), leases.hold("v"):
            pass

    run(scene())


@given(length=st.integers(1, 64 * MIB), begun=st.integers(0, 3 * PAGE), most=st.sampled_from([SMALL, LARGE]))
def test_blocks_are_large_in_the_middle_of_a_body_and_begin_at_pages(
    length: int, begun: int, most: int
) -> None:
    rooms: list[int] = []
    at, end = begun, begun + length
    while at < end:
        room = room_of(most, at=at, begun=begun, left=end - at)
        assert 0 < room <= most
        assert (at + room) % PAGE == 0
        rooms.append(min(room, end - at))
        at += room
    assert rooms[0] <= SMALL
    assert rooms[-1] <= SMALL
    if length >= 12 * LARGE:
        assert sum(room > most - PAGE for room in rooms) * most > length // 2
