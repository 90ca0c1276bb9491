"""The demo from curtain to curtain, and the table it ends with."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from app.agentlink import Job, JobsAsk, JobState
from app.commands.demo.proof import SiteProof, complete, prove
from app.commands.demo.stage import Stage
from app.domain.errors import LocalError

SITE_BYTES = 1_500_000
SEGMENT_BYTES = 120_000
DESKTOP_RATE = 20_000
LONGEST_SECONDS = 300.0


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be opened here."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def run_demo(
    *, headless: bool, keep: Path | None, size: int = SITE_BYTES, console: Console | None = None
) -> None:
    """Run the demo; return when it has succeeded (and its window was closed).

    Args:
        headless: no window, even where there is a display.
        keep: a folder for everything the demo writes; a temporary one, removed at the end, when None.
        size: bytes each of the two sites logs.
        console: where to print.

    Raises:
        WorldError: what failed, and why.
    """
    out = console or Console()
    folder = _fresh(keep)
    _end_in_order_on_terminate()
    window = not headless and has_display(os.environ, sys.platform)
    try:
        with Stage(folder) as stage:
            _perform(stage, folder=folder, size=size, window=window, out=out)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _end_in_order_on_terminate() -> None:
    """SIGTERM ends the demo as Ctrl+C does: its programs are ended, its folder is removed."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


def _perform(stage: Stage, *, folder: Path, size: int, window: bool, out: Console) -> None:
    begin = time.monotonic()
    out.print("Starting the built-in portal and an agent …")
    stage.open()
    desktop = stage.desktop() if window else None
    out.print(f"Portal at {stage.url}; two sites begin to log.")
    writers = [stage.log(site, size=size, segment=SEGMENT_BYTES) for site in stage.sites]
    for writer in writers:
        writer.finish(seconds=LONGEST_SECONDS)
    out.print("Masking, bundling, sending …")
    jobs = _wait_until_sent(stage, until=begin + LONGEST_SECONDS)
    received = folder / "received"
    received.mkdir()
    proofs = [prove(site, jobs, client=stage.client, folder=received) for site in stage.sites]
    out.print(_table(proofs, seconds=time.monotonic() - begin))
    if desktop is not None:
        out.print("The desktop is open; close its window to end the demo.")
        stage.keep_logging(rate=DESKTOP_RATE, segment=SEGMENT_BYTES)
        desktop.finish(seconds=None)


def _wait_until_sent(stage: Stage, *, until: float) -> list[Job]:
    """Follow the agent's events until every closed segment is verified."""
    since = 0
    while True:
        jobs = stage.agent.jobs(JobsAsk(limit=500)).jobs
        if all(complete(site, jobs) for site in stage.sites):
            return jobs
        problem = next((job.problem for job in jobs if job.state is JobState.FAILED and job.problem), None)
        if problem is not None or time.monotonic() > until:
            reason = f"{problem.title}. {problem.happened}" if problem else "It took too long."
            raise LocalError(
                "The demo's logs did not arrive",
                happened=reason,
                todo="Run it again with --keep DIR and look into DIR/agent.",
                code="CF-1851",
            )
        since = stage.agent.events(since=since, timeout=1.0).last


def _table(proofs: list[SiteProof], *, seconds: float) -> Table:
    masked = sum((proof.masked for proof in proofs), Counter[str]())
    table = Table(title="Masked, sent, verified", title_justify="left")
    for name in ("Case", "Via"):
        table.add_column(name, no_wrap=True)
    for name in ("Bundles", "Files", "Raw", "Sent", "Masked"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Digest", no_wrap=True)
    for proof in proofs:
        table.add_row(
            proof.case,
            proof.via.upper(),
            str(proof.bundles),
            str(proof.files),
            decimal(proof.raw),
            decimal(proof.sent),
            str(proof.masked.total()),
            "verified",
        )
    kinds = ", ".join(f"{kind} {count}" for kind, count in masked.most_common())
    table.caption = (
        f"Masked by kind: {kinds}\nTime: {seconds:.1f} s. No personal value was found in what arrived."
    )
    table.caption_justify = "left"
    return table


def _fresh(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="caseferry-demo-"))
    try:
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = any(keep.iterdir())
    except OSError as error:
        raise LocalError(
            "The demo's folder cannot be used",
            happened=f"{keep}: {error.strerror or type(error).__name__}.",
            todo="Name a folder that you may write, or one that can be made.",
            code="CF-1853",
        ) from error
    if taken:
        raise LocalError(
            "The folder is not empty",
            happened=f"{keep} holds files already.",
            todo="Name a new or an empty folder.",
            code="CF-1852",
        )
    return keep.resolve()
