"""Whether hints come, and what is said when they do not."""

from __future__ import annotations

import errno
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.watch import HintSource, NoHints, OnHint, file_events, is_share, proven_hints
from agent.watch.observed import prompt_batch
from agent.watch.proving import CheckedHints, forget_trials

linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is of Linux")


class Heard:
    """Hints as they come."""

    def __init__(self) -> None:
        self.queue: queue.Queue[str | None] = queue.Queue()

    def __call__(self, _folder: Path, relative: str | None) -> None:
        self.queue.put(relative)

    def wait_for(self, relative: str | None) -> None:
        while self.queue.get(timeout=120) != relative:
            pass

    def clear(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()


def arm(hints: HintSource, root: Path, relative: str = "") -> None:
    found = (root / relative).stat()
    hints.arm(root, relative, (found.st_dev, found.st_ino))


def test_hints_name_the_directory(tmp_path: Path) -> None:
    (tmp_path / "sip").mkdir()
    heard = Heard()
    hints = file_events()
    hints.start(heard)
    try:
        arm(hints, tmp_path)
        arm(hints, tmp_path, "sip")
        (tmp_path / "sip" / "a.log").write_bytes(b"x")
        heard.wait_for("sip")
    finally:
        hints.stop()


@linux
def test_looking_makes_no_hint(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x")
    heard = Heard()
    hints = file_events()
    hints.start(heard)
    try:
        arm(hints, tmp_path)
        (tmp_path / "a.log").read_bytes()
        list(tmp_path.iterdir())
        (tmp_path / "b.log").touch()
        heard.wait_for("")
        assert heard.queue.qsize() <= 1
    finally:
        hints.stop()


@linux
def test_a_renamed_directory_makes_no_hints_under_its_old_name(tmp_path: Path) -> None:
    (tmp_path / "sip").mkdir()
    heard = Heard()
    hints = file_events()
    hints.start(heard)
    try:
        arm(hints, tmp_path)
        arm(hints, tmp_path, "sip")
        (tmp_path / "sip").rename(tmp_path / "urs")
        heard.wait_for("")
        arm(hints, tmp_path, "urs")
        (tmp_path / "urs" / "a.log").write_bytes(b"x")
        heard.wait_for("urs")
        heard.clear()
        (tmp_path / "urs" / "b.log").write_bytes(b"x")
        heard.wait_for("urs")
        assert "sip" not in heard.queue.queue
    finally:
        hints.stop()


@linux
def test_a_renamed_directory_that_was_armed_before_its_renaming_is_told_makes_hints_under_its_new_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.watch.folding import FoldingReader

    listed = threading.Event()
    read = FoldingReader.read_events

    def late(self: FoldingReader, **options: int) -> object:
        listed.wait(120)
        return read(self, **options)

    monkeypatch.setattr(FoldingReader, "read_events", late)
    (tmp_path / "sip" / "old").mkdir(parents=True)
    heard = Heard()
    hints = file_events()
    hints.start(heard)
    try:
        for relative in ("", "sip", "sip/old"):
            arm(hints, tmp_path, relative)
        (tmp_path / "sip").rename(tmp_path / "urs")
        for relative in ("urs", "urs/old"):
            arm(hints, tmp_path, relative)
        (tmp_path / "last").mkdir()
        arm(hints, tmp_path, "last")
        (tmp_path / "last" / "a.log").touch()
        listed.set()
        heard.wait_for("last")
        heard.clear()
        for relative in ("urs", "urs/old"):
            (tmp_path / relative / "a.log").touch()
            heard.wait_for(relative)
        assert not {"sip", "sip/old"} & set(heard.queue.queue)
    finally:
        listed.set()
        hints.stop()


@linux
def test_a_watched_folder_that_is_a_link_makes_hints(tmp_path: Path) -> None:
    (tmp_path / "logs" / "sip").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "logs")
    heard = Heard()
    hints = file_events()
    hints.start(heard)
    try:
        arm(hints, link)
        arm(hints, link, "sip")
        (tmp_path / "logs" / "a.log").touch()
        heard.wait_for("")
        (tmp_path / "logs" / "sip" / "a.log").touch()
        heard.wait_for("sip")
    finally:
        hints.stop()


@linux
def test_lost_events_are_a_hint_for_everything(
    tmp_path: Path, expected_logs: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.watch.folding import FoldingReader

    expected_logs("watchdog")
    full = threading.Event()
    read = FoldingReader.read_events

    def late(self: FoldingReader, **options: int) -> object:
        full.wait(120)
        return read(self, **options)

    monkeypatch.setattr(FoldingReader, "read_events", late)
    heard = Heard()
    hints = file_events()
    hints.start(heard)
    try:
        arm(hints, tmp_path)
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        here, there = str(tmp_path / "a.log"), str(tmp_path / "b.log")
        (tmp_path / "a.log").touch()
        for _ in range(limit // 4 + 10):
            os.rename(here, there)  # noqa: PTH104 - thousands
            os.rename(there, here)  # noqa: PTH104
        full.set()
        heard.wait_for(None)
    finally:
        full.set()
        hints.stop()


_LIMITED = """
import pathlib, sys
from agent.watch import file_events
root = pathlib.Path(sys.argv[1])
hints = file_events()
hints.start(lambda folder, relative: None)
for relative in ["", *map(str, range(30))]:
    found = (root / relative).stat()
    hints.arm(root, relative, (found.st_dev, found.st_ino))
print(hints.reason)
hints.stop()
"""


@linux
@pytest.mark.root
def test_watches_that_run_out_are_counted_and_said(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).mkdir()
    limit = 'echo 10 > /proc/sys/user/max_inotify_watches; exec "$@"'
    done = subprocess.run(
        ["unshare", "-Ur", "sh", "-c", limit, "sh", sys.executable, "-c", _LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and "unshare" in done.stderr:
        pytest.skip("user namespaces are not allowed here")
    assert done.stderr == ""
    assert "No file events for 21 folders" in done.stdout
    assert "max_user_watches" in done.stdout


def test_hints_are_tried_out_before_they_are_trusted(tmp_path: Path) -> None:
    hints = proven_hints(tmp_path)
    assert not isinstance(hints, NoHints)
    assert hints.reason == ""
    assert list(tmp_path.iterdir()) == []


class Told:
    """Hints by hand."""

    def __init__(self) -> None:
        self.reason = ""
        self.armed: list[Path] = []
        self.tell: OnHint = lambda _folder, _relative: None

    def start(self, on_hint: OnHint) -> None:
        self.tell = on_hint

    def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
        self.armed.append(folder)

    def disarm(self, folder: Path) -> None:
        """Nothing happens."""

    def check(self) -> None:
        """Nothing happens."""

    def stop(self) -> None:
        """Nothing happens."""


def test_what_a_killed_agent_left_of_its_trials_is_taken_away(tmp_path: Path) -> None:
    CheckedHints(Told(), tmp_path).start(Heard())  # and is never stopped
    (tmp_path / "spool").mkdir()
    forget_trials(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["spool"]


def test_hints_that_stop_coming_are_noticed_and_so_is_that_they_come_again(tmp_path: Path) -> None:
    now = [100.0]
    told = Told()
    hints = CheckedHints(told, tmp_path, clock=lambda: now[0])
    hints.start(lambda _folder, _relative: None)
    hints.check()
    (folder,) = told.armed
    now[0] += 4.0
    hints.check()
    assert hints.reason == ""
    now[0] += 56.0
    hints.check()
    assert "stopped" in hints.reason
    told.tell(folder, "")
    assert hints.reason == ""
    hints.stop()
    assert list(tmp_path.iterdir()) == []


def test_hints_that_come_pass_every_check_and_the_check_is_no_hint(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    heard = Heard()
    now = [100.0]
    hints = CheckedHints(file_events(), tmp_path, clock=lambda: now[0])
    hints.start(heard)
    try:
        arm(hints, logs)
        for number in range(3):
            hints.check()
            (logs / f"{number}.log").touch()
            heard.wait_for("")
            now[0] += 60.0
        assert hints.reason == ""
    finally:
        hints.stop()


def test_hints_that_do_not_come_are_not_used_and_the_reason_is_said(tmp_path: Path) -> None:
    class Deaf:
        reason = ""

        def start(self, on_hint: object) -> None:
            """It hears nothing."""

        def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
            """It hears nothing."""

        def disarm(self, folder: Path) -> None:
            """It hears nothing."""

        def check(self) -> None:
            """It hears nothing."""

        def stop(self) -> None:
            """It hears nothing."""

    hints = proven_hints(tmp_path, make=Deaf, wait=0.05)
    assert isinstance(hints, NoHints)
    assert "do not come" in hints.reason


def test_a_library_without_the_names_we_use_means_scanning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "agent.watch.inotify" if sys.platform == "linux" else "agent.watch.observed"
    monkeypatch.setitem(sys.modules, name, None)
    hints = file_events()
    assert isinstance(hints, NoHints)
    assert hints.reason


@linux
def test_no_instance_left_means_scanning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from watchdog.observers.inotify_c import InotifyFD

    def refused() -> int:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(InotifyFD, "_create_inotify_fd", staticmethod(refused))
    hints = file_events()
    hints.start(lambda _folder, _relative: None)
    assert "instances" in hints.reason
    hints.stop()


def test_a_batch_is_handed_on_at_once_and_tells_what_was_lost() -> None:
    buffers: queue.Queue[tuple[bytes, bool]] = queue.Queue()
    for found in ((b"one", True), (b"", True), (b"two", True)):
        buffers.put(found)
    assert prompt_batch(buffers, timeout=60.0) == ([(b"one", True), (b"two", True)], True)
    assert prompt_batch(buffers, timeout=0.0) == ([], False)


MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /logs rw,relatime shared:1 - nfs4 server:/logs rw
31 30 8:2 / /logs/local\\040disk rw - xfs /dev/sdb1 rw
"""


@linux
@pytest.mark.parametrize(
    ("folder", "share"),
    [("/var/log", False), ("/logs/sip", True), ("/logs/local disk/x", False), ("/logs", True), ("/", True)],
)
def test_a_share_is_known_by_its_mount(tmp_path: Path, folder: str, share: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert is_share(Path(folder), mounts=mounts) is share
