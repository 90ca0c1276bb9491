"""A server that speaks only to who shows a certificate of its authority, and says hello in tus then."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import trustme

_HELLO = b"HTTP/1.1 204 No\r\nTus-Resumable: 1.0.0\r\nTus-Version: 1.0.0\r\n\r\n"


class MutualTls:
    """Listens on a free port of the loopback. Use as a context manager.

    Attributes:
        ca_file: the authority of both sides.
        own: certificate and key that it lets in.
        stranger: certificate and key of another authority.
        newest: the newest TLS that it speaks.
        seen: the certificates of those that it let in.
    """

    def __init__(
        self, folder: Path, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, page: str = ""
    ) -> None:
        """Nothing is taken before it is entered.

        Args:
            folder: for certificates and keys.
            newest: TLS that it speaks.
            page: it lets everybody in, and answers as nginx does whose page has this title.
        """
        authority = trustme.CA()
        self.ca_file, self.own, self.stranger = folder / "ca.pem", folder / "own.pem", folder / "stranger.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        for issuer, path in ((authority, self.own), (trustme.CA(), self.stranger)):
            issuer.issue_cert("agent.example").private_key_and_cert_chain_pem.write_to_path(str(path))
        self.newest = newest
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.verify_mode = ssl.CERT_NONE if page else ssl.CERT_REQUIRED
        self._says = _paged(page) if page else _HELLO
        self._context.maximum_version = newest
        authority.configure_trust(self._context)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.seen: list[object] = []
        self._thread = threading.Thread(target=self._serve)

    @property
    def root(self) -> str:
        """Its address alone."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Of its uploads."""
        return f"{self.root}/files"

    def __enter__(self) -> MutualTls:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=60)

    def _serve(self) -> None:
        while True:
            try:
                plain, _address = self._listener.accept()
            except OSError:
                return
            plain.settimeout(60)
            with plain, suppress(OSError), self._context.wrap_socket(plain, server_side=True) as client:
                self.seen.append(client.getpeercert())
                client.recv(4000)
                client.sendall(self._says)


def _paged(title: str) -> bytes:
    page = (
        f"<html>\r\n<head><title>400 {title}</title></head>\r\n<body>\r\n"
        f"<center><h1>400 Bad Request</h1></center>\r\n<center>{title}</center>\r\n"
        "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
    ).encode()
    head = (
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(page)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + page
