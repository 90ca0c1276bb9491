"""What has colours, columns or bars on a terminal, for `app.commands.console.Screen`."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from app.commands.console import Bar, TransferBar, plain


@dataclass(frozen=True, slots=True)
class _LiveBar(Bar):
    progress: Progress
    task: TaskID

    def show(self, done: float, total: float | None = None, text: str = "") -> None:
        """See `Bar`."""
        self.progress.update(self.task, completed=done, total=total, description=_escaped(text))


@dataclass(frozen=True, slots=True)
class _LiveTransferBar(TransferBar):
    progress: Progress
    task: TaskID

    def show(self, done: int, *, words: str, parts: str, rate: float, size: int | None = None) -> None:
        """See `TransferBar`."""
        speed = f"{rate / 1e6:.1f} MB/s" if rate else ""
        self.progress.update(
            self.task, total=size, completed=done, words=_escaped(words), parts=parts, speed=speed
        )


class Styled:
    """Both streams of a screen as rich writes them.

    Attributes:
        out, err: standard output and standard error.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self.out, self.err = _console(out), _console(err)
        self._bars: Progress | None = None
        self._bars_open = 0
        self._bars_lock = threading.Lock()

    def note(self, text: str) -> None:
        """A line on standard error, above bars that run."""
        self.err.print(_escaped(text))

    def headed(self, title: str, texts: Sequence[str]) -> None:
        """Lines on standard error under a title."""
        self.err.print(f"[bold red]{_escaped(title)}[/]")
        for text in texts:
            self.err.print(f"  {_escaped(text)}")

    def question(self, text: str) -> None:
        """A question, behind which the answer is typed."""
        self.err.print(f"{_escaped(text)} [dim](yes/no)[/] ", end="")

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows under headings, cut to the terminal."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(escape(heading), overflow="ellipsis", no_wrap=True)
        for row in rows:
            table.add_row(*(escape(plain(cell).replace("\n", " ")) for cell in row))
        self.out.print(table)

    @contextmanager
    def bar(self, text: str, *, total: float | None, bytes_unit: bool) -> Iterator[Bar]:
        """A bar on standard error while the block runs."""
        unit: tuple[ProgressColumn, ...] = (TextColumn("{task.completed:.0f}"),)
        if bytes_unit:
            unit = (DownloadColumn(), TransferSpeedColumn())
        columns = (TextColumn("{task.description}"), BarColumn(), *unit, TimeRemainingColumn())
        with Progress(*columns, console=self.err, transient=True) as progress:
            yield _LiveBar(progress, progress.add_task(_escaped(text), total=total))

    @contextmanager
    def transfer_bar(self, name: str, *, size: int) -> Iterator[TransferBar]:
        """The bar of one transfer on standard error while the block runs; several may run at once."""
        with self._bars_lock:
            if self._bars is None:
                columns = (
                    TextColumn("{task.description}"),
                    TextColumn("{task.fields[parts]}"),
                    DownloadColumn(),
                    TextColumn("{task.fields[speed]}"),
                    TextColumn("{task.fields[words]}"),
                )
                self._bars = Progress(*columns, console=self.err, transient=True)
                self._bars.start()
            bars, self._bars_open = self._bars, self._bars_open + 1
        task = bars.add_task(_escaped(name), total=size or None, words="", parts="", speed="")
        try:
            yield _LiveTransferBar(bars, task)
        finally:
            bars.remove_task(task)
            with self._bars_lock:
                self._bars_open -= 1
                if not self._bars_open:
                    bars.stop()
                    self._bars = None


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read it has gone: rich would end the program here, whichever of the streams it is."""
        raise  # noqa: PLE0704 - rich calls it while it handles the error


def _console(stream: TextIO) -> Console:
    return _Console(file=stream, highlight=False, soft_wrap=True, emoji=False)


def _escaped(text: str) -> str:
    return escape(plain(text))
