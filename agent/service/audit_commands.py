"""``caseferry-agent audit verify | show``: the audit trail in the data folder; no agent needs to run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import cyclopts
import msgspec
from cyclopts import Parameter

from agent.service.answering import AsJson, ConfigFile
from agent.service.place import data_folder_of
from agent.service.tables import listing, screen_for
from app.agentlink import AuditAsk, AuditCheckAsk, AuditEntry, read_moment

_INTEGRITY = 7
_PAGE = 1000

audit = cyclopts.App(name="audit", help="What was sent when to which case, by which rule and approval.")


@audit.command
def verify(
    *, config: ConfigFile, first: Annotated[int, Parameter(name="--from")] = 1, json: AsJson = False
) -> int:
    """Prove that no record of the trail was changed, taken out or put elsewhere; 7 when one was.

    Args:
        config: The configuration file.
        first: Number of the first record that is of interest.
        json: Answer as one JSON document.
    """
    found = _desk(config).check(AuditCheckAsk(first=first))
    if json:
        _say(found)
        return _INTEGRITY if found.breaks else 0
    for broken in found.breaks:
        sys.stdout.write(f"{broken.file}:{broken.line}: {broken.what}\n")
    span = f"records {found.first} to {found.last} in {found.files} files" if found.records else "no records"
    if found.breaks:
        sys.stdout.write(f"The trail is broken ({span}).\n")
        return _INTEGRITY
    sys.stdout.write(f"The trail is whole: {span}.\n")
    if found.digest:
        sys.stdout.write(f"Its head is {found.digest}; note it elsewhere to prove the trail against it.\n")
    if not found.keyed and found.records:
        sys.stderr.write("The vault has no key of the trail: only the chain of digests was followed.\n")
    return 0


@audit.command
def show(*, config: ConfigFile, case: str = "", since: str = "", json: AsJson = False) -> int:
    """Show the records in their order.

    Args:
        config: The configuration file.
        case: Of this case only.
        since: From this time on: 2023-06-09T10:15, local or with a zone.
        json: One JSON document a line.
    """
    desk = _desk(config)
    start = read_moment(since) if since else None
    table = listing("No.", "When", "What", "By", "Case", "Job", "Facts")
    after, more = 0, True
    while more:
        page = desk.entries(AuditAsk(case=_case(case), since=start, after=after, limit=_PAGE))
        for entry in page.entries:
            after = entry.seq
            if json:
                _say(entry)
            else:
                table.add_row(*_cells(entry))
        more = page.more
    if not json:
        screen_for(table).print(table)
    return 0


def _desk(config: Path) -> Any:
    from agent.audit import AuditDesk
    from app.secrets import look_into_agent_vault

    data = data_folder_of(config)
    return AuditDesk(data, look_into_agent_vault(data))


def _case(text: str) -> str:
    return text.zfill(10) if text.isdecimal() else text


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    told = {name: value for name, value in entry.facts.items() if value not in ("", [])}
    facts = ", ".join(f"{name} {_short(value)}" for name, value in told.items())
    when = f"{entry.at:%Y-%m-%d %H:%M:%S}Z"
    return (str(entry.seq), when, entry.kind, entry.by, entry.case, entry.job, facts)


def _short(value: Any) -> str:
    """Lists by their length, digests by their begin; ``--json`` has all of it."""
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, dict):
        return str(value.get("name") or len(value))
    text = str(value)
    return f"{text[:12]}…" if len(text) == 64 else text


def _say(answer: Any) -> None:
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()
