"""A reader behind a real tree and a real follower: keeps positions and bytes together, and can be killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.watch import End, Follower, Piece, Position, Tree
from tests.peers.rotating_site import own_lines


class Killed(Exception):
    """The process ended here."""


class FollowingReader:
    """Looks when told; its clock only moves when told.

    Attributes:
        pieces: what was taken in, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 1000.0
        self.pieces: list[Piece] = []
        self.kept: dict[int, Position] = {}
        self.kill_before: int | None = None
        self.kill_after: int | None = None
        self._number = 0
        self._again: frozenset[str] = frozenset()
        self.start()

    def start(self) -> None:
        directories = {position.directory for position in self.kept.values()}
        self.tree = Tree(self.folder, remembered=directories, clock=lambda: self.now)
        self.follower = Follower(
            self.folder,
            positions=self.kept.values(),
            on_piece=self._take,
            new_generation=self._new,
            on_end=self._end,
            clock=lambda: self.now,
        )

    def kill(self) -> None:
        """As kill -9: nothing is written any more, all handles are closed by the system."""
        self.follower.close()

    def look(self, *, after: float = 0.3, between: Callable[[], None] = lambda: None) -> None:
        """Look; `between`: what happens after the folder was listed, and before anything in it is opened."""
        self.now += after
        forced, self._again = self._again, frozenset()
        scans = list(self.tree.full(forced=forced))
        between()
        for scan in scans:
            if self.follower.take(scan) is not None:
                self._again |= scan.looked or frozenset()

    def settle(self) -> None:
        """As many looks as rotated files need to be judged."""
        for _ in range(3):
            self.look(after=1.5)

    def lines(self) -> list[str]:
        """What was delivered, generation by generation."""
        return [line for content in self.contents().values() for line in own_lines(content)]

    def contents(self) -> dict[int, bytes]:
        """What was read of each generation; the ranges must follow one another without gap or overlap."""
        found: dict[int, bytearray] = {}
        for piece in self.pieces:
            content = found.setdefault(piece.generation, bytearray())
            assert piece.start == len(content), (
                f"generation {piece.generation}: {piece.start} != {len(content)}"
            )
            content += piece.content
        return {generation: bytes(content) for generation, content in found.items()}

    def surviving(self, act: Callable[[], None]) -> None:
        """Do it; when the reader is killed in it, start it again and do it once more."""
        try:
            act()
        except Killed:
            self.kill()
            self.kill_before = self.kill_after = None
            self.start()
            act()

    def _new(self) -> int:
        self._number += 1
        return self._number

    @property
    def lost(self) -> list[bytes]:
        """What was read of the generations that are said to go on unread."""
        contents = self.contents()
        return [contents[one.generation] for one in self.kept.values() if one.end is End.LOST]

    def _end(self, position: Position) -> None:
        self.kept[position.generation] = position

    def _take(self, piece: Piece) -> None:
        if self.kill_before is not None:
            self.kill_before -= 1
            if self.kill_before < 0:
                raise Killed
        self.pieces.append(piece)
        self.kept[piece.generation] = piece.after
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                raise Killed
