"""What the sign-in page asks about trust."""

from __future__ import annotations

from typing import Protocol

from app.settings import Trust
from app.transfer.network import ShownCertificate

NOT_VOUCHED_FOR = "CF-1470"
"""The code of the one error that a person's agreement mends."""


class Trusting(Protocol):
    """Whom to trust, and the way there. Every call may block: go through `Task`."""

    @property
    def settled(self) -> bool:
        """Whether an authority was named, so that nobody is asked; does not block."""

    def trust_for(self, address: str) -> Trust:
        """For this portal.

        Raises:
            WorldError: the settings cannot be used, or the portal shows another certificate than agreed to.
        """

    def look_at_certificate(self, address: str) -> ShownCertificate:
        """What the portal shows.

        Raises:
            WorldError: it cannot be reached.
        """

    def agree(self, shown: ShownCertificate) -> None:
        """Pin it, because a person has compared it."""
