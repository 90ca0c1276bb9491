"""New lines become alarms, once; storms are folded; what is shown is masked; what is asked for is done."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.alarms import (
    Action,
    AlarmActions,
    AlarmBook,
    AlarmDesk,
    AlarmRule,
    AlarmWatch,
    Drafts,
    LineMask,
    Rate,
    Severity,
    open_alarm_database,
)
from agent.alarms.spotting import Spotted, Spotter
from agent.catalogue import Evidence, HoldReason, TimeIndexer, micros_of
from app.agentlink import AlarmsAsk, AlarmShown
from app.domain.errors import InputError, LocalError
from app.masking import (
    Canaries,
    Engine,
    MaskingError,
    PseudonymKey,
    ReferenceEngine,
    ResidualCheck,
    load_rules,
    reference_engine,
)
from tests.peers.timed_logs import KnownSegment, TimedSite

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
KEY = PseudonymKey(bytes(range(32)))
RULES = load_rules()
ENGINE = reference_engine(RULES, KEY)
PHONE = "+4930901820417"
EVERYTHING = (Action.NOTIFY, Action.HOLD, Action.DRAFT)
LOST = AlarmRule("lost", Severity.MAJOR, ids=("04504",), actions=EVERYTHING, text="A connection is lost.")


class Breaks(ReferenceEngine):
    """An engine that stumbles."""

    def mask_stream(self, source: object, sink: object) -> object:  # type: ignore[override]
        del source, sink
        raise MaskingError("No", happened="It stumbled.", todo="None.")


@dataclass
class Server:
    """A server with logs, its catalogue and its alarms; `restart` keeps what is on the disk."""

    root: Path
    rules: tuple[AlarmRule, ...] = (LOST,)
    engine: Engine = ENGINE
    canaries: tuple[str, ...] = ()
    events: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = TimedSite(self.root)
        self.now = START + MINUTE
        self.open()

    def open(self) -> None:
        self.database = open_alarm_database(self.root / "alarms.db")
        self.book, self.drafts = AlarmBook(self.database), Drafts(self.database)
        check = ResidualCheck(lambda: ENGINE, canaries=Canaries(self.canaries))
        self.watch = AlarmWatch(
            self.rules,
            book=self.book,
            mask=LineMask(lambda: self.engine, lambda: check),
            wall=lambda: self.now,
        )
        self.site.indexer = TimeIndexer(self.site.table, host="h", rules=UTC, listener=self.watch)
        self.evidence = Evidence(
            self.site.catalogue.database,
            self.site.finder,
            folder=self.root / "evidence",
            quota=10**9,
            wall=lambda: self.now,
        )
        self.actions = AlarmActions(
            self.rules,
            book=self.book,
            drafts=self.drafts,
            evidence=self.evidence,
            publish=lambda kind, subject: self.events.append((kind, subject)),
            ended=self.watch.forget_storm,
            wall=lambda: self.now,
        )
        self.desk = AlarmDesk(self.rules, book=self.book, drafts=self.drafts, wall=lambda: self.now)

    def restart(self) -> None:
        self.database.close()
        self.open()

    def read(self, *segments: KnownSegment) -> None:
        """Write segments, and have the catalogue read what is new."""
        self.site.put(*segments)
        self.site.indexer.catch_up()

    def read_again(self) -> None:
        """As when the catalogue has lost what it knew."""
        with self.site.catalogue.database.transaction() as connection:
            connection.execute("DELETE FROM timed")
        self.site.indexer.catch_up()

    @property
    def alarms(self) -> list[AlarmShown]:
        return self.desk.alarms(AlarmsAsk()).alarms[::-1]

    def close(self) -> None:
        self.database.close()
        self.site.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.close()


def segment(
    *texts: str, codec: str = "utf-8", version: str = "8.1.103.95", every: timedelta = SECOND
) -> KnownSegment:
    known = KnownSegment("sips_a.20230609_080000_000.log", codec=codec)
    known.begin(START)
    told = f"Version:           {version}\n".encode(codec)
    known.header = told + known.header
    for number, text in enumerate(texts):
        known.add(START + number * every, text)
    return known


def test_a_line_becomes_an_alarm_with_component_version_id_and_time(server: Server) -> None:
    server.read(segment("Std 05060 started", "Std 04504 Connection to urs_a lost", "\tmore of it"))
    (alarm,) = server.alarms
    assert (alarm.rule, alarm.severity, alarm.message) == ("lost", "major", "04504")
    assert (alarm.application, alarm.version) == ("sips_a", "8.1.103.95")
    assert (alarm.first, alarm.last, alarm.count) == (START + SECOND, START + SECOND, 1)
    assert alarm.lines == ["10:00:01.000 Std 04504 Connection to urs_a lost"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "cp1252"])
def test_nothing_is_raised_twice_by_growth_restarts_and_reading_again(server: Server, codec: str) -> None:
    log = segment("Std 04504 Zoë one", codec=codec)
    server.read(log)
    server.restart()
    log.add(START + 5 * SECOND, "Std 04504 Zoë two")
    server.read(log)
    server.read_again()
    server.restart()
    server.read_again()
    assert [alarm.first for alarm in server.alarms] == [START, START + 5 * SECOND]


@given(
    kinds=st.lists(st.sampled_from(["lost", "other", "wide"]), min_size=1, max_size=12),
    events=st.lists(st.sampled_from(["read", "restart", "again"]), min_size=12, max_size=12),
)
@settings(max_examples=15, deadline=None)
def test_however_lines_come_and_the_agent_ends_each_is_raised_once(
    kinds: list[str], events: list[str]
) -> None:
    texts = {"lost": "Std 04504 lost", "other": "Std 05060 x", "wide": "Trc 1 x\n" + "\tmore of it" * 7000}
    with TemporaryDirectory() as folder:
        server, log, expected = Server(Path(folder)), segment(), []
        for number, (kind, event) in enumerate(zip(kinds, events, strict=False)):
            moment = START + number * SECOND
            log.add(moment, texts[kind])
            expected += [moment] if kind == "lost" else []
            if event == "restart":
                server.restart()
            server.read(log)
            if event == "again":
                server.read_again()
        found = server.alarms
        server.close()
    assert [alarm.first for alarm in found][:10] == expected[:10]
    assert sum(alarm.count for alarm in found) == len(expected)


def test_a_packed_copy_of_a_segment_raises_nothing_again(server: Server) -> None:
    log = segment("Std 04504 one")
    server.read(log)
    (server.site.folder / f"{log.name}.gz").write_bytes(gzip.compress(log.content, mtime=0))
    (server.site.folder / log.name).unlink()
    server.site.settle()
    assert len(server.alarms) == 1


def test_another_content_under_the_same_name_is_looked_at_from_its_start(server: Server) -> None:
    server.read(segment("Std 04504 one"))
    other = segment("Std 04504 one")
    other.begin(START + 30 * SECOND, number=2)
    server.site.now += 1
    server.read(other)
    assert len(server.alarms) == 2


def test_lines_that_are_old_when_they_are_first_read_raise_nothing(server: Server) -> None:
    server.now = START + timedelta(days=1, seconds=1)
    server.read(segment("Std 04504 old", "Std 05060 x", "Std 04504 new"))
    assert [alarm.first for alarm in server.alarms] == [START + 2 * SECOND]


def test_lines_behind_blocks_that_are_history_are_looked_at(server: Server) -> None:
    server.now = START + timedelta(days=1, seconds=3)
    wide = "Std 04504 old\n" + "\tmore of it" * 7000
    server.read(segment(wide, wide, wide, "Std 04504 new\n\tmore of it", "Std 04504 newer"))
    assert [alarm.first for alarm in server.alarms] == [START + 3 * SECOND, START + 4 * SECOND]


def test_blocks_that_are_history_are_not_searched(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[bytes] = []
    find = Spotter.find

    def listening(spotter: Spotter, plain: bytes, *, application: str) -> list[Spotted]:
        searched.append(plain)
        return find(spotter, plain, application=application)

    monkeypatch.setattr(Spotter, "find", listening)
    server.now = START + timedelta(days=2)
    log = segment(*["Std 04504 old\n" + "\tmore of it" * 7000] * 60)
    server.read(log)
    assert searched == [] or log.content.startswith(searched[0])
    assert sum(map(len, searched)) < len(log.content) / 2


def test_what_stands_for_a_person_in_one_line_is_masked_in_the_others_of_the_block(server: Server) -> None:
    server.read(
        segment("Trc 1 x\n\tAttributeUserData\n\t\t'CustomerName'\t'Moriarty'", f"Std 04504 Moriarty {PHONE}")
    )
    (alarm,) = server.alarms
    (line,) = alarm.lines
    assert line.startswith("10:00:01.000 Std 04504 <")
    assert "Moriarty" not in line
    assert PHONE[1:] not in line


def test_a_line_that_cannot_be_masked_is_left_out_and_counted(tmp_path: Path) -> None:
    server = Server(tmp_path, engine=Breaks(RULES, KEY))
    server.read(segment(f"Std 04504 {PHONE}"))
    (alarm,) = server.alarms
    assert (alarm.lines, alarm.left_out, alarm.application) == ([], 1, "sips_a")
    server.close()


def test_a_known_value_that_is_left_keeps_the_line_out(tmp_path: Path) -> None:
    server = Server(tmp_path, canaries=("warehouse-seven",))
    server.read(segment("Std 04504 to warehouse-seven lost", "Std 04504 to another lost"))
    assert [(len(alarm.lines), alarm.left_out) for alarm in server.alarms] == [(0, 1), (1, 0)]
    server.close()


def test_a_rate_is_reached_over_a_restart_and_shows_its_lines(tmp_path: Path) -> None:
    server = Server(tmp_path, rules=(replace(LOST, rate=Rate(3, MINUTE)),))
    log = segment("Std 04504 a", "Std 04504 b")
    server.read(log)
    assert server.alarms == []
    server.restart()
    log.add(START + 30 * SECOND, "Std 04504 c")
    server.read(log)
    (alarm,) = server.alarms
    assert [line[-1] for line in alarm.lines] == ["a", "b", "c"]
    assert (alarm.first, alarm.count) == (START, 3)
    server.close()


def test_lines_hours_apart_reach_no_rate_although_the_newest_log_is_read_first(tmp_path: Path) -> None:
    server = Server(tmp_path, rules=(replace(LOST, rate=Rate(3, 10 * MINUTE)),))
    server.now = START + 7 * HOUR
    old, new = segment("Std 04504 a"), KnownSegment("sips_a.20230609_140000_000.log")
    new.begin(START + 6 * HOUR, number=2)
    for number, text in enumerate("bc"):
        new.add(START + 6 * HOUR + number * SECOND, f"Std 04504 {text}")
    server.read(new)
    server.read(old, new)
    assert server.alarms == []
    new.add(START + 6 * HOUR + MINUTE, "Std 04504 d")
    server.read(new)
    (alarm,) = server.alarms
    assert [line[-1] for line in alarm.lines] == ["b", "c", "d"]
    server.close()


def test_a_storm_is_one_alarm_that_counts_shows_the_first_lines_and_ends(server: Server) -> None:
    log = segment(*(f"Std 04504 line {number:03d}" for number in range(500)))
    server.now = START + 500 * SECOND
    server.read(log)
    *single, storm = server.alarms
    assert len(single) == 10
    assert (storm.storm, storm.ended, storm.count, len(storm.lines)) == (True, None, 490, 20)
    server.restart()
    log.add(START + 500 * SECOND, "Std 04504 one more")
    server.read(log)
    assert server.alarms[-1].count == 491
    server.now += 16 * MINUTE
    server.actions.act()
    assert server.alarms[-1].ended == server.now
    assert server.events.count(("alarm", str(server.alarms[-1].alarm))) == 2
    assert {hold.label for hold in server.evidence.holds()} >= {"alarm 11: lost, whole"}


def test_what_a_storm_has_written_by_now_is_held_while_it_goes_on(server: Server) -> None:
    log = segment(*(f"Std 04504 line {number}" for number in range(12)))
    server.now = START + MINUTE
    server.read(log)
    server.actions.act()
    late = KnownSegment("sips_a.20230609_090000_000.log")
    late.begin(START + 60 * MINUTE)
    late.add(START + 60 * MINUTE, "Std 1 much later")
    for minute in range(10, 70, 10):
        log.add(START + minute * MINUTE, f"Std 04504 in minute {minute}")
        server.now = START + minute * MINUTE + SECOND
        server.read(log)
        server.actions.act()
    server.read(late)
    server.evidence.renew()
    (storm,) = [hold for hold in server.evidence.holds() if hold.label == "alarm 11: lost"]
    assert storm.segments == 2
    assert storm.range.last == micros_of(START + 75 * MINUTE)


def test_a_storm_that_was_ended_by_the_clock_is_followed_by_another(server: Server) -> None:
    log = segment(*(f"Std 04504 line {number}" for number in range(12)))
    server.read(log)
    server.now += 16 * MINUTE
    server.actions.act()
    log.add(START + 30 * SECOND, "Std 04504 again")
    server.read(log)
    assert [alarm.storm for alarm in server.alarms][10:] == [True, True]


@pytest.mark.parametrize(
    ("told", "shown"),
    [("8.1.103.95", "8.1.103.95"), ("", ""), ("ada.smith@example.org", False), ("+4930901820417", False)],
)
def test_a_version_that_is_none_is_masked(told: str, shown: str | bool) -> None:
    mask = LineMask(lambda: ENGINE, lambda: ResidualCheck(lambda: ENGINE))
    assert mask.version(told) == shown if isinstance(shown, str) else told not in mask.version(told)


def test_an_alarm_whose_evidence_cannot_be_held_holds_up_no_other(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.read(segment("Std 04504 to urs_a lost", "Std 04504 to urs_b lost"))
    with monkeypatch.context() as full:
        full.setattr(Evidence, "hold", lambda *_a, **_k: no_room())
        with pytest.raises(LocalError, match="CF-1870"):
            server.actions.act()
    assert server.events == [("alarm", "1"), ("alarm", "2")]
    assert [alarm.waiting for alarm in server.alarms] == [["hold"], ["hold"]]
    server.actions.act()
    assert [alarm.waiting for alarm in server.alarms] == [[], []]
    assert len(server.events) == 2


def no_room() -> None:
    raise LocalError("Full", happened="The disk is full.", todo="Free space.", code="CF-1870")


def test_an_alarm_tells_holds_and_proposes_a_case_once(server: Server) -> None:
    server.read(segment("Std 04504 to urs_a lost"))
    assert server.actions.act()
    assert not server.actions.act()
    assert server.events == [("alarm", "1")]
    (hold,) = server.evidence.holds()
    assert (hold.reason, hold.segments, hold.applications) == (HoldReason.ALARM, 1, ("sips_a",))
    (draft,) = server.desk.drafts().drafts
    assert (draft.component, draft.version, draft.message, draft.count) == (
        "sips_a",
        "8.1.103.95",
        "04504",
        1,
    )
    assert draft.summary == "sips_a 8.1.103.95: A connection is lost. (message 04504)"
    assert "Std 04504 to urs_a lost" in draft.description


def test_a_kill_between_hold_and_its_row_holds_nothing_twice(server: Server) -> None:
    server.read(segment("Std 04504 lost"))
    (alarm,) = server.book.pending()
    server.actions._hold(alarm, label="alarm 1: lost")
    server.restart()
    server.actions.act()
    assert len(server.evidence.holds()) == 1


def test_a_draft_gathers_alarms_until_a_person_takes_it(server: Server) -> None:
    log = segment("Std 04504 one", "Std 04504 two")
    server.read(log)
    server.actions.act()
    (draft,) = server.desk.drafts().drafts
    assert (draft.count, len(draft.lines), draft.alarms) == (2, 2, [1, 2])
    taken = server.desk.take_draft(draft.draft)
    assert (taken.taken, server.desk.drafts().drafts) == (server.now, [])
    log.add(START + 20 * SECOND, "Std 04504 three")
    server.read(log)
    server.actions.act()
    (other,) = server.desk.drafts().drafts
    assert (other.draft == draft.draft, other.count) == (False, 1)
    assert server.desk.draft(draft.draft).count == 2


def test_the_draft_of_a_storm_counts_all_of_it_in_the_end(server: Server) -> None:
    log = segment(*(f"Std 04504 line {number}" for number in range(12)))
    server.read(log)
    server.actions.act()
    log.add(START + 20 * SECOND, "Std 04504 more")
    server.read(log)
    server.now += 20 * MINUTE
    server.actions.act()
    (draft,) = server.desk.drafts().drafts
    assert (draft.count, draft.last) == (13, START + 20 * SECOND)


def test_what_cannot_be_kept_is_read_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self) -> None:
            raise LocalError("Full", happened="No room.", todo="None.", code="CF-1802")

        def __exit__(self, *_error: object) -> None:
            pass

    with monkeypatch.context() as patched:
        patched.setattr(server.book, "writing", Full)
        with pytest.raises(LocalError):
            server.read(segment("Std 04504 one"))
    server.site.indexer.catch_up()
    assert len(server.alarms) == 1


def test_old_alarms_are_forgotten(server: Server) -> None:
    server.read(segment("Std 04504 one"))
    server.actions.act()
    server.now += timedelta(days=91)
    server.actions.act()
    assert server.alarms == []


@pytest.mark.parametrize("ask", ["alarm", "draft", "take_draft"])
def test_what_is_not_kept_is_said(server: Server, ask: str) -> None:
    with pytest.raises(InputError):
        getattr(server.desk, ask)(7)
    with pytest.raises(InputError):
        server.desk.alarms(AlarmsAsk(limit=0))


def test_times_around_which_rules_make_sets_are_those_of_the_lines(server: Server) -> None:
    server.read(segment("Std 04504 one"))
    ((first, last),) = server.book.times("lost", since=START)
    assert first == last == int(START.timestamp() * 1e6)
    assert server.book.times("lost", since=server.now + SECOND) == []
