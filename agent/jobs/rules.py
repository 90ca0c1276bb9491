"""Rules: which segments go to which case, when, and which way."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.agentlink import Via


@dataclass(frozen=True, slots=True)
class When:
    """When closed segments are sent: as soon as they are closed, or in batches ``every`` so often."""

    every: timedelta | None

    def due(self, *, last: datetime | None, now: datetime) -> bool:
        """Whether a batch is due; a clock that was set back counts as due rather than never."""
        if self.every is None or last is None:
            return True
        return now - last >= self.every or now < last


@dataclass(frozen=True, slots=True)
class RuleSftp:
    """The temporary SFTP account of a rule; the password lies in its file (R-FILE-5)."""

    host: str
    port: int
    host_key: str
    user: str
    password_file: Path


@dataclass(frozen=True, slots=True)
class Rule:
    """Closed segments of these folders and applications go to this case.

    Attributes:
        applications: patterns such as ``sips_*``; every application when empty.
        case: ten digits (R-CASE-1).
        share: of the limit of bandwidth, beside the bundles of other rules.
    """

    name: str
    folders: tuple[Path, ...]
    applications: tuple[str, ...]
    case: str
    when: When
    via: Via
    sftp: RuleSftp | None = None
    share: float = 1.0

    def wants(self, application: str) -> bool:
        """Whether segments of this application belong to the rule; letter case does not matter."""
        if not self.applications:
            return True
        name = application.casefold()
        return any(fnmatch.fnmatchcase(name, pattern.casefold()) for pattern in self.applications)
