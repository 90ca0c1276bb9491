"""Programs in C, fuzz targets and the driver of other platforms, know every call that rules are told by."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.masking import PseudonymKey, load_rules
from app.masking.native.library import _FACE
from tests.peers.core_told import told_of

PEERS = Path(__file__).resolve().parents[2] / "peers"


@pytest.mark.parametrize("header", ["core_told.h", "core_face.h"])
def test_every_call_that_the_default_rules_are_told_with_is_known(header: str) -> None:
    told, text = told_of(load_rules(), PseudonymKey(bytes(32))), (PEERS / header).read_text(encoding="utf-8")
    names = {name for name in _names_of_calls() if bytes([len(name)]) + name.encode() in told}
    assert len(names) > 8
    assert {name for name in names if name not in text} == set()


def _names_of_calls() -> set[str]:
    return {name for name in _FACE if name.startswith(("cf_rules_", "cf_settings_"))}
