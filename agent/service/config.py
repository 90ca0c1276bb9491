"""The agent's configuration file: TOML, read into typed values, errors with file, line and field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from agent.catalogue import NamingRule
from agent.jobs.rows import REQUEST
from agent.jobs.rules import Rule, RuleSftp, When
from agent.service.request_config import RequestRuleTable, RequestSettings, RequestsTable, read_requests
from agent.service.transfer_config import TransferSettings, TransferTable, read_transfer
from app.agentlink import Via
from app.bundle import LEVELS, BundleFormat
from app.domain.cases import parse_case_number
from app.domain.errors import InputError
from app.settings import TomlDocument, read_toml
from app.transfer.network import Proxy, parse_proxy

_DURATION = re.compile(r"\A([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)\Z")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_MOST_SHARE = 100
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
class _Sftp:
    host: str
    host_key: str
    user: str
    password_file: str
    port: int = 22


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    folders: list[str]
    case: str
    applications: list[str] = field(default_factory=list)
    when: str = "closed"
    via: Via = Via.HTTPS
    share: float = 1.0
    sftp: _Sftp | None = None


@dataclass(frozen=True, slots=True)
class _Logs:
    evidence: str = "2GB"
    ids: bool = False


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
    application: list[_Application] = field(default_factory=list)
    requests: RequestsTable = field(default_factory=RequestsTable)
    request_rule: list[RequestRuleTable] = field(default_factory=list)
    rule: list[_Rule] = field(default_factory=list)


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
    requests: RequestSettings = field(default_factory=RequestSettings)


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
        quiet=_duration(document, agent.quiet, "agent", "quiet"),
        scan=_duration(document, agent.scan, "agent", "scan"),
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
        rules=tuple(_rule(document, home, rule, index) for index, rule in enumerate(read.rule)),
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
        requests=read_requests(document, read.requests, read.request_rule),
    )
    _check_lens(document, config)
    _check_names(document, config.rules)
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


def _rule(document: TomlDocument, home: Path, rule: _Rule, index: int) -> Rule:
    place = ("rule", index)
    if not _NAME.match(rule.name):
        raise document.error(
            *place,
            "name",
            happened="it is not a name.",
            todo="Use up to 64 letters, digits, dots, dashes and underscores.",
        )
    if not rule.folders or not all(rule.folders):
        raise document.error(
            *place, "folders", happened="it names no folder.", todo="Name at least one folder."
        )
    try:
        case = parse_case_number(rule.case)
    except InputError as error:
        raise document.error(
            *place, "case", happened=error.happened[:1].lower() + error.happened[1:], todo=error.todo
        ) from error
    if rule.via is Via.SFTP and rule.sftp is None:
        raise document.error(
            *place, "via", happened="it is sftp, but [rule.sftp] is missing.", todo="Add [rule.sftp]."
        )
    if not 0 < rule.share <= _MOST_SHARE:
        raise document.error(
            *place, "share", happened="it is no share.", todo=f"Use more than 0 and at most {_MOST_SHARE}."
        )
    if rule.sftp is not None and not 0 < rule.sftp.port < 65536:
        raise document.error(*place, "sftp", "port", happened="it is no port.", todo="Use 1 to 65535.")
    return Rule(
        name=rule.name,
        folders=tuple(home / folder for folder in rule.folders),
        applications=tuple(rule.applications),
        case=case,
        when=_when(document, rule.when, index),
        via=rule.via,
        share=rule.share,
        sftp=None
        if rule.sftp is None
        else RuleSftp(
            host=rule.sftp.host,
            port=rule.sftp.port,
            host_key=rule.sftp.host_key,
            user=rule.sftp.user,
            password_file=home / rule.sftp.password_file,
        ),
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


def _when(document: TomlDocument, text: str, index: int) -> When:
    if text == "closed":
        return When(every=None)
    if text.startswith("every "):
        return When(every=_duration(document, text.removeprefix("every ").strip(), "rule", index, "when"))
    raise document.error(
        "rule",
        index,
        "when",
        happened="it is neither closed nor a batch.",
        todo='Use "closed" or, for example, "every 10m".',
    )


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


def _check_names(document: TomlDocument, rules: tuple[Rule, ...]) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.name in seen or rule.name == "drop" or rule.name.startswith(REQUEST):
            raise document.error(
                "rule",
                index,
                "name",
                happened="another rule has this name, or the name is reserved (drop, request-…).",
                todo="Give every rule a name of its own.",
            )
        seen.add(rule.name)


def _duration(document: TomlDocument, text: str, *field_path: str | int) -> timedelta:
    match = _DURATION.match(text)
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 0 < seconds <= 366 * 86400:
        raise document.error(
            *field_path,
            happened="it is not a duration.",
            todo="Write a number with a unit: 30s, 10m, 2h or 1d.",
        )
    return timedelta(seconds=seconds)


def _url(document: TomlDocument, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise document.error(
            "portal", "url", happened="it is not an https:// address.", todo="Use the portal's https address."
        )
    return text.rstrip("/")


def _optional(home: Path, text: str) -> Path | None:
    return home / text if text else None
