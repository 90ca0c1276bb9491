"""A masked value that had told what another one is: what a second run would mask is masked in the first."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import Engine, Kind, NativeEngine, PseudonymKey, ReferenceEngine, load_rules
from app.masking.rules import Policy
from tests.unit.masking.conftest import Mask

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
SMALL = {"block": 400, "context": 300}
BOTH = (ReferenceEngine(RULES, KEY, **SMALL), NativeEngine(RULES, KEY, **SMALL))
PARTS = (
    *("login by ", "signin for ", "logout of ", "user=", "version ", "upgraded from ", "oracle ", "nginx "),
    *("10.2.0.4 ", "8.1.103.95 ", "mary.ohara ", "join: ", "a@b.de ", "sip:x1@h.de ", "Call-ID: ", "x" * 90),
    *("\n", "\r\n", "<USER:0123456789abcdef> ", "Server: ", "CallerName=Jo Doe-Smith\n", "jo doe-smith "),
)


def masked(engine: Engine, text: bytes) -> bytes:
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(text), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("login by oracle 10.2.0.4 x", "10.2.0.4"),
        ("password reset for nginx 1.2.3.4", "1.2.3.4"),
        ("Logon by join: a@b.de", "a@b.de"),
        ("logout of Target-Dialog: x1@h.de", "x1@h.de"),
        ("login by oracle 10.2.0.4 logout of nginx 1.2.3.4", "1.2.3.4"),
    ],
)
def test_what_a_masked_word_had_told_is_masked_too(mask: Mask, text: str, left: str) -> None:
    once = mask(f"before\n{text}\nbehind\n")
    assert left not in once
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "mary logged on to oracle 10.2.0.4",
        "user=mary.ohara version 8.1.103.95 of oracle 10.2.0.4",
        "login by mary.ohara\noracle 10.2.0.4",
        "join: a@b.de",
    ],
)
def test_what_an_unmasked_word_tells_stays(mask: Mask, text: str) -> None:
    assert mask(text).endswith(text[-8:])


def test_a_learned_word_tells_nothing_any_more(mask: Mask) -> None:
    assert "10.2.0.4" not in mask("saw Oracle 10.2.0.4\nCallerName=Oracle\n")


def test_a_kind_that_is_kept_stays(engine: Engine) -> None:
    keeping = type(engine)(replace(RULES, policy={**RULES.policy, Kind.IP: Policy.KEEP}), KEY)  # type: ignore[call-arg]
    assert masked(keeping, b"login by oracle 10.2.0.4 x\n").endswith(b"> 10.2.0.4 x\n")


def test_a_preview_shows_it(engine: Engine) -> None:
    (line,) = engine.preview(io.BytesIO(b"login by oracle 10.2.0.4 x\n"))
    assert [hit.kind for hit in line.replacements] == [Kind.USER, Kind.IP]
    assert [hit.before for hit in line.replacements] == ["oracle", "10.2.0.4"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join))
def test_both_engines_look_again_alike(text: str) -> None:
    once = [masked(engine, text.encode()) for engine in BOTH]
    assert once[0] == once[1]


@pytest.mark.parametrize("make", [NativeEngine, ReferenceEngine])
@pytest.mark.parametrize(
    "text", ['DTMF:"1234" Next:"5"\n', "DTMF end '4' received on SIP/a, 'Q'\n", 'name: "Jo Doe" x:"y"\n']
)
def test_a_token_without_digits_is_no_arrow_behind_a_key(
    make: type[NativeEngine | ReferenceEngine], text: str
) -> None:
    engine = make(load_rules(profile="voice-strict"), KEY)
    once = masked(engine, text.encode())
    assert masked(engine, once) == once
