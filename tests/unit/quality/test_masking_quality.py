"""The made-up logs that masking is scored with, and the judgement itself."""

from __future__ import annotations

import dataclasses
import io
import ipaddress
import random
from collections.abc import Iterator, Mapping

import pytest

from app.masking import Kind, MaskedLine, PseudonymKey, ReferenceEngine, Replacement, load_rules
from tests.bench.bench_masking_quality import classes
from tests.bench.quality.corpus import FORMATS, corpus
from tests.bench.quality.page import About, Group, Line, LogFile, Page, Place
from tests.bench.quality.scoring import PERSONAL, Differs, judged, score
from tests.bench.quality.vocabulary import Vocabulary, styled
from tests.bench.quality.words_dev import DEV
from tests.bench.quality.words_heldout import HELD_OUT

SETS = pytest.mark.parametrize("words", [DEV, HELD_OUT], ids=lambda words: words.name)


def _files(words: Vocabulary, *, seed: int = 5) -> list[LogFile]:
    return list(corpus(words, seed=seed, files=1, blocks=12))


def _values(words: Vocabulary) -> Iterator[tuple[About, str]]:
    for file in _files(words):
        for line in file.lines:
            for place in line.places:
                yield place.about, line.text[place.start : place.end]


@SETS
def test_the_same_seed_makes_the_same_bytes(words: Vocabulary) -> None:
    assert [file.data() for file in _files(words)] == [file.data() for file in _files(words)]


@SETS
def test_another_seed_makes_other_bytes(words: Vocabulary) -> None:
    assert [file.data() for file in _files(words)] != [file.data() for file in _files(words, seed=6)]


@SETS
def test_every_format_has_personal_and_staying_values(words: Vocabulary) -> None:
    files = _files(words)
    assert [file.format for file in files] == [title for title, _ in FORMATS]
    for file in files:
        groups = {place.about.group for line in file.lines for place in line.places}
        assert {Group.KEYED, Group.STAY, Group.WORDING} <= groups, file.format


@SETS
def test_places_lie_in_their_line_one_behind_the_other(words: Vocabulary) -> None:
    for file in _files(words):
        for line in file.lines:
            ends = [0]
            for place in line.places:
                assert ends[-1] <= place.start < place.end <= len(line.text)
                ends.append(place.end)


@SETS
def test_addresses_are_marked_from_their_first_to_their_last_character(words: Vocabulary) -> None:
    found = [
        value for about, value in _values(words) if about.group is Group.STRUCTURED and about.kind == "ip"
    ]
    assert len(found) > 100
    for value in found:
        ipaddress.ip_address(value)


@SETS
def test_numbers_of_cards_pass_their_check_digit(words: Vocabulary) -> None:
    found = [
        value
        for about, value in _values(words)
        if about.kind == "card" and about.notation in {"JSON", "free text"}
    ]
    assert found
    for value in found:
        digits = [int(sign) for sign in reversed(value) if sign.isdigit()]
        assert sum(d if at % 2 == 0 else d * 2 - 9 * (d > 4) for at, d in enumerate(digits)) % 10 == 0


@SETS
def test_ibans_pass_their_check_digits(words: Vocabulary) -> None:
    found = [
        value
        for about, value in _values(words)
        if about.kind == "iban" and about.notation in {"JSON", "PSDK list"}
    ]
    assert found
    for value in found:
        plain = value.replace(" ", "")
        assert int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


@SETS
def test_learned_values_stand_beside_a_key_in_the_same_file(words: Vocabulary) -> None:
    seen = 0
    for file in _files(words):
        told: set[str] = set()
        spoken: set[str] = set()
        for line in file.lines:
            for place in line.places:
                value = line.text[place.start : place.end]
                if place.about.group is Group.LEARNED:
                    spoken.add(value)
                elif place.about.group in PERSONAL:
                    told.add(value)
        assert spoken <= told
        seen += len(spoken)
    assert seen


@SETS
def test_learned_values_are_spoken_before_and_after_their_key(words: Vocabulary) -> None:
    order = {"before": 0, "after": 0}
    for file in _files(words):
        told: set[str] = set()
        for line in file.lines:
            for place in line.places:
                value = line.text[place.start : place.end]
                if place.about.group is Group.LEARNED:
                    order["after" if value in told else "before"] += 1
                elif place.about.group in PERSONAL:
                    told.add(value)
    assert min(order.values()) > 10


def test_a_mark_tells_its_columns() -> None:
    page = Page(random.Random(1), format="made up")
    page.add(f"a={page.keyed('name', 'Zoë', 'form', 'a')}&v={page.stay('version', '8.1.2.3')}")
    line = next(page.finished())
    assert line.text == "a=Zoë&v=8.1.2.3"
    assert Place(2, 5, About(Group.KEYED, "name", "form", "a", "made up")) in line.places
    assert Place(8, 15, About(Group.STAY, "version", format="made up")) in line.places


def test_words_around_the_marks_are_places_too() -> None:
    page = Page(random.Random(1))
    page.add(f"callback for {page.structured('phone', '+4930123')}: busy")
    line = next(page.finished())
    wording = [line.text[p.start : p.end] for p in line.places if p.about.group is Group.WORDING]
    assert wording == ["callback", "for", "busy"]


def _spellings(words: Vocabulary) -> set[str]:
    keys = [key for kinds in (words.keys, words.plurals) for names in kinds.values() for key in names]
    keys += [key for key, _ in words.staying]
    return {styled(key, "joined").replace("-", "").lower() for key in keys}


