"""The demo's programs as processes of their own: started, heard until they are ready, and ended."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from app.domain.errors import LocalError

_END_SECONDS = 15.0


class Program:
    """One of our programs, started with this interpreter.

    Its standard output is read line by line; its standard error goes to a file, for the case that it fails.
    """

    def __init__(self, name: str, words: Sequence[str], *, errors: Path, extra: Mapping[str, str]) -> None:
        self.name = name
        self._errors = errors
        self._lines: queue.Queue[str | None] = queue.Queue()
        with errors.open("wb") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs with our own words
                [sys.executable, *words],
                stdout=subprocess.PIPE,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **extra, "PYTHONUNBUFFERED": "1"},
            )
        self._reader = threading.Thread(target=self._read, name=f"{name}-output", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            for line in stream:
                self._lines.put(line.decode("utf-8", "replace"))
        self._lines.put(None)

    def ready(self, *, seconds: float) -> dict[str, Any]:
        """Wait for the line ``{"event": "ready", …}`` and return it.

        Raises:
            LocalError: the program ended first, or did not get ready in time.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise self._failed(f"It ended with code {self._process.wait()} before it was ready.")
            message = _message(line)
            if message.get("event") == "ready":
                return message
        raise self._failed(f"It was not ready within {seconds:.0f} seconds.")

    def finish(self, *, seconds: float | None) -> None:
        """Wait for the program to do its work and end by itself, or by a person's hand (`seconds` is None).

        Raises:
            LocalError: it failed, or took longer.
        """
        try:
            code = self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise self._failed(f"It was not done within {seconds} seconds.") from error
        if code != 0:
            raise self._failed(f"It ended with code {code}.")

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def __enter__(self) -> Program:
        """Nothing more: the program runs since it was made."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask it to end; after a while, end it."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(timeout=_END_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _failed(self, happened: str) -> LocalError:
        tail = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
        said = f" Its last words: {' | '.join(tail)}" if tail else ""
        return LocalError(
            f"The demo's {self.name} did not work",
            happened=happened + said,
            todo="Run it again with --keep DIR and look into DIR.",
            code="CF-1850",
        )


def _message(line: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
