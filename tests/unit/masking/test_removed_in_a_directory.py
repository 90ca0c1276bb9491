"""A name in a directory that was removed, ``cn=<NAME:->,ou=…``, is no log-in to the check after masking."""

from __future__ import annotations

import io

import pytest

from app.masking import PseudonymKey, ReferenceEngine, load_rules, open_engine, residual_check

KEY = PseudonymKey(b"k" * 32)
LINE = b'bind dn="cn=Mary Major,ou=Agents,dc=corp" result=49\n'


@pytest.mark.parametrize("reference", [False, True])
def test_what_was_removed_is_nothing_to_mask(*, reference: bool) -> None:
    rules = load_rules(profile="voice-strict")
    engine = ReferenceEngine(rules, KEY) if reference else open_engine(rules, KEY)
    once, again = io.BytesIO(), io.BytesIO()
    engine.mask_stream(io.BytesIO(LINE), once)
    engine.mask_stream(io.BytesIO(once.getvalue()), again)
    assert b"cn=<NAME:->,ou=Agents" in once.getvalue()
    assert again.getvalue() == once.getvalue()
    check = residual_check(rules, KEY)
    check.read(io.BytesIO(once.getvalue()), size=len(once.getvalue()), seed="a")
