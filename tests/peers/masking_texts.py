"""Texts to compare the two masking engines on: the corpora of examples and the generator's logs."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path

from app.sandbox.sitelogs import Site

_EXAMPLES = Path(__file__).parents[1] / "unit" / "masking"


@cache
def example_texts() -> dict[str, bytes]:
    """The files that hold the examples of masking, by name."""
    files = (*_EXAMPLES.glob("test_rules_by_*.py"), *_EXAMPLES.glob("lines/*.txt"))
    return {path.name: _plain(path.read_text("utf-8")) for path in sorted(files)}


def _plain(text: str) -> bytes:
    return text.translate({ord("«"): None, ord("»"): None, ord("⏎"): "\n", ord("␍"): "\r"}).encode()


@cache
def generated_text(*, seed: int, entries: int) -> bytes:
    """Lines of made-up logs of a site, as UTF-8."""
    site = Site(seed=seed, start=datetime(2026, 3, 4, 9, 30))  # noqa: DTZ001 - logs have no zone
    entry_lines = (line for entry in islice(site.entries(), entries) for line in entry.lines)
    return "".join(line.text + "\n" for line in entry_lines).encode()
