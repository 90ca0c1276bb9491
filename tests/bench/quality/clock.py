"""Time stamps in every form that servers write, and the ids beside them; all of them must stay."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.bench.quality.identities import base36, hexes
from tests.bench.quality.page import Page

_FORMS = {
    "plain": "%H:%M:%S.{ms}",
    "iso": "%Y-%m-%dT%H:%M:%S.{ms}",
    "zulu": "%Y-%m-%dT%H:%M:%S.{ms}Z",
    "java": "%Y-%m-%d %H:%M:%S,{ms}",
    "event": "@%H:%M:%S.{ms}0",
    "american": "%m/%d/%y@%H:%M:%S.{ms}",
    "syslog": "%b %e %H:%M:%S",
    "access": "%d/%b/%Y:%H:%M:%S +0200",
    "file": "%Y%m%d_%H%M%S_{ms}",
    "german": "%d.%m.%Y %H:%M:%S",
}


@dataclass(slots=True)
class Clock:
    """Time that goes on between lines."""

    page: Page
    now: datetime

    @classmethod
    def of(cls, page: Page) -> Clock:
        """Some moment of some year."""
        start = datetime(2021, 1, 1) + timedelta(seconds=page.dice.randrange(5 * 365 * 86_400))  # noqa: DTZ001
        return cls(page, start)

    def stamp(self, form: str) -> str:
        """The next time stamp, marked."""
        self.now += timedelta(milliseconds=self.page.dice.randrange(1, 900))
        milliseconds = f"{self.now.microsecond // 1000:03d}"
        text = self.now.strftime(_FORMS[form].replace("%e", f"{self.now.day:2d}")).replace(
            "{ms}", milliseconds
        )
        return self.page.stay("time stamp", text, form)

    def epoch(self, *, milliseconds: bool = True) -> str:
        """Seconds or milliseconds since 1970, marked."""
        seconds = int((self.now - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
        text = f"{seconds}{self.now.microsecond // 1000:03d}" if milliseconds else str(seconds)
        return self.page.stay("epoch time", text, "ms" if milliseconds else "s")


@dataclass(slots=True)
class Ids:
    """Ids, counters and versions; all of them marked as staying."""

    page: Page
    versions: tuple[str, ...]

    @property
    def dice(self) -> random.Random:
        """The page's."""
        return self.page.dice

    def version(self) -> str:
        """Such as ``8.1.103.95``."""
        return self.page.stay("version", self.dice.choice(self.versions))

    def conn_id(self) -> str:
        """16 hexadecimal digits."""
        return self.page.stay("ConnID", "00" + hexes(self.dice, 14))

    def call_uuid(self) -> str:
        """32 capitals and digits."""
        return self.page.stay("CallUUID", base36(self.dice, 32))

    def session(self) -> str:
        """An ORS session."""
        return self.page.stay("session id", base36(self.dice, 32))

    def guid(self) -> str:
        """A UUID, capital or not."""
        text = "-".join(hexes(self.dice, count) for count in (8, 4, 4, 4, 12))
        return self.page.stay("UUID", text.upper() if self.dice.random() < 0.5 else text)

    def gvp(self) -> str:
        """A GVP session: ``025101E8-1007FB1F``."""
        return self.page.stay("GVP id", f"{hexes(self.dice, 8)}-{hexes(self.dice, 8)}".upper())

    def dn(self) -> str:
        """An internal directory number of 3 to 6 digits."""
        return self.page.stay("internal DN", self.dice.randrange(200, 10 ** self.dice.choice([4, 5, 6])))

    def number(self, kind: str, low: int, high: int) -> str:
        """A port, a size, a duration, a DBID, a thread."""
        return self.page.stay(kind, self.dice.randrange(low, high))

    def hex(self, kind: str, count: int) -> str:
        """Hexadecimal digits."""
        return self.page.stay(kind, hexes(self.dice, count))

    def dump(self) -> str:
        """A hex dump's line."""
        text = " ".join(hexes(self.dice, 2) for _ in range(16))
        return (
            f"{self.page.stay('address in memory', hexes(self.dice, 8))}  {self.page.stay('hex dump', text)}"
        )

    def port(self) -> str:
        """A port."""
        return self.number("port", 1024, 65_500)

    def message_id(self) -> str:
        """``Std 47006``."""
        level = self.dice.choice(["Std", "Trc", "Int", "Dbg"])
        return self.page.stay("message id", f"{level} {self.dice.randrange(1000, 60_000):05d}")
