"""A value beyond ASCII is met in UTF-8 and in cp1252, whichever of them told it or a rule names it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.errors import InputError
from app.masking import Engine, PseudonymKey, open_engine, reference_engine, study_file
from app.masking.custom import matches
from app.masking.patternbytes import pattern_bytes
from app.masking.rulefile import rules_of_text

KEY = PseudonymKey(b"k" * 32)
NAME = "Zoë Größmann"
HEAD = 'format = 1\nname = "site"\nversion = 1\nextends = "default"\n'
ENCODINGS = ["utf-8", "cp1252", "utf-16"]


@pytest.fixture(params=["native", "reference"])
def engine_of(request: pytest.FixtureRequest) -> Callable[[str], Engine]:
    make = open_engine if request.param == "native" else reference_engine
    return lambda text: make(rules_of_text(HEAD + text, name="r.toml", folder=Path()), KEY)


def masked(engine: Engine, text: str, encoding: str) -> str:
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(text.encode(encoding)), sink)
    return sink.getvalue().decode(encoding)


@pytest.mark.parametrize(("told", "recurs"), [("utf-8", "cp1252"), ("cp1252", "utf-8"), ("cp1252", "utf-16")])
@pytest.mark.parametrize("written", ["{0} rief an", "Größmann, Zoë rief an"])
def test_a_name_that_one_file_tells_is_masked_in_one_of_another_encoding(
    engine: Engine, told: str, recurs: str, written: str
) -> None:
    files = [
        f"CustomerName={NAME}\n".encode(told),
        ("später: " + written.format(NAME) + "\n").encode(recurs),
    ]
    study = engine.study()
    for each in files:
        study_file(engine, io.BytesIO(each), study)
    sink = io.BytesIO()
    engine.mask_stream(io.BytesIO(files[1]), sink, study=study)
    assert "mann" not in sink.getvalue().decode(recurs)
    assert "später: <NAME:" in sink.getvalue().decode(recurs)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_name_of_the_site_is_masked_in_every_encoding(
    engine_of: Callable[[str], Engine], encoding: str
) -> None:
    engine = engine_of('[site]\nnames = ["Jürgen Weiß"]\n')
    assert masked(engine, "call of Jürgen Weiß ended\n", encoding).startswith("call of <NAME:")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("rule", "text", "left"),
    [
        ('literal = "Projekt Übermut"', "x Projekt Übermut y\n", "x <> y\n"),
        ('literal = "Projekt Übermut"\nany_case = true', "x PROJEKT übermut y\n", "x <> y\n"),
        ('pattern = "Größe[0-9]+"', "x Größe77 y\n", "x <> y\n"),
        ('pattern = "Gr[oöü]+[a-zß]e"', "x Größe y\n", "x <> y\n"),
        ('pattern = "Kz=([à-ÿ]+)"', "Kz=äöü.\n", "Kz=<>.\n"),
        ('pattern = "Kz=(.{3})"', "Kz=Zoë.\n", "Kz=<>"),
    ],
)
def test_a_rule_of_ones_own_meets_its_text_in_every_encoding(
    engine_of: Callable[[str], Engine], encoding: str, rule: str, text: str, left: str
) -> None:
    engine = engine_of(f'[[patterns]]\nrule = "own"\n{rule}\n')
    done = masked(engine, text, encoding)
    first, last = done.index("<CUSTOM:"), done.index(">")
    assert (done[:first] + "<>" + done[last + 1 :]).startswith(left)


@pytest.mark.parametrize("pattern", ["x1)|(y22", "a)(b", "(?i:a)|b)"])
def test_a_pattern_whose_brackets_close_those_of_others_is_refused(pattern: str) -> None:
    for any_case in ("", "any_case = true\n"):
        with pytest.raises(InputError, match="unexpected"):
            rules_of_text(
                f"{HEAD}[[patterns]]\nrule = \"own\"\npattern = '{pattern}'\n{any_case}",
                name="r.toml",
                folder=Path(),
            )


@pytest.mark.parametrize("char", ["é", "ß", "€", "ž", "中", "\U0001f600"])
def test_a_class_meets_the_characters_between_its_ends_and_no_other(char: str) -> None:
    around = f"[{chr(ord(char) - 1)}-{chr(ord(char) + 1)}]"
    assert matches(around, char)
    assert not matches(around, chr(ord(char) + 2))
    assert not matches(around, chr(ord(char) - 2))


def test_a_pattern_in_ascii_is_not_rewritten() -> None:
    for pattern in (r"a[^;\]]+\d{3}", r"\Qa.b\E", "[[:alpha:]]+"):
        assert pattern_bytes(pattern) == pattern.encode()
