"""What of a packed segment was not taken up before it was packed: only that is sent of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.catalogue import Segment
from agent.jobs.ranges import beginning_of
from agent.jobs.rows import SegmentMark
from agent.watch import Fingerprint, open_shared
from agent.watch.fingerprint import HEAD, continues, fingerprint_of
from app.logs import PackedError, open_packed

_ENDLESS = 1 << 62


def rest_of_packed(
    path: Path, segment: Segment, *, taken_up: Callable[[Fingerprint], Sequence[SegmentMark]]
) -> tuple[SegmentMark, int] | None:
    """The text in a packed segment, and where in it begins what was not taken up before.

    Only one of which the first bytes were taken up is unpacked any further than these.

    Args:
        path: where it lies.
        segment: closed.
        taken_up: what may have been taken up of a text with this head, the longest first.

    Returns:
        None when nothing of it was taken up, or all; or when it holds several files or cannot be unpacked.
    """
    try:
        with open_shared(path) as source:
            packed = open_packed(source)
            files = [entry for entry in packed.entries if not entry.folder] if packed is not None else []
            if len(files) != 1 or files[0].fault is not None:
                return None
            text = files[0].open()
            head = fingerprint_of(text, size=len(text.read(HEAD)))
            begun = taken_up(Fingerprint(_ENDLESS, head.head_length, head.head, head.tail))
            before = beginning_of(begun, begins_with=lambda mark: continues(text, mark.print))
            if before is None or (size := text.seek(0, os.SEEK_END)) <= before.print.size:
                return None
            upto = fingerprint_of(text, size=size)
    except (OSError, PackedError):
        return None  # what is wrong with it is told when it is collected
    mark = SegmentMark(before.generation, segment.device, segment.inode, upto, inside=True)
    return mark, before.print.size
