"""The sieve stops at every line in which the reference engine finds something, and at no other."""

from __future__ import annotations

import io
import random
import re
from bisect import bisect_left
from types import SimpleNamespace

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import MaskingError, PseudonymKey, ReferenceEngine, load_rules, residual_check
from app.masking import custom as own_patterns
from app.masking.notations import NOTATIONS
from app.masking.persons import SEEN as OF_PERSONS
from app.masking.pseudonyms import Pseudonyms
from app.masking.rules import RuleSet
from app.masking.sieve import Sieve
from app.masking.spans import Span, settle
from app.masking.superset import superset
from app.masking.text import SEEN as OF_TEXT
from tests.bench.quality.corpus import corpus
from tests.bench.quality.words_heldout import HELD_OUT
from tests.peers.keyed_texts import CHAINS, GROUPS, PIECES
from tests.peers.masking_texts import example_texts, generated_text

KEY = PseudonymKey(b"k" * 32)
TEXTS = example_texts()
TOKENS = (b"<TEL:88b1e4f0a1b2c3d4>", b"<NAME:34c4407fb84bae92>", b"cf-TEL-88b1e4f0a1b2c3d4z")
_NOTATIONS = st.tuples(*(st.sampled_from(group) for group in GROUPS)).map(b"".join)
_SENTENCES = st.one_of(
    *(st.lists(st.sampled_from(chain), min_size=2, max_size=5).map(b" ".join) for chain in CHAINS)
)
_GLUED = st.lists(
    st.one_of(_NOTATIONS, _SENTENCES, st.sampled_from(PIECES), st.sampled_from(TOKENS)), max_size=8
).map(b"".join)


class Both:
    """The plain detectors, and the sieve before them."""

    def __init__(self, rules: RuleSet) -> None:
        self.engine = ReferenceEngine(rules, KEY)
        self.sieve = Sieve(self.engine)
        self._token = Pseudonyms.of(rules, KEY).token

    def plain(self, text: bytes) -> list[Span]:
        found = [s for each in self.engine.detectors for s in each.finder(text, each.order, each.kind)]
        found += self.engine.known().find(text)
        return settle((s for s in found if not self.engine.stays(s, text)), text)

    def masked(self, text: bytes, *, leaking: float, dice: random.Random) -> bytes:
        """The text masked, but for a share of its values."""
        pieces, at = [], 0
        for span in self.plain(text):
            raw = text[span.start : span.end]
            pieces += [text[at : span.start], raw if dice.random() < leaking else self._token(span.kind, raw)]
            at = span.end
        return b"".join((*pieces, text[at:]))

    def same_lines(self, text: bytes) -> int:
        plain = self.plain(text)
        assert _lines(self.sieve.spans(text), text) == _lines(plain, text)
        return len(plain)


def _lines(spans: list[Span], text: bytes) -> list[int]:
    feeds = [place.start() for place in re.finditer(rb"\n", text)]
    return sorted({bisect_left(feeds, span.start) for span in spans})


@pytest.fixture(scope="module")
def both() -> Both:
    return Both(load_rules())


def heldout() -> bytes:
    files = corpus(HELD_OUT, seed=9, files=3, blocks=2)
    return "\n".join(line.text for file in files for line in file.lines).encode()


def test_what_was_not_masked_is_found_in_the_same_lines(both):
    assert both.same_lines(generated_text(seed=7, entries=100)) > 300


def test_so_is_what_other_words_say(both):
    assert both.same_lines(heldout()) > 60


@pytest.mark.parametrize("name", TEXTS)
def test_every_line_of_the_examples_is_judged_alike_in_its_text_and_alone(both, name):
    both.same_lines(TEXTS[name])
    for line in TEXTS[name].splitlines():
        both.same_lines(line)


@pytest.mark.parametrize(
    "text",
    [
        b"Telephones)=((12)12\x0cDNIS) VALUES (Null,",
        b"customer_name] =&#34;y&#34;\r",
        b'\tAttributeAgentID [str]== "<SER:5330b6aed1547076>"',
    ],
)
def test_so_is_what_begins_a_text_and_what_is_nearly_a_token(both, text):
    assert both.same_lines(text) == 1


def test_the_rules_of_a_profile_are_those_of_the_sieve():
    strict = Both(load_rules(profile="voice-strict"))
    assert strict.same_lines(generated_text(seed=8, entries=40)) > 100


def test_a_few_values_left_among_tokens_are_found_in_the_same_lines(both):
    text = both.masked(generated_text(seed=5, entries=80), leaking=0.1, dice=random.Random(5))
    assert both.same_lines(text) > 10


def test_masked_text_is_quiet(both):
    text = both.masked(generated_text(seed=6, entries=80), leaking=0, dice=random.Random(6))
    assert both.plain(text) == []
    assert both.sieve.spans(text) == []


@settings(max_examples=60, deadline=None)
@given(_GLUED)
def test_glued_pieces_are_judged_alike(text):
    GLUED.same_lines(text)


GLUED = Both(load_rules())