def test_the_sets_share_no_key() -> None:
    assert _spellings(DEV) & _spellings(HELD_OUT) == set()


def test_a_key_is_not_both_personal_and_plain() -> None:
    for words in (DEV, HELD_OUT):
        personal = {styled(key, "joined").lower() for names in words.keys.values() for key in names}
        assert personal & {styled(key, "joined").lower() for key, _ in words.staying} == set()


@pytest.mark.parametrize(
    "name",
    [
        f.name
        for f in dataclasses.fields(Vocabulary)
        if f.name not in {"centre", "keys", "plurals", "staying", "site_domain", "name"}
    ],
)
def test_the_sets_share_no_word(name: str) -> None:
    dev, held_out = getattr(DEV, name), getattr(HELD_OUT, name)
    assert dev
    assert set(dev) & set(held_out) == set()


def test_both_sets_have_keys_of_every_kind() -> None:
    assert set(DEV.keys) == set(HELD_OUT.keys)


def _seen(before: str, *replaced: tuple[int, str, str]) -> MaskedLine:
    made = tuple(Replacement(Kind.NAME, "test", old, new, at, at) for at, old, new in replaced)
    return MaskedLine(1, before, "not looked at", made)


def _verdict(group: Group, text: str, place: tuple[int, int], *replaced: tuple[int, str, str]) -> bool:
    line = Line(text, (Place(*place, About(group, "name")),))
    [(_, right)] = judged(line, _seen(text, *replaced))
    return right


def test_a_value_that_was_replaced_as_a_whole_is_found() -> None:
    assert _verdict(Group.KEYED, "n=Ann Lee;", (2, 9), (2, "Ann Lee", "<NAME:1>"))


def test_a_value_replaced_word_by_word_is_found() -> None:
    assert _verdict(Group.KEYED, "n=Ann Lee;", (2, 9), (2, "Ann", "<NAME:1>"), (6, "Lee", "<NAME:2>"))


def test_a_value_that_leaks_a_letter_is_missed() -> None:
    assert not _verdict(Group.KEYED, "n=Ann Lee;", (2, 9), (2, "Ann Le", "<NAME:1>"))


def test_a_replacement_by_the_same_text_finds_nothing() -> None:
    assert not _verdict(Group.STRUCTURED, "n=Ann;", (2, 5), (2, "Ann", "Ann"))


def test_a_staying_value_of_which_one_character_went_is_changed() -> None:
    assert not _verdict(Group.STAY, "v=8.1.2.3;", (2, 9), (8, "3;", "<IP:1>"))


def test_a_staying_value_beside_a_replacement_is_not_changed() -> None:
    assert _verdict(Group.STAY, "v=8.1.2.3;x", (2, 9), (9, ";x", "<NAME:1>"))


def test_a_place_that_may_go_either_way_is_not_judged() -> None:
    line = Line("abc", (Place(0, 3, About(Group.EITHER, "either")),))
    assert list(judged(line, _seen("abc"))) == []


@pytest.fixture
def engine() -> ReferenceEngine:
    return ReferenceEngine(load_rules(), PseudonymKey(bytes(32)))


def test_the_reference_engine_is_scored_over_every_encoding(engine: ReferenceEngine) -> None:
    lines = _files(DEV)[0].lines[-200:]
    for encoding, bom in (("utf-8", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        tally = score(engine, [LogFile("a.log", "x", lines, encoding, bom, "\r\n")])
        places, wrong = tally.of(Group.STRUCTURED)
        assert places > wrong
        assert tally.places.total() == sum(
            1 for line in lines for p in line.places if p.about.group is not Group.EITHER
        )


class _Deaf(ReferenceEngine):
    """Loses the last line of what it shows."""

    def preview(self, source: io.BufferedIOBase) -> Iterator[MaskedLine]:  # type: ignore[override]
        yield from list(super().preview(source))[:-1]  # type: ignore[arg-type]


class _Other(ReferenceEngine):
    """Writes something else than it shows."""

    def preview(self, source: io.BufferedIOBase) -> Iterator[MaskedLine]:  # type: ignore[override]
        for line in super().preview(source):  # type: ignore[arg-type]
            yield dataclasses.replace(line, after=line.before, replacements=())


@pytest.mark.parametrize("kind", [_Deaf, _Other])
def test_an_engine_whose_account_does_not_fit_is_not_scored(kind: type[ReferenceEngine]) -> None:
    with pytest.raises(Differs):
        score(kind(load_rules(), PseudonymKey(bytes(32))), _files(DEV)[:1])


def test_classes_of_faults_name_their_key_and_share() -> None:
    about = About(Group.KEYED, "name", "JSON", "cust_nm", "JSON line")
    line = Line('{"cust_nm":"Ann"}', (Place(12, 15, about),))
    rules = dataclasses.replace(load_rules(), shapes={})
    tally = score(ReferenceEngine(rules, PseudonymKey(bytes(32))), [LogFile("a.log", "x", (line,))])
    assert "    1 of     1  JSON line | name | JSON | cust_nm" in list(classes(tally))


def test_a_kind_of_the_table_has_values_in_both_sets() -> None:
    kinds: Mapping[str, set[str]] = {
        words.name: {about.kind for about, _ in _values(words) if about.group in PERSONAL}
        for words in (DEV, HELD_OUT)
    }
    assert kinds["dev"] == kinds["held-out"]
