"""A backlog of deleted logs that wait to be sent is told before, and when, its room is used up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest

from agent.catalogue import HoldReason, Scope, TimeRange, backlog_at
from agent.catalogue.backlog import Backlog, BacklogTold, Press, backlog_of
from tests.conftest import ExpectedLogs
from tests.peers.rotating_site import RotatingSite
from tests.peers.shipping_line import ShippingLine, line
from tests.peers.shipping_line import site as rotating
from tests.unit.agent.test_evidence import START, HeldSite, no_links, segment, site

__all__ = ["line", "rotating", "site"]

DAY = timedelta(days=1)


def nothing(_keys: Collection[str]) -> Collection[str]:
    """No job has masked anything."""
    return ()


def backlog(site: HeldSite) -> Backlog:
    return backlog_of(site.catalogue.database, quota=site.evidence.quota, masked=nothing)


def waits(site: HeldSite, *names: str) -> None:
    """Jobs want these."""
    wanted = [timed.segment for timed in site.table.segments() if timed.segment.path in names]
    site.evidence.hold_segments(HoldReason.COLLECTION, label="job", segments=wanted, keep=DAY)


def written(site: HeldSite, *minutes: int) -> tuple[list[str], int]:
    """The names of closed segments and the bytes of one of them."""
    known = [segment(minute) for minute in minutes]
    site.put(*known, segment(600))
    site.settle()
    return [one.name for one in known], max(len(one.content) for one in known)


def deleted(site: HeldSite, *names: str) -> None:
    for name in names:
        (site.folder / name).unlink()
    site.later(seconds=10)


def test_a_log_that_still_lies_in_its_folder_takes_no_room(site: HeldSite) -> None:
    names, size = written(site, 0, 60)
    site.evidence = site.with_quota(size)
    waits(site, *names)
    assert (backlog(site).waiting, backlog(site).press) == (0, Press.NONE)


@pytest.mark.parametrize(
    ("quota", "press"),
    [pytest.param(2.4, Press.NEARLY, id="past four fifths"), pytest.param(2.6, Press.NONE, id="below")],
)
def test_deleted_logs_that_wait_are_told_from_four_fifths_of_their_room_on(
    site: HeldSite, quota: float, press: Press
) -> None:
    names, size = written(site, 0, 60)
    site.evidence = site.with_quota(round(quota * size))
    waits(site, *names)
    deleted(site, *names)
    assert backlog(site).press is press


def test_what_incidents_hold_is_no_room_for_what_waits(site: HeldSite) -> None:
    names, size = written(site, 0, 120)
    site.evidence = site.with_quota(round(2.2 * size))
    site.hold()
    waits(site, names[1])
    deleted(site, *names)
    found = backlog(site)
    assert (found.press, found.waiting <= size, found.room <= 1.3 * size) == (Press.NEARLY, True, True)


def test_what_an_incident_holds_as_well_is_not_about_to_be_lost(site: HeldSite) -> None:
    names, size = written(site, 0)
    site.evidence = site.with_quota(round(1.1 * size))
    site.hold()
    waits(site, *names)
    deleted(site, *names)
    assert backlog(site).press is Press.NONE


def test_what_gave_way_is_told_until_its_job_has_ended(site: HeldSite) -> None:
    names, size = written(site, 0, 60)
    site.evidence = site.with_quota(round(1.5 * size))
    waits(site, *names)
    deleted(site, *names)
    problem = backlog(site).problem()
    assert problem is not None
    assert (problem.code, problem.title) == ("CF-1879", "Logs that wait to be sent are not held any more")
    site.evidence.release_labelled(HoldReason.COLLECTION, "job")
    assert backlog(site).problem() is None


def test_what_is_masked_waits_for_nothing(site: HeldSite) -> None:
    names, size = written(site, 0, 60)
    keys = {timed.segment.path: timed.segment.key for timed in site.table.segments()}
    site.evidence = site.with_quota(round(1.5 * size))
    waits(site, *names)
    deleted(site, *names)
    found = backlog_of(
        site.catalogue.database, quota=size, masked=lambda _keys: [keys[name] for name in names]
    )
    assert (found.waiting, found.lost, found.press) == (0, 0, Press.NONE)


def test_what_is_masked_gives_way_before_what_is_not(site: HeldSite) -> None:
    names, size = written(site, 0, 60)
    keys = {timed.segment.path: timed.segment.key for timed in site.table.segments()}
    for name in names:
        waits(site, name)
    site.evidence = site.with_quota(round(1.5 * size), masked=lambda _keys: [keys[names[1]]])
    deleted(site, *names)
    assert [name.partition("-")[2] for name in site.pins()] == [names[0]]


def test_what_a_log_request_waits_for_is_no_less_wanted_for_being_sent_by_a_rule(site: HeldSite) -> None:
    names, size = written(site, 0, 120)
    keys = {timed.segment.path: timed.segment.key for timed in site.table.segments()}
    sent = (keys[names[1]],)
    site.evidence = site.with_quota(round(1.5 * size), masked=lambda _keys: sent)
    waits(site, names[0])
    scope = Scope(range=TimeRange.between(START + timedelta(hours=2), START + timedelta(hours=3)))
    site.evidence.hold(HoldReason.COLLECTION, label="request-1", scope=scope, keep=DAY)
    deleted(site, *names)
    assert [name.partition("-")[2] for name in site.pins()] == [names[1]]
    found = backlog_of(site.catalogue.database, quota=size, masked=lambda _keys: sent)
    assert (found.waiting > 0, found.lost) == (True, 1)


def test_a_log_that_is_not_held_and_still_lies_in_its_folder_is_not_lost(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.link", no_links)
    names, _size = written(site, 0)
    site.evidence = site.with_quota(0)
    waits(site, *names)
    assert [hold.missing for hold in site.evidence.holds()] == [1]
    assert backlog(site).lost == 0
    deleted(site, *names)
    assert backlog(site).lost == 1


def test_what_an_alarm_misses_is_no_backlog(site: HeldSite) -> None:
    names, size = written(site, 0, 10)
    site.evidence = site.with_quota(round(1.5 * size))
    scope = Scope(range=TimeRange.between(START, START + timedelta(hours=1)))
    site.evidence.hold(HoldReason.ALARM, label="storm", scope=scope, keep=DAY)
    deleted(site, *names)
    assert backlog(site).lost == 0


def test_it_can_be_told_from_the_data_folder(site: HeldSite) -> None:
    names, size = written(site, 0)
    site.evidence = site.with_quota(round(1.1 * size))
    waits(site, *names)
    deleted(site, *names)
    site.catalogue.database.path.rename(site.root / "catalogue.db")
    found = backlog_at(site.root, quota=site.evidence.quota, masked=nothing)
    assert found is not None
    assert found.press is Press.NEARLY


def test_what_gave_way_and_nobody_waits_for_is_forgotten(line: ShippingLine, rotating: RotatingSite) -> None:
    rotating.write()
    line.look()
    rotating.path().unlink()
    line.look()
    database = line.catalogue.database
    with database.transaction() as connection:
        connection.execute("UPDATE held SET problem = 'The quota for evidence is used up.'")
        connection.execute("DELETE FROM pins")
    assert backlog_of(database, quota=10**9, masked=nothing).lost == 1
    line.settle()
    line.keeper.take_stock()
    line.settle()
    assert backlog_of(database, quota=10**9, masked=nothing).lost == 0


def test_a_backlog_is_told_once_when_it_gets_worse_and_when_it_is_over(expected_logs: ExpectedLogs) -> None:
    expected_logs("agent.catalogue.backlog")
    told: list[int] = []
    seen: list[Backlog] = []
    states = [Backlog(0, 100, 0), Backlog(80, 100, 0), Backlog(95, 100, 0), Backlog(70, 100, 0)]
    states += [Backlog(81, 100, 0), Backlog(99, 100, 3), Backlog(99, 100, 9), Backlog(60, 100, 0)]
    notice = BacklogTold(lambda: told.append(len(seen)))
    for state in states:
        notice.look(state)
        seen.append(state)
    assert told == [1, 5, 7]


def test_what_is_lost_after_it_had_got_better_is_told_again(expected_logs: ExpectedLogs) -> None:
    expected_logs("agent.catalogue.backlog")
    told: list[int] = []
    notice = BacklogTold(lambda: told.append(1))
    for state in (Backlog(99, 100, 1), Backlog(70, 100, 0), Backlog(99, 100, 1)):
        notice.look(state)
    assert len(told) == 3
