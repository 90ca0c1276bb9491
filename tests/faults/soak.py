"""Writers that rotate at 10 MB/s, a whole agent that is killed now and then, a portal, and the sum.

``./dev test soak [agent] [SECONDS]`` (3600 by default). Every line has a number. What arrives at the portal
is fetched and opened as it comes; at the end each writer's numbers must be there from first to last, once.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.domain.errors import WorldError
from tests.peers.agent import AgentProcess, rule, write_config
from tests.peers.portal import PortalProcess, register_agent
from tests.peers.rotating_writers import KEEP, LINE, WRITERS, Writer
from tests.peers.unpacking import members_of

KILL_EVERY = (15.0, 45.0)
"""Seconds between two kills."""
_CASE = "0003256109"
_NUMBERED = re.compile(rb"^(app[0-9]+) n([0-9]+) (x+)$", re.MULTILINE)
_LOOK_EVERY = 5.0
_CATCH_UP = 300.0
"""Seconds without a new bundle after which what is missing counts as lost."""

Run = tuple[int, int]


class Arrivals:
    """What has arrived at the portal, as runs of numbers by writer; every file is fetched once."""

    def __init__(self, portal: PortalProcess) -> None:
        self._portal = portal
        self._seen: set[str] = set()
        self.runs: dict[str, list[Run]] = {}
        self.bundles = 0

    def look(self) -> None:
        """Fetch what is new."""
        with self._portal.session("Nadia") as session:
            cursor = ""
            while True:
                given = {"cursor": cursor} if cursor else None
                page = session.get(f"/cases/{_CASE}/files", params=given).json()
                for file in page["items"]:
                    if file["sent_by"] == "sip-t01" and file["id"] not in self._seen:
                        content = session.get(f"/cases/{_CASE}/files/{file['id']}/content").content
                        self._seen.add(file["id"])
                        self._take(content)
                cursor = page["next_cursor"] or ""
                if not cursor:
                    return

    def missing(self, counts: dict[str, int]) -> int:
        """Lines that have not arrived yet, as far as counting tells."""
        there = sum(last - first + 1 for runs in self.runs.values() for first, last in runs)
        return sum(counts.values()) - there

    def verdict(self, counts: dict[str, int]) -> list[str]:
        """What is wrong, for people; empty when every number of every writer has arrived once."""
        wrong: list[str] = []
        for writer, count in counts.items():
            expected = 0
            for first, last in sorted(self.runs.get(writer, [])):
                if first > expected:
                    wrong.append(f"{writer}: {first - expected} lines LOST before {first}")
                elif first < expected:
                    wrong.append(f"{writer}: {min(expected, last + 1) - first} lines TWICE from {first}")
                expected = max(expected, last + 1)
            if expected != count:
                wrong.append(f"{writer}: {count - expected} lines LOST at the end")
        return wrong

    def _take(self, bundle: bytes) -> None:
        self.bundles += 1
        for name, content in members_of(bundle).items():
            if name == "manifest.json":
                continue
            text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
            for writer, run in runs_of(text):
                self.runs.setdefault(writer, []).append(run)


def runs_of(text: bytes) -> list[tuple[str, Run]]:
    """The whole numbered lines of a text, as runs of numbers that follow one another."""
    found: list[tuple[str, Run]] = []
    for match in _NUMBERED.finditer(text):
        if len(match[0]) != LINE - 1:
            continue  # the beginning of a line whose end came with the next range
        writer, number = match[1].decode(), int(match[2])
        if found and found[-1][0] == writer and found[-1][1][1] == number - 1:
            found[-1] = (writer, (found[-1][1][0], number))
        else:
            found.append((writer, (number, number)))
    return found


def resident(agent: AgentProcess) -> float:
    """Resident megabytes of its process; 0 when it is not there."""
    assert agent.process is not None
    try:
        text = Path(f"/proc/{agent.process.pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1000 if found else 0.0


def main(seconds: float) -> None:
    """Write, kill, fetch, and tell.

    Args:
        seconds: for which logs are written.
    """
    seed = int(time.time())
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="soak-agent-") as root, PortalProcess(Path(root, "p")) as portal:
        folder = Path(root) / "logs"
        folder.mkdir()
        made = register_agent(portal)
        config = write_config(
            Path(root) / "agent",
            url=portal.url,
            ca_file=portal.ca_file,
            client_id=made["client_id"],
            client_secret=made["client_secret"],
            rules=[rule(folder, case=_CASE)],
            agent={"quiet": "3s", "scan": "60s"},
        )
        arrivals = Arrivals(portal)
        until = time.monotonic() + seconds
        data = config.parent / "data"
        writers = [Writer(folder, number, until, data=data) for number in range(WRITERS)]
        memory, kills = 0.0, 0
        with AgentProcess(config) as agent:
            for writer in writers:
                writer.start()
            next_kill = time.monotonic() + chance.uniform(*KILL_EVERY)
            next_look = time.monotonic() + _LOOK_EVERY
            while any(writer.is_alive() for writer in writers):
                time.sleep(0.5)  # nothing is waited for: the soak lasts as long as it was told to
                memory = max(memory, resident(agent))
                if time.monotonic() >= next_look:
                    arrivals.look()
                    next_look = time.monotonic() + _LOOK_EVERY
                if time.monotonic() >= next_kill:
                    agent.kill()
                    agent.start()
                    kills += 1
                    next_kill = time.monotonic() + chance.uniform(*KILL_EVERY)
            for writer in writers:
                writer.end()
            written = sum(writer.written for writer in writers)
            counts = {writer.label: writer.number for writer in writers}
            bundles, moved = arrivals.bundles, time.monotonic()
            while arrivals.missing(counts) > 0 and time.monotonic() < moved + _CATCH_UP:
                time.sleep(1.0)  # the portal is asked, which tells nobody by itself
                if arrivals.bundles != bundles:
                    bundles, moved = arrivals.bundles, time.monotonic()
                try:
                    agent.retry_what_stands()
                except WorldError:
                    continue  # it is busy; the next round asks again
                arrivals.look()
            agent.client.events(0, timeout=3.0)
            arrivals.look()  # what came twice comes late
            jobs = agent.client.status().jobs
    wrong = arrivals.verdict(counts) + [writer.stuck for writer in writers if writer.stuck]
    table = Table("soak of the whole agent", "")
    table.add_row("seconds", f"{seconds:.0f}")
    table.add_row("written", f"{written / 1e6:.0f} MB, {written / seconds / 1e6:.1f} MB/s, {KEEP} logs kept")
    table.add_row("lines", str(sum(counts.values())))
    table.add_row("logs moved away or emptied", str(sum(writer.destroyed for writer in writers)))
    table.add_row("bundles", str(arrivals.bundles))
    table.add_row("jobs", ", ".join(f"{count} {state}" for state, count in sorted(jobs.items())))
    table.add_row("kills", str(kills))
    table.add_row("memory of the agent, at most", f"{memory:.0f} MB")
    table.add_row("wrong", "\n".join(wrong[:20]) or "nothing lost, nothing twice")
    Console().print(table)
    if wrong:
        sys.exit(f"soak: failed (seed {seed})")


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("seconds", type=float, nargs="?", default=3600.0)
    main(words.parse_args().seconds)
