"""Rooms of the core that are kept for the next file, and let go of at rest."""

from __future__ import annotations

import weakref
from typing import cast

from app.masking.native.room import Room, Rooms


class Empty:
    """In the place of a room: these tests are about who keeps it."""

    def start_over(self) -> None:
        """There are no counts."""


def rooms_and_made() -> tuple[Rooms, list[weakref.ref[Empty]]]:
    made: list[weakref.ref[Empty]] = []

    def make() -> Room:
        room = Empty()
        made.append(weakref.ref(room))
        return cast(Room, room)

    return Rooms(make, threads=2), made


def test_rooms_that_were_given_back_are_taken_again() -> None:
    rooms, made = rooms_and_made()
    for _ in range(3):
        with rooms.taken():
            pass
    assert len(made) == 2


def test_a_rest_frees_the_rooms_that_nobody_has() -> None:
    rooms, made = rooms_and_made()
    with rooms.taken():
        pass
    rooms.let_go()
    assert [each() for each in made] == [None, None]


def test_a_rest_leaves_rooms_in_which_somebody_masks() -> None:
    rooms, made = rooms_and_made()
    with rooms.taken() as taken:
        rooms.let_go()
        assert [each() for each in made] == [*taken]
