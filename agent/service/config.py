"""The agent's configuration file: TOML, read into typed values, errors with file, line and field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from agent.alarms import AlarmRule, read_alarm_rules
from agent.catalogue import NamingRule
from agent.jobs.rules import Rule
from agent.service.durations import read_duration
from agent.service.rule_config import RuleTable, read_rules
from agent.service.transfer_config import TransferSettings, TransferTable, read_transfer
from app.bundle import LEVELS, BundleFormat
from app.domain.errors import InputError
from app.settings import TomlDocument, read_toml, resource
from app.transfer.network import Proxy, parse_proxy

_SIZE = re.compile(r"\A([0-9]{1,7}(?:\.[0-9]+)?)\s*(MB|GB|TB)\Z")
_SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class _Agent:
    data: str
    host: str = ""
    drops: bool = True
    drop_folders: list[str] = field(default_factory=list)
    quiet: str = "30s"
    scan: str = "60s"
    events: bool = True


@dataclass(frozen=True, slots=True)
class _Portal:
    url: str
    client_id: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    client_secret_file: str = ""


@dataclass(frozen=True, slots=True)
class _Network:
    proxy: str = ""
    proxy_user: str = ""
    proxy_password_file: str = ""
    no_proxy: list[str] = field(default_factory=list)
    extra_ca_files: list[str] = field(default_factory=list)
    client_certificate: str = ""
    client_key: str = ""


@dataclass(frozen=True, slots=True)
class _Masking:
    rules: str = ""
    profile: str = ""
    key_file: str = ""
    known: str = ""
    check_all: bool = False
    lens: str = ""
    lens_days: float = 0.0


@dataclass(frozen=True, slots=True)
class _Bundle:
    format: BundleFormat = BundleFormat.ZIP
    level: int | None = None


@dataclass(frozen=True, slots=True)
class _Logs:
    evidence: str = "2GB"
    ids: bool = False


@dataclass(frozen=True, slots=True)
class _Alarms:
    rules: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class _Application:
    name: str
    files: list[str]


@dataclass(frozen=True, slots=True)
class _File:
    agent: _Agent
    portal: _Portal
    network: _Network = field(default_factory=_Network)
    transfer: TransferTable = field(default_factory=TransferTable)
    masking: _Masking = field(default_factory=_Masking)
    bundle: _Bundle = field(default_factory=_Bundle)
    logs: _Logs = field(default_factory=_Logs)
    alarms: _Alarms = field(default_factory=_Alarms)
    application: list[_Application] = field(default_factory=list)
    rule: list[RuleTable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """How to reach the portal; the secret itself lies in its file or in the vault.

    Attributes:
        certificate_file: the one certificate (PEM) that the portal may show, whatever its name.
    """

    url: str
    ca_file: Path | None
    client_id: str
    client_secret_file: Path | None
    certificate_file: Path | None = None


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The way out, for HTTPS and SFTP alike.

    Attributes:
        proxy: without user and password; None for a direct connection.
        proxy_user: empty when the proxy wants no sign-in; its password lies in `proxy_password_file`.
        no_proxy: servers that are reached without it, see `app.transfer.network.passes_by`.
        extra_ca_files: authorities that count beside those of the portal or of the system.
        client_certificate, client_key: what this machine shows.
    """

    proxy: Proxy | None = None
    proxy_user: str = ""
    proxy_password_file: Path | None = None
    no_proxy: tuple[str, ...] = ()
    extra_ca_files: tuple[Path, ...] = ()
    client_certificate: Path | None = None
    client_key: Path | None = None


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is kept of the logs beside their times.

    Attributes:
        evidence_bytes: quota of what is held before rotation deletes it.
        ids: whether ids of calls are indexed.
        naming: applications of files whose header and name do not tell them.
    """

    evidence_bytes: int = 2_000_000_000
    ids: bool = False
    naming: tuple[NamingRule, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """What the configuration file says.

    Attributes:
        data: the data folder: journal, catalogue, spool, vault, endpoint.
        host: name of this server as manifests show it (masked); the machine's own when empty.
        drops: whether files that a person drops on a case may be sent.
        drop_folders: dropped files must lie in one of them; any place when empty.
        quiet: how long a rotated segment must not grow before it counts as closed.
        scan: how often every file is looked at; what was written lately is looked at every second.
        events: whether the system's file events are used as hints.
        rules_file, profile, key_file: masking; the built-in rules and the vault's key when None.
        known_file: list of values that must not be left in what was masked; none when None.
        check_all: whether every byte is checked after masking, also of large files.
        lens: file that keeps, here only, what tokens stand for; none when None.
        lens_days: days until a value leaves the lens; None keeps it until it is erased.
        bundle_format: of new jobs.
        bundle_level: of compression; the format's default when None.
        alarms: rules of the alarm file, or the built-in ones; none when they are switched off.
    """

    path: Path
    data: Path
    host: str
    drops: bool
    drop_folders: tuple[Path, ...]
    quiet: timedelta
    scan: timedelta
    events: bool
    portal: PortalSettings
    rules_file: Path | None
    key_file: Path | None
    rules: tuple[Rule, ...]
    profile: str = ""
    known_file: Path | None = None
    check_all: bool = False
    lens: Path | None = None
    lens_days: float | None = None
    bundle_format: BundleFormat = BundleFormat.ZIP
    bundle_level: int | None = None
    network: NetworkSettings = field(default_factory=NetworkSettings)
    transfer: TransferSettings = field(default_factory=TransferSettings)
    logs: LogSettings = field(default_factory=LogSettings)
    alarms: tuple[AlarmRule, ...] = ()


def read_config(path: Path) -> AgentConfig:
    """Read and check the configuration; relative paths are relative to the file's folder.

    Raises:
        InputError: with file, line and field, but never a secret.
    """
    document = read_toml(path)
    read = document.load(_File)
    home = path.resolve().parent
    agent = read.agent
    config = AgentConfig(
        path=path,
        data=home / agent.data,
        host=agent.host,
        drops=agent.drops,
        drop_folders=tuple(home / folder for folder in agent.drop_folders),
        quiet=read_duration(document, agent.quiet, "agent", "quiet"),
        scan=read_duration(document, agent.scan, "agent", "scan"),
        events=agent.events,
        portal=PortalSettings(
            url=_url(document, read.portal.url),
            ca_file=_optional(home, read.portal.ca_file),
            client_id=read.portal.client_id,
            client_secret_file=_optional(home, read.portal.client_secret_file),
            certificate_file=_certificate(document, home, read.portal),
        ),
        rules_file=_optional(home, read.masking.rules),
        key_file=_optional(home, read.masking.key_file),
        rules=read_rules(document, home, read.rule),
        profile=read.masking.profile,
        known_file=_optional(home, read.masking.known),
        check_all=read.masking.check_all,
        lens=_optional(home, read.masking.lens),
        lens_days=read.masking.lens_days or None,
        bundle_format=read.bundle.format,
        bundle_level=_level(document, read.bundle),
        network=_network(document, home, read.network),
        transfer=read_transfer(document, read.transfer),
        logs=_logs(document, home, read),
        alarms=_alarms(home, read.alarms),
    )
    _check_lens(document, config)
    _check_alarms(document, config)
    if not agent.data:
        raise document.error("agent", "data", happened="it is empty.", todo="Name a folder.")
    return config


def _certificate(document: TomlDocument, home: Path, read: _Portal) -> Path | None:
    if read.certificate_file and read.ca_file:
        raise document.error(
            "portal",
            "certificate_file",
            happened="it is given beside ca_file; only one can say whom to trust.",
            todo="Keep the one that counts.",
        )
    return _optional(home, read.certificate_file)


def _logs(document: TomlDocument, home: Path, read: _File) -> LogSettings:
    match = _SIZE.match(read.logs.evidence)
    if match is None:
        raise document.error(
            "logs", "evidence", happened="it is not a size.", todo="Write a number with a unit: 500MB or 2GB."
        )
    naming = []
    for index, application in enumerate(read.application):
        if not _NAME.match(application.name) or not application.files:
            raise document.error(
                "application",
                index,
                "name" if application.files else "files",
                happened="it is not a name, or has no files.",
                todo="Give a name of letters, digits, dots, dashes and underscores, and patterns of files.",
            )
        naming += [NamingRule((home / pattern).as_posix(), application.name) for pattern in application.files]
    return LogSettings(
        evidence_bytes=int(float(match[1]) * _SIZES[match[2]]), ids=read.logs.ids, naming=tuple(naming)
    )


def _network(document: TomlDocument, home: Path, read: _Network) -> NetworkSettings:
    proxy = None
    if read.proxy:
        try:
            proxy = parse_proxy(read.proxy)
        except InputError as error:
            raise document.error(
                "network", "proxy", happened="it is no proxy's address.", todo=error.todo
            ) from error
        if proxy.user or proxy.password:
            raise document.error(
                "network",
                "proxy",
                happened="it holds a user or a password.",
                todo="Give proxy_user and proxy_password_file instead.",
            )
    return NetworkSettings(
        proxy=proxy,
        proxy_user=read.proxy_user,
        proxy_password_file=_optional(home, read.proxy_password_file),
        no_proxy=tuple(read.no_proxy),
        extra_ca_files=tuple(home / file for file in read.extra_ca_files),
        client_certificate=_optional(home, read.client_certificate),
        client_key=_optional(home, read.client_key),
    )


def _alarms(home: Path, table: _Alarms) -> tuple[AlarmRule, ...]:
    if not table.enabled:
        return ()
    return read_alarm_rules(home / table.rules if table.rules else resource("alarms", "default.toml"))


def _check_alarms(document: TomlDocument, config: AgentConfig) -> None:
    known = {rule.name for rule in config.alarms}
    for index, rule in enumerate(config.rules):
        if rule.when.alarm and rule.when.alarm not in known:
            raise document.error(
                "rule",
                index,
                "when",
                happened="there is no alarm of this name.",
                todo=f"The alarms are {', '.join(sorted(known)) or 'switched off'}.",
            )


def _level(document: TomlDocument, bundle: _Bundle) -> int | None:
    allowed = LEVELS[bundle.format]
    if bundle.level is not None and bundle.level not in allowed:
        raise document.error(
            "bundle",
            "level",
            happened=f"{bundle.format.value} has no such level.",
            todo=f"Use {allowed.start} to {allowed.stop - 1}, or leave it out.",
        )
    return bundle.level


def _check_lens(document: TomlDocument, config: AgentConfig) -> None:
    """The lens stays here: it may not lie where logs are collected."""
    if config.lens_days is not None and not 0 < config.lens_days <= 36_500:
        raise document.error(
            "masking",
            "lens_days",
            happened="it is no number of days.",
            todo="Use 1 to 36500, or leave it out.",
        )
    if config.lens is None:
        return
    place = config.lens.resolve()
    for folder in (*(folder for rule in config.rules for folder in rule.folders), *config.drop_folders):
        if folder.resolve() in place.parents:
            raise document.error(
                "masking",
                "lens",
                happened="it lies in a folder whose logs are sent.",
                todo="Keep the lens in a folder of its own.",
            )


def _url(document: TomlDocument, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise document.error(
            "portal", "url", happened="it is not an https:// address.", todo="Use the portal's https address."
        )
    return text.rstrip("/")


def _optional(home: Path, text: str) -> Path | None:
    return home / text if text else None
