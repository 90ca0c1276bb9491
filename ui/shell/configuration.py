"""The desktop's settings of this user: ``desktop.toml`` in the configuration folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

import tomlkit

from app.domain.errors import CaseferryError, InputError
from app.secrets import replace_file
from app.settings import config_folder, read_toml
from app.transfer.network import NEVER_MET, READABLE, unreadable
from ui.theme import Mode


@dataclass(frozen=True, slots=True)
class Phone:
    """A number of support: the region it serves, and the number as one dials it."""

    region: str
    number: str


class ProxyUse(StrEnum):
    """Which proxy the desktop takes."""

    SYSTEM = "system"
    THIS = "this"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """``[network]``: the way out of this network. The environment has no say in it.

    Attributes:
        use: the system's proxy (its PAC script included), the one that is named here, or none.
        proxy: ``http://``, ``socks5://`` or ``socks4://`` with host and port, without a user.
        proxy_user: empty when the proxy wants no sign-in; the password lies in the vault.
        no_proxy: servers that are reached without it, see `app.transfer.network.passes_by`.
        ca_files: authorities (PEM) that count beside the others.
        client_certificate, client_key: what this PC shows; the key may stand in the certificate's file.
    """

    use: ProxyUse = ProxyUse.SYSTEM
    proxy: str = ""
    proxy_user: str = ""
    no_proxy: list[str] = field(default_factory=list)
    ca_files: list[str] = field(default_factory=list)
    client_certificate: str = ""
    client_key: str = ""


@dataclass(frozen=True, slots=True)
class DesktopSettings:
    """What ``desktop.toml`` may say.

    Attributes:
        portal: the address of the portal; empty before the first sign-in.
        ca_file: trust exactly this authority; empty for the system's.
        agent: path of an agent's ``endpoint.json``; empty to look for the local one.
        chosen_agent: ``host:port`` of the paired agent to follow; empty for that of this machine.
        appearance: ``system``, ``light`` or ``dark``.
        phones: numbers of support.
        network: the way out.
    """

    portal: str = ""
    ca_file: str = ""
    agent: str = ""
    chosen_agent: str = ""
    appearance: Mode = Mode.SYSTEM
    phones: list[Phone] = field(default_factory=list)
    network: NetworkChoice = field(default_factory=NetworkChoice)


def settings_path() -> Path:
    """Where this user's settings lie."""
    return config_folder() / "desktop.toml"


def read_settings(path: Path) -> DesktopSettings:
    """The settings, or the defaults when there is no file yet.

    Raises:
        InputError: the file is not TOML, or has a field that is unknown or of the wrong kind.
    """
    return _read(path)[0]


def settings_to_start(path: Path) -> tuple[DesktopSettings, CaseferryError | None]:
    """The settings a start takes, and what a person has to mend in the file, which stays as it is.

    A file that cannot be read counts as the defaults; servers without a proxy that are none are passed over.
    """
    try:
        return _read(path)
    except CaseferryError as error:
        return DesktopSettings(), error


def _read(path: Path) -> tuple[DesktopSettings, InputError | None]:
    if not path.exists():
        return DesktopSettings(), None
    document = read_toml(path)
    settings = document.load(DesktopSettings)
    network = settings.network
    places = () if network.use is ProxyUse.NONE else unreadable(network.no_proxy)
    if not places:
        return settings, None
    return settings, document.error("network", "no_proxy", places[0], happened=NEVER_MET, todo=READABLE)


def keep_setting(path: Path, name: str, value: str) -> None:
    """Change one setting and leave every other line, with its comments, as it is.

    Raises:
        LocalError: the file cannot be written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    document = tomlkit.parse(text)
    document[name] = value
    replace_file(path, tomlkit.dumps(document).encode())


def keep_network(path: Path, choice: NetworkChoice) -> None:
    """Change ``[network]`` and leave every other line, with its comments, as it is; what is empty goes.

    Raises:
        LocalError: the file cannot be written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    document = tomlkit.parse(text)
    table = document.get("network")
    if table is None:
        table = document["network"] = tomlkit.table()
    for name, value in asdict(choice).items():
        if value:
            table[name] = str(value) if isinstance(value, StrEnum) else value
        elif name in table:
            del table[name]
    replace_file(path, tomlkit.dumps(document).encode())
