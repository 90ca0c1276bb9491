"""Moving bytes so that they arrive exactly once and are proven. It must not know cases nor masking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.later import loaded_later
from app.transfer.bandwidth import Hours, Limiter, Limits
from app.transfer.clock import Clock, SystemClock
from app.transfer.control import Cancelled, Control, Interrupted, Stopped
from app.transfer.destination import Beat, Destination, Features, Lane, Level, Opened, Shipment
from app.transfer.growth import MOST_CONNECTIONS
from app.transfer.hostkeys import KnownHosts, known_host_key, settle_host_key
from app.transfer.idle import Idleness, limiter_for
from app.transfer.journal import Journal, Transfer, TransferBusy
from app.transfer.login import HostKey, SftpLogin
from app.transfer.outage import Network, RoutingTable
from app.transfer.parts import Part
from app.transfer.progress import Progress
from app.transfer.queue import Entry, Order, Queue, Standing
from app.transfer.ranges import ByteRange
from app.transfer.retry import Cause, RetryPolicy, cause_of
from app.transfer.sending import Proof, give_up, idempotency_key, send
from app.transfer.source import SourceChanged
from app.transfer.states import TransferState
from app.transfer.turns import Waiting, next_turn
from app.transfer.tus import TusDestination
from app.transfer.wire import Patience, TokenSource
from app.transfer.wording import hours_words, parse_hours, parse_rate, parse_span, rate_words

if TYPE_CHECKING:
    from app.transfer.session import SftpServer, needs_passphrase, show_host_key
    from app.transfer.sftp import ReadBack, SftpDestination
    from app.transfer.sftp_download import FetchedOverSftp, RemoteFile, fetch_over_sftp

_OVER_SSH = {
    "FetchedOverSftp": "sftp_download",
    "ReadBack": "sftp",
    "RemoteFile": "sftp_download",
    "SftpDestination": "sftp",
    "SftpServer": "session",
    "needs_passphrase": "session",
    "show_host_key": "session",
    "fetch_over_sftp": "sftp_download",
}

__all__ = [
    "MOST_CONNECTIONS",
    "Beat",
    "ByteRange",
    "Cancelled",
    "Cause",
    "Clock",
    "Control",
    "Destination",
    "Entry",
    "Features",
    "FetchedOverSftp",
    "HostKey",
    "Hours",
    "Idleness",
    "Interrupted",
    "Journal",
    "KnownHosts",
    "Lane",
    "Level",
    "Limiter",
    "Limits",
    "Network",
    "Opened",
    "Order",
    "Part",
    "Patience",
    "Progress",
    "Proof",
    "Queue",
    "ReadBack",
    "RemoteFile",
    "RetryPolicy",
    "RoutingTable",
    "SftpDestination",
    "SftpLogin",
    "SftpServer",
    "Shipment",
    "SourceChanged",
    "Standing",
    "Stopped",
    "SystemClock",
    "TokenSource",
    "Transfer",
    "TransferBusy",
    "TransferState",
    "TusDestination",
    "Waiting",
    "cause_of",
    "fetch_over_sftp",
    "give_up",
    "hours_words",
    "idempotency_key",
    "known_host_key",
    "limiter_for",
    "needs_passphrase",
    "next_turn",
    "parse_hours",
    "parse_rate",
    "parse_span",
    "rate_words",
    "send",
    "settle_host_key",
    "show_host_key",
]

# SSH takes half a second to load: only who sends by SFTP waits for it.
__getattr__ = loaded_later(__name__, _OVER_SSH)
