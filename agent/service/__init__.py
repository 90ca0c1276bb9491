"""Running the agent: the command ``caseferry-agent``."""

from agent.service.config import AgentConfig, read_config
from agent.service.starting import main, run_command

__all__ = ["AgentConfig", "main", "read_config", "run_command"]
