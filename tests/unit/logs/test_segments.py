"""What a log file says of itself."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.logs import application_of, describe, is_binary, parse_name, sniff_encoding

HEADER = (
    "Local time:        2023-06-09T23:59:58.000\nStart time (UTC):  2023-06-09T21:59:57.000\n"
    "Running time:      0:00:00:01.000\nHost name:         sip-a01\nApplication name:  sips_a\n\n"
)
SUMMER = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("name", "application"),
    [
        ("sips_a.20230609_101502_118.log", "sips_a"),
        ("logs/sips_a-001.20230609_101502_118.log", "sips_a"),
        ("sips_a.20230609_101502_118.snapshot.log", "sips_a"),
        ("gms.log", "gms"),
        ("mcp.log.12", "mcp"),
        ("gms.log.20230609_101502_118", "gms"),
        ("urs_a.20230609_101502_118.log.gz", "urs_a"),
        ("C:\\logs\\ors.log", "ors"),
        ("core.4211", ""),
    ],
)
def test_the_name_tells_the_application(name: str, application: str) -> None:
    assert application_of(name) == application


def test_the_name_tells_thread_start_and_number() -> None:
    name = parse_name("sips_a-007.20230609_101502_118.log")
    assert (name.thread, str(name.started)) == ("007", "2023-06-09 10:15:02.118000")
    assert parse_name("mcp.log.12").number == 12


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_clocks_run_over_midnight(codec: str) -> None:
    text = HEADER + "23:59:58.500 Std 05060 a\n@00:00:01.2500 [0] b\n00:00:02.000 c"
    found = describe(io.BytesIO(text.encode(codec)), file_name="x.log")
    assert (found.application, found.host, found.encoding, found.lines) == ("sips_a", "sip-a01", codec, 9)
    assert found.first == datetime(2023, 6, 9, 23, 59, 58, 500000, SUMMER)
    assert found.last == datetime(2023, 6, 10, 0, 0, 2, 0, SUMMER)


def test_the_date_comes_from_the_name_or_a_check_point() -> None:
    lines = b"10:15:02.118 a\n11:00:00.000 b\n"
    found = describe(io.BytesIO(lines), file_name="x.20230609_101502_118.log")
    assert found.last == datetime(2023, 6, 9, 11, tzinfo=UTC)
    assert not found.zone_known
    point = b"23:59:59.000 a\n00:00:01.000 Trc 04120 Check point 2023-06-10T00:00:01\n"
    assert describe(io.BytesIO(point), file_name="x").first == datetime(2023, 6, 9, 23, 59, 59, tzinfo=UTC)
    assert describe(io.BytesIO(lines), file_name="x").first is None


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2023-06-09T10:15:02.118 Std 1 x", datetime(2023, 6, 9, 10, 15, 2, 118000, UTC)),
        ("2023-06-09 10:15:02,118 ERROR x", datetime(2023, 6, 9, 10, 15, 2, 118000, UTC)),
        ("06/09/23@10:15:02.118 x", datetime(2023, 6, 9, 10, 15, 2, 118000, UTC)),
        ('{"ts":"2023-06-09T10:15:02.118Z","a":1}', datetime(2023, 6, 9, 10, 15, 2, 118000, UTC)),
        ("<134>1 2023-06-09T10:15:02.118+02:00 h a", datetime(2023, 6, 9, 8, 15, 2, 118000, UTC)),
        ("1686305702.118 x", datetime(2023, 6, 9, 10, 15, 2, 118000, UTC)),
        ("1686305702118 x", datetime(2023, 6, 9, 10, 15, 2, 118000, UTC)),
        ("09.06.2023 10:15:02 x", datetime(2023, 6, 9, 10, 15, 2, 0, UTC)),
        ("6/9/2023 10:15:02 PM x", datetime(2023, 6, 9, 22, 15, 2, 0, UTC)),
        ("Jun 9, 2023 10:15:02 AM x", datetime(2023, 6, 9, 10, 15, 2, 0, UTC)),
        ('192.0.2.1 - - [09/Jun/2023:10:15:02 +0200] "GET', datetime(2023, 6, 9, 8, 15, 2, 0, UTC)),
    ],
)
def test_every_stamp_is_read(line: str, moment: datetime) -> None:
    found = describe(io.BytesIO(f"x\n{line}\n\tno stamp\n".encode()), file_name="x.log")
    assert found.first == found.last == moment


def test_syslog_takes_its_year_from_the_name() -> None:
    found = describe(io.BytesIO(b"Jun  9 10:15:02 h sshd: x\n"), file_name="messages.20230601_000000_000.log")
    assert found.first == datetime(2023, 6, 9, 10, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xef\xbb\xbfabc", "utf-8"),
        ("Zoë".encode(), "utf-8"),
        ("Zoë x".encode("cp1252"), "cp1252"),
        (b"\xff\xfea\0", "utf-16-le"),
        ("10:15 abc\n".encode("utf-16-be"), "utf-16-be"),
        ("Zoë".encode()[:-1], "utf-8"),
        (b"", "utf-8"),
        (b"\0" * 5000, "utf-8"),
    ],
)
def test_the_encoding_is_known_from_the_head(head: bytes, name: str) -> None:
    assert sniff_encoding(head).name == name


def test_a_hole_of_nuls_is_not_binary() -> None:
    assert not is_binary(b"\0" * 5000 + b"10:15:02.118 x\n")
    assert is_binary(bytes(range(32)) * 10)


def test_a_line_longer_than_memory_should_hold_is_one_line() -> None:
    data = b"2023-06-09T10:15:02 " + b"x" * 3_000_000 + b"\n2023-06-09T10:15:03 y"
    found = describe(io.BytesIO(data), file_name="x")
    assert (found.lines, found.last) == (2, datetime(2023, 6, 9, 10, 15, 3, tzinfo=UTC))
