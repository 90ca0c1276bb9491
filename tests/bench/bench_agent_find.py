"""Finding and searching in 2 GB of logs in 200 segments, beside grep and ripgrep.

``./dev bench agent-find [ROW ...]``: find, substring, regex, id, catalogue, packed; all without a name. It
fails when a figure misses its limit. Runs of two programs alternate, and their medians are compared: of the
clock on the wall, or with ``--cpu``, which a busy machine needs, of the processor's time.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from isal import igzip
from rich.console import Console
from rich.table import Table

from agent.catalogue import Found, Query, Scope, TimeRange, read_found
from agent.catalogue.idindex import IdIndex
from tests.bench.find_corpus import Corpus, Opened, opened_catalogue, write_corpus

FIND_S = 0.1
TIMES_GREP = 20.0
TIMES_RIPGREP = 1.3
SIZE_SHARE = 0.001
ROUNDS = 7
MOST = 10_000
"""Hits that are asked for."""
TWO = ("sips_a", "urs_a")
RANGE = TimeRange.between(
    datetime(2023, 6, 9, 9, 50, 1, tzinfo=UTC), datetime(2023, 6, 9, 11, 20, 1, tzinfo=UTC)
)
"""11:50:01 to 13:20:01 of the site's local time."""
GREP = r"^@?(11:5[0-9]|12:[0-5][0-9]|13:[01][0-9]):[0-9][0-9]\."
"""The same 90 minutes, of lines alone: grep keeps neither headers nor what belongs to a line."""

Row = tuple[str, str, str, bool]
Clock = Callable[[], float]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="./dev bench agent-find", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which figures")
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where the logs are kept for the next run")
    parser.add_argument("--cpu", action="store_true", help="compare by the processor's time")
    options = parser.parse_args()
    clock = _processor if options.cpu else time.perf_counter
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as scratch:
        corpus = _corpus(
            options.folder or Path(scratch) / "logs", options.megabytes * 10**6, options.segments
        )
        rows = measure(corpus, Path(scratch), wanted=options.rows or list(ROWS), clock=clock)
    table = Table("measure", "found", "limit", title=f"{corpus.total / 1e9:.2f} GB of logs")
    for name, found, limit, well in rows:
        table.add_row(name, found if well else f"{found} !", limit)
    Console().print(table)
    missed = [name for name, _found, _limit, well in rows if not well]
    if missed:
        sys.stderr.write(f"missed: {', '.join(missed)}\n")
    return 1 if missed else 0


def measure(corpus: Corpus, scratch: Path, *, wanted: Sequence[str], clock: Clock) -> list[Row]:
    """The figures of these names: what was measured, what was found, its limit, and whether it keeps that."""
    rows: list[Row] = []
    with opened_catalogue(corpus, scratch / "catalogue.db") as opened:
        began = time.process_time()
        opened.indexer.catch_up()
        rate = corpus.total / (time.process_time() - began)
        rows.append(("reading the times, per second of a core", f"{rate / 1e6:.0f} MB", "", True))
        _warm(corpus)
        bench = Bench(corpus, opened, scratch, clock)
        for name in wanted:
            rows += ROWS[name](bench)
    return rows


@dataclass(frozen=True, slots=True)
class Bench:
    """What a figure is measured with: logs, their catalogue, a folder, a clock."""

    corpus: Corpus
    opened: Opened
    scratch: Path
    clock: Clock


def _catalogue(bench: Bench) -> list[Row]:
    database = bench.scratch / "catalogue.db"  # what was written last lies beside it
    with closing(sqlite3.connect(database)) as session:
        session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = sum(each.stat().st_size for each in database.parent.glob(f"{database.name}*"))
    share = size / bench.corpus.total
    return [("catalogue, of the logs", f"{share:.4%}", f"{SIZE_SHARE:.1%}", share <= SIZE_SHARE)]


