"""A log line in pieces, so that it is known which of them are personal and which must stay readable."""

from __future__ import annotations

from dataclasses import dataclass

from app.masking import Kind


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal value as it stands in the line."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Stays:
    """A value that support needs: masking it is a failure."""

    text: str


Piece = str | Personal | Stays


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(p if isinstance(p, str) else p.text for p in self.pieces)


def line(*pieces: Piece) -> Line:
    """A line of these pieces."""
    return Line(pieces)
