"""Engines and shortcuts for the tests of masking."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from app.masking import Engine, NativeEngine, PseudonymKey, ReferenceEngine, load_rules

Mask = Callable[[bytes | str], str]


@pytest.fixture(scope="session", params=[ReferenceEngine, NativeEngine], ids=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    make: type[ReferenceEngine | NativeEngine] = request.param
    return make(load_rules(), PseudonymKey(b"k" * 32))


@pytest.fixture(scope="session")
def mask(engine: Engine) -> Mask:
    def run(text: bytes | str) -> str:
        sink = io.BytesIO()
        engine.mask_stream(io.BytesIO(text if isinstance(text, bytes) else text.encode()), sink)
        return sink.getvalue().decode("utf-8", "surrogateescape")

    return run
