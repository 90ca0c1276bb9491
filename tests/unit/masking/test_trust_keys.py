from __future__ import annotations

import json
import stat
import sys

import pytest

from app.domain.errors import CredentialsError, InputError
from app.masking import KeyRing, PseudonymKey, read_key_file, read_key_ring, write_key_file, write_key_ring
from app.masking.keyexport import Cost, export_keys, import_keys

A, B, C = (PseudonymKey(letter * 32) for letter in (b"a", b"b", b"c"))
WORDS = "copper lamp under nine bridges"
CHEAP = Cost(n=2**14)


def test_rotation_keeps_what_was_current_among_the_older():
    assert KeyRing(A).rotated(B).rotated(C) == KeyRing(C, (B, A))


def test_rotation_back_does_not_double_a_key():
    assert KeyRing(A).rotated(B).rotated(A) == KeyRing(A, (B,))


def test_a_ring_is_bounded():
    ring = KeyRing(A)
    for number in range(99):
        ring = ring.rotated(PseudonymKey(bytes([100 + number]) * 32))
    with pytest.raises(InputError) as caught:
        ring.rotated(PseudonymKey(b"\xff" * 32))
    assert caught.value.code == "CF-1930"


def test_a_ring_survives_its_file_and_its_first_key_masks(tmp_path):
    ring = KeyRing(C, (B, A))
    write_key_ring(tmp_path / "k", ring)
    assert read_key_ring(tmp_path / "k") == ring
    assert read_key_file(tmp_path / "k") == C
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600


def test_a_file_of_one_key_is_a_ring(tmp_path):
    write_key_file(tmp_path / "k", A)
    assert read_key_ring(tmp_path / "k") == KeyRing(A)


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_key_that_lies_open_is_refused(tmp_path):
    path = tmp_path / "key"
    write_key_file(path, A)
    path.chmod(0o644)
    with pytest.raises(CredentialsError) as caught:
        read_key_ring(path)
    assert caught.value.code == "CF-1371"


def test_a_wrong_line_is_named(tmp_path):
    write_key_ring(tmp_path / "k", KeyRing(A, (B,)))
    with (tmp_path / "k").open("ab") as file:
        file.write(b"nonsense\n")
    with pytest.raises(InputError) as caught:
        read_key_ring(tmp_path / "k")
    assert "line 3" in caught.value.happened


def test_no_key_is_shown_by_its_ring():
    assert "aaaa" not in repr(KeyRing(A, (B,)))


def test_keys_reach_the_next_server():
    ring = KeyRing(B, (A,))
    assert import_keys(export_keys(ring, WORDS, cost=CHEAP), WORDS) == ring


def test_no_key_stands_in_what_is_exported():
    sealed = export_keys(KeyRing(A), WORDS, cost=CHEAP)
    assert A.secret not in sealed
    assert A.id.encode() in sealed


def test_another_passphrase_opens_nothing():
    with pytest.raises(CredentialsError) as caught:
        import_keys(export_keys(KeyRing(A), WORDS, cost=CHEAP), WORDS + "!")
    assert caught.value.code == "CF-1933"


@pytest.mark.parametrize("field", ["key_id", "n", "salt", "nonce", "sealed"])
def test_a_changed_field_is_noticed(field):
    read = json.loads(export_keys(KeyRing(A), WORDS, cost=CHEAP))
    value = read[field]
    read[field] = value * 2 if isinstance(value, int) else ("B" if value[0] != "B" else "C") + value[1:]
    with pytest.raises((CredentialsError, InputError)):
        import_keys(json.dumps(read).encode(), WORDS)


@pytest.mark.parametrize(
    ("field", "value"),
    [("n", 2**40), ("n", 3), ("n", 2), ("n", True), ("r", 10**9), ("p", 0), ("salt", "AA=="), ("nonce", 5)],
)
def test_numbers_that_would_cost_too_much_or_protect_too_little_are_refused(field, value):
    read = json.loads(export_keys(KeyRing(A), WORDS, cost=CHEAP))
    read[field] = value
    with pytest.raises(InputError) as caught:
        import_keys(json.dumps(read).encode(), WORDS)
    assert caught.value.code == "CF-1932"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff\xfe", b'{"format": "caseferry-keys-1"}', b"x" * 70_000]
)
def test_another_file_is_no_export(data):
    with pytest.raises(InputError) as caught:
        import_keys(data, WORDS)
    assert caught.value.code == "CF-1932"


@pytest.mark.parametrize("words", ["", "short", "           a"])
def test_a_short_passphrase_is_refused(words):
    with pytest.raises(InputError) as caught:
        export_keys(KeyRing(A), words)
    assert caught.value.code == "CF-1931"
