"""What is remembered of a folder between two looks, so that only directories that changed are handed on.

Of a directory that is quiet, a digest of its listing is kept and no name of any file: a hundred thousand
files in ten thousand directories take a few megabytes. Files that were written a short while ago are *hot*
and known one by one, so that they can be asked for often.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from agent.watch.glance import Glances
from agent.watch.heat import Heat
from agent.watch.listing import Listing, list_directory, reason_of, standing_in
from agent.watch.scan import DEEPEST, FolderScan, SeenFile, seen_file

_NOT_MOUNTED = "It is empty and on another device than before, as when a share is not mounted."
PORTION_FILES = 2000
PORTION_DIRECTORIES = 4000

Lister = Callable[[str], Listing]
_Told = TypeVar("_Told", int, str)
OnDirectory = Callable[[str, tuple[int, int]], None]
"""Told of every directory that could be listed: its relative path, and its device and inode."""


@dataclass(slots=True)
class _Known:
    """A directory as it was last seen; `digest` is None when what was seen must be handed on again.

    Of one that was not seen in this run, `device` is that of the files that were in it. `glance` was taken
    before the listing that is known: while it is the same, that listing is. `own` in the same way stands for
    identity and time of change of the directory itself. Both are 0 when there is none.
    """

    identity: tuple[int, int] = (0, 0)
    device: int = 0
    modified_ns: int = 0
    digest: int | None = None
    newest_ns: int = 0
    folders: tuple[str, ...] = ()
    readable: bool = True
    glance: int = 0
    own: int = 0


@dataclass(slots=True)
class _Portion:
    files: list[SeenFile] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    def full(self) -> bool:
        return len(self.files) >= PORTION_FILES or len(self.looked) >= PORTION_DIRECTORIES


class Tree:
    """The memory of one watched folder. Used by one thread."""

    def __init__(
        self,
        folder: Path,
        *,
        remembered: Mapping[str, int] = MappingProxyType({}),
        lister: Lister = list_directory,
        glances: Glances | None = None,
        on_directory: OnDirectory = lambda _relative, _identity: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is looked at yet.

        Args:
            folder: the watched folder.
            remembered: directories (relative) in which files were known before this start, with the device
                of these: one that is not there any more is handed on, without files.
            lister: lists one directory; raises OSError when it cannot be.
            glances: what sees that a directory is as it was; each is listed when None.
            on_directory: told of every directory that was listed.
            clock: monotonic seconds.
            wall: seconds since 1970, to tell which files were written lately at the first look.
        """
        self.folder = folder
        self._root = str(folder)
        self._list = lister
        self._glances = glances
        self._on_directory = on_directory
        self._heat = Heat(clock=clock, wall=wall)
        self._known: dict[str, _Known] = {}
        self._archives: dict[str, int] = {}
        self._problems: dict[str, str] = {}
        self._gone: set[str] = set()
        for relative, device in remembered.items():
            self._remember(relative, device)

    def __len__(self) -> int:
        """How many directories are known."""
        return len(self._known)

    @property
    def readable(self) -> bool:
        """Whether the folder itself could be listed at the last look; true before the first."""
        root = self._known.get("")
        return root is None or root.readable

    @property
    def hot(self) -> int:
        """How many files are hot."""
        return len(self._heat)

    def full(self, *, forced: frozenset[str] = frozenset()) -> Iterator[FolderScan]:
        """Look at every directory; what changed, in portions of whole directories.

        The last portion may be about no directory at all: it says that the folder was looked at.
        """
        yield from self._look([""], forced=forced, deep=True)

    def look(self, directories: Iterable[str], *, forced: frozenset[str]) -> Iterator[FolderScan]:
        """Look at these directories and at those that are new in them.

        Args:
            directories: relative paths.
            forced: those that are handed on even if nothing has changed in them.
        """
        yield from self._look(sorted({*directories, *forced}, reverse=True), forced=forced, deep=False)

    def forget(self, directories: Iterable[str]) -> None:
        """What was handed on of these could not be taken in: hand it on again at the next look."""
        for relative in directories:
            known = self._known.get(relative)
            if known is not None:
                known.digest, known.own = None, 0

    def changed_directories(self) -> set[str]:
        """Directories whose own time of change or identity is another: names have come or gone in them."""
        changed: set[str] = set()
        with standing_in(self._root) as root:
            owns = self._owns(root)
            for (relative, known), own in zip(self._known.items(), owns, strict=True):
                if own and own == known.own:
                    continue
                if self._differs(root, relative, known):
                    changed.add(relative)
                else:
                    known.own = own
        return changed

    def changed_hot(self) -> set[str]:
        """Directories in which a hot file has another size or time of change, or is not there."""
        return self._heat.changed(self._path)

    def _owns(self, root: int | None) -> Sequence[int]:
        """What glances tell of every known directory itself, in their order."""
        if self._glances is None or root is None:
            return [0] * len(self._known)
        return self._glances.own(root, [os.fsencode(relative or ".") for relative in self._known])

    def _differs(self, root: int | None, relative: str, known: _Known) -> bool:
        """Whether a directory's own time of change or identity is another, or it cannot be seen any more."""
        try:
            path = self._path(relative) if root is None else relative or "."
            seen = os.stat(path, dir_fd=root)
        except OSError:
            return known.readable
        return (
            known.digest is None
            or seen.st_mtime_ns != known.modified_ns
            or (seen.st_dev, seen.st_ino) != known.identity
        )

    def _look(self, starts: list[str], *, forced: frozenset[str], deep: bool) -> Iterator[FolderScan]:
        self._gone.update(forced.difference(self._known))
        portion = _Portion()
        left = list(starts)
        done: set[str] = set()
        while left:
            relative = left.pop()
            if relative in done:
                continue
            done.add(relative)
            path = self._path(relative)
            # Only where nothing is expected: of what was hinted at, it would be a second look.
            glance = self._glances.digest(os.fsencode(path)) if deep and self._glances is not None else 0
            if glance and relative not in forced and self._is_known(relative, glance):
                left += self._as_it_was(relative)
                continue
            try:
                found = self._list(path)
            except OSError as error:
                if relative == "":
                    self._lost(relative, reason_of(error))
                    yield FolderScan(self.folder, readable=False, problem=reason_of(error), unknown=("",))
                    return
                left += self._unlisted(relative, error, portion, done, forced=relative in forced)
                continue
            if self._unmounted(relative, found):
                if relative == "":
                    self._lost(relative, _NOT_MOUNTED)
                    yield FolderScan(self.folder, readable=False, problem=_NOT_MOUNTED, unknown=("",))
                    return
                self._out_of_reach(relative, _NOT_MOUNTED, portion, forced=relative in forced)
                continue
            left += self._listed(relative, found, portion, forced=relative in forced, deep=deep)
            if glance and not (found.unknown or found.moved or found.problem):
                self._known[relative].glance = glance
            if portion.full():
                yield self._scan(portion)
                portion = _Portion()
        self._tell_gone(portion)
        if portion.looked or deep:
            yield self._scan(portion)

    def _is_known(self, relative: str, glance: int) -> bool:
        """Whether a directory is as it was listed, by its digest."""
        known = self._known.get(relative)
        return (
            known is not None
            and known.glance == glance
            and known.digest is not None
            and known.readable
            and relative not in self._problems
        )

    def _as_it_was(self, relative: str) -> list[str]:
        """Nothing has changed in a directory; all its subfolders are looked at."""
        known = self._known[relative]
        self._on_directory(relative, known.identity)
        prefix = f"{relative}/" if relative else ""
        return [prefix + name for name in reversed(known.folders)]

    def _listed(
        self, relative: str, found: Listing, portion: _Portion, *, forced: bool, deep: bool
    ) -> list[str]:
        """Take a listing in; the subfolders that have to be looked at, too."""
        before = self._known.get(relative)
        known = before or _Known()
        self._on_directory(relative, found.identity)
        if known.identity not in ((0, 0), found.identity):
            deep = True  # another directory under the same name, or another file system in its place
        prefix = f"{relative}/" if relative else ""
        digest = None if found.moved else hash((tuple(found.files), tuple(found.unknown), found.identity[0]))
        folders = tuple(found.folders) if prefix.count("/") < DEEPEST else ()
        if (
            digest is not None
            and (digest, folders, found.identity) == (known.digest, known.folders, known.identity)
            and not (forced or found.unknown or found.archives or found.problem)
            and relative not in self._archives
            and relative not in self._problems
        ):  # as it was, which nearly all of them are
            known.modified_ns, known.own, known.readable = found.modified_ns, 0, True
            return [prefix + name for name in reversed(folders) if deep or prefix + name not in self._known]
        lost = (*found.unknown, *found.moved)
        if folders != known.folders:
            for name in set(known.folders).difference(folders, lost):
                self._vanished(prefix + name, portion)
        changed = digest is None or digest != known.digest
        if changed or forced:
            self._heat.warm(relative, found.files, since_ns=None if before is None else known.newest_ns)
            portion.looked.add(relative)
            portion.files += (seen_file(relative, entry) for entry in found.files)
            portion.unknown += (prefix + name for name in lost)
        if changed:
            known.newest_ns = max((entry[4] for entry in found.files), default=0)
            known.glance = 0  # of another listing
        known.identity, known.modified_ns, known.own = found.identity, found.modified_ns, 0
        known.digest, known.readable = digest, True
        kept = (*folders, *(name for name in known.folders if name in lost)) if lost else folders
        if kept != known.folders:
            known.folders = kept
        self._known[relative] = known
        _note(self._archives, relative, found.archives)
        _note(self._problems, relative, found.problem)
        return [prefix + name for name in reversed(folders) if deep or prefix + name not in self._known]

    def _unlisted(
        self, relative: str, error: OSError, portion: _Portion, done: set[str], *, forced: bool
    ) -> list[str]:
        """A directory cannot be listed: when it is not there its parent knows, else all in it is unknown."""
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            parent, _, name = relative.rpartition("/")
            if parent not in done:
                return [parent]
            above = self._known.get(parent)
            if above is not None and name in above.folders:  # gone since that was listed
                self.forget([parent])
            return []
        self._out_of_reach(relative, reason_of(error), portion, forced=forced)
        return []

    def _out_of_reach(self, relative: str, reason: str, portion: _Portion, *, forced: bool) -> None:
        """All in a directory is unknown."""
        if self._lost(relative, reason) or forced:
            portion.looked.update(self._below(relative))
            portion.unknown.append(relative)

    def _lost(self, relative: str, reason: str) -> bool:
        """Note that nothing is known of a directory, and why; whether that is news."""
        known = self._known.setdefault(relative, _Known())
        news = known.readable or known.digest is not None
        known.readable = False
        _note(self._problems, relative, reason)
        self.forget(self._below(relative))
        return news

    def _unmounted(self, relative: str, found: Listing) -> bool:
        """Whether a directory is empty, and on another device than when there was something in it."""
        before = self._known.get(relative)
        if before is None or not found.empty:
            return False
        device = before.identity[0] or before.device
        return device not in (0, found.identity[0])

    def _vanished(self, relative: str, portion: _Portion) -> None:
        for gone in self._below(relative):
            portion.looked.add(gone)
            self._heat.drop(gone)
            self._known.pop(gone, None)
            self._archives.pop(gone, None)
            self._problems.pop(gone, None)

    def _tell_gone(self, portion: _Portion) -> None:
        """Hand on again, without files, what has vanished and could not be taken in as that.

        What lies in a directory that cannot be listed itself waits until that can be.
        """
        for relative in [*self._gone]:
            above = relative
            while above and above not in self._known:
                above = above.rpartition("/")[0]
            known = self._known.get(above)
            if known is None or not known.readable or known.digest is None:
                continue
            self._gone.discard(relative)
            if above != relative:
                portion.looked.add(relative)

    def _below(self, relative: str) -> list[str]:
        """This directory and all that are known below it."""
        found = [relative]
        for directory in found:
            known = self._known.get(directory)
            if known is not None:
                found += (f"{directory}/{name}" if directory else name for name in known.folders)
        return found

    def _remember(self, relative: str, device: int) -> None:
        """A directory of the time before this start, with its parents."""
        self._known.setdefault(relative, _Known()).device = device
        while relative:
            parent, _, name = relative.rpartition("/")
            known = self._known.setdefault(parent, _Known())
            known.device = known.device or device
            if name in known.folders:
                return
            known.folders = (*known.folders, name)
            relative = parent

    def _scan(self, portion: _Portion) -> FolderScan:
        return FolderScan(
            folder=self.folder,
            readable=True,
            files=tuple(portion.files),
            problem=next(iter(self._problems.values()), ""),
            unknown=tuple(portion.unknown),
            archives=sum(self._archives.values()),
            looked=frozenset(portion.looked),
        )

    def _path(self, relative: str) -> str:
        return f"{self._root}/{relative}" if relative else self._root


def _note(notes: dict[str, _Told], relative: str, told: _Told) -> None:
    """Keep what is to be told of a directory, and nothing of those of which nothing is."""
    if told:
        notes[relative] = told
    else:
        notes.pop(relative, None)
