from __future__ import annotations

import asyncio
import queue
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.api import EventBoard, Tokens, own_certificate
from agent.watch import FolderScan, NoHints, Watcher, file_events
from agent.watch.listing import Listing, list_directory
from app.agentlink import Role


class Passes:
    """What the watcher handed over; each pass can be waited for."""

    def __init__(self, answer: Callable[[FolderScan], float | None] = lambda _scan: None) -> None:
        self.seen: queue.Queue[FolderScan] = queue.Queue()
        self._answer = answer

    def __call__(self, scan: FolderScan) -> float | None:
        self.seen.put(scan)
        return self._answer(scan)

    def next(self, seconds: float = 10.0) -> FolderScan:
        return self.seen.get(timeout=seconds)


def watching(folders: Sequence[Path], passes: Passes, *, every: float, events: bool = False) -> Watcher:
    watcher = Watcher(
        folders, hints=file_events() if events else NoHints("none"), on_scan=passes, every=every
    )
    watcher.start()
    return watcher


def test_every_folder_is_scanned_at_once_and_again(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    passes = Passes()
    watcher = watching(folders, passes, every=0.05)
    try:
        seen = Counter(dict.fromkeys(folders, 0))
        while min(seen.values()) < 2:
            seen[passes.next().folder] += 1
    finally:
        watcher.stop()
    assert set(seen) == set(folders)
    assert watcher.mode == "scan"


def test_after_a_sleep_everything_is_looked_at(tmp_path: Path) -> None:
    slept = [0.0]
    passes = Passes()
    watcher = Watcher(
        [tmp_path],
        hints=NoHints("none"),
        on_scan=passes,
        every=100_000,
        clock=lambda: time.monotonic() + slept[0],
        wall=lambda: time.time() + slept[0],
        awake=time.monotonic,
    )
    watcher.start()
    try:
        passes.next()
        slept[0] = 8 * 3600.0
        assert passes.next(20.0).looked == frozenset()
    finally:
        watcher.stop()


class SlowShare:
    """A watched share on which every listing takes so many seconds."""

    def __init__(self, folder: Path, *, took: float) -> None:
        self.spent = 0.0
        self.passes = Passes()
        self._took = took
        self.watcher = Watcher(
            [folder],
            hints=file_events(),
            on_scan=self.passes,
            every=60,
            clock=lambda: time.monotonic() + self.spent,
            awake=time.monotonic,
            lister=self._listed,
            share=lambda _folder: True,
        )

    def scan_twice(self, folder: Path) -> None:
        """The next full scan of a share is due when enough time has passed."""
        self.passes.next()
        self.spent += 10_000.0
        self.watcher.hint(folder)
        self.passes.next()

    def _listed(self, path: str) -> Listing:
        self.spent += self._took
        return list_directory(path)


def test_how_late_writes_to_a_slow_share_are_seen_is_said(tmp_path: Path) -> None:
    share = SlowShare(tmp_path, took=30.0)
    share.watcher.start()
    try:
        share.scan_twice(tmp_path)
    finally:
        share.watcher.stop()
    assert share.watcher.reason.startswith("On a network share")
    assert f"A full scan of {tmp_path.name} is slow" in share.watcher.reason


def test_a_share_that_is_mounted_after_the_start_is_one_from_the_next_scan_on(tmp_path: Path) -> None:
    mounted = threading.Event()
    passes = Passes()
    watcher = Watcher(
        [tmp_path],
        hints=NoHints(""),
        on_scan=passes,
        every=0.02,
        share=lambda _folder: mounted.is_set(),
    )
    watcher.start()
    try:
        passes.next()
        before = watcher.reason
        mounted.set()
        for _ in range(3):
            passes.next()
    finally:
        watcher.stop()
    assert (before, watcher.reason[:18]) == ("", "On a network share")


def test_of_a_share_that_is_not_slow_nothing_is_said_but_that_it_is_one(tmp_path: Path) -> None:
    share = SlowShare(tmp_path, took=0.0)
    share.watcher.start()
    try:
        share.passes.next()
    finally:
        share.watcher.stop()
    assert share.watcher.reason.endswith(f"make no file events: {tmp_path.name}.")


def test_a_file_event_brings_a_pass_long_before_the_next_scan(tmp_path: Path) -> None:
    passes = Passes()
    watcher = watching([tmp_path], passes, every=3600, events=True)
    try:
        assert passes.next().files == ()
        (tmp_path / "a.log").write_bytes(b"x")
        while not passes.next().files:
            pass
        assert watcher.mode == "events+scan"
    finally:
        watcher.stop()


def test_a_directory_that_is_made_anew_under_its_name_gets_its_events(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    heard: queue.Queue[str | None] = queue.Queue()
    hints = file_events()
    hints.start(lambda _folder, relative: heard.put(relative))
    try:
        for _ in range(2):
            folder.mkdir()
            found = folder.stat()
            hints.arm(folder, "", (found.st_dev, found.st_ino))
            assert hints.reason == ""
            while not heard.empty():
                heard.get()
            (folder / "a.log").write_bytes(b"x")
            assert heard.get(timeout=120) == ""
            shutil.rmtree(folder)
    finally:
        hints.stop()


def test_the_watcher_arms_a_folder_that_appeared(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    passes = Passes()
    watcher = Watcher([folder], hints=file_events(), on_scan=passes, every=0.05)
    watcher.start()
    try:
        assert not passes.next().readable
        folder.mkdir()
        while not passes.next().readable:
            pass
        (folder / "a.log").write_bytes(b"x")
        while not passes.next().files:
            pass
    finally:
        watcher.stop()


def test_a_pass_is_repeated_when_it_is_asked_for(tmp_path: Path) -> None:
    passes = Passes(lambda _scan: 0.01)
    watcher = watching([tmp_path], passes, every=3600)
    try:
        for _ in range(3):
            passes.next()
    finally:
        watcher.stop()


def test_an_error_in_a_pass_does_not_end_the_watching(
    tmp_path: Path, expected_logs: Callable[[str], None]
) -> None:
    expected_logs("agent.watch")
    failed = threading.Event()

    def fail_once(_scan: FolderScan) -> float | None:
        if not failed.is_set():
            failed.set()
            raise ZeroDivisionError
        return None

    passes = Passes(fail_once)
    watcher = watching([tmp_path], passes, every=0.05)
    try:
        passes.next()
        passes.next()
    finally:
        watcher.stop()


def test_the_board_keeps_a_bounded_number_and_asks_for_a_resync_then() -> None:
    board = EventBoard(first=10)
    for _ in range(2500):
        board.publish("job", "j")
    assert [event.kind for event in board.after(11).events] == ["resync"]
    last = board.after(0).last
    assert len(board.after(last - 5).events) == 5


def test_whoever_waits_is_woken_by_a_publication_of_another_thread() -> None:
    board = EventBoard(first=10)

    async def wait() -> list[str]:
        waiting = asyncio.create_task(board.wait(9, seconds=10))
        await asyncio.to_thread(board.publish, "job", "j")
        return [event.subject for event in (await waiting).events]

    assert asyncio.run(wait()) == ["j"]


def test_tokens_know_their_role_and_nothing_else() -> None:
    tokens = Tokens()
    token = tokens.issue(label="x", role=Role.OPERATOR)
    caller = tokens.caller(token)
    assert caller is not None
    assert caller.may(Role.VIEWER)
    assert caller.may(Role.OPERATOR)
    assert not caller.may(Role.ADMIN)
    assert tokens.caller(token[:-1]) is None
    assert token not in repr(vars(tokens))


@pytest.mark.parametrize("damage", ["", "api-key.pem", "api-certificate.pem"])
def test_the_certificate_is_kept_until_it_is_damaged(tmp_path: Path, damage: str) -> None:
    now = datetime.now(UTC)
    first = own_certificate(tmp_path, now=now)
    if damage:
        (tmp_path / damage).write_bytes(b"no")
    again = own_certificate(tmp_path, now=now)
    assert (again.sha256 == first.sha256) == (damage == "")


def test_a_certificate_that_soon_ends_is_made_anew(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    first = own_certificate(tmp_path, now=now)
    assert own_certificate(tmp_path, now=now + timedelta(days=3640)).sha256 != first.sha256
