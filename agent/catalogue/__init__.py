"""Which segments exist, of which application, covering which time."""

from agent.catalogue.catalogue import Catalogue, FolderSummary, Pass, open_catalogue
from agent.catalogue.matching import Matches, match, unreadable_reason
from agent.catalogue.segments import Segment, SegmentState, segment_key

__all__ = [
    "Catalogue",
    "FolderSummary",
    "Matches",
    "Pass",
    "Segment",
    "SegmentState",
    "match",
    "open_catalogue",
    "segment_key",
    "unreadable_reason",
]
