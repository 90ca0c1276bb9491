"""What people ask of the trail: show it, prove it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.audit.chain import ChainReport
from agent.audit.record import AuditRecord
from agent.audit.trail import FOLDER_NAME, check_trail, trail_records
from app.agentlink import AuditAsk, AuditBreak, AuditCheck, AuditCheckAsk, AuditEntry, AuditPage
from app.domain.errors import InputError
from app.secrets import SecretStore

KEY_NAME = "audit-key"
_MOST = 1000


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """Answers about the trail in a data folder; an agent may be writing it.

    Attributes:
        vault: with the key of the trail; None when the agent has not made one yet.
    """

    data: Path
    vault: SecretStore | None

    def entries(self, ask: AuditAsk) -> AuditPage:
        """Records in order.

        Raises:
            InputError: the limit is out of range, or a time has no zone.
            LocalError: the trail cannot be read.
        """
        if not 1 <= ask.limit <= _MOST:
            raise InputError(
                "A number is out of range",
                happened=f"limit must be 1 to {_MOST}.",
                todo="Ask for fewer at once.",
                code="CF-1189",
            )
        found: list[AuditEntry] = []
        for record in self._wanted(ask):
            if len(found) == ask.limit:
                return AuditPage(entries=found, more=True)
            found.append(_shown(record))
        return AuditPage(entries=found)

    def check(self, ask: AuditCheckAsk) -> AuditCheck:
        """Whether the trail is whole, and where it is not.

        Raises:
            LocalError: it cannot be read.
        """
        key = None if self.vault is None else self.vault.get(KEY_NAME)
        return shown_check(check_trail(self.data, key=key, start=ask.first), keyed=key is not None)

    def _wanted(self, ask: AuditAsk) -> Iterator[AuditRecord]:
        since = None if ask.since is None else _utc(ask.since)
        for record in trail_records(self.data / FOLDER_NAME):
            late = since is None or record.at >= since
            if record.seq > ask.after and ask.case in ("", record.case) and late:
                yield record


def shown_check(report: ChainReport, *, keyed: bool) -> AuditCheck:
    """A report in the words of the contract."""
    return AuditCheck(
        records=report.records,
        files=report.files,
        first=report.first,
        last=report.last,
        digest=report.digest,
        keyed=keyed,
        breaks=[AuditBreak(each.file, each.line, each.what) for each in report.breaks],
    )


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InputError(
            "The range is not right",
            happened="A time has no zone.",
            todo="Say from when to when, with the zone: 2023-06-09T10:15:00+02:00.",
            code="CF-1107",
        )
    return moment.astimezone(UTC)


def _shown(record: AuditRecord) -> AuditEntry:
    return AuditEntry(
        seq=record.seq,
        at=record.at,
        id=record.id,
        kind=record.kind,
        by=record.by,
        case=record.case,
        job=record.job,
        rule=record.rule,
        facts=dict(record.facts),
    )
