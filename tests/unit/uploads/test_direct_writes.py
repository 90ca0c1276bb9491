"""Blocks that go past the system's cache, or through it: the file is the same, whatever the way."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.uploads.spool import Appender
from app.storage import PAGE, DirectWrites, PassingWrites, page_block

if sys.platform == "linux":
    import fcntl

    def direct(descriptor: int) -> bool:
        return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_DIRECT)

    def takes_direct_writes(folder: Path) -> bool:
        try:
            os.close(os.open(folder / "asked", os.O_WRONLY | os.O_CREAT | os.O_DIRECT, 0o600))
        except OSError:
            return False
        return True


def filled(length: int) -> memoryview:
    block = page_block(max(length, 1))
    block[:length] = os.urandom(length)
    return block[:length]


LENGTHS = st.one_of(
    st.integers(1, 3 * PAGE), st.sampled_from([PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 64 * 1024, 64 * 1024 + 7])
)


@given(
    start=st.integers(0, 2 * PAGE),
    lengths=st.lists(st.tuples(LENGTHS, st.booleans()), max_size=6),
    at_once=st.integers(0, 6),
)
@settings(max_examples=60)
def test_blocks_of_any_length_and_memory_follow_each_other(
    start: int, lengths: list[tuple[int, bool]], at_once: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, before = Path(folder) / "u", os.urandom(start)
        path.write_bytes(before + b"left by a cut request")
        appender = Appender(path, start=start, digest=None)
        wanted = bytearray(before)
        blocks = [filled(length) for length, _on_pages in lengths]
        given = [
            block if on_pages else bytes(block) for block, (_, on_pages) in zip(blocks, lengths, strict=True)
        ]
        wanted += b"".join(blocks)
        appender.write(*given[:at_once])
        for block in given[at_once:]:
            appender.write(block)
        assert appender.sync() == len(wanted)
        appender.close()
        assert path.read_bytes() == wanted


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such way")


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "u", os.O_RDWR | os.O_CREAT, 0o600)
    yield descriptor
    os.close(descriptor)


@linux
def test_pages_go_past_the_cache_and_the_rest_in_the_usual_way(tmp_path: Path, descriptor: int) -> None:
    writes = DirectWrites(descriptor)
    assert writes.write([filled(2 * PAGE)], position=0) == 2 * PAGE
    assert direct(descriptor) is takes_direct_writes(tmp_path)
    writes.write([filled(PAGE + 1)[PAGE:]], position=2 * PAGE)
    assert not direct(descriptor)


@linux
def test_a_file_system_that_refuses_is_asked_once(
    tmp_path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, refused = os.writev, []

    def refusing(descriptor: int, views: Sequence[memoryview]) -> int:
        if direct(descriptor):
            refused.append(sum(map(len, views)))
            raise OSError(errno.EINVAL, "refused")
        return write(descriptor, views)

    monkeypatch.setattr("app.storage.direct.os.writev", refusing)
    writes = DirectWrites(descriptor)
    first, second = filled(2 * PAGE), filled(PAGE)
    writes.write([first], position=0)
    writes.write([second], position=2 * PAGE)
    assert (tmp_path / "u").read_bytes() == bytes(first) + bytes(second)
    assert refused == ([2 * PAGE] if takes_direct_writes(tmp_path) else [])


@linux
def test_a_full_disk_is_no_reason_to_write_in_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def full(*_arguments: object) -> int:
        calls.append("asked")
        raise OSError(errno.ENOSPC, "full")

    appender = Appender(tmp_path / "u", start=0, digest=None)
    for call in ("pwritev", "writev"):
        monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="full"):
        appender.write(filled(PAGE))
    assert (appender.position, calls) == (0, ["asked"])
    appender.close()


@linux
def test_only_what_ends_with_a_page_is_dropped_from_the_cache(
    descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = os.pwritev, []

    def noting(descriptor: int, views: Sequence[memoryview], position: int, flags: int = 0) -> int:
        asked.append(flags)
        return write(descriptor, views, position)

    monkeypatch.setattr(os, "pwritev", noting)
    writes = PassingWrites(descriptor)
    writes.write([filled(PAGE), filled(7)], position=0)
    writes.write([filled(PAGE - 7), filled(PAGE)], position=PAGE + 7)
    assert asked == [0, 0x80]


@linux
@pytest.mark.parametrize(
    "refusal",
    [
        *(OSError(each, "refused") for each in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)),
        NotImplementedError(),
    ],
    ids=str,
)
def test_a_system_that_cannot_drop_pages_is_asked_once_and_the_file_is_the_same(
    tmp_path: Path, descriptor: int, refusal: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = os.pwritev, []

    def refusing(descriptor: int, views: Sequence[memoryview], position: int, flags: int = 0) -> int:
        if flags:
            asked.append(position)
            raise refusal
        return write(descriptor, views, position)

    monkeypatch.setattr(os, "pwritev", refusing)
    writes = PassingWrites(descriptor)
    whole = filled(4 * PAGE)
    for start, end in ((0, 7), (7, PAGE), (PAGE, 3 * PAGE), (3 * PAGE, 4 * PAGE)):
        assert writes.write([whole[start:end]], position=start) == end - start
    assert (tmp_path / "u").read_bytes() == bytes(whole)
    assert asked == [7]
