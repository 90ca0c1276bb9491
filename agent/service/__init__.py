"""Running the agent: the command ``caseferry-agent``."""

from agent.service.starting import main, run_command

__all__ = ["main", "run_command"]
