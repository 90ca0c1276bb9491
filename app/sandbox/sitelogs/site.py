"""What happens at the site: calls, log-ins, callbacks. Each event yields lines of every application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from app.sandbox.sitelogs import servers, services
from app.sandbox.sitelogs.call import Call, Hosts
from app.sandbox.sitelogs.people import Agent, Person, agents, people
from app.sandbox.sitelogs.pieces import Line


@dataclass(frozen=True, slots=True)
class Application:
    """One server process of the site.

    Attributes:
        rolls: ``stamp`` for ``name.<stamp>.log``; ``log`` for ``name.log`` that is renamed when it is full.
        encoding: with ``utf-16`` the segments begin with a mark.
    """

    name: str
    kind: str
    host: str
    version: str
    rolls: str = "stamp"
    encoding: str = "utf-8"
    line_end: str = "\n"
    header: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines an application writes at a moment (local time, without a zone)."""

    application: str
    moment: datetime
    lines: tuple[Line, ...]


class Site:
    """A made-up site. The same seed and start give the same entries.

    Args:
        seed: of everything that is random.
        start: local time of the first event.
    """

    def __init__(self, *, seed: int, start: datetime) -> None:
        self._random = Random(seed)  # noqa: S311
        self.hosts = Hosts()
        self.callers: tuple[Person, ...] = people(self._random, 400)
        self.agents: tuple[Agent, ...] = agents(self._random, 40)
        self._now = start
        hosts = self.hosts
        self.applications = {
            app.name: app
            for app in (
                Application("sips_a", "TServer", hosts.sip, "8.1.103.95"),
                Application("urs_a", "RouterServer", hosts.route, "8.1.400.76"),
                Application("ors_a", "OrchestrationServer", hosts.route, "8.1.401.05"),
                Application("mcp_1", "MediaControlPlatform", hosts.media, "9.0.042.17"),
                Application(
                    "confserv",
                    "ConfigurationServer",
                    hosts.config,
                    "8.5.101.65",
                    encoding="cp1252",
                    line_end="\r\n",
                ),
                Application("gms", "GeneticServer", hosts.web, "8.5.206.05", rolls="log", header=False),
                Application("chat", "ChatServer", hosts.web, "8.5.308.09", rolls="log", header=False),
                Application(
                    "wde",
                    "Workspace",
                    hosts.desk,
                    "8.5.147.05",
                    encoding="utf-16-le",
                    line_end="\r\n",
                    rolls="log",
                    header=False,
                ),
                Application("messages", "syslog", hosts.sip, "5424", rolls="log", header=False),
            )
        }

    def entries(self, clock: Callable[[], datetime] | None = None) -> Iterator[Entry]:
        """Events without end, in order of time.

        Args:
            clock: gives the local time of an event; without it the site has a time of its own.
        """
        random = self._random
        while True:
            self._now = (
                clock() if clock else self._now + timedelta(microseconds=random.randrange(40_000, 1_900_000))
            )
            roll = random.random()
            if roll < 0.72:
                yield from self._call()
            elif roll < 0.82:
                yield from self._log_in()
            elif roll < 0.92:
                yield from self._callback()
            else:
                yield from self._routine()

    def _call(self) -> Iterator[Entry]:
        random = self._random
        call = Call.new(
            random, random.choice(self.callers), random.choice(self.agents), self.hosts, self._now
        )
        for application, script in (
            ("sips_a", servers.sip_server),
            ("urs_a", servers.routing),
            ("ors_a", servers.orchestration),
            ("mcp_1", servers.media),
        ):
            yield Entry(application, self._now, tuple(script(random, call, self._tick)))
        if random.random() < 0.4:
            yield Entry("wde", self._now, tuple(services.workspace(random, call, self._tick)))

    def _log_in(self) -> Iterator[Entry]:
        random = self._random
        agent = random.choice(self.agents)
        yield Entry(
            "confserv", self._now, tuple(services.configuration(random, agent, self.hosts, self._tick))
        )
        yield Entry("messages", self._now, tuple(services.system(random, agent, self.hosts, self._tick)))

    def _callback(self) -> Iterator[Entry]:
        random = self._random
        person = random.choice(self.callers)
        yield Entry("gms", self._now, tuple(services.callbacks(random, person, self.hosts, self._tick)))
        yield Entry("chat", self._now, tuple(services.chat(random, person, self.hosts, self._tick)))

    def _routine(self) -> Iterator[Entry]:
        random = self._random
        for name in ("sips_a", "mcp_1", "urs_a"):
            app = self.applications[name]
            yield Entry(name, self._now, tuple(servers.routine(random, app.version, self._tick)))

    def _tick(self) -> datetime:
        self._now += timedelta(microseconds=self._random.randrange(200, 9_000))
        return self._now
