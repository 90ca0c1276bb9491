"""Text in which every personal value and every value that must stay is marked while it is written.

Marks are private-use characters around a value; when the page is finished they go, and become spans.
A page is one log file: blocks of lines, so that other lines never fall between the lines of one message.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARKED = re.compile(f"{_OPEN}(\\d+){_MIDDLE}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_WORD = re.compile(r"[^\W_](?:[^\s,;<>\"'()\[\]{}=&|?]*[^\W_])?")


class Group(StrEnum):
    """How a masking engine can know a value."""

    STRUCTURED = "structured"
    """By its shape or the protocol's own field."""
    KEYED = "keyed"
    """By the name of a key beside it."""
    LEARNED = "learned"
    """Only since a key told it elsewhere in the same file."""
    STAY = "must stay"
    """It must not be changed."""
    WORDING = "wording"
    """Text around the values, which is nobody's; counted apart, since there is so much of it."""
    EITHER = "either"
    """Nobody is harmed whichever way it goes; not counted."""


@dataclass(frozen=True, slots=True)
class About:
    """What a marked place is.

    Attributes:
        kind: of personal value (`phone`) or of staying value (`version`).
        notation: the way it stands in the text (`json`, `From`).
        key: the name beside it; empty when it has none.
        format: of the log around it.
    """

    group: Group
    kind: str
    notation: str = ""
    key: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Columns of a marked value in a line; `end` is exclusive."""

    start: int
    end: int
    about: About


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, and what stands in it, in order and without overlap."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class LogFile:
    """One made-up file."""

    name: str
    format: str
    lines: tuple[Line, ...]
    encoding: str = "utf-8"
    bom: bytes = b""
    newline: str = "\n"

    def data(self) -> bytes:
        """The file's bytes."""
        text = "".join(line.text + self.newline for line in self.lines)
        return self.bom + text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Block:
    """Marked lines that nothing comes between."""

    format: str
    lines: list[str]


@dataclass(slots=True)
class Page:
    """A log file while it is written; `format` names what is being written now."""

    dice: random.Random
    format: str = ""
    blocks: list[Block] = field(default_factory=list)
    taught: dict[str, str] = field(default_factory=dict)
    """Values that a key told in plain text, and their kind."""
    _abouts: list[About] = field(default_factory=list)

    def add(self, block: str | Iterable[str]) -> None:
        """Lines that belong together."""
        lines = [block] if isinstance(block, str) else list(block)
        self.blocks.append(Block(self.format, [one for line in lines for one in line.split("\n")]))

    def structured(self, kind: str, text: str, notation: str = "") -> str:
        """A personal value that its shape or its protocol tells."""
        return self._mark(About(Group.STRUCTURED, kind, notation), text)

    def keyed(self, kind: str, text: str, notation: str = "", key: str = "") -> str:
        """A personal value that the name beside it tells."""
        return self._mark(About(Group.KEYED, kind, notation, key), text)

    def learned(self, kind: str, text: str, notation: str = "") -> str:
        """A personal value without a key, which one told elsewhere in this file."""
        return self._mark(About(Group.LEARNED, kind, notation), text)

    def stay(self, kind: str, text: str | int, notation: str = "", key: str = "") -> str:
        """A value that must come out as it is."""
        return self._mark(About(Group.STAY, kind, notation, key), str(text))

    def either(self, text: str) -> str:
        """A value that is not judged."""
        return self._mark(About(Group.EITHER, "either"), text)

    def teach(self, kind: str, text: str) -> None:
        """Say that a key of this file told this very text."""
        self.taught.setdefault(text, kind)

    def _mark(self, about: About, text: str) -> str:
        if not text:
            return ""
        self._abouts.append(replace(about, format=self.format))
        return f"{_OPEN}{len(self._abouts) - 1}{_MIDDLE}{text}{_CLOSE}"

    def finished(self) -> Iterator[Line]:
        """All lines in order with their places."""
        for block in self.blocks:
            for text in block.lines:
                yield self._line(text, block.format)

    def _line(self, marked: str, form: str) -> Line:
        pieces: list[str] = []
        places: list[Place] = []
        at = length = 0
        for match in _MARKED.finditer(marked):
            before, text = marked[at : match.start()], match[2]
            pieces += (before, text)
            length += len(before)
            places.append(Place(length, length + len(text), self._abouts[int(match[1])]))
            length += len(text)
            at = match.end()
        pieces.append(marked[at:])
        text = "".join(pieces)
        if _OPEN in text or _CLOSE in text:
            raise ValueError("a mark was cut or nested")
        return Line(text, tuple(_with_wording(text, places, form)))


def plain(marked: str) -> str:
    """Marked text as it will stand in the file."""
    return _MARKED.sub(lambda match: match[2], marked)


def _with_wording(text: str, places: list[Place], form: str) -> Iterator[Place]:
    at = 0
    wording = About(Group.WORDING, "wording", format=form)
    for place in [*places, None]:
        end = place.start if place else len(text)
        for word in _WORD.finditer(text, at, end):
            yield Place(word.start(), word.end(), wording)
        if place:
            yield place
            at = place.end
