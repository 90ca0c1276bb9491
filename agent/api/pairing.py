"""One pairing at a time: a code that is good once, for ten minutes, and for five tries."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.api.paired import PairedBook
from app.agentlink import (
    PairBegin,
    PairBegun,
    PairFinish,
    PairFinished,
    Role,
    read_code,
)
from app.agentlink.pairing import (
    NONCE_BYTES,
    Transcript,
    agent_proof,
    is_nonce,
    new_code,
    program_proof,
    stretched,
)
from app.domain.errors import CredentialsError, InputError, RefusedError

LIFE = timedelta(minutes=10)
TRIES = 5
_MOST_BEGUN = 16
_LONGEST_NAME = 80

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    code: str
    role: Role
    expires: datetime
    tries: int = TRIES
    begun: dict[str, str] = field(default_factory=dict)


class Pairing:
    """Usable from any thread. The code is held in memory only.

    Attributes:
        wrong: how many proofs were not those of the code, since the agent was started.
    """

    def __init__(
        self,
        book: PairedBook,
        *,
        certificate_sha256: str,
        instance: str,
        wall: Callable[[], datetime],
        code: Callable[[], str] = new_code,
    ) -> None:
        """No pairing is open.

        Args:
            book: who was let in.
            certificate_sha256: of the certificate that this agent shows.
            instance: of this agent.
            wall: aware UTC time.
            code: makes codes.
        """
        self._book = book
        self._certificate = certificate_sha256
        self._instance = instance
        self._wall = wall
        self._code = code
        self._open: _Open | None = None
        self.wrong = 0
        self._lock = threading.Lock()

    def open(self, role: Role) -> tuple[str, datetime]:
        """A new code and when it ends; an earlier code ends now."""
        with self._lock:
            self._open = _Open(code=read_code(self._code()), role=role, expires=self._wall() + LIFE)
            return self._open.code, self._open.expires

    def close(self) -> None:
        """The code ends now."""
        with self._lock:
            self._open = None

    @property
    def is_open(self) -> bool:
        """Whether a code could still be used."""
        with self._lock:
            return self._current() is not None

    def begin(self, ask: PairBegin) -> PairBegun:
        """A random number for whoever wants to be paired.

        Raises:
            RefusedError: no pairing is open (CF-1281).
            InputError: the program's number is none (CF-1192).
        """
        if not is_nonce(ask.nonce):
            raise InputError(
                "The call is not understood",
                happened="pair: nonce must be 16 bytes in lower-case hex.",
                todo="Install the same version of the agent and of the program that calls it.",
                code="CF-1192",
            )
        with self._lock:
            now_open = self._needed()
            while len(now_open.begun) >= _MOST_BEGUN:
                del now_open.begun[next(iter(now_open.begun))]
            nonce = secrets.token_hex(NONCE_BYTES)
            now_open.begun[nonce] = ask.nonce
            return PairBegun(nonce)

    def finish(self, ask: PairFinish) -> PairFinished:
        """A token for who knows the code. The code is used up then, and after `TRIES` wrong proofs.

        Raises:
            RefusedError: no pairing is open (CF-1281).
            CredentialsError: the proof is wrong (CF-1389).
            LocalError: the token cannot be kept.
        """
        with self._lock:
            now_open = self._needed()
            program = now_open.begun.pop(ask.nonce, None)
            if program is None:
                raise _closed()
            # A try counts before the proof is looked at: several at once are not more than five.
            now_open.tries -= 1
            if now_open.tries <= 0:
                self._open = None
        seen = Transcript(self._certificate, program, ask.nonce)
        key = stretched(now_open.code, seen)
        name = "".join(each for each in ask.name if each.isprintable()).strip()[:_LONGEST_NAME]
        expected = program_proof(key, seen, name=ask.name)
        if not hmac.compare_digest(expected.encode(), ask.proof.encode("utf-8", "replace")):
            with self._lock:
                self.wrong += 1
            _log.info("a wrong pairing code was used; %d tries are left", max(0, now_open.tries))
            raise _wrong(now_open.tries)
        with self._lock:
            if now_open.code == "":
                raise _closed()
            now_open.code = ""
            if self._open is now_open:
                self._open = None
        token = self._book.add(name=name or "unnamed", role=now_open.role, now=self._wall())
        proof = agent_proof(key, seen, token=token, role=now_open.role)
        return PairFinished(token=token, role=now_open.role, instance=self._instance, proof=proof)

    def _needed(self) -> _Open:
        current = self._current()
        if current is None:
            raise _closed()
        return current

    def _current(self) -> _Open | None:
        if self._open is not None and self._wall() >= self._open.expires:
            self._open = None
        return self._open


def _closed() -> RefusedError:
    return RefusedError(
        "The agent is not being paired",
        happened="No pairing code is open: it was used, its ten minutes are over, or it was tried too often.",
        todo="Run caseferry-agent pair on the agent's machine and use the new code.",
        code="CF-1281",
    )


def _wrong(left: int) -> CredentialsError:
    return CredentialsError(
        "The pairing code is not right",
        happened=f"{left} more tries." if left > 0 else "It was the last try; the code has ended.",
        todo="Read the code at the agent's machine again, and compare the fingerprint.",
        code="CF-1389",
    )
