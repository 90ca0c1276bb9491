"""Any schedule of a site, of kills, of full disks and of power cuts: what was there at a look arrives once.

The agent's own state lies on a disk whose power can be cut and that can be filled. ``CASEFERRY_KILLS=12``
tries sixty schedules.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain.errors import LocalError
from tests.peers.power import PowerDisk
from tests.peers.rotating_site import RotatingSite, own_lines
from tests.peers.shipping_line import QUIET, ShippingLine

EXAMPLES = 5 * int(os.environ.get("CASEFERRY_KILLS", "1"))
SITE = ("append", "rename", "copytruncate", "truncate", "delete", "recreate")
ACTS = (*SITE, "settle", "look", "kill", "ENOSPC", "cut", *(f"{act} behind a look" for act in SITE))

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount"),
]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerDisk]:
    made = PowerDisk.made(tmp_path_factory.mktemp("power"))
    if made is None:
        pytest.skip("NOT PROVEN HERE: loop devices are not allowed, so no power is cut and no disk is filled")
    yield made
    made.away()


class Schedule:
    """One site and one agent, act by act.

    Attributes:
        written: every line that was ever written.
        safe: lines that were there before a look and behind it.
        destroyed: lines that the site destroyed before that: nothing could have kept them.
        refused: looks that the full disk has refused.
    """

    def __init__(self, disk: PowerDisk, folder: Path, data: Path) -> None:
        self.disk = disk
        self.line = ShippingLine(folder, data)
        self.site = RotatingSite(folder, pause=self.line.settle, kill=self.line.kill, start=self.line.start)
        self.written: set[str] = set()
        self.safe: set[str] = set()
        self.destroyed: set[str] = set()
        self.refused = 0

    def do(self, act: str) -> None:
        name, _, behind = act.partition(" behind")
        if behind:
            self.line.look(between=lambda: self.do(name))
            return
        doing: dict[str, Callable[[], None]] = {
            "settle": lambda: self._seen(self.line.settle),
            "look": lambda: self._seen(self.line.look),
            "kill": self.site.restart,
            "ENOSPC": self._fill,
            "cut": self._cut,
        }
        if name in doing:
            doing[name]()
        elif name == "append" or self.site.path().exists():
            self._site(name)
        elif name == "recreate":
            self._append(3)

    def finish(self) -> None:
        if self.site.path().exists():
            self.site.shift(keep=99)
        self.line.settle()
        self.line.settle()

    def _seen(self, look: Callable[[], None]) -> None:
        before = self._there()
        look()
        self.safe |= before

    def _append(self, count: int) -> None:
        self.written |= set(self.site.write(count=count))

    def _site(self, name: str) -> None:
        if name == "append":
            self._append(7)
        elif name == "rename":
            self.site.shift(keep=99)
        elif name == "copytruncate":
            self.site.copytruncate(keep=99)
        else:
            going = own_lines(self.site.path().read_bytes())
            if name == "truncate":
                self.site.cut()
            else:
                self.site.delete("a.log")
            if name == "recreate":
                self._append(3)
            self.destroyed |= set(going) - self._there() - self.safe - set(self.line.lines())

    def _there(self) -> set[str]:
        logs = [path for path in self.line.folder.iterdir() if path.is_file()]
        return {line for path in logs for line in own_lines(path.read_bytes())}

    def _fill(self) -> None:
        """The disk of the agent's state is full for two looks."""
        ballast = self.disk.place / "ballast"
        for _ in range(2):
            self._fill_up(ballast)
            try:
                self.line.look(after=QUIET + 1.0)
            except LocalError:
                self.refused += 1
                self.line.tree.forget([""])  # as the watcher does: what was not kept is handed on again
        ballast.unlink()
        descriptor = os.open(self.disk.place, os.O_RDONLY)
        os.fsync(descriptor)  # a cut must not bring it back
        os.close(descriptor)

    @staticmethod
    def _fill_up(ballast: Path) -> None:
        """Until nothing goes, not even a small piece: root may use the held back blocks, too."""
        with ballast.open("ab", buffering=0) as stream:
            with contextlib.suppress(OSError):
                while stream.write(bytes(1 << 20)):
                    pass
            with contextlib.suppress(OSError):
                while stream.write(bytes(1 << 12)):
                    os.fsync(stream.fileno())  # what is only promised may go to another file

    def _cut(self) -> None:
        self.disk.cut()
        self.line.kill()
        self.disk.restore()
        self.line.start()


@pytest.fixture
def schedule(disk: PowerDisk, tmp_path: Path) -> Iterator[Schedule]:
    with scheduled(disk, tmp_path) as made:
        yield made


@contextlib.contextmanager
def scheduled(disk: PowerDisk, folder: Path) -> Iterator[Schedule]:
    """One schedule; its state lies on the disk."""
    (folder / "logs").mkdir()
    data = disk.place / folder.name
    data.mkdir()
    made = Schedule(disk, folder / "logs", data)
    try:
        yield made
    finally:
        made.line.kill()
        shutil.rmtree(data)


def test_a_full_disk_refuses_what_a_look_has_found(schedule: Schedule) -> None:
    for act in ("append", "rename", "settle", "append", "rename", "append", "rename", "ENOSPC"):
        schedule.do(act)
    assert schedule.refused


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), min_size=4, max_size=20))
@example(
    acts=["append", "rename", "settle", "cut", "append", "ENOSPC", "rename", "ENOSPC", "kill", "recreate"]
)
@example(acts=["append", "look", "truncate", "append", "look", "cut", "delete", "append", "kill", "recreate"])
@example(acts=["append", "look", "copytruncate", "ENOSPC", "cut", "append", "truncate", "append", "delete"])
def test_whatever_the_site_does_and_whatever_fails_what_a_look_saw_is_sent_once(
    disk: PowerDisk, tmp_path_factory: pytest.TempPathFactory, acts: list[str]
) -> None:
    with scheduled(disk, tmp_path_factory.mktemp("site")) as schedule:
        for act in acts:
            schedule.do(act)
        schedule.finish()
    arrived = Counter(schedule.line.lines())
    assert [line for line, count in arrived.items() if count > 1] == []
    assert sorted(schedule.written - schedule.destroyed - set(arrived)) == []
    assert set(arrived) <= schedule.written
