"""Memory of a real agent process at rest and at work. ``./dev bench agent-memory [--megabytes N]``. Linux.

The agent has rules, watches folders and is known to a real portal; then it ships a job. *Rss* is what the
promise is about, and what each row is judged by: it counts program code and libraries that are in use as
well, which *Pss* shares out among those that have them loaded; *own* is what is in no file. At rest an agent
lets go of code that it does not use (`agent.service.mappings`), so that Rss is what the rest needs; *own* is
what it would be without any code. It fails when a figure misses its promise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.agentlink import JobState
from tests.peers.agent import AgentProcess, Site, rule
from tests.peers.portal import PortalProcess, register_agent
from tests.peers.shipping import OPEN, configure

_REST_S = 15.0
"""Long enough for the first pass, the first word with the portal, and for what is given back."""
_SAMPLE_S = 0.05
_AT_REST_MB = 60.0
_AT_WORK_MB = 150.0
_RULES = 5


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, in bytes."""

    rss: int
    pss: int
    own: int = 0


def memory_of(process: int) -> Memory:
    """As the kernel counts it now."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    kilobytes = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    return Memory(rss=kilobytes["Rss"] * 1024, pss=kilobytes["Pss"] * 1024, own=kilobytes["Anonymous"] * 1024)


class Peak:
    """``with Peak(process) as peak``: the most it had meanwhile; Rss by the kernel, Pss by looks at it."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._pss = 0
        self._own = 0

    def __enter__(self) -> Peak:
        Path(f"/proc/{self._process}/clear_refs").write_text("5", encoding="ascii")
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def most(self) -> Memory:
        status = Path(f"/proc/{self._process}/status").read_text(encoding="ascii").splitlines()
        peak = next(line for line in status if line.startswith("VmHWM:"))
        return Memory(rss=int(peak.split()[1]) * 1024, pss=self._pss, own=self._own)

    def _look(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            now = memory_of(self._process)
            self._pss, self._own = max(self._pss, now.pss), max(self._own, now.own)


def write_segment(site: Site, size: int, *, aside: Path) -> Path:
    """A segment of at least `size` bytes that nobody watches yet, each line with a telephone number."""
    elsewhere = Site(aside, application=site.application)
    while not elsewhere.live.exists() or elsewhere.live.stat().st_size < size:
        elsewhere.append(elsewhere.lines(20_000))
    return elsewhere.live


def measure(folder: Path, *, megabytes: int) -> list[tuple[str, Memory, float]]:
    """Each figure with its promise in MB."""
    sites = [Site(folder / "logs" / f"site{number}", application="sips_a") for number in range(_RULES)]
    segment = write_segment(sites[0], megabytes * 10**6, aside=folder / "aside")
    with PortalProcess(folder / "portal") as portal:
        rules = [rule(site.folder, case=OPEN, name=f"rule{number}") for number, site in enumerate(sites)]
        config = configure(portal, register_agent(portal), folder / "agent", *rules)
        agent = AgentProcess(config)
        agent.start()
        try:
            assert agent.process is not None
            number = agent.process.pid
            time.sleep(_REST_S)
            rest = memory_of(number)
            with Peak(number) as peak:
                segment.rename(sites[0].folder / f"{segment.name}.1")
                agent.wait_for_states(JobState.VERIFIED, seconds=300.0)
                work = peak.most
            time.sleep(_REST_S)
            after = memory_of(number)
        finally:
            agent.kill()  # it may still read the segment's times; how it ends is not measured
    return [
        ("agent at rest, memory", rest, _AT_REST_MB),
        (f"agent at work, memory (a job of {megabytes} MB, its peak)", work, _AT_WORK_MB),
        (f"agent {_REST_S:.0f} s after that job, its lines still being read, memory", after, _AT_WORK_MB),
    ]


def main() -> int:
    """Measure, print, judge."""
    words = argparse.ArgumentParser(prog="./dev bench agent-memory", description=__doc__)
    words.add_argument("--megabytes", type=int, default=64)
    asked = words.parse_args()
    if sys.platform != "linux":
        sys.exit("agent-memory: the figures are those of Linux")
    with tempfile.TemporaryDirectory(prefix="bench-agent-") as folder:
        figures = measure(Path(folder), megabytes=asked.megabytes)
    table = Table("measure", "Rss (judged)", "Pss", "own", "at most")
    for name, memory, most in figures:
        table.add_row(
            name,
            f"{memory.rss / 1e6:.1f} MB",
            f"{memory.pss / 1e6:.1f} MB",
            f"{memory.own / 1e6:.1f} MB",
            f"{most:g} MB",
        )
    Console().print(table)
    missed = [name for name, memory, most in figures if memory.rss / 1e6 > most]
    if missed:
        print(f"agent-memory: missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
