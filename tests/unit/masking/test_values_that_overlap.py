"""Values that overlap in a row share what they cover, in time that grows with their number."""

from __future__ import annotations

from app.masking.face import Kind
from app.masking.spans import Span, settle
from tests.peers.processor_time import kept, seconds_of


def _row(count: int) -> tuple[list[Span], bytes]:
    """Spans of three bytes, each of which begins on the last byte of the one before it."""
    return [Span(2 * at, 2 * at + 3, 1, Kind.NAME, "name") for at in range(count)], b"ab" * count + b"c"


def test_the_first_of_two_keeps_its_place_and_the_other_what_is_left() -> None:
    spans, text = _row(3)
    assert [(span.start, span.end) for span in settle(spans, text)] == [(0, 3), (3, 5), (5, 7)]


def test_a_long_value_keeps_what_is_left_between_others_that_go_before_it() -> None:
    inside = [Span(start, start + 2, 0, Kind.TEL, "number") for start in (2, 6)]
    found = settle([Span(0, 10, 1, Kind.NAME, "name"), *inside], b"abcdefghij")
    assert [(span.start, span.end) for span in found] == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]


def test_a_row_of_four_times_as_many_takes_about_four_times_as_long() -> None:
    few, more = _row(10_000), _row(40_000)

    def linear() -> bool:
        once = seconds_of(lambda: settle(*few))
        return seconds_of(lambda: settle(*more)) <= 6 * once + 0.02

    assert kept(linear)
