"""Every row of the rotation matrix, for the agent and for rsyslog's imfile: lines lost and lines twice.

``./dev bench rotation [ROW ...]``. The agent's way from folder to parcel is `tests.peers.shipping_line`; it
reads the whole folder. rsyslog is the Debian package; it reads the plain names (``*.log``, ``*.log.N``),
persists its state after every line and reopens on truncation. It fails when ours loses or doubles a line.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.table import Table

from tests.peers.rotating_site import RotatingSite, own_lines
from tests.peers.rotation_rows import ROWS
from tests.peers.shipping_line import ShippingLine

_PAUSE = 4.0
_CONF = """
global(workDirectory="{state}" parser.escapeControlCharactersOnReceive="off" maxMessageSize="64k")
module(load="imfile" mode="inotify")
template(name="raw" type="string" string="%msg%\\n")
ruleset(name="all") {{
  action(type="omfile" file="{out}" template="raw" asyncWriting="off" flushOnTXEnd="on")
}}
{inputs}
"""
_INPUT = (
    'input(type="imfile" file="{file}" tag="t" ruleset="all" reopenOnTruncate="on" persistStateInterval="1" '
    'freshStartTail="off")'
)


class Reader(Protocol):
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def stop(self) -> None: ...
    def lines(self) -> list[str]: ...


class Rsyslog:
    """``rsyslogd`` with a configuration of its own."""

    def __init__(self, folder: Path, state: Path) -> None:
        self._out = state / "out.log"
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        files = [f"{folder}/{where}{name}" for where in ("", "*/") for name in ("*.log", "*.log.[0-9]")]
        conf = _CONF.format(
            state=state, out=self._out, inputs="\n".join(_INPUT.format(file=file) for file in files)
        )
        (state / "rsyslog.conf").write_text(conf)

    def start(self) -> None:
        words = ["rsyslogd", "-n", "-f", str(self._state / "rsyslog.conf"), "-i", str(self._state / "pid")]
        (self._state / "pid").unlink(missing_ok=True)
        self._process = subprocess.Popen(words, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        _end(self._process, signal.SIGTERM)

    def lines(self) -> list[str]:
        return own_lines(self._out.read_bytes()) if self._out.exists() else []


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    if process is not None and process.poll() is None:
        process.send_signal(number)
        process.wait(20)
    if process is not None and process.stdout is not None:
        process.stdout.close()


def run(row: Callable[[RotatingSite], None], make: Callable[[Path, Path], Reader]) -> tuple[int, int]:
    """Lines lost and lines that came twice."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as root:
        folder, state = Path(root) / "logs", Path(root) / "state"
        folder.mkdir()
        state.mkdir()
        reader = make(folder, state)
        site = RotatingSite(folder, pause=lambda: None, kill=reader.kill, start=reader.start)

        def pause() -> None:
            """Until all is there that must be, at most a few seconds."""
            deadline = time.monotonic() + _PAUSE
            wanted = {*site.must, *(line for lines in site.unseen() for line in lines)}
            while time.monotonic() < deadline and not wanted <= set(reader.lines()):
                time.sleep(0.1)

        site.on_pause(pause)
        reader.start()
        try:
            row(site)
            site.pause()
        finally:
            reader.stop()
        lost, twice, _strange = site.verdict(reader.lines())
        return len(lost), len(twice)


def shipped(row: Callable[[RotatingSite], None]) -> tuple[int, int]:
    """Lines that the agent's way from folder to parcel lost, and lines that it took twice."""
    with tempfile.TemporaryDirectory(prefix="rotation-") as root:
        (Path(root) / "logs").mkdir()
        line = ShippingLine(Path(root) / "logs", Path(root) / "data")
        site = RotatingSite(line.folder, pause=line.settle, kill=line.kill, start=line.start)
        row(site)
        site.end()
        lost, twice, _strange = site.verdict(line.lines())
        line.kill()
        return len(lost), len(twice)


def main(rows: Iterable[str]) -> None:
    if shutil.which("rsyslogd") is None:
        sys.exit("rotation: rsyslogd is not there; install the Debian package rsyslog")
    if os.geteuid() != 0:
        sys.exit("rotation: rsyslogd wants to be started by root")
    table = Table("row", "agent: lost", "twice", "rsyslog imfile: lost", "twice")
    sums = [0, 0, 0, 0]
    unexpected = 0
    for name in rows or ROWS:
        figures = [*shipped(ROWS[name]), *run(ROWS[name], Rsyslog)]
        unexpected += sum(figures[:2])
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        table.add_row(name.replace("_", " "), *map(str, figures))
    table.add_row("sum", *map(str, sums))
    Console().print(table)
    if unexpected:
        sys.exit("rotation: ours lost or doubled lines")


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("rows", nargs="*", choices=[*ROWS, []])
    main(words.parse_args().rows)
