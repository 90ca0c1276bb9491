"""How fast masked logs become a bundle, beside the programs that everybody has; and the way from raw logs.

Rounds are interleaved and their order turns; figures are medians. MB is 10^6 bytes read, CPU is user and
system of all threads in seconds per 10^9 bytes read. Sealing alone is measured without the start of Python,
as it never is a process of its own; the way from raw logs is a whole process, as its peer is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.bundle import BundleFormat, choose_compressor, verify_bundle
from app.bundle.pipeline import cores
from app.masking import load_rules
from tests.bench.bundle_once import keep_masked
from tests.bench.masking_corpora import MB, dense_logs
from tests.bench.masking_peers import all_keys, expressions

GZIP = "gzip -6"
SED = "sed -E … | gzip -6"
SED_SHARE = 4 * MB


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took and gave; `alone` is its time without the start of Python, where that is told."""

    seconds: float
    cpu: float
    packed: int
    alone: float = 0.0


@dataclass(slots=True)
class Lane:
    """Something that is run in every round; rates are beside the lane of this name."""

    name: str
    run: Callable[[], Run]
    size: int
    beside: str = ""
    runs: list[Run] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """MB/s of wall time."""
        return self.size / self.median(lambda run: run.seconds) / MB

    @property
    def cpu(self) -> float:
        """CPU seconds per 10^9 bytes."""
        return self.median(lambda run: run.cpu) / self.size * 1e9

    def median(self, of: Callable[[Run], float]) -> float:
        """Of all rounds."""
        return statistics.median(map(of, self.runs))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a figure that is asked for is not reached."""
    parser = argparse.ArgumentParser(prog="bench bundle", description=__doc__)
    parser.add_argument("--mb", type=int, default=128, help="size of the raw logs (default 128)")
    parser.add_argument("--files", type=int, default=12, help="how many files they are (default 12)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    options = parser.parse_args(argv)
    if min(options.mb, options.files, options.rounds) < 1:
        parser.error("--mb, --files and --rounds are at least 1")
    console = Console()
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as name:
        bench = Bench(Path(name))
        console.print("[dim]making the logs, and masking them once[/]")
        bench.prepare(size=options.mb * MB, files=options.files)
        lanes, missing = bench.lanes()
        for number in range(options.rounds):
            console.print(f"[dim]round {number + 1} of {options.rounds}[/]")
            for lane in lanes if number % 2 == 0 else lanes[::-1]:
                lane.runs.append(lane.run())
        console.print(_table(lanes, missing))
        holds = _asked(console, {lane.name: lane for lane in lanes})
        if bench.stopped is not None:
            console.print(f"[bold red]The check behind masking stops these logs:[/] {bench.stopped}")
            holds = False
    return 0 if holds else 1


@dataclass(slots=True)
class Bench:
    """The logs in a folder, and what is run with them."""

    folder: Path
    raw: Path = field(init=False)
    masked: Path = field(init=False)
    stopped: str | None = None

    def __post_init__(self) -> None:
        self.raw, self.masked = self.folder / "raw", self.folder / "masked"
        self.raw.mkdir()
        self.masked.mkdir()

    def prepare(self, *, size: int, files: int) -> None:
        """Logs of the project's generator in about equal files, raw and masked."""
        whole = self.folder / "dense.log"
        dense_logs(whole, size=size, seed=31)
        with whole.open("rb") as lines:
            for number in range(files):
                part = lines.read(whole.stat().st_size // files) + lines.readline()
                (self.raw / f"sips_{number:02d}.log").write_bytes(part)
        whole.unlink()
        keep_masked(self.raw, self.masked)
        try:
            self._work("checked", self.raw, self.folder / "x.zip")
        except RuntimeError as error:
            self.stopped = str(error)

    def lanes(self) -> tuple[list[Lane], list[str]]:
        """Everything that is run, and the programs that are not here."""
        masked = sorted(path for path in self.masked.iterdir() if path.suffix == ".log")
        size = sum(path.stat().st_size for path in masked)
        raw = sum(path.stat().st_size for path in self.raw.iterdir())
        peers, missing = _peers(masked, self.folder / "peer.out", self.folder / "peer.zip")
        lanes = [
            Lane(_title(form, level), self._once("seal", form, level), size, GZIP)
            for form, level in ((BundleFormat.ZIP, 1), (BundleFormat.ZIP, 2), (BundleFormat.ZIP, 6),
                                (BundleFormat.TAR_ZST, 1), (BundleFormat.TAR_ZST, 3))
        ]  # fmt: skip
        lanes += [Lane(name, run, size, GZIP) for name, run in peers]
        for form in BundleFormat:
            bundle = self.folder / f"verified{form.suffix}"
            self._work("seal", self.masked, bundle)
            lanes.append(Lane(f"ours, {form.value} verified", lambda path=bundle: _verify(path), size))  # type: ignore[misc]
        lanes += [
            Lane("ours, raw → masked", self._once("mask", BundleFormat.ZIP), raw),
            Lane("ours, masked → zip", self._once("seal", BundleFormat.ZIP), size),
            Lane("ours, raw → masked → zip", self._once("chain", BundleFormat.ZIP), raw, SED),
            Lane("ours, raw → masked → tar.zst", self._once("chain", BundleFormat.TAR_ZST), raw, SED),
        ]
        if self.stopped is None:
            checked = self._once("checked", BundleFormat.ZIP)
            lanes.append(Lane("ours, raw → masked and checked → zip", checked, raw, SED))
        sed = self._sed()
        return ([*lanes, sed], missing) if sed else (lanes, [*missing, "sed or gzip"])

    def _once(self, verb: str, form: BundleFormat, level: int | None = None) -> Callable[[], Run]:
        source = self.masked if verb == "seal" else self.raw
        words = () if level is None else (str(level),)
        return lambda: self._work(verb, source, self.folder / f"x{form.suffix}", *words)

    def _work(self, verb: str, source: Path, target: Path, *words: str) -> Run:
        out = target.with_name("out")
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        command = [sys.executable, "-m", "tests.bench.bundle_once", verb, str(source), str(out / target.name)]
        told = self.folder / "told"
        run = _process([*command, *words], told)
        alone, cpu, packed = json.loads(told.read_text(encoding="ascii"))
        if target.name.startswith("verified"):
            (out / target.name).replace(target)
        shutil.rmtree(out)
        return Run(alone, cpu, packed, alone) if verb == "seal" else Run(run.seconds, run.cpu, packed, alone)

    def _sed(self) -> Lane | None:
        """With all keys of the rules; it gets the beginning only, as it is slow."""
        sed, gzip = shutil.which("sed"), shutil.which("gzip")
        if not sed or not gzip:
            return None
        source = self.folder / "head.log"
        text = b"".join(path.read_bytes() for path in sorted(self.raw.iterdir()))[:SED_SHARE]
        source.write_bytes(text[: text.rfind(b"\n") + 1])
        program = self.folder / "program.sed"
        found = expressions(all_keys(load_rules()))
        program.write_text("".join(f"s~{find}~{put}~gI\n" for find, put in found), encoding="utf-8")
        command = ["sh", "-c", f"{sed} -E -f {program} {source} | {gzip} -6"]
        return Lane(SED, lambda: _process(command, self.folder / "sed.gz"), source.stat().st_size)


def _title(form: BundleFormat, level: int) -> str:
    return f"ours, {form.value} {level} ({choose_compressor(form, level).name.partition(',')[0]})"


def _peers(
    files: Sequence[Path], out: Path, archive: Path
) -> tuple[list[tuple[str, Callable[[], Run]]], list[str]]:
    names = [str(path) for path in files]
    zstd_all = f"zstd -1 -T{cores()}"
    commands = {
        GZIP: ["gzip", "-6", "-c", *names],
        "gzip -1": ["gzip", "-1", "-c", *names],
        "pigz -6": ["pigz", "-6", "-c", *names],
        "zip -6": ["zip", "-q", "-6", "-j", "-", *names],
        "7z -tzip": ["7z", "a", "-tzip", "-bso0", "-bsp0", str(archive), *names],
        "zstd -1": ["zstd", "-q", "-1", "-T1", "-c", *names],
        zstd_all: ["zstd", "-q", "-1", f"-T{cores()}", "-c", *names],
        "zstd -3": ["zstd", "-q", "-3", "-T1", "-c", *names],
    }
    here = {name: command for name, command in commands.items() if shutil.which(command[0])}

    def run(command: list[str]) -> Run:
        archive.unlink(missing_ok=True)
        found = _process(command, out)
        return Run(found.seconds, found.cpu, archive.stat().st_size) if archive.exists() else found

    runs: list[tuple[str, Callable[[], Run]]] = [
        (name, lambda command=command: run(command))
        for name, command in here.items()  # type: ignore[misc]
    ]
    return runs, [name for name in commands if name not in here]


def _process(command: list[str], out: Path) -> Run:
    with out.open("wb") as sink, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=sink, stderr=errors, env={**os.environ, "LC_ALL": "C"})
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(said or f"{command[0]} ended with {process.returncode}")
    return Run(seconds, used.ru_utime + used.ru_stime, out.stat().st_size)


