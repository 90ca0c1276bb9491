"""Where the data of a configuration's agent lies: all that programs need to know of it to ask the agent."""

from __future__ import annotations

import tomllib
from pathlib import Path

from app.domain.errors import InputError
from app.settings import read_toml


def data_folder_of(config: Path) -> Path:
    """The data folder that a configuration file names, whatever else in it is not right.

    The running agent goes on with what was right before, and is asked what is wrong now. So nothing else is
    looked at here, and nothing of what reads the rest is loaded. Where the file is no TOML, the line that
    names the folder is enough.

    Raises:
        InputError: it cannot be read, or names no folder, or is no TOML in which the folder is found; with
            file, line and field.
    """
    try:
        document = read_toml(config)
    except InputError:
        found = _folder_in(config)
        if found is None:
            raise
        return config.resolve().parent / found
    agent = document.data.get("agent")
    data = agent.get("data") if isinstance(agent, dict) else None
    if not isinstance(data, str) or not data:
        raise document.error("agent", "data", happened="it names no folder.", todo="Name the data folder.")
    return config.resolve().parent / data


def _folder_in(config: Path) -> str | None:
    """What ``data`` of ``[agent]`` is in a file that is no TOML as a whole."""
    table = ""
    try:
        lines = config.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        text = line.strip()
        if text.startswith("["):
            table = text
        elif table.startswith("[agent]") and text.partition("=")[0].strip() == "data":
            try:
                data = tomllib.loads(text)["data"]
            except tomllib.TOMLDecodeError:
                return None
            return data if isinstance(data, str) and data else None
    return None
