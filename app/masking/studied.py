"""The files of one bundle that an engine has studied: how they are known again, and what each told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from app.masking.errors import MaskingError
from app.masking.stream import Reading

_HEAD = 64 * 1024
_Key = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class StudiedFile:
    """One file.

    Attributes:
        identity: equal for the same bytes only.
        learned: values that it told first.
        not_learned: values that it told past the bound of what the bundle's files are remembered by.
        places: where its places lie on the study's shelf; None when they have to be found again.
    """

    identity: bytes
    learned: int
    not_learned: int
    places: tuple[int, int] | None = None


class StudiedFiles:
    """Known by size and first bytes; their identity is compared once all of them were read again.

    Args:
        rules, key: digest and id of what they were studied with.
    """

    def __init__(self, *, rules: str, key: str) -> None:
        self._made_with = (rules, key)
        self._files: dict[_Key, list[StudiedFile]] = {}
        self._used = False

    def __len__(self) -> int:
        return sum(len(files) for files in self._files.values())

    def refuse_other(self, *, rules: str, key: str) -> None:
        """A study serves what it was made for.

        Raises:
            ValueError: the study was made with other rules or another key.
        """
        if self._made_with != (rules, key):
            raise ValueError("a study is for the rules and the key that it was made with")

    def refuse_used(self) -> None:
        """What one file was masked by the others are masked by, too.

        Raises:
            ValueError: a file was masked with the study, so that it may learn nothing more.
        """
        if self._used:
            raise ValueError("a study that is used learns nothing more")

    def add(self, source: BinaryIO, size: int, file: StudiedFile) -> None:
        """A file was read to its end; one with the same bytes was there before."""
        known = self._files.setdefault(_key(source, size), [])
        if all(file.identity != other.identity for other in known):
            known.append(file)

    def maybe(self, source: BinaryIO, size: int) -> list[StudiedFile]:
        """Files that this one may be; most often one, or none. From now on nothing more is learned."""
        self._used = True
        return self._files.get(_key(source, size), [])


def identified(files: list[StudiedFile], identity: bytes) -> StudiedFile:
    """Which of them was read.

    Raises:
        MaskingError: none, so the file has changed since it was studied (``CF-1906``).
    """
    for file in files:
        if file.identity == identity:
            return file
    raise changed_since()


def refuse_unknown(reading: Reading) -> NoReturn:
    """The error for a file that is not one of those that were studied: what is wrong with it, if that is why.

    Raises:
        MaskingError: always; ``CF-1906`` when it could be read, so that it has changed.
    """
    for _window in reading.windows():
        pass
    raise changed_since()


def changed_since() -> MaskingError:
    """The error for a file that is not one of those that were studied."""
    return MaskingError(
        "The file changed while it was masked",
        happened="It is not what it was when the files that go with it were read first.",
        todo="Collect it again; a segment that is closed does not change.",
        code="CF-1906",
    )


def _key(source: BinaryIO, size: int) -> _Key:
    source.seek(0)
    return size, hashlib.sha256(source.read(min(_HEAD, size))).digest()
