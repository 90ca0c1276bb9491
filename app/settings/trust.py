"""Whom we trust over TLS, and the HTTP session that keeps to it.

`Trust` decides which certificate authorities count; `session` makes a `requests` session that uses exactly
those, has time-outs, and speaks the project's errors. Nothing here reads ``REQUESTS_CA_BUNDLE`` or any other
environment override.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
)

import app
from app.domain.errors import InputError, TrustError, UnreachableError, WorldError
from app.settings.handshakes import (
    OF_ANOTHER_NAME,
    OUT_OF_DATE,
    PAGES,
    client_certificate_error,
    error_of_page,
    may_want_a_certificate,
    verdict_behind,
)
from app.settings.system_store import system_context

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
_DIGITS_OF_A_PAGE = 6
"""Of its length in bytes: shorter numbers are read whole."""

_CUT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError)


class WayOut(Protocol):
    """How connections leave this network, and what they trust there."""

    def ssl_context(self) -> ssl.SSLContext:
        """A client context that verifies."""

    def dial(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection to the server, through a proxy where there is one."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificate authorities a connection accepts.

    Attributes:
        ca_file: PEM file; exactly its authorities count. None takes the operating system's store.
        way: the way out, which then says itself what is trusted; None connects directly.
    """

    ca_file: Path | None = None
    way: WayOut | None = None

    def ssl_context(self) -> ssl.SSLContext:
        """A client context: certificates and host names are always checked, TLS 1.2 is the least.

        Raises:
            InputError: the CA file cannot be read or holds no certificate.
        """
        if self.way is not None:
            return self.way.ssl_context()
        if self.ca_file is None:
            context = system_context()
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            load_authorities(context, self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def load_authorities(context: ssl.SSLContext, ca_file: Path) -> None:
    """Have a context accept the authorities of a PEM file.

    Raises:
        InputError: it cannot be read (CF-1170) or holds no certificate (CF-1171).
    """
    try:
        context.load_verify_locations(cafile=str(ca_file))
    except ssl.SSLError as error:
        raise _no_certificate(ca_file) from error
    except OSError as error:
        raise _ca_unreadable(ca_file, error) from error


def read_certificate(file: Path) -> bytes:
    """The first certificate of a PEM file, as DER.

    Raises:
        InputError: it cannot be read (CF-1170) or holds no certificate (CF-1171).
    """
    try:
        text = file.read_text(encoding="ascii")
        begin = text.index(ssl.PEM_HEADER)
        return ssl.PEM_cert_to_DER_cert(text[begin : text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)])
    except OSError as error:
        raise _ca_unreadable(file, error) from error
    except ValueError as error:
        raise _no_certificate(file) from error


def _no_certificate(file: Path) -> InputError:
    return InputError(
        "The CA file holds no certificate",
        happened=f"{file.name} is not a list of certificates in PEM form.",
        todo="Give the file that begins with -----BEGIN CERTIFICATE-----.",
        code="CF-1171",
    )


def _ca_unreadable(file: Path, error: OSError) -> InputError:
    return InputError(
        "The CA file cannot be read",
        happened=f"{file.name}: {error.strerror or type(error).__name__}.",
        todo="Check the path (--ca, --extra-ca; ca_file, extra_ca_files, certificate_file) and its rights.",
        code="CF-1170",
    )


class _TrustingAdapter(HTTPAdapter):
    """Hands one context to urllib3, and keeps `requests` from adding certifi's authorities to it."""

    def __init__(self, context: ssl.SSLContext, way: WayOut | None = None) -> None:
        self._context = context
        self._way = way
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if not self._context.check_hostname:
            # One pinned certificate, compared byte by byte by its context: the name in it does not count.
            kwargs["assert_hostname"] = False
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"https": _pool_by(self._way)}

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002 - the signature of requests
        cert: Any = None,
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, True, cert)
        pool.pop("ca_certs", None)
        pool.pop("ca_cert_dir", None)
        return host, pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = None
        conn.ca_cert_dir = None


def _pool_by(way: WayOut | None) -> type[HTTPSConnectionPool]:
    """A pool whose connections take this way out, and tell why a server ended them."""

    class Connection(HTTPSConnection):
        def request(self, *args: Any, **kwargs: Any) -> None:
            try:
                super().request(*args, **kwargs)
            except OSError as error:
                told = verdict_behind(self.sock, error)
                if told is error:
                    raise
                raise told from error

        def _new_conn(self) -> socket.socket:
            if way is None:
                return super()._new_conn()
            seconds = self.timeout if isinstance(self.timeout, int | float) else CONNECT_SECONDS
            try:
                return way.dial(self._dns_host, self.port or 443, seconds)
            except socket.gaierror as error:
                raise NameResolutionError(self.host, self, error) from error
            except TimeoutError as error:
                raise ConnectTimeoutError(self, "connecting took too long") from error
            except OSError as error:
                raise NewConnectionError(self, "no connection") from error

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


