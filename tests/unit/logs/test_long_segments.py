"""What is told of long segments, of which not every line is read."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.logs import ClockScan, Encoding, SegmentDescription, describe
from app.logs.headers import Header
from app.logs.stamps import moment_of
from app.logs.witness import Witness
from app.masking.native.times import clock_scan

CLOCKS = st.builds(
    lambda at, hour, minute, second: b"%s%02d:%02d:%02d.123 Trc" % (at, hour, minute, second),
    st.sampled_from([b"", b"@"]), st.integers(0, 24), st.integers(0, 60), st.integers(0, 61),
)  # fmt: skip
MOMENTS = st.builds(
    lambda day, hour: b"2026-11-%02d %02d:00:01,5 INFO" % (day, hour), st.integers(0, 31), st.integers(0, 25)
)
OTHERS = st.sampled_from(
    [
        b"", b"  goes on", b"\tat java", b"no stamp", b"x" * 700, b"Nov 28 10:00:00 host", b"12:x", b"@",
        b"\r", b"01:02:03.004 Check point 2026-11-24T01:02:03", b"Check point 2026-11-25T01:02:03",
        b"1764300000",
    ]
)  # fmt: skip
SEGMENTS = st.lists(CLOCKS | CLOCKS | MOMENTS | OTHERS, max_size=40)
HEADERS = st.builds(Header, local=st.none() | st.just(datetime(2026, 11, 24, 23, 30)))  # noqa: DTZ001


class Everything(Witness):
    """Sees every line."""

    def see_lines(self, data: bytes, feed: int, end: int) -> None:
        for line in data[feed + 1 : end].split(b"\n")[:-1]:
            self.see(line)


@pytest.mark.parametrize("scan", [None, clock_scan()], ids=["expressions", "core"])
@settings(max_examples=400)
@given(SEGMENTS, HEADERS, st.integers(1, 200), st.sampled_from([b"", b"\n"]))
@example([b"12:00:00.100", b"23:59:60.100", b"00:00:00.100"], Header(), 14, b"\n")
@example([b"00:00:00.100", b"11:00:00.100", b"23:00:00.100"], Header(), 200, b"\n")
@example([b"@01:00:00.100", b"02:00:00.100 Check point 2026-11-24T01:02:03"], Header(), 200, b"\n")
def test_reading_blocks_tells_what_reading_every_line_tells(
    scan: ClockScan | None, lines: list[bytes], header: Header, block: int, end: bytes
) -> None:
    data = b"\n".join(lines) + end

    def told(witness: type[Witness]) -> SegmentDescription:
        with (
            patch("app.logs.describing._BLOCK", block),
            patch("app.logs.describing.HEAD", block),
            patch("app.logs.describing.sniff_encoding", lambda _head: Encoding("utf-8")),
            patch("app.logs.describing.read_header", lambda _head: header),
            patch("app.logs.describing.Witness", witness),
        ):
            return describe(io.BytesIO(data), file_name="x.log", scan=scan)

    assert told(Witness) == told(Everything)


@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_midnights_are_counted_across_blocks(block: int) -> None:
    head = b"Application name:    sip\nLocal time:          2026-11-24T22:00:00.000\n"
    body = b"".join(b"%02d:30:00.000 Trc\n" % (hour % 24) for hour in range(22, 22 + 60))
    with patch("app.logs.describing._BLOCK", block):
        described = describe(io.BytesIO(head + body), file_name="x.log")
    assert described.last == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


@given(st.lists(st.sampled_from([b"a", b"\n", b"bb\n", b"c" * 900]), max_size=30), st.integers(1, 64))
def test_lines_are_counted_in_blocks_of_any_size(parts: list[bytes], block: int) -> None:
    data = b"".join(parts)
    with patch("app.logs.describing._BLOCK", block), patch("app.logs.describing.HEAD", block):
        described = describe(io.BytesIO(data), file_name="x.log")
    assert described.lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def test_lines_without_the_sign_of_a_stamp_are_not_looked_at() -> None:
    lines = b"app1 n17 no stamp anywhere\n" * 1000
    stamped = lines + b"2026-11-24 01:00:01,5 INFO\n" + lines
    with patch("app.logs.witness.moment_of", wraps=moment_of) as asked:
        described = describe(io.BytesIO(stamped), file_name="x.log")
    assert described.first == datetime(2026, 11, 24, 1, 0, 1, 500_000, UTC)
    assert described.lines == 2001
    assert asked.call_count < 10
