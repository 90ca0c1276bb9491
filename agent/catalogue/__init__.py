"""Which segments exist, of which application, covering which time; finding records in them."""

from agent.catalogue.archive import (
    CATALOGUE_NAME,
    LogArchive,
    backlog_at,
    gaps_at,
    open_archive,
    readiness_at,
)
from agent.catalogue.catalogue import EVIDENCE_FOLDER, Catalogue, FolderSummary, Pass, open_catalogue
from agent.catalogue.census import Counted, count_applications, count_folders
from agent.catalogue.contents import open_text
from agent.catalogue.copies import has_copy
from agent.catalogue.desk import LogDesk
from agent.catalogue.evidence import Evidence, Hold, HoldReason
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
from agent.catalogue.forgetting import Trace, forget_unwatched, still_known
from agent.catalogue.growing import GrowingPins, Settled
from agent.catalogue.indexing import NamingRule, TimeIndexer
from agent.catalogue.listening import HeardBlock, HeardSegment, Listener, generation_of
from agent.catalogue.matching import Matches, match, unreadable_reason
from agent.catalogue.mending import SetAside, mend_catalogue
from agent.catalogue.readiness import Readiness
from agent.catalogue.searching import Hit, Query, Searched, Searcher
from agent.catalogue.segments import Segment, SegmentState, segment_key
from agent.catalogue.times import TimedSegment, TimeTable
from agent.catalogue.told import SegmentLines, lines_of

__all__ = [
    "CATALOGUE_NAME",
    "EVIDENCE_FOLDER",
    "ByteRange",
    "Catalogue",
    "Counted",
    "Evidence",
    "Finder",
    "FolderSummary",
    "Found",
    "FoundSegment",
    "GrowingPins",
    "HeardBlock",
    "HeardSegment",
    "Hit",
    "Hold",
    "HoldReason",
    "Listener",
    "LogArchive",
    "LogDesk",
    "Lost",
    "Matches",
    "NamingRule",
    "Pass",
    "Query",
    "Readiness",
    "Scope",
    "Searched",
    "Searcher",
    "Segment",
    "SegmentLines",
    "SegmentState",
    "SetAside",
    "Settled",
    "TimeIndexer",
    "TimeRange",
    "TimeTable",
    "TimedSegment",
    "Trace",
    "backlog_at",
    "count_applications",
    "count_folders",
    "forget_unwatched",
    "gaps_at",
    "generation_of",
    "has_copy",
    "lines_of",
    "match",
    "mend_catalogue",
    "micros_of",
    "moment_of",
    "open_archive",
    "open_catalogue",
    "open_text",
    "read_found",
    "readiness_at",
    "segment_key",
    "still_known",
    "unreadable_reason",
]
