"""Patterns of a customer that match at one place, or in one line: what one finds, no other one hides."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import InputError
from app.masking import Engine, NativeEngine, PseudonymKey, load_rules, mask_text, reference_engine
from app.masking.custom import CustomRules

HEAD = 'format = 1\nname = "mine"\nversion = 1\nextends = "default"\n'
KEY = PseudonymKey(b"k" * 32)


def pattern(rule: str, text: str, priority: int) -> str:
    return f"[[patterns]]\nrule = '{rule}'\nkind = 'CUSTOM'\npattern = '{text}'\npriority = {priority}\n"


def rules_of(tmp_path: Path, *patterns: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + "".join(patterns), encoding="utf-8")
    return path


@pytest.fixture(params=[reference_engine, NativeEngine])
def engine_of(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    def made(*patterns: str) -> Engine:
        engine: Engine = request.param(load_rules(rules_of(tmp_path, *patterns)), KEY)
        return engine

    return made


@pytest.mark.parametrize(
    ("first", "second", "line", "gone", "stays"),
    [
        (r"PQ-\d{3}", r"PQ-\d{6}", "see PQ-123456 now", ("123", "456"), ("see ", " now")),
        (r"PQ-\d+", r"order PQ-\d{2}", "see order PQ-123456 now", ("order", "12", "3456"), ("see ", " now")),
        (
            r"von=(\w+) an=",
            r"an=(\w+)",
            "von=kunde1 an=kunde2 ok",
            ("kunde1", "kunde2"),
            ("von=", " an=", " ok"),
        ),
        (
            r"an=(\w+)",
            r"von=(\w+) an=",
            "von=kunde1 an=kunde2 ok",
            ("kunde1", "kunde2"),
            ("von=", " an=", " ok"),
        ),
        (
            r"id=(\d+) name=\w+",
            r"name=(\w+)",
            "id=4711 name=kunde1 ok",
            ("4711", "kunde1"),
            ("id=", " name=", " ok"),
        ),
        (r"PQ-(\d+)", r"PQ-\d+", "see PQ-123456 now", ("123456",), ("see PQ-", " now")),
        (r"PQ-()\d+", r"PQ-\d+", "see PQ-123456 now", (), ("see PQ-123456 now",)),
    ],
)
def test_what_a_rule_finds_is_masked_also_where_another_rule_matches(
    engine_of, first: str, second: str, line: str, gone: tuple[str, ...], stays: tuple[str, ...]
) -> None:
    engine = engine_of(pattern("a", first, 10), pattern("b", second, 20))
    replacements = mask_text(engine, line).lines[0].replacements
    left = line
    for each in replacements:
        left = left.replace(each.before, "", 1)
    assert not [text for text in gone if text in left]
    assert [text for text in stays if text in left] == list(stays)


def test_the_lower_priority_keeps_its_place_also_where_it_begins_later(engine_of) -> None:
    engine = engine_of(pattern("low", r"order PQ-\d{2}", 900), pattern("high", r"PQ-\d+", 1))
    found = {
        each.rule: each.before for each in mask_text(engine, "order PQ-123456 and").lines[0].replacements
    }
    assert found["high"] == "PQ-123456"


def test_rules_that_share_no_line_are_found_once_each(tmp_path: Path) -> None:
    rules = load_rules(rules_of(tmp_path, pattern("a", r"AA\d+", 10), pattern("b", r"BB\d+", 20))).patterns
    text = b"AA1 AA2\nBB3 BB4\nnothing\nBB5 x AA6"
    spans = sorted(CustomRules(rules).find(text))
    assert [text[s.start : s.end] for s in spans] == [b"AA1", b"AA2", b"BB3", b"BB4", b"BB5", b"AA6"]
    assert [s.rule for s in spans] == ["a", "a", "b", "b", "b", "a"]


def test_several_rules_are_found_in_one_line_of_megabytes(tmp_path: Path) -> None:
    rules = load_rules(rules_of(tmp_path, pattern("a", r"AA\d+ BB", 10), pattern("b", r"BB\d+", 20))).patterns
    line = b"y" * 70_000 + b" AA1 BB2 " + b"y" * 700_000 + b" BB3 " + b"y" * 70_000 + b" AA4 BB5"
    found = {line[s.start : s.end] for s in CustomRules(rules).find(line)}
    assert found == {b"AA1 BB", b"BB2", b"BB3", b"AA4 BB", b"BB5"}


@pytest.mark.parametrize("before", range(65_536 - 44, 65_536, 4))
def test_a_value_at_the_end_of_a_piece_of_a_long_line_is_found_whole(tmp_path: Path, before: int) -> None:
    order, kunde = pattern("a", r"order \d+ kunde=", 10), pattern("b", r"kunde=(\w+)", 20)
    line = b"y" * (before - 1) + b" order 11 kunde=Mueller4711 " + b"y" * 1_100_000
    whole = (line.index(b"Mueller"), line.index(b"4711") + 4)
    for patterns in ([kunde], [order, kunde]):
        rules = load_rules(rules_of(tmp_path, *patterns)).patterns
        assert {(s.start, s.end) for s in CustomRules(rules).find(line) if s.rule == "b"} == {whole}


def test_what_begins_in_a_match_is_found_whole_also_at_the_end_of_a_piece(tmp_path: Path) -> None:
    blob, number = pattern("a", r"blob:(q+),PQ", 10), pattern("b", r"PQ-(\d{8})", 20)
    rules = CustomRules(load_rules(rules_of(tmp_path, blob, number)).patterns)
    line = b"y" * 65_000 + b" blob:" + b"q" * (65_536 - 65_000 - 12) + b",PQ-12345678 " + b"y" * 1_100_000
    assert {line[s.start : s.end][:9] for s in rules.find(line)} == {b"q" * 9, b"12345678"}


@pytest.mark.parametrize("text", [r"foo\nbar", r"a\r?\nb", r"\d+\n"])
def test_a_pattern_that_asks_for_a_line_end_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"can never match: a match ends at its line"):
        load_rules(rules_of(tmp_path, pattern("a", text, 10)))


@pytest.mark.parametrize(
    "text", [r"foo(?:\r?\n|$)", r"foo\n?", r"foo[^\n]+", r"foo\n*x", r"foo\\n", r"a\n|b", r"\QC:\new\E\d+"]
)
def test_a_pattern_that_can_do_without_a_line_end_is_taken(tmp_path: Path, text: str) -> None:
    assert len(load_rules(rules_of(tmp_path, pattern("a", text, 10))).patterns) == 1
