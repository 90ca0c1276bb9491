"""Log requests from their arrival to the last answer: decided once, collected once, told, in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.audit import acting, check_trail
from agent.requests import Decision, RequestRule, RequestState
from app.agentlink import JobState
from app.domain.errors import InputError, RefusedError, TrustError, UnreachableError
from app.portal.contract import LogRequestState
from tests.peers.request_hall import CASE, NOW, RequestHall

SEND = RequestRule("sip", Decision.SEND, applications=("sips_*",))
NEVER = RequestRule("urs", Decision.NEVER, applications=("urs*",))
BOTH = ["sips_a/sips_a.20230609_080000_000.log", "sips_a/sips_a.20230609_090000_000.log"]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RequestHall]:
    made = RequestHall(tmp_path, rules=[SEND, NEVER])
    yield made
    made.close()


@pytest.fixture
def asking_hall(tmp_path: Path) -> Iterator[RequestHall]:
    """Without rules: a person is asked."""
    made = RequestHall(tmp_path)
    yield made
    made.close()


def test_what_a_rule_sends_is_collected_and_the_portal_knows_the_bundles(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    assert hall.names() == BOTH
    assert {(job.case, job.source) for job in hall.jobs()} == {(CASE, "request-lr-1")}
    hall.end_jobs()
    hall.turn()
    assert hall.row().state is RequestState.SENT
    assert hall.portal.kinds() == ["accepted", "sent"]


def test_a_closed_segment_is_claimed_and_one_that_grows_is_taken_as_it_is(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    keys = [bool(file.segment) for file in hall.journal.files(hall.jobs()[0].id)]
    assert keys == [True, False]


def test_what_a_rule_never_sends_is_refused_with_its_reason(hall: RequestHall) -> None:
    row = hall.take("lr-1", "*")
    hall.turn()
    assert (row.state, row.rule) == (RequestState.REFUSED, "urs")
    assert hall.jobs() == []
    answer = hall.portal.answers[0][1]
    assert (answer.kind, answer.reason) == ("refused", "The customer's policy never sends logs of urs_a.")


def test_a_range_without_logs_is_answered_without_asking(asking_hall: RequestHall) -> None:
    row = asking_hall.take("lr-1", "tserver*")
    assert row.state is RequestState.NOTHING


def test_a_person_is_asked_and_says_yes(asking_hall: RequestHall) -> None:
    asking_hall.take()
    asking_hall.turn()
    assert asking_hall.jobs() == []
    with acting("endpoint file"):
        row = asking_hall.desk.allow("lr-1")
    asking_hall.turn()
    assert (row.state, row.decided_by) == (RequestState.ACCEPTED, "endpoint file")
    assert asking_hall.names() == BOTH
    assert asking_hall.portal.kinds() == ["received", "accepted"]


def test_a_person_says_no_and_support_is_told_why(asking_hall: RequestHall) -> None:
    asking_hall.take()
    asking_hall.desk.deny("lr-1", reason="Not this week.")
    asking_hall.turn()
    assert asking_hall.portal.answers[-1][1].reason == "Not this week."
    assert (asking_hall.row().state, asking_hall.jobs()) == (RequestState.REFUSED, [])


def test_no_answer_in_eight_hours_means_no(asking_hall: RequestHall) -> None:
    asking_hall.take()
    asking_hall.now = NOW + timedelta(hours=7, minutes=59)
    asking_hall.turn()
    assert asking_hall.row().state is RequestState.WAITING
    asking_hall.now = NOW + timedelta(hours=8)
    asking_hall.turn()
    assert (asking_hall.row().state, asking_hall.portal.kinds()) == (
        RequestState.EXPIRED,
        ["received", "expired"],
    )


def test_a_yes_that_comes_too_late_is_refused(asking_hall: RequestHall) -> None:
    asking_hall.take()
    asking_hall.now = NOW + timedelta(hours=8)
    with pytest.raises(RefusedError, match="CF-1284"):
        asking_hall.desk.allow("lr-1")
    asking_hall.turn()
    assert asking_hall.jobs() == []


def test_a_request_that_ends_sooner_waits_no_longer_for_a_person(asking_hall: RequestHall) -> None:
    asking_hall.take(expires=NOW + timedelta(hours=2))
    asking_hall.now = NOW + timedelta(hours=2)
    with pytest.raises(RefusedError, match="CF-1284"):
        asking_hall.desk.allow("lr-1")
    row = asking_hall.row()
    assert (row.state, row.reason) == (RequestState.EXPIRED, "Nobody answered before its end.")


def test_a_signature_is_good_for_its_own_id_only(asking_hall: RequestHall) -> None:
    signed = asking_hall.signed(asking_hall.request())
    asking_hall.desk.take(signed)
    asking_hall.desk.deny("lr-1")
    with pytest.raises(TrustError, match="CF-1476"):
        asking_hall.desk.take(replace(signed, id="lr-2"))
    assert asking_hall.ledger.get("lr-2") is None


def test_whoever_answers_second_has_lost(asking_hall: RequestHall) -> None:
    asking_hall.take()
    asking_hall.desk.deny("lr-1")
    with pytest.raises(RefusedError, match="CF-1284"):
        asking_hall.desk.allow("lr-1")


def test_an_unknown_request_is_said(asking_hall: RequestHall) -> None:
    with pytest.raises(InputError, match="CF-1137"):
        asking_hall.desk.allow("lr-9")


def test_a_request_that_comes_again_changes_nothing(asking_hall: RequestHall) -> None:
    asking_hall.take()
    asking_hall.desk.deny("lr-1")
    asking_hall.take()
    assert asking_hall.row().state is RequestState.REFUSED
    assert [record.kind for record in asking_hall.records()] == ["requested", "answered"]


def test_a_request_of_another_key_is_neither_kept_nor_followed(hall: RequestHall) -> None:
    signed = hall.signed(hall.request())
    foreign = replace(signed, document=signed.document.replace("sips_*", "*"))
    with pytest.raises(TrustError, match="CF-1476"):
        hall.desk.take(foreign)
    assert (hall.ledger.get("lr-1"), hall.jobs()) == (None, [])
    assert [record.facts["code"] for record in hall.records()] == ["CF-1476"]


def test_a_request_for_another_customer_is_refused(tmp_path: Path) -> None:
    hall = RequestHall(tmp_path, rules=[SEND], account="acc-2001")
    assert hall.take().state is RequestState.REFUSED
    hall.close()


@pytest.mark.parametrize("what", ["closed", "withdrawn", "other", "expired", "over"])
def test_nothing_is_collected_for_a_request_that_is_good_no_more(hall: RequestHall, what: str) -> None:
    hall.take()
    view = hall.portal.views["lr-1"]
    if what == "closed":
        hall.portal.views["lr-1"] = replace(view, case_open=False)
    elif what == "withdrawn":
        hall.portal.views["lr-1"] = replace(view, state=LogRequestState.WITHDRAWN)
    elif what == "expired":
        hall.portal.views["lr-1"] = replace(view, state=LogRequestState.EXPIRED)
    elif what == "over":
        hall.now = NOW + timedelta(hours=24)
    else:
        hall.portal.views["lr-1"] = replace(view, request=hall.request("lr-1", "*"))
    hall.turn()
    assert (hall.row().state, hall.jobs()) == (RequestState.REFUSED, [])


def test_while_the_portal_is_away_nothing_is_collected_and_the_answer_waits(hall: RequestHall) -> None:
    hall.take()
    hall.portal.away = True
    with pytest.raises(UnreachableError):
        hall.desk.collect()
    with pytest.raises(UnreachableError):
        hall.desk.tell()
    assert hall.jobs() == []
    hall.portal.away = False
    hall.turn()
    assert hall.portal.kinds() == ["accepted"]
    assert hall.names() == BOTH


def test_a_kill_between_the_jobs_and_their_note_makes_no_second_job(hall: RequestHall) -> None:
    hall.take()
    made = hall.desk.collection.begin(hall.request())
    hall.kill()
    hall.turn()
    assert hall.row().jobs == tuple(made)
    assert hall.names() == BOTH


def test_what_a_person_thinks_about_is_held_until_it_is_decided(asking_hall: RequestHall) -> None:
    asking_hall.take()
    log = asking_hall.site.folder / "sips_a.20230609_080000_000.log"
    kept = log.read_bytes()
    log.unlink()
    asking_hall.site.look()
    asking_hall.desk.allow("lr-1")
    asking_hall.turn()
    assert asking_hall.names() == BOTH
    held = asking_hall.desk.evidence.folder
    assert kept in [path.read_bytes() for path in held.iterdir()]
    asking_hall.end_jobs()
    asking_hall.turn()
    assert list(held.iterdir()) == []


def test_what_was_decided_to_be_sent_is_held_as_long_as_it_may_be_collected(hall: RequestHall) -> None:
    hall.take(expires=NOW + timedelta(days=7))
    hall.portal.away = True
    hall.now = NOW + timedelta(days=6, hours=23)
    hall.desk.evidence.renew()
    for log in hall.site.folder.glob("sips_a.*"):
        log.unlink()
    hall.site.look()
    hall.desk.evidence.renew()
    hall.portal.away = False
    hall.turn()
    assert hall.names() == BOTH


def test_a_request_whose_jobs_were_cancelled_here_was_refused(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    hall.end_jobs(JobState.CANCELLED)
    hall.turn()
    assert (hall.row().state, hall.row().reason) == (
        RequestState.REFUSED,
        "It was cancelled on this server.",
    )


def test_the_trail_tells_what_was_asked_and_by_what_it_was_decided(hall: RequestHall) -> None:
    hall.take()
    hall.turn()
    hall.end_jobs()
    hall.turn()
    told = [(record.kind, record.by, record.facts.get("answer", "")) for record in hall.records()]
    assert told == [
        ("requested", "portal", ""),
        ("answered", "rule sip", "accepted"),
        ("answered", "rule sip", "sent"),
    ]
    assert check_trail(hall.root, key=bytes(32)).breaks == ()
    assert "Mara" not in str(hall.records())


def test_what_a_kill_left_unrecorded_is_in_the_trail_after_the_next_start(
    hall: RequestHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr("agent.audit.AuditTrail.append", lambda *_: False)
        hall.take()
    hall.kill()
    assert [record.kind for record in hall.records()] == ["requested", "answered"]


def test_a_yes_is_one_to_what_was_shown(asking_hall: RequestHall) -> None:
    shown = asking_hall.take("lr-1", "*")
    asking_hall.add("gvp_a", count=2000)
    with pytest.raises(RefusedError, match="CF-1289"):
        asking_hall.desk.allow("lr-1")
    asking_hall.turn()
    now = asking_hall.row()
    assert (now.state, asking_hall.jobs()) == (RequestState.WAITING, [])
    assert (now.files, now.size > shown.size) == (shown.files + 1, True)


def test_what_is_more_is_sent_after_a_second_yes_to_it(asking_hall: RequestHall) -> None:
    asking_hall.take("lr-1", "*")
    asking_hall.add("gvp_a", count=2000)
    with pytest.raises(RefusedError, match="CF-1289"):
        asking_hall.desk.allow("lr-1")
    with acting("endpoint file"):
        asking_hall.desk.allow("lr-1")
    asking_hall.turn()
    assert any("gvp" in name for name in asking_hall.names())
    answered = [record.facts["answer"] for record in asking_hall.records() if record.kind == "answered"]
    assert answered == ["accepted"]


def test_a_log_that_comes_between_a_yes_and_its_collection_is_asked_about(asking_hall: RequestHall) -> None:
    asking_hall.take("lr-1", "*")
    asking_hall.portal.away = True
    asking_hall.desk.allow("lr-1")
    asking_hall.add("gvp_a", count=10)
    asking_hall.portal.away = False
    asking_hall.turn()
    assert (asking_hall.row().state, asking_hall.jobs()) == (RequestState.WAITING, [])


@pytest.mark.parametrize("person", [False, True])
def test_logs_that_are_never_sent_and_come_after_the_yes_are_not_sent(tmp_path: Path, person: bool) -> None:
    rules = [NEVER] if person else [NEVER, RequestRule("all", Decision.SEND)]
    hall = RequestHall(tmp_path, rules=rules, without=("urs_a",))
    hall.take("lr-1", "*")
    if person:
        hall.desk.allow("lr-1")
    hall.add("urs_a", count=10)
    hall.turn()
    assert (hall.row().state, hall.jobs()) == (RequestState.REFUSED, [])
    assert hall.row().reason == "The customer's policy never sends logs of urs_a."
    hall.close()


def test_more_than_a_rule_sends_by_itself_is_asked_about(tmp_path: Path) -> None:
    small = RequestRule("small", Decision.SEND, largest=30_000)
    hall = RequestHall(tmp_path, rules=[small])
    assert hall.take("lr-1", "*").state is RequestState.ACCEPTED
    hall.add("gvp_a", count=2000)
    hall.turn()
    assert (hall.row().state, hall.row().rule, hall.jobs()) == (RequestState.WAITING, "", [])
    hall.close()


def test_a_yes_stands_while_logs_grow_a_little(asking_hall: RequestHall) -> None:
    asking_hall.take("lr-1", "*")
    asking_hall.portal.away = True
    asking_hall.desk.allow("lr-1")
    asking_hall.grow("sips_a", count=20)
    asking_hall.portal.away = False
    asking_hall.turn()
    assert asking_hall.row().state is RequestState.COLLECTING


def test_support_is_told_of_logs_that_cannot_be_read(asking_hall: RequestHall) -> None:
    asking_hall.add_broken("tserver_y.20230609_080000_000.log.gz")
    row = asking_hall.take("lr-1", "tserver*")
    assert (row.state, row.reason.partition(":")[0]) == (
        RequestState.NOTHING,
        "1 log that may be of the range cannot be read",
    )
    assert "tserver_y" not in row.reason, "names of files leave masked only"


def test_what_could_not_be_read_is_told_with_what_was_sent(tmp_path: Path) -> None:
    hall = RequestHall(tmp_path, rules=[RequestRule("all", Decision.SEND)])
    hall.add_broken("tserver_y.20230609_080000_000.log.gz")
    hall.take("lr-1", "*")
    hall.turn()
    hall.end_jobs()
    hall.turn()
    assert hall.row().state is RequestState.SENT
    assert "1 log that may be of the range cannot be read" in hall.portal.answers[-1][1].reason
    hall.close()


def test_after_a_kill_between_jobs_and_their_note_nothing_is_sent_that_came_since(
    asking_hall: RequestHall,
) -> None:
    asking_hall.take("lr-1", "*")
    asking_hall.desk.allow("lr-1")
    made = asking_hall.desk.collection.begin(asking_hall.row().request)
    asking_hall.kill()
    asking_hall.add("gvp_a", count=2000)
    asking_hall.turn()
    assert (asking_hall.row().state, asking_hall.row().jobs) == (RequestState.COLLECTING, tuple(made))
    assert not any("gvp" in name for name in asking_hall.names())
