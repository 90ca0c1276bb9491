"""Masked text that is packed as it is written: any place of it can be read; what was harmed is refused."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import threading
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deflate import Deflate, choose_deflate
from app.masking import (
    Canaries,
    KeptRange,
    MaskedFile,
    MaskingError,
    PseudonymKey,
    load_rules,
    mask_file,
    open_engine,
    open_masked,
    packed_pieces,
    reopen_masked,
    residual_check,
)
from app.masking.copies import size_on_disk
from app.masking.face import FileReport
from app.masking.pieces import PieceSink

PIECE = 512
SMALL = replace(choose_deflate(), piece=PIECE)
KEY = PseudonymKey(b"k" * 32)
ENGINE = open_engine(load_rules(), KEY)
CHECK = residual_check(load_rules(), KEY)
LINE = b"2026-11-24T04:20:00.%03d call %d from +4930901820417 to mary.major@acme.example\n"
TEXT = b"".join(LINE % (number % 1000, number) for number in range(40_000))
"""Of several pieces, and long enough for the check to read a sample."""

ANY = st.binary(max_size=3 * PIECE) | st.builds(
    lambda unit, size: (unit * size)[:size],
    st.binary(min_size=1, max_size=40),
    st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 7 * PIECE + 5]),
)


def written(path: Path, data: bytes, *, blocks: list[int] | None = None, by: Deflate = SMALL) -> FileReport:
    """These bytes as a packed copy, given to it in blocks of these sizes and then the rest; its report."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w+b") as sink, PieceSink(sink, by) as pieces:
        at = 0
        for size in blocks or []:
            pieces.write(memoryview(data)[at : at + size])
            at += size
        pieces.write(data[at:])
        packed = pieces.finish()
    digest = hashlib.sha256(data).hexdigest()
    return FileReport("utf-8", data.count(b"\n"), len(data), len(data), digest, packed=packed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed")


@given(data=ANY, blocks=st.lists(st.integers(0, 3 * PIECE), max_size=6))
def test_what_is_written_is_what_is_read(data: bytes, blocks: list[int], folder: Path) -> None:
    report = written(folder / "m", data, blocks=blocks)
    with open_masked(folder / "m", report) as copy:
        assert copy.read() == data
    assert reopen_masked(folder / "m", name="a.log", report=report).report == report
    assert (folder / "m").stat().st_size == size_on_disk(report)


@given(
    data=ANY,
    reads=st.lists(
        st.tuples(
            st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END]),
            st.integers(0, 8 * PIECE),
            st.integers(-1, 3 * PIECE),
        ),
        max_size=8,
    ),
)
def test_any_place_is_read_as_that_of_a_plain_file(
    data: bytes, reads: list[tuple[int, int, int]], folder: Path
) -> None:
    report = written(folder / "m", data)
    plain = io.BytesIO(data)
    with open_masked(folder / "m", report) as copy:
        for whence, far, size in reads:
            far = -min(far, len(data)) if whence == os.SEEK_END else far
            assert copy.seek(far, whence) == plain.seek(far, whence)
            assert copy.read(size) == plain.read(size)
            assert copy.readline() == plain.readline()


@given(data=ANY)
def test_the_pieces_are_one_deflate_stream_which_the_report_proves(data: bytes, folder: Path) -> None:
    report = written(folder / "m", data)
    assert report.packed is not None
    stream = b"".join(packed_pieces(folder / "m", report.packed))
    plain = zlib.decompressobj(-15)
    assert (plain.decompress(stream), plain.eof, plain.unused_data) == (data, True, b"")
    assert report.packed.sha256 == hashlib.sha256(stream).hexdigest()
    assert report.packed.crc == zlib.crc32(data)


HARMED = b"".join(LINE % (number, number) for number in range(60))


@given(at=st.floats(0, 1, exclude_max=True), flipped=st.integers(1, 255))
def test_a_byte_that_is_changed_anywhere_is_refused(at: float, flipped: int, folder: Path) -> None:
    report = written(folder / "m", HARMED)
    packed = bytearray((folder / "m").read_bytes())
    packed[int(at * len(packed))] ^= flipped
    (folder / "m").write_bytes(packed)
    is_refused(folder / "m", report)


