"""Signing a person in: in the system browser (authorization code with PKCE), or by a code elsewhere."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode

from app.domain.errors import CredentialsError, LocalError, PeerError, WorldError
from app.portal.contract import TokenReply
from app.portal.loopback import Answer, Loopback, loopback
from app.portal.oauth import DeviceCode, GrantRefused, OAuth
from app.portal.tokens import CLIENT_ID, PERSON_SCOPE, PersonTokens, SignIn
from app.secrets import SecretStore
from app.settings import Trust

SIGN_IN_SECONDS = 300.0
_LOOK_SECONDS = 0.1
_SLOWER_SECONDS = 5.0


def sign_in_with_browser(
    url: str,
    *,
    trust: Trust,
    store: SecretStore,
    open_browser: Callable[[str], bool] = webbrowser.open,
    cancel: threading.Event | None = None,
    seconds: float = SIGN_IN_SECONDS,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> PersonTokens:
    """Sign in through the system browser; the app never sees the password.

    Args:
        url: the portal.
        trust: which authorities count.
        store: the vault that keeps the sign-in.
        open_browser: shows an address to the person; False when it could not.
        cancel: set it from another thread to give up.
        seconds: how long the person has.
        clock: seconds since 1970.
        monotonic: a clock that never steps.

    Raises:
        CredentialsError: the person or the portal said no, gave up, or took too long.
        LocalError: no browser can be opened here.
    """
    oauth = OAuth(url, trust=trust)
    endpoints = oauth.endpoints()
    verifier = secrets.token_urlsafe(64)
    state = secrets.token_urlsafe(32)
    with _listening() as waiting:
        waiting.expect(state)
        question = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": waiting.redirect_uri,
            "scope": PERSON_SCOPE,
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        if not open_browser(f"{endpoints.authorization_endpoint}?{urlencode(question)}"):
            raise LocalError(
                "No browser can be opened",
                happened="This session has no browser that could show the sign-in.",
                todo="Sign in with a code instead (caseferry sign-in --device).",
                code="CF-1874",
            )
        answer = _await(waiting, cancel=cancel, ends=monotonic() + seconds, monotonic=monotonic)
        if answer.issuer and answer.issuer.rstrip("/") != endpoints.issuer.rstrip("/"):
            raise PeerError(
                "The sign-in came from another portal",
                happened="The answer in the browser names another issuer than the portal.",
                todo="Close the browser's page and sign in again.",
                code="CF-1687",
            )
        if answer.error:
            raise _denied()
        try:
            reply = oauth.exchange_code(
                answer.code, client_id=CLIENT_ID, redirect_uri=waiting.redirect_uri, verifier=verifier
            )
        except GrantRefused as refused:
            raise _denied() from refused
    return _kept(url, reply, trust=trust, store=store, clock=clock)


def sign_in_with_device(
    url: str,
    *,
    trust: Trust,
    store: SecretStore,
    show: Callable[[DeviceCode], None],
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    wait: Callable[[float], bool] | None = None,
) -> PersonTokens:
    """Sign in by a code that the person types on another device (RFC 8628).

    Args:
        url: the portal.
        trust: which authorities count.
        store: the vault that keeps the sign-in.
        show: shows code and address to the person; called once.
        cancel: set it from another thread to give up.
        clock: seconds since 1970.
        monotonic: a clock that never steps.
        wait: waits so many seconds and says whether to give up.

    Raises:
        CredentialsError: the person said no, gave up, or let the code run out.
    """
    oauth = OAuth(url, trust=trust)
    begun = oauth.begin_device(client_id=CLIENT_ID, scope=PERSON_SCOPE)
    show(begun)
    waiting = wait or (cancel or threading.Event()).wait
    interval = float(max(begun.interval, 1))
    ends = monotonic() + begun.expires_in
    while True:
        if waiting(interval):
            raise _given_up()
        if monotonic() > ends:
            raise _too_late()
        try:
            reply = oauth.device_tokens(begun.device_code, client_id=CLIENT_ID)
        except GrantRefused as refused:
            interval += _judge(refused)
        except WorldError as error:
            if not error.retryable:
                raise
        else:
            return _kept(url, reply, trust=trust, store=store, clock=clock)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _judge(refused: GrantRefused) -> float:
    """Seconds to add to the interval, or the error that ends the flow."""
    if refused.error == "authorization_pending":
        return 0.0
    if refused.error == "slow_down":
        return _SLOWER_SECONDS
    if refused.error == "expired_token":
        raise _too_late() from refused
    raise _denied() from refused


@contextmanager
def _listening() -> Iterator[Loopback]:
    """`loopback`, with its failure in the project's errors."""
    with ExitStack() as open_now:
        try:
            waiting = open_now.enter_context(loopback())
        except OSError as error:
            raise LocalError(
                "The sign-in cannot come back",
                happened="No port on 127.0.0.1 can be opened on this machine.",
                todo="Sign in with a code instead (caseferry sign-in --device).",
                code="CF-1875",
            ) from error
        yield waiting


def _await(
    waiting: Loopback, *, cancel: threading.Event | None, ends: float, monotonic: Callable[[], float]
) -> Answer:
    while True:
        answer = waiting.wait(_LOOK_SECONDS)
        if answer is not None:
            return answer
        if cancel is not None and cancel.is_set():
            raise _given_up()
        if monotonic() > ends:
            raise _too_late()


def _kept(
    url: str, reply: TokenReply, *, trust: Trust, store: SecretStore, clock: Callable[[], float]
) -> PersonTokens:
    if not reply.refresh_token:
        raise PeerError(
            "The sign-in cannot be kept",
            happened="The portal gave no token to renew it with.",
            todo="Ask the owner of the portal to allow this application to stay signed in.",
            code="CF-1688",
        )
    tokens = PersonTokens(url, trust=trust, store=store, clock=clock)
    tokens.keep(
        SignIn(
            access_token=reply.access_token,
            refresh_token=reply.refresh_token,
            expires=clock() + reply.expires_in,
        )
    )
    return tokens


def _denied() -> CredentialsError:
    return CredentialsError(
        "You are not signed in",
        happened="The sign-in was refused, at the portal or by you.",
        todo="Sign in again when you are ready.",
        code="CF-1386",
    )


def _given_up() -> CredentialsError:
    return CredentialsError(
        "The sign-in was cancelled",
        happened="It was given up before the portal answered.",
        todo="Sign in again when you are ready.",
        code="CF-1387",
    )


def _too_late() -> CredentialsError:
    return CredentialsError(
        "The sign-in took too long",
        happened="No answer came while it was valid.",
        todo="Sign in again.",
        code="CF-1388",
    )
