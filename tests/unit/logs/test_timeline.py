"""The time of every line: midnight, clocks that were set, the hour that is there twice, encodings."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

# ruff: noqa: DTZ001 - local times of logs have no zone
from app.logs import (
    Encoding,
    Header,
    MessageKind,
    SegmentZone,
    SystemZone,
    Timeline,
    kind_of,
    line_blocks,
    parse_name,
    read_header,
)

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = timezone(timedelta(hours=2))


def read(
    lines: str,
    *,
    opened: datetime | None = datetime(2023, 6, 9, 10, 0),
    rules: tzinfo = UTC,
    header: Header | None = None,
) -> list[str]:
    """The UTC times of all stamped lines, one block a line, so that every border is met."""
    timeline = Timeline(SegmentZone.of(header or Header(), rules=rules), opened=opened)
    found: list[str] = []
    for line in lines.splitlines(keepends=True):
        found += [text(stamp.moment) for stamp in timeline.stamps(line.encode())]
    return found


def text(micros: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).strftime("%m-%d %H:%M:%S")


def test_a_line_without_a_stamp_has_no_time_of_its_own() -> None:
    assert read("10:15:02.118 a\n\tAttributeANI\nINVITE sip:x\n\n@10:15:03.4412 b\n") == [
        "06-09 10:15:02",
        "06-09 10:15:03",
    ]


def test_a_clock_that_goes_back_by_half_a_day_has_passed_midnight() -> None:
    assert read("23:59:59.000 a\n00:00:01.000 b\n", opened=datetime(2023, 6, 9, 23)) == [
        "06-09 23:59:59",
        "06-10 00:00:01",
    ]


def test_a_line_written_late_after_midnight_belongs_to_the_day_before() -> None:
    late = "23:59:59.000 a\n00:00:00.100 b\n23:59:59.900 c\n00:00:02.000 d\n"
    assert read(late, opened=datetime(2023, 6, 9, 23))[2:] == ["06-09 23:59:59", "06-10 00:00:02"]


def test_a_quiet_half_day_after_a_midnight_is_no_step_back() -> None:
    lines = "23:00:00.000 a\n01:00:00.000 b\n22:00:00.000 c\n"
    assert read(lines, opened=datetime(2023, 6, 9, 23))[-1] == "06-10 22:00:00"


def test_a_clock_that_was_set_back_stays_what_it_is() -> None:
    assert read("12:00:00.000 a\n11:30:00.000 b\n") == ["06-09 12:00:00", "06-09 11:30:00"]


def test_a_clock_that_was_set_is_told_with_its_place() -> None:
    timeline = Timeline(SegmentZone.of(Header(), rules=UTC), opened=datetime(2023, 6, 9, 10))
    found = timeline.read(b"12:00:00.000 a\n11:30:00.000 b\n", singly=True)
    assert found is not None
    assert [(step.offset, step.before - step.after) for step in found.steps] == [(15, 1_800_000_000)]


def test_a_check_point_tells_the_date_after_silent_days() -> None:
    lines = "10:00:00.000 a\n11:00:00.000 Trc 04120 Check point 2023-06-12T11:00:00\n11:00:01.000 b\n"
    assert read(lines) == ["06-09 10:00:00", "06-12 11:00:00", "06-12 11:00:01"]


def test_a_check_point_written_around_midnight_tells_the_day_of_its_own_clock() -> None:
    lines = "23:59:59.999 Trc 04120 Check point 2023-06-13T00:00:00\n"
    assert read(lines) == ["06-12 23:59:59"]


def test_a_full_stamp_tells_the_date_for_the_clocks_behind_it() -> None:
    assert read("2023-06-10T10:00:00.000 Std 1 a\n@10:00:01.0000 b\n")[-1] == "06-10 10:00:01"


def test_a_stamp_of_another_year_does_not_move_the_clocks() -> None:
    lines = "10:00:00.000 a\n2019-01-01 00:00:00 is what the caller said\n10:00:01.000 b\n"
    assert read(lines)[-1] == "06-09 10:00:01"


def test_the_repeated_hour_is_told_apart_by_the_step_back() -> None:
    lines = "01:59:00.000 a\n02:59:59.000 b\n02:00:01.000 c\n02:59:00.000 d\n03:00:00.000 e\n"
    assert read(lines, opened=datetime(2023, 10, 29, 1), rules=BERLIN) == [
        "10-28 23:59:00",
        "10-29 00:59:59",
        "10-29 01:00:01",
        "10-29 01:59:00",
        "10-29 02:00:00",
    ]


def test_a_segment_opened_in_the_second_of_the_repeated_hours_knows_it_from_its_header() -> None:
    header = read_header(
        b"Local time:        2023-10-29T02:10:00.000\nStart time (UTC):  2023-10-29T01:09:00.000\n"
        b"Running time:      0:00:01:00.000\n"
    )
    assert read("02:10:00.000 a\n", opened=header.local, rules=BERLIN, header=header) == ["10-29 01:10:00"]


def test_the_skipped_hour_does_not_move_the_moment() -> None:
    lines = "01:59:59.000 a\n03:00:01.000 b\n"
    assert read(lines, opened=datetime(2023, 3, 26, 1), rules=BERLIN) == ["03-26 00:59:59", "03-26 01:00:01"]


@pytest.mark.parametrize(
    ("day", "lines", "second"),
    [
        ("2023-10-29", "02:59:58.000 a\n02:00:01.000 b\n", "10-29 01:00:01"),
        ("2023-03-26", "01:59:58.000 a\n03:00:01.000 b\n", "03-26 01:00:01"),
        ("2023-06-11", "02:59:58.000 a\n02:00:01.000 b\n", "06-11 01:00:01"),
    ],
)
def test_with_an_offset_alone_the_step_of_such_a_night_changes_it(day: str, lines: str, second: str) -> None:
    summer = day.startswith("2023-10")
    hours = 2 if summer else 1
    local = datetime.fromisoformat(f"{day}T01:00:00")
    header = Header(local=local, zone=timezone(timedelta(hours=hours)))
    assert read(lines, opened=local, rules=ZoneInfo("Asia/Tokyo"), header=header)[1] == second


def test_local_lines_are_moved_by_what_the_header_says_in_utc() -> None:
    header = read_header(
        b"Local time:        2023-06-09T10:15:02.000\nStart time (UTC):  2023-06-09T08:15:02.000\n"
    )
    assert read("10:15:02.118 a\n", opened=header.local, rules=BERLIN, header=header) == ["06-09 08:15:02"]


def test_syslog_goes_on_into_the_next_year() -> None:
    lines = "Dec 31 23:59:59 h x\nJan  1 00:00:01 h y\n"
    assert read(lines, opened=datetime(2023, 12, 31)) == ["12-31 23:59:59", "01-01 00:00:01"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"10:15:02.118 Trc 04120 Check point", MessageKind.TRACE),
        (b"2023-06-09T10:38:48.602 Std 47006 WARN 025101E8", MessageKind.WARNING),
        (b"2023-06-09T10:38:48.602 Std 47006 EROR 025101E8", MessageKind.ERROR),
        (b"2023-06-09T10:38:48.602 Std 47006 WARNINGS", MessageKind.STANDARD),
        (b"15:22:10.306 Trc 33009 INFO 00000000-00000000", MessageKind.TRACE),
        (b"2023-06-09 10:15:03,441 ERROR [http-nio-8080-exec-7] c.e", MessageKind.ERROR),
        (b"2023-06-09 10:15:03,441 [main] WARN c.e", MessageKind.WARNING),
        (b"@10:15:03.4412 [0] 8.1.103.95 distribute_event", MessageKind.MESSAGE),
    ],
)
def test_the_word_behind_the_stamp_tells_the_kind(line: bytes, kind: MessageKind) -> None:
    assert kind_of(line) is kind
    timeline = Timeline(SegmentZone.of(Header(), rules=UTC), opened=datetime(2023, 6, 9, 10))
    timeline.read(b"10:15:02.000 x\n")
    found = timeline.read(line + b"\n")
    assert found is not None
    assert found.kinds == {kind: 1}


FORMS = st.sampled_from(
    ["{:%H:%M:%S.%f} Std 1 a", "@{:%H:%M:%S.%f} [0] b", "{:%Y-%m-%dT%H:%M:%S.%f} Trc 2 c", "\tno stamp", ""]
)


@given(st.lists(st.tuples(FORMS, st.integers(-3_000, 90_000)), min_size=2, max_size=30))
def test_reading_at_once_finds_what_reading_singly_finds(lines: list[tuple[str, int]]) -> None:
    moment = datetime(2023, 6, 9, 22)
    texts = []
    for form, milliseconds in lines:
        moment += timedelta(milliseconds=milliseconds)
        texts.append(form.format(moment) + "\n")
    found = []
    for singly in (False, True):
        timeline = Timeline(SegmentZone.of(Header(), rules=UTC), opened=datetime(2023, 6, 9, 22))
        timeline.read(b"22:00:00.000 first\n")
        blocks = ["".join(texts[:15]), "".join(texts[15:])]
        read_blocks = [timeline.read(block.encode(), singly=singly) for block in blocks]
        found.append(
            [b and (b.first_at, b.least // 1000, b.most // 1000, b.records, b.kinds) for b in read_blocks]
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("size", [16, 64, 4096])
def test_blocks_of_lines_are_the_file_and_know_where_a_place_is(codec: str, size: int) -> None:
    content = "10:00:00.000 Zoë\n\tx ü\n@10:00:01.0000 ß€\n10:00:02.000 last".encode(codec)
    blocks = list(line_blocks(io.BytesIO(content), Encoding(codec), start=0, to_end=True, size=size))
    assert b"".join(block.raw for block in blocks) == content
    timeline = Timeline(SegmentZone.of(Header(), rules=UTC), opened=datetime(2023, 6, 9, 10))
    places = [
        place
        for block in blocks
        for place in block.offsets([stamp.place for stamp in timeline.stamps(block.plain)])
    ]
    expected = [content.index(head.encode(codec)) for head in ("10:00:00", "@10:00:01", "10:00:02")]
    assert places == expected


def test_a_line_that_nobody_has_finished_waits() -> None:
    stream = io.BytesIO(b"10:00:00.000 a\n10:00:01.0")
    (block,) = line_blocks(stream, Encoding("utf-8"), start=0, to_end=False)
    assert block.raw == b"10:00:00.000 a\n"


def test_the_header_tells_the_number_of_the_segment_and_the_start_of_the_application() -> None:
    header = read_header(b"Start time (UTC):  2023-06-09T08:15:02.000\nFile:              (12) sips_a.log\n")
    assert (header.number, header.started) == (12, datetime(2023, 6, 9, 8, 15, 2, tzinfo=UTC))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="only POSIX lets a process choose its zone")
def test_the_zone_of_the_machine_has_the_rules_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        zone = SystemZone()
        for local in (datetime(2023, 6, 9, 12), datetime(2023, 12, 9, 12), datetime(2023, 10, 29, 2, 30)):
            for fold in (0, 1):
                moment = local.replace(fold=fold)
                assert zone.utcoffset(moment) == BERLIN.utcoffset(moment)
        moment = datetime(2023, 10, 29, 1, 30, tzinfo=UTC)
        assert moment.astimezone(zone).replace(tzinfo=None) == datetime(2023, 10, 29, 2, 30)
        assert moment.astimezone(zone).fold == 1
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "never", ["9999-12-31T23:59:59.999", "0001-01-01T00:00:00.000", "0000-00-00T00:00:00.000"]
)
@pytest.mark.parametrize("rules", [SystemZone(), BERLIN, timezone(timedelta(hours=-11)), UTC])
def test_a_year_that_no_log_has_is_no_stamp(never: str, rules: tzinfo) -> None:
    lines = f"{never} expires\n10:15:02.118 a\n{never} expires\n{never}+14:00 expires\n10:15:03.118 b\n"
    assert len(read(lines, rules=rules)) == 2


def test_years_that_no_log_has_are_nothing_in_headers_and_names_either() -> None:
    head = "Local time: 9999-12-31T23:59:59.999\nStart time (UTC): 0001-01-01T00:00:00.000\n"
    assert read_header(head.encode()) == Header()
    assert parse_name("sips_a.99991231_235959_000.log").started is None
    assert parse_name("mcp.log.0001-01-01").started is None


def test_a_running_time_that_no_calendar_holds_tells_no_zone() -> None:
    head = (
        "Local time: 2023-06-09T10:00:00.000\nStart time (UTC): 2023-06-09T08:00:00.000\n"
        "Running time: 99999999999999:00:00:00.000\n"
    )
    assert read_header(head.encode()).zone is None
