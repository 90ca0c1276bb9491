from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.cases import CaseType, Priority, Stage, Status, Substatus, Turn
from app.domain.errors import InputError
from app.portal import CaseCopy, CopyFilter, open_portal_database
from app.portal.contract import Case, CaseView

NOW = datetime(2023, 6, 14, 12, 0, tzinfo=UTC)
ME = "Nadia Ferrow"


def case(number: int, substatus: Substatus = Substatus.NEW, **changes) -> Case:
    status = {
        Substatus.NEW: Status.OPEN,
        Substatus.INVESTIGATION: Status.OPEN,
        Substatus.THIRD_PARTY_PENDING: Status.AWAITING_INFORMATION,
        Substatus.INFORMATION_REQUIRED: Status.AWAITING_INFORMATION,
        Substatus.REPLIED: Status.SOLUTION_PROPOSED,
        Substatus.FIXED: Status.SOLUTION_PROPOSED,
        Substatus.RESOLVED: Status.CLOSED,
        Substatus.CANCELLED: Status.CLOSED,
    }[substatus]
    plain = Case(
        number=f"{number:010d}",
        subject=f"Subject {number}",
        account="acc-1001",
        end_user="ABC Testing Co",
        type=CaseType.TECHNICAL,
        status=status,
        substatus=substatus,
        priority=Priority.MEDIUM,
        stage=Stage.PRODUCTION,
        component="SIP Server",
        version="8.1.103",
        opened=NOW - timedelta(days=20),
        updated=NOW - timedelta(minutes=number),
        contact=ME,
        owner="Ilse Brandt",
        etag="1",
    )
    return dataclasses.replace(plain, **changes)


def asked(
    number: int, days_ago: int, substatus: Substatus = Substatus.INFORMATION_REQUIRED, **changes
) -> Case:
    return case(number, substatus, waiting_since=NOW - timedelta(days=days_ago), **changes)


@pytest.fixture
def copy(tmp_path):
    database = open_portal_database(tmp_path / "portal.db")
    yield CaseCopy(database)
    database.close()


def short(order) -> list[int]:
    return [int(number) for number in order.numbers]


def test_a_list_is_grouped_by_whose_turn_it_is(copy):
    copy.put(
        [
            case(1, Substatus.RESOLVED, closed_at=NOW - timedelta(days=2)),
            case(2, Substatus.THIRD_PARTY_PENDING),
            case(3),
            asked(4, 1),
            case(5, Substatus.INVESTIGATION),
        ]
    )
    order = copy.ids(CaseView.MINE, me=ME, filters=CopyFilter(closed_since=NOW - timedelta(days=30)))
    assert [(group.turn, group.count) for group in order.groups] == [
        (Turn.YOU, 1),
        (Turn.SUPPORT, 2),
        (Turn.THIRD_PARTY, 1),
        (Turn.NOBODY, 1),
    ]
    assert short(order) == [4, 3, 5, 2, 1]


def test_an_empty_group_is_not_listed(copy):
    copy.put([case(1)])
    assert [group.turn for group in copy.ids(CaseView.MINE, me=ME).groups] == [Turn.SUPPORT]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-updated", [1, 2, 3]),
        ("updated", [3, 2, 1]),
        ("number", [1, 2, 3]),
        ("-number", [3, 2, 1]),
        ("subject", [3, 1, 2]),
        ("priority", [2, 3, 1]),
        ("opened", [2, 1, 3]),
        ("closes", [3, 1, 2]),
    ],
)
def test_each_sort_orders_inside_a_group(copy, sort, expected):
    copy.put(
        [
            asked(1, 5, subject="beta", priority=Priority.LOW, opened=NOW - timedelta(days=8)),
            asked(2, 2, subject="Gamma", priority=Priority.HIGH, opened=NOW - timedelta(days=9)),
            asked(3, 7, subject="Alpha", priority=Priority.MEDIUM, opened=NOW - timedelta(days=7)),
        ]
    )
    assert short(copy.ids(CaseView.MINE, me=ME, sort=sort)) == expected


def test_cases_without_a_timer_come_last_when_sorted_by_time_to_close_newest_first(copy):
    critical = asked(2, 9, priority=Priority.CRITICAL)
    copy.put([critical, asked(1, 1), case(4), case(3)])
    assert short(copy.ids(CaseView.MINE, me=ME, sort="closes")) == [1, 2, 3, 4]


def test_an_unknown_sort_is_an_input_error(copy):
    with pytest.raises(InputError):
        copy.ids(CaseView.MINE, me=ME, sort="number; DROP TABLE case_keys")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (CaseView.MINE, [4, 1, 5, 6]),
        (CaseView.GROUP, [4, 7, 1, 2, 5, 6]),
        (CaseView.WAITING, [4]),
        (CaseView.URGENT, [6]),
        (CaseView.CLOSED, [3]),
        (CaseView.ADMIN, [5]),
    ],
)
def test_each_view_holds_its_cases(copy, view, expected):
    copy.put(
        [
            case(1),
            case(2, contact="Tom Halberg", priority=Priority.HIGH),
            case(3, Substatus.RESOLVED, closed_at=NOW),
            asked(4, 1),
            case(5, type=CaseType.ADMIN),
            case(6, priority=Priority.CRITICAL),
            asked(7, 1, contact="Tom Halberg"),
        ]
    )
    assert short(copy.ids(view, me=ME)) == expected
    counts = copy.counts(me=ME).counts
    assert counts[view] == len(expected)


