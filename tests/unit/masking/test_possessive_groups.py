"""Before 3.11.5 Python goes on from where the last alternative of a possessive group gave up."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]  # typeshed leaves out the parser of `re`
from re import _parser  # type: ignore[attr-defined]  # the same
from typing import Any

import pytest

import app.masking


def _texts(value: object) -> Iterator[bytes]:
    pattern = getattr(value, "pattern", value)
    if isinstance(pattern, bytes) and (b")*+" in pattern or b")++" in pattern or b"}+" in pattern):
        yield pattern
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _texts(item)


def _possessive(items: Any) -> Iterator[Any]:
    if isinstance(items, _parser.SubPattern):
        for op, value in items:
            if op is sre.POSSESSIVE_REPEAT:
                yield value[2]
            yield from _possessive(value)
    elif isinstance(items, (tuple, list)):
        for item in items:
            yield from _possessive(item)


def _takes_nothing_when_it_fails(group: Any) -> bool:
    if len(group) != 1:
        return False
    op, value = group[0]
    if op is sre.BRANCH:
        return _takes_nothing_when_it_fails(value[1][-1])
    if op is sre.SUBPATTERN:
        return _takes_nothing_when_it_fails(value[3])
    if op is sre.POSSESSIVE_REPEAT:
        return value[0] <= 1 and len(value[2]) == 1 and value[2][0][0] in (sre.IN, sre.NOT_LITERAL)
    return op in (sre.IN, sre.LITERAL, sre.NOT_LITERAL, sre.ANY)


MODULES = [each.name for each in pkgutil.iter_modules(app.masking.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_what_fails_last_in_a_possessive_group_takes_nothing(module: str) -> None:
    for name, value in vars(importlib.import_module(f"app.masking.{module}")).items():
        for pattern in _texts(value):
            try:
                parsed = _parser.parse(pattern)
            except re.error:  # a piece of a pattern
                continue
            for group in _possessive(parsed):
                assert _takes_nothing_when_it_fails(group), name


def test_a_form_that_old_pythons_read_wrongly_is_told() -> None:
    group, *_ = _possessive(_parser.parse(rb"(?:[^'\\]++|'(?=\w))*+"))
    assert not _takes_nothing_when_it_fails(group)
