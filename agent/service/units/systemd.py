"""The agent as a unit of systemd."""

from __future__ import annotations

from pathlib import Path

from agent.service.units.order import Machine, UnitOrder, UnitShown, needed, not_installed, unknown_user
from app.domain.errors import InputError
from app.settings import resource

UNIT_NAME = "caseferry-agent.service"
UNIT_FOLDER = Path("/etc/systemd/system")
_STATE_ROOT = Path("/var/lib")
_RUNS = Path("/run/systemd/system")
"""Is there exactly while systemd is the init system, as sd_booted(3) says."""
_WHY_NOT = (
    f"It is installed. Why it does not start: journalctl -u {UNIT_NAME}, "
    "or caseferry-agent doctor --config FILE."
)
_NO_SYSTEMD = "this machine was not started with systemd"


class SystemdUnit:
    """`Installer` by ``systemctl``."""

    def __init__(self, machine: Machine, *, folder: Path = UNIT_FOLDER) -> None:
        self._machine = machine
        self._path = folder / UNIT_NAME

    def install(self, order: UnitOrder) -> None:
        """Write the unit, and start it now and at every boot.

        Raises:
            LocalError: the account or systemd is missing, or systemd does not do it (CF-1883).
            InputError: a path cannot stand in a unit (CF-1177).
        """
        if not self._machine.has_folder(_RUNS):
            raise not_installed(
                f"{_NO_SYSTEMD.capitalize()}; nothing was written.",
                "Let what starts programs here run: caseferry-agent run --config FILE",
            )
        if not self._machine.has_user(order.user):
            raise unknown_user(
                order.user, f"Make it: useradd --system --shell /usr/sbin/nologin {order.user}"
            )
        self._machine.write(self._path, unit_text(order).encode(), mode=0o644)
        for words in (["daemon-reload"], ["enable", UNIT_NAME]):
            self._systemctl(*words)
        self._systemctl("restart", UNIT_NAME, todo=_WHY_NOT)

    def remove(self) -> None:
        """Stop it and take it away.

        Raises:
            LocalError: systemd does not do it (CF-1883).
        """
        if self._machine.read(self._path) is None:
            return
        runs = self._machine.has_folder(_RUNS)
        if runs:
            self._systemctl("disable", "--now", UNIT_NAME)
        self._machine.remove(self._path)
        if runs:
            self._systemctl("daemon-reload")

    def status(self) -> UnitShown:
        """How it is."""
        installed = self._machine.read(self._path) is not None
        if not self._machine.has_folder(_RUNS):
            return UnitShown(installed, running=False, detail=_NO_SYSTEMD)
        found = self._machine.run(["systemctl", "is-active", UNIT_NAME])
        return UnitShown(installed, found.code == 0, found.output.splitlines()[0] if found.output else "")

    def _systemctl(self, *words: str, todo: str = "") -> None:
        whole = ["systemctl", *words]
        needed(self._machine.run(whole), whole, todo=todo)


def unit_text(order: UnitOrder) -> str:
    """The unit file.

    Raises:
        InputError: a path cannot stand in a unit (CF-1177).
    """
    filled = {
        "COMMAND": " ".join(quoted(word) for word in order.command),
        "USER": _plain(order.user),
        "GROUPS": f"SupplementaryGroups={' '.join(map(_plain, order.groups))}" if order.groups else "",
        "STATE": _state_directory(order.data),
        "WRITABLE": quoted(str(order.data)),
        "CREDENTIALS": _credential(order.vault_key),
    }
    lines = []
    for line in resource("service", UNIT_NAME).read_text(encoding="utf-8").splitlines():
        text = line
        for name, value in filled.items():
            text = text.replace(f"@{name}@", value)
        if text or not line:
            lines.append(text)
    return "\n".join(lines) + "\n"


def quoted(word: str) -> str:
    """A word as a unit file writes it.

    Raises:
        InputError: it holds a line feed or another control character (CF-1177).
    """
    if any(ord(letter) < 32 or letter == "\x7f" for letter in word):
        raise _not_writable(word)
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _plain(name: str) -> str:
    if not name or not all(letter.isalnum() or letter in "_-." for letter in name):
        raise _not_writable(name)
    return name


def _state_directory(data: Path) -> str:
    """Systemd makes and owns what lies under ``/var/lib``; another folder must be there."""
    if data != _STATE_ROOT and data.is_relative_to(_STATE_ROOT):
        relative = data.relative_to(_STATE_ROOT).as_posix()
        return f"StateDirectory={quoted(relative)}\nStateDirectoryMode=0710"
    return ""


def _credential(key: Path | None) -> str:
    if key is None:
        return ""
    kind = "LoadCredentialEncrypted" if key.suffix == ".cred" else "LoadCredential"
    return f"{kind}={quoted(f'caseferry-vault-key:{key}')}"


def _not_writable(word: str) -> InputError:
    return InputError(
        "This cannot stand in a service's definition",
        happened=f"{word[:80]!r} holds a character that has no place there.",
        todo="Use paths and names without control characters.",
        code="CF-1177",
    )
