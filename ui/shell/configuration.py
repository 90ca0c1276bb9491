"""The desktop's settings of this user: ``desktop.toml`` in the configuration folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import tomlkit

from app.secrets import replace_file
from app.settings import config_folder, read_toml
from ui.theme import Mode


@dataclass(frozen=True, slots=True)
class Phone:
    """A number of support: the region it serves, and the number as one dials it."""

    region: str
    number: str


@dataclass(frozen=True, slots=True)
class DesktopSettings:
    """What ``desktop.toml`` may say.

    Attributes:
        portal: the address of the portal; empty before the first sign-in.
        ca_file: trust exactly this authority; empty for the system's.
        agent: path of an agent's ``endpoint.json``; empty to look for the local one.
        appearance: ``system``, ``light`` or ``dark``.
        phones: numbers of support.
    """

    portal: str = ""
    ca_file: str = ""
    agent: str = ""
    appearance: Mode = Mode.SYSTEM
    phones: list[Phone] = field(default_factory=list)


def settings_path() -> Path:
    """Where this user's settings lie."""
    return config_folder() / "desktop.toml"


def read_settings(path: Path) -> DesktopSettings:
    """The settings, or the defaults when there is no file yet.

    Raises:
        InputError: the file is not TOML, or has a field that is unknown or of the wrong kind.
    """
    if not path.exists():
        return DesktopSettings()
    return read_toml(path).load(DesktopSettings)


def keep_setting(path: Path, name: str, value: str) -> None:
    """Change one setting and leave every other line, with its comments, as it is.

    Raises:
        LocalError: the file cannot be written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    document = tomlkit.parse(text)
    document[name] = value
    replace_file(path, tomlkit.dumps(document).encode())
