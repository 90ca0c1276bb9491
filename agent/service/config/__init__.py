"""The agent's configuration: one file a table, put together in `file`."""

from agent.service.config.file import AgentConfig, read_config
from agent.service.config.logs import LogSettings
from agent.service.config.network import NetworkSettings
from agent.service.config.portal import PortalSettings
from agent.service.config.transfer import TransferSettings, shown_hours

__all__ = [
    "AgentConfig",
    "LogSettings",
    "NetworkSettings",
    "PortalSettings",
    "TransferSettings",
    "read_config",
    "shown_hours",
]
