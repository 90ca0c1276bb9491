"""The demo's data: as drawn, relative to now, loaded once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bundle import verify_bundle
from app.domain.cases import CaseState
from app.domain.followup import follow_up
from app.sandbox.demo import load_demo, load_generated_cases
from app.sandbox.demo.ages import at
from app.sandbox.files import stored_path
from app.sandbox.passwords import password_fits
from app.sandbox.site import Site
from app.sandbox.store.accounts import contact_by_email
from app.sandbox.store.cases import case_row
from app.sandbox.store.files import files_of, living_sftp_account

NOW = datetime(2026, 6, 14, 15, 20, tzinfo=UTC)


@given(days=st.integers(0, 900), hours=st.integers(0, 23), minutes=st.integers(0, 59))
def test_an_age_is_that_long_before_now_and_with_a_plus_after(days: int, hours: int, minutes: int) -> None:
    period = timedelta(days=days, hours=hours, minutes=minutes)
    text = f"{days} d {hours} h {minutes} min"
    assert (at(NOW, text), at(NOW, f"+{text}")) == (NOW - period, NOW + period)


@pytest.mark.parametrize("text", ["", "5", "5 days", "d 5", "5 d  3 h", "-5 d"])
def test_what_is_no_age_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is not an age"):
        at(NOW, text)


@pytest.mark.parametrize(
    ("number", "remaining"),
    [
        ("0003256033", timedelta(days=2, hours=9)),
        ("0003256109", timedelta(days=5, hours=1)),
        ("0003256187", timedelta(days=8, minutes=10)),
    ],
)
def test_the_timers_run_as_on_the_drawing(demo_site: Site, number: str, remaining: timedelta) -> None:
    case = case_row(demo_site.database, number, reader="ct-nadia")
    assert case is not None
    timer = follow_up(
        CaseState(case.status, case.substatus), priority=case.priority, since=case.waiting_since
    )
    assert timer is not None
    assert timer.remaining(demo_site.clock()) == remaining


def test_the_cases_that_wait_for_the_customer_are_unread(demo_site: Site) -> None:
    numbers = ("0003256033", "0003256109", "0003256187", "0003256231")
    cases = [case_row(demo_site.database, number, reader="ct-nadia") for number in numbers]
    assert [case.unread for case in cases if case is not None] == [True, True, True, False]


def test_the_people_file_holds_the_only_passwords(demo_site: Site) -> None:
    path = demo_site.data / "demo-people.json"
    people = json.loads(path.read_text(encoding="utf-8"))
    nadia = people[0]
    assert (nadia["email"], nadia["level"], nadia["account"]) == (
        "nadia.ferrow@abc.example",
        "read-write",
        "acc-1001",
    )
    contact = contact_by_email(demo_site.database, nadia["email"])
    assert contact is not None
    assert password_fits(nadia["password"], contact.password)
    assert len({person["password"] for person in people}) == len(people)


def test_a_second_load_changes_nothing(demo_site: Site) -> None:
    before = (demo_site.data / "demo-people.json").read_bytes()
    load_demo(demo_site)
    assert (demo_site.data / "demo-people.json").read_bytes() == before


def test_bundles_of_the_demo_verify(demo_site: Site) -> None:
    bundles = [file for file in files_of(demo_site.database, "0003256109") if file.has_manifest]
    verified = [verify_bundle(stored_path(demo_site, file)) for file in bundles]
    assert len(verified) == 2
    assert all(verification.manifest.counts["TEL"] > 0 for verification in verified)


def test_the_temporary_account_has_71_of_120_hours_left(demo_site: Site) -> None:
    account = living_sftp_account(demo_site.database, "0003256109", now=demo_site.clock())
    assert account is not None
    assert account.expires - demo_site.clock() == timedelta(hours=71)


def test_generated_cases_are_brought_up_to_a_number(demo_site: Site) -> None:
    load_generated_cases(demo_site, 50)
    first = rows(demo_site)
    load_generated_cases(demo_site, 80)
    second = rows(demo_site)
    assert (len(first), len(second)) == (50, 80)
    assert second[:50] == first


def rows(site: Site) -> list[tuple[Any, ...]]:
    found = site.database.rows("SELECT * FROM cases WHERE number >= '1000000000' ORDER BY number")
    return [tuple(row) for row in found]
