"""What a place for secrets offers."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class SecretStore(Protocol):
    """Named secrets. Names are ours (``portal-refresh-token``), values are bytes; neither is ever logged."""

    def get(self, name: str) -> bytes | None:
        """The secret, or None when there is none."""

    def put(self, name: str, value: bytes) -> None:
        """Keep a secret, durable when this returns."""

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keeps every other thread and process from changing the store; may be nested in a thread.

        For a read and a write that belong together, such as the rotation of a token.
        """
