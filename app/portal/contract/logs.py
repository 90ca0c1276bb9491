"""Log requests: what support asked for and the customer approved (R-LOG-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Logs that support asked for and the customer approved; `first` to `last` is the time they cover."""

    id: str
    case: str
    applications: list[str]
    first: datetime
    last: datetime
    asked: datetime
