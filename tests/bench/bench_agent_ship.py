"""From a closed segment to a verified bundle, beside the slowest stage alone. ``./dev bench agent-ship``.

A real agent ships to a real portal on the loopback. Each stage is measured alone, as the agent does it, with
the same files, in rounds that alternate with the whole way; medians are compared. Masking has packing in it,
as what is masked is packed at once. In each round the beginning of every file also goes the way that people
go by hand (`tests.bench.ship_peer`). The stages of the whole way run at the same time, which needs processors
that are free: on a busy machine it says little. The agent has no limit of processor, as the stages alone have
none (`--cpu 100` is the one that it has by itself). In each round an agent is also told to end (SIGTERM)
while it reads the times of the logs and masks them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from app.agentlink import JobState
from app.bundle import BundleFacts, Sealer
from app.deflate import choose_deflate
from app.domain.files import SealedBundle
from app.masking import MaskedFile, PseudonymKey, load_rules, mask_file, open_engine, residual_check
from app.transfer import Journal, TusDestination, idempotency_key, send
from tests.bench.find_corpus import write_corpus
from tests.bench.ship_peer import NAME, ByHand, by_hand
from tests.peers.agent import AgentProcess, rule, write_config
from tests.peers.fixed_token import FixedToken
from tests.peers.portal import PortalProcess, agent_tokens, register_agent

MOST_TIMES = 1.2
MOST_TO_STOP_S = 5.0
LEAST_BESIDE_HAND = 5.0
CASE = "0003256109"
KEY = PseudonymKey(b"k" * 32)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage with the seconds it took in each round, and those of the processor that this side used."""

    name: str
    seconds: list[float]
    processor: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Of all rounds."""
        return statistics.median(self.seconds)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="./dev bench agent-ship", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--segments", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--by-hand-megabytes", type=int, default=32, help="of the logs, for sed | gzip | curl"
    )
    parser.add_argument("--volume", default="64MB")
    parser.add_argument(
        "--cpu", type=int, default=0, help="the agent's limit in percent of a processor; 0: none"
    )
    parser.add_argument("--folder", type=Path, help="where the logs are kept for the next run")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="caseferry-bench-") as scratch,
        PortalProcess(Path(scratch) / "portal") as portal,
    ):
        measured = measure(portal, Path(scratch), options)
    console = Console()
    missed = (
        report(measured, console=console),
        report_hand(measured, console=console),
        report_ends(measured.ends, console=console),
    )
    return max(missed)


@dataclass(frozen=True, slots=True)
class Measured:
    """Every stage alone, the whole way, how an agent ends in the middle of it, and the way by hand.

    Attributes:
        size: bytes of all logs.
        by_hand_size: bytes that went by hand; 0 where a program for it is missing.
    """

    size: int
    stages: Sequence[Stage]
    whole: Stage
    ends: Stage
    by_hand: Stage
    by_hand_size: int


def measure(portal: PortalProcess, scratch: Path, options: argparse.Namespace) -> Measured:
    """In rounds."""
    folder = options.folder or scratch / "corpus"
    if not folder.is_dir():
        write_corpus(folder, size=options.megabytes * 10**6, segments=options.segments)
    logs = sorted(path for path in folder.rglob("*") if path.is_file())
    with by_hand(scratch / "by-hand", logs, size=options.by_hand_megabytes * 10**6) as hand:
        return _rounds(portal, scratch, options, logs=logs, hand=hand)


def _rounds(
    portal: PortalProcess,
    scratch: Path,
    options: argparse.Namespace,
    *,
    logs: Sequence[Path],
    hand: ByHand | None,
) -> Measured:
    made = register_agent(portal)
    stages = [Stage("mask, pack and check", []), Stage("describe and seal", []), Stage("send and verify", [])]
    whole, ends, by_people = Stage("raw to verified", []), Stage("end in the middle", []), Stage(NAME, [])
    for number in range(options.rounds):
        place = scratch / f"round-{number}"
        place.mkdir()
        masked = _timed(stages[0], partial(_mask, logs, place, stamp=number))
        bundle = _timed(stages[1], partial(_seal, masked, place))
        _timed(stages[2], partial(_send, portal, bundle, place, made))
        seconds, used = _whole(portal, logs, place, made, volume=options.volume, cpu=options.cpu)
        whole.seconds.append(seconds)
        whole.processor.append(used)
        ends.seconds.append(_end_in_the_middle(portal, logs, place / "ends", made, volume=options.volume))
        shutil.rmtree(place)
        if hand is not None:
            by_people.seconds.append(hand.seconds())
    size = sum(path.stat().st_size for path in logs)
    return Measured(size, stages, whole, ends, by_people, 0 if hand is None else hand.size)


def report(measured: Measured, *, console: Console) -> int:
    """Print the table; 1 when the whole way misses its limit."""
    stages, whole, megabytes = measured.stages, measured.whole, measured.size / 1e6
    table = Table("stage", "median s", "MB/s", "CPU s", title=f"{megabytes:.0f} MB of logs, raw to verified")
    for stage in (*stages, whole):
        used = statistics.median(stage.processor)
        table.add_row(stage.name, f"{stage.median:.2f}", f"{megabytes / stage.median:.1f}", f"{used:.1f}")
    console.print(table)
    slowest = max(stages, key=lambda stage: stage.median)
    times = whole.median / slowest.median
    good = times <= MOST_TIMES
    console.print(
        f"the whole way beside its slowest stage ({slowest.name}): {times:.2f} x, at most {MOST_TIMES} x: "
        f"{'holds' if good else 'DOES NOT HOLD'}"
    )
    return 0 if good else 1


def report_hand(measured: Measured, *, console: Console) -> int:
    """Print how much faster the whole way is than the one by hand; 1 when it misses its limit."""
    if not measured.by_hand_size:
        console.print(f"{NAME}: not measured, one of these programs is missing")
        return 0
    size = measured.by_hand_size / 1e6
    rate = size / measured.by_hand.median
    times = measured.size / 1e6 / measured.whole.median / rate
    good = times >= LEAST_BESIDE_HAND
    console.print(
        f"the whole way beside {NAME} ({rate:.1f} MB/s on {size:.0f} MB): {times:.1f} x, "
        f"at least {LEAST_BESIDE_HAND:.0f} x: {'holds' if good else 'DOES NOT HOLD'}",
        highlight=False,
    )
    return 0 if good else 1


def report_ends(ends: Stage, *, console: Console) -> int:
    """Print how long the agent took to end, at most; 1 when it misses its limit."""
    longest = max(ends.seconds)
    good = longest <= MOST_TO_STOP_S
    console.print(
        f"the agent ends after SIGTERM while it reads times and masks, the longest of {len(ends.seconds)}: "
        f"{longest:.2f} s, at most {MOST_TO_STOP_S:.0f} s: {'holds' if good else 'DOES NOT HOLD'}"
    )
    return 0 if good else 1


def _timed(stage: Stage, work: Callable[[], T]) -> T:
    began, used = time.perf_counter(), time.process_time()
    made = work()
    stage.seconds.append(time.perf_counter() - began)
    stage.processor.append(time.process_time() - used)
    return made


def _mask(logs: Sequence[Path], place: Path, *, stamp: int) -> list[MaskedFile]:
    """Collecting's digest, masking into packed copies and their check, as the agent does them."""
    rules = load_rules()
    engine, check, deflate = open_engine(rules, KEY), residual_check(rules, KEY), choose_deflate()
    masked = []
    for number, path in enumerate(logs):
        with path.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")
        target = place / f"{number}.masked"
        name = f"round-{stamp}/{path.name}"
        masked.append(check.examine(mask_file(engine, path, target=target, name=name, deflate=deflate)))
    return masked


