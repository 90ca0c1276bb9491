"""Rule files of alarms: TOML, read into typed rules, errors with file, line and field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from agent.alarms.expressions import complaint
from agent.alarms.rules import Action, AlarmRule, Rate, Severity
from app.settings import TomlDocument, read_toml

MOST_RULES = 200
_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_ID = re.compile(r"\A\d{5}\Z", re.ASCII)
_RATE = re.compile(r"\A([1-9]\d{0,3}) in ([1-9]\d{0,3})\s?([smh])\Z", re.ASCII)
_AROUND = re.compile(r"\A([1-9]\d{0,3})\s?([smh])\Z", re.ASCII)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_LONGEST = timedelta(days=1)
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class _Alarm:
    name: str
    severity: Severity
    ids: list[str] = field(default_factory=list)
    pattern: str = ""
    applications: list[str] = field(default_factory=list)
    rate: str = ""
    actions: list[Action] = field(default_factory=lambda: [Action.NOTIFY])
    around: str = "15m"
    text: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    alarm: list[_Alarm] = field(default_factory=list)


def read_alarm_rules(path: Path) -> tuple[AlarmRule, ...]:
    """Read and check a rule file.

    Raises:
        InputError: with file, line and field.
    """
    document = read_toml(path)
    tables = document.load(_File).alarm
    if len(tables) > MOST_RULES:
        raise document.error(
            "alarm",
            MOST_RULES,
            happened=f"there are more than {MOST_RULES} rules.",
            todo="Use fewer; one may have several ids.",
        )
    rules: list[AlarmRule] = []
    for index, table in enumerate(tables):
        if not _NAME.match(table.name) or any(rule.name == table.name for rule in rules):
            raise document.error(
                "alarm",
                index,
                "name",
                happened="it is not a name, or another rule has it.",
                todo="Use up to 64 letters, digits, dots, dashes and underscores, for each rule others.",
            )
        rules.append(_rule(document, table, index))
    return tuple(rules)


def _rule(document: TomlDocument, table: _Alarm, index: int) -> AlarmRule:
    place = ("alarm", index)
    for number, each in enumerate(table.ids):
        if not _ID.match(each):
            raise document.error(
                *place,
                "ids",
                number,
                happened="it is no id of a message.",
                todo='Write its five digits: "04504".',
            )
    if not table.ids and not table.pattern:
        raise document.error(
            *place, "ids", happened="the rule names no line.", todo="Give ids, or a pattern, or both."
        )
    if len(table.text) > _LONGEST_TEXT:
        raise document.error(
            *place, "text", happened="it is too long.", todo=f"Use up to {_LONGEST_TEXT} characters."
        )
    wrong = complaint(table.pattern) if table.pattern else ""
    if wrong:
        raise document.error(
            *place, "pattern", happened=f"the expression {wrong}.", todo="Write it as RE2 understands it."
        )
    return AlarmRule(
        name=table.name,
        severity=table.severity,
        ids=tuple(table.ids),
        pattern=table.pattern,
        applications=tuple(table.applications),
        rate=_rate(document, table, index),
        actions=tuple(dict.fromkeys(table.actions)),
        around=_around(document, table, index),
        text=table.text,
    )


def _rate(document: TomlDocument, table: _Alarm, index: int) -> Rate:
    if not table.rate:
        return Rate()
    match = _RATE.match(table.rate)
    rate = None if match is None else Rate(int(match[1]), int(match[2]) * _UNITS[match[3]])
    if rate is None or rate.within > _LONGEST or rate.count > 1000:
        raise document.error(
            "alarm",
            index,
            "rate",
            happened="it is no rate.",
            todo='Write lines and time: "5 in 10m". At most 1000, within a day.',
        )
    return rate


def _around(document: TomlDocument, table: _Alarm, index: int) -> timedelta:
    match = _AROUND.match(table.around)
    around = timedelta() if match is None else int(match[1]) * _UNITS[match[2]]
    if not timedelta() < around <= _LONGEST:
        raise document.error(
            "alarm", index, "around", happened="it is no time.", todo="Write 30s, 15m or 2h, a day at most."
        )
    return around
