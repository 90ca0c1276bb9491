"""Names of people and log-ins that stand without a key are found by the given name and what stands around it."""

# ruff: noqa: E501 - lines of logs

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import Engine, Kind, PseudonymKey, ReferenceEngine, load_rules
from app.masking.gates import finding
from app.masking.givens import Find, names_left
from app.masking.people import notations, uses
from tests.peers.examples import many
from tests.peers.keyed_texts import NAMES
from tests.unit.masking.conftest import Mask

HEAD = 'format = 1\nname = "mine"\nversion = 1\nextends = "default"\n'
KEY = PseudonymKey(b"k" * 32)

# A name or a log-in stands between « and ».
FOUND = {
    "clock": "10:22:31 «Maria Gonzalez» joined conference 4711",
    "role": "transfer to supervisor «Jean-Luc Picard» ok",
    "role and colon": "agent: «Anna Kowalska» went home",
    "number of a call": "call 88123 assigned to «Anna Kowalska» (skill billing)",
    "number behind": "«Petra Hansen» joined conference 4711",
    "number of a place": "4711 «Petra Hansen» ready",
    "noun, preposition and number": "call from «Petra Hansen» to 7021 dropped",
    "small words": "10:22:31 «Pieter van den Berg» joined",
    "apostrophe and joined name": "10:22:31 «Siobhan O'Connor» and «Heather McAllister» joined",
    "three names": "10:22:31 «Laura Martinez Ruiz» joined",
    "other letters": "10:22:31 «José Álvarez» called «Łukasz Mazur» 3 times",
    "family in capitals": "10:22:31 transfer to «Anna KOWALSKA» ok",
    "capitals": "call 4711 for «MARIA GONZALEZ» queued",
    "plain word with a role": "supervisor «Grace Kimani» listens",
    "place with a verb": "10:22:31 «Victoria Brandt» joined",
    "family first": "10:22:31 agent «van den Berg, Pieter» ready",
    "state behind": "10:22:31 «Anna Kowalska» Ready",
    "in brackets": "10:22:31 agent 4711 («Anna Kowalska») ready",
    "two of them": "conference 81: «Anna Kowalska», «Petra Hansen» connected",
    "log-in and role": "user «petra.hansen» idle 300 s",
    "log-in and verb": "10:22:31 «thomas_berger» logged in",
    "log-in with a number": "login of «emily.carter2» from workstation 12",
    "log-in of two given names": "10:22:31 agent «jean-luc.picard» ready",
    "behind a level": "2023-06-09 10:22:31 INFO «Maria Gonzalez» joined",
    "behind another level": "10:22:31 ERROR «thomas_berger» logged out",
    "what somebody wrote": "10:22:31 «Petra Hansen» wrote a note",
    "log-in that is used": "10:22:31 logged in as «petra.hansen»",
    "log-in that something is said of": "«peter.novak»: too many attempts",
    "log-in that is locked": "WARN auth - «anna_kowalska»: account locked",
    "row of a list": "3021  «Maria Gonzalez»  Ready",
    "new role": "Approver «Petra Hansen» signed",
    "initial": "[desktop] «k.muller» logged out, reason 3",
}
KEPT = [
    "10:22:31 San Marino gateway 3 up",
    "10:22:31 Menu Paris played 2 times",
    "10:22:31 Virginia Beach trunk 12 in service",
    "10:22:31 Grace Period 30 s started",
    "10:22:31 Mark Complete set on record 12",
    "10:22:31 Will Retry in 30 s",
    "10:22:31 Max Retries 3 reached",
    "10:22:31 queue May June opened",
    "10:22:31 org.eclipse.jetty started on 8080",
    "10:22:31 jackson.databind 2.15 loaded",
    "10:22:31 Dallas Gateway 2 registered",
    "10:22:31 Victoria Station kiosk 12 online",
    "10:22:31 campaign Christian Bank loaded, 1200 records",
    "10:22:31 Isabella Street substation alarm 3",
    "10:22:31 Santa Maria Dolores trunk 4",
    "10:22:31 skill Maria Stuart level 3",
    "10:22:31 class Anna GetCustomer loaded 3",
    "10:22:31 Anna IVR 3 loaded",
    "10:22:31 Info Maria Gonzalez joined",
    "10:22:31 Milan Centrale switch 3 up",
    "10:22:31 Austin Texas connected",
    "10:22:31 Mercedes Benz connected on line 7",
    "10:22:31 INFO Adam Optimizer started",
    "10:22:31 saved as anna.docx",
    "10:22:31 call 4711 to Carmen Norte queued",
    "10:22:31 file anna.wav played 12 times",
    "10:22:31 Maria Gonzalez Foundation Hall line 3",
    "3021  Maria Gonzalez  <maria at home>",
    "3021  Maria Bridge  Ready",
    "jenkins.job: failed",
    "anna.docx: not found",
    "written by Maria Gonzalez and Anna Kowalska in the spring",
    "Copyright 1998, 1999 Maria Gonzalez",
    "Thu Jul 11 09:21:33 1996  Maria Gonzalez  (maria at home)",
    "On Tue, 10 Jun 2003 at 10:22:31, Maria Gonzalez wrote:",
]


