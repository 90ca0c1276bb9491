"""What a command says: results on stdout, progress and errors on stderr, nothing that steers a terminal."""

from __future__ import annotations

import getpass
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from app.domain.errors import WorldError
from app.domain.exits import Exit, exit_code

__all__ = [
    "DEFECT",
    "INTERRUPTED",
    "LEFT_OUT",
    "TERMINATED",
    "USAGE",
    "Bar",
    "Screen",
    "TransferBar",
    "counted",
    "exit_code",
    "of_a_look",
    "plain",
]

if TYPE_CHECKING:
    from app.commands.styled import Styled

_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)
"""What steers a terminal, turns text round, or is not seen."""
_BY_ITSELF = re.compile(r"\b([Ii])t (?:is (?:tried|sent|asked|fetched) again|goes on) by itself[^.;]*")
DEFECT, USAGE, LEFT_OUT = Exit.DEFECT, Exit.INPUT, Exit.INCOMPLETE
INTERRUPTED, TERMINATED = Exit.INTERRUPTED, Exit.TERMINATED


def counted(count: int, one: str, many: str) -> str:
    """The number with its word: ``1 file``, ``2 files``."""
    return f"{count} {one if count == 1 else many}"


def plain(text: str) -> str:
    """Text from outside without control characters and reversals; line feeds and tabs stay."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text.encode("utf-8", "backslashreplace").decode())


class Bar:
    """A progress bar; this one does nothing, for there is no terminal."""

    def show(self, done: float, total: float | None = None, text: str = "") -> None:
        """Set how far it is."""


class TransferBar:
    """The bar of one transfer; this one does nothing, for there is no terminal."""

    def show(self, done: int, *, words: str, parts: str, rate: float, size: int | None = None) -> None:
        """Set how far it is: bytes, state and what is left, the map of parts, bytes per second.

        `size`, where it was not known before.
        """


class Screen:
    """Where a command writes.

    Plain lines are written as they are; what has colours, columns or bars is rich's, loaded with the first of
    these, as most commands of scripts show none.
    """

    def __init__(self) -> None:
        self._stdout, self._stderr = sys.stdout, sys.stderr
        self._made: Styled | None = None

    @property
    def _styled(self) -> Styled:
        if self._made is None:
            from app.commands.styled import Styled

            self._made = Styled(self._stdout, self._stderr)
        return self._made

    def line(self, text: str = "") -> None:
        """One line of the result."""
        _write(self._stdout, text)

    def table(self, headings: list[str], rows: list[list[str]]) -> None:
        """Rows under headings; cut to the terminal, whole when stdout is no terminal."""
        if _is_terminal(self._stdout) and self._styled.out.is_terminal:
            self._styled.table(headings, rows)
            return
        for row in [headings, *rows]:
            sys.stdout.write(
                "\t".join(plain(cell).replace("\t", " ").replace("\n", " ") for cell in row) + "\n"
            )

    def json(self, value: object) -> None:
        """A value of the contract as JSON."""
        sys.stdout.write(json.dumps(_built_in(value), indent=2, ensure_ascii=True) + "\n")

    def event(self, value: object) -> None:
        """A value as one line of JSON beside the result."""
        sys.stderr.write(json.dumps(_built_in(value), ensure_ascii=True) + "\n")
        sys.stderr.flush()

    def secret(self, question: str) -> str:
        """What the person types, not shown; without a person the first line of standard input."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        return getpass.getpass(f"{plain(question)} ", stream=sys.stderr)

    def note(self, text: str) -> None:
        """A remark beside the result."""
        if self._made is not None:
            self._made.note(text)  # above the bars that run
        else:
            _write(self._stderr, text)

    def error(self, error: WorldError) -> None:
        """Title, what happened, what to do, and the code."""
        rule = getattr(error, "rule", "")
        texts = [text for text in (error.happened, _of_an_end(error.todo)) if text]
        self._styled.headed(error.title, [*texts, f"{error.code}{f' · {rule}' if rule else ''}"])

    def usage(self, text: str) -> None:
        """The arguments were not understood."""
        self._styled.headed(
            "The command was not understood",
            [text.strip(), "See caseferry --help, or caseferry VERB --help.", "CF-1149"],
        )

    def defect(self, reference: str, log: str) -> None:
        """Our own failure, by its reference only."""
        self._styled.headed(
            "Something went wrong in Caseferry",
            [
                "It is our fault, not yours. What was complete before is kept.",
                f"Report the reference {reference}; details stand beside it in {log}.",
            ],
        )

    def ask(self, question: str) -> bool:
        """Whether the person at the terminal says yes; False without one."""
        if not sys.stdin.isatty():
            return False
        self._styled.question(question)
        return sys.stdin.readline().strip().casefold() in ("y", "yes")

    @contextmanager
    def bar(self, text: str, *, total: float | None, bytes_unit: bool = True) -> Iterator[Bar]:
        """A progress bar on stderr while the block runs."""
        if not self.has_bars:
            yield Bar()
            return
        with self._styled.bar(text, total=total, bytes_unit=bytes_unit) as bar:
            yield bar

    @contextmanager
    def transfer_bar(self, name: str, *, size: int) -> Iterator[TransferBar]:
        """The bar of one transfer on stderr while the block runs; several may run at once."""
        if not self.has_bars:
            yield TransferBar()
            return
        with self._styled.transfer_bar(name, size=size) as bar:
            yield bar

    @property
    def has_bars(self) -> bool:
        """Whether bars are drawn: standard error is a terminal."""
        return _is_terminal(self._stderr) and self._styled.err.is_terminal


def _of_an_end(todo: str) -> str:
    """What is to be done once the command has ended: it tries nothing more by itself."""
    return _BY_ITSELF.sub(
        lambda found: (
            f"{'T' if found[1] == 'I' else 't'}he same command tries again, and goes on from what is complete"
        ),
        todo,
    )


def of_a_look(todo: str) -> str:
    """What is to be done after something was only looked at: nothing of it is tried again by itself."""
    if not _BY_ITSELF.search(todo):
        return todo
    left = "; ".join(each for each in todo.rstrip(".").split("; ") if not _BY_ITSELF.search(each))
    return f"{left[:1].upper()}{left[1:]}." if left else "Try again later."


def _is_terminal(stream: TextIO) -> bool:
    """Whether a stream is one, before rich is asked, which knows more of terminals."""
    return not stream.closed and stream.isatty()


def _write(stream: TextIO, text: str) -> None:
    stream.write(f"{plain(text)}\n")
    stream.flush()


def _built_in(value: object) -> object:
    from msgspec import to_builtins  # loaded by who shows JSON

    return to_builtins(value)