@given(kept=st.floats(0, 1, exclude_max=True))
def test_a_copy_that_is_cut_off_is_refused(kept: float, folder: Path) -> None:
    report = written(folder / "m", HARMED)
    whole = (folder / "m").read_bytes()
    (folder / "m").write_bytes(whole[: int(kept * len(whole))])
    is_refused(folder / "m", report)


def is_refused(path: Path, report: FileReport) -> None:
    """By who takes it as a whole; and who reads in it gets what was written, or is told."""
    with pytest.raises(MaskingError) as caught:
        reopen_masked(path, name="a.log", report=report)
    assert caught.value.code == "CF-1910"
    assert read_or_told(path, report) in (HARMED, "CF-1910")


def read_or_told(path: Path, report: FileReport) -> bytes | str:
    """What is read, or the code under which it is refused."""
    try:
        with open_masked(path, report) as copy:
            return copy.read()
    except MaskingError as error:
        return error.code


def test_a_piece_that_is_another_is_refused_by_who_reads_it_alone(folder: Path) -> None:
    """Two pieces of the same length change places: each unpacks well, and the index has not changed."""
    halves = [random.Random(seed).randbytes(PIECE) for seed in (1, 2)]
    report = written(folder / "m", b"".join(halves) + b"end")
    assert report.packed is not None
    packed = (folder / "m").read_bytes()
    first = len(SMALL.open()(halves[0], False))
    second = len(SMALL.open()(halves[1], False))
    assert first == second
    changed = packed[first : first + second] + packed[:first] + packed[first + second :]
    (folder / "m").write_bytes(changed)
    with open_masked(folder / "m", report) as copy:
        copy.seek(PIECE)
        with pytest.raises(MaskingError) as caught:
            copy.read(1)
    assert caught.value.code == "CF-1910"


def test_only_the_pieces_that_are_needed_are_unpacked(folder: Path) -> None:
    report = written(folder / "m", HARMED)
    assert report.packed is not None
    packed = bytearray((folder / "m").read_bytes())
    packed[report.packed.size - 40] ^= 1  # in the last piece
    (folder / "m").write_bytes(packed)
    with open_masked(folder / "m", report) as copy:
        raw: Any = copy
        assert raw.raw.read(PIECE) == HARMED[:PIECE]


def test_who_gives_what_is_written_over_later_has_it_copied(folder: Path) -> None:
    room = bytearray(b"a" * PIECE)
    with (folder / "m").open("wb") as sink, PieceSink(sink, SMALL) as pieces:
        for letter in b"abcd":
            room[:] = bytes([letter]) * PIECE
            pieces.write(memoryview(room))
        packed = pieces.finish()
    text = zlib.decompress(b"".join(packed_pieces(folder / "m", packed)), -15)
    assert text == b"".join(bytes([letter]) * PIECE for letter in b"abcd")


class Full(io.BytesIO):
    """A disk that takes nothing any more, with an error of this number."""

    def __init__(self, number: int = errno.ENOSPC) -> None:
        super().__init__()
        self._number = number

    def write(self, _data: object, /) -> int:
        raise OSError(self._number, "it refuses")


def test_a_full_disk_is_told_as_such_in_the_middle_of_masking(tmp_path: Path) -> None:
    with pytest.raises(MaskingError) as caught, PieceSink(Full(), SMALL) as pieces:
        ENGINE.mask_stream(io.BytesIO(TEXT), pieces.stream)
    assert caught.value.code == "CF-1907"
    assert deflating() == []


def test_a_disk_that_takes_no_file_so_large_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(MaskingError) as caught, PieceSink(Full(errno.EFBIG), SMALL) as pieces:
        ENGINE.mask_stream(io.BytesIO(TEXT), pieces.stream)
    assert caught.value.code == "CF-1917"


def test_a_full_disk_is_told_as_such_at_the_end() -> None:
    with PieceSink(Full(), SMALL) as pieces:
        pieces.write(b"short\n")
        with pytest.raises(MaskingError) as caught:
            pieces.finish()
    assert caught.value.code == "CF-1907"


def deflating() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("deflate")]


def masked(source: Path, target: Path, **more: Any) -> MaskedFile:
    return mask_file(ENGINE, source, target=target, name="a.log", **more)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.log"
    path.write_bytes(TEXT)
    return path


