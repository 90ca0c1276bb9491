"""``[logs]`` and ``[[application]]``: what is kept of the logs, and who wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from agent.catalogue import NamingRule
from agent.service.config.words import NAME
from app.settings import TomlDocument

_SIZE = re.compile(r"\A([0-9]{1,7}(?:\.[0-9]+)?)\s*(MB|GB|TB)\Z")
_SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True, slots=True)
class LogsTable:
    """The table as it stands in the file."""

    evidence: str = "2GB"
    ids: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationTable:
    """The table as it stands in the file."""

    name: str
    files: list[str]


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is kept of the logs beside their times.

    Attributes:
        evidence_bytes: quota of what is held before rotation deletes it.
        ids: whether ids of calls are indexed.
        naming: applications of files whose header and name do not tell them.
    """

    evidence_bytes: int = 2_000_000_000
    ids: bool = False
    naming: tuple[NamingRule, ...] = ()


def read_logs(
    document: TomlDocument, home: Path, logs: LogsTable, applications: list[ApplicationTable]
) -> LogSettings:
    """Check the table.

    Raises:
        InputError: with file, line and field.
    """
    match = _SIZE.match(logs.evidence)
    if match is None:
        raise document.error(
            "logs", "evidence", happened="it is not a size.", todo="Write a number with a unit: 500MB or 2GB."
        )
    naming = []
    for index, application in enumerate(applications):
        if not NAME.match(application.name) or not application.files:
            raise document.error(
                "application",
                index,
                "name" if application.files else "files",
                happened="it is not a name, or has no files.",
                todo="Give a name of letters, digits, dots, dashes and underscores, and patterns of files.",
            )
        naming += [NamingRule((home / pattern).as_posix(), application.name) for pattern in application.files]
    return LogSettings(
        evidence_bytes=int(float(match[1]) * _SIZES[match[2]]), ids=logs.ids, naming=tuple(naming)
    )
