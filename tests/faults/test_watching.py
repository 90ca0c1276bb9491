"""What the machine does to the watcher: no handles, no rights, a full disk, mounts that go, come, or hang."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.watch import FolderScan, Listing, NoHints, Watcher, list_directory
from app.domain.errors import LocalError
from tests.peers.rotating_site import RotatingSite
from tests.peers.shipping_line import ShippingLine, line

__all__ = ["line"]

root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs root, to mount and to become somebody else"
)


@pytest.fixture
def site(line: ShippingLine) -> RotatingSite:
    made = RotatingSite(line.folder, pause=line.settle, kill=line.kill, start=line.start)
    for _ in range(3):
        made.write("sip/a.log")
        made.shift(name="sip/a.log")
        made.pause()
    made.write("sip/a.log")
    return made


def states(line: ShippingLine) -> set[str]:
    return {segment.state.value for segment in line.catalogue.segments()}


def nothing_lost_nothing_twice(site: RotatingSite, line: ShippingLine) -> None:
    site.end()
    assert site.verdict(line.lines()) == ([], [], [])


@contextmanager
def mounted(*words: str) -> Iterator[None]:
    done = subprocess.run(["mount", *words], check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("mounts are not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", words[-1]], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_no_handle_left_makes_nothing_deleted_and_nothing_sent_again(
    line: ShippingLine, site: RotatingSite
) -> None:
    import resource

    line.tree.forget(["", "sip"])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    first_free = os.dup(0)
    os.close(first_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, hard))
    try:
        (scan, *_) = line.tree.full()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert not scan.readable
    line.catalogue.observe(scan)
    assert states(line) == {"unknown"}
    nothing_lost_nothing_twice(site, line)


@root
@pytest.mark.root
def test_rights_that_are_taken_away_and_given_again_change_nothing(
    line: ShippingLine, site: RotatingSite, tmp_path: Path
) -> None:
    for folder in (line.folder, *line.folder.parents):
        if folder.stat().st_uid == 0 and str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    (line.folder / "sip").chmod(0)
    os.seteuid(65534)
    try:
        scans = list(line.tree.full())
    finally:
        os.seteuid(0)
    for scan in scans:
        line.catalogue.observe(scan)
    assert states(line) == {"unknown"}
    (line.folder / "sip").chmod(0o755)
    nothing_lost_nothing_twice(site, line)


@root
@pytest.mark.root
def test_a_share_that_is_unmounted_is_unknown_and_known_again_under_other_ids(
    tmp_path: Path,
) -> None:
    folder, kept = tmp_path / "logs", tmp_path / "kept"
    folder.mkdir()
    line = ShippingLine(folder, tmp_path / "data")
    site = RotatingSite(folder, pause=line.settle, kill=line.kill, start=line.start)
    with mounted("-t", "tmpfs", "tmpfs", str(folder)):
        for _ in range(3):
            site.write()
            site.shift()
            site.pause()
        shutil.copytree(folder, kept)
    line.settle()
    assert states(line) == {"unknown"}
    with mounted("-t", "tmpfs", "-o", "size=9m", "tmpfs", str(folder)):
        for number in range(40):
            (folder / f"ballast{number}").touch()  # so that file ids are others
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        for number in range(40):
            (folder / f"ballast{number}").unlink()
        nothing_lost_nothing_twice(site, line)
    line.kill()


@root
@pytest.mark.root
def test_a_full_disk_of_our_own_is_waited_for_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    folder = tmp_path / "logs"
    folder.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(data)):
        line = ShippingLine(folder, data)
        refused = 0

        def look() -> None:
            nonlocal refused
            for _ in range(3):
                try:
                    line.look(after=6.0)
                except LocalError:
                    refused += 1
                    line.tree.forget([""])

        site = RotatingSite(folder, pause=look, kill=line.kill, start=line.start)
        site.write()
        site.shift()
        site.pause()
        ballast = data / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(data).free))
        for _ in range(12):
            site.write()
            site.shift(keep=20)
            look()
        assert refused
        ballast.unlink()
        nothing_lost_nothing_twice(site, line)
        line.kill()


class Passes:
    """Scans as they are handed on."""

    def __init__(self) -> None:
        self.seen: queue.Queue[FolderScan] = queue.Queue()

    def __call__(self, scan: FolderScan) -> float | None:
        self.seen.put(scan)
        return None

    def wait_for_a_file(self) -> FolderScan:
        while not (scan := self.seen.get(timeout=120)).files:
            pass
        return scan


def test_a_share_that_hangs_keeps_no_other_folder_waiting_and_is_told(tmp_path: Path) -> None:
    hanging, other = tmp_path / "share", tmp_path / "local"
    hanging.mkdir()
    other.mkdir()
    thaw = threading.Event()
    entered = threading.Event()
    ahead = [0.0]

    def lister(path: str) -> Listing:
        if path == str(hanging):
            entered.set()
            thaw.wait(120)
        return list_directory(path)

    passes = Passes()
    watcher = Watcher(
        [hanging, other],
        hints=NoHints("none"),
        on_scan=passes,
        every=0.05,
        lister=lister,
        clock=lambda: time.monotonic() + ahead[0],
        share=lambda _folder: False,
    )
    watcher.start()
    try:
        assert entered.wait(120)
        (other / "a.log").write_bytes(b"x")
        ahead[0] += 60.0
        watcher.hint(other)
        assert passes.wait_for_a_file().folder == other
        assert (watcher.silent(hanging) or 0.0) >= 60.0
        assert watcher.silent(other) is None
    finally:
        thaw.set()
        watcher.stop()


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_step_of_the_clock_brings_a_look_at_everything(tmp_path: Path, step: float) -> None:
    old = tmp_path / "old.log"
    old.write_bytes(b"x")
    os.utime(old, (1, 1))
    wall = [1.8e9]
    passes = Passes()
    monotonic = [1000.0]
    watcher = Watcher(
        [tmp_path],
        hints=NoHints("none"),
        on_scan=passes,
        every=3600.0,
        clock=lambda: monotonic[0],
        wall=lambda: wall[0],
        share=lambda _folder: False,
    )
    watcher.start()
    try:
        passes.wait_for_a_file()
        with old.open("ab") as stream:
            stream.write(b"more")
        monotonic[0] += 4.0
        wall[0] += 4.0 + step
        watcher.hint(tmp_path, "elsewhere")
        assert passes.wait_for_a_file().files[0].size == 5
    finally:
        watcher.stop()