def _finding(bench: Bench) -> list[Row]:
    corpus, opened, clock = bench.corpus, bench.opened, bench.clock
    files = [str(path) for name in TWO for path in sorted(corpus.folder.glob(f"{name}.*"))]

    def ours() -> Found:
        found = opened.finder.find(Scope(TWO, range=RANGE))
        with Path(os.devnull).open("wb") as sink:
            for part in found.segments:
                for piece in read_found(part):
                    sink.write(piece)
        return found

    def theirs() -> bytes:
        done = subprocess.run(
            ["grep", "-E", "-h", "-a", "-c", GREP, *files],
            env={**os.environ, "LC_ALL": "C"},
            check=False,
            capture_output=True,
        )
        return done.stdout

    found = ours()
    stamped = sum(
        sum(line[:1] == b"@" or line[2:3] == b":" for line in piece.split(b"\n"))
        for part in found.segments
        for piece in [b"".join(read_found(part, header=False))]
    )
    grepped = sum(int(count) for count in theirs().split())
    if abs(stamped - grepped) > stamped // 1000 + 500:  # a second at either end is grep's to decide
        raise AssertionError(f"the two did not do the same job: {stamped} and {grepped} lines")
    mine, its = _alternate(ours, theirs, clock)
    times = its / mine
    return [
        ("two applications, 90 minutes: found and read", f"{mine:.3f} s", f"{FIND_S:g} s", mine <= FIND_S),
        (
            f"... times as quick as grep -E ({its:.2f} s)",
            f"{times:.0f}",
            f"{TIMES_GREP:g}",
            times >= TIMES_GREP,
        ),
    ]


def _packed(bench: Bench) -> list[Row]:
    """The same two applications and 90 minutes out of packed segments; there is no promise."""
    folder = bench.scratch / "packed"
    folder.mkdir()
    files, size = [], 0
    for path in sorted(path for name in TWO for path in bench.corpus.folder.glob(f"{name}.*")):
        files.append(folder / f"{path.name}.gz")
        files[-1].write_bytes(igzip.compress(path.read_bytes(), 1))
        size += path.stat().st_size
    corpus = replace(bench.corpus, folder=folder, total=size)
    scope = Scope(TWO, range=RANGE)
    with opened_catalogue(corpus, bench.scratch / "packed.db") as opened:
        began = time.process_time()
        opened.indexer.catch_up()
        rate = size / (time.process_time() - began)

        def ours() -> int:
            found = opened.finder.find(scope)
            return sum(len(piece) for part in found.segments for piece in read_found(part))

        def search() -> int:
            return len(opened.searcher.search(scope, Query(bench.corpus.conn), limit=MOST).hits)

        def theirs() -> bytes:
            command = f"zcat {shlex.join(map(str, files))} | LC_ALL=C grep -E -a -c {shlex.quote(GREP)}"
            return subprocess.run(["sh", "-c", command], check=False, capture_output=True).stdout

        plain = sum(part.size for part in bench.opened.finder.find(scope).segments)
        if ours() != plain:
            raise AssertionError("packed segments do not give the bytes that plain ones give")
        mine, its = _alternate(ours, theirs, bench.clock)
        seek, _ = _alternate(search, lambda: None, bench.clock)
    packed = sum(path.stat().st_size for path in files)
    return [
        (
            f"packed ({packed / 1e6:.0f} of {size / 1e6:.0f} MB): times read, per second",
            f"{rate / 1e6:.0f} MB",
            "",
            True,
        ),
        ("... two applications, 90 minutes: found and read", f"{mine:.3f} s", "", True),
        (f"... times as quick as zcat and grep -E ({its:.2f} s)", f"{its / mine:.1f}", "", True),
        ("... a word in that range", f"{seek:.3f} s", "", True),
    ]


def _substring(bench: Bench) -> list[Row]:
    rows = []
    for what, text in (
        ("a connection id", bench.corpus.conn),
        ("a call UUID", bench.corpus.call),
        ("a word that is not there", "EventNetworkReached"),
    ):
        mine, its = _beside_ripgrep(bench, Query(text), "-F")
        rows.append(_against(f"substring, {what}: {mine:.3f} s, ripgrep's times", mine / its))
    return rows


