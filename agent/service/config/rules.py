"""``[[rule]]``: which logs go to which case, when, and which way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from agent.jobs.rules import Rule, RuleSftp, When
from agent.service.config.words import NAME, duration
from app.agentlink import Via
from app.domain.cases import parse_case_number
from app.domain.errors import InputError
from app.settings import TomlDocument

_MOST_SHARE = 100


@dataclass(frozen=True, slots=True)
class SftpTable:
    """The table as it stands in the file."""

    host: str
    host_key: str
    user: str
    password_file: str
    port: int = 22


@dataclass(frozen=True, slots=True)
class RuleTable:
    """The table as it stands in the file."""

    name: str
    folders: list[str]
    case: str
    applications: list[str] = field(default_factory=list)
    when: str = "closed"
    via: Via = Via.HTTPS
    share: float = 1.0
    sftp: SftpTable | None = None


def read_rule(document: TomlDocument, home: Path, rule: RuleTable, index: int) -> Rule:
    """Check the table.

    Raises:
        InputError: with file, line and field.
    """
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
    if rule.via is Via.SFTP and rule.sftp is None:
        raise document.error(
            *place, "via", happened="it is sftp, but [rule.sftp] is missing.", todo="Add [rule.sftp]."
        )
    if not 0 < rule.share <= _MOST_SHARE:
        raise document.error(
            *place, "share", happened="it is no share.", todo=f"Use more than 0 and at most {_MOST_SHARE}."
        )
    if rule.sftp is not None and not 0 < rule.sftp.port < 65536:
        raise document.error(*place, "sftp", "port", happened="it is no port.", todo="Use 1 to 65535.")
    return Rule(
        name=rule.name,
        folders=tuple(home / folder for folder in rule.folders),
        applications=tuple(rule.applications),
        case=case,
        when=_when(document, rule.when, index),
        via=rule.via,
        share=rule.share,
        sftp=None
        if rule.sftp is None
        else RuleSftp(
            host=rule.sftp.host,
            port=rule.sftp.port,
            host_key=rule.sftp.host_key,
            user=rule.sftp.user,
            password_file=home / rule.sftp.password_file,
        ),
    )


def _when(document: TomlDocument, text: str, index: int) -> When:
    if text == "closed":
        return When(every=None)
    if text.startswith("every "):
        return When(every=duration(document, text.removeprefix("every ").strip(), "rule", index, "when"))
    raise document.error(
        "rule",
        index,
        "when",
        happened="it is neither closed nor a batch.",
        todo='Use "closed" or, for example, "every 10m".',
    )


def check_names(document: TomlDocument, rules: tuple[Rule, ...]) -> None:
    """No two rules share a name.

    Raises:
        InputError: with file, line and field.
    """
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.name in seen or rule.name == "drop":
            raise document.error(
                "rule",
                index,
                "name",
                happened="another rule has this name, or the name is reserved (drop).",
                todo="Give every rule a name of its own.",
            )
        seen.add(rule.name)
