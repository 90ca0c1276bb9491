"""``caseferry-agent portal-secret``: the secret of the agent's registration goes into its vault."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from agent.service.answering import ConfigFile
from agent.service.place import data_folder_of
from app.domain.errors import InputError

secret_commands = cyclopts.App(name="secret-commands", help="Secrets of the agent.")


@secret_commands.command(name="portal-secret")
def portal_secret(
    *, config: ConfigFile, forget: Annotated[bool, Parameter(name="--forget", negative=())] = False
) -> int:
    """Keep the secret of this agent's registration at the portal in the agent's vault.

    It is typed, and not shown; without a terminal it is the first line of standard input.

    Args:
        config: The configuration file.
        forget: Take it out of the vault instead.
    """
    from agent.service.secrets import keep_client_secret

    data = data_folder_of(config)
    secret = "" if forget else _given()
    keep_client_secret(data, secret)
    told = "is forgotten" if forget else "is kept in the vault"
    sys.stdout.write(f"The secret {told}. A running agent takes that with caseferry-agent restart.\n")
    return 0


def _given() -> str:
    if sys.stdin.isatty():
        secret = getpass.getpass("Secret of this agent's registration at the portal: ", stream=sys.stderr)
    else:
        secret = sys.stdin.readline()
    if not secret.strip():
        raise InputError(
            "There is no secret to keep",
            happened="Nothing was typed, and nothing came from standard input.",
            todo="Type the secret that the portal told when the agent was registered, or send it there.",
            code="CF-1113",
        )
    return secret.strip()
