from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.errors import CredentialsError, RefusedError, UnreachableError
from app.portal import Drafts, Outbox, open_portal_database
from app.portal.contract import Update, UpdateKind

NOW = datetime(2023, 6, 14, 12, 0, tzinfo=UTC)
NUMBER = "0003256109"


class Desk:
    """Takes comments, each key once, and fails as told."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.taken: dict[str, str] = {}

    def comment(self, number: str, text: str, key: str | None = None) -> Update:
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, _LostAnswer):
            self.taken.setdefault(str(key), text)
        if failure is not None:
            raise failure
        self.taken.setdefault(str(key), text)
        return Update(
            id="u1",
            case=number,
            kind=UpdateKind.MESSAGE,
            at=NOW,
            author="",
            from_support=False,
            mine=True,
            channel="portal",
            text=text,
        )


class _LostAnswer(UnreachableError):
    pass


def unreachable(kind=UnreachableError):
    return kind("The connection broke", happened="h", todo="t")


@pytest.fixture
def database(tmp_path):
    opened = open_portal_database(tmp_path / "portal.db")
    yield opened
    opened.close()


def test_a_draft_survives_a_restart(tmp_path):
    first = open_portal_database(tmp_path / "portal.db")
    Drafts(first, clock=lambda: NOW).put(NUMBER, "half a thought")
    first.close()
    second = open_portal_database(tmp_path / "portal.db")
    draft = Drafts(second).get(NUMBER)
    second.close()
    assert draft is not None
    assert (draft.text, draft.changed) == ("half a thought", NOW)


def test_a_blank_draft_is_removed(database):
    drafts = Drafts(database)
    drafts.put(NUMBER, "text")
    drafts.put(NUMBER, "  \n")
    assert drafts.get(NUMBER) is None
    assert drafts.cases() == frozenset()


def test_drafts_of_two_places_are_apart(database):
    drafts = Drafts(database)
    drafts.put(NUMBER, "to support")
    drafts.put(NUMBER, "to the owner", "escalation")
    drafts.delete(NUMBER)
    assert drafts.get(NUMBER, "escalation").text == "to the owner"


def test_comments_leave_in_order_and_the_outbox_is_empty(database):
    outbox, desk = Outbox(database), Desk()
    outbox.add(NUMBER, "first")
    outbox.add(NUMBER, "second")
    assert [update.text for update in outbox.deliver(desk).sent] == ["first", "second"]
    assert outbox.waiting() == []


def test_a_comment_whose_answer_was_lost_is_sent_again_under_the_same_key(database):
    outbox, desk = Outbox(database), Desk(unreachable(_LostAnswer))
    outbox.add(NUMBER, "once")
    with pytest.raises(UnreachableError):
        outbox.deliver(desk)
    outbox.deliver(desk)
    assert list(desk.taken.values()) == ["once"]
    assert outbox.waiting() == []


@pytest.mark.parametrize("error", [unreachable(), CredentialsError("t", happened="h", todo="t")])
def test_an_outage_keeps_everything_in_order(database, error):
    outbox = Outbox(database)
    outbox.add(NUMBER, "first")
    outbox.add(NUMBER, "second")
    with pytest.raises(type(error)):
        outbox.deliver(Desk(error))
    assert [each.text for each in outbox.waiting()] == ["first", "second"]


def test_a_refused_comment_stays_with_its_reason_and_the_next_one_leaves(database):
    refusal = RefusedError("The case is closed", happened="It was closed.", todo="t", code="CF-1271")
    outbox, desk = Outbox(database), Desk(refusal)
    outbox.add(NUMBER, "to a closed case")
    outbox.add("0003256187", "to an open one")
    delivery = outbox.deliver(desk)
    assert [each.text for each in delivery.refused] == ["to a closed case"]
    kept = outbox.waiting()
    assert [(each.text, each.problem_code, each.problem) for each in kept] == [
        ("to a closed case", "CF-1271", "The case is closed. It was closed.")
    ]


def test_a_refused_comment_is_not_tried_until_the_person_says_so(database):
    outbox = Outbox(database)
    waiting = outbox.add(NUMBER, "text")
    outbox.deliver(Desk(RefusedError("t", happened="h", todo="t")))
    desk = Desk()
    outbox.deliver(desk)
    assert desk.taken == {}
    outbox.try_again(waiting.id)
    outbox.deliver(desk)
    assert list(desk.taken.values()) == ["text"]


def test_the_outbox_survives_a_restart(tmp_path):
    first = open_portal_database(tmp_path / "portal.db")
    Outbox(first).add(NUMBER, "kept", key="k" * 32)
    first.close()
    second = open_portal_database(tmp_path / "portal.db")
    desk = Desk()
    Outbox(second).deliver(desk)
    second.close()
    assert desk.taken == {"k" * 32: "kept"}
