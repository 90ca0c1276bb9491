"""One bundle on its way to a faulty tus server."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.files import SealedBundle
from app.transfer import (
    Control,
    Journal,
    Patience,
    Progress,
    Proof,
    RetryPolicy,
    TransferState,
    TusDestination,
    send,
)
from tests.peers.faulty_tus import FaultyTus

KIB = 1024
AT_ONCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=240)


class Tokens:
    """Old first, and new after it was rejected."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def bearer(self) -> str:
        return self._tokens[0]

    def rejected(self) -> None:
        if len(self._tokens) > 1:
            self._tokens.pop(0)


class Case:
    """One bundle on its way to one server."""

    def __init__(self, server: FaultyTus, bundle: SealedBundle, journal: Journal) -> None:
        self.server, self.bundle, self.journal = server, bundle, journal
        self.seen: list[Progress] = []

    def send(
        self,
        *,
        policy: RetryPolicy = AT_ONCE,
        tokens: Tokens | None = None,
        state_url: str = "state",
        part_size: int = 512 * KIB,
        patience: Patience | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        control: Control | None = None,
    ) -> Proof:
        destination = TusDestination(
            self.server.url,
            ssl_context=self.server.ssl_context(),
            tokens=tokens,
            metadata={"case": "0003256109"},
            state_url=state_url,
            part_size=part_size,
            patience=patience,
        )
        return send(
            self.journal,
            self.bundle,
            destination,
            key="k",
            policy=policy,
            on_progress=on_progress or self.seen.append,
            control=control,
        )

    def arrived(self) -> bool:
        return bytes(self.server.only_upload().data) == self.bundle.path.read_bytes()

    def state(self) -> TransferState:
        found = self.journal.find("k")
        assert found is not None
        return found.state
