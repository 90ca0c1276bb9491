"""The programs on other machines that may call; kept over restarts, their tokens as digests only."""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from agent.api.tokens import Caller, digest_of, new_token, whose
from app.agentlink import PairedProgram, Role
from app.decoding import ready
from app.domain.errors import InputError, LocalError
from app.secrets import replace_file

PAIRED_FILE = "paired.json"
MOST = 100
"""Programs that are paired at a time: one more, and the one that was paired first is let in no more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    name: str
    role: Role
    paired: datetime
    sha256: str


class PairedBook:
    """One file of the data folder (0600). Usable from any thread."""

    def __init__(self, path: Path) -> None:
        """Read it; a missing file holds none.

        Raises:
            LocalError: it is damaged or cannot be read (CF-1882): nobody is let in by guess.
        """
        self._path = path
        self._lock = threading.Lock()
        self._made_room: set[str] = set()
        try:
            self._rows = msgspec.json.decode(path.read_bytes(), type=ready(list[_Row]))
            self._digests = _digests(self._rows)
        except FileNotFoundError:
            self._rows, self._digests = [], []
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise LocalError(
                "The list of paired programs cannot be used",
                happened=f"{path.name}: it is damaged or cannot be read.",
                todo="Check the rights of the data folder; remove the file to pair all programs anew.",
                code="CF-1882",
            ) from error

    def programs(self) -> list[PairedProgram]:
        """All of them, the newest first."""
        with self._lock:
            rows = list(self._rows)
        return [PairedProgram(row.id, row.name, row.role, row.paired) for row in reversed(rows)]

    def caller(self, token: str) -> Caller | None:
        """Whose token this is, or None; in constant time."""
        with self._lock:
            digests = self._digests
        return whose(token, digests)

    def add(self, *, name: str, role: Role, now: datetime) -> str:
        """Let a program in; its token, which is told once. Durable when this returns.

        When there are `MOST` already, the first of them is let in no more; `made_room` tells which.

        Raises:
            LocalError: the list cannot be kept.
        """
        token = new_token()
        row = _Row(secrets.token_hex(4), name, role, now, digest_of(token).hex())
        with self._lock:
            rows = [*self._rows, row]
            gone = rows[:-MOST]
            self._keep(rows[-MOST:])
            self._made_room |= {each.id for each in gone}
        for each in gone:
            _log.warning("paired program %s is let in no more: at most %d are paired", each.id, MOST)
        return token

    def made_room(self) -> frozenset[str]:
        """Ids of programs that are let in no more because others came, since the agent was started."""
        with self._lock:
            return frozenset(self._made_room)

    def remove(self, number: str) -> None:
        """Let a program in no more. Durable when this returns.

        Raises:
            InputError: there is none of this id (CF-1179).
            LocalError: the list cannot be kept.
        """
        with self._lock:
            left = [row for row in self._rows if row.id != number]
            if len(left) == len(self._rows):
                raise InputError(
                    "There is no such paired program",
                    happened="No program of this id is paired with the agent.",
                    todo="caseferry-agent paired list shows them.",
                    code="CF-1179",
                )
            self._keep(left)

    def _keep(self, rows: list[_Row]) -> None:
        replace_file(self._path, msgspec.json.encode(rows))
        self._rows, self._digests = rows, _digests(rows)


def _digests(rows: list[_Row]) -> list[tuple[bytes, Caller]]:
    return [(bytes.fromhex(row.sha256), Caller(f"paired {row.id}", row.role, paired=True)) for row in rows]
