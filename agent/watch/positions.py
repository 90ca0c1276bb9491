"""How far a log was read, as a set of (generation, range)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from agent.watch.fingerprint import Fingerprint
from agent.watch.rotation import rotated_name

_Key = TypeVar("_Key")


class End(StrEnum):
    """What is known of the end of a generation.

    `OPEN`: more may come. `READ`: its writer has moved on, and it was read to its end; late lines open it
    again. `LOST`: its file is gone, and what was written behind the position was deleted before it was read,
    or nobody can tell: its last bytes, and perhaps whole generations that came after it.
    """

    OPEN = "open"
    READ = "read"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Position:
    """How far one content was read. Kept by the reader, in one transaction with what it made of the bytes.

    Attributes:
        generation: names this content for good; a file that was cut or replaced has another one.
        path: where it lay last, relative to the folder.
        device, inode: identity there.
        print: of the bytes that were read; its size is the offset of the first byte that was not.
        end: what is known of its end.
    """

    generation: int
    path: str
    device: int
    inode: int
    print: Fingerprint
    end: End = End.OPEN

    @property
    def offset(self) -> int:
        """The first byte that was not read."""
        return self.print.size

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode."""
        return self.device, self.inode

    @property
    def directory(self) -> str:
        """The relative directory it lay in."""
        return self.path.rpartition("/")[0]

    @property
    def series(self) -> Series:
        """The relative directory, and the name without what a rotation adds to it."""
        return series_of(self.path)


Series = tuple[str, str]


def series_of(path: str) -> Series:
    """The relative directory of a path, and its name without what a rotation adds to it."""
    directory, _, name = path.rpartition("/")
    return directory, rotated_name(name).series


@dataclass(frozen=True, slots=True)
class Piece:
    """New bytes of a log: a range of one generation.

    Attributes:
        start: offset of the first byte in the content.
        after: the position once these bytes are taken in.
    """

    start: int
    content: bytes
    after: Position

    @property
    def generation(self) -> int:
        """Whose bytes these are."""
        return self.after.generation


OnPiece = Callable[[Piece], None]
"""Takes bytes and position in together, durably; when it raises, the same bytes come again."""
OnEnd = Callable[[Position], None]
"""Keeps a position whose `end` is another one now; when it raises, the same end comes again."""


class Positions:
    """Positions by generation, and where to find them by what a scan sees."""

    def __init__(self, positions: Iterable[Position]) -> None:
        self._all: dict[int, Position] = {}
        self._by_identity: dict[tuple[int, int], set[int]] = {}
        self._by_directory: dict[str, set[int]] = {}
        self._by_series: dict[Series, set[int]] = {}
        for position in positions:
            self.put(position)

    def __contains__(self, generation: int) -> bool:
        return generation in self._all

    def __iter__(self) -> Iterator[Position]:
        return iter(list(self._all.values()))

    def __getitem__(self, generation: int) -> Position:
        return self._all[generation]

    def put(self, position: Position) -> None:
        """Keep this one in the place of what was known of its generation."""
        self.drop(position.generation)
        self._all[position.generation] = position
        self._by_identity.setdefault(position.identity, set()).add(position.generation)
        self._by_directory.setdefault(position.directory, set()).add(position.generation)
        self._by_series.setdefault(position.series, set()).add(position.generation)

    def miss(self, generation: int) -> None:
        """Its file is not there any more: `in_directory` does not tell it until it is put again."""
        _discard(self._by_directory, self._all[generation].directory, generation)

    def drop(self, generation: int) -> None:
        """Forget a generation."""
        before = self._all.pop(generation, None)
        if before is None:
            return
        _discard(self._by_identity, before.identity, generation)
        _discard(self._by_directory, before.directory, generation)
        _discard(self._by_series, before.series, generation)

    def of_identity(self, identity: tuple[int, int]) -> Iterator[Position]:
        """Those that lie in this very file, the newest first."""
        for generation in sorted(self._by_identity.get(identity, ()), reverse=True):
            yield self._all[generation]

    def in_directory(self, directory: str) -> Iterator[Position]:
        """Those that lay in this relative directory last and are not missed, the newest first."""
        for generation in sorted(self._by_directory.get(directory, ()), reverse=True):
            yield self._all[generation]

    def in_series(self, series: Series) -> Iterator[Position]:
        """Those of a series, also those whose file is not there any more, the newest first."""
        for generation in sorted(self._by_series.get(series, ()), reverse=True):
            yield self._all[generation]


def _discard(index: dict[_Key, set[int]], key: _Key, generation: int) -> None:
    found = index.get(key)
    if found is not None:
        found.discard(generation)
        if not found:
            del index[key]
