"""One call through several applications, by any of its ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agent.catalogue import Finder, Scope, TimedSegment
from agent.catalogue.calls import MOST_IDS, CallFinder, CallQuestion, CallRecords
from agent.catalogue.entries import TimeEntry
from app.logs import Stamp
from tests.peers.timed_logs import KnownSegment, TimedSite

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
CONN, CALL, SIP = "00e2029a670222cb", "7C1QF2V5B57K1C9HGB2O1RVR4K000A2F", "5D3A7C21-01EE-4B21@192.0.2.11"
SESSION = "VIKO7IB57K1C9HGB2O1RVR4K00000001"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    """SIP Server ties three ids together, URS knows one of them, ORS ties one to a session of its own."""
    made = TimedSite(tmp_path)
    sip = KnownSegment("sips_a.20230609_080000_000.log")
    sip.begin(START)
    for second in range(60):
        sip.add(at(second), f"Trc 1 noise {second}")
    invite = f"INVITE sip:x SIP/2.0\nCall-ID: {SIP}\nX-Genesys-CallUUID: {CALL}\n"
    sip.add(at(60), f": Received [0,UDP] 806 bytes <<<<<\n{invite}")
    event = f"[0] message EventRinging\n\tAttributeConnID\t{CONN}\n\tAttributeCallUUID\t'{CALL}'"
    sip.add(at(61), event, form="@%H:%M:%S.%f", cut=14)
    sip.add(at(62), "[0] message EventRinging\n\tAttributeConnID\t00e2029a67022200")
    sip.add(at(600), "Trc 1 much later")
    urs = KnownSegment("urs_a.20230609_080000_000.log", application="urs_a")
    urs.begin(START, host="rtg-a01")
    urs.add(at(61.5), f"_I_I_{CONN} [09:05] >>>>resume\n_I_I_{CONN} [09:04] ASSIGN: v <- STRING")
    ors = KnownSegment("ors_a.20230609_080000_000.log", application="ors_a")
    ors.begin(START, host="rtg-a01")
    ors.add(at(61.7), f"METRIC <eval_expr sid='{SESSION}' expression='_genesys' callUuid=\"{CALL}\" />")
    ors.add(at(63), f"METRIC <log sid='{SESSION}' />")
    made.put(sip, urs, ors)
    yield made
    made.close()


def follow(site: TimedSite, *ids: str, around: float = 0.0, limit: int = 5000) -> CallRecords:
    question = CallQuestion(ids=ids, around=round(around * 1_000_000), limit=limit)
    return CallFinder(site.finder, site.searcher).follow(question)


@pytest.mark.parametrize("start", [CONN, CALL, SIP, SESSION])
def test_any_id_leads_to_the_whole_call(site: TimedSite, start: str) -> None:
    found = follow(site, start)
    assert {one.value for one in found.ids} == {CONN, CALL, SIP, SESSION}
    assert [record.timed.application for record in found.records] == [
        "sips_a",
        "sips_a",
        "urs_a",
        "ors_a",
        "ors_a",
    ]


def test_each_record_says_which_ids_stand_in_it(site: TimedSite) -> None:
    assert [set(record.ids) for record in follow(site, CALL).records] == [
        {SIP, CALL},
        {CONN, CALL},
        {CONN},
        {SESSION, CALL},
        {SESSION},
    ]


def test_what_lies_around_is_of_the_same_applications_only(site: TimedSite) -> None:
    found = follow(site, SIP, around=1.5)
    texts = [record.text for record in found.records if record.timed.application == "sips_a"]
    assert [text.split()[-1] for text in texts[:2]] == ["59", CALL]
    assert len(texts) == 4, "the second before, the two of the call, and the other call right after it"
    assert not any("much later" in text for text in texts)


def test_an_id_of_nothing_finds_nothing(site: TimedSite) -> None:
    found = follow(site, "ffffffffffffffff")
    assert (found.records, [one.value for one in found.ids]) == ([], ["ffffffffffffffff"])


def test_an_id_that_stands_everywhere_is_not_followed(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.catalogue.calls._COMMON", 1)
    found = follow(site, SIP)
    assert [one.value for one in found.common] == [CALL]
    assert [one.value for one in found.ids] == [SIP]


def test_a_call_over_a_rotation_is_one(site: TimedSite) -> None:
    later = KnownSegment("sips_a.20230609_081000_000.log")
    later.begin(at(600))
    later.add(at(601), f"[0] message EventReleased\n\tAttributeConnID\t{CONN}")
    site.put(later)
    assert follow(site, CALL).records[-1].moment == round(at(601).timestamp() * 1_000_000)


def test_more_records_than_the_limit_are_cut_at_the_end(site: TimedSite) -> None:
    found = follow(site, CALL, limit=2)
    assert (len(found.records), found.cut) == (2, True)


def chain(site: TimedSite, links: int) -> list[str]:
    """Records each of which ties an id to the next one."""
    ids = [f"{number:016x}" for number in range(0x00E2029A67030000, 0x00E2029A67030000 + links + 1)]
    urs = KnownSegment("urs_c.20230609_090000_000.log", application="urs_c")
    urs.begin(START + timedelta(hours=1), host="rtg-a01")
    for number, (one, other) in enumerate(pairwise(ids)):
        urs.add(
            at(3600 + number), f"_I_I_{one} [09:05] AttributeConnID {one} AttributeTransferConnID {other}"
        )
    site.put(urs)
    return ids


@pytest.mark.parametrize(("links", "cut"), [(3, False), (12, True)])
def test_a_call_of_more_links_than_are_followed_says_that_there_may_be_more(
    site: TimedSite, links: int, cut: bool
) -> None:
    ids = chain(site, links)
    found = follow(site, ids[0])
    assert found.cut is cut
    assert len(found.ids) >= 3


def test_a_call_of_more_ids_than_are_followed_says_that_there_are_more(site: TimedSite) -> None:
    urs = KnownSegment("urs_m.20230609_090000_000.log", application="urs_m")
    urs.begin(START + timedelta(hours=1), host="rtg-a01")
    for number in range(MOST_IDS + 5):
        urs.add(
            at(3600 + number),
            f"AttributeConnID {CONN} AttributeTransferConnID {0x00E2029A67040000 + number:016x}",
        )
    site.put(urs)
    assert follow(site, CONN).cut


def busy(site: TimedSite, *, calls: int, between: int) -> None:
    """Records of the call among many of others."""
    gvp = KnownSegment("gvp_a.20230609_100000_000.log", application="gvp_a")
    gvp.begin(at(7200), host="gvp-a01")
    for number in range(calls * between):
        what = f"callid={SIP}" if number % between == 0 else "another call"
        gvp.add(at(7200 + number / 10), f"Std 1 {what} {number}")
    site.put(gvp)


def test_what_is_near_takes_no_room_from_the_call_itself(site: TimedSite) -> None:
    busy(site, calls=20, between=50)
    found = follow(site, SIP, around=60, limit=40)
    assert found.cut
    assert len(found.records) == 40
    assert sum(f"callid={SIP}" in record.text for record in found.records) == 20


def test_what_there_is_no_room_for_is_not_read(site: TimedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(site, calls=20, between=2000)
    site.indexer.catch_up()
    read: list[int] = []
    stamps = Finder.stamps

    def counted(finder: Finder, timed: TimedSegment, entry: TimeEntry, **where: Any) -> list[Stamp]:
        read.append(entry.offset)
        return stamps(finder, timed, entry, **where)

    monkeypatch.setattr(Finder, "stamps", counted)
    alone = len(follow(site, SIP, limit=100).records) and len(read)
    read.clear()
    follow(site, SIP, around=600, limit=100)
    assert len(read) < alone + 8, "one entry of each application, not all twenty"


def test_long_records_are_told_as_far_as_an_answer_holds_them(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.catalogue.calls.LONGEST_TEXT", 500)
    monkeypatch.setattr("agent.catalogue.calls.MOST_TEXT", 1200)
    urs = KnownSegment("urs_l.20230609_090000_000.log", application="urs_l")
    urs.begin(START + timedelta(hours=1), host="rtg-a01")
    for number in range(4):
        urs.add(at(3600 + number), f"_I_I_{SESSION}\n" + "\tlong\n" * 400)
    site.put(urs)
    found = CallFinder(site.finder, site.searcher).follow(
        CallQuestion(ids=[SESSION], scope=Scope(("urs_l",)), follow=False)
    )
    assert [len(record.text) for record in found.records] == [500, 500]
    assert found.cut
