"""What was rescued of destroyed segments, as rules send it and as jobs read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.catalogue import Segment
from agent.keeping.ledger import KeptLedger
from agent.keeping.parts import KeptParts
from agent.keeping.rows import KeptRow, Loss
from agent.keeping.sealing import Values
from app.masking import MaskingError


@dataclass(frozen=True, slots=True)
class Rescues:
    """Methods may be called from any thread."""

    ledger: KeptLedger
    parts: KeptParts

    def offered(self) -> list[Segment]:
        """Each as a closed segment that is gone, the oldest first."""
        return [row.as_segment() for row in self.ledger.rescued()]

    def of(self, segment: Segment) -> KeptRow | None:
        """What `offered` has told as this segment."""
        return self.ledger.of_key(segment.key)

    def path(self, row: KeptRow) -> Path:
        """Where its masked text lies, packed."""
        return self.parts.path(row.id)

    def learned(self, number: int) -> Values:
        """What the segment told by its keys that is kept under this number; in clear text.

        Raises:
            MaskingError: it cannot be opened, or is not kept any more (CF-1915).
        """
        row = self.ledger.of_id(number)
        if row is None:
            raise MaskingError(
                "What a log told cannot be opened",
                happened="What was kept of it is not there any more.",
                todo="Nothing: it cannot be sent.",
                code="CF-1915",
            )
        return self.parts.learned(row)

    def losses(self) -> Sequence[Loss]:
        """What was lost within 30 days, the newest first."""
        return self.ledger.losses()
