"""Keys in other scripts are compared as the reference compares them, letter by letter."""

from __future__ import annotations

import unicodedata

import pytest

from app.masking.face import Kind
from app.masking.rules import KeyRule, RuleSet
from tests.peers.both_finders import BothFinders
from tests.peers.core_detect import Core

_SCRIPTS = {
    "hiragana": range(0x3041, 0x3097),
    "katakana": range(0x30A1, 0x30FB),
    "thai": (*range(0x0E01, 0x0E3B), *range(0x0E40, 0x0E4F)),
    "hangul": (*range(0xAC00, 0xD7A4, 37), 0xD7A3),
}


@pytest.mark.parametrize("script", _SCRIPTS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_letter_of_a_key_is_read_in_both_of_its_forms(core: Core, script: str, form: str) -> None:
    names = tuple(3 * chr(code) for code in _SCRIPTS[script])
    rule = KeyRule(rule="letters", kind=Kind.KEYED, names=names)
    finders = BothFinders(
        core, RuleSet(name="letters", version=1, sha256="", keys=(rule,), shapes={"keyed": Kind.KEYED})
    )
    lines = [f"{unicodedata.normalize(form, name)}=value-of-it".encode() for name in names]
    assert [len(finders.native(line)) for line in lines] == [1] * len(names)
    assert finders.native(b"\n".join(lines)) == finders.reference(b"\n".join(lines))


def test_full_width_letters_of_a_key_are_those_of_ascii(core: Core) -> None:
    rule = KeyRule(rule="letters", kind=Kind.KEYED, names=("CustomerPhone",))
    finders = BothFinders(
        core, RuleSet(name="letters", version=1, sha256="", keys=(rule,), shapes={"keyed": Kind.KEYED})
    )
    line = "ｃｕｓｔｏｍｅｒ＿ｐｈｏｎｅ=value-of-it".encode()
    assert len(finders.native(line)) == 1
    assert finders.native(line) == finders.reference(line)
