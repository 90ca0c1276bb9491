"""A watching process for `bench_agent_watch`: watcher and catalogue as in the agent, told what to measure.

``python -m tests.bench.watch_once FOLDER DATA [--no-events] [--every SECONDS]``. On each line of standard
input it answers with a line of JSON: processor seconds, resident bytes, and, with ``--sights``, every file
that is in the catalogue as ``[path, size, seconds since 1970]``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

from agent.catalogue import open_catalogue
from agent.watch import FolderScan, NoHints, Watcher, file_events


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("folder", type=Path)
    words.add_argument("data", type=Path)
    words.add_argument("--no-events", action="store_true")
    words.add_argument("--sights", action="store_true")
    words.add_argument("--quiet", type=float, default=30.0, help="seconds until a file is closed")
    words.add_argument("--every", type=float, default=60.0)
    asked = words.parse_args()
    catalogue = open_catalogue(asked.data / "catalogue.db", quiet=asked.quiet)
    sights: list[tuple[str, int, float]] = []
    lock = threading.Lock()
    files = 0
    passes = 0
    waiting = 0

    def take(scan: FolderScan) -> float | None:
        nonlocal files, passes, waiting
        answer = catalogue.observe(scan).look_again
        if asked.sights:  # seen is what everybody can read of the catalogue
            now = time.time()
            with lock:
                sights.extend((file.path, file.size, now) for file in scan.files)
        files += len(scan.files)
        passes += 1
        waiting = max(waiting, watcher.waiting)
        return answer

    watcher = Watcher(
        [asked.folder],
        hints=NoHints("not wanted") if asked.no_events else file_events(),
        on_scan=take,
        every=asked.every,
        remembered=catalogue.directories,
    )
    watcher.start()
    for _line in sys.stdin:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        with lock:
            taken, sights[:] = list(sights), []
        document = {
            "cpu": time.process_time(),
            "rss": pages * os.sysconf("SC_PAGE_SIZE"),
            "passes": passes,
            "files": files,
            "waiting": waiting,
            "reason": watcher.reason,
            "sights": taken,
        }
        sys.stdout.write(json.dumps(document) + "\n")
        sys.stdout.flush()
    watcher.stop()
    catalogue.close()


if __name__ == "__main__":
    main()
