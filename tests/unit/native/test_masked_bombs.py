"""Texts made to be slow are masked, in both passes and with what Python does there, in time that grows with their size.

Processor time counts, not the clock: other work on the machine must not fail a test.
"""

# ruff: noqa: E501 - units read as a table

from __future__ import annotations

from io import BytesIO

import pytest

from app.masking import Engine, PseudonymKey, load_rules, open_engine
from tests.peers.processor_time import kept, seconds_of

_SIZE = 500_000
_LEAST = 5_000_000  # bytes a second of processor time
_GROWTH = 5.2  # of four times the size
_SLACK = 0.015  # seconds
_UNITS = (
    b"Cookie=[", b"[Cookie=", b'\\"Cookie=\\"', b"}Cookie=token=&quot;", b"Cookie=a; path=1; ", b"%40a.b", b"%40a.b-c", b"@a.b-c",
    b'Maria Lee"name":"', b"Maria Lee name=", b"Address: ", b"Address: by ", b"Mr Address: ", b"Phone=geo:", b"geo:\\t", b"\\tgeo:",
    b"1.2.3.4-----", b"1.2.3.4::1 ", b"1.2.3.4\\n", b" <1.2.3.4", b"host : ", b"\0'user' ", b"1.2.3.4\0'user' ", b"-p \0", b"call \0",
    b"%2540\0", b"\0name=", b"\0\0", b"a\0", b" <_@a.b|", b"\\u0022a\\u0022 \\u003csip:", b"name=\\x22",
    b"address: 1 Main\\n", b'"field":"lastName","old":"', b"=]", b"=[dtmf ", b"%40a.b-c1",
)  # fmt: skip
_LINES = tuple(unit * (200 // len(unit)) + b"\n" for unit in _UNITS if b"\0" not in unit)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return open_engine(load_rules(), PseudonymKey(bytes(range(32))))


@pytest.mark.parametrize(
    "unit",
    [*_UNITS, *_LINES],
    ids=lambda unit: repr(unit[:24]) + (" in lines" if unit.endswith(b"\n") else ""),
)
def test_a_bomb_is_masked_in_time_that_grows_with_its_size_alone(engine: Engine, unit: bytes) -> None:
    text = unit * (_SIZE // len(unit) + 1)
    longer = text * 4

    def linear() -> bool:
        once = seconds_of(lambda: engine.mask_stream(BytesIO(text), BytesIO()))
        four_times = seconds_of(lambda: engine.mask_stream(BytesIO(longer), BytesIO()))
        return four_times <= _GROWTH * once + _SLACK and len(longer) >= _LEAST * four_times

    assert kept(linear)
