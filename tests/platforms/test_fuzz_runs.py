"""The fuzz runner names the input that breaks a target, and is content with one that nothing breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import run

pytestmark = pytest.mark.timeout(300)

_BODY = """
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {{
    uint8_t *copy = malloc(size ? size : 1);
    for (size_t i = 0; i < size; i++) copy[i] = data[i];
    volatile int answer = size > 4 && copy[{place}] == 200;
    free(copy);
    return answer - answer;
}}
"""


def _run(place: str, folder: Path) -> list[Path]:
    source, text = folder / "target.c", folder / "text"
    source.write_text(_BODY.format(place=place), encoding="ascii")
    text.write_bytes(b"sip:4930@example.org\n")
    target = run.Target((source,), (b"a",), 1)
    program = run.build(target, folder)
    run.seed([text], target, folder / "inputs")
    return run.fuzz(program, inputs=folder / "inputs", seconds=1, broken=folder / "broken")


def test_an_input_that_reads_behind_its_end_is_named(tmp_path: Path) -> None:
    found = _run("size", tmp_path)
    assert found
    assert all(path.is_relative_to(tmp_path / "broken") and path.stat().st_size > 4 for path in found)


def test_a_target_that_nothing_breaks_names_none(tmp_path: Path) -> None:
    assert _run("size - 1", tmp_path) == []


def test_a_target_that_does_not_compile_is_no_clean_run(tmp_path: Path) -> None:
    with pytest.raises(run.NotRun):
        _run("nowhere", tmp_path)


def test_both_rule_sets_are_told(tmp_path: Path) -> None:
    header = run.told_header()
    assert header.count("static const unsigned char told_") == 2
    assert len(set(header.splitlines())) == 2
