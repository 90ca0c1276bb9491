"""Moving bytes so that they arrive exactly once and are proven. It must not know cases nor masking."""

from app.transfer.clock import Clock, SystemClock
from app.transfer.control import Cancelled, Control, Interrupted, Stopped
from app.transfer.destination import Beat, Destination, Level, Opened, Shipment
from app.transfer.journal import Journal, Transfer, TransferBusy
from app.transfer.parts import Part
from app.transfer.progress import Progress
from app.transfer.retry import RetryPolicy
from app.transfer.sending import Proof, idempotency_key, send
from app.transfer.session import SftpLogin
from app.transfer.sftp import ReadBack, SftpDestination
from app.transfer.source import SourceChanged
from app.transfer.states import TransferState
from app.transfer.tus import TusDestination
from app.transfer.wire import Patience, TokenSource

__all__ = [
    "Beat",
    "Cancelled",
    "Clock",
    "Control",
    "Destination",
    "Interrupted",
    "Journal",
    "Level",
    "Opened",
    "Part",
    "Patience",
    "Progress",
    "Proof",
    "ReadBack",
    "RetryPolicy",
    "SftpDestination",
    "SftpLogin",
    "Shipment",
    "SourceChanged",
    "Stopped",
    "SystemClock",
    "TokenSource",
    "Transfer",
    "TransferBusy",
    "TransferState",
    "TusDestination",
    "idempotency_key",
    "send",
]
