"""Which packed segments hold a log that is known from before it was packed: heads are compared unpacked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.catalogue.segments import Segment
from agent.watch import Fingerprint
from agent.watch.fingerprint import HEAD, longest_beginning
from agent.watch.rotation import PACKED
from agent.watch.unpacked import NotUnpacked, open_known

_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class PlainForm:
    """What a packed segment was.

    Attributes:
        segment: id of the plain one.
        whole: whether it had the very bytes that were packed; else they begin with its.
    """

    segment: int
    whole: bool


def is_packed_name(segment: Segment) -> bool:
    """Whether a packer has written it, by its name."""
    return is_packed_path(segment.path)


def is_packed_path(path: str) -> bool:
    """Whether a packer has written what lies there, by its name."""
    return path.lower().endswith(PACKED)


class PackedForms:
    """Answers for packed segments, each of which is looked into once as long as it stays as it is.

    Only one whose first bytes are those of a plain segment is unpacked further than these.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[tuple[int, int], PlainForm | None]] = {}

    def asked(self, segments: Iterable[Segment]) -> list[Segment]:
        """Those that have not been looked into as they are now."""
        return [one for one in segments if self._known.get(one.id, ((-1, -1), None))[0] != _state(one)]

    def of(self, segment: Segment) -> PlainForm | None:
        """The plain form of a packed segment, as far as it was found."""
        state, form = self._known.get(segment.id, ((-1, -1), None))
        return form if state == _state(segment) else None

    def look(self, packed: Sequence[Segment], plain: Iterable[Segment]) -> None:
        """Look for packed segments among plain ones."""
        by_head: dict[int, dict[str, list[Segment]]] = {}
        for segment in plain:
            heads = by_head.setdefault(segment.print.head_length, {})
            heads.setdefault(segment.print.head, []).append(segment)
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        for one in packed:
            try:
                self._known[one.id] = (_state(one), _plain_form(one, by_head))
            except NotUnpacked:
                self._known[one.id] = (_state(one), None)
            except OSError:
                continue  # it is looked into at the next pass


def _state(segment: Segment) -> tuple[int, int]:
    return segment.size, segment.modified_ns


def _plain_form(segment: Segment, by_head: dict[int, dict[str, list[Segment]]]) -> PlainForm | None:
    with open_known(segment.file, (segment.device, segment.inode), packed=True) as text:
        head = text.read(HEAD)
        alike: dict[Fingerprint, Segment] = {}
        for length, heads in by_head.items():
            if 0 < length <= len(head):
                digest = hashlib.sha256(head[:length]).hexdigest()[:32]
                for one in heads.get(digest, ()):
                    before = alike.get(one.print)
                    if before is None or (bool(one.key), one.id) > (bool(before.key), before.id):
                        alike[one.print] = one
        found = longest_beginning(text, alike) if alike else None
        if found is None:
            return None
        text.seek(found.size)
        return PlainForm(alike[found].id, whole=not text.read(1))
