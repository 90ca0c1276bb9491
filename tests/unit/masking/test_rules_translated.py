"""The shipped rules as the build translates them are the rules as they are written."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.masking import ruletext
from app.masking.rulefile import load_rules
from app.masking.ruletext import rule_document
from build_core import RULES, translate_rules

TEXT = RULES.read_text(encoding="utf-8")


@pytest.fixture
def translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = translate_rules(tmp_path)
    monkeypatch.setattr(ruletext, "TRANSLATED", path)
    return path


def test_they_are_read_and_say_the_same(translated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = tomllib.loads(TEXT)
    monkeypatch.setattr(tomllib, "loads", None)  # nobody reads TOML then
    assert rule_document("default.toml", TEXT) == written


def test_another_text_is_read_itself(translated: Path) -> None:
    assert rule_document("own.toml", "format = 1\n") == {"format": 1}
    assert rule_document("default.toml", TEXT + "own = 7\n") != tomllib.loads(TEXT)


@pytest.mark.parametrize("damage", ["", "half", "list", "missing"])
def test_a_damaged_translation_is_passed_over(translated: Path, damage: str) -> None:
    before = load_rules()
    digest, document = translated.read_text(encoding="utf-8").split("\n", 1)
    translated.unlink()
    if damage != "missing":
        kept = {"": "", "half": document[: len(document) // 2], "list": "[]"}[damage]
        translated.write_text(f"{digest}\n{kept}", encoding="utf-8")
    assert load_rules() == before
