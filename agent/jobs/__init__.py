"""Durable work: collect, mask, bundle, send, verify; resumable after any kill."""

from agent.jobs.claims import in_portions, in_portions_of, wanted
from agent.jobs.desk import JobDesk
from agent.jobs.destinations import PortalDestinations
from agent.jobs.intake import Intake, Requested
from agent.jobs.journal import JobJournal
from agent.jobs.pace import TransferPace
from agent.jobs.preview import Previews
from agent.jobs.progress import Moved, ProgressBoard
from agent.jobs.retry import Turn, after_error
from agent.jobs.rows import DROP, REQUEST, FileRow, FileState, JobRow
from agent.jobs.rules import Rule, RuleSftp, When
from agent.jobs.sending import Destinations, Sender
from agent.jobs.spool import Spool
from agent.jobs.workshop import Tools, Workshop

__all__ = [
    "DROP",
    "REQUEST",
    "Destinations",
    "FileRow",
    "FileState",
    "Intake",
    "JobDesk",
    "JobJournal",
    "JobRow",
    "Moved",
    "PortalDestinations",
    "Previews",
    "ProgressBoard",
    "Requested",
    "Rule",
    "RuleSftp",
    "Sender",
    "Spool",
    "Tools",
    "TransferPace",
    "Turn",
    "When",
    "Workshop",
    "after_error",
    "in_portions",
    "in_portions_of",
    "wanted",
]
