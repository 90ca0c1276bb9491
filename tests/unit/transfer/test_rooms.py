"""Memory of parts that is used again."""

from __future__ import annotations

from app.transfer.rooms import Rooms


def test_memory_that_nobody_looks_at_is_lent_again() -> None:
    rooms = Rooms()
    first = rooms.take(1000)
    first[:] = b"x" * 1000
    first.release()
    assert bytes(rooms.take(900)) == b"x" * 900


def test_memory_that_a_slice_still_shows_is_not_lent() -> None:
    rooms = Rooms()
    part = rooms.take(1000)[10:20]
    part[:] = b"x" * 10
    other = rooms.take(1000)
    other[:] = b"y" * 1000
    assert bytes(part) == b"x" * 10


def test_what_is_beyond_the_limit_is_lent_once() -> None:
    rooms = Rooms(kept=1000)
    held = rooms.take(800)
    large = rooms.take(900)
    large[:] = b"z" * 900
    large.release()
    assert bytes(rooms.take(900)) == bytes(900)
    assert len(held) == 800


def test_less_that_is_kept_is_let_go_of_once_nobody_looks_at_it() -> None:
    rooms = Rooms()
    held, free = rooms.take(1000), rooms.take(1000)
    held[:], free[:] = b"h" * 1000, b"f" * 1000
    free.release()
    rooms.keep(0)
    assert bytes(rooms.take(1000)) == bytes(1000)
    assert bytes(held) == b"h" * 1000


def test_a_part_of_nothing_has_memory_too() -> None:
    rooms = Rooms()
    assert len(rooms.take(0)) == 0
    assert len(rooms.take(0)) == 0
