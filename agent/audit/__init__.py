"""The audit trail: who or what sent which files to which case when, by which rule and approval."""

from agent.audit.acting import acting, current_actor
from agent.audit.chain import Break, ChainReport, Head, check_lines
from agent.audit.desk import KEY_NAME, AuditDesk
from agent.audit.following import JobAudit
from agent.audit.noting import AuditNotes
from agent.audit.record import AuditEvent, AuditRecord, EventKind, Fact
from agent.audit.trail import FOLDER_NAME, AuditTrail, check_trail, trail_records

__all__ = [
    "FOLDER_NAME",
    "KEY_NAME",
    "AuditDesk",
    "AuditEvent",
    "AuditNotes",
    "AuditRecord",
    "AuditTrail",
    "Break",
    "ChainReport",
    "EventKind",
    "Fact",
    "Head",
    "JobAudit",
    "acting",
    "check_lines",
    "check_trail",
    "current_actor",
    "trail_records",
]
