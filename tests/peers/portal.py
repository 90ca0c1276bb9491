"""The real built-in portal as a process, and signing in to it as a browser would."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import json
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import app

ROOT = Path(app.__file__).parent.parent
CLIENT = "caseferry-desktop"
REDIRECT = "http://127.0.0.1:1/callback"
_START_S = 120
_STOP_S = 60
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Person:
    """A line of ``demo-people.json``."""

    email: str
    password: str
    name: str
    level: str
    account: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What signing in gave."""

    access: str
    refresh: str


class PortalProcess:
    """``with PortalProcess(folder) as portal``: the portal on a free port, with demo data.

    Attributes:
        url: ``https://127.0.0.1:PORT``.
        ca_file: the CA that its certificate is to be checked against.
        sftp_port: None when it was started without SFTP.
        people: the demo's people.
    """

    def __init__(
        self,
        data: Path,
        *,
        demo: bool = True,
        sftp: bool = False,
        cases: int = 0,
        arguments: tuple[str, ...] = (),
        listen: str = "127.0.0.1:0",
    ) -> None:
        self.data = data
        self._command = [sys.executable, "-m", "app.sandbox", "--data", str(data), "--listen", listen]
        self._command += ["--demo"] if demo else []
        self._command += [] if sftp else ["--no-sftp"]
        self._command += ["--demo-cases", str(cases)] if cases else []
        self._command += arguments
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.ca_file = Path()
        self.sftp_port: int | None = None
        self.people: list[Person] = []

    def __enter__(self) -> PortalProcess:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it serves."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=dict(os.environ)
            )
        ready = json.loads(self._first_line())
        assert ready["event"] == "ready"
        self.url = ready["url"]
        self.ca_file = Path(ready["ca_file"])
        self.sftp_port = ready["sftp_port"]
        people = self.data / "demo-people.json"
        if people.exists():
            self.people = [Person(**person) for person in json.loads(people.read_text(encoding="utf-8"))]

    def stop(self) -> int:
        """End it gracefully; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as a power cut would."""
        return self._end(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    @property
    def log_file(self) -> Path:
        """What it wrote on stderr."""
        return self.data.parent / f"{self.data.name}.log"

    def person(self, name: str) -> Person:
        """A person by the first name, such as ``Nadia``."""
        return next(person for person in self.people if person.name.split()[0] == name)

    def session(self, name: str = "", *, tokens: Tokens | None = None) -> PortalSession:
        """A session that trusts the portal's CA; with a name it is signed in."""
        session = PortalSession(self)
        if name:
            person = self.person(name)
            tokens = sign_in(self, person.email, person.password)
        if tokens is not None:
            session.headers["Authorization"] = f"Bearer {tokens.access}"
        return session

    def _first_line(self) -> str:
        """The ready line, or why there is none."""
        assert self.process is not None
        assert self.process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        stdout = self.process.stdout
        threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=_START_S)
            if line:
                return line
        self.kill()
        raise AssertionError(f"the portal did not start:\n{self.log_file.read_text(encoding='utf-8')}")

    def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()


class PortalSession(requests.Session):
    """`requests` with the portal's address in front of every path, and its CA as the only one."""

    def __init__(self, portal: PortalProcess) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = str(portal.ca_file)
        self._url = portal.url

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send to the portal; ``/me`` means ``/api/v1/me``, other roots stay."""
        path = str(url)
        if path.startswith("/"):
            own = path.startswith(("/oauth", "/.well-known", "/api"))
            path = f"{self._url}{path}" if own else f"{self._url}/api/v1{path}"
        kwargs.setdefault("timeout", 120)
        return super().request(method, path, *args, **kwargs)


def pkce() -> tuple[str, str]:
    """A verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def fill_sign_in(browser: requests.Session, address: str, *, email: str, password: str) -> str:
    """Open the sign-in page, fill it in as a person would, and answer where the browser is sent next."""
    page = browser.get(address)
    assert page.status_code == 200, page.text
    fields = {html.unescape(name): html.unescape(value) for name, value in _FIELD.findall(page.text)}
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    root = "{0.scheme}://{0.netloc}".format(urlsplit(address)) if address.startswith("http") else ""
    answer = browser.post(
        root + action.group(1), data={**fields, "email": email, "password": password}, allow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def sign_in(portal: PortalProcess, email: str, password: str) -> Tokens:
    """Sign a person in through the pages (code with PKCE)."""
    verifier, challenge = pkce()
    state = secrets.token_urlsafe(12)
    with PortalSession(portal) as browser:
        target = fill_sign_in(
            browser,
            f"/oauth/authorize?response_type=code&client_id={CLIENT}&redirect_uri={REDIRECT}"
            f"&code_challenge={challenge}&code_challenge_method=S256&state={state}&scope=cases",
            email=email,
            password=password,
        )
        answer = parse_qs(urlsplit(target).query)
        assert answer["state"] == [state]
        reply = browser.post(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "client_id": CLIENT,
                "code": answer["code"][0],
                "redirect_uri": REDIRECT,
                "code_verifier": verifier,
            },
        )
    assert reply.status_code == 200, reply.text
    return Tokens(access=reply.json()["access_token"], refresh=reply.json()["refresh_token"])


def register_agent(
    portal: PortalProcess, *, name: str = "Nadia", account: str = "acc-1001"
) -> dict[str, Any]:
    """Register an agent as this person; the reply with ``client_id`` and ``client_secret``."""
    with portal.session(name) as session:
        reply = session.post("/agents", json={"account": account, "server": "sip-t01"})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def agent_tokens(portal: PortalProcess, credential: dict[str, Any]) -> Tokens:
    """An access token for a registered agent."""
    with PortalSession(portal) as session:
        reply = session.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(credential["client_id"], credential["client_secret"]),
        )
    assert reply.status_code == 200, reply.text
    return Tokens(access=reply.json()["access_token"], refresh="")


def support(portal: PortalProcess) -> PortalSession:
    """A session of the demo's support user."""
    found = json.loads((portal.data / "demo-support.json").read_text(encoding="utf-8"))
    session = PortalSession(portal)
    session.headers["Authorization"] = f"Bearer {found[0]['token']}"
    return session


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """One portal with demo data for the tests of a module that only read, or that do not mind each other."""
    with PortalProcess(tmp_path_factory.mktemp("portal") / "data") as running:
        yield running
