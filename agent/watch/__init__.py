"""That a file changed: events are hints, the scan is the truth."""

from agent.watch.fingerprint import FileShrank, Fingerprint, still_begins_with, take_fingerprint
from agent.watch.hints import HintSource, NoHints, WatchdogHints, short_of_watches
from agent.watch.opening import open_shared
from agent.watch.rotation import Candidate, Closing, RotatedName, decide_closed, rotated_name
from agent.watch.scan import FolderScan, SeenFile, is_log_name, scan_folder
from agent.watch.watcher import Watcher

__all__ = [
    "Candidate",
    "Closing",
    "FileShrank",
    "Fingerprint",
    "FolderScan",
    "HintSource",
    "NoHints",
    "RotatedName",
    "SeenFile",
    "WatchdogHints",
    "Watcher",
    "decide_closed",
    "is_log_name",
    "open_shared",
    "rotated_name",
    "scan_folder",
    "short_of_watches",
    "still_begins_with",
    "take_fingerprint",
]
