"""Running the agent: the command ``caseferry-agent``."""

from agent.service.commands import main, run_command
from agent.service.config import AgentConfig, read_config

__all__ = ["AgentConfig", "main", "read_config", "run_command"]
