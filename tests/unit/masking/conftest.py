"""Engines and shortcuts for the tests of masking."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from app.masking import PseudonymKey, ReferenceEngine, load_rules

Mask = Callable[[bytes | str], str]


@pytest.fixture(scope="session")
def engine() -> ReferenceEngine:
    return ReferenceEngine(load_rules(), PseudonymKey(b"k" * 32))


@pytest.fixture(scope="session")
def mask(engine: ReferenceEngine) -> Mask:
    def run(text: bytes | str) -> str:
        sink = io.BytesIO()
        engine.mask_stream(io.BytesIO(text if isinstance(text, bytes) else text.encode()), sink)
        return sink.getvalue().decode("utf-8", "surrogateescape")

    return run
