"""Whom TLS trusts: the system's store, CA files of one's own, or the one certificate of a pin."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import InputError
from app.settings.system_store import system_context
from app.settings.trust import load_authorities
from app.transfer.network.pinning import pinned_context


@dataclass(frozen=True, slots=True)
class Certificates:
    """Which certificates a connection accepts, and which one it shows. Nothing comes from the environment.

    Attributes:
        ca_files: PEM files with further authorities.
        system_store: whether the operating system's authorities count.
        client_certificate, client_key: PEM files; the key may stand in the certificate's file.
        pinned: the one certificate that a person agreed to (DER); nothing else counts then.
    """

    ca_files: tuple[Path, ...] = ()
    system_store: bool = True
    client_certificate: Path | None = None
    client_key: Path | None = None
    pinned: bytes = b""

    def ssl_context(self) -> ssl.SSLContext:
        """A client context that verifies; TLS 1.2 is the least.

        Raises:
            InputError: a file cannot be read or is not of its kind (CF-1164, CF-1165, CF-1170, CF-1171).
        """
        if self.pinned:
            context: ssl.SSLContext = pinned_context(self.pinned)
        elif self.system_store:
            context = system_context()
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        for file in () if self.pinned else self.ca_files:
            load_authorities(context, file)
        if self.client_certificate is not None:
            _load_own(context, self.client_certificate, self.client_key)
        return context


def _load_own(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    def no_passphrase() -> str:
        # Without it, OpenSSL would ask at the terminal of a service.
        return ""

    try:
        context.load_cert_chain(str(certificate), None if key is None else str(key), password=no_passphrase)
    except (OSError, ValueError) as error:
        raise InputError(
            "The client certificate cannot be used",
            happened=f"{certificate.name}: it or its key cannot be read, or they are not a pair.",
            todo="Give both in PEM form, the key without a passphrase, and check their rights.",
            code="CF-1165",
        ) from error