def _parts(text: str) -> tuple[str, list[str]]:
    parts = re.split(r"[«»]", text)
    return "".join(parts), parts[0::2]


@pytest.mark.parametrize("case", FOUND)
def test_a_name_is_replaced_and_the_rest_of_its_line_stays(case: str, mask: Mask) -> None:
    plain, around = _parts(FOUND[case])
    assert re.fullmatch("<(?:NAME|USER):[0-9a-f]{16}>".join(map(re.escape, around)), mask(plain)), mask(plain)


@pytest.mark.parametrize("case", FOUND)
def test_masking_it_twice_changes_nothing(case: str, mask: Mask) -> None:
    once = mask(_parts(FOUND[case])[0])
    assert mask(once) == once


@pytest.mark.parametrize("line", KEPT)
def test_what_only_begins_as_a_name_does_stays(line: str, mask: Mask) -> None:
    assert mask(line) == line


def test_a_name_is_not_looked_for_elsewhere(mask: Mask) -> None:
    assert mask("10:22:31 Maria Gonzalez joined\nthanks, Maria Gonzalez\n").endswith(
        "\nthanks, Maria Gonzalez\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le"])
def test_letters_beyond_ascii_are_known_in_every_encoding(engine: Engine, encoding: str) -> None:
    sink = io.BytesIO()
    text = "10:22:31 Jürgen Köhler joined conference 4711\n10:22:31 JOSÉ ÁLVAREZ joined conference 4711\n"
    engine.mask_stream(
        io.BytesIO(("\ufeff" if encoding == "utf-16-le" else "").encode(encoding) + text.encode(encoding)),
        sink,
    )
    masked = sink.getvalue().decode(encoding)
    assert masked.count("<NAME:") == 2
    assert "Köhler" not in masked


def _masked(tmp_path: Path, rules: str, line: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + rules, encoding="utf-8")
    sink = io.BytesIO()
    ReferenceEngine(load_rules(path), KEY).mask_stream(io.BytesIO(line.encode()), sink)
    return sink.getvalue().decode()


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ('[people]\ngiven = ["Zorblax Quuxine"]\n', "10:22:31 Quuxine Berger joined"),
        ('[people]\nroles = ["dispatcher"]\n', "dispatcher Maria Gonzalez here"),
    ],
)
def test_a_site_adds_words(tmp_path: Path, rules: str, line: str) -> None:
    assert "<NAME:" not in _masked(tmp_path, "", line)
    assert "<NAME:" in _masked(tmp_path, rules, line)


@pytest.mark.parametrize(
    "rules",
    ['[people]\nnever = ["maria"]\n', '[people]\nthings = ["gonzalez"]\n', '[people]\nplain = ["Maria"]\n'],
)
def test_a_site_takes_words_away(tmp_path: Path, rules: str) -> None:
    line = "10:22:31 Maria Gonzalez joined"
    assert "<NAME:" in _masked(tmp_path, "", line)
    assert _masked(tmp_path, rules, line) == line


def test_words_of_people_count_for_the_digest_of_the_rules(tmp_path: Path) -> None:
    digests = set()
    for rules in ("", '[people]\ngiven = ["quuxine"]\n', '[people]\nnever = ["maria"]\n'):
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + rules, encoding="utf-8")
        digests.add(load_rules(path).sha256)
    assert len(digests) == 3


def test_the_strictest_list_counts_for_a_name_in_two() -> None:
    table = uses({"given": ("anna", "rose"), "plain": ("rose",), "verbs": ("rose",)})
    assert table == {b"anna": 1, b"rose": 4 | 64}


def test_a_word_is_known_as_it_is_written_in_logs() -> None:
    assert notations(["jürgen"]) == {
        "jürgen".encode(),
        "jÜrgen".encode(),
        "jürgen".encode("cp1252"),
        "jÜrgen".encode("cp1252"),
    }


def test_a_name_that_was_left_stops_the_file() -> None:
    engine = ReferenceEngine(load_rules(), KEY)
    left = names_left(engine.givens, 40, Kind.NAME, finding, worth=0)
    assert [left_span[:2] for left_span in left(b"x\n10:22:31 Maria Gonzalez joined\n")] == [(11, 25)]


_GLUED = st.lists(st.sampled_from([name.encode() for name in NAMES]), min_size=1, max_size=12).map(b"".join)


@settings(max_examples=many(180), deadline=None)
@given(_GLUED)
def test_the_check_finds_with_its_pattern_what_it_finds_without(text: bytes) -> None:
    engine = _engine()
    plain = {span[:2] for span in engine.givens.find(text, 40, Kind.NAME)}
    assert {
        span[:2] for span in names_left(engine.givens, 40, Kind.NAME, finding_once, worth=0)(text)
    } == plain


_ENGINES: list[ReferenceEngine] = []
_FOUND_BY: dict[str, Find] = {}


def _engine() -> ReferenceEngine:
    if not _ENGINES:
        _ENGINES.append(ReferenceEngine(load_rules(), KEY))
    return _ENGINES[0]


def finding_once(pattern: str) -> Find:
    if pattern not in _FOUND_BY:
        _FOUND_BY[pattern] = finding(pattern)
    return _FOUND_BY[pattern]
