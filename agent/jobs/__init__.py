"""Durable work: collect, mask, bundle, send, verify; resumable after any kill."""

from agent.jobs.cases import CaseStates
from agent.jobs.claims import in_portions, in_portions_of
from agent.jobs.collected import SourceMoved, begins_with
from agent.jobs.desk import JobDesk
from agent.jobs.destinations import PortalDestinations
from agent.jobs.dropping import OwnFiles
from agent.jobs.intake import Intake, Requested, can_be_read
from agent.jobs.journal import JobJournal, masked_at
from agent.jobs.kindness import Kindness, Manners
from agent.jobs.levels import Level
from agent.jobs.lost import JOURNAL_NAME, UNKNOWN_IF_SENT, begin_after_loss, forget_numbers, has_numbers
from agent.jobs.masking import masked_by
from agent.jobs.nights import Night, Window
from agent.jobs.pace import TransferPace
from agent.jobs.preview import Previews
from agent.jobs.progress import Moved, ProgressBoard
from agent.jobs.pruning import KEPT, Pruning
from agent.jobs.retry import Turn, after_error
from agent.jobs.rows import DROP, REQUEST, FileRow, FileState, JobRow, SegmentMark
from agent.jobs.rulebook import RuleBook
from agent.jobs.rules import Rule, RuleSftp, When
from agent.jobs.ruling import Ruling
from agent.jobs.sending import Destinations, Sender
from agent.jobs.spool import Spool, make_room_to_start
from agent.jobs.studies import Studies
from agent.jobs.tools import Tools
from agent.jobs.verdicts import CaseState, Sight, Verdict, judge, offered
from agent.jobs.volumes import VolumeRow
from agent.jobs.workshop import Workshop

__all__ = [
    "DROP",
    "JOURNAL_NAME",
    "KEPT",
    "REQUEST",
    "UNKNOWN_IF_SENT",
    "CaseState",
    "CaseStates",
    "Destinations",
    "FileRow",
    "FileState",
    "Intake",
    "JobDesk",
    "JobJournal",
    "JobRow",
    "Kindness",
    "Level",
    "Manners",
    "Moved",
    "Night",
    "OwnFiles",
    "PortalDestinations",
    "Previews",
    "ProgressBoard",
    "Pruning",
    "Requested",
    "Rule",
    "RuleBook",
    "RuleSftp",
    "Ruling",
    "SegmentMark",
    "Sender",
    "Sight",
    "SourceMoved",
    "Spool",
    "Studies",
    "Tools",
    "TransferPace",
    "Turn",
    "Verdict",
    "VolumeRow",
    "When",
    "Window",
    "Workshop",
    "after_error",
    "begin_after_loss",
    "begins_with",
    "can_be_read",
    "forget_numbers",
    "has_numbers",
    "in_portions",
    "in_portions_of",
    "judge",
    "make_room_to_start",
    "masked_at",
    "masked_by",
    "offered",
]
