"""Patterns that are compiled late find what patterns find."""

from __future__ import annotations

import re

import pytest

from app.masking.patterns import Pattern


def test_a_pattern_is_compiled_when_it_is_first_used() -> None:
    broken = Pattern(rb"(")
    with pytest.raises(re.error):
        broken.search(b"any text")


def test_a_text_without_the_words_of_a_pattern_does_not_compile_it() -> None:
    broken = Pattern(rb"(sudo", words=(b"sudo",))
    assert (broken.search(b"su: to root"), list(broken.finditer(b"su: to root"))) == (None, [])


def test_words_outside_of_a_range_say_nothing_of_the_range() -> None:
    assert Pattern(rb"\d+", words=(b"sudo",)).search(b"12 sudo 34", 0, 2) is not None


def test_a_pattern_has_what_a_compiled_one_has() -> None:
    pattern = Pattern(rb"(?P<word>[a-z]+)", re.IGNORECASE)
    plain = re.compile(rb"(?P<word>[a-z]+)", re.IGNORECASE)
    text_of_both = b"one TWO 3"
    assert [m.span("word") for m in pattern.finditer(text_of_both)] == [
        m.span("word") for m in plain.finditer(text_of_both)
    ]
