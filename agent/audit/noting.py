"""What is recorded beside jobs: configuration, limits, evidence, pairing."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agent.audit.acting import current_actor
from agent.audit.following import AGENT
from agent.audit.record import AuditEvent, EventKind, Fact
from agent.audit.trail import AuditTrail
from agent.catalogue import Evidence, Hold, HoldReason, moment_of
from app.domain.errors import LocalError

_log = logging.getLogger(__name__)
_LOOK_EVERY = 20.0
"""Seconds between two looks at what is held."""


@dataclass(slots=True)
class AuditNotes:
    """Records what is no job's. Methods may be called from any thread, and raise `LocalError` (CF-1880).

    Attributes:
        name: masks the name of an application.
    """

    trail: AuditTrail
    name: Callable[[str], str] = lambda _name: "?"
    clock: Callable[[], float] = time.monotonic
    _next_look: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def config(self, path: Path, *, rules: int, rule_set: str, key: str, credential: str = "") -> bool:
        """The configuration that counts from now on; recorded when it is another one than before.

        Args:
            path: of the file; its digest is kept.
            rules: how many it has.
            rule_set: digest of the masking rules.
            key: id of the pseudonym key.
            credential: tells the registration and secret for the portal from others, and nothing of them.
        """
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        parts = [sha256, rule_set, key, *([credential] if credential else [])]
        state = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        with self._lock:
            last = self.trail.index.latest("config/")
            if last is not None and last[0].endswith(f"/{state}"):
                return False
            facts: dict[str, Fact] = {"sha256": sha256, "rules": rules, "rule_set": rule_set, "key": key}
            facts.update({"credential": credential} if credential else {})
            number = 0 if last is None else last[1]
            event = AuditEvent(f"config/{number}/{state}", EventKind.CONFIG, _who(), facts=facts)
            return self.trail.append(event)

    def config_if_possible(
        self, path: Path, *, rules: int, rule_set: str, key: str, credential: str = ""
    ) -> bool:
        """`config`; false when it cannot be recorded now: it is to be tried again."""
        try:
            self.config(path, rules=rules, rule_set=rule_set, key=key, credential=credential)
        except (LocalError, OSError) as error:
            _log.info("the configuration is not in the audit trail yet (%s)", type(error).__name__)
            return False
        return True

    def limits(self, facts: dict[str, Fact], *, at: datetime) -> None:
        """A person has set how fast may be sent."""
        event = AuditEvent(f"limits/{at.isoformat()}", EventKind.LIMITS, _who(), facts=facts)
        self.trail.append(event)

    def refused_if_possible(self, method: str, code: str, *, at: datetime) -> None:
        """A caller named files that it may not have sent; once a minute for each caller and reason.

        Args:
            method: that was called.
            code: of the refusal. Paths are not recorded: they may hold names of people.
            at: aware.
        """
        who = _who()
        event = f"call/{method}/{code}/{hashlib.sha256(who.encode()).hexdigest()[:16]}/{at:%Y%m%dT%H%M}"
        facts: dict[str, Fact] = {"call": method, "code": code}
        try:
            self.trail.append(AuditEvent(event, EventKind.REFUSED, who, facts=facts))
        except LocalError as error:
            _log.info("a refused call is not in the audit trail (%s)", error.code)

    def evidence(self, evidence: Evidence, *, by_caller: int | None = None) -> None:
        """What is held since the last look, and what is not any more; holds of single jobs are the jobs'.

        Args:
            evidence: what is held now.
            by_caller: the hold that the caller has just made or ended; all others are the agent's doing.
        """

        def who(hold: int) -> str:
            return _who() if hold == by_caller else AGENT

        with self._lock:
            held = {
                f"{hold.id}-{hold.made:%Y%m%d%H%M%S}": hold
                for hold in evidence.holds()
                if hold.reason is not HoldReason.COLLECTION
            }
            known = set(self.trail.index.open_since("hold/", begun="held", ended="released"))
            for name in sorted(held.keys() - known):
                hold = held[name]
                facts = self._facts(hold)
                self.trail.append(AuditEvent(f"hold/{name}/held", EventKind.HELD, who(hold.id), facts=facts))
            for name in sorted(known - held.keys()):
                facts = {"hold": int(name.partition("-")[0])}
                by = who(int(name.partition("-")[0]))
                event = AuditEvent(f"hold/{name}/released", EventKind.RELEASED, by, facts=facts)
                self.trail.append(event)

    def evidence_if_possible(self, evidence: Evidence, *, at_once: bool = False) -> None:
        """`evidence` for the agent itself: what is not recorded now is at the next look.

        Args:
            evidence: what is held now.
            at_once: something is known to have changed; else it is looked at now and then.
        """
        now = self.clock()
        if now < self._next_look and not at_once:
            return
        self._next_look = now + _LOOK_EVERY
        try:
            self.evidence(evidence)
        except LocalError as error:
            _log.info("what is held as evidence is not in the audit trail yet (%s)", error.code)

    def pairings(self, programs: Mapping[str, str], *, made_room: Collection[str] = ()) -> None:
        """Who may use the agent from other machines now; changes are recorded.

        Args:
            programs: roles by id of the pairing.
            made_room: those that ended because too many were paired.
        """
        with self._lock:
            known = set(self.trail.index.open_since("pairing/", begun="made", ended="ended"))
            for name in sorted(programs.keys() - known):
                self.pairing(name, role=programs[name])
            for name in sorted(known - programs.keys()):
                self.pairing(name, ended=True, because="too many paired" if name in made_room else "")

    def pairing(self, pairing: str, *, role: str = "", ended: bool = False, because: str = "") -> None:
        """Another machine may use the agent from now on, or may not any more.

        Args:
            pairing: id of the pairing, which is no name.
            role: what it may do; empty when that is not known any more.
            ended: it was taken back.
            because: why, when nobody asked for that.
        """
        kind = EventKind.UNPAIRED if ended else EventKind.PAIRED
        word = "ended" if ended else "made"
        told = {"role": role, "because": because}
        facts: dict[str, Fact] = {name: fact for name, fact in told.items() if fact}
        self.trail.append(AuditEvent(f"pairing/{pairing}/{word}", kind, _who(), facts=facts))

    def _facts(self, hold: Hold) -> dict[str, Fact]:
        """Without the label: a person wrote it."""
        first, last = hold.range.first, hold.range.last
        ranged: dict[str, Fact] = (
            {"first": moment_of(first).isoformat(), "last": moment_of(last).isoformat()}
            if first and last
            else {}
        )
        return {
            "hold": hold.id,
            "reason": hold.reason.value,
            "applications": [self.name(each) for each in hold.applications],
            "segments": hold.segments,
            "size": hold.size,
            "missing": hold.missing,
            "expires": hold.expires.isoformat(),
            **ranged,
        }


def _who() -> str:
    return current_actor() or AGENT
