"""A share that does not answer any more: other folders are watched as ever, and nothing of it counts as gone.

The share is a file system in user space (Debian's `bindfs`) whose server is stopped and goes on later.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.catalogue import Catalogue, SegmentState, open_catalogue
from agent.watch import FolderScan, NoHints, Watcher
from tests.peers.agent import wait_for

_WHY = (
    ""
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("bindfs") and Path("/dev/fuse").exists()
    else "it needs Linux, root, /dev/fuse and Debian's bindfs"
)

pytestmark = [
    pytest.mark.root,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(_WHY), reason=f"NOT PROVEN HERE, a share that does not answer: {_WHY}"),
]


class Share:
    """A mount with a server that can be stopped."""

    def __init__(self, root: Path) -> None:
        self.behind, self.folder = root / "behind", root / "share"
        self.behind.mkdir()
        self.folder.mkdir()
        self._server = subprocess.Popen(["bindfs", "-f", str(self.behind), str(self.folder)])
        wait_for(self.folder.is_mount)

    def freeze(self) -> None:
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._server.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.thaw()
        subprocess.run(["umount", str(self.folder)], check=True)
        self._server.wait(30)


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    made = Share(tmp_path)
    yield made
    made.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    made = open_catalogue(tmp_path / "catalogue.db", quiet=30.0)
    yield made
    made.close()


def test_a_share_that_does_not_answer_keeps_no_other_folder_and_loses_nothing(
    share: Share, catalogue: Catalogue, tmp_path: Path
) -> None:
    local = tmp_path / "local"
    local.mkdir()
    (share.behind / "urs.log").write_bytes(b"10:15:02.118 one\n")
    seen: queue.Queue[FolderScan] = queue.Queue()
    later = [0.0]

    def took(scan: FolderScan) -> None:
        catalogue.observe(scan)
        seen.put(scan)

    def of(folder: Path, name: str) -> FolderScan:
        while True:
            scan = seen.get(timeout=60)
            if scan.folder == folder and any(file.path == name for file in scan.files):
                return scan

    watcher = Watcher(
        [share.folder, local],
        hints=NoHints("none"),
        on_scan=took,
        every=0.2,
        clock=lambda: time.monotonic() + later[0],
        awake=time.monotonic,
        share=lambda _folder: False,
    )
    watcher.start()
    try:
        of(share.folder, "urs.log")
        share.freeze()
        (local / "sips.log").write_bytes(b"10:15:02.118 two\n")
        of(local, "sips.log")
        later[0] = 60.0
        (local / "later.log").write_bytes(b"10:15:02.118 three\n")
        of(local, "later.log")
        assert (wait_for(lambda: watcher.silent(share.folder)) or 0) >= 30
        assert {one.path: one.state for one in catalogue.segments()}["urs.log"] is SegmentState.GROWING
        share.thaw()
        (share.behind / "after.log").write_bytes(b"10:15:02.118 four\n")
        of(share.folder, "after.log")
        assert watcher.silent(share.folder) is None
    finally:
        share.thaw()
        watcher.stop()
