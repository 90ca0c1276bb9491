"""What the core learned from the files of one bundle, and what it found in them."""

from __future__ import annotations

from collections.abc import Iterable

from app.masking.face import Kind, Study
from app.masking.native.places import Shelf
from app.masking.native.told import Lesson
from app.masking.studied import StudiedFiles


class NativeStudy:
    """See `app.masking.face.Study`.

    Attributes:
        lesson: of all files.
        known: the files.
        shelf: the places of the first of them, so that these are searched once.
    """

    def __init__(self, lesson: Lesson, *, rules: str, key: str) -> None:
        self.lesson = lesson
        self.known = StudiedFiles(rules=rules, key=key)
        self.shelf = Shelf()

    @property
    def files(self) -> int:
        """How many files it knows."""
        return len(self.known)

    @property
    def learned(self) -> int:
        """Values that are remembered."""
        return self.lesson.learned

    @property
    def not_learned(self) -> int:
        """Values past the bound."""
        return self.lesson.dropped

    def listen(self) -> None:
        """See `app.masking.face.Study.listen`."""
        self.lesson.heard = {}

    def heard(self) -> tuple[tuple[Kind, bytes], ...]:
        """See `app.masking.face.Study.heard`."""
        return tuple(self.lesson.heard or ())

    def teach(self, values: Iterable[tuple[Kind, bytes]]) -> None:
        """See `app.masking.face.Study.teach`."""
        self.known.refuse_used()
        self.lesson.teach(values)


def native_study(study: Study, *, rules: str, key: str) -> NativeStudy:
    """The study as one of this engine.

    Raises:
        ValueError: it was made by another engine, with other rules or another key.
    """
    if not isinstance(study, NativeStudy):
        raise ValueError("a study is for the engine that made it")  # noqa: TRY004 - a value among studies
    study.known.refuse_other(rules=rules, key=key)
    return study
