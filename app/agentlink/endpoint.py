"""Finding an agent: ``endpoint.json``, whose readability is the permission to use the agent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from app.agentlink.contract import Endpoint
from app.decoding import ready
from app.domain.errors import CredentialsError, InputError, UnreachableError
from app.settings import data_folder

ENDPOINT_NAME = "endpoint.json"
OPERATORS_ENDPOINT_NAME = "endpoint-operators.json"
"""Beside it, with a token of the operator role, for the operators group."""
ENDPOINT_VARIABLE = "CASEFERRY_AGENT_ENDPOINT"
"""Environment variable with the path of an ``endpoint.json``; it comes before every other place."""

_LIMIT = 64 * 1024


def read_endpoint(path: Path) -> Endpoint:
    """Read the ``endpoint.json`` an agent wrote.

    Raises:
        UnreachableError: there is no such file: no agent runs with this data folder.
        CredentialsError: this account may not read it.
        InputError: it is not what an agent writes.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(_LIMIT)
    except FileNotFoundError as error:
        raise UnreachableError(
            "No agent is running here",
            happened=f"{path.name} does not exist in its folder.",
            todo="Start the agent with: caseferry-agent run --config FILE.",
            code="CF-1590",
        ) from error
    except PermissionError as error:
        raise CredentialsError(
            "This account may not use the agent",
            happened=f"{path.name} can be read by administrators and the operators group only.",
            todo="Ask an administrator to add this account to that group, then sign in again.",
            code="CF-1390",
        ) from error
    except OSError as error:
        raise UnreachableError(
            "The agent cannot be found",
            happened=f"{path.name} cannot be read: {error.strerror}.",
            todo="Check the folder, then try again.",
            code="CF-1591",
        ) from error
    try:
        return msgspec.json.decode(text, type=ready(Endpoint))
    except msgspec.DecodeError as error:
        raise InputError(
            "The agent's endpoint file is damaged",
            happened=f"{path.name} is not what an agent writes.",
            todo="Restart the agent; it writes the file anew.",
            code="CF-1190",
        ) from error


def read_endpoint_in(folder: Path) -> Endpoint:
    """How this account may reach the agent of a data folder: as its owner, or as one of its operators.

    Raises:
        WorldError: see `read_endpoint`.
    """
    try:
        return read_endpoint(folder / ENDPOINT_NAME)
    except CredentialsError as refused:
        try:
            return read_endpoint(folder / OPERATORS_ENDPOINT_NAME)
        except (CredentialsError, UnreachableError):
            raise refused from None


def find_local_agent() -> Endpoint | None:
    """The agent of this machine: the one the environment names, this user's own, else the machine's.

    Returns:
        None when no agent has written an endpoint in any of the places.

    Raises:
        CredentialsError: there is one, but this account may not use it.
        InputError: an endpoint file is damaged.
    """
    refused: CredentialsError | None = None
    for path in endpoint_places():
        try:
            return read_endpoint(path)
        except UnreachableError:
            continue
        except CredentialsError as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return None


def endpoint_places() -> tuple[Path, ...]:
    """Where `find_local_agent` looks, in this order. A named endpoint is the only place."""
    named = os.environ.get(ENDPOINT_VARIABLE)
    if named:
        return (Path(named),)
    folders = (data_folder() / "agent", machine_folder())
    return tuple(folder / name for folder in folders for name in (ENDPOINT_NAME, OPERATORS_ENDPOINT_NAME))


def machine_folder() -> Path:
    """The data folder of an agent that was installed as a service of this machine."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Caseferry"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Caseferry")
    return Path("/var/lib/caseferry")