def test_old_closed_cases_leave_the_list(copy):
    copy.put(
        [
            case(1, Substatus.RESOLVED, closed_at=NOW - timedelta(days=29)),
            case(2, Substatus.RESOLVED, closed_at=NOW - timedelta(days=31)),
        ]
    )
    since = CopyFilter(closed_since=NOW - timedelta(days=30))
    assert short(copy.ids(CaseView.CLOSED, me=ME, filters=since)) == [1]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (CopyFilter(priority=[Priority.HIGH]), [2]),
        (CopyFilter(priority=[Priority.HIGH, Priority.LOW]), [2, 3]),
        (CopyFilter(component=["URS"]), [3]),
        (CopyFilter(component=["URS"], priority=[Priority.HIGH]), []),
        (CopyFilter(accounts=["acc-2"]), [1]),
        (CopyFilter(accounts=["nobody's"]), []),
        (CopyFilter(status=[Status.OPEN]), [1, 2, 3]),
    ],
)
def test_chips_combine_with_and_values_inside_a_chip_with_or(copy, filters, expected):
    copy.put(
        [
            case(1, account="acc-2"),
            case(2, priority=Priority.HIGH),
            case(3, priority=Priority.LOW, component="URS"),
        ]
    )
    assert short(copy.ids(CaseView.GROUP, me=ME, filters=filters)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0000000002", [2]),
        ("DROP trunk", [2]),
        ("straße", [1]),
        ("STRASSE", [1]),
        ("100%", [1]),
        ("drop nothing", []),
        ("", [1, 2]),
    ],
)
def test_words_are_found_folded_and_literally(copy, words, expected):
    copy.put([case(1, subject="Straße 100% wrong"), case(2, description="Calls drop on the trunk")])
    assert short(copy.ids(CaseView.GROUP, me=ME, words=words)) == expected


def test_rows_come_in_the_order_asked_for_and_equal_what_was_put(copy):
    cases = [case(n, description="ü" * n) for n in range(1, 1201)]
    copy.put(cases)
    wanted = [each.number for each in reversed(cases)]
    assert copy.rows([*wanted, "9999999999"]) == list(reversed(cases))


def test_a_changed_case_moves_to_its_new_group(copy):
    copy.put([case(1), asked(2, 1)])
    copy.put([asked(1, 3, subject="New text")])
    order = copy.ids(CaseView.MINE, me=ME, sort="closes")
    assert short(order) == [1, 2]
    assert copy.row("0000000001").subject == "New text"


def test_a_whole_reading_forgets_what_the_portal_did_not_name(copy):
    copy.put([case(1), case(2)])
    assert copy.keep_only(["0000000001"], at=NOW) == ["0000000002"]
    assert copy.row("0000000002") is None
    assert copy.complete_at() == NOW


def test_facts_survive_a_restart(tmp_path):
    database = open_portal_database(tmp_path / "portal.db")
    CaseCopy(database).saw_event(41)
    database.close()
    database = open_portal_database(tmp_path / "portal.db")
    assert CaseCopy(database).last_event() == 41
    database.close()


def test_clearing_leaves_no_case_behind(copy):
    copy.put([case(1)])
    copy.clear()
    assert copy.ids(CaseView.GROUP, me=ME).numbers == []
    assert copy.row("0000000001") is None


def test_the_components_of_an_account_are_offered(copy):
    copy.put([case(1, component="URS"), case(2), case(3, component="MCP", account="acc-2")])
    assert copy.components(["acc-1001"]) == ["SIP Server", "URS"]


def test_every_list_is_read_from_its_index_without_sorting(copy):
    copy.put([case(n, random.choice(list(Substatus)[:1])) for n in range(1, 50)])
    database = copy._database
    plans = []
    for sort in ("updated", "opened", "number", "priority", "subject", "status", "closes"):
        for sign in ("", "-"):
            from app.portal.case_order import conditions, order_by

            where = conditions(CaseView.MINE, me=1, wanted=CopyFilter(), names={})
            rows = database.rows(
                f"EXPLAIN QUERY PLAN SELECT number FROM case_keys WHERE turn = ? AND {where.sql}"
                f" ORDER BY {order_by(sign + sort)}",
                (0, *where.values),
            )
            plans.append((sign + sort, " | ".join(row["detail"] for row in rows)))
    assert [name for name, plan in plans if "TEMP B-TREE" in plan or "COVERING INDEX" not in plan] == []