def _seal(masked: Sequence[MaskedFile], place: Path) -> SealedBundle:
    with Sealer(place / "bundle.zip", most_threads=2) as sealer:
        for file in masked:
            sealer.add(file)
        facts = BundleFacts(case=CASE, host="", created_by="bench")
        return sealer.seal(engine=open_engine(load_rules(), KEY), facts=facts)


def _send(portal: PortalProcess, bundle: SealedBundle, place: Path, made: dict[str, Any]) -> None:
    journal = Journal(place / "transfers.db")
    destination = TusDestination(
        f"{portal.url}/api/v1/uploads",
        ssl_context=ssl.create_default_context(cafile=str(portal.ca_file)),
        tokens=FixedToken(agent_tokens(portal, made).access),
        metadata={"case": CASE},
        state_url="state",
    )
    try:
        send(journal, bundle, destination, key=idempotency_key(CASE, bundle.sha256, place.name))
    finally:
        journal.close()


def _whole(
    portal: PortalProcess, logs: Sequence[Path], place: Path, made: dict[str, Any], *, volume: str, cpu: int
) -> tuple[float, float]:
    """Seconds from the job to its proof, and of the agent's processor; the segments are closed before."""
    with AgentProcess(_config(portal, logs, place, made, volume=volume, cpu=cpu)) as agent:
        jobs = agent.wait_until_shipped(len(logs), seconds=1800)
        seconds = (max(job.changed for job in jobs) - min(job.created for job in jobs)).total_seconds()
        assert agent.process is not None
        return seconds, _processor_of(agent.process.pid)


def _end_in_the_middle(
    portal: PortalProcess, logs: Sequence[Path], place: Path, made: dict[str, Any], *, volume: str
) -> float:
    """Seconds from the signal to the end of an agent that masks."""
    place.mkdir()
    with AgentProcess(_config(portal, logs, place, made, volume=volume)) as agent:
        agent.wait_for_states(JobState.MASKING)
        began = time.perf_counter()
        agent.stop()
        return time.perf_counter() - began


def _config(
    portal: PortalProcess,
    logs: Sequence[Path],
    place: Path,
    made: dict[str, Any],
    *,
    volume: str,
    cpu: int = 100,
) -> Path:
    """The configuration of an agent that sends these logs, which are closed segments in a folder of it."""
    folder = place / "logs"
    folder.mkdir()
    for number, path in enumerate(logs, start=1):
        target = folder / f"{path.stem}.log.{number}"
        try:
            os.link(path, target)
        except OSError:  # the logs lie on another disk
            shutil.copyfile(path, target)
    return write_config(
        place / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        rules=[rule(folder, case=CASE, name=place.name)],
        jobs={"volume": volume, "cpu": cpu},
    )


def _processor_of(process: int) -> float:
    """Processor seconds that another process has used; Linux only."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
