"""``caseferry doctor network``: the way to the portal, step by step, and which step fails."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from app.commands.console import Screen, exit_code, of_a_look
from app.commands.portal_options import PortalOptions
from app.commands.reaching import HOST_KEYS, Reached, reach
from app.decoding import ready
from app.domain.errors import CredentialsError, InputError, PeerError, WorldError
from app.domain.places import place_of
from app.portal.contract import Capabilities, Me
from app.settings import data_folder
from app.transfer import KnownHosts, TusDestination, known_host_key, show_host_key
from app.transfer.failures import from_os_error
from app.transfer.hostkeys import other_host_key
from app.transfer.network import (
    Proxy,
    connect_tls,
    proxy_unreachable,
    refuse_unreadable,
    resolve,
    watch_over,
)
from app.transfer.wire import Patience, SharedTokens, Wire

T = TypeVar("T")
_SECONDS = 15.0
_REFUSED_WITHIN = 0.5
"""Seconds in which a server says that it does not take what this machine has shown: with TLS 1.3 it does so
behind a handshake that went well."""


class Outcome(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way.

    Attributes:
        step: its name.
        text: what was found.
        todo: what to do; empty when all is well.
        code: of the error; empty when there is none.
    """

    step: str
    outcome: Outcome
    text: str
    todo: str = ""
    code: str = ""


def doctor_network(options: PortalOptions, screen: Screen, *, json: bool) -> int:
    """Print every step; 0, or the exit code of the first that failed."""
    walk = _Walk(reach(options))
    steps = list(walk.steps())
    if json:
        screen.json(steps)
    else:
        for step in steps:
            screen.line(f"{step.outcome.value:<8}  {step.step:<10}  {step.text}")
            if step.todo:
                screen.line(f"{'':<22}{step.todo}{f' ({step.code})' if step.code else ''}")
    return walk.exit_code


