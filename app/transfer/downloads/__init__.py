"""Files from a server to this disk, whole and proven."""

from app.transfer.downloads.answers import Changed, NoRanges
from app.transfer.downloads.fetching import MOST_STREAMS, Fetched, Wanted, fetch
from app.transfer.downloads.keeping_on import keep_on
from app.transfer.downloads.names import local_name
from app.transfer.downloads.stopping import broken_on_stop

__all__ = [
    "MOST_STREAMS",
    "Changed",
    "Fetched",
    "NoRanges",
    "Wanted",
    "broken_on_stop",
    "fetch",
    "keep_on",
    "local_name",
]
