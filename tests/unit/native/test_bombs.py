"""Texts made to be slow are read in time that grows with their size and with nothing else.

Processor time counts, not the clock: other work on the machine must not fail a test.
"""

# ruff: noqa: E501 - units read as a table

from __future__ import annotations

import pytest

from tests.peers.core_figures import Figures
from tests.peers.processor_time import kept, seconds_of

_SIZE = 125_000
_LEAST = 5_000_000  # bytes a second of processor time
_GROWTH = 5.2  # of four times the size
_SLACK = 0.015  # seconds
_UNITS = (
    b"1", b"4", b"12345678901234567890 ", b"1 ", b"1-", b"1.", b"1:", b"1,", b"1(", b"(1", b"(1)", b"+", b"+1", b"+1 ", b"+1(1)", b"+1 (1) ",
    b"%2B", b"%2B1", b"%2b49", b"4111 ", b"4111-", b"4111 1111 ", b"4111 111111 ", b"3782 822463 1000 ", b"415-", b"415.555.", b"(415) ",
    b"219-09-", b"to 1 ", b"call 1234567 ", b"call for ", b"called party # 1", b" 1", b"'1", b"#1", b"DE89", b"DE89 ", b"DE89 3704 ",
    b"DE89 3704 0044 0532 0130 00 ", b"DE89370400440532013000 ", b"AB12CDEF", b"X", b"a.", b"a-", b"a--", b"a_.", b"a.b.c.d.e.f.g ",
    b"a" * 63 + b".", b"a" * 64 + b".", b"com.", b".com", b"x.com ", b"%2F", b"%2Fx.de", b"10.1.2.3 ", b"10.1.2.3.", b"version 8.1.1.1 ",
    b"lib" * 13 + b"8.1.1.1", b"addr" * 5 + b":===6.1.1.1 ", b"[1]8.1.1.1", b":", b"::", b":::", b"a::", b"::1", b"ab:", b"ab:ab ", b"abcd:", b"ab-",
    b"abcd.", b"::ffff:1.2.3.4", b"a" * 40 + b"::", b"/", b"//", b"//a", b"//a.", b"//a@", b"//" + b"a" * 128, b"//" + b"a." * 60, b"://",
    b"\\", b"\\\\", b"\\\\\\\\a", b"\\\\abc\\", b"\\\\" + b"a" * 63, b" \\\\" + b"a" * 62 + b"\\\\", b"@", b"sip:", b'"', b"'", b"%40", b"<", b"key=",
    b"\n", b" ", b"\0", b"\xe9", b"\xe91", b"_", b"=", b"\xff+1",
)  # fmt: skip


@pytest.mark.parametrize("unit", _UNITS, ids=lambda unit: repr(unit[:24]))
def test_time_grows_with_the_size_of_a_bomb_alone(figures: Figures, unit: bytes) -> None:
    text = unit * (_SIZE // len(unit) + 1)
    longer = text * 4

    def linear() -> bool:
        once = seconds_of(lambda: figures.count(text))
        four_times = seconds_of(lambda: figures.count(longer))
        return four_times <= _GROWTH * once + _SLACK and len(longer) >= _LEAST * four_times

    assert kept(linear)
