"""What a service of this system is asked to be, and how it is."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.domain.errors import LocalError
from app.secrets import replace_file


@dataclass(frozen=True, slots=True)
class UnitOrder:
    """One agent as a service.

    Attributes:
        command: the program and its arguments.
        data: the agent's data folder.
        user: the account it runs as.
        groups: further groups of that account, for reading logs.
        vault_key: a credential file that holds the vault's key; sealed by ``systemd-creds`` when its name
            ends in ``.cred``. None leaves the key to the agent.
    """

    command: tuple[str, ...]
    data: Path
    user: str
    groups: tuple[str, ...] = ()
    vault_key: Path | None = None


@dataclass(frozen=True, slots=True)
class UnitShown:
    """How the service is.

    Attributes:
        detail: the system's own word for it.
    """

    installed: bool
    running: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program of the system ended, and what it wrote."""

    code: int
    output: str


class Machine(Protocol):
    """What installing does to this machine."""

    def run(self, words: Sequence[str]) -> Ran:
        """Run a program of the system and wait for it; 127 when there is none."""

    def read(self, path: Path) -> bytes | None:
        """The content of a file; None when there is none."""

    def write(self, path: Path, content: bytes, *, mode: int) -> None:
        """Put a file in place, whole and durable."""

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is no error."""

    def has_folder(self, path: Path) -> bool:
        """Whether there is such a folder."""

    def has_user(self, name: str) -> bool:
        """Whether this machine knows the account."""


class Installer(Protocol):
    """The service manager of one kind of system."""

    def install(self, order: UnitOrder) -> None:
        """Put the service in place, or in place of an older one, and start it now and at every boot."""

    def remove(self) -> None:
        """Stop it and take it away; data and configuration stay."""

    def status(self) -> UnitShown:
        """How it is."""


class ThisMachine:
    """`Machine` for real."""

    def run(self, words: Sequence[str]) -> Ran:
        """Run a program of the system and wait up to two minutes for it."""
        try:
            done = subprocess.run(  # noqa: S603 - words of our own
                list(words), capture_output=True, text=True, errors="replace", timeout=120, check=False
            )
        except FileNotFoundError:
            return Ran(127, f"{words[0]} is not installed")
        except (OSError, subprocess.TimeoutExpired) as error:
            return Ran(126, type(error).__name__)
        return Ran(done.returncode, (done.stdout + done.stderr).strip())

    def read(self, path: Path) -> bytes | None:
        """The content of a file; None when there is none.

        Raises:
            LocalError: it cannot be read (CF-1883).
        """
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise not_installed(f"{path}: {error.strerror or type(error).__name__}.") from error

    def write(self, path: Path, content: bytes, *, mode: int) -> None:
        """Put a file in place, whole and durable.

        Raises:
            LocalError: it cannot be written.
        """
        replace_file(path, content)
        path.chmod(mode)

    def remove(self, path: Path) -> None:
        """Remove a file.

        Raises:
            LocalError: it cannot be removed (CF-1883).
        """
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise not_installed(f"{path}: {error.strerror or type(error).__name__}.") from error

    def has_folder(self, path: Path) -> bool:
        """Whether there is such a folder."""
        return path.is_dir()

    def has_user(self, name: str) -> bool:
        """Whether this machine knows the account."""
        import pwd

        try:
            pwd.getpwnam(name)
        except KeyError:
            return False
        return True


def needed(ran: Ran, words: Sequence[str], *, todo: str = "") -> Ran:
    """The end of a program that had to succeed.

    Args:
        ran: how it ended.
        words: what was run.
        todo: what to do when it did not; become an administrator when left out.

    Raises:
        LocalError: it did not (CF-1883).
    """
    if ran.code != 0:
        said = ran.output.splitlines()[-1][:300] if ran.output else f"code {ran.code}"
        raise not_installed(f"{' '.join(words[:2])}: {said.rstrip('.')}.", todo)
    return ran


def not_installed(happened: str, todo: str = "") -> LocalError:
    """The error of a service manager that did not do what was asked."""
    return LocalError(
        "The service could not be set up",
        happened=happened,
        todo=todo or "Do it as an administrator of this machine (root); what was done before is kept.",
        code="CF-1883",
    )


def unknown_user(name: str, todo: str) -> LocalError:
    """The account of the service does not exist."""
    return LocalError(
        "The service could not be set up", happened=f"There is no account {name}.", todo=todo, code="CF-1883"
    )
