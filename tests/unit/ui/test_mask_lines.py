"""Windows of lines, the index of hits, and when a review is complete."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.agentlink import Hit, PreviewLine
from tests.peers.made_up import a_review_job, trace_line
from ui.pages.review.checked import Review, hit_words
from ui.widgets.kinds import by_category, kind_title
from ui.widgets.mask_diff import visible_text
from ui.widgets.mask_lines import KEPT_WINDOWS, WINDOW, HitIndex, LineWindows, Place
from ui.widgets.pii_bar import widths_of


def lines(first: int, count: int) -> list[PreviewLine]:
    return [trace_line(number) for number in range(first, first + count)]


def test_a_window_is_asked_for_once() -> None:
    windows = LineWindows()
    windows.rows = 1_000
    assert windows.missing(0, 30) == [0]
    assert windows.missing(0, 30) == []
    windows.give_up(0)
    assert windows.missing(0, 30) == [0]


def test_a_known_row_is_found_and_an_unknown_one_is_not() -> None:
    windows = LineWindows()
    windows.rows = 1_000
    windows.take(WINDOW, lines(WINDOW + 1, WINDOW))
    known = windows.at(WINDOW + 4)
    assert known is not None
    assert known.number == WINDOW + 5
    assert windows.at(3) is None


def test_never_more_than_a_few_windows_are_kept() -> None:
    windows = LineWindows()
    windows.rows = WINDOW * 100
    for first in range(0, WINDOW * 100, WINDOW):
        windows.take(first, lines(first + 1, WINDOW))
    kept = [row for row in range(0, WINDOW * 100, WINDOW) if windows.at(row) is not None]
    assert len(kept) == KEPT_WINDOWS


def test_hits_are_numbered_in_file_order() -> None:
    index = HitIndex()
    index.add(lines(1, 28))
    places = [index.place(number) for number in range(len(index))]
    assert all((a.line, a.position) < (b.line, b.position) for a, b in pairwise(places))
    assert [index.number_of(place) for place in places] == list(range(len(index)))
    assert index.number_of(Place(6, 0)) == -1


def test_the_next_hit_goes_round_and_may_be_of_one_kind() -> None:
    index = HitIndex()
    index.add(lines(1, 14))
    last = len(index) - 1
    assert index.beside(last, forward=True) == 0
    assert index.beside(0, forward=False) == last
    mail = index.beside(-1, forward=True, kinds=frozenset({"MAIL"}))
    assert trace_line(index.place(mail).line).hits[0].kind == "MAIL"
    assert index.beside(0, forward=True, kinds=frozenset({"GEO"})) == -1


def test_equal_values_are_counted_by_their_token() -> None:
    index = HitIndex()
    index.add(lines(1, 28))
    assert index.equal_values(trace_line(8).hits[0]) == 4
    assert index.equal_values(Hit("TEL", "r", "x", "<TEL:none>", 0, 0)) == 0


@given(st.integers(1, 5_000), st.integers(1, 900))
def test_the_rail_has_at_most_one_mark_per_pixel(total: int, height: int) -> None:
    index = HitIndex()
    index.add(lines(1, min(total, 300)))
    pixels = [pixel for pixel, _ in index.marks(total, height)]
    assert len(pixels) == len(set(pixels))
    assert all(0 <= pixel < height for pixel in pixels)


@given(st.text())
def test_what_is_drawn_has_one_character_per_character(text: str) -> None:
    shown = visible_text(text)
    assert len(shown) == len(text)
    assert shown.isprintable()


def test_a_review_is_complete_when_all_files_were_looked_at_and_it_is_acknowledged() -> None:
    job, review = a_review_job(), Review()
    assert review.why_not(job) == "5 files are not looked at yet"
    review.opened.update(file.name for file in job.files[:4])
    assert review.why_not(job) == "1 file is not looked at yet"
    review.skip_clean = True
    assert review.why_not(job) == "Tick the box when you have checked the masking"
    review.acknowledged = True
    assert review.why_not(job) == ""


def test_nothing_is_sent_when_every_file_is_left_out() -> None:
    job, review = a_review_job(), Review(acknowledged=True)
    review.left_out.update(file.name for file in job.files)
    assert review.why_not(job) == "No file is left to send"


def test_a_hit_is_spoken_without_its_raw_value() -> None:
    hit = trace_line(8).hits[0]
    words = hit_words(kind_title(hit.kind), hit.after, 12, 701, more=False)
    assert words == "Phone number, masked as TEL 88b1e4290cd3f7a6, hit 12 of 701"
    assert hit.before not in words


@given(
    st.dictionaries(st.sampled_from(["TEL", "NAME", "IP", "MAIL", "CARD", "KEYED"]), st.integers(1, 10**6))
)
def test_the_bar_never_leaves_its_width(counts: dict[str, int]) -> None:
    parts = by_category(counts)
    widths = widths_of(parts, 116)
    assert all(width >= 2 for width in widths)
    assert sum(widths) + len(widths) - 1 <= 116 or len(widths) == 0


def test_kinds_of_a_newer_agent_are_customer_keys() -> None:
    assert [category.name for category, _ in by_category({"VOICEPRINT": 3})] == ["custom"]
