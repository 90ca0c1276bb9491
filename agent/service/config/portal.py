"""``[portal]``: where the support portal is, and whom the agent is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent.service.config.words import optional_path
from app.settings import TomlDocument


@dataclass(frozen=True, slots=True)
class PortalTable:
    """The table as it stands in the file."""

    url: str
    client_id: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    client_secret_file: str = ""


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """How to reach the portal; the secret itself lies in its file or in the vault.

    Attributes:
        certificate_file: the one certificate (PEM) that the portal may show, whatever its name.
    """

    url: str
    ca_file: Path | None
    client_id: str
    client_secret_file: Path | None
    certificate_file: Path | None = None


def read_portal(document: TomlDocument, home: Path, read: PortalTable) -> PortalSettings:
    """Check the table.

    Raises:
        InputError: with file, line and field.
    """
    return PortalSettings(
        url=_url(document, read.url),
        ca_file=optional_path(home, read.ca_file),
        client_id=read.client_id,
        client_secret_file=optional_path(home, read.client_secret_file),
        certificate_file=_certificate(document, home, read),
    )


def _certificate(document: TomlDocument, home: Path, read: PortalTable) -> Path | None:
    if read.certificate_file and read.ca_file:
        raise document.error(
            "portal",
            "certificate_file",
            happened="it is given beside ca_file; only one can say whom to trust.",
            todo="Keep the one that counts.",
        )
    return optional_path(home, read.certificate_file)


def _url(document: TomlDocument, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise document.error(
            "portal", "url", happened="it is not an https:// address.", todo="Use the portal's https address."
        )
    return text.rstrip("/")
