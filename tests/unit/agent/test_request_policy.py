"""The customer's policy for log requests, and when a request is one to think about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.requests import Circumstances, DataKind, Decision, Part, RequestRule, Ruling, judge, pause_after
from agent.requests.freshness import objection
from app.portal.contract import LogRequest
from app.transfer import parse_hours

MONDAY = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
AT = Circumstances(span=timedelta(hours=2), profile="voice-strict", local=MONDAY)
SIP = Part("sips_a", DataKind.TIMED, 1000)
URS = Part("URS_b", DataKind.TIMED, 500)
SEND_SIP = RequestRule("sip", Decision.SEND, applications=("sips_*",))
HOURS = (parse_hours("mon-fri 08:00-18:00 none"),)


def decided(*parts: Part, rules: list[RequestRule], at: Circumstances = AT) -> Decision:
    return judge(parts, rules, at=at).decision


def test_what_no_rule_knows_is_asked() -> None:
    assert decided(SIP, rules=[]) is Decision.ASK


def test_the_first_rule_that_holds_decides() -> None:
    never = RequestRule("all", Decision.NEVER)
    assert decided(SIP, rules=[SEND_SIP, never]) is Decision.SEND
    assert decided(SIP, rules=[never, SEND_SIP]) is Decision.NEVER


def test_the_strictest_application_decides_for_the_whole_request() -> None:
    rules = [SEND_SIP, RequestRule("urs", Decision.NEVER, applications=("urs*",))]
    assert judge([SIP, URS], rules, at=AT) == Ruling(Decision.NEVER, "urs", "URS_b")


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (replace(SEND_SIP, largest=1000), True),
        (replace(SEND_SIP, largest=999), False),
        (replace(SEND_SIP, longest=timedelta(hours=2)), True),
        (replace(SEND_SIP, longest=timedelta(hours=1)), False),
        (replace(SEND_SIP, kinds=frozenset({DataKind.TIMED})), True),
        (replace(SEND_SIP, kinds=frozenset({DataKind.PACKED})), False),
        (replace(SEND_SIP, profiles=("voice-strict",)), True),
        (replace(SEND_SIP, profiles=("other",)), False),
        (replace(SEND_SIP, hours=HOURS), True),
        (replace(SEND_SIP, hours=(parse_hours("sat 08:00-18:00 none"),)), False),
        (replace(SEND_SIP, applications=("SIPS_*",)), True),
        (replace(SEND_SIP, applications=("urs*",)), False),
    ],
)
def test_a_rule_holds_when_all_that_it_names_does(rule: RequestRule, holds: bool) -> None:
    assert (decided(SIP, rules=[rule]) is Decision.SEND) is holds


def test_the_size_is_that_of_the_whole_request() -> None:
    rule = RequestRule("small", Decision.SEND, largest=1200)
    assert decided(SIP, rules=[rule]) is Decision.SEND
    assert decided(SIP, URS, rules=[rule]) is Decision.ASK


PARTS = st.lists(
    st.builds(
        Part, st.sampled_from(["sips_a", "urs_b", "tserver"]), st.sampled_from(DataKind), st.integers(1, 2000)
    ),
    min_size=1,
    max_size=6,
)
RULES = st.lists(
    st.builds(
        RequestRule,
        name=st.sampled_from("abc"),
        then=st.sampled_from(Decision),
        applications=st.sampled_from([(), ("sips_*",), ("urs*", "t*")]),
        largest=st.one_of(st.none(), st.integers(1, 4000)),
        kinds=st.frozensets(st.sampled_from(DataKind), max_size=2),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(PARTS, PARTS, RULES)
def test_asking_for_more_never_makes_it_less_strict_when_sizes_do_not_matter(
    some: list[Part], more: list[Part], rules: list[RequestRule]
) -> None:
    order = list(Decision)
    sized = [replace(rule, largest=None) for rule in rules]
    less = order.index(decided(*some, rules=sized))
    assert order.index(decided(*some, *more, rules=sized)) >= less


@settings(deadline=None)
@given(PARTS, RULES)
def test_nothing_is_sent_that_no_rule_sends(parts: list[Part], rules: list[RequestRule]) -> None:
    if decided(*parts, rules=rules) is Decision.SEND:
        for part in parts:
            assert any(
                rule.then is Decision.SEND
                and (not rule.kinds or part.kind in rule.kinds)
                and (rule.largest is None or sum(each.size for each in parts) <= rule.largest)
                for rule in rules
            )


GOOD = LogRequest(
    id="lr-1",
    case="0003256109",
    account="acc-1001",
    applications=["sips_*"],
    first=MONDAY - timedelta(hours=2),
    last=MONDAY,
    asked=MONDAY,
    asked_by="Mara",
    expires=MONDAY + timedelta(hours=24),
)


@pytest.mark.parametrize(
    ("request_", "right"),
    [
        (GOOD, True),
        (replace(GOOD, asked=MONDAY + timedelta(minutes=9)), True),
        (replace(GOOD, asked=MONDAY + timedelta(minutes=11)), False),
        (replace(GOOD, asked=MONDAY - timedelta(hours=2), expires=MONDAY), False),
        (replace(GOOD, expires=MONDAY + timedelta(days=8)), False),
        (replace(GOOD, account="acc-2001"), False),
        (replace(GOOD, last=GOOD.first), False),
        (replace(GOOD, last=GOOD.first + timedelta(days=32)), False),
        (replace(GOOD, applications=[]), False),
    ],
)
def test_a_request_is_fresh_and_for_this_customer_or_refused(request_: LogRequest, right: bool) -> None:
    assert (objection(request_, account="acc-1001", now=MONDAY) == "") is right


@settings(deadline=None)
@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_portal_is_asked_again_in_seconds_at_first_and_in_five_minutes_at_most(
    failures: int, spread: float
) -> None:
    assert 2.5 <= pause_after(failures, spread=spread) <= 300
    assert pause_after(failures + 1, spread=spread) >= pause_after(failures, spread=spread)
