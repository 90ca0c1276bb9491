"""What is handed on after a change, and what is not."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from agent.watch import FolderScan, Listing, Tree, list_directory
from agent.watch import heat as heat_module
from agent.watch import tree as tree_module


class Disk:
    """Lists directories, and fails where it is told to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.failing: dict[str, int] = {}
        self.replaced: set[str] = set()

    def __call__(self, path: str) -> Listing:
        relative = os.path.relpath(path, self.root)
        number = self.failing.get("" if relative == "." else relative)
        if number is not None:
            raise OSError(number, os.strerror(number))
        found = list_directory(path)
        if relative in self.replaced:
            found.identity = (found.identity[0] + 1, found.identity[1])
        return found


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    for name in ("sip/a.log", "sip/old/b.log", "urs/c.log", "d.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x\n")
    return Disk(tmp_path)


@pytest.fixture
def tree(disk: Disk) -> Tree:
    made = Tree(disk.root, lister=disk)
    list(made.full())
    return made


def looked(scans: Iterable[FolderScan]) -> set[str]:
    return {directory for scan in scans for directory in scan.looked or ()}


def paths(scans: Iterable[FolderScan]) -> set[str]:
    return {file.path for scan in scans for file in scan.files}


def test_the_first_look_hands_on_everything(disk: Disk) -> None:
    scans = list(Tree(disk.root, lister=disk).full())
    assert paths(scans) == {"sip/a.log", "sip/old/b.log", "urs/c.log", "d.log"}
    assert looked(scans) == {"", "sip", "sip/old", "urs"}


def test_a_quiet_folder_hands_on_nothing_but_that_it_was_looked_at(tree: Tree) -> None:
    (scan,) = tree.full()
    assert scan.readable
    assert scan.looked == frozenset()
    assert tree.changed_directories() == set()
    assert tree.changed_hot() == set()


def test_only_the_directory_that_changed_is_handed_on_with_all_its_files(tree: Tree, disk: Disk) -> None:
    (disk.root / "sip" / "e.log").write_bytes(b"y")
    scans = list(tree.full())
    assert looked(scans) == {"sip"}
    assert paths(scans) == {"sip/a.log", "sip/e.log"}


def test_growth_is_seen_by_asking_the_hot_files_alone(tree: Tree, disk: Disk) -> None:
    with (disk.root / "urs" / "c.log").open("ab") as stream:
        stream.write(b"more\n")
    assert tree.changed_directories() == set()
    assert tree.changed_hot() == {"urs"}


@pytest.mark.parametrize("name", ["sip/a.log", "sip/new.log"])
def test_names_that_come_or_go_are_seen_by_the_directories_alone(tree: Tree, disk: Disk, name: str) -> None:
    path = disk.root / name
    path.unlink() if path.exists() else path.touch()
    assert tree.changed_directories() == {"sip"}


def test_a_directory_that_vanished_is_handed_on_without_files(tree: Tree, disk: Disk) -> None:
    shutil.rmtree(disk.root / "sip")
    scans = list(tree.look(tree.changed_directories(), forced=frozenset()))
    assert looked(scans) == {"sip", "sip/old"}
    assert paths(scans) == set()
    assert all(scan.covers("sip/old/b.log") for scan in scans)
    assert len(tree) == 2


def test_a_directory_that_was_known_before_the_start_and_is_gone_is_handed_on(disk: Disk) -> None:
    scans = list(Tree(disk.root, lister=disk, remembered={"sip": 1, "old/deep": 1}).full())
    assert {"old", "old/deep"} <= looked(scans)
    assert all(scan.covers("old/deep/x.log") for scan in scans if scan.concerns("old/deep/x.log"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ESTALE, errno.ENOMEM])
def test_a_directory_that_cannot_be_listed_is_unknown_with_all_below(
    tree: Tree, disk: Disk, number: int
) -> None:
    disk.failing["sip"] = number
    (scan,) = tree.full()
    assert scan.readable
    assert scan.looked == {"sip", "sip/old"}
    assert not scan.covers("sip/a.log")
    assert not scan.covers("sip/old/b.log")
    assert scan.problem
    disk.failing.clear()
    assert paths(tree.full()) == {"sip/a.log", "sip/old/b.log"}


def test_a_folder_that_could_not_be_listed_is_handed_on_wholly_when_it_is_back(
    tree: Tree, disk: Disk
) -> None:
    disk.failing[""] = errno.EIO
    (scan,) = tree.full()
    assert not scan.readable
    assert not tree.readable
    disk.failing.clear()
    assert len(paths(tree.full())) == 4
    assert tree.readable


def test_an_empty_folder_on_another_device_is_an_unmounted_share(tree: Tree, disk: Disk) -> None:
    away = disk.root.with_name(f"{disk.root.name}-away")
    disk.root.rename(away)
    disk.root.mkdir()
    disk.replaced.add(".")
    (scan,) = tree.full()
    assert not scan.readable
    assert "mounted" in scan.problem
    assert not scan.covers("d.log")


def unmounted(disk: Disk, name: str) -> Path:
    """What lies under a mount point is empty and on another device; where its content is now."""
    away = disk.root.with_name(f"{disk.root.name}-away")
    (disk.root / name).rename(away)
    (disk.root / name).mkdir()
    disk.replaced.add(name)
    return away


