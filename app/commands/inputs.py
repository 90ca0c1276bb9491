"""Which files a command means: paths become files with relative names, and everything else has a reason.

Nothing is opened here; links are followed only as far as they lead to a file.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import InputError

FOLDS_CASE = sys.platform in ("win32", "darwin")
"""Whether two names that differ in case only are one file on this system."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to mask.

    Attributes:
        path: where it lies.
        name: relative to the folder that was named, ``/`` between parts; a file that was named itself has its
            own name.
        size: bytes, when it was looked at.
    """

    path: Path
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Passed:
    """Something below a named folder that cannot be masked.

    Attributes:
        reason: ``unreadable`` or ``not a file``.
        detail: one sentence for people, without a path.
    """

    name: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the paths mean, in a stable order."""

    files: tuple[SourceFile, ...]
    passed: tuple[Passed, ...]


def gather(paths: Sequence[Path], *, outside: Path | None = None) -> Inputs:
    """The files that the paths mean; folders with everything in them.

    Args:
        paths: files and folders.
        outside: a folder that is passed over wherever it lies, such as the output.

    Raises:
        InputError: a path does not exist or is neither file nor folder, two files would get one name, or
            there is no file at all.
    """
    files: list[SourceFile] = []
    passed: list[Passed] = []
    roots = [path.resolve() for path in paths]
    left = outside.resolve() if outside is not None else None
    for path, root in zip(paths, roots, strict=True):
        found = _named(path)
        if isinstance(found, SourceFile):
            files.append(found)
            continue
        for each in _below(root, left=left, roots=roots):
            if isinstance(each, SourceFile):
                files.append(each)
            else:
                passed.append(each)
    _refuse_doubles(files)
    if not files and not passed:
        raise InputError(
            "There is nothing to mask",
            happened="The paths hold no file.",
            todo="Name at least one log file, or a folder that has some.",
            code="CF-1140",
        )
    return Inputs(files=tuple(files), passed=tuple(passed))


def _named(path: Path) -> SourceFile | None:
    """A path that was given: the file, or None for a folder."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no usable path"
        raise InputError(
            "A path cannot be used",
            happened=f"{shown(path.name or str(path))}: {why}.",
            todo="Check the path; nothing was written.",
            code="CF-1141",
        ) from error
    if stat.S_ISREG(found.st_mode):
        return SourceFile(path=path, name=path.name, size=found.st_size)
    if stat.S_ISDIR(found.st_mode):
        return None
    raise InputError(
        "A path cannot be used",
        happened=f"{shown(path.name)} is neither a file nor a folder.",
        todo="Name files and folders only; nothing was written.",
        code="CF-1141",
    )


def _below(root: Path, *, left: Path | None, roots: Sequence[Path]) -> Iterator[SourceFile | Passed]:
    """Everything below a folder, sorted by name; folders behind links are not entered."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        here = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            name = here.rstrip("/") or root.name
            yield Passed(name, "unreadable", f"The folder cannot be read: {_why(error)}.")
            continue
        inner: list[Path] = []
        for entry in listed:
            path = folder / entry.name
            if path == left:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    inner.append(path)
                    continue
                found = _entry(entry, path, name=here + entry.name, roots=roots)
            except OSError as error:
                found = Passed(here + entry.name, "unreadable", f"It cannot be looked at: {_why(error)}.")
            if found is not None:
                yield found
        waiting += reversed(inner)


def _entry(
    entry: os.DirEntry[str], path: Path, *, name: str, roots: Sequence[Path]
) -> SourceFile | Passed | None:
    """What is no folder: a file (also behind a link), or a reason; None for a link back into the folders."""
    found = entry.stat()
    if stat.S_ISREG(found.st_mode):
        return SourceFile(path=path, name=name, size=found.st_size)
    if stat.S_ISDIR(found.st_mode):
        target = path.resolve()
        if any(target == root or root in target.parents for root in roots):
            return None
        return Passed(name, "not a file", "It is a link to another folder; name that folder itself.")
    return Passed(name, "not a file", "It is a pipe, a socket or a device.")


def _refuse_doubles(files: Sequence[SourceFile]) -> None:
    """Two files of one name, or a file whose name is a folder of another, would fall on one another."""
    taken: dict[str, SourceFile] = {}
    for file in files:
        if _key(file.name) in taken:
            raise _double(file.name)
        taken[_key(file.name)] = file
    for file in files:
        parts = file.name.split("/")
        for length in range(1, len(parts)):
            if _key("/".join(parts[:length])) in taken:
                raise _double("/".join(parts[:length]))


def _double(name: str) -> InputError:
    return InputError(
        "Two files would get the same name",
        happened=f"{shown(name)} comes from two of the paths; nothing was written.",
        todo="Name their common folder instead, or mask them one after the other into two folders.",
        code="CF-1142",
    )


def shown(name: str) -> str:
    """A file name for people: what is no text, control characters and backslashes are written as ``%XX``."""
    return "".join(
        char if char.isprintable() and char != "\\" else "".join(f"%{byte:02X}" for byte in _bytes(char))
        for char in name
    )


def _bytes(char: str) -> bytes:
    return char.encode("utf-8", "surrogateescape" if "\udc80" <= char <= "\udcff" else "surrogatepass")


def _key(name: str) -> str:
    return name.casefold() if FOLDS_CASE else name


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
