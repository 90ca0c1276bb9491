"""The whole way out: proxy and certificates together, as the rest of the product takes it."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field

from app.transfer.network.certificates import Certificates
from app.transfer.network.dialling import DIRECT, dial
from app.transfer.network.proxies import Network


@dataclass(frozen=True, slots=True)
class Way:
    """`app.settings.WayOut`: for the portal's calls, for uploads and downloads, and for SFTP alike."""

    network: Network = DIRECT
    certificates: Certificates = field(default_factory=Certificates)

    def ssl_context(self) -> ssl.SSLContext:
        """See `Certificates.ssl_context`."""
        return self.certificates.ssl_context()

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        """See `dial`."""
        return dial(host, port, network=self.network, seconds=seconds)
