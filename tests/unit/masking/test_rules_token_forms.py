"""Forms of tokens, policies and profiles: stable under masking twice, and showing no more than they say."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import Kind, PseudonymKey, RuleSet, load_rules, mask_name, mask_text, reference_engine
from app.masking.pseudonyms import Pseudonyms
from app.masking.rules import Policy
from app.masking.tokens import LONGEST_TOKEN, TOKEN, Style, TokenForm, ends_with_token, tail_of

KEY = PseudonymKey(b"k" * 32)
RULES = load_rules()
FORMS = (
    *(
        TokenForm(style=style, digits=digits, key_id=key_id, subnets=shapes)
        for style, digits, key_id, shapes in product(Style, (16, 20, 32), (False, True), (False, True))
    ),
    TokenForm(mail_domain=True, key_id=True),
    TokenForm(columns=True),
    TokenForm(columns=True, digits=24, subnets=True, mail_domain=True),
)
POLICIES = {
    "token": {},
    "drop": dict.fromkeys(Kind, Policy.DROP),
    "fixed": dict.fromkeys(Kind, Policy.FIXED),
    "partial": dict.fromkeys((Kind.TEL, Kind.CARD, Kind.IBAN, Kind.ID), Policy.PARTIAL),
}
TEXT = """INVITE sip:+4930123456@sip-a.example.com:5060 SIP/2.0
From: "Mary Jones" <sip:+14155550143@10.1.2.3;user=phone>;tag=1
Via: SIP/2.0/UDP 10.1.2.9:5060;branch=z9hG4bK-1;received=192.0.2.4
customer_name="Mary Jones" mail=mary.jones@example.com ANI=4155550143 ThisDN=5001 AccountNo=77120034
[INFO] caller Mary Jones at 10.1.2.3, card 4111 1111 1111 1111, DE89370400440532013000
{"phone": "+1 (415) 555-0143", "email": "mary.jones@example.com", "host": "fe80::1:2"}
Signal=5
"""


def rules_with(form: TokenForm, policy: dict[Kind, Policy] | None = None) -> RuleSet:
    return replace(
        RULES, tokens=form, policy={**RULES.policy, **(policy or {})}, tails={Kind.TEL: 2, Kind.CARD: 4}
    )


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_masking_twice_changes_nothing_in_any_form(form: TokenForm, policy: str) -> None:
    engine = reference_engine(rules_with(form, POLICIES[policy]), KEY)
    once = mask_text(engine, TEXT).text
    assert once != TEXT
    assert mask_text(engine, once).text == once


@given(
    form=st.sampled_from(FORMS),
    kind=st.sampled_from(Kind),
    policy=st.sampled_from(Policy),
    raw=st.one_of(
        st.binary(min_size=1, max_size=90),
        st.emails().map(str.encode),
        st.ip_addresses().map(lambda a: str(a).encode()),
        st.from_regex(r"\+?[0-9]{3,20}", fullmatch=True).map(str.encode),
    ),
)
def test_every_token_is_recognised_whole(form: TokenForm, kind: Kind, policy: Policy, raw: bytes) -> None:
    token = Pseudonyms(KEY, policy={kind: policy}, form=form, tails=dict.fromkeys(Kind, 4)).token(kind, raw)
    assert TOKEN.fullmatch(token)
    assert len(token) <= LONGEST_TOKEN
    assert ends_with_token(b"x " + token, len(token) + 2)


_PIECES = st.sampled_from(
    [
        "ANI=",
        "+4930901820417",
        "'",
        '"',
        "<sip:",
        ">",
        "@",
        "erika",
        "192.0.2.1",
        " ",
        "\n",
        ":5060",
        "From: ",
        "Erika Mustermann",
        "a.example.com",
        "CustomerName=",
        "<TEL:",
        "cf-",
        "TEL-",
        "0123456789abcdef",
        "-",
        ";",
        "4111 1111 1111 1111",
        "8.1.103.95",
        "erika@example.com",
        "415-555-0143",
        "Signal=",
        "5",
        "_",
        "web07",
    ]
)
_ENGINES = {
    (form, policy): reference_engine(rules_with(form, POLICIES[policy]), KEY)
    for form in (FORMS[0], FORMS[13], FORMS[15], FORMS[-1])
    for policy in POLICIES
}


@settings(max_examples=150, derandomize=True, deadline=None)
@given(text=st.lists(_PIECES, max_size=30).map("".join), which=st.sampled_from(list(_ENGINES)))
def test_masking_twice_changes_nothing_whatever_stands_beside(
    text: str, which: tuple[TokenForm, str]
) -> None:
    once = mask_text(_ENGINES[which], text).text
    assert mask_text(_ENGINES[which], once).text == once


def test_raw_text_that_resembles_a_token_is_none() -> None:
    for raw in (
        b"<NAME>",
        b"<TEL:5551234567>",
        b"CARD-4111111111111111",
        b"<TEL~5551234>",
        b"cf-TEL-4155550143",
    ):
        assert not TOKEN.search(raw)


def test_the_default_form_is_the_plain_one() -> None:
    pseudonyms = Pseudonyms.of(RULES, KEY)
    assert pseudonyms.plain(Kind.TEL)
    assert not pseudonyms.plain(Kind.DTMF)
    assert pseudonyms.token(Kind.TEL, b"+14155550143") == b"<TEL:e441f467c2724be6>"


@pytest.mark.parametrize(
    ("form", "kind", "raw", "pattern"),
    [
        (TokenForm(digits=20), Kind.TEL, b"+14155550143", r"<TEL:e441f467c2724be6[0-9a-f]{4}>"),
        (TokenForm(key_id=True), Kind.TEL, b"+14155550143", rf"<TEL:{KEY.id}:e441f467c2724be6>"),
        (TokenForm(style=Style.WORD), Kind.TEL, b"4155550143", r"cf-TEL-e441f467c2724be6z"),
        (TokenForm(mail_domain=True), Kind.MAIL, b"a.b@Example.com", r"<MAIL:[0-9a-f]{16}@example\.com>"),
        (TokenForm(columns=True), Kind.NAME, b"Jo" * 20, r"<NAME:[0-9a-f]{16}_{17}>"),
        (TokenForm(columns=True), Kind.TEL, b"0049301234567", r"<TEL:[0-9a-f]{16}>"),
        (TokenForm(columns=True), Kind.TEL, b"+49 30 1234567", r"<TEL~[0-9a-f]{8}>"),
    ],
)
def test_forms_look_as_their_settings_say(form: TokenForm, kind: Kind, raw: bytes, pattern: str) -> None:
    assert re.fullmatch(pattern, Pseudonyms(KEY, form=form).token(kind, raw).decode())


def test_addresses_of_one_subnet_share_the_part_behind_the_dot() -> None:
    pseudonyms = Pseudonyms(KEY, form=TokenForm(subnets=True))
    one, other, far = (
        pseudonyms.token(Kind.IP, raw)[1:-1].split(b".") for raw in (b"10.1.2.3", b"10.1.2.4", b"10.1.3.3")
    )
    assert one[1] == other[1] != far[1]
    assert len({one[0], other[0], far[0]}) == 3
    assert b"IP:" + Pseudonyms(KEY).token(Kind.IP, b"10.1.2.3")[4:20] == one[0]


@pytest.mark.parametrize(
    ("value", "count", "tail"),
    [
        ("14155550143", 2, "43"),
        ("14155550143", 4, ""),  # seven digits would stay secret, eight must
        ("4111111111111111", 4, "1111"),
        ("1234567", 2, ""),
        ("DE89 3704 0044 0532 0130 00", 3, "000"),
        ("Müllerstraßeß", 2, ""),
    ],
)
def test_a_tail_is_shown_only_when_enough_stays_secret(value: str, count: int, tail: str) -> None:
    assert tail_of(value, count) == tail


def test_a_masked_sip_uri_is_still_a_sip_uri_in_words() -> None:
    engine = reference_engine(rules_with(TokenForm(style=Style.WORD)), KEY)
    masked = mask_text(engine, "To: <sip:+14155550143@sip-a.example.com:5060;user=phone>").text
    user, _, host = masked.partition("sip:")[2].partition(":5060")[0].partition("@")
    assert user.replace("-", "").isalnum()
    assert host.replace("-", "").isalnum()
    assert masked.endswith(":5060;user=phone>")


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_file_names_keep_their_tokens_when_masked_again(form: TokenForm) -> None:
    engine = reference_engine(rules_with(form), KEY)
    once = mask_name(engine, "calls/+14155550143.log")
    assert not set('<>:"') & set(once)
    assert "4155550143" not in once


def test_the_three_profiles() -> None:
    line = (
        'customer_name="Mary Jones" ANI=4155550143 ThisDN=5001 password=hunter2 from 10.1.2.3:5060\n'
        "Signal=5\n"
    )
    masked = {
        name: mask_text(reference_engine(load_rules(profile=name), KEY), line).text
        for name in ("balanced", "voice-strict", "infrastructure-only")
    }
    assert "Mary" not in masked["balanced"] + masked["voice-strict"]
    assert "ThisDN=5001" in masked["balanced"]
    assert "<NAME:->" in masked["voice-strict"]
    assert "5001" not in masked["voice-strict"]
    assert "<DTMF:->" in masked["voice-strict"]
    assert 'customer_name="Mary Jones" ANI=4155550143 ThisDN=5001' in masked["infrastructure-only"]
    assert "hunter2" not in masked["infrastructure-only"]
    assert all("10.1.2.3" not in text for text in masked.values())
