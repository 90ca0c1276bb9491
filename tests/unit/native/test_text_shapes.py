"""The core finds mails, credentials, log-ins, log hosts, names and base64 as the reference does."""

# ruff: noqa: E501 - fragments read as a table

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers.core_shapes import TEXT, Shapes
from tests.peers.examples import many
from tests.peers.masking_texts import example_texts, generated_text

_HOLDING = base64.b64encode(b"sip:alice@example.com hello"), base64.b64encode(b"to erika@example.org, hello")
_EMPTY = base64.b64encode(b"hello world, no person"), base64.b64encode(bytes(range(24)))
_FRAGMENTS = _HOLDING + _EMPTY + tuple(
    one.encode("latin-1")
    for one in (
        "@", "%40", ".", "-", "_", "+", "/", "//", "://", ":", ";", ",", "=", "==", "?", "&", "'", '"', "\\", "\\\\", "|",
        "(", ")", "[", "]", "{", "}", "<", ">", "%", "#", " ", "  ", "\t", "\n", "\r\n", "\x0b", "\0", "\xe9", "\xff",
        "a", "1", "Ab1", "alice", "mary.o'hara", "+x", "example.com", "example.c-", "h.12", "a.b.c.d.e.f.g.h.i.j", "x" * 64,
        "sip:", "SIP:", "sips:", "SIPS:", "call-id: ", "Call-ID=", "in-reply-to:", "i:", " i: ", "http://", "http://user:pw@h",
        "eyJ", "eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiJlcmlrYSJ9", ".c2lnbmF0dXJlMTIz", "Bearer ", "basic ", "BEARER ", "Basic",
        "ZXJpa2E6Z2VoZWlt", "abcdefghijklmnop", "abcdefghijklmnop1", "0123456789012345", "sk-", "sk_live_", "ghp_", "AKIA",
        "Agent ", "user ", "Mary ", "de ", "von der ", "Jo-Ann", "O'Hara ", "Group ", "logged in", "has joined", "(ID", "my name is ", "mein Name ist ",
        "hello, this is ", "Login OK: [", "Login incorrect (", "): [", "7021@", " -l 7260@", "license_file=", "@openssh.com", "xoxb-", "k" * 184, "k" * 16, "Accepted", "Failed", "Postponed", " password", " publickey/x", " for ", " from ",
        " for invalid user ", "invalid user ", " user ", "Invalid", "session opened for", "Disconnected from", "login for",
        "=> ", " == ", "mohara <", " H=(", "pc-4711) [", "10.1.", "fe80:", "pam(", "passwd-", "file(", "imap(", "mohara,", "mohara):", ")<",
        "resource=", "Resource: ", "ResourceId:", "%MIVR-", "@crm LOG: ", "@crm ", "ERROR: ", "message-id=<", "References: ", "Msg-ID:'",
        "00C80548656C6C6F", "04FA0811", "C8", "0000", "00C8", "AUDIT - user ", "SIP/7044", ": authentication failure", "null", "succeeded",
        "sudo: ", "sudo[12]:\t", "mohara", "mohara : ", "root", "corp\\mohara", "User '", "agent \"", "' logged in",
        "\" has logged", "' is connected", "' signed", "/home/", "/home/mohara", "Users/", "Users\\", "Users\\\\",
        "Documents and Settings\\", "Public", "All Users", "default", "geo:", "geo:52.520008,13.404954", "52.52", ",-13.40",
        ", 13.40", "\n2026-01-01T10:00:00.000 Standard ", "sip-a01", "sip-a01 urs GCTI-00", " GCTI-", "\nJan  1 10:00:00 ",
        "\n<14>Dec 31 23:59:59 ", "\n<14>1 2026-01-01T10:00:00.000Z ", "Host name: ", "\nhost:", "\n  Hostname : ",
        "\nComputer Name: ", " -host ", " --host=", " -lchost=", " --backup_host ", "-server=", "www.w3.org", "localhost",
        '"customer"', '"customer":{', '"caller" : {"name" : "', '"user":{"id":1,"name":"Mary"}', '"name"', '"name":"', '":"',
        "Mary O'Hara", '\\"', "name", "customer", "<NAME:0123456789abcdef>",
    )
)  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS), max_size=24).map(b"".join)


@pytest.mark.parametrize("name", example_texts())
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b" "])
def test_examples_are_found_as_the_reference_finds_them(shapes: Shapes, name: str, line_end: bytes) -> None:
    text = example_texts()[name].replace(b"\n", line_end)
    assert shapes.native(text, TEXT) == shapes.reference(text, TEXT)


def test_generated_logs_are_found_as_the_reference_finds_them(shapes: Shapes) -> None:
    text = generated_text(seed=12, entries=900)
    found = shapes.native(text, TEXT)
    assert {one.detector for one in found} >= {"mail", "secret", "log-host", "login", "person-name"}
    assert found == shapes.reference(text, TEXT)


@settings(max_examples=many(1200), deadline=None)
@given(_TEXTS)
def test_any_text_is_found_as_the_reference_finds_it(shapes: Shapes, text: bytes) -> None:
    assert shapes.native(text, TEXT) == shapes.reference(text, TEXT)


@pytest.mark.parametrize("size", [8190, 8191, 8192, 8193, 8194])
@pytest.mark.parametrize("head", [b"eyJ", b"eyJabcdefgh.", b"eyJabcdefgh.abcd.", b"Bearer 1"])
def test_the_longest_credentials_end_where_the_reference_ends_them(
    shapes: Shapes, head: bytes, size: int
) -> None:
    text = head + b"k" * size + b".abcdefg.h"
    assert shapes.native(text, TEXT) == shapes.reference(text, TEXT)


@pytest.mark.parametrize("extra", range(-2, 3))
def test_base64_of_the_greatest_length_is_still_opened(shapes: Shapes, extra: int) -> None:
    text = base64.b64encode(b"erika@example.org " * 170 + b"end of it") + b"aaaa" * extra
    text = (text + b"IGFh" * 1024)[: 4096 + 4 * extra]
    assert shapes.native(text, TEXT) == shapes.reference(text, TEXT)
