"""What commands that ask the running agent have in common: its options, the call, the answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from agent.service.place import data_folder_of
from app.agentlink import AgentClient, read_endpoint_in

ConfigFile = Annotated[Path, Parameter(name=["--config", "-c"], help="The configuration file (TOML).")]
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Answer as one JSON document.")]


@contextmanager
def calling(config: Path) -> Iterator[AgentClient]:
    """The agent of a configuration file.

    Raises:
        WorldError: the file does not tell where its agent is, or the agent does not run.
    """
    client = AgentClient(read_endpoint_in(data_folder_of(config)))
    try:
        yield client
    finally:
        client.close()


def say(answer: Any) -> int:
    """Write an answer as one line of JSON; the exit code."""
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    sys.stdout.flush()
    return 0
