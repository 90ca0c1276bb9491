"""Names of keys are folded in one go as they are folded one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.masking.rulefile import load_rules
from app.masking.rules import fold_key, fold_keys, fold_name, fold_names
from tests.peers.examples import many

_NAMES = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.text(alphabet="aZ9_- ßéÅİΣςσ\u0300\u03a9…½\n\x01", max_size=12),
        st.sampled_from(["Name{person}", "{number}_Straße", "ΌΝΟΜΑΣ", "{person}Ñ", "Kundenname"]),
    ),
    max_size=6,
)
_EACH = pytest.mark.parametrize(("together", "alone"), [(fold_names, fold_name), (fold_keys, fold_key)])


@_EACH
@settings(max_examples=many(300))
@given(names=_NAMES)
@example(names=["\U0001d6ba", "x"])
def test_names_together_are_folded_as_each_alone(
    together: Callable[[list[str]], list[str]], alone: Callable[[str], str], names: list[str]
) -> None:
    assert sorted(together(names)) == sorted(map(alone, names))


def test_the_shipped_rules_hold_their_names_folded() -> None:
    for rule in load_rules().keys:
        assert sorted(rule.folded) == sorted(map(fold_name, rule.names))
