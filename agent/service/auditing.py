"""The audit trail of a running agent: its key, and the door that nothing leaves by unrecorded."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from agent.audit import KEY_NAME, JobAudit
from agent.jobs import Destinations, JobRow
from app.secrets import SecretStore
from app.transfer import Destination, Journal

_KEY_BYTES = 32


def audit_key(vault: SecretStore) -> bytes:
    """The key of the trail's HMACs; made at the first start.

    Raises:
        WorldError: the vault cannot be used.
    """
    with vault.exclusive():
        kept = vault.get(KEY_NAME)
        if kept is None:
            kept = secrets.token_bytes(_KEY_BYTES)
            vault.put(KEY_NAME, kept)
        return kept


def level_of(transfers: Journal) -> Callable[[str], str]:
    """How the transfer of a key was proven, ``A`` to ``D``; empty when it was not."""

    def level(key: str) -> str:
        found = transfers.find(key)
        return "" if found is None or found.level is None else found.level.value

    return level


@dataclass(frozen=True, slots=True)
class AuditedDestinations:
    """Destinations that are given out only when what is about to be sent stands in the trail."""

    inner: Destinations
    audit: JobAudit

    def of(self, job: JobRow) -> Destination:
        """The destination of one job.

        Raises:
            LocalError: the trail cannot be written (CF-1880): nothing is sent.
            WorldError: as the destinations themselves.
        """
        destination = self.inner.of(job)
        self.audit.before_sending(job)
        return destination

    def forget(self, job: JobRow) -> None:
        """The job has ended."""
        self.inner.forget(job)
