"""Which segments exist, of which application, covering which time; finding records in them."""

from agent.catalogue.catalogue import Catalogue, FolderSummary, Pass, open_catalogue
from agent.catalogue.finding import (
    ByteRange,
    Finder,
    Found,
    FoundSegment,
    Lost,
    Scope,
    TimeRange,
    micros_of,
    moment_of,
    read_found,
)
from agent.catalogue.indexing import NamingRule, TimeIndexer
from agent.catalogue.matching import Matches, match, unreadable_reason
from agent.catalogue.searching import Hit, Query, Searched, Searcher
from agent.catalogue.segments import Segment, SegmentState, segment_key
from agent.catalogue.times import TimedSegment, TimeTable

__all__ = [
    "ByteRange",
    "Catalogue",
    "Finder",
    "FolderSummary",
    "Found",
    "FoundSegment",
    "Hit",
    "Lost",
    "Matches",
    "NamingRule",
    "Pass",
    "Query",
    "Scope",
    "Searched",
    "Searcher",
    "Segment",
    "SegmentState",
    "TimeIndexer",
    "TimeRange",
    "TimeTable",
    "TimedSegment",
    "match",
    "micros_of",
    "moment_of",
    "open_catalogue",
    "read_found",
    "segment_key",
    "unreadable_reason",
]
