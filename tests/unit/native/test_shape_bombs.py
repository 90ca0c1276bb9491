"""Time of the core's shapes grows with the size of a text and with nothing else."""

# ruff: noqa: E501 - units read as a table

from __future__ import annotations

import pytest

from tests.peers.core_shapes import Shapes
from tests.peers.processor_time import kept, seconds_of

_SIZE = 1_000_000
_LEAST = 5_000_000  # bytes a second, of processor time
_UNITS = (
    b"@", b"a@", b"a.b@", b"@a.b", b"%40a.b", b"sip:", b"<sip:", b'"<sip:', b'\\"<sip:', b"f: a <sip:", b", <sip:",
    b'"', b"'", b"\\", b'\\"', b"<", b">", b"/", b"/+", b"+", b":", b"://", b"://a:", b"://" + b"a" * 128,
    b"call-id:", b"call-id:a", b"Call-ID:\n", b"Content-Type: application/dtmf\n", b"c:application/dtmf\n",
    b"c:application/dtmf\n" * 25 + b" " * 20_000 + b"\n", b"c:application/vnd." + b"dtmf" * 10 + b"\n",
    b"eyJ", b"eyJ.", b"eyJ-", b"eyJaaaaaaaaa.", b"eyJaaaaaaaa.aaa", b"A", b"a", b"aGVs", b"aGVs" * 1000 + b" ",
    b"c2lwOmFsaWNlQGV4YW1wbGUuY29tIGhlbGxv" * 100 + b" ", b"/home/", b"Users/", b"Users\\", b"Basic ", b"Bearer " + b"a" * 9000,
    b" for invalid user ", b" for a from ", b" user ", b"sudo: ", b"sudo a b [", b"[pid 1] [a", b"home$\\a", b'"customer":{', b'"user":{"name" ', b'"user":{"name":"',
    b"dtmf digit ", b"digits received ", b"Signal=1", b" ", b"\n", b"\r\n", b"1", b".", b"-", b" -host ", b"IN IP4 ",
    b"\no=a 1 1 IN IP4 b", b"SIP/2.0/UDP ", b"sk-", b"sk" + b"a" * 180 + b" ", b"' logged", b"\xe9", b"\xe9a", b"\xc3\xa9sip:",
    b"\0", b"geo:1.11,", b"Jan  1 10:00:00 ", b"<1>", b"[", b"tel:11", b"sip%3A", b";ext=", b"_",
)  # fmt: skip


@pytest.mark.parametrize("unit", _UNITS, ids=lambda unit: repr(unit[:24]))
def test_a_bomb_is_read_in_linear_time(shapes: Shapes, unit: bytes) -> None:
    text = (unit * (_SIZE // len(unit) + 1))[:_SIZE]
    assert kept(lambda: len(text) >= _LEAST * seconds_of(lambda: shapes.count(text)))
