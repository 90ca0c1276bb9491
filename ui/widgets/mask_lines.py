"""Which lines of a masked file are known: windows fetched on demand, and where the hits are.

Pure bookkeeping: it never holds a whole file. It keeps at most `KEPT_WINDOWS` windows of lines, and of hits
only their line, kind and token.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from app.agentlink import Hit, PreviewLine

WINDOW = 200
KEPT_WINDOWS = 12
INDEX_LIMIT = 200_000


class LineWindows:
    """The rows near what is looked at. A row is a line of the file, or the n-th line with a change."""

    def __init__(self) -> None:
        self.rows = 0
        self._windows: OrderedDict[int, list[PreviewLine]] = OrderedDict()
        self._asked: set[int] = set()

    def clear(self) -> None:
        """Forget everything: another file, or another meaning of rows."""
        self.rows = 0
        self._windows.clear()
        self._asked.clear()

    def at(self, row: int) -> PreviewLine | None:
        """A line that is known, by row from 0."""
        window = self._windows.get(row // WINDOW)
        place = row % WINDOW
        return window[place] if window is not None and place < len(window) else None

    def missing(self, first: int, last: int) -> list[int]:
        """First rows of the windows between two rows that are to be asked for now; each is named once."""
        found: list[int] = []
        for window in range(max(first, 0) // WINDOW, max(min(last, self.rows - 1), 0) // WINDOW + 1):
            if window in self._windows:
                self._windows.move_to_end(window)
            elif window not in self._asked:
                self._asked.add(window)
                found.append(window * WINDOW)
        return found

    def take(self, first: int, lines: Sequence[PreviewLine]) -> None:
        """Keep the answer for the window that begins at row `first`."""
        window = first // WINDOW
        self._asked.discard(window)
        self._windows[window] = list(lines[:WINDOW])
        while len(self._windows) > KEPT_WINDOWS:
            self._windows.popitem(last=False)

    def forget_partial(self) -> None:
        """Ask again for windows that were not full: there may be more rows now."""
        for window in [number for number, lines in self._windows.items() if len(lines) < WINDOW]:
            del self._windows[window]

    def give_up(self, first: int) -> None:
        """An ask failed; the next look asks again."""
        self._asked.discard(first // WINDOW)


@dataclass(frozen=True, slots=True)
class Place:
    """A hit: its line and its position among the hits of that line."""

    line: int
    position: int


class HitIndex:
    """Where hits are, in file order; bounded to `INDEX_LIMIT`."""

    def __init__(self) -> None:
        self._lines = array("Q")
        self._changed = array("Q")
        self._positions = array("H")
        self._kinds = array("H")
        self._tokens = array("L")
        self._kind_names: dict[str, int] = {}
        self._token_ids: dict[str, int] = {}
        self._token_counts: list[int] = []
        self.complete = False

    def __len__(self) -> int:
        """Hits known so far."""
        return len(self._lines)

    def add(self, lines: Sequence[PreviewLine]) -> None:
        """Take the hits of lines, which come in order."""
        for line in lines:
            if line.hits and len(self) < INDEX_LIMIT:
                self._changed.append(line.number)
            for position, hit in enumerate(line.hits):
                if len(self) >= INDEX_LIMIT:
                    return
                self._lines.append(line.number)
                self._positions.append(min(position, 65_535))
                self._kinds.append(self._kind_names.setdefault(hit.kind, len(self._kind_names)))
                token = self._token_ids.setdefault(hit.after, len(self._token_counts))
                if token == len(self._token_counts):
                    self._token_counts.append(0)
                self._token_counts[token] += 1
                self._tokens.append(token)

    @property
    def full(self) -> bool:
        """Whether later hits were not indexed."""
        return len(self) >= INDEX_LIMIT

    def place(self, index: int) -> Place:
        """The hit with this number, from 0."""
        return Place(self._lines[index], self._positions[index])

    @property
    def changed_lines(self) -> Sequence[int]:
        """Numbers of lines with a hit, in order, each once."""
        return self._changed

    def row_of_changed(self, line: int) -> int:
        """Which changed line this is, from 0."""
        return bisect_left(self._changed, line)

    def number_of(self, place: Place) -> int:
        """The number of a hit, from 0; -1 when it is not indexed (yet)."""
        index = bisect_left(self._lines, place.line) + place.position
        if index < len(self) and self.place(index) == place:
            return index
        return -1

    def equal_values(self, hit: Hit) -> int:
        """How many hits of this file have the same token."""
        token = self._token_ids.get(hit.after)
        return self._token_counts[token] if token is not None else 0

    def beside(self, current: int, *, forward: bool, kinds: frozenset[str] | None = None) -> int:
        """The next or previous hit of these kinds (all when None), round the end; -1 when there is none."""
        wanted = None if kinds is None else {self._kind_names[k] for k in kinds if k in self._kind_names}
        count = len(self)
        step = 1 if forward else -1
        for distance in range(1, count + 1):
            index = (current + step * distance) % count
            if wanted is None or self._kinds[index] in wanted:
                return index
        return -1

    def marks(self, total_lines: int, height: int) -> list[tuple[int, str]]:
        """For the rail: one (pixel, kind) per pixel row that has hits, at most `height` of them."""
        names = {number: name for name, number in self._kind_names.items()}
        found: list[tuple[int, str]] = []
        line, lines = 1, self._lines
        index = 0
        while index < len(lines) and total_lines:
            pixel = min((lines[index] - 1) * height // total_lines, height - 1)
            found.append((pixel, names[self._kinds[index]]))
            line = ((pixel + 1) * total_lines + height - 1) // height + 1
            index = max(bisect_left(lines, line, lo=index), index + 1)
        return found
