"""What a terminal and a program see of a running transfer, and which options are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.commands.carrying_options import TransferOptions
from app.commands.console import Screen
from app.commands.send import arrival_lines
from app.commands.transferring import EventLines, effort_of, part_map, shown, span_words, words_of
from app.domain.errors import InputError
from app.transfer import ByteRange, Level, Progress, Proof, TransferState

RUNNING = Progress(
    state=TransferState.SENDING,
    done=500,
    acked=400,
    size=1000,
    rate=2_500_000.0,
    eta=280.0,
    resumed=0,
    connections=3,
    acked_ranges=(ByteRange(0, 300), ByteRange(500, 600)),
    moving=(ByteRange(300, 400),),
)


def test_the_map_shows_what_is_there_on_its_way_and_to_do() -> None:
    assert part_map(RUNNING, cells=10) == "███▒·█····"


def test_a_whole_file_is_a_whole_map_also_when_no_parts_are_known() -> None:
    assert part_map(replace(RUNNING, acked=1000, acked_ranges=()), cells=5) == "█████"


@settings(max_examples=50)
@given(st.integers(1, 10**12), st.integers(1, 24), st.floats(0, 1))
def test_a_map_never_shows_more_than_is_there(size: int, cells: int, share: float) -> None:
    there = int(size * share)
    progress = replace(
        RUNNING, size=size, acked=there, acked_ranges=(ByteRange(0, there),) if there else (), moving=()
    )
    drawn = part_map(progress, cells=cells)
    assert len(drawn) == cells
    assert size * (drawn.rfind("█") + 1) // cells <= there


def test_state_time_left_and_connections_are_said() -> None:
    assert words_of(RUNNING) == "sending, 4 min 40 s left, 3 connections"


def test_why_it_waits_is_said_and_when_it_goes_on() -> None:
    waiting = replace(RUNNING, error="The server does not answer.", retry_in=12.4)
    assert words_of(waiting) == "The server does not answer. Again in 12 s."


@pytest.mark.parametrize(("seconds", "words"), [(4.4, "4 s"), (280, "4 min 40 s"), (7500, "2 h 5 min")])
def test_a_span_is_said(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


def test_events_come_at_each_change_of_state_and_else_once_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    lines = EventLines(Screen(), "logs.zip", monotonic=lambda: now[0])
    for second, state in [
        (0.0, TransferState.SENDING),
        (0.5, TransferState.SENDING),
        (0.6, TransferState.WAITING),
        (0.7, TransferState.SENDING),
        (1.8, TransferState.SENDING),
    ]:
        now[0] = second
        lines.show(replace(RUNNING, state=state))
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [each["state"] for each in told] == ["sending", "waiting", "sending", "sending"]
    assert told[0] == {
        "file": "logs.zip",
        "state": "sending",
        "done": 500,
        "acked": 400,
        "size": 1000,
        "rate": 2_500_000.0,
        "eta": 280.0,
        "connections": 3,
        "resumed": 0,
        "code": "",
        "retry_in": None,
        "acked_ranges": [[0, 300], [500, 100]],
        "moving": [[300, 100]],
    }


def test_a_person_gives_up_after_a_quarter_of_an_hour_unless_told_otherwise() -> None:
    assert effort_of(TransferOptions()).policy.give_up_after == 900
    assert effort_of(TransferOptions(give_up="2d")).policy.give_up_after == 172_800


def test_the_limits_of_the_options_are_those_of_the_limiter() -> None:
    effort = effort_of(
        TransferOptions(limit="2 MB/s", hours=["mon-sun 00:00-24:00 500k"], only_idle=True, connections=4)
    )
    limits = effort.limiter.limits
    assert (limits.rate, limits.hours[0].rate, limits.only_idle) == (2_000_000, 500_000, True)
    assert effort.connections == 4


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (TransferOptions(limit="fast"), "CF-1166"),
        (TransferOptions(hours=["never"]), "CF-1167"),
        (TransferOptions(give_up="soon"), "CF-1168"),
        (TransferOptions(connections=0), "CF-1159"),
        (TransferOptions(connections=17), "CF-1159"),
    ],
)
def test_an_option_that_is_not_right_is_refused_before_anything_is_done(
    options: TransferOptions, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        effort_of(options)
    assert caught.value.code == code


def test_where_not_even_the_size_was_seen_nothing_is_said_of_the_size() -> None:
    doubt = "the server lets nothing be seen of the file, not even its size"
    proof = Proof(sha256="0" * 64, level=Level.SIZE_ONLY, resumed=0, doubt=doubt)
    said = "\n".join(arrival_lines(proof, number="0003256109", name="x.zip", size=3))
    assert (f"Level D: {doubt}." in said, "the size is right" in said) == (True, False)


@pytest.mark.parametrize("level", list(Level))
def test_what_was_compared_by_its_size_only_is_not_called_verified(level: Level) -> None:
    proof = Proof(sha256="0" * 64, level=level, resumed=0)
    lines = arrival_lines(proof, number="0003256109", name="x.zip", size=3)
    warned = any("Warning" in line for line in lines)
    assert (lines[0].startswith("Verified"), warned) == (
        (False, True) if level is Level.SIZE_ONLY else (True, False)
    )


def test_without_a_terminal_it_says_why_it_waits_once_and_that_it_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = replace(
        RUNNING,
        state=TransferState.WAITING,
        error_code="CF-1519",
        error="The server cannot be reached. s:22 is away.",
        retry_in=3.2,
    )
    closed = replace(waiting, error_code="CF-1251", error="Nothing is sent at this time. So", retry_in=None)
    with shown(Screen(), "logs.zip", size=1000, how="bar") as show:
        for progress in (RUNNING, waiting, RUNNING, replace(waiting, retry_in=9.0), closed):
            show(progress)
        show(replace(RUNNING, acked=500))
        show(
            replace(
                RUNNING, state=TransferState.VERIFIED, acked=1000, error="It is not proven by its content."
            )
        )
    assert capsys.readouterr().err.splitlines() == [
        "logs.zip: The server cannot be reached. s:22 is away (CF-1519). Again in 3 s.",
        "logs.zip: Nothing is sent at this time. So (CF-1251). It goes on by itself.",
        "logs.zip: It goes on.",
    ]
