"""That a file changed: events are hints, the scan is the truth."""

from agent.watch.agenda import Tiers, slow_share
from agent.watch.fingerprint import (
    FileShrank,
    Fingerprint,
    fingerprint_behind,
    still_begins_with,
    take_fingerprint,
)
from agent.watch.hints import HintSource, NoHints, OnHint, file_events, short_of_watches
from agent.watch.listing import Listing, list_directory
from agent.watch.names import is_log_name
from agent.watch.opening import open_shared
from agent.watch.proving import forget_trials, proven_hints
from agent.watch.rotation import Candidate, Closing, RotatedName, decide_closed, rotated_name, unpacked_name
from agent.watch.scan import FolderScan, SeenFile, scan_folder
from agent.watch.shares import is_share
from agent.watch.straight import look_straight, open_straight
from agent.watch.tree import Tree
from agent.watch.watcher import Watcher

__all__ = [
    "Candidate",
    "Closing",
    "FileShrank",
    "Fingerprint",
    "FolderScan",
    "HintSource",
    "Listing",
    "NoHints",
    "OnHint",
    "RotatedName",
    "SeenFile",
    "Tiers",
    "Tree",
    "Watcher",
    "decide_closed",
    "file_events",
    "fingerprint_behind",
    "forget_trials",
    "is_log_name",
    "is_share",
    "list_directory",
    "look_straight",
    "open_shared",
    "open_straight",
    "proven_hints",
    "rotated_name",
    "scan_folder",
    "short_of_watches",
    "slow_share",
    "still_begins_with",
    "take_fingerprint",
    "unpacked_name",
]