def _verify(bundle: Path) -> Run:
    began, cpu = time.perf_counter(), time.process_time()
    size = verify_bundle(bundle).size
    return Run(time.perf_counter() - began, time.process_time() - cpu, size)


def _table(lanes: list[Lane], missing: list[str]) -> Table:
    table = Table(title=f"Bundles, {cores()} processors", caption=f"Not here: {', '.join(missing) or 'none'}")
    for title in ("", "MB/s", "CPU s/GB", "ratio", "beside", "wall", "CPU"):
        table.add_column(title)
    by_name = {lane.name: lane for lane in lanes}
    for lane in lanes:
        packed = lane.median(lambda run: run.packed)
        ratio = f"{lane.size / packed:.2f}" if packed else ""
        row = [lane.name, f"{lane.rate:.1f}", f"{lane.cpu:.1f}", ratio]
        peer = by_name.get(lane.beside)
        if peer is not None and peer is not lane:
            row += [peer.name, f"{lane.rate / peer.rate:.1f} ×", f"{peer.cpu / lane.cpu:.1f} ×"]
        table.add_row(*row)
    return table


def _asked(console: Console, lanes: dict[str, Lane]) -> bool:
    """The figures that are asked for; whether all hold."""
    chain = lanes["ours, raw → masked → zip"]
    alone = {name: lane.median(lambda run: run.alone) for name, lane in lanes.items()}
    slowest = max(alone["ours, raw → masked"], alone["ours, masked → zip"])
    over = alone[chain.name] / slowest
    figures = [(f"the whole way beside its slowest stage: {over:.2f} ×", "at most 1.2 ×", over <= 1.2)]
    if SED in lanes:
        times = chain.rate / lanes[SED].rate
        figures.append((f"the whole way beside {SED}: {times:.1f} ×", "at least 5 ×", times >= 5))
    for text, asked, holds in figures:
        console.print(f"{text}, {asked}: {'holds' if holds else '[bold red]does not hold[/]'}")
    return all(holds for *_, holds in figures)


if __name__ == "__main__":
    sys.exit(main())