def test_an_empty_subfolder_on_another_device_is_an_unmounted_share(tree: Tree, disk: Disk) -> None:
    away = unmounted(disk, "sip")
    (scan,) = tree.full()
    assert scan.readable
    assert (scan.covers("sip/a.log"), scan.covers("sip/old/b.log")) == (False, False)
    assert "mounted" in scan.problem
    (disk.root / "sip").rmdir()
    away.rename(disk.root / "sip")
    disk.replaced.clear()
    (scan,) = tree.full()
    assert (paths([scan]), scan.problem) == ({"sip/a.log", "sip/old/b.log"}, "")


def test_a_subfolder_that_was_emptied_on_its_own_device_is_empty(tree: Tree, disk: Disk) -> None:
    shutil.rmtree(disk.root / "sip")
    (disk.root / "sip").mkdir()
    scans = list(tree.full())
    assert all(scan.covers("sip/a.log") for scan in scans)


@pytest.mark.parametrize("name", ["sip", "."])
def test_a_share_that_is_not_mounted_when_the_agent_starts_is_told(disk: Disk, name: str) -> None:
    device = disk.root.stat().st_dev
    unmounted(disk, name)
    scans = list(Tree(disk.root, lister=disk, remembered={"sip": device, "sip/old": device}).full())
    assert not any(scan.concerns("sip/a.log") and scan.covers("sip/a.log") for scan in scans)
    assert "mounted" in scans[-1].problem


def test_another_directory_under_the_same_name_is_looked_at_with_all_below(tree: Tree, disk: Disk) -> None:
    disk.replaced.update({"sip"})
    scans = list(tree.look(["sip"], forced=frozenset()))
    assert "sip" in looked(scans)


def test_a_file_that_is_renamed_while_its_directory_is_listed_is_unknown_and_looked_at_again(
    disk: Disk,
) -> None:
    class Racing(Disk):
        def __call__(self, path: str) -> Listing:
            found = super().__call__(path)
            if path.endswith("urs"):
                found.moved.append("lost.log")
            return found

    tree = Tree(disk.root, lister=Racing(disk.root))
    scans = list(tree.full())
    assert not any(scan.covers("urs/lost.log") for scan in scans)
    assert tree.changed_directories() == {"urs"}


def test_what_could_not_be_taken_in_is_handed_on_again(tree: Tree) -> None:
    tree.forget(["urs"])
    assert paths(tree.full()) == {"urs/c.log"}


@pytest.mark.parametrize("deep", [True, False])
def test_a_directory_that_vanished_is_handed_on_again_where_that_could_not_be_taken_in(
    tree: Tree, disk: Disk, deep: bool
) -> None:
    shutil.rmtree(disk.root / "sip")
    again = frozenset({"", *looked(tree.full())})
    assert again == {"", "sip", "sip/old"}
    scans = list(tree.full(forced=again) if deep else tree.look(again, forced=again))
    assert looked(scans) == again
    assert all(scan.covers("sip/old/b.log") for scan in scans if scan.concerns("sip/old/b.log"))
    assert looked(tree.full()) == set()


def test_what_vanished_from_a_directory_that_cannot_be_listed_now_is_handed_on_when_it_can_be(
    tree: Tree, disk: Disk
) -> None:
    shutil.rmtree(disk.root / "sip" / "old")
    assert "sip/old" in looked(tree.full())
    disk.failing["sip"] = errno.EIO
    again = frozenset({"sip", "sip/old"})
    scans = list(tree.look(again, forced=again))
    assert not any(scan.concerns("sip/old/b.log") and scan.covers("sip/old/b.log") for scan in scans)
    disk.failing.clear()
    (scan,) = tree.full()
    assert scan.concerns("sip/old/b.log")
    assert scan.covers("sip/old/b.log")


def test_forced_directories_are_handed_on_unchanged(tree: Tree) -> None:
    assert paths(tree.look([], forced=frozenset({"urs"}))) == {"urs/c.log"}


def test_portions_hold_whole_directories(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "PORTION_FILES", 1)
    scans = list(Tree(disk.root, lister=disk).full())
    assert len(scans) >= 4
    for scan in scans:
        assert all(scan.concerns(file.path) for file in scan.files)
    assert len(paths(scans)) == 4


def test_the_number_of_hot_files_is_bounded_and_the_last_written_stay(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat_module, "MOST_HOT", 8)
    now = [100.0]
    tree = Tree(disk.root, lister=disk, clock=lambda: now[0])
    list(tree.full())
    for number in range(40):
        now[0] += 1.0
        (disk.root / "urs" / f"n{number}.log").write_bytes(b"x")
        list(tree.look(["urs"], forced=frozenset()))
        assert tree.hot <= 8
    with (disk.root / "urs" / "n39.log").open("ab") as stream:
        stream.write(b"y")
    assert tree.changed_hot() == {"urs"}


def test_a_file_is_hot_for_ten_minutes_after_its_last_change(disk: Disk) -> None:
    now = [100.0]
    tree = Tree(disk.root, lister=disk, clock=lambda: now[0])
    list(tree.full())
    assert tree.hot == 4
    now[0] += 601.0
    tree.changed_hot()
    assert tree.hot == 0


def test_a_name_that_is_no_text_is_told_and_keeps_nothing_else_from_being_seen(
    tree: Tree, disk: Disk
) -> None:
    (disk.root / "urs" / os.fsdecode(b"caf\xe9.log")).write_bytes(b"x")
    scans = list(tree.full())
    assert paths(scans) == set()
    assert "not valid text" in scans[-1].problem
