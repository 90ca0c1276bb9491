"""What is said of a transfer where no bar can be drawn: why nothing moves, once, and that it moves again."""

from __future__ import annotations

from app.commands.console import Screen


class Remarks:
    """Lines about one transfer, on standard error; one that never waits has none.

    Args:
        screen: where to.
        name: of what is sent or fetched.
    """

    def __init__(self, screen: Screen, name: str) -> None:
        self._screen, self._name = screen, name
        self._code, self._done = "", 0

    def stands(self, code: str, error: str, *, retry_in: float | None, done: int) -> None:
        """Nothing moves; said when that has another reason than before.

        Args:
            code: of what it waits for.
            error: the same for people.
            retry_in: seconds to the next attempt; None when it goes on by itself.
            done: bytes that have moved so far.
        """
        self._done = done
        if code != self._code:
            self._code = code
            again = "It goes on by itself" if retry_in is None else f"Again in {retry_in:.0f} s"
            self._screen.note(f"{self._name}: {error.rstrip('.')} ({code}). {again}.")

    def moves(self, done: int) -> None:
        """So many bytes have moved; an attempt alone is not worth a line."""
        if self._code and done > self._done:
            self._code = ""
            self._screen.note(f"{self._name}: It goes on.")
