"""What a command says: results on stdout, progress and errors on stderr, nothing that steers a terminal."""

from __future__ import annotations

import getpass
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.markup import escape

from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_EXITS: tuple[tuple[type[WorldError], int], ...] = (
    (InputError, 2),
    (RefusedError, 3),
    (CredentialsError, 4),
    (TrustError, 5),
    (UnreachableError, 6),
    (PeerError, 6),
    (IntegrityError, 7),
    (LocalError, 8),
)
_MASKING = "CF-19"
"""By code, so that a command that masks nothing need not load the engine."""
DEFECT = 1
USAGE = 2
LEFT_OUT = 9
INTERRUPTED = 130


def exit_code(error: WorldError) -> int:
    """The exit code for an error; ``docs/commands.md`` lists them."""
    other = LEFT_OUT if error.code.startswith(_MASKING) else DEFECT
    return next((code for kind, code in _EXITS if isinstance(error, kind)), other)


def plain(text: str) -> str:
    """Text from outside without control characters and reversals; line feeds and tabs stay."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text.encode("utf-8", "backslashreplace").decode())


@dataclass(slots=True)
class Bar:
    """A running progress bar; does nothing without a terminal."""

    progress: Progress | None = None
    task: TaskID | None = None

    def show(self, done: float, total: float | None = None, text: str = "") -> None:
        """Set how far it is."""
        if self.progress is not None and self.task is not None:
            self.progress.update(self.task, completed=done, total=total, description=escape(plain(text)))


@dataclass(slots=True)
class TransferBar:
    """The bar of one transfer; does nothing without a terminal."""

    progress: Progress | None = None
    task: TaskID | None = None

    def show(self, done: int, *, words: str, parts: str, rate: float) -> None:
        """Set how far it is: bytes, state and what is left, the map of parts, bytes per second."""
        if self.progress is not None and self.task is not None:
            speed = f"{rate / 1e6:.1f} MB/s" if rate else ""
            self.progress.update(
                self.task, completed=done, words=escape(plain(words)), parts=parts, speed=speed
            )


class Screen:
    """Where a command writes."""

    def __init__(self) -> None:
        self._out = Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)
        self._err = Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)
        self._bars: Progress | None = None
        self._bars_open = 0
        self._bars_lock = threading.Lock()

    def line(self, text: str = "") -> None:
        """One line of the result."""
        self._out.print(escape(plain(text)))

    def table(self, headings: list[str], rows: list[list[str]]) -> None:
        """Rows under headings; cut to the terminal, whole when stdout is no terminal."""
        if not self._out.is_terminal:
            for row in [headings, *rows]:
                sys.stdout.write(
                    "\t".join(plain(cell).replace("\t", " ").replace("\n", " ") for cell in row) + "\n"
                )
            return
        from rich.table import Table  # loaded by who shows one

        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(escape(heading), overflow="ellipsis", no_wrap=True)
        for row in rows:
            table.add_row(*(escape(plain(cell).replace("\n", " ")) for cell in row))
        self._out.print(table)

    def json(self, value: object) -> None:
        """A value of the contract as JSON."""
        sys.stdout.write(json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=True) + "\n")

    def event(self, value: object) -> None:
        """A value as one line of JSON beside the result."""
        sys.stderr.write(json.dumps(msgspec.to_builtins(value), ensure_ascii=True) + "\n")
        sys.stderr.flush()

    def secret(self, question: str) -> str:
        """What the person types, not shown; without a person the first line of standard input."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\r\n")
        return getpass.getpass(f"{plain(question)} ", stream=sys.stderr)

    def note(self, text: str) -> None:
        """A remark beside the result."""
        self._err.print(escape(plain(text)))

    def error(self, error: WorldError) -> None:
        """Title, what happened, what to do, and the code."""
        rule = getattr(error, "rule", "")
        self._err.print(f"[bold red]{escape(plain(error.title))}[/]")
        for text in (error.happened, error.todo):
            if text:
                self._err.print(f"  {escape(plain(text))}")
        self._err.print(f"  {error.code}{f' · {escape(plain(rule))}' if rule else ''}")

    def usage(self, text: str) -> None:
        """The arguments were not understood."""
        self._err.print(f"[bold red]The command was not understood[/]\n  {escape(plain(text.strip()))}")
        self._err.print("  See caseferry --help, or caseferry VERB --help.\n  CF-1149")

    def defect(self, reference: str, log: str) -> None:
        """Our own failure, by its reference only."""
        self._err.print("[bold red]Something went wrong in Caseferry[/]")
        self._err.print("  It is our fault, not yours. What was complete before is kept.")
        self._err.print(
            f"  Report the reference {reference}; details stand beside it in {escape(plain(log))}."
        )

    def ask(self, question: str) -> bool:
        """Whether the person at the terminal says yes; False without one."""
        if not sys.stdin.isatty():
            return False
        self._err.print(f"{escape(plain(question))} [dim](yes/no)[/] ", end="")
        return sys.stdin.readline().strip().casefold() in ("y", "yes")

    @contextmanager
    def bar(self, text: str, *, total: float | None, bytes_unit: bool = True) -> Iterator[Bar]:
        """A progress bar on stderr while the block runs."""
        if not self._err.is_terminal:
            yield Bar()
            return
        from rich.progress import (  # loaded by who shows a bar
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        unit = (
            (DownloadColumn(), TransferSpeedColumn()) if bytes_unit else (TextColumn("{task.completed:.0f}"),)
        )
        columns = (TextColumn("{task.description}"), BarColumn(), *unit, TimeRemainingColumn())
        with Progress(*columns, console=self._err, transient=True) as progress:
            yield Bar(progress=progress, task=progress.add_task(escape(plain(text)), total=total))

    @contextmanager
    def transfer_bar(self, name: str, *, size: int) -> Iterator[TransferBar]:
        """The bar of one transfer on stderr while the block runs; several may run at once."""
        if not self._err.is_terminal:
            yield TransferBar()
            return
        from rich.progress import DownloadColumn, Progress, TextColumn  # loaded by who shows a bar

        with self._bars_lock:
            if self._bars is None:
                columns = (
                    TextColumn("{task.description}"),
                    TextColumn("{task.fields[parts]}"),
                    DownloadColumn(),
                    TextColumn("{task.fields[speed]}"),
                    TextColumn("{task.fields[words]}"),
                )
                self._bars = Progress(*columns, console=self._err, transient=True)
                self._bars.start()
            bars, self._bars_open = self._bars, self._bars_open + 1
        task = bars.add_task(escape(plain(name)), total=size, words="", parts="", speed="")
        try:
            yield TransferBar(progress=bars, task=task)
        finally:
            bars.remove_task(task)
            with self._bars_lock:
                self._bars_open -= 1
                if not self._bars_open:
                    bars.stop()
                    self._bars = None