def _regex(bench: Bench) -> list[Row]:
    """There is no promise: RE2 keeps to linear time, whatever a person writes."""
    rows: list[Row] = []
    for what, text in (
        ("of a rare word", r"EventNetwork(Reached|Private)\w*"),
        ("of an id", rf"Attribute\w+\s+{bench.corpus.conn[:-2]}\w+"),
    ):
        mine, its = _beside_ripgrep(bench, Query(text, expression=True), "--case-sensitive")
        rows.append((f"expression, {what}: {mine:.3f} s, ripgrep's times", f"{mine / its:.2f}", "", True))
    return rows


def _id(bench: Bench) -> list[Row]:
    """As a whole id: without the index, which may always be missing, and with it."""
    corpus, opened = bench.corpus, bench.opened
    query = Query(corpus.conn, whole=True)
    mine, its = _beside_ripgrep(bench, query, "-Fw")
    rows = [_against(f"id, without its index: {mine:.3f} s, ripgrep's times", mine / its)]
    began = time.process_time()
    ids = IdIndex(bench.scratch / "ids.db")
    ids.build(opened.table, wanted=lambda: True, pause=lambda: None)
    rate = corpus.total / (time.process_time() - began)

    def indexed() -> int:
        return len(opened.searcher.search(Scope(), query, limit=MOST, skip=ids.without(corpus.conn)).hits)

    if indexed() != len(opened.searcher.search(Scope(), query, limit=MOST).hits):
        raise AssertionError("the index hides what is there")
    quick, its = _alternate(indexed, _ripgrep(corpus, "-Fw", corpus.conn), bench.clock)
    ids.close()
    share = (bench.scratch / "ids.db").stat().st_size / corpus.total
    return [
        *rows,
        _against(f"id, with its index: {quick:.3f} s, ripgrep's times", quick / its),
        (f"index of ids (optional), {rate / 1e6:.0f} MB/s; of the logs", f"{share:.3%}", "", True),
    ]


def _against(name: str, ratio: float) -> Row:
    return (name, f"{ratio:.2f}", f"{TIMES_RIPGREP:g}", ratio <= TIMES_RIPGREP)


def _beside_ripgrep(bench: Bench, query: Query, flag: str) -> tuple[float, float]:
    def ours() -> int:
        return len(bench.opened.searcher.search(Scope(), query, limit=MOST).hits)

    theirs = _ripgrep(bench.corpus, flag, query.text)
    if bool(ours()) != bool(theirs()):
        raise AssertionError("the two did not find the same")
    return _alternate(ours, theirs, bench.clock)


def _ripgrep(corpus: Corpus, flag: str, text: str) -> Callable[[], bytes]:
    program = shutil.which("rg", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if program is None:
        raise FileNotFoundError("rg is not installed")
    files = [str(path) for path in sorted(corpus.folder.iterdir())]
    command = [program, "--no-config", "-a", flag, "-N", "--no-heading", "-e", text, *files]
    return lambda: subprocess.run(command, check=False, capture_output=True).stdout


def _processor() -> float:
    """Seconds of processors that this process and the ended ones it started took."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _alternate(ours: Callable[[], object], theirs: Callable[[], object], clock: Clock) -> tuple[float, float]:
    """Medians of both, in seconds."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, run in zip(found, (ours, theirs), strict=True):
            began = clock()
            run()
            times.append(clock() - began)
    return statistics.median(found[0]), statistics.median(found[1])


def _warm(corpus: Corpus) -> None:
    """Everything is in the system's cache, for both."""
    for path in corpus.folder.iterdir():
        with path.open("rb") as stream:
            while stream.read(1 << 20):
                pass


def _corpus(folder: Path, size: int, segments: int) -> Corpus:
    if folder.is_dir():
        return Corpus(
            folder,
            sum(path.stat().st_size for path in folder.iterdir()),
            "00e2029a670222cb",
            "7C1QF2V5B57K1C9HGB2O1RVR4K000A2F",
        )
    return write_corpus(folder, size=size, segments=segments)


ROWS: dict[str, Callable[[Bench], list[Row]]] = {
    "find": _finding,
    "substring": _substring,
    "regex": _regex,
    "id": _id,
    "catalogue": _catalogue,
    "packed": _packed,
}


if __name__ == "__main__":
    sys.exit(main())
