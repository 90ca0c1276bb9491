"""Which file of a scan is which segment we know: by identity and content, never by name alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from agent.catalogue.segments import Segment, SegmentState
from agent.watch import FileShrank, Fingerprint, SeenFile

BeginsWith = Callable[[SeenFile, Fingerprint], bool]
"""Whether the file's first bytes are those of the fingerprint; raises OSError when it cannot be read."""


@dataclass(slots=True)
class Matches:
    """How the files of a scan relate to the segments known before.

    Attributes:
        same: the file is this segment, and nothing about it has changed.
        changed: the file is this segment; it was renamed, has grown, or was touched.
        fresh: no segment we know.
        unreadable: files that could not be read, with the reason; empty when it moved meanwhile.
        missing: segments that no file of the scan is.
    """

    same: list[tuple[SeenFile, Segment]] = field(default_factory=list)
    changed: list[tuple[SeenFile, Segment]] = field(default_factory=list)
    fresh: list[SeenFile] = field(default_factory=list)
    unreadable: list[tuple[SeenFile, str]] = field(default_factory=list)
    missing: list[Segment] = field(default_factory=list)


def match(files: Sequence[SeenFile], known: Iterable[Segment], *, begins_with: BeginsWith) -> Matches:
    """Assign each file to at most one segment and each segment to at most one file.

    A file is a segment when device and file id are the same, it is not smaller than the segment was, and its
    first bytes are the segment's. A file id alone proves nothing (ids are used again); a smaller file is
    new content. Where file ids change by themselves (network shares), the same path with the same first
    bytes is the same segment, too.
    """
    matches = Matches()
    left = {segment.id: segment for segment in known}
    by_id: dict[tuple[int, int], list[Segment]] = {}
    for segment in left.values():
        by_id.setdefault((segment.device, segment.inode), []).append(segment)
    waiting: list[SeenFile] = []
    for file in files:
        try:
            found = _by_identity(file, by_id.get((file.device, file.inode), ()), left, begins_with)
        except OSError as error:
            _unreadable(matches, file, error)
            continue
        if found is None:
            waiting.append(file)
        else:
            _take(matches, left, file, found)
    by_path = {segment.path: segment for segment in left.values() if segment.state is not SegmentState.GONE}
    for file in waiting:
        before = by_path.get(file.path)
        try:
            if before is not None and before.id in left and _continues(file, before, begins_with):
                _take(matches, left, file, before)
            else:
                matches.fresh.append(file)
        except OSError as error:
            _unreadable(matches, file, error)
    matches.missing = list(left.values())
    return matches


def _by_identity(
    file: SeenFile, candidates: Sequence[Segment], left: dict[int, Segment], begins_with: BeginsWith
) -> Segment | None:
    newest_first = sorted(candidates, key=lambda segment: segment.id, reverse=True)
    for segment in newest_first:
        if segment.id in left and (_untouched(file, segment) or _continues(file, segment, begins_with)):
            return segment
    return None


def _untouched(file: SeenFile, segment: Segment) -> bool:
    return (
        file.path == segment.path
        and file.size == segment.size
        and file.modified_ns == segment.modified_ns
        and (file.device, file.inode) == (segment.device, segment.inode)
    )


def _continues(file: SeenFile, segment: Segment, begins_with: BeginsWith) -> bool:
    if file.size < segment.size:
        return False
    if segment.size == 0:
        # nothing was written under this id and path yet: whatever comes is its content
        return file.path == segment.path and (file.device, file.inode) == (segment.device, segment.inode)
    return begins_with(file, segment.print)


def _take(matches: Matches, left: dict[int, Segment], file: SeenFile, segment: Segment) -> None:
    del left[segment.id]
    (matches.same if _untouched(file, segment) else matches.changed).append((file, segment))


def _unreadable(matches: Matches, file: SeenFile, error: OSError) -> None:
    matches.unreadable.append((file, unreadable_reason(error)))


def unreadable_reason(error: OSError) -> str:
    """Why a file could not be read, for people; empty when it only moved or shrank meanwhile."""
    if isinstance(error, (FileNotFoundError, FileShrank)):
        return ""
    if isinstance(error, PermissionError):
        return "The agent may not read it."
    return f"{error.strerror or type(error).__name__}."
