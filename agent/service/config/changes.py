"""What differs between two states of the configuration, and what it takes for the new one to count."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from agent.service.config.file import AgentConfig

_AT_RESTART = ("data", "api")
"""The lock, the files and the ports of a run hang on these."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new state of the file asks for.

    Attributes:
        parts: the agent's parts must be built anew; its API, tokens and events stay.
        limits: other limits of bandwidth; they count at once, for what is being sent, too.
        restart: fields that count after a restart only.
    """

    parts: bool
    limits: bool
    restart: tuple[str, ...]


def changes(old: AgentConfig, new: AgentConfig) -> Changes:
    """Compare what is in force with what was read."""
    other = {each.name for each in fields(old) if getattr(old, each.name) != getattr(new, each.name)}
    limits = "transfer" in other
    if limits and old.transfer.at_once == new.transfer.at_once:
        other.discard("transfer")
    restart = []
    if "data" in other:
        restart.append("agent.data")
    if "api" in other:
        restart.append("api")
    return Changes(parts=bool(other - {"path", *_AT_RESTART}), limits=limits, restart=tuple(restart))


def named_files(config: AgentConfig) -> tuple[Path, ...]:
    """The files that the configuration names and the agent reads: a change of theirs is one of its own."""
    portal, network = config.portal, config.network
    named = (
        config.rules_file,
        config.key_file,
        config.known_file,
        config.alarms_file,
        portal.ca_file,
        portal.certificate_file,
        portal.client_secret_file,
        network.proxy_password_file,
        *network.extra_ca_files,
        network.client_certificate,
        network.client_key,
        *(rule.sftp.password_file for rule in config.rules if rule.sftp is not None),
    )
    return tuple(path for path in named if path is not None)


def secret_files(config: AgentConfig) -> tuple[Path, ...]:
    """The files that the configuration names and that hold keys, passwords or values in clear."""
    named = (
        config.key_file,
        config.known_file,
        config.lens,
        config.portal.client_secret_file,
        config.network.proxy_password_file,
        config.network.client_key,
        *(rule.sftp.password_file for rule in config.rules if rule.sftp is not None),
    )
    return tuple(path for path in named if path is not None)


def until_restart(old: AgentConfig, new: AgentConfig) -> AgentConfig:
    """The new configuration, without what counts after a restart only."""
    return replace(new, data=old.data, api=old.api)
