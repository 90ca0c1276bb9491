"""The ``[[rule]]`` tables of the configuration: read into rules, errors with file, line and field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path

from agent.jobs.levels import Level
from agent.jobs.nights import Night
from agent.jobs.rows import REQUEST
from agent.jobs.rules import Rule, RuleSftp, When
from agent.service.config.words import NAME, duration
from app.agentlink import Via
from app.domain.cases import parse_case_number
from app.domain.errors import InputError
from app.settings import TomlDocument

_MOST_SHARE = 100
_READ_BACK = ("sample", "whole")
_NIGHT = re.compile(r"\Anightly ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)\Z")
_LONGEST_AROUND = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SftpTable:
    """``[rule.sftp]``."""

    host: str
    host_key: str
    user: str
    password_file: str
    port: int = 22
    read_back: str = "sample"


@dataclass(frozen=True, slots=True)
class RuleTable:
    """``[[rule]]``."""

    name: str
    folders: list[str]
    case: str
    applications: list[str] = field(default_factory=list)
    when: str = "closed"
    around: str = "10m"
    levels: Level | None = None
    while_open: bool = True
    max_age: str = ""
    via: Via = Via.HTTPS
    share: float = 1.0
    sftp: SftpTable | None = None


def read_rules(document: TomlDocument, home: Path, tables: Sequence[RuleTable]) -> tuple[Rule, ...]:
    """The rules; relative folders are relative to `home`.

    Raises:
        InputError: with file, line and field.
    """
    rules = tuple(_rule(document, home, rule, index) for index, rule in enumerate(tables))
    _check_names(document, rules)
    return rules


def _rule(document: TomlDocument, home: Path, rule: RuleTable, index: int) -> Rule:
    place = ("rule", index)
    if not NAME.match(rule.name):
        raise document.error(
            *place,
            "name",
            happened="it is not a name.",
            todo="Use up to 64 letters, digits, dots, dashes and underscores.",
        )
    if not rule.folders or not all(rule.folders):
        raise document.error(
            *place, "folders", happened="it names no folder.", todo="Name at least one folder."
        )
    try:
        case = parse_case_number(rule.case)
    except InputError as error:
        raise document.error(
            *place, "case", happened=error.happened[:1].lower() + error.happened[1:], todo=error.todo
        ) from error
    if not 0 < rule.share <= _MOST_SHARE:
        raise document.error(
            *place, "share", happened="it is no share.", todo=f"Use more than 0 and at most {_MOST_SHARE}."
        )
    return Rule(
        name=rule.name,
        folders=tuple(home / folder for folder in rule.folders),
        applications=tuple(rule.applications),
        case=case,
        when=_when(document, rule, index),
        via=rule.via,
        share=rule.share,
        sftp=_sftp(document, home, rule, index),
        level=rule.levels,
        while_open=rule.while_open,
        max_age=duration(document, rule.max_age, *place, "max_age") if rule.max_age else None,
    )


def _sftp(document: TomlDocument, home: Path, rule: RuleTable, index: int) -> RuleSftp | None:
    if rule.sftp is None:
        if rule.via is Via.SFTP:
            raise document.error(
                "rule",
                index,
                "via",
                happened="it is sftp, but [rule.sftp] is missing.",
                todo="Add [rule.sftp].",
            )
        return None
    if not 0 < rule.sftp.port < 65536:
        raise document.error("rule", index, "sftp", "port", happened="it is no port.", todo="Use 1 to 65535.")
    if rule.sftp.read_back not in _READ_BACK:
        raise document.error(
            "rule",
            index,
            "sftp",
            "read_back",
            happened="it is neither sample nor whole.",
            todo=f"Use one of: {', '.join(_READ_BACK)}.",
        )
    return RuleSftp(
        host=rule.sftp.host,
        port=rule.sftp.port,
        host_key=rule.sftp.host_key,
        user=rule.sftp.user,
        password_file=home / rule.sftp.password_file,
        read_whole=rule.sftp.read_back == "whole",
    )


def _when(document: TomlDocument, rule: RuleTable, index: int) -> When:
    place, text = ("rule", index, "when"), rule.when
    around = duration(document, rule.around, "rule", index, "around")
    if text == "closed":
        return When(every=None)
    if text.startswith("every "):
        return When(every=duration(document, text.removeprefix("every ").strip(), *place))
    night = _NIGHT.match(text)
    if night is not None and night.group(1, 2) != night.group(3, 4):
        first, last = (time(int(night[each]), int(night[each + 1])) for each in (1, 3))
        return When(every=None, night=Night(first, last))
    alarm = text.removeprefix("alarm ").strip()
    if text.startswith("alarm ") and NAME.match(alarm):
        if around > _LONGEST_AROUND:
            raise document.error(
                "rule", index, "around", happened="it is longer than a day.", todo="Use up to 1d."
            )
        return When(every=None, alarm=alarm, around=around)
    raise document.error(
        *place,
        happened="it is neither closed nor a batch, a night or an alarm.",
        todo='Use "closed", "every 10m", "nightly 02:00-05:00" or "alarm NAME".',
    )


def _check_names(document: TomlDocument, rules: tuple[Rule, ...]) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.name in seen or rule.name == "drop" or rule.name.startswith(REQUEST):
            raise document.error(
                "rule",
                index,
                "name",
                happened="another rule has this name, or the name is reserved (drop, request-…).",
                todo="Give every rule a name of its own.",
            )
        seen.add(rule.name)
