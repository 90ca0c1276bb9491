"""A directory that is as it was is not listed; of others the same is handed on as without glances."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from agent.watch import FolderScan, Listing, Tree, list_directory
from agent.watch.glance import Glances, open_glances

if sys.platform == "win32":
    pytest.skip("listings of Windows are not true", allow_module_level=True)


@pytest.fixture(scope="module")
def glances() -> Glances:
    opened = open_glances()
    assert opened is not None, "the library of this machine has no glances"
    return opened


class Counted:
    """Lists directories, and counts them."""

    def __init__(self) -> None:
        self.listed: list[str] = []

    def __call__(self, path: str) -> Listing:
        self.listed.append(path)
        return list_directory(path)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name in ("sip/a.log", "sip/old/b.log", "urs/c.log", "urs/packed.iso", "d.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x\n")
    return tmp_path


def looked(scans: Iterable[FolderScan]) -> set[str]:
    return {directory for scan in scans for directory in scan.looked or ()}


def test_what_is_as_it_was_is_not_listed_again(logs: Path, glances: Glances) -> None:
    counted = Counted()
    tree = Tree(logs, lister=counted, glances=glances)
    assert looked(tree.full()) == {"", "sip", "sip/old", "urs"}
    counted.listed.clear()
    assert looked(tree.full()) == set()
    assert counted.listed == []


def _grow(logs: Path) -> None:
    with (logs / "sip" / "a.log").open("ab") as stream:
        stream.write(b"more\n")


def _set_back(logs: Path) -> None:
    """As a copy that keeps times: size and time of change of the content are as before."""
    path = logs / "sip" / "a.log"
    before = path.stat()
    path.write_bytes(b"y\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file grows": _grow,
    "a file has other content and its old time": _set_back,
    "a file is new": lambda logs: (logs / "sip" / "new.log").touch(),
    "a file is deleted": lambda logs: (logs / "sip" / "a.log").unlink(),
    "a file has another name": lambda logs: (logs / "sip" / "a.log").rename(logs / "sip" / "b.log"),
    "a file is in the place of another": lambda logs: shutil.copy2(logs / "d.log", logs / "sip" / "a.log"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_handed_on(
    logs: Path, glances: Glances, change: Callable[[Path], object]
) -> None:
    tree = Tree(logs, glances=glances)
    list(tree.full())
    list(tree.full())
    change(logs)
    assert looked(tree.full()) == {"sip"}
    assert looked(tree.full()) == set()


def test_what_changed_while_it_was_listed_is_listed_again(logs: Path, glances: Glances) -> None:
    def growing(path: str) -> Listing:
        found = list_directory(path)
        if path.endswith("/sip") and len(tree) == 0:
            _grow(logs)
        return found

    tree = Tree(logs / "sip", lister=growing, glances=glances)
    list(tree.full())
    assert looked(tree.full()) == {""}


def test_a_directory_is_handed_on_again_where_it_could_not_be_taken_in(logs: Path, glances: Glances) -> None:
    tree = Tree(logs, glances=glances)
    list(tree.full())
    tree.forget(["sip"])
    assert tree.changed_directories() == {"sip"}
    assert looked(tree.full()) == {"sip"}


def test_a_directory_is_handed_on_when_it_is_asked_for(logs: Path, glances: Glances) -> None:
    tree = Tree(logs, glances=glances)
    list(tree.full())
    assert looked(tree.full(forced=frozenset({"urs"}))) == {"urs"}


def test_what_was_handed_on_again_without_a_change_is_not_listed_for_it_later(
    logs: Path, glances: Glances
) -> None:
    counted = Counted()
    tree = Tree(logs, lister=counted, glances=glances)
    list(tree.full())
    assert looked(tree.look([], forced=frozenset({"urs"}))) == {"urs"}
    counted.listed.clear()
    list(tree.full())
    assert counted.listed == []


def test_what_changed_after_a_hint_is_seen_at_a_glance_from_the_next_look_on(
    logs: Path, glances: Glances
) -> None:
    counted = Counted()
    tree = Tree(logs, lister=counted, glances=glances)
    list(tree.full())
    _grow(logs)
    assert looked(tree.look(["sip"], forced=frozenset())) == {"sip"}
    list(tree.full())
    counted.listed.clear()
    list(tree.full())
    assert counted.listed == []


def test_a_directory_that_cannot_be_looked_at_as_a_whole_has_no_digest(logs: Path, glances: Glances) -> None:
    assert glances.digest(os.fsencode(logs / "missing")) == 0
    assert glances.digest(os.fsencode(logs / "d.log")) == 0


def test_a_directory_that_is_not_there_any_more_stands_no_longer(logs: Path, glances: Glances) -> None:
    tree = Tree(logs, glances=glances)
    list(tree.full())
    assert tree.changed_directories() == set()
    shutil.rmtree(logs / "sip" / "old")
    assert tree.changed_directories() == {"sip", "sip/old"}


def test_a_directory_whose_time_was_set_back_has_changed_all_the_same(logs: Path, glances: Glances) -> None:
    tree = Tree(logs, glances=glances)
    list(tree.full())
    assert tree.changed_directories() == set()
    before = (logs / "sip").stat()
    (logs / "sip" / "new.log").touch()
    os.utime(logs / "sip", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert looked(tree.full()) == {"sip"}


def test_where_a_system_opens_nothing_below_an_open_folder_there_are_no_glances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "supports_dir_fd", set())
    assert open_glances() is None


NAMES = ("a.log", "b.log", "c.iso", "f", "f/a.log", "f/g", "f/g/a.log", "f/ü.log")
steps = some.lists(
    some.lists(
        some.tuples(
            some.sampled_from(["write", "grow", "delete", "folder", "link", "swap"]),
            some.sampled_from(NAMES),
            some.sampled_from(NAMES),
        ),
        max_size=5,
    ),
    min_size=1,
    max_size=6,
)


def _act(root: Path, action: str, name: str, other: str) -> None:
    path = root / name
    if action == "folder":
        path.mkdir(exist_ok=True)
    elif action == "delete" and path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif action == "delete":
        path.unlink()
    elif action == "link":
        path.symlink_to(root / other)
    elif action == "swap":
        path.rename(root / other)
    else:
        with path.open("ab" if action == "grow" else "wb") as stream:
            stream.write(name.encode())


def _told(scans: Iterable[FolderScan]) -> list[object]:
    return [(scan.files, scan.looked, sorted(scan.unknown), scan.problem, scan.archives) for scan in scans]


@settings(deadline=None)
@given(steps)
def test_whatever_happens_in_a_folder_the_same_is_handed_on_as_without_glances(
    glances: Glances, schedule: list[list[tuple[str, str, str]]]
) -> None:
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        plain, quick = Tree(root), Tree(root, glances=glances)
        for actions in schedule:
            for action in actions:
                try:
                    _act(root, *action)
                except OSError:
                    continue  # what this schedule cannot do at this place
            assert quick.changed_directories() == plain.changed_directories()
            assert _told(quick.full()) == _told(plain.full())
            assert _told(quick.look({""}, forced=frozenset())) == _told(plain.look({""}, forced=frozenset()))