def test_a_packed_copy_holds_what_a_plain_one_holds(source: Path, tmp_path: Path) -> None:
    plain = masked(source, tmp_path / "plain")
    packed = masked(source, tmp_path / "packed", deflate=choose_deflate())
    with open_masked(packed.path, packed.report) as copy:
        assert copy.read() == plain.path.read_bytes()
    assert replace(packed.report, packed=None) == plain.report
    assert packed.path.stat().st_size < plain.path.stat().st_size / 4
    assert packed.path.stat().st_mode & 0o777 == 0o600
    assert deflating() == []


def test_a_range_is_packed_too(source: Path, tmp_path: Path) -> None:
    kept = KeptRange(header=0, start=TEXT.index(b"\n", len(TEXT) // 2) + 1)
    plain = masked(source, tmp_path / "plain", kept=kept)
    packed = masked(source, tmp_path / "packed", kept=kept, deflate=SMALL)
    with open_masked(packed.path, packed.report) as copy:
        assert copy.read() == plain.path.read_bytes()


def test_the_copy_of_an_archive_is_an_archive(tmp_path: Path) -> None:
    source = tmp_path / "a.log.gz"
    source.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + _gzip_rest(TEXT))
    packed = masked(source, tmp_path / "packed", deflate=choose_deflate())
    assert packed.report.packed is None
    assert packed.path.read_bytes() == masked(source, tmp_path / "plain").path.read_bytes()


def _gzip_rest(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    tail = zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return packer.compress(data) + packer.flush() + tail


def test_nothing_is_left_of_a_copy_that_failed(source: Path, tmp_path: Path) -> None:
    source.write_bytes(TEXT + bytes(range(256)) * 400)
    with pytest.raises(MaskingError):
        masked(source, tmp_path / "packed", deflate=SMALL)
    assert not (tmp_path / "packed").exists()
    assert deflating() == []


class Watched:
    """A stream that notes where it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.read_at = stream, list[tuple[int, int]]()

    def read(self, size: int = -1) -> bytes:
        at = self._stream.tell()
        data = self._stream.read(size)
        self.read_at.append((at, len(data)))
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def test_the_check_reads_the_same_places_of_a_packed_copy(source: Path, tmp_path: Path) -> None:
    seen: list[list[tuple[int, int]]] = []
    examined: list[MaskedFile] = []
    for name, more in (("plain", {}), ("packed", {"deflate": choose_deflate()})):
        made = masked(source, tmp_path / name, **more)
        with open_masked(made.path, made.report) as copy:
            watched: Any = Watched(copy)
            CHECK.read(watched, size=made.report.masked_size, seed=made.report.masked_sha256)
        seen.append(watched.read_at)
        examined.append(CHECK.examine(made))
    assert seen[0] == seen[1]
    assert examined[0].report.residual_read == examined[1].report.residual_read
    assert 0 < (examined[1].report.residual_read or 0) < examined[1].report.masked_size


@pytest.mark.parametrize("place", [0.1, 0.999])
def test_the_check_refuses_a_copy_that_is_harmed_where_it_reads(
    source: Path, tmp_path: Path, place: float
) -> None:
    made = masked(source, tmp_path / "packed", deflate=choose_deflate())
    assert made.report.packed is not None
    data = bytearray(made.path.read_bytes())
    data[int(made.report.packed.size * place)] ^= 0x55
    made.path.write_bytes(data)
    with pytest.raises(MaskingError) as caught:
        CHECK.examine(made)
    assert caught.value.code == "CF-1910"


def test_a_known_value_that_is_left_is_found_in_a_packed_copy(tmp_path: Path) -> None:
    text = TEXT[: len(TEXT) // 2] + b"10:00:00.000 Projekt Zugspitze\n" + TEXT[len(TEXT) // 2 :]
    left = MaskedFile(tmp_path / "m", "a.log", written(tmp_path / "m", text, by=choose_deflate()))
    check = residual_check(load_rules(), KEY, canaries=Canaries(["Projekt Zugspitze"]))
    with pytest.raises(MaskingError) as caught:
        check.examine(left)
    assert caught.value.code == "CF-1921"
