"""The core's detectors and the reference's side by side, with the same rules.

What each finds, and what is left of it when overlaps are settled.
"""

from __future__ import annotations

from collections import Counter

from app.masking.engine import ReferenceEngine
from app.masking.keys import PseudonymKey
from app.masking.rules import RuleSet
from app.masking.secondlook import look_again
from app.masking.spans import Span, settle
from tests.peers.core_detect import Core, Found, Settled
from tests.peers.core_shapes import DETECTORS


class BothFinders:
    """Both finders of one set of rules; the customer's own patterns are away."""

    def __init__(self, core: Core, rules: RuleSet) -> None:
        self._engine = ReferenceEngine(rules, PseudonymKey(b"b" * 32))
        self._detectors = self._engine._detectors
        self._native = core.rules(rules)
        self._seen: tuple[bytes, tuple[Span, ...]] = (b"", ())

    def native(self, text: bytes) -> Counter[Found]:
        """What the core finds."""
        return Counter(self._native.detect(text))

    def reference(self, text: bytes) -> Counter[Found]:
        """What the reference finds; a place without a byte is none."""
        return Counter(
            Found(span.start, span.end, _detector(span), span.kind, span.rule, span.learn, span.touching)
            for span in self._spans(text)
            if span.start < span.end
        )

    def native_settled(self, text: bytes, start: int = 0, end: int | None = None) -> list[Settled]:
        """What is left of the core's places in ``text[start:end]``."""
        return self._native.settled(text, start, len(text) if end is None else end)

    def reference_settled(self, text: bytes, start: int = 0, end: int | None = None) -> list[Settled]:
        """What is left of the reference's places in ``text[start:end]``."""
        end = len(text) if end is None else end
        return [
            Settled(max(start, span.start), span.end, span.kind, span.rule)
            for span in self._looked_again(text, start, end)
            if span.end > start and span.start < end
        ]

    def _looked_again(self, text: bytes, start: int, end: int) -> list[Span]:
        return look_again(
            settle(self._spans(text), text),
            text,
            start=start,
            end=end,
            perhaps=self._engine._passed_over(text),
            search=lambda line: settle(self._spans(line), line),
        )

    def _spans(self, text: bytes) -> tuple[Span, ...]:
        """What the reference's detectors find; of the text that was asked for last it is known."""
        if not text or self._seen[0] != text:
            found = (span for each in self._detectors for span in each.finder(text, each.order, each.kind))
            self._seen = (text, tuple(found))
        return self._seen[1]


def _detector(span: Span) -> str:
    return DETECTORS[(span.order - 10) // 10]
