"""The agent's configuration: one file a table, put together in `file`."""

from agent.service.config.changes import Changes, changes, named_files, secret_files, until_restart
from agent.service.config.editing import set_field
from agent.service.config.file import AgentConfig, read_config
from agent.service.config.logs import LogSettings
from agent.service.config.network import NetworkSettings
from agent.service.config.portal import PortalSettings
from agent.service.config.transfer import TransferSettings, shown_hours

__all__ = [
    "AgentConfig",
    "Changes",
    "LogSettings",
    "NetworkSettings",
    "PortalSettings",
    "TransferSettings",
    "changes",
    "named_files",
    "read_config",
    "secret_files",
    "set_field",
    "shown_hours",
    "until_restart",
]
