"""``python -m app.sandbox.sitelogs``: write made-up logs until told to stop.

Prints one JSON line when it has begun (``{"event": "ready", …}``) and one when it is done. SIGTERM and
SIGINT end
it in order: segments and truth are whole. Exit code 2 for wrong options.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

from app.sandbox.sitelogs.site import Site
from app.sandbox.sitelogs.writer import SiteWriter


def main(arguments: list[str] | None = None) -> int:
    """Run the generator; returns the exit code."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), end)
    options.out.mkdir(parents=True, exist_ok=True)
    start = options.start or datetime.now()  # noqa: DTZ005
    site = Site(seed=options.seed, start=start)
    with contextlib.ExitStack() as open_files:
        truth, stays = (
            open_files.enter_context(path.open("w", encoding="utf-8")) if path else None
            for path in (options.truth, options.stays)
        )
        writer = SiteWriter(
            options.out,
            site.applications.values(),
            segment_bytes=options.segment_bytes,
            truth=truth,
            stays=stays,
        )
        open_files.callback(writer.close)
        _say(
            {
                "event": "ready",
                "out": str(options.out),
                "seed": options.seed,
                "applications": list(site.applications),
            }
        )
        _run(site, writer, options, stop)
        writer.flush()
    _say({"event": "done", "bytes": writer.written})
    return 0


def _run(site: Site, writer: SiteWriter, options: argparse.Namespace, stop: threading.Event) -> None:
    clock = None if options.start else datetime.now
    began = time.monotonic()
    for entry in site.entries(clock):
        writer.write(entry)
        elapsed = time.monotonic() - began
        if stop.is_set() or (options.bytes and writer.written >= options.bytes):
            return
        if options.seconds and elapsed >= options.seconds:
            return
        ahead = writer.written / options.rate - elapsed if options.rate else 0.0
        if ahead > 0.02:
            writer.flush()
            left = options.seconds - elapsed if options.seconds else ahead
            stop.wait(min(ahead, max(left, 0.0)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.sandbox.sitelogs", description="Write made-up site logs."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the segments")
    parser.add_argument("--seed", type=int, required=True, help="the same seed and start give the same logs")
    parser.add_argument(
        "--start", type=datetime.fromisoformat, help="local time of the first event; default now"
    )
    parser.add_argument(
        "--rate", type=_positive, default=0, help="bytes per second; default as fast as possible"
    )
    parser.add_argument(
        "--segment-bytes", type=_positive, default=2_000_000, help="size at which a segment is full"
    )
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after so many seconds")
    parser.add_argument("--bytes", type=_positive, default=0, help="stop after so many bytes")
    parser.add_argument("--truth", type=Path, help="file for every personal value and its place, JSON lines")
    parser.add_argument("--stays", type=Path, help="the same for values that must stay readable")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def _say(event: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
