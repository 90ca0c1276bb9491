"""A token that does not change, for what sends to a portal."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FixedToken:
    """A `TokenSource` of one bearer token."""

    value: str = field(repr=False)

    def bearer(self) -> str:
        """It."""
        return self.value

    def rejected(self, token: str | None = None) -> None:
        """There is no other."""
