"""What the API asks of the running agent itself, beside its work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.agentlink import (
    ConfigShown,
    ConfigValue,
    Diagnosis,
    DrainShown,
    PairAsk,
    PairedPrograms,
    PairedRef,
    PairingOpen,
    Restarting,
    WatchFolder,
)


class Service(Protocol):
    """The agent as a service. Methods block and may be called from any thread."""

    def roots(self) -> Sequence[Path]:
        """The folders that may be asked for: those that are watched, and those of dropped files."""

    def refused(self, method: str, code: str) -> None:
        """A call that named paths was refused: it is recorded, if that can be; never raises `WorldError`."""

    def drain(self) -> DrainShown:
        """Take no new job, and stop what runs at the next point from which it goes on."""

    def undrain(self) -> DrainShown:
        """Work again."""

    def restart(self) -> Restarting:
        """End soon, and begin anew."""

    def reload(self) -> ConfigShown:
        """Read the configuration file now."""

    def configure(self, ask: ConfigValue) -> ConfigShown:
        """Set one field of the configuration file."""

    def watch_folder(self, ask: WatchFolder) -> ConfigShown:
        """Have a rule watch one more folder."""

    def diagnose(self) -> Diagnosis:
        """Check all that the agent needs."""

    def pair(self, ask: PairAsk) -> PairingOpen:
        """Let one program on another machine in."""

    def paired(self) -> PairedPrograms:
        """Who was let in."""

    def revoke(self, ask: PairedRef) -> PairedPrograms:
        """Let one in no more."""
