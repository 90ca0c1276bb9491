"""What the core remembers of lines and words that it met elsewhere first changes nothing where they stand.

A handler that reads further than its line or the bytes beside its word has to say so; one that does not
leaves a value in the second log that it took for nothing in the first.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.masking import Engine, PseudonymKey, load_rules, open_engine

LINES = sorted((Path(__file__).resolve().parents[1] / "masking" / "lines").glob("*.txt"))
RULES, KEY = load_rules(), PseudonymKey(bytes(range(32)))
EDGE = b"\n" * 300
"""Nothing is remembered of what stands near the ends of a text."""
WORD = re.compile(rb"[A-Za-z0-9_\x80-\xff]+")


def _texts(path: Path, *, lines: int) -> Iterator[list[bytes]]:
    text = re.sub("[«»]", "", path.read_text(encoding="utf-8", errors="surrogateescape"))
    found = text.encode("utf-8", "surrogateescape").split(b"\n")
    for start in range(0, len(found), lines):
        yield found[start : start + lines]


def _masked(engine: Engine, text: bytes) -> bytes:
    out = io.BytesIO()
    engine.mask_stream(io.BytesIO(EDGE + text + EDGE), out)
    return out.getvalue()


def _meet(text: bytes, *, first: bytes) -> None:
    remembers = open_engine(RULES, KEY)
    _masked(remembers, first)
    assert _masked(remembers, text).split(b"\n") == _masked(open_engine(RULES, KEY), text).split(b"\n")


def _broken_at_blanks(lines: list[bytes]) -> list[bytes]:
    """Each line in two, once at every blank, since what goes on in the next line hangs on it."""
    short = [line for line in lines if len(line) < 230]
    blanks = ((line, blank) for line in short for blank in re.finditer(b" ", line))
    return [line[: blank.start()] + b"\n" + line[blank.end() :] for line, blank in blanks]


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_lines_that_were_met_alone_are_masked_as_if_they_were_new(path: Path) -> None:
    parted = [each for lines in _texts(path, lines=1) for each in _broken_at_blanks(lines)]
    # What one teaches would hide what is missed in another of the same line.
    random.Random(1).shuffle(parted)
    # Few at a time: where most lines are new, none is looked up for a while.
    for start in range(0, len(parted), 40):
        text = b"\n..\n".join(parted[start : start + 40])
        _meet(text, first=text.replace(b"\n", b"\n\n"))
        _meet(text, first=text.replace(b"\n", b"\nx\n"))


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_words_that_were_met_beside_others_are_masked_as_if_they_were_new(path: Path) -> None:
    for lines in _texts(path, lines=20):
        text = b"\n".join(lines)
        # With the byte before a word and the two behind it, by which it is known again.
        met = (text[word.start() - 1 : word.end() + 2] for word in WORD.finditer(text) if word.start())
        _meet(text, first=b"\n".join(b"~" + word.replace(b"\n", b" ") + b"~ ~" for word in met))
