"""The demo's stage: a portal with demo data, a person, an agent with two rules, and a site that logs."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import msgspec
import tomlkit

from app.agentlink import AgentClient, read_endpoint
from app.commands.demo.browser import walk_sign_in
from app.commands.demo.processes import Program
from app.domain.errors import PeerError
from app.portal import PersonTokens, PortalClient, sign_in_with_browser
from app.portal.contract import NewAgent, SftpAccount
from app.secrets import SecretStore, open_agent_vault
from app.settings import Trust, session

HTTPS_CASE = "0003256109"
SFTP_CASE = "0003256187"
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Person:
    email: str
    password: str
    name: str
    level: str
    account: str


@dataclass(frozen=True, slots=True)
class Site:
    """One of the two log folders of the demo and the case it feeds."""

    rule: str
    folder: Path
    truth: Path
    case: str
    via: str
    seed: int


class Stage:
    """Everything that runs behind the demo. Leaving the context ends every process.

    Attributes:
        client: the portal, as the demo's Designated Contact.
        sites: what is logged, and where it goes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = ExitStack()
        self._home = folder / "home"
        self.sites = (
            Site("voice", folder / "logs" / "voice", folder / "truth-voice.jsonl", HTTPS_CASE, "https", 11),
            Site(
                "routing", folder / "logs" / "routing", folder / "truth-routing.jsonl", SFTP_CASE, "sftp", 12
            ),
        )
        self.url = ""
        self.ca_file = folder
        self.endpoint_file = folder

    def open(self) -> None:
        """Start the portal, sign in, register the agent and start it.

        Raises:
            WorldError: with what did not start, and why.
        """
        portal = self._start(
            "portal",
            *("-m", "app.sandbox", "--demo", "--data", str(self._folder / "portal")),
            *("--listen", "127.0.0.1:0", "--sftp", "127.0.0.1:0"),
        )
        ready = portal.ready(seconds=_START_SECONDS)
        self.url, self.ca_file = str(ready["url"]), Path(str(ready["ca_file"]))
        self.tokens = self.sign_in(open_agent_vault(self._folder / "person"))
        self.client = PortalClient(self.url, trust=self.trust, tokens=self.tokens)
        config = self._register_agent()
        agent = self._start("agent", "-m", "agent.service", "run", "--config", str(config))
        self.endpoint_file = Path(str(agent.ready(seconds=_START_SECONDS)["endpoint"]))
        self.agent = AgentClient(read_endpoint(self.endpoint_file))

    @property
    def trust(self) -> Trust:
        """Exactly the portal's own authority."""
        return Trust(ca_file=self.ca_file)

    def sign_in(self, store: SecretStore) -> PersonTokens:
        """Sign the demo's Designated Contact in, by the real flow, with a browser of our own."""
        person = self._designated_contact()

        def browser(url: str) -> bool:
            walker = threading.Thread(
                target=walk_sign_in,
                args=(url,),
                kwargs={"session": session(self.trust), "email": person.email, "password": person.password},
                daemon=True,
            )
            walker.start()
            return True

        return sign_in_with_browser(self.url, trust=self.trust, store=store, open_browser=browser)

    def log(self, site: Site, *, size: int, segment: int) -> Program:
        """Start a generator that writes about `size` bytes into the site's folder, then ends."""
        site.folder.mkdir(parents=True, exist_ok=True)
        return self._start(
            f"site {site.rule}",
            *("-m", "app.sandbox.sitelogs", "--out", str(site.folder), "--seed", str(site.seed)),
            *("--bytes", str(size), "--segment-bytes", str(segment), "--truth", str(site.truth)),
        )

    def keep_logging(self, *, rate: int, segment: int) -> None:
        """Let both sites log at a quiet rate until the stage is left: the desktop has something to show."""
        for site in self.sites:
            self._start(
                f"site {site.rule}",
                *("-m", "app.sandbox.sitelogs", "--out", str(site.folder), "--seed", str(site.seed + 100)),
                *("--rate", str(rate), "--segment-bytes", str(segment)),
            )

    def desktop(self) -> Program:
        """Open the desktop on this stage, signed in.

        Its vault keeps its key in a file of the demo's own folder: a demo leaves nothing in the key store.
        """
        self.sign_in(open_agent_vault(self._home / "data" / "desktop"))
        home = {"CASEFERRY_HOME": str(self._home)}
        return self._start(
            "desktop",
            *(
                "-m",
                "ui.shell",
                "--portal",
                self.url,
                "--ca",
                str(self.ca_file),
                "--agent",
                str(self.endpoint_file),
            ),
            extra=home,
        )

    def __enter__(self) -> Stage:
        """The stage, still dark: see `open`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process, the last first."""
        self._programs.close()

    def _start(self, name: str, *words: str, extra: dict[str, str] | None = None) -> Program:
        errors = self._folder / f"{name.replace(' ', '-')}.err"
        program = Program(name, words, errors=errors, extra=extra or {})
        return self._programs.enter_context(program)

    def _designated_contact(self) -> _Person:
        people = msgspec.json.decode(
            (self._folder / "portal" / "demo-people.json").read_bytes(), type=list[_Person]
        )
        for person in people:
            if person.level == "read-write" and person.name == "Nadia Ferrow":
                return person
        raise PeerError(
            "The demo data has no Designated Contact",
            happened="Nobody in demo-people.json may send files.",
            todo="Start the demo with an empty folder.",
            code="CF-1611",
        )

    def _register_agent(self) -> Path:
        account = self.client.case(HTTPS_CASE).account
        made = self.client.register_agent(NewAgent(account=account, server="demo-server"))
        account_of_case = self.client.create_sftp_account(SFTP_CASE)
        folder = self._folder / "agent"
        folder.mkdir(mode=0o700)
        _private(folder / "client-secret", made.client_secret)
        _private(folder / "sftp-password", account_of_case.password)
        config = folder / "agent.toml"
        _private(config, self._config(made.client_id, account_of_case))
        return config

    def _config(self, client_id: str, account: SftpAccount) -> str:
        document: dict[str, object] = {
            "agent": {"data": "data", "host": "demo-server", "quiet": "1s", "scan": "1s"},
            # Nobody's calls are on this machine: whoever watches does not wait for others' work.
            "jobs": {"nice": False, "cpu": 0, "busy": 0},
            "portal": {
                "url": self.url,
                "ca_file": str(self.ca_file),
                "client_id": client_id,
                "client_secret_file": "client-secret",
            },
            "rule": [self._rule(site, account) for site in self.sites],
        }
        return tomlkit.dumps(document)

    @staticmethod
    def _rule(site: Site, account: SftpAccount) -> dict[str, object]:
        rule: dict[str, object] = {
            "name": site.rule,
            "folders": [str(site.folder)],
            "case": site.case,
            "when": "closed",
            "via": site.via,
        }
        if site.via == "sftp":
            rule["sftp"] = {
                "host": account.host,
                "port": account.port,
                "host_key": account.host_key,
                "user": account.user,
                "password_file": "sftp-password",
            }
        return rule


def _private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
