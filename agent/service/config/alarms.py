"""``[alarms]``: which alarms are raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.alarms import AlarmRule, read_alarm_rules
from agent.jobs.rules import Rule
from app.settings import TomlDocument, resource


@dataclass(frozen=True, slots=True)
class AlarmsTable:
    """The table as it stands in the file."""

    rules: str = ""
    enabled: bool = True


def read_alarms(home: Path, table: AlarmsTable) -> tuple[AlarmRule, ...]:
    """The rules of the alarm file, or the built-in ones; none when they are switched off.

    Raises:
        InputError: with the alarm file, line and field.
    """
    if not table.enabled:
        return ()
    return read_alarm_rules(home / table.rules if table.rules else resource("alarms", "default.toml"))


def check_alarms(document: TomlDocument, alarms: Sequence[AlarmRule], rules: Sequence[Rule]) -> None:
    """Rules wait for alarms that there are.

    Raises:
        InputError: with file, line and field.
    """
    known = {alarm.name for alarm in alarms}
    for index, rule in enumerate(rules):
        if rule.when.alarm and rule.when.alarm not in known:
            raise document.error(
                "rule",
                index,
                "when",
                happened="there is no alarm of this name.",
                todo=f"The alarms are {', '.join(sorted(known)) or 'switched off'}.",
            )
