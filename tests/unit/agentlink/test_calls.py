"""Asking several agents for one call, and merging what they found."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.agentlink import CallAsk, CallView, KnownId, LogRecord, follow_call, merge_views
from app.domain.errors import UnreachableError

START = datetime(2023, 6, 9, 8, tzinfo=UTC)


def record(host: str, second: int, text: str) -> LogRecord:
    return LogRecord(host, "app", 1, "app.log", second, START + timedelta(seconds=second), text)


class Agent:
    """Knows pairs of ids that stand together in a record of its own."""

    def __init__(self, host: str, *pairs: tuple[str, str]) -> None:
        self.host = host
        self.pairs = pairs
        self.asked: list[list[str]] = []

    def call(self, ask: CallAsk) -> CallView:
        self.asked.append(list(ask.ids))
        ids = list(ask.ids)
        records = []
        for second, pair in enumerate(self.pairs):
            if set(pair) & set(ids):
                ids += [value for value in pair if value not in ids]
                records.append(record(self.host, second, " ".join(pair)))
        return CallView(ids=[KnownId(value, "unknown") for value in ids], records=records)


def test_what_one_agent_finds_is_asked_of_the_others() -> None:
    one, other = Agent("a", ("conn", "call")), Agent("b", ("call", "session"), ("session", "media"))
    merged = follow_call(CallAsk(ids=["conn"]), {"b": other.call, "a": one.call})
    assert {known.value for known in merged.view.ids} == {"conn", "call", "session", "media"}
    assert [(found.host, found.text) for found in merged.view.records] == [
        ("a", "conn call"),
        ("b", "call session"),
        ("b", "session media"),
    ]


def test_an_agent_that_knows_all_ids_is_not_asked_again() -> None:
    one, other = Agent("a", ("conn", "call")), Agent("b")
    follow_call(CallAsk(ids=["conn"]), {"a": one.call, "b": other.call})
    assert (len(one.asked), other.asked[-1]) == (1, ["conn", "call"])


def test_an_agent_that_fails_does_not_take_the_others_answers_away() -> None:
    def away(_ask: CallAsk) -> CallView:
        raise UnreachableError("away", happened="", todo="")

    merged = follow_call(CallAsk(ids=["conn"]), {"a": Agent("a", ("conn", "call")).call, "b": away})
    assert (len(merged.view.records), list(merged.failed)) == (1, ["b"])


def test_an_agent_that_is_silent_holds_up_no_other() -> None:
    both = threading.Barrier(2, timeout=120)

    def waits(_ask: CallAsk) -> CallView:
        both.wait()  # comes on only when the other one is asked meanwhile
        return CallView(ids=[], records=[])

    assert follow_call(CallAsk(ids=["conn"]), {"a": waits, "b": waits}).answered == 2


def test_what_an_agent_has_answered_stays_when_it_fails_later() -> None:
    one, other = Agent("a", ("conn", "call")), Agent("b")

    def once(ask: CallAsk) -> CallView:
        if other.asked:
            raise UnreachableError("away", happened="", todo="")
        return other.call(ask)

    merged = follow_call(CallAsk(ids=["conn"]), {"b": once, "a": one.call})
    assert (merged.answered, list(merged.failed), len(merged.view.records)) == (2, ["b"], 1)


def test_a_defect_of_asking_is_not_taken_for_an_agent_that_is_away() -> None:
    def defective(_ask: CallAsk) -> CallView:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        follow_call(CallAsk(ids=["conn"]), {"a": Agent("a").call, "b": defective})


def test_a_record_that_two_agents_saw_is_told_once() -> None:
    view = CallView(ids=[], records=[record("share", 1, "x")])
    assert len(merge_views([view, view], limit=10).records) == 1


def test_the_merged_records_are_cut_by_time() -> None:
    views = [
        CallView(ids=[], records=[record("a", 3, "late")]),
        CallView(ids=[], records=[record("b", 1, "early")]),
    ]
    merged = merge_views(views, limit=1)
    assert ([found.text for found in merged.records], merged.cut) == (["early"], True)
