"""Where the data of a configuration's agent lies: all that programs need to know of it to ask the agent."""

from __future__ import annotations

from pathlib import Path

from app.settings import read_toml


def data_folder_of(config: Path) -> Path:
    """The data folder that a configuration file names, whatever else in it is not right.

    The running agent goes on with what was right before, and is asked what is wrong now. So nothing else is
    looked at here, and nothing of what reads the rest is loaded.

    Raises:
        InputError: it cannot be read, is no TOML, or names no folder; with file, line and field.
    """
    document = read_toml(config)
    agent = document.data.get("agent")
    data = agent.get("data") if isinstance(agent, dict) else None
    if not isinstance(data, str) or not data:
        raise document.error("agent", "data", happened="it names no folder.", todo="Name the data folder.")
    return config.resolve().parent / data
