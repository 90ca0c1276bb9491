"""The agent's configuration file: TOML, read into typed values, errors with file, line and field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from agent.alarms import AlarmRule
from agent.api import Reach
from agent.jobs.rules import Rule
from agent.service.config.alarms import AlarmsTable, check_alarms, read_alarms
from agent.service.config.api import ApiTable, read_api
from agent.service.config.jobs import JobSettings, JobsTable, read_jobs
from agent.service.config.logs import ApplicationTable, LogSettings, LogsTable, read_logs
from agent.service.config.masking import BundleTable, MaskingTable, check_lens, read_level
from agent.service.config.network import NetworkSettings, NetworkTable, read_network
from agent.service.config.portal import PortalSettings, PortalTable, read_portal
from agent.service.config.requests import (
    RequestRuleTable,
    RequestSettings,
    RequestsTable,
    read_requests,
)
from agent.service.config.rules import RuleTable, read_rules
from agent.service.config.transfer import TransferSettings, TransferTable, read_transfer
from agent.service.config.words import duration, optional_path
from app.bundle import BundleFormat
from app.settings import TomlDocument, read_toml


@dataclass(frozen=True, slots=True)
class AgentTable:
    """The table as it stands in the file."""

    data: str
    host: str = ""
    drops: bool = True
    drop_folders: list[str] = field(default_factory=list)
    quiet: str = "30s"
    scan: str = "60s"
    events: bool = True


@dataclass(frozen=True, slots=True)
class _File:
    agent: AgentTable
    portal: PortalTable
    network: NetworkTable = field(default_factory=NetworkTable)
    transfer: TransferTable = field(default_factory=TransferTable)
    masking: MaskingTable = field(default_factory=MaskingTable)
    bundle: BundleTable = field(default_factory=BundleTable)
    jobs: JobsTable = field(default_factory=JobsTable)
    logs: LogsTable = field(default_factory=LogsTable)
    api: ApiTable = field(default_factory=ApiTable)
    alarms: AlarmsTable = field(default_factory=AlarmsTable)
    application: list[ApplicationTable] = field(default_factory=list)
    requests: RequestsTable = field(default_factory=RequestsTable)
    request_rule: list[RequestRuleTable] = field(default_factory=list)
    rule: list[RuleTable] = field(default_factory=list)


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
        alarms_file: where they stand; None for the built-in ones.
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
    jobs: JobSettings = field(default_factory=JobSettings)
    logs: LogSettings = field(default_factory=LogSettings)
    api: Reach = field(default_factory=Reach)
    alarms: tuple[AlarmRule, ...] = ()
    requests: RequestSettings = field(default_factory=RequestSettings)
    alarms_file: Path | None = None


def read_config(path: Path, *, changed: bool = False, known: Collection[str] = ()) -> AgentConfig:
    """Read and check the configuration; relative paths are relative to the file's folder.

    Args:
        path: of the file.
        changed: whether somebody has just changed it, and is told what is only of no use, too.
        known: entries that were of no use before the change: nobody is kept from another change by them.

    Raises:
        InputError: with file, line and field, but never a secret.
    """
    return checked(read_toml(path), changed=changed, known=known)


def checked(document: TomlDocument, *, changed: bool, known: Collection[str] = ()) -> AgentConfig:
    """The configuration that a document holds, see `read_config`.

    Raises:
        InputError: with file, line and field, but never a secret.
    """
    read = document.load(_File)
    path = document.path
    home = path.resolve().parent
    agent = read.agent
    config = AgentConfig(
        path=path,
        data=home / agent.data,
        host=agent.host,
        drops=agent.drops,
        drop_folders=tuple(home / folder for folder in agent.drop_folders),
        quiet=duration(document, agent.quiet, "agent", "quiet"),
        scan=duration(document, agent.scan, "agent", "scan"),
        events=agent.events,
        portal=read_portal(document, home, read.portal),
        rules_file=optional_path(home, read.masking.rules),
        key_file=optional_path(home, read.masking.key_file),
        rules=read_rules(document, home, read.rule),
        profile=read.masking.profile,
        known_file=optional_path(home, read.masking.known),
        check_all=read.masking.check_all,
        lens=optional_path(home, read.masking.lens),
        lens_days=read.masking.lens_days or None,
        bundle_format=read.bundle.format,
        bundle_level=read_level(document, read.bundle),
        network=read_network(document, home, read.network),
        transfer=read_transfer(document, read.transfer),
        jobs=read_jobs(document, read.jobs),
        logs=read_logs(document, home, read.logs, read.application),
        api=read_api(document, read.api),
        alarms=read_alarms(home, read.alarms),
        requests=read_requests(document, read.requests, read.request_rule),
        alarms_file=optional_path(home, read.alarms.rules) if read.alarms.enabled else None,
    )
    check_lens(
        document,
        lens=config.lens,
        days=config.lens_days,
        collected=(*(folder for rule in config.rules for folder in rule.folders), *config.drop_folders),
    )
    check_alarms(document, config.alarms, config.rules)
    if not agent.data.strip() or "\0" in agent.data:
        raise document.error("agent", "data", happened="it is no folder.", todo="Name a folder.")
    if not all(folder.strip() for folder in agent.drop_folders):
        # an empty one would be the folder of the configuration itself
        raise document.error(
            "agent", "drop_folders", happened="one is empty.", todo="Name a folder, or none."
        )
    if changed:
        for entry, doubt in zip(config.network.doubtful, config.network.doubts, strict=True):
            if entry not in known:
                raise doubt
    return config
