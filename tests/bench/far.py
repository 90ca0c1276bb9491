"""Long ways: how fast a file goes where the peer is far and packets get lost, beside the usual tools."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.table import Table

from tests.bench.far_relay import delaying_relay
from tests.bench.lanes import heard, table

NEAR_ADDRESS, FAR_ADDRESS = "10.77.0.2", "10.77.0.1"
MIB = 1024 * 1024
_ROOT = Path(__file__).parents[2]
_NOT_ALLOWED = 77


@dataclass(frozen=True, slots=True)
class Way:
    """A network.

    Attributes:
        round_trip: seconds there and back.
        loss: of 1, in each direction.
        rate: bits per second, in each direction.
        mib: size of the file, unless another one is asked for.
        up, down: the wanted ratio to OpenSSH's `sftp`; 0: this direction is not measured.
        curl: the wanted ratio to one PUT of `curl`, up, over SFTP and over tus; 0: not measured.
    """

    name: str
    round_trip: float
    rate: float
    mib: int
    up: float
    loss: float = 0.0
    down: float = 0.0
    curl: float = 0.0


WAYS = (
    Way("50ms", 0.050, 1e9, 256, up=1.8, down=1.8),
    Way("100ms", 0.100, 1e9, 256, up=2.3, down=2.3),
    Way("loss", 0.050, 200e6, 16, up=8.0, loss=0.01, curl=8.0),
)


class Row(StrEnum):
    """What is measured over a way, beside its peers."""

    UP = "up"
    DOWN = "down"
    TUS = "tus"


def rows_of(way: Way) -> tuple[Row, ...]:
    """Those that something is wanted of."""
    return tuple(
        row for row, wanted in ((Row.UP, way.up), (Row.DOWN, way.down), (Row.TUS, way.curl)) if wanted
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """How a way is measured: what of it, so many times, with a file of so many MiB."""

    rows: tuple[Row, ...]
    rounds: int
    mib: int


def far_table(way: Way, folder: Path, asked: Asked, *, say: Callable[[str], None]) -> Table:
    """Measure one way, in a folder that is empty."""
    serve = [sys.executable, "-m", "tests.bench.far_end", "serve", str(folder)]
    measure = [sys.executable, "-m", "tests.bench.far_end", "measure", str(folder), way.name]
    measure += [str(asked.rounds), str(asked.mib), ",".join(asked.rows)]
    link = _link(folder)
    heading = f"{way.round_trip * 1e3:.0f} ms round trip, {way.rate / 1e6:.0f} Mbit/s"
    if link is not None and _over_link(link, way, serve, measure, say=say):
        heading += f", {way.loss:.0%} loss, real TCP ({_congestion(folder)})"
    elif way.loss:
        return Table(title=f"{heading}: no loss without network namespaces and TUN devices: not measured")
    else:
        _over_relay(way, folder, serve, measure, say=say)
        heading = f"{way.round_trip * 1e3:.0f} ms round trip, a plain relay: TCP does not meet the delay"
    lanes = [heard(told) for told in json.loads((folder / "results.json").read_text())]
    size = json.loads((folder / "size.json").read_text())
    return table(lanes, title=f"{size / 1e6:.0f} MB, {heading}", size=size)


def _congestion(folder: Path) -> str:
    told = folder / "congestion"
    return told.read_text() if told.exists() else "its congestion control is not known"


def _link(folder: Path) -> Path | None:
    """The compiled link; None where it cannot be."""
    if sys.platform != "linux":
        return None
    compiler = ["cc"] if shutil.which("cc") else [sys.executable, "-m", "ziglang", "cc"]
    program = folder / "far_link"
    source = Path(__file__).with_name("far_link.c")
    done = subprocess.run([*compiler, "-O2", "-o", str(program), str(source)], check=False)
    return program if done.returncode == 0 else None


def _over_link(
    link: Path, way: Way, serve: list[str], measure: list[str], *, say: Callable[[str], None]
) -> bool:
    network = [
        str(round(way.round_trip / 2 * 1e6)),
        str(round(way.loss * 100_000)),
        str(round(way.rate / 1e3)),
        # Routers hold about what a round trip brings.
        str(round(way.round_trip * 1e3)),
    ]
    command = [str(link), *network, NEAR_ADDRESS, FAR_ADDRESS]
    with subprocess.Popen(
        [*command, "--", *serve, FAR_ADDRESS, "--", *measure, FAR_ADDRESS],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            say(line.strip())
    if running.returncode == _NOT_ALLOWED:
        return False
    if running.returncode:
        raise RuntimeError(f"the measuring over {way.name} ended with {running.returncode}")
    return True


def _over_relay(
    way: Way, folder: Path, serve: list[str], measure: list[str], *, say: Callable[[str], None]
) -> None:
    server = subprocess.Popen([*serve, "127.0.0.1"], cwd=_ROOT)
    try:
        subprocess.run(
            [sys.executable, "-m", "tests.bench.far_end", "await", str(folder)], cwd=_ROOT, check=True
        )
        known = json.loads((folder / "far.json").read_text())
        with ExitStack() as stack:
            for port in ("ssh_port", "web_port", "portal_port"):
                relay = delaying_relay(known[port], seconds=way.round_trip / 2)
                known[port] = stack.enter_context(relay)
            (folder / "far.json").write_text(json.dumps(known))
            with subprocess.Popen(
                [*measure, "127.0.0.1"], cwd=_ROOT, stdout=subprocess.PIPE, text=True
            ) as running:
                assert running.stdout is not None
                for line in running.stdout:
                    say(line.strip())
        if running.returncode:
            raise RuntimeError(f"the measuring over {way.name} ended with {running.returncode}")
    finally:
        server.terminate()
        server.wait()
