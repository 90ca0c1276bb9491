"""Which ids a record ties together, and which words may be ids."""

from __future__ import annotations

import pytest

from app.logs import CallId, IdKind, id_marks, is_whole, kind_of_id, linked_ids, mark_of

CALL = "7C1QF2V5B57K1C9HGB2O1RVR4K000A2F"


@pytest.mark.parametrize(
    ("record", "ids"),
    [
        (b"\tAttributeConnID\t00e2029a670222cb\n", {("00e2029a670222cb", "connection")}),
        (b"AttributeConnID [long] = 006c02462a161006\n", {("006c02462a161006", "connection")}),
        (b"17:33:04.587_I_I_01d9027e17ef8b38 [09:05] >>>", {("01d9027e17ef8b38", "connection")}),
        (f"\tAttributeCallUUID\t'{CALL}'\n".encode(), {(CALL, "call")}),
        (f"X-Genesys-CallUUID: {CALL}\r\n".encode(), {(CALL, "call")}),
        (f'{{"callUuid":"{CALL}"}}'.encode(), {(CALL, "call")}),
        (b"INVITE x\r\nCall-ID: 5D3A7C21-01EE@192.0.2.11\r\n", {("5D3A7C21-01EE@192.0.2.11", "sip")}),
        (f"METRIC <eval_expr sid='{CALL}' />".encode(), {(CALL, "session")}),
        (b"2023 Std 47006 WARN 025101E8-1007FB1F 2816", {("025101E8-1007FB1F", "media")}),
        (b"2023 Trc 33009 INFO 00000000-00000000 0280", set()),
        (b"\tAttributeEventSequenceNumber\t00000000000ab2f1\n", set()),
        (b"\tAttributeConnID\t0000000000000000\n", set()),
    ],
)
def test_only_what_stands_behind_a_key_is_a_link(record: bytes, ids: set[tuple[str, str]]) -> None:
    assert linked_ids(record) == {CallId(value, IdKind(kind)) for value, kind in ids}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("00e2029a670222cb", IdKind.CONNECTION),
        (CALL, IdKind.CALL),
        ("025101E8-1007FB1F", IdKind.MEDIA),
        ("5D3A7C21@192.0.2.11", IdKind.SIP),
        ("x", IdKind.UNKNOWN),
    ],
)
def test_the_shape_tells_what_an_id_names(value: str, kind: IdKind) -> None:
    assert kind_of_id(value) is kind


def test_an_id_within_a_longer_one_is_not_whole() -> None:
    data = b"x_00e2029a670222cb 100e2029a670222cb"
    first = data.index(b"00e2")
    assert is_whole(data, first, first + 16)
    second = data.index(b"00e2", first + 1)
    assert not is_whole(data, second, second + 16)


@pytest.mark.parametrize("value", ["00e2029a670222cb", CALL, "5D3A7C21-01EE-4B21@192.0.2.11"])
def test_a_text_with_an_id_has_its_mark(value: str) -> None:
    assert mark_of(value) in id_marks(f"Call-ID: {value}\r\n".encode())
    assert mark_of(value) not in id_marks(b"Call-ID: 5D3A7C21-01EE-4B22@192.0.2.11\r\n")


def test_a_short_id_has_no_mark() -> None:
    assert mark_of("ab12@192.0.2.11") is None
