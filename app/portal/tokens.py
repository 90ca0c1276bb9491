"""Who speaks to the portal: the bearer tokens of a person and of an agent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from app.decoding import ready
from app.domain.errors import CredentialsError, PeerError
from app.portal.oauth import GrantRefused, OAuth
from app.secrets import SecretStore
from app.settings import Trust

CLIENT_ID = "caseferry-desktop"
PERSON_SCOPE = "cases"
AGENT_SCOPE = "files:send log-requests:read"
_EARLY_SECONDS = 30.0


class TokenSource(Protocol):
    """Where the bearer token of the next call comes from. Safe to use from several threads."""

    def bearer(self) -> str:
        """A token that should be valid now.

        Raises:
            CredentialsError: nobody is signed in, or the portal took the sign-in back.
        """

    def rejected(self, token: str | None = None) -> None:
        """The portal answered 401: this token (the current one when None) must not be used again."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is kept of a person's sign-in, in the vault only.

    Attributes:
        expires: when the access token ends, seconds since 1970.
    """

    access_token: str
    refresh_token: str
    expires: float

    def __repr__(self) -> str:
        return "SignIn(…)"


def sign_in_name(url: str) -> str:
    """The name under which the vault keeps the sign-in to this portal."""
    return f"sign-in {url.rstrip('/')}"


class PersonTokens:
    """The tokens of a signed-in person, kept in the vault and renewed with rotation.

    One renewal at a time over all threads and processes that share the vault: a rotated refresh token that is
    used twice would end the sign-in.
    """

    def __init__(
        self, url: str, *, trust: Trust, store: SecretStore, clock: Callable[[], float] = time.time
    ) -> None:
        self._name = sign_in_name(url)
        self._oauth = OAuth(url, trust=trust)
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._held: SignIn | None = None
        self._bad = ""

    def bearer(self) -> str:
        """The access token; renewed when it is about to end or was rejected.

        Raises:
            CredentialsError: nobody is signed in, or the sign-in has ended.
            UnreachableError: the portal cannot be asked for a new token.
        """
        with self._lock:
            held = self._held or self._load()
            if held is None:
                raise not_signed_in()
            if not self._usable(held):
                held = self._renew()
            self._held = held
            return held.access_token

    def rejected(self, token: str | None = None) -> None:
        """Mark a token as refused; the next `bearer` renews."""
        with self._lock:
            current = self._held or self._load()
            if current is not None and token in (None, current.access_token):
                self._bad = current.access_token
                self._held = None

    def signed_in(self) -> bool:
        """Whether the vault holds a sign-in for this portal."""
        return self._load() is not None

    def keep(self, sign_in: SignIn) -> None:
        """Keep a fresh sign-in."""
        with self._lock:
            self._save(sign_in)
            self._held = sign_in
            self._bad = ""

    def sign_out(self) -> None:
        """Forget the sign-in here, then take it back at the portal.

        Raises:
            UnreachableError: the portal was not told; here it is forgotten all the same.
        """
        with self._lock, self._store.exclusive():
            kept = self._load()
            self._store.delete(self._name)
            self._held = None
        if kept is not None:
            self._oauth.revoke(kept.refresh_token, client_id=CLIENT_ID)

    def _usable(self, held: SignIn) -> bool:
        return held.access_token != self._bad and self._clock() < held.expires - _EARLY_SECONDS

    def _renew(self) -> SignIn:
        with self._store.exclusive():
            kept = self._load()
            if kept is None:
                raise not_signed_in()
            if self._usable(kept):  # another thread or process was first
                return kept
            try:
                reply = self._oauth.refresh(kept.refresh_token, client_id=CLIENT_ID)
            except GrantRefused as refused:
                if refused.error == "invalid_grant":
                    self._store.delete(self._name)
                raise CredentialsError(
                    "Your sign-in has ended",
                    happened="The portal does not renew it any more.",
                    todo="Sign in again; nothing you wrote is lost.",
                    code="CF-1383",
                ) from refused
            renewed = SignIn(
                access_token=reply.access_token,
                refresh_token=reply.refresh_token or kept.refresh_token,
                expires=self._clock() + reply.expires_in,
            )
            self._save(renewed)
            self._bad = ""
            return renewed

    def _load(self) -> SignIn | None:
        kept = self._store.get(self._name)
        if kept is None:
            return None
        try:
            return msgspec.json.decode(kept, type=ready(SignIn))
        except msgspec.MsgspecError:
            return None

    def _save(self, sign_in: SignIn) -> None:
        self._store.put(self._name, msgspec.json.encode(sign_in))


class AgentTokens:
    """The tokens of an agent: its client id and secret, exchanged for short-lived access tokens."""

    def __init__(
        self,
        url: str,
        *,
        trust: Trust,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._oauth = OAuth(url, trust=trust)
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0

    def bearer(self) -> str:
        """The access token; asked for anew when it is about to end or was rejected.

        Raises:
            CredentialsError: the portal does not accept the credentials (wrong, or revoked).
            UnreachableError: the portal cannot be asked.
        """
        with self._lock:
            if not self._token or self._clock() >= self._expires - _EARLY_SECONDS:
                self._ask()
            return self._token

    def rejected(self, token: str | None = None) -> None:
        """Forget a token that the portal refused."""
        with self._lock:
            if token in (None, self._token):
                self._token = ""

    def _ask(self) -> None:
        try:
            reply = self._oauth.client_credentials(self._client_id, self._client_secret, scope=AGENT_SCOPE)
        except GrantRefused as refused:
            raise CredentialsError(
                "The portal does not accept this agent",
                happened="Its client id or secret is wrong, or the registration was revoked.",
                todo="Register the agent again and give it the new credentials.",
                code="CF-1385",
            ) from refused
        if reply.expires_in <= 0:
            raise PeerError(
                "The portal's token is not usable",
                happened="It has no life time.",
                todo="Tell the owner of the portal.",
                code="CF-1685",
            )
        self._token = reply.access_token
        self._expires = self._clock() + reply.expires_in


def not_signed_in() -> CredentialsError:
    """Nobody is signed in to this portal."""
    return CredentialsError(
        "You are not signed in",
        happened="There is no sign-in for this portal on this machine.",
        todo="Sign in first (caseferry sign-in).",
        code="CF-1382",
    )
