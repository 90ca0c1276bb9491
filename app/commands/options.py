"""Options that several verbs share. Light: nothing here reaches for the network or the vault."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


class Via(StrEnum):
    """The way to the portal."""

    HTTPS = "https"
    SFTP = "sftp"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class PortalOptions:
    """Which portal, and whom to trust.

    Attributes:
        portal: address of the portal, https://…; the one you signed in to last when left out.
        ca: file with the certificate authority (PEM) of the portal; the system's store when left out.
    """

    portal: Annotated[str, Parameter(env_var="CASEFERRY_PORTAL", show_default=False)] = ""
    ca: Annotated[Path | None, Parameter(env_var="CASEFERRY_CA", show_default=False)] = None
