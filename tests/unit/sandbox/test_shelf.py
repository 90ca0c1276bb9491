"""Memory that is used again."""

from __future__ import annotations

from app.sandbox.shelf import Shelf

SIZE = 4096


def test_what_was_put_there_is_taken_again() -> None:
    shelf = Shelf(most=SIZE)
    block = shelf.take(SIZE)
    block[:3] = b"abc"
    shelf.put(block)
    assert bytes(shelf.take(SIZE)[:3]) == b"abc"


def test_a_block_is_taken_by_one_only() -> None:
    shelf = Shelf(most=SIZE)
    shelf.put(shelf.take(SIZE))
    first, second = shelf.take(SIZE), shelf.take(SIZE)
    first[0], second[0] = 1, 2
    assert first[0] == 1


def test_blocks_are_of_the_size_that_is_asked() -> None:
    shelf = Shelf(most=8 * SIZE)
    shelf.put(shelf.take(SIZE))
    assert len(shelf.take(2 * SIZE)) == 2 * SIZE


def test_no_more_is_kept_than_it_may() -> None:
    shelf = Shelf(most=2 * SIZE)
    blocks = [shelf.take(SIZE) for _block in range(3)]
    for number, block in enumerate(blocks):
        block[0] = number + 1
        shelf.put(block)
    del blocks
    assert sorted(shelf.take(SIZE)[0] for _block in range(3)) == [0, 1, 2]
