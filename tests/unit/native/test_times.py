"""The core reads the times of lines as the expressions do, or leaves a block to them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.catalogue.reading import SLOT, SegmentTimes, read_head, read_times
from app.logs import BlockScan, Header, SegmentZone, Timeline
from app.logs.scanned import CHECK_POINT
from app.masking.native.times import block_scan, clock_scan

# ruff: noqa: DTZ001 - local times of logs have no zone
OPENED = datetime(2023, 6, 9, 22)
WIDTH = SLOT * 1000
FORMS = (
    "{:%H:%M:%S.%f} Std 47006 WARN a",
    "{:%H:%M:%S.%f} Std 47006 WARNINGS",
    "{:%H:%M:%S.%f} Std 4700 WARN",
    "{:%H:%M:%S.%f} Alr 123456 CRIT",
    "{:%H:%M:%S.%f} [thread 7] Trc 4 b",
    "{:%H:%M:%S.%f} [] ERROR",
    "{:%H:%M:%S.%f} [not closed",
    "{:%H:%M:%S.%f}",
    "@{:%H:%M:%S.%f} [0] b",
    "{:%Y-%m-%dT%H:%M:%S.%f} Trc 2 c",
    "{:%Y-%m-%d %H:%M:%S},441 ERROR [http-nio-8080-exec-7] c.e",
    "{:%Y-%m-%d %H:%M:%S} Interaction",
    "<34>1 {:%Y-%m-%dT%H:%M:%S.%f} host a",
    '{{"ts": "{:%Y-%m-%dT%H:%M:%S.%f}", "level": "WARN"}}',
    '{{ "@timestamp":"{:%Y-%m-%d %H:%M:%S}"}}',
    "[{:%Y-%m-%d %H:%M:%S.%f}] INFO x",
    "\tno stamp",
    "INVITE sip:x SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.11",
    "[not a stamp]",
    "12:30 is no stamp",
    "2023-06-09 is none",
    "",
)


@pytest.fixture(scope="module")
def scan() -> BlockScan:
    found = block_scan(WIDTH)
    assert found is not None
    return found


def lines_of(told: list[tuple[str, int]]) -> bytes:
    moment, texts = OPENED, []
    for form, milliseconds in told:
        moment += timedelta(milliseconds=milliseconds)
        texts.append(form.format(moment) + "\n")
    return "".join(texts).encode()


def read_by(scan: BlockScan | None, content: bytes) -> SegmentTimes:
    """What the catalogue keeps of a segment, read in two goes."""
    head = read_head(content, file_name="x.log", rules=UTC)
    times = SegmentTimes()
    cut = content.find(b"\n", len(content) // 2) + 1
    for piece in (content[:cut], content[cut:]):
        read_times(
            io.BytesIO(piece), head, times=times, to_end=True, changed=OPENED.replace(tzinfo=UTC), scan=scan
        )
    return replace(
        times, last=times.most, local=None
    )  # of a block read at once the latest stands for the last


PIECES = st.sampled_from(
    [
        *(
            b"\n",
            b"\n",
            b"\n22:00:01.123",
            b"\n@22:00:00.5",
            b"\n2023-06-09",
            b"T22:00:02",
            b" 22:00:03.5",
            b",441",
        ),
        *(
            b"[",
            b"]",
            b"[a] ",
            b" ",
            b"\t",
            b"<34>",
            b"<34>1 ",
            b"1 ",
            b"{",
            b'{"ts":"',
            b'{ "@time" : ',
            b'"',
            b"(",
        ),
        *(
            b"Z",
            b"+02:00",
            b"-0200",
            b"1",
            b"7",
            b"23",
            b"1686348000",
            b"Jun",
            b" Jun  9",
            b"9/6/23",
            b"60",
            b":60",
        ),
        *(
            b" Std",
            b" Std 123",
            b" WARN",
            b" Alr 1234567 CRIT",
            b" Trc",
            b"_",
            b"Trc ",
            b"Standard",
            b"\x80",
            b"\0",
        ),
    ]
)
TOLD = st.lists(st.tuples(st.sampled_from(FORMS), st.integers(-1_500, 150_000)), min_size=2, max_size=40)


@given(TOLD)
def test_a_segment_is_the_same_whoever_reads_it(told: list[tuple[str, int]]) -> None:
    content = b"22:00:00.000 first\n22:00:00.001 second\n" + lines_of(told)
    assert read_by(block_scan(WIDTH), content) == read_by(None, content)


@given(st.lists(PIECES, max_size=12))
@example([b'{"ts": 1700000000}\n'])
@example([b'{\n"ts": "2023-06-09 22:00:00"\n'])
@example([b"2023-06-09 22:00:00\nZebra\n"])
@example([b"22:00:00.123\n22:00:60.000\n"])
@example([b"22:00:00.1234567 Std"])
def test_any_bytes_are_read_as_by_the_expressions_or_left_to_them(pieces: list[bytes]) -> None:
    block, zone = b"".join(pieces), SegmentZone.of(Header(), rules=UTC)
    timelines = [Timeline(zone, opened=OPENED, scan=each) for each in (block_scan(WIDTH), None)]
    for timeline in timelines:
        timeline.read(b"22:00:00.000 first\n")
    by_core, by_words = (timeline.read(block) for timeline in timelines)
    if by_core is None or not by_core.parts:
        return
    assert by_words is not None
    for name in ("first_at", "least", "most", "local", "records", "kinds"):
        assert getattr(by_core, name) == getattr(by_words, name), name


@pytest.mark.parametrize(
    "line",
    [
        b"1686348000 seconds since 1970",
        b"[1686348000] the same",
        b'{"ts": 1686348000}',
        b"09.06.2023 22:00:00 x",
        b"6/9/2023 22:00:00 x",
        b"Jun  9 22:00:00 host x",
        b"<34>Jun  9 22:00:00 host x",
        b"22:00:60.000 a second that is there rarely",
        b"2023-06-09T22:00:00Z in a zone",
        b"2023-06-09 22:00:00.123 +02:00 in a zone",
        b"2023-13-09 22:00:00 no month",
        b"2023-02-29 22:00:00 no day",
        b"2023-06-09 24:00:00 no hour",
        b'192.0.2.1 - - [09/Jun/2023:22:00:00 +0200] "GET /"',
    ],
)
def test_a_block_with_another_stamp_is_looked_at_singly(scan: BlockScan, line: bytes) -> None:
    day = round(datetime(2023, 6, 9, tzinfo=UTC).timestamp()) * 1_000_000
    common = b"22:00:01.000 a\n"
    assert scan(common + line + b"\n", day, 0) is None
    assert scan(common, day, 0) is not None


def test_stretches_hold_the_bytes_of_their_lines(scan: BlockScan) -> None:
    day = round(datetime(2023, 6, 9, tzinfo=UTC).timestamp()) * 1_000_000
    block = b"no stamp\n22:09:59.999 a\n\tmore\n22:10:00.000 Std 1 b\n22:09:59.000 late\n"
    told = scan(block, day, 0)
    assert told is not None
    first, second = sorted(told.parts)
    assert (first.size, second.size) == (len(block) - 21, 21)
    assert (first.records, second.records) == (2, 1)


def test_more_stretches_than_there_is_room_for_are_left_to_others(scan: BlockScan) -> None:
    block = b"".join(b"%02d:%d0:00.000 x\n" % (hour, ten) for hour in range(2) for ten in range(6))
    assert scan(block, 0, 0) is None


@pytest.mark.parametrize(
    ("lines", "hours", "check_point"),
    [
        (b"\n10:15:02.123 Trc\n@23:00:00.000 Std\n", {10, 23}, False),
        (
            b"\n 10:15:02.123\n24:00:00.000\n10:60:00.000\n10:00:61.000\n10:00:00,000\n10:00:00.00\n",
            set(),
            False,
        ),
        (b"10:15:02.123\n\n\n00:00:60.999", {0}, False),
        (b"\n07:00:00.000 Check point 2026-11-24T07:00:00\n", {7}, True),
        (b"\n07:00:00.000 Check poin\nCheck point\n", {7}, True),
        (b"\nCheck point 2026-11-24T07:00:00\n", set(), False),
        (b"\n07:00:00.000 Check poin", {7}, False),
        (b"", set(), False),
    ],
)
def test_hours_of_clocks_at_the_heads_of_lines(lines: bytes, hours: set[int], check_point: bool) -> None:
    scan = clock_scan()
    assert scan is not None
    told = scan(b"12:00:00.000" + lines + b"t\n13:00:00.000\n", 12, 12 + len(lines))
    assert {hour for hour in range(24) if told >> hour & 1} == hours
    assert (told & CHECK_POINT > 0) == check_point