class TrustedSession(requests.Session):
    """A `requests` session for HTTPS only: one trust, default time-outs, the project's errors.

    Attributes:
        timeouts: seconds to connect and seconds without a byte, used where a call names none.
    """

    def __init__(self, trust: Trust, *, timeouts: tuple[float, float]) -> None:
        super().__init__()
        self.trust_env = False
        self.timeouts = timeouts
        self.headers["User-Agent"] = f"caseferry/{app.__version__}"
        self.adapters.clear()
        self.mount("https://", _TrustingAdapter(trust.ssl_context(), trust.way))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """As the base; a name that no server can have is the world's fault."""
        with translated(request.url):
            return super().prepare_request(request)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request; redirects come through here as well, and one without TLS ends in `TrustError`."""
        url = str(request.url)
        if not url.lower().startswith("https://"):
            raise _without_tls(url)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeouts
        with translated(url):
            answer = super().send(request, **kwargs)
            if answer.status_code in PAGES and _is_short_page(answer):
                about_ours = error_of_page(answer.status_code, answer.content, _place(url))
                if about_ours is not None:
                    raise about_ours
            return answer


def _is_short_page(answer: requests.Response) -> bool:
    """Whether it is for a browser: what an API answers is left for the caller to read."""
    length = answer.headers.get("Content-Length", "")
    is_page = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "text/html"
    return is_page and length.isascii() and length.isdigit() and len(length) < _DIGITS_OF_A_PAGE


def session(
    trust: Trust, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
) -> TrustedSession:
    """A session that accepts only what `trust` accepts and ignores the environment.

    Args:
        trust: the authorities.
        connect_seconds: time to connect.
        read_seconds: longest time without a byte.

    Raises:
        InputError: the CA file is not usable.
    """
    return TrustedSession(trust, timeouts=(connect_seconds, read_seconds))


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the network's errors inside the block into `TrustError` and `UnreachableError`.

    Also for reading a streamed body, where urllib3's own errors appear.
    """
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise network_error(error, url) from error


def network_error(error: BaseException, url: str) -> WorldError:
    """The project's error for an error of `requests`, urllib3, `ssl` or a socket."""
    where = _place(url)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _not_trusted(cause, where)
    for cause in causes:
        if isinstance(
            cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError)
        ):
            return _broken(where)
        if isinstance(cause, ssl.SSLError):
            about_ours = client_certificate_error(cause, where)
            if about_ours is not None:
                return about_ours
            certificate = " It may want a client certificate." if may_want_a_certificate(cause) else ""
            return TrustError(
                "No secure connection could be agreed",
                happened=f"{where} does not speak TLS 1.2 or newer as we need it.{certificate}",
                todo="Check the address and the port; a proxy in between may also answer for the server.",
                code="CF-1474",
            )
    return _unreachable(causes, where)


def _unreachable(causes: list[BaseException], where: str) -> UnreachableError:
    """urllib3 wraps every failure to connect in a kind of time-out, so the plainer causes are asked first."""
    if _any(causes, socket.gaierror, UnicodeError, LocationParseError, requests.exceptions.InvalidURL):
        return UnreachableError(
            "The server's name is not known",
            happened=f"{where} has no address in the name service.",
            todo="Check the address for a slip, and the network of this machine.",
            code="CF-1572",
        )
    if _any(causes, ConnectionRefusedError):
        return UnreachableError(
            "The server does not answer",
            happened=f"{where} refused the connection.",
            todo="Check that the server runs and that the port is right, then try again.",
            code="CF-1570",
        )
    if _any(causes, requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError):
        return UnreachableError(
            "The server did not answer in time",
            happened=f"{where} gave no answer within the time-out.",
            todo="Try again; if it stays so, check the network and any proxy in between.",
            code="CF-1571",
        )
    return _broken(where)


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _broken(where: str) -> UnreachableError:
    return UnreachableError(
        "The connection broke",
        happened=f"The connection to {where} ended before the answer was complete.",
        todo="Try again; what was complete before is kept.",
        code="CF-1573",
    )


def _not_trusted(error: ssl.SSLCertVerificationError, where: str) -> TrustError:
    if error.verify_code in OUT_OF_DATE:
        return TrustError(
            "The server's certificate is not valid today",
            happened=f"The certificate of {where} has expired or is not valid yet.",
            todo="Check this machine's clock; else the certificate must be renewed at the server.",
            code="CF-1472",
        )
    if error.verify_code in OF_ANOTHER_NAME:
        return TrustError(
            "The certificate belongs to another name",
            happened=f"The certificate that {where} showed is not made out for this name.",
            todo="Use the name in the certificate, or have the certificate made out for this one.",
            code="CF-1471",
        )
    return TrustError(
        "This server is not trusted",
        happened=f"The certificate of {where} is not signed by an authority we trust. Nothing was sent.",
        todo="Give its authority with --ca (or ca_file), or compare its own certificate at the sign-in.",
        code="CF-1470",
    )


def _without_tls(url: str) -> TrustError:
    return TrustError(
        "This address is not secured",
        happened=f"{_place(url)} was to be reached without TLS. Nothing was sent.",
        todo="Use an address that begins with https://.",
        code="CF-1473",
    )


def _place(url: str) -> str:
    """Host and port only: a path or a query may hold what no message should repeat."""
    try:
        place = urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        place = ""
    return place or "the server"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps, the way `requests` and urllib3 nest them."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        waiting.extend([item.__cause__, item.__context__, getattr(item, "reason", None), *item.args])