class _Walk:
    """The steps, in the order in which a connection takes them."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached
        parts = urlsplit(reached.url)
        self._host, self._port = parts.hostname or "", parts.port or 443
        self._ways: tuple[Proxy | None, ...] = ()
        self._failed = ""
        self._plain: socket.socket | None = None
        self._capabilities: Capabilities | None = None
        self.exit_code = 0

    def steps(self) -> Iterator[Step]:
        """Every step; those that need one that failed are left out."""
        try:
            self._ways = self._reached.way.network.ways(self._host, self._port)
            yield Step("way", Outcome.OK, ", then ".join(_named(each) for each in self._ways))
            yield from self._passed_over()
            yield self._try("resolve", lambda: self._passing_over(self._resolve))
            yield self._try("connect", lambda: self._passing_over(self._connect, only_one=True))
            if self._ways[0] is None:
                yield Step("proxy", Outcome.LEFT_OUT, "There is none on this way.")
            else:
                yield self._try("proxy", self._through_proxy)
            yield self._try("tls", self._secure)
            yield self._try("portal", self._portal)
            yield self._sign_in()
            yield self._try("uploads", self._uploads, needs="portal")
            yield self._sftp()
        finally:
            if self._plain is not None:
                self._plain.close()

    def _passed_over(self) -> Iterator[Step]:
        """Entries of ``--no-proxy`` that mean no server: transfers pass over them without a word."""
        entries = self._reached.way.network.no_proxy
        try:
            refuse_unreadable(entries)
        except InputError as error:
            self.exit_code = exit_code(error)
            where = "--no-proxy, or CASEFERRY_NO_PROXY"
            text = f"{error.title}. {error.happened} It stands in {where}."
            yield Step("no-proxy", Outcome.FAILED, text, error.todo, error.code)

    def _passing_over(self, look: Callable[[Proxy | None], str], *, only_one: bool = False) -> str:
        """Look at each way in its order, as a transfer does; those that are of no use are not gone on with.

        Args:
            look: at one; raises when it is of no use.
            only_one: the first that is of use is enough.

        Raises:
            WorldError: of the last, when none is of use.
        """
        found: list[Proxy | None] = []
        told: list[str] = []
        last: WorldError | None = None
        for way in self._ways:
            try:
                told.append(look(way))
            except OSError as error:
                last = from_os_error(self._place, error) if way is None else proxy_unreachable(way, error)
                told.append(f"Passed over: {last.happened}")
            else:
                found.append(way)
                if only_one:
                    break
        if last is not None and not found:
            raise last
        self._ways = tuple(found)
        return " ".join(told)

    def _try(self, name: str, call: Callable[[], str], *, needs: str = "") -> Step:
        """One step; `needs` is the only one whose failure leaves it out, else any failure before does."""
        if self._failed and (not needs or self._capabilities is None):
            return Step(name, Outcome.LEFT_OUT, f"Not tried, because {self._failed} failed.")
        try:
            return Step(name, Outcome.OK, call())
        except OSError as error:
            failure: WorldError = from_os_error(self._place, error)
        except WorldError as error:
            failure = error
        self._failed = self._failed or name
        self.exit_code = self.exit_code or exit_code(failure)
        text = f"{failure.title}. {failure.happened}"
        return Step(name, Outcome.FAILED, text, of_a_look(failure.todo), failure.code)

    def _resolve(self, proxy: Proxy | None) -> str:
        host, port = (self._host, self._port) if proxy is None else (proxy.host, proxy.port)
        addresses = resolve(host, port)
        newer = sum(":" in each for each in addresses)
        return f"{host} has {len(addresses) - newer} IPv4 and {newer} IPv6 addresses."

    def _connect(self, proxy: Proxy | None) -> str:
        host, port = (self._host, self._port) if proxy is None else (proxy.host, proxy.port)
        with socket.create_connection((host, port), timeout=_SECONDS) as probe:
            return f"{place_of(host, port)} answers, at {probe.getpeername()[0]}."

    def _through_proxy(self) -> str:
        self._plain = self._dial()
        return f"It has connected to {self._place}."

    def _dial(self) -> socket.socket:
        return self._reached.way.dial(self._host, self._port, _SECONDS)

    def _secure(self) -> str:
        plain, self._plain = self._plain or self._dial(), None
        watch_over(plain, seconds=_SECONDS)
        with plain, connect_tls(plain, host=self._host, context=self._context()) as secured:
            secured.settimeout(_REFUSED_WITHIN)
            with suppress(TimeoutError):
                secured.recv(1)
            return f"{secured.version()}; the certificate is trusted."

    def _context(self) -> ssl.SSLContext:
        return self._reached.trust.ssl_context()

    def _portal(self) -> str:
        found = self._ask("capabilities", Capabilities, signed_in=False)
        self._capabilities = found
        return f"{found.product}, contract {found.contract}."

    def _sign_in(self) -> Step:
        try:
            return self._try("sign-in", self._who)
        except _NobodyError:
            text = "Nobody is signed in here; caseferry sign-in does that."
            return Step("sign-in", Outcome.LEFT_OUT, text)

    def _who(self) -> str:
        try:
            self._reached.tokens().bearer()
        except CredentialsError as error:
            raise _NobodyError from error
        self._ask("me", Me, signed_in=True)
        return "The portal accepts the sign-in."

    def _uploads(self) -> str:
        destination = TusDestination(
            f"{self._reached.url}/api/v1/uploads",
            ssl_context=self._context(),
            state_url="state",
            patience=self._patience,
            network=self._reached.way.network,
        )
        with closing(destination):
            announced = destination.announced()
        side = "side by side" if announced.concatenation else "one after the other"
        checks = f"each is checked by {announced.checksum}" if announced.checksum else "none is checked alone"
        return f"tus 1.0; parts go {side}, {checks}, the whole by its SHA-256."

    def _sftp(self) -> Step:
        sftp = None if self._capabilities is None else self._capabilities.sftp
        if self._capabilities is not None and sftp is None:
            return Step("sftp", Outcome.LEFT_OUT, "The portal offers none.")
        if sftp is None:
            return Step("sftp", Outcome.LEFT_OUT, f"Not tried, because {self._failed} failed.")
        place = (sftp.host, sftp.port)
        return self._try("sftp", lambda: self._host_key(*place, announced=sftp.host_key), needs="portal")

    def _host_key(self, host: str, port: int, *, announced: str) -> str:
        kept = KnownHosts(data_folder() / HOST_KEYS)
        counts = known_host_key(host, port, announced=announced, known=kept)
        network, place = self._reached.way.network, place_of(host, port)
        shown = show_host_key(host, port, network=network, seconds=_SECONDS, like=counts)
        if counts is None:
            return f"{place} speaks SSH; nobody has agreed to its host key yet ({shown.fingerprint})."
        if shown != counts:
            raise other_host_key(place, known=counts, shown=shown)
        return f"{place} speaks SSH, and shows the host key that counts."

    @property
    def _place(self) -> str:
        return place_of(self._host, self._port)

    @property
    def _patience(self) -> Patience:
        return Patience(connect=_SECONDS, block=_SECONDS, answer=_SECONDS)

    def _ask(self, path: str, kind: type[T], *, signed_in: bool) -> T:
        url = f"{self._reached.url}/api/v1/{path}"
        wire = Wire(
            url,
            ssl_context=self._context(),
            tokens=SharedTokens(self._reached.tokens()) if signed_in else None,
            patience=self._patience,
            network=self._reached.way.network,
        )
        with closing(wire):
            answer = wire.request("GET", url, headers={"Accept": "application/json"})
        try:
            return msgspec.json.decode(answer.body, type=ready(kind))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise PeerError(
                "This is no portal",
                happened=f"{self._place} answered {answer.status}, and not as a portal does.",
                todo="Check the portal's address; a proxy in between may answer in its place.",
                code="CF-1643",
            ) from error


class _NobodyError(Exception):
    """There is no sign-in to try."""


def _named(proxy: Proxy | None) -> str:
    return "directly" if proxy is None else f"through {proxy.place}"
