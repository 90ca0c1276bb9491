"""Words without which a pattern is not searched: no match is without one of them."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

import app.masking
from app.masking.notations import Written
from app.masking.patterns import Pattern
from tests.peers.pattern_words import holds_a_word


def _patterns(value: object) -> Iterator[Pattern]:
    if isinstance(value, Pattern):
        yield value
    elif isinstance(value, Written):
        yield value.heads
        yield value.values
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from _patterns(each)


def _with_words() -> Iterator[tuple[str, Pattern]]:
    for room in pkgutil.iter_modules(app.masking.__path__):
        if not room.ispkg:
            for name, value in vars(import_module(f"app.masking.{room.name}")).items():
                for number, pattern in enumerate(_patterns(value)):
                    if pattern.words:
                        yield f"{room.name}.{name}[{number}]", pattern


_FOUND = {id(pattern): (name, pattern) for name, pattern in _with_words()}


@pytest.mark.parametrize("pattern", [pytest.param(each, id=name) for name, each in _FOUND.values()])
def test_no_match_is_without_one_of_the_words(pattern: Pattern) -> None:
    assert holds_a_word(pattern)


@pytest.mark.parametrize("pattern", [pytest.param(each, id=name) for name, each in _FOUND.values()])
def test_words_for_any_case_are_small_letters(pattern: Pattern) -> None:
    assert not pattern.any_case or all(word == word.lower() for word in pattern.words)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (rb"(?:user|agent) x", (b"user ",)),
        (rb"(?:user)? x", (b"user",)),
        (rb"us+er", (b"user",)),
        (rb"(?i:user)", (b"user",)),
        (rb"user[ =]x", (b"user ",)),
        (rb"(?!user)x", (b"user",)),
        (rb"(?:a(?=bc))b+", (b"cb",)),
        (rb"a(?<=xa)b", (b"axab",)),
    ],
)
def test_words_that_a_match_may_be_without_are_not_proven(pattern: bytes, words: tuple[bytes, ...]) -> None:
    assert not holds_a_word(Pattern(pattern, words=words))


def test_small_words_are_no_proof_for_a_pattern_of_any_case() -> None:
    assert not holds_a_word(Pattern(rb"user", re.IGNORECASE, words=(b"user",)))


def test_words_for_any_case_are_found_in_any_case() -> None:
    pattern = Pattern(rb"(?i)passport [0-9]+", words=(b"passport",), any_case=True)
    found = [match[0] for match in pattern.finditer(b"his PassPort 4711")]
    assert found == [b"PassPort 4711"]
