"""Whether the files of one pass begin with what is known of them; what has grown is opened once for it."""

from __future__ import annotations

from pathlib import Path

from agent.watch import (
    FileShrank,
    Fingerprint,
    SeenFile,
    fingerprint_behind,
    open_shared,
    still_begins_with,
    take_fingerprint,
)


class Beginnings:
    """What was read of the files of one pass over a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._taken: dict[str, Fingerprint] = {}

    def begins_with(self, file: SeenFile, known: Fingerprint) -> bool:
        """Whether a file begins with this content, of which there is some.

        Raises:
            OSError: it cannot be read.
        """
        try:
            with open_shared(self._path(file)) as stream:
                found = fingerprint_behind(stream, known, size=file.size)
        except FileShrank:
            return still_begins_with(self._path(file), known)  # what is known may stand in it all the same
        if found is not None:
            self._taken[file.path] = found
        return found is not None

    def fingerprint(self, file: SeenFile) -> Fingerprint:
        """That of a file at the size at which it was seen.

        Raises:
            OSError: it cannot be read, or is shorter by now.
        """
        return self._taken.get(file.path) or take_fingerprint(self._path(file), size=file.size)

    def _path(self, file: SeenFile) -> Path:
        return Path(f"{self._folder}/{file.path}")
