"""What is read when: a lane that is alone waits for nothing, and is not disturbed while it sends."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from app.transfer.board import Asked, Board
from app.transfer.plan import Plan
from app.transfer.ranges import ByteRange

PART = 10


class WouldWait(Exception):
    """There is nothing to be done now."""


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(_condition: threading.Condition, _seconds: float | None = None) -> bool:
        raise WouldWait

    monkeypatch.setattr(threading.Condition, "wait", wait)


def board_of(*runs: ByteRange) -> Board:
    board = Board(Plan(runs[-1].end, runs=runs, parts=()), in_memory=10 * PART)
    board.part_size = PART
    return board


def read(board: Board) -> Asked:
    """Read what is to be read next."""
    asked = board.next_to_read()
    assert asked is not None
    board.offer(asked, asked.part, memoryview(bytes(PART)))
    return asked


def sending(board: Board, lanes: Sequence[object]) -> None:
    """Each lane sends the first part of its run, and has the second one ready."""
    for lane in lanes:
        assert board.take_if_ready(lane) is None
        read(board)
        assert board.take_if_ready(lane) is not None
        read(board)


def test_nothing_more_is_read_while_a_part_leaves() -> None:
    board = board_of(ByteRange(0, 9 * PART))
    sending(board, [object()])
    with pytest.raises(WouldWait):
        board.next_to_read()


def test_a_third_part_is_read_once_the_first_has_left() -> None:
    board, lane = board_of(ByteRange(0, 9 * PART)), object()
    sending(board, [lane])
    board.has_left(lane)
    assert read(board).part.offset == 2 * PART


def test_it_is_not_read_beyond_the_memory() -> None:
    board, lane = board_of(ByteRange(0, 9 * PART)), object()
    board.in_memory = 3 * PART - 1
    sending(board, [lane])
    board.has_left(lane)
    with pytest.raises(WouldWait):
        board.next_to_read()


def test_lanes_side_by_side_read_no_third_part() -> None:
    board, lanes = board_of(ByteRange(0, 9 * PART), ByteRange(9 * PART, 18 * PART)), [object(), object()]
    sending(board, lanes)
    board.has_left(lanes[0])
    with pytest.raises(WouldWait):
        board.next_to_read()


def test_the_second_part_leaves_before_a_fourth_one_is_read() -> None:
    board, lane = board_of(ByteRange(0, 9 * PART)), object()
    sending(board, [lane])
    board.has_left(lane)
    read(board)
    board.acknowledged(lane, alone=False)
    taken = board.take_if_ready(lane)
    assert taken is not None
    assert taken.part.offset == PART
    with pytest.raises(WouldWait):
        board.next_to_read()