@pytest.mark.parametrize("pattern", [each for every in (OF_TEXT | OF_PERSONS).values() for each in every])
def test_a_superset_matches_whatever_the_pattern_matches(pattern):
    pattern = pattern[-1]
    matcher = own_patterns.re2_module().compile(superset(pattern).encode("ascii"), options=_latin())
    text = b"\n" + b"\n".join(TEXTS.values())
    for match in pattern.finditer(text):
        around = text[max(0, match.start() - 8) : match.end() + 4]  # what patterns look at, \u003c too
        assert matcher.search(around) is not None


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (rb"(?<![\w.])\d{3}(?!\d)", b"x123", False),
        (rb"(?<![\w.])\d{3}(?!\d)", b" 123.", True),
        (rb"(?<![\w.])\d{3}(?!\d)", b"123", True),
        (rb"(?:^|(?<=\s))-u (?=x)", b"a -u x", True),
        (rb"([ -])\d\1\d", b" 1-2", True),  # more than the pattern: the group again, not its text
        (rb"(?i:name)=(?!x)y", b"NAME=y", True),
        (rb"a\b", b"ab", False),
        (rb"a(?:b++|c)*+d", b"abbcd", True),
        (rb"[^\s,]{9,200}!", b"abcdefgh!", True),
        (rb"^o=\S$", b"o=x\n", True),
    ],
)
def test_looks_around_a_pattern_are_characters_at_its_ends(pattern, text, matches):
    matcher = own_patterns.re2_module().compile(superset(re.compile(pattern)).encode(), options=_latin())
    assert (matcher.search(text) is not None) is matches


def test_a_notation_has_a_superset_with_its_value(both):
    assert all(superset(each.heads, each.values) for each in NOTATIONS)


def test_windows_are_told_with_the_line_they_begin_in(both):
    quiet = b"10:15:02.118 Std 20512 state of <TEL:88b1e4f0a1b2c3d4> is now idle\n" * 6000
    text = quiet + b"call from +4930901820417\n" + quiet
    (window, line), *more = both.sieve.suspicious(io.BytesIO(text))
    assert not more
    at = text.index(b"call from")
    own = window.buffer[window.start : window.end]
    assert text.count(b"\n", 0, at) - (line - 1) == own.count(b"\n", 0, own.index(b"call from"))


def test_where_re2_lacks_the_memory_to_tell_which_patterns_match_all_of_them_read():
    poor = Both(load_rules())
    for gates in (poor.sieve._in_line, poor.sieve._over_lines):
        gates._set = _NoMemory()
    assert poor.same_lines(heldout()) > 60


class _NoMemory:
    """What a set of RE2 answers then."""

    def Match(self, text: bytes) -> None:
        return None


@pytest.mark.parametrize(
    "text",
    [
        b'_I_I_01 [09:04] ASSIGN: v_AccountNo(LOCAL) <- STRING: "145934808"\n',
        b"<eval_expr sid='0000000302293F46' customerName='Erika Mustermann' result='00e2' />\n",
        b'v_Phone(LOCAL) <- STRING: "<TEL:88b1e4f0a1b2c3d4>"\nv_Phone(LOCAL) <- STRING: "+4930901820417"\n',
        b"phone=NUMBER:4930901820417 phone=STRING: ;4930901820\n",
        b">>>>resume interpretator(0), phone:+4930901820417\n",
        b"16:30:42.054: Sending\n12:00:00.5 phone=+4930901820417\n",
        b"x,Customer Name: Erika Mustermann\nx  Name: Erika Mustermann\n",
    ],
)
def test_a_key_behind_what_is_no_word_is_judged_alike(both, text):
    assert both.same_lines(text) > 0


def test_where_re2_shows_only_its_public_side_the_same_is_found(both, monkeypatch):
    public = SimpleNamespace(compile=re2.compile, Set=re2.Set, Options=re2.Options)
    monkeypatch.setattr("app.masking.gates.re2_module", lambda: public)
    text = b"call to +4930901820417 from <TEL:88b1e4f0a1b2c3d4>, mail erika@example.org\nphone\t+493090182\n"
    assert Sieve(both.engine).spans(text) == both.sieve.spans(text) != []


def test_lines_longer_than_a_piece_are_judged_alike(both):
    filling = b"state of <TEL:88b1e4f0a1b2c3d4> is idle; " * 200
    text = filling + b"call from +4930901820417 " + filling + b"\n" + filling + b"to +4930901820418"
    assert both.same_lines(text) == 2


def test_without_re2_the_reference_engine_reads_alone(tmp_path, monkeypatch):
    rules = load_rules()
    monkeypatch.setattr("app.masking.gates.re2_module", lambda: None)
    text = b"quiet\n" * 9000 + b"call from +4930901820417\n"
    with pytest.raises(MaskingError) as caught:
        residual_check(rules, KEY).read(io.BytesIO(text), size=len(text), seed="")
    assert "line 9001:" in caught.value.happened


def _latin():
    options = own_patterns.re2_module().Options()
    options.encoding = own_patterns.re2_module().Options.Encoding.LATIN1
    return options
