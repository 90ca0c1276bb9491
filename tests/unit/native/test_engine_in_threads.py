"""One engine, used by several threads at once: none sees what another one does."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

from app.masking import NativeEngine, PseudonymKey, load_rules
from tests.peers.masking_texts import generated_text

RULES, KEY = load_rules(), PseudonymKey(b"e" * 32)


def test_previews_that_are_read_by_turns_are_those_of_their_files() -> None:
    engine = NativeEngine(RULES, KEY)
    first = engine.preview(io.BytesIO(b"ANI=4155550143\nplain\n"))
    second = engine.preview(io.BytesIO(b"plain\nCallerName=Jo Doe-Smith\n"))
    by_turns = [(one.after, two.after) for one, two in zip(first, second, strict=True)]
    assert by_turns[0][1] == by_turns[1][0] == "plain"
    assert by_turns[0][0].startswith("ANI=<TEL:")
    assert by_turns[1][1].startswith("CallerName=<NAME:")


def test_files_that_are_masked_at_once_have_their_own_copies_and_counts() -> None:
    engine = NativeEngine(RULES, KEY, block=4096)
    texts = [generated_text(seed=seed, entries=150) for seed in range(6)]

    def masked(text: bytes) -> tuple[bytes, object]:
        sink = io.BytesIO()
        report = engine.mask_stream(io.BytesIO(text), sink)
        return sink.getvalue(), report

    alone = [masked(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(masked, texts)) == alone
