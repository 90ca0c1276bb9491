"""How fast the masking core is, beside the programs that everybody has.

CPU seconds of user and system, single core, medians of interleaved rounds whose order turns; MB is 10^6 input
bytes. Whole processes are compared with whole processes. Figures of the engine alone are measured in this
process, from a file to a file.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.masking import (
    Engine,
    MaskingError,
    PseudonymKey,
    RuleSet,
    load_rules,
    open_engine,
    reference_engine,
    residual_check,
)
from app.masking.residual import residual_rate
from tests.bench.masking_corpora import (
    MB,
    bombs,
    dense_logs,
    sip_trace,
    system_logs,
    values_per_kilobyte,
)
from tests.bench.masking_peers import Peer, measured, peers
from tests.bench.masking_start import LINES, Starts

KEY = PseudonymKey(bytes(range(32)))
_STARTS = {"caseferry mask": 0.25, "caseferry --version": 0.1, "caseferry-agent --version": 0.1}
"""CPU seconds of commands that have next to nothing to do, at most."""
OWN_RULES = Path(__file__).parent / "own_rules.toml"


@dataclass(slots=True)
class Lane:
    """Something that is run in every round.

    Attributes:
        run: once; CPU seconds.
        size: bytes it reads.
    """

    name: str
    run: Callable[[], float]
    size: int
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """MB/s, median."""
        return self.size / statistics.median(self.seconds) / MB


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `holds` is None where the issue asks for a number only."""

    measure: str
    figure: str
    asked: str = ""
    holds: bool | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a figure that is asked for is not reached."""
    parser = argparse.ArgumentParser(prog="bench masking", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small corpora, one round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    console = Console()
    rules = load_rules()
    engine = open_engine(rules, KEY)
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as name:
        bench = Bench(Path(name), rules, quick=options.quick, rounds=1 if options.quick else options.rounds)
        bench.note = lambda text: console.print(f"[dim]{text}[/]")
        table = Table(title=f"Masking: {engine.name}, {rules.title}")
        for title in ("measure", "figure", "at least", ""):
            table.add_column(title)
        rows = bench.rows()
        for row in rows:
            mark = "" if row.holds is None else "holds" if row.holds else "[bold red]does not hold[/]"
            table.add_row(row.measure, row.figure, row.asked, mark)
        console.print(table)
    return 1 if any(row.holds is False for row in rows) else 0


@dataclass(slots=True)
class Bench:
    """The corpora in a folder, and what is measured with them."""

    folder: Path
    rules: RuleSet
    quick: bool
    rounds: int
    note: Callable[[str], None] = print

    def rows(self) -> list[Row]:
        """Everything, in the order of the table."""
        self.note("making the corpora")
        dense = self._make("dense", lambda p: dense_logs(p, size=(16 if self.quick else 128) * MB, seed=31))
        sip = self._make("sip", lambda p: sip_trace(p, calls=300 if self.quick else 1500, seed=31))
        system = self._make("system", lambda p: system_logs(p, size=(8 if self.quick else 48) * MB, seed=31))
        rows = [Row("values per KB in the dense corpus", f"{values_per_kilobyte(dense):.1f}")]
        for part in (
            lambda: self._start(dense),
            lambda: self._whole_processes(dense),
            lambda: self._engine_alone(dense, sip, system),
            lambda: self._threads(dense),
            lambda: self._memory(dense),
            self._bombs,
            lambda: self._checks(dense),
        ):
            rows += part()
        return rows

    def _make(self, name: str, maker: Callable[[Path], None]) -> Path:
        path = self.folder / f"{name}.log"
        maker(path)
        return path

    def _head(self, source: Path, size: int) -> Path:
        """The beginning of a corpus, up to a line's end."""
        head = self.folder / f"{source.stem}.{size}"
        if not head.exists():
            with source.open("rb") as stream:
                text = stream.read(size)
            head.write_bytes(text[: text.rfind(b"\n") + 1])
        return head

    def _start(self, dense: Path) -> list[Row]:
        starts = Starts(self.folder)
        lanes = {name: Lane(name, run, len(LINES)) for name, run in starts.commands().items()}
        files, size = (100 if self.quick else 1000), 2000
        many = starts.small_files(dense, files=files, size=size)
        lanes["many"] = Lane(f"{files} files", lambda: starts.mask(many), files * size)
        self._interleaved(list(lanes.values()))
        used = {name: statistics.median(lane.seconds) for name, lane in lanes.items()}
        each = 1000 * (used["many"] - used["caseferry mask"]) / files
        return [
            *(_at_most(f"start: {name}", used[name], most) for name, most in _STARTS.items()),
            *(
                Row(f"  beside {name}", f"{seconds:.3f} s")
                for name, seconds in used.items()
                if name not in (*_STARTS, "many")
            ),
            Row(f"{files} files of {size / 1000:.0f} KB, each with its check", f"{each:.2f} ms"),
        ]

    def _whole_processes(self, dense: Path) -> list[Row]:
        found, missing = peers(self.rules)
        ours = Lane("ours", lambda: self._process(dense).cpu, dense.stat().st_size)
        lanes = {peer: self._peer_lane(peer, dense) for peer in found}
        self._interleaved([ours, *lanes.values()])
        rows = [Row("dense, whole process", f"{ours.rate:.0f} MB/s")]
        for peer, lane in lanes.items():
            ratio = ours.rate / lane.rate
            asked = f"{peer.at_least:.0f} ×" if peer.at_least else ""
            holds = ratio >= peer.at_least if peer.at_least else None
            rows.append(
                Row(f"  beside {peer.name}", f"{lane.rate:.1f} MB/s: ours is {ratio:.1f} ×", asked, holds)
            )
        return rows + [Row(f"  beside {name}", "not on this machine") for name in missing]

    def _peer_lane(self, peer: Peer, dense: Path) -> Lane:
        head = self._head(dense, peer.share)
        return Lane(peer.name, lambda: peer.run(head), head.stat().st_size)

    def _process(self, source: Path, *, threads: int = 1) -> _Process:
        target = self.folder / "masked-by-a-process"
        command = [sys.executable, "-m", "tests.bench.mask_once", "native", str(source), str(target)]
        used = measured([*command, str(threads)])
        target.unlink()
        return _Process(used.cpu, int(used.written))

    def _engine_alone(self, dense: Path, sip: Path, system: Path) -> list[Row]:
        own = load_rules(OWN_RULES)
        unlearned = replace(self.rules, shapes={k: v for k, v in self.rules.shapes.items() if k != "learned"})
        plain = open_engine(self.rules, KEY)
        lanes = {
            "dense": self._lane(plain, dense),
            "sip": self._lane(plain, sip),
            "system": self._lane(plain, system),
            "own": self._lane(open_engine(own, KEY), dense),
            "unlearned": self._lane(open_engine(unlearned, KEY), dense),
        }
        self._interleaved(list(lanes.values()))
        rate = {name: lane.rate for name, lane in lanes.items()}
        return [
            Row("engine alone, dense", f"{rate['dense']:.0f} MB/s"),
            _at_least("engine alone, SIPp trace", rate["sip"], 400),
            _at_least("engine alone, general system logs", rate["system"], 450),
            _at_least(f"dense, with {len(own.patterns)} custom rules", rate["own"], 180),
            Row("dense, nothing learned", f"{rate['unlearned']:.0f} MB/s"),
            Row("  learning and replacing costs", f"{rate['unlearned'] / rate['dense']:.2f} × the time"),
        ]

    def _lane(self, engine: Engine, source: Path) -> Lane:
        def run() -> float:
            began = _cpu()
            self._mask(engine, source)
            return _cpu() - began

        return Lane(source.stem, run, source.stat().st_size)

    def _mask(self, engine: Engine, source: Path) -> None:
        with source.open("rb") as stream, (self.folder / "masked").open("wb") as sink:
            engine.mask_stream(stream, sink)

    def _threads(self, dense: Path) -> list[Row]:
        walls: dict[int, list[float]] = {1: [], 2: []}
        engines = {count: open_engine(self.rules, KEY, threads=count) for count in walls}
        for _ in range(max(3, self.rounds)):
            for count, engine in engines.items():
                began = time.perf_counter()
                self._mask(engine, dense)
                walls[count].append(time.perf_counter() - began)
        ratio = min(walls[1]) / min(walls[2])
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if cores < 2:
            return [Row("two threads", "one core here: not measured", "1.7 ×")]
        return [
            Row(
                "two threads (wall, best round)",
                f"{dense.stat().st_size / min(walls[2]) / MB:.0f} MB/s: {ratio:.2f} × one",
                "1.7 ×",
                ratio >= 1.7,
            )
        ]

    def _memory(self, dense: Path) -> list[Row]:
        line = self.folder / "line.log"
        with line.open("wb") as sink:
            for _ in range(30 if self.quick else 300):
                sink.write(b"x phone=4155550143, user data follows; " * (MB // 39))
        rows = []
        for name, source in (
            ("dense", dense),
            ("one 300 MB line" if not self.quick else "one 30 MB line", line),
        ):
            process = self._process(source)
            held = process.memory / MB
            rows.append(Row(f"memory, whole process, {name}", f"{held:.1f} MB", "at most 40 MB", held <= 40))
            rows.append(_at_least(f"  its rate, {name}", source.stat().st_size / process.cpu / MB, 5))
        line.unlink()
        return rows

    def _bombs(self) -> list[Row]:
        size = (1 if self.quick else 8) * MB
        engine = open_engine(self.rules, KEY)
        slowest, steepest = ("", float("inf")), ("", 0.0)
        for (name, half), (_, whole) in zip(bombs(size // 2), bombs(size), strict=True):
            seconds = [self._bomb(engine, data) for data in (half, whole)]
            rate = size / seconds[1] / MB
            slowest = min(slowest, (name, rate), key=lambda pair: pair[1])
            steepest = max(steepest, (name, seconds[1] / seconds[0]), key=lambda pair: pair[1])
        return [
            _at_least(f"slowest of the bombs, “{slowest[0]}”", slowest[1], 5),
            Row(
                f"twice the bytes, steepest, “{steepest[0]}”",
                f"{steepest[1]:.2f} × the time",
                "at most 3",
                steepest[1] <= 3,
            ),
        ]

    def _bomb(self, engine: Engine, data: bytes) -> float:
        source = self.folder / "bomb"
        source.write_bytes(data)
        times = []
        for _ in range(2):
            began = _cpu()
            self._mask(engine, source)
            times.append(_cpu() - began)
        return max(min(times), 1e-4)

    def _checks(self, dense: Path) -> list[Row]:
        head = self._head(dense, 2 * MB)
        began = _cpu()
        self._mask(reference_engine(self.rules, KEY), head)
        rows = [Row("reference engine", f"{head.stat().st_size / (_cpu() - began) / MB:.2f} MB/s")]
        return [*rows, *(self._residual(source) for source in (head, dense))]

    def _residual(self, source: Path) -> Row:
        measure = f"residual check, {source.stat().st_size / MB:.0f} MB"
        self._mask(open_engine(self.rules, KEY), source)
        try:
            used = residual_rate(residual_check(self.rules, KEY), self.folder / "masked", seed="bench")
        except MaskingError as left:
            return Row(measure, left.happened, "finds nothing", holds=False)
        share = 100 * used.read / used.size
        return Row(measure, f"{used.seconds:.1f} s for {used.size / MB:.0f} MB: it read {share:.0f} %")

    def _interleaved(self, lanes: list[Lane]) -> None:
        for number in range(self.rounds):
            self.note(f"round {number + 1} of {self.rounds}: {', '.join(lane.name for lane in lanes)}")
            for lane in lanes if number % 2 == 0 else lanes[::-1]:
                lane.seconds.append(lane.run())


@dataclass(frozen=True, slots=True)
class _Process:
    cpu: float
    memory: int


def _at_least(measure: str, rate: float, asked: float) -> Row:
    return Row(measure, f"{rate:.0f} MB/s", f"{asked:.0f} MB/s", rate >= asked)


def _at_most(measure: str, seconds: float, asked: float) -> Row:
    return Row(measure, f"{seconds:.3f} s", f"at most {asked:.2f} s", seconds <= asked)


def _cpu() -> float:
    return time.process_time()


if __name__ == "__main__":
    sys.exit(main())
