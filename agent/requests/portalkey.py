"""The portal's key that requests must be signed with: configured, or agreed to by a person."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.errors import InputError
from app.portal import read_request_key, request_key_fingerprint
from app.secrets import SecretStore

_NAME = "portal-request-key"


@dataclass(slots=True)
class PortalKey:
    """Which key counts. Methods may be called from any thread.

    Attributes:
        configured: of ``[requests] portal_key``; then no other counts.
        offered: asks the portal for its key, base64; empty when it has none.
    """

    vault: SecretStore
    configured: bytes | None
    offered: Callable[[], str]
    _seen: bytes | None = None

    def current(self) -> bytes | None:
        """The key that counts; None while nobody has agreed to one."""
        return self.configured or self.vault.get(_NAME)

    def look(self) -> None:
        """Ask the portal which key it offers.

        Raises:
            WorldError: it cannot be asked, or what it tells is no key.
        """
        told = self.offered()
        self._seen = read_request_key(told) if told else None

    def fingerprints(self) -> tuple[str, str]:
        """Of the key that counts, and of the one that the portal offers; empty for none."""
        current, seen = self.current(), self._seen
        return (
            request_key_fingerprint(current) if current else "",
            request_key_fingerprint(seen) if seen else "",
        )

    def trust(self, fingerprint: str) -> None:
        """A person agrees to the key that the portal offers, having compared the fingerprint.

        Raises:
            WorldError: the portal cannot be asked.
            InputError: it offers another key, or the configuration names one (CF-1136).
        """
        if self.configured is not None:
            raise _not_agreed("The configuration names the key; no other counts.")
        self.look()
        seen = self._seen
        if seen is None:
            raise _not_agreed("The portal has no key for log requests.")
        given = "".join(fingerprint.split()).lower().encode()
        if not hmac.compare_digest(given, request_key_fingerprint(seen).replace(" ", "").encode()):
            raise _not_agreed("The portal offers a key with another fingerprint.")
        self.vault.put(_NAME, seen)


def _not_agreed(happened: str) -> InputError:
    return InputError(
        "The portal's key cannot be agreed to",
        happened=happened,
        todo="Look at the key again, and compare it with what the portal's owner tells you.",
        code="CF-1136",
    )
