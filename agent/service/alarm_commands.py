"""``caseferry-agent alarms list | show | draft``: what was seen in logs, and the cases that are proposed."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from agent.service.answering import AsJson, ConfigFile, calling, say
from agent.service.tables import listing, screen_for
from app.agentlink import AlarmsAsk, AlarmShown, CaseDraft
from app.domain.errors import InputError

alarms = cyclopts.App(name="alarms", help="What alarm rules saw in the logs, and the cases they propose.")


@alarms.command(name="list")
def show_all(*, config: ConfigFile, limit: int = 50, json: AsJson = False) -> int:
    """Alarms, the newest first.

    Args:
        config: The configuration file.
        limit: How many, 1 to 500.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        found = agent.alarms(AlarmsAsk(limit=limit))
    if json:
        return say(found)
    table = listing("Alarm", "Severity", "Rule", "Application", "Message", "Last line", "Lines", "")
    for each in found.alarms:
        cells = (str(each.alarm), each.severity, each.rule, each.application, each.message)
        table.add_row(*cells, _shown(each.last), f"{each.count:,}", _state(each))
    console = screen_for(table)
    console.print(table)
    console.print(f"{found.rules} rules.")
    return 0


@alarms.command
def show(number: int, *, config: ConfigFile, json: AsJson = False) -> int:
    """One alarm with its lines, which are masked.

    Args:
        number: As `list` shows it.
        config: The configuration file.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        found = agent.alarm(number)
    if json:
        return say(found)
    state = f"; {_state(found)}" if _state(found) else ""
    _write(f"{found.severity}: {found.rule}. {found.text}{state}")
    _write(
        f"{found.application} {found.version}".rstrip()
        + (f", message {found.message}" if found.message else "")
    )
    _write(f"{found.count:,} lines from {_shown(found.first)} to {_shown(found.last)}")
    for line in found.lines:
        _write(line)
    if found.left_out:
        _write(f"{found.left_out} lines could not be masked and are left out.")
    return 0


@alarms.command
def draft(
    number: int | None = None,
    *,
    config: ConfigFile,
    take: Annotated[bool, Parameter(negative=())] = False,
    json: AsJson = False,
) -> int:
    """The cases that alarms propose, or the text of one; nothing of it is sent.

    Args:
        number: Of a draft; all that nobody has taken when left out.
        config: The configuration file.
        take: You open the case; what comes later begins another draft.
        json: Answer as one JSON document.
    """
    if number is None and take:
        raise InputError(
            "Which draft?",
            happened="A draft is taken by its number.",
            todo="Give the number that caseferry-agent alarms draft shows.",
            code="CF-1110",
        )
    with calling(config) as agent:
        if number is None:
            open_ones = agent.drafts()
            return say(open_ones) if json else _list(open_ones.drafts)
        found = agent.take_draft(number) if take else agent.draft(number)
    if json:
        return say(found)
    _write(found.description)
    return 0


def _list(drafts: list[CaseDraft]) -> int:
    table = listing("Draft", "Severity", "Summary", "Last line", "Lines")
    for each in drafts:
        table.add_row(str(each.draft), each.severity, each.summary, _shown(each.last), f"{each.count:,}")
    screen_for(table).print(table)
    return 0


def _state(alarm: AlarmShown) -> str:
    if not alarm.storm:
        return ""
    return "a storm" if alarm.ended is None else "a storm that is over"


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
