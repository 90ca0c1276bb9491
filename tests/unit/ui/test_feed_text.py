"""What an entry of the feed says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.portal.contract import UpdateKind
from tests.peers.made_up import a_feed, an_update, at
from ui.pages.case.feed_text import Block, FeedFilter, blocks_of, chip_text, entry_of, passes


def test_lines_that_begin_with_four_spaces_are_code() -> None:
    assert blocks_of("See:\n\n    INVITE sip:x\n\n    ACK\nDone") == [
        Block("See:", code=False),
        Block("INVITE sip:x\n\nACK", code=True),
        Block("Done", code=False),
    ]


def test_a_text_without_code_is_one_block() -> None:
    assert blocks_of("one\n\ntwo") == [Block("one\n\ntwo", code=False)]


@given(st.text(alphabet="ab \n", max_size=80))
def test_no_word_is_lost_in_blocks(text: str) -> None:
    joined = "".join("".join(block.text.split()) for block in blocks_of(text))
    assert joined == "".join(text.split())


def test_status_names_are_bold_in_events() -> None:
    entry = entry_of(
        an_update(
            "u",
            at(9, 1, 0),
            "Status changed from Open · Investigation to Awaiting Information.",
            kind=UpdateKind.STATUS,
            author="",
        )
    )
    assert entry.rich == "Status changed from <b>Open · Investigation</b> to <b>Awaiting Information</b>."


def test_the_text_of_an_event_is_never_markup() -> None:
    entry = entry_of(an_update("u", at(9, 1, 0), "<img src=x>", kind=UpdateKind.SYSTEM, author=""))
    assert entry.rich == "&lt;img src=x&gt;"


def test_a_message_tells_whose_it_is_and_how_it_came() -> None:
    support, mine = a_feed()[3], a_feed()[4]
    assert entry_of(support).meta == "Support · portal"
    assert entry_of(mine).meta == "You · email reply"


def test_a_colleague_is_neither_you_nor_support() -> None:
    entry = entry_of(an_update("u", at(9, 1, 0), "x", from_support=False, mine=False, author="Tom Halberg"))
    assert entry.meta == "Your team · portal"


def test_chips_count_what_they_show() -> None:
    feed = a_feed()
    assert [chip_text(each, feed, complete=True) for each in FeedFilter] == [
        "All", "Messages 3", "Files 1", "Status 1",
    ]  # fmt: skip
    assert chip_text(FeedFilter.MESSAGES, feed, complete=False) == "Messages 3+"


def test_a_message_with_files_is_under_files_too() -> None:
    assert [update.id for update in a_feed() if passes(update, FeedFilter.FILES)] == ["u-3"]
