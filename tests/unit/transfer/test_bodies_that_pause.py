"""The body of an answer whose connection is silent now and then: every byte comes once, in its place."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfer.network import NothingSoon
from app.transfer.responses import FinalResponse

CONTENT = bytes(range(251)) * 200
"""50 200 bytes: more than any reader holds. What is moved does not fit."""

HEAD = b"HTTP/1.1 200 OK\r\n"


class Pausing(io.RawIOBase):
    """A connection that brings pieces, with a moment's silence behind each."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = [*pieces]
        self._silent = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._pieces:
            return 0
        if self._silent:
            self._silent = False
            raise NothingSoon
        piece = self._pieces.pop(0)
        count = min(len(buffer), len(piece))
        buffer[:count] = piece[:count]
        if count < len(piece):
            self._pieces.insert(0, piece[count:])
        else:
            self._silent = True
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)


def chunked(sizes: Iterable[int]) -> bytes:
    body, at = b"", 0
    for size in [*sizes, len(CONTENT)]:
        piece = CONTENT[at : at + size]
        at += len(piece)
        body += b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
    return body + b"0\r\n\r\n"


def received(raw: bytes, *, cuts: Iterable[int], room: int) -> bytes:
    """What comes of an answer whose head comes in one go; `cuts` are behind it."""
    head = raw.index(b"\r\n\r\n") + 4
    ends = sorted({head + each for each in cuts if head + each < len(raw)})
    pieces = [raw[start:end] for start, end in zip([0, *ends], [*ends, len(raw)], strict=True)]
    connection: Any = Pausing(pieces)
    answer = FinalResponse(connection)
    answer.begin()
    found, block = b"", memoryview(bytearray(room))
    while not answer.isclosed():
        with suppress(NothingSoon):
            found += block[: answer.take(block)]
    return found


@pytest.mark.parametrize("room", [1, 100, 8192, 8193, 1 << 20])
@pytest.mark.parametrize("first", [1, 100, 8000])
def test_a_silence_behind_the_first_bytes_moves_nothing(first: int, room: int) -> None:
    raw = HEAD + b"Content-Length: %d\r\n\r\n" % len(CONTENT) + CONTENT
    assert received(raw, cuts=[first], room=room) == CONTENT


@pytest.mark.parametrize("room", [100, 8193, 1 << 20])
@pytest.mark.parametrize("first", [7, 100, 8000])
def test_a_silence_behind_the_first_bytes_of_a_chunk_moves_nothing(first: int, room: int) -> None:
    raw = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked([20_000])
    assert received(raw, cuts=[first, 20_000 + first], room=room) == CONTENT


@given(
    sizes=st.lists(st.integers(1, 20_000), max_size=5),
    cuts=st.lists(st.integers(0, len(CONTENT) + 60), max_size=12),
    room=st.sampled_from([333, 4096, 8192, 8193, 10_000, 1 << 20]),
    framed=st.booleans(),
)
def test_silences_anywhere_move_nothing(sizes: list[int], cuts: list[int], room: int, framed: bool) -> None:
    kind = b"Transfer-Encoding: chunked\r\n\r\n" if framed else b"Content-Length: %d\r\n\r\n" % len(CONTENT)
    raw = HEAD + kind + (chunked(sizes) if framed else CONTENT)
    assert received(raw, cuts=cuts, room=room) == CONTENT


def test_what_comes_at_once_is_handed_out_at_once() -> None:
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(CONTENT)
    connection: Any = Pausing([head, *([CONTENT] * 3)])
    answer = FinalResponse(connection)
    answer.begin()
    block, counts = memoryview(bytearray(1 << 20)), []
    while not answer.isclosed():
        with suppress(NothingSoon):
            counts.append(answer.take(block))
    assert counts == [8192, len(CONTENT) - 8192]
