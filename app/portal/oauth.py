"""The OAuth 2.0 side of the portal: its metadata (RFC 8414) and its token endpoint."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import requests

from app.decoding import ready
from app.domain.errors import InputError, PeerError, TrustError, WorldError
from app.domain.places import is_host
from app.portal.contract import ProblemCode, TokenReply
from app.portal.problems import error_of_answer, for_people, read_problem
from app.settings import Trust, session, translated

T = TypeVar("T")

_LARGEST = 256 * 1024


class GrantRefused(Exception):
    """The token endpoint said no, with an error code of RFC 6749 or RFC 8628.

    Attributes:
        error: such as ``invalid_grant`` or ``authorization_pending``.
    """

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the portal announces at ``/.well-known/oauth-authorization-server``."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str = ""
    revocation_endpoint: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """RFC 8628 §3.2: what the person types, where, and how long it is good for (seconds)."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    verification_uri_complete: str = ""
    interval: int = 5


@dataclass(frozen=True, slots=True)
class _OAuthError:
    error: str


def portal_root(url: str) -> str:
    """The portal's address without a trailing slash.

    Raises:
        InputError: it is not an ``https://`` address, or carries a password, query or fragment.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        usable = parts.scheme == "https" and is_host(host) and parts.port != 0
    except ValueError as error:
        raise _no_address() from error
    if not usable or parts.username or parts.password or parts.query or parts.fragment:
        raise _no_address()
    return f"https://{parts.netloc}{parts.path.rstrip('/')}"


def _no_address() -> InputError:
    return InputError(
        "This is not the address of a portal",
        happened="An address begins with https:// and a host name, and has no password and no query.",
        todo="Give it as in https://portal.example, with --portal or CASEFERRY_PORTAL.",
        code="CF-1182",
    )


class OAuth:
    """Calls to the portal's authorization server. The metadata is read once, at the first need."""

    def __init__(self, url: str, *, trust: Trust) -> None:
        self._root = portal_root(url)
        self._http = session(trust)
        self._lock = threading.Lock()
        self._endpoints: Endpoints | None = None

    def endpoints(self) -> Endpoints:
        """The portal's endpoints.

        Raises:
            PeerError: the metadata does not fit the address.
            TrustError: an endpoint would be reached without TLS.
        """
        with self._lock:
            if self._endpoints is None:
                self._endpoints = self._read_metadata()
            return self._endpoints

    def exchange_code(self, code: str, *, client_id: str, redirect_uri: str, verifier: str) -> TokenReply:
        """An authorization code for tokens (with PKCE). Raises GrantRefused."""
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "client_id": client_id,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def refresh(self, refresh_token: str, *, client_id: str) -> TokenReply:
        """A refresh token for new tokens. Raises GrantRefused."""
        return self._token(
            {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": client_id}
        )

    def client_credentials(self, client_id: str, client_secret: str, *, scope: str) -> TokenReply:
        """An agent's credentials for an access token. Raises GrantRefused."""
        return self._token(
            {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": client_secret,
                "scope": scope,
            }
        )

    def begin_device(self, *, client_id: str, scope: str) -> DeviceCode:
        """Start the device flow.

        Raises:
            PeerError: the portal does not offer it.
        """
        endpoint = self.endpoints().device_authorization_endpoint
        if not endpoint:
            raise _unexpected("it offers no sign-in by code")
        body = self._post(endpoint, {"client_id": client_id, "scope": scope})
        begun = _decoded(body, DeviceCode)
        _require_tls(begun.verification_uri)
        if begun.verification_uri_complete:
            _require_tls(begun.verification_uri_complete)
        return begun

    def device_tokens(self, device_code: str, *, client_id: str) -> TokenReply:
        """Ask once whether the person has agreed. Raises GrantRefused (``authorization_pending`` …)."""
        return self._token(
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                "device_code": device_code,
                "client_id": client_id,
            }
        )

    def revoke(self, token: str, *, client_id: str) -> None:
        """Take a token back (RFC 7009); one that is unknown is no error."""
        endpoint = self.endpoints().revocation_endpoint
        if endpoint:
            self._post(endpoint, {"token": token, "client_id": client_id})

    def _token(self, form: Mapping[str, str]) -> TokenReply:
        reply = _decoded(self._post(self.endpoints().token_endpoint, form), TokenReply)
        if not reply.access_token or reply.token_type.lower() != "bearer":
            raise _unexpected("its token is not a bearer token")
        return reply

    def _post(self, endpoint: str, form: Mapping[str, str]) -> bytes:
        answer = self._http.post(
            endpoint,
            data=dict(form),
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json"},
        )
        return self._body(answer)

    def _read_metadata(self) -> Endpoints:
        address = f"{self._root}/.well-known/oauth-authorization-server"
        answer = self._http.get(address, stream=True, headers={"Accept": "application/json"})
        found = _decoded(self._body(answer), Endpoints)
        if found.issuer.rstrip("/") != self._root:
            raise _unexpected("its sign-in belongs to another address")
        for endpoint in (
            found.authorization_endpoint,
            found.token_endpoint,
            found.device_authorization_endpoint,
            found.revocation_endpoint,
        ):
            if endpoint:
                _require_tls(endpoint)
        return found

    def _body(self, answer: requests.Response) -> bytes:
        with answer, translated(str(answer.url)):
            body = bytes(answer.raw.read(_LARGEST, decode_content=True))
        if answer.status_code == 200:
            return body
        refusal = _oauth_error(answer, body)
        if refusal:
            raise GrantRefused(refusal)
        raise _failure(answer, body)


def _oauth_error(answer: requests.Response, body: bytes) -> str:
    """The ``error`` of RFC 6749 §5.2, or what stands for it in problem details; empty when there is none."""
    if answer.status_code not in (400, 401, 403):
        return ""
    problem = read_problem(answer.headers.get("Content-Type", ""), body)
    if problem is not None:
        return "invalid_grant" if problem.code == ProblemCode.WRONG_CREDENTIALS else ""
    try:
        return for_people(msgspec.json.decode(body, type=ready(_OAuthError)).error, longest=60)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def _failure(answer: requests.Response, body: bytes) -> WorldError:
    return error_of_answer(
        status=answer.status_code,
        media_type=answer.headers.get("Content-Type", ""),
        body=body,
        retry_after=answer.headers.get("Retry-After"),
        now=datetime.now(UTC),
    )


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=ready(kind))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _unexpected("its sign-in answers something else than the contract says") from error


def _require_tls(address: str) -> None:
    if not address.lower().startswith("https://"):
        raise TrustError(
            "The portal's sign-in is not secured",
            happened="The portal names an address for the sign-in that does not begin with https://.",
            todo="Tell the owner of the portal; nothing was sent.",
            code="CF-1475",
        )


def _unexpected(what: str) -> PeerError:
    return PeerError(
        "This does not look like a Caseferry portal",
        happened=f"The portal answered, but {what}.",
        todo="Check the portal's address.",
        code="CF-1686",
    )
