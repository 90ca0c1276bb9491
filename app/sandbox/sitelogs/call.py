"""One call through the site, and the hosts it passes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.sandbox.sitelogs.people import Agent, Person


@dataclass(frozen=True, slots=True)
class Hosts:
    """Host names of the site, all personal: they tell how its network is built."""

    sip: str = "sip-a01"
    route: str = "rtg-a01.abc.example"
    media: str = "mcp-a02"
    config: str = "cfg-a01"
    web: str = "web-a07.dmz.abc.example"
    desk: str = "DESK-4711"
    trunk: str = "sbc1.carrier.example.net"


@dataclass(frozen=True, slots=True)
class Call:
    """What all applications know of one call."""

    caller: Person
    agent: Agent
    hosts: Hosts
    dialled: str
    conn: str
    uuid: str
    session: str
    sip_id: str
    branch: str
    tag: str
    far: str
    near: str
    far6: str
    mac: str
    start: datetime

    @classmethod
    def new(cls, random: Random, caller: Person, agent: Agent, hosts: Hosts, start: datetime) -> Call:
        """A call with ids of its own."""
        hex_upper = "0123456789ABCDEF"
        base36 = "0123456789ABCDEFGHIJKLMNOPQRSTUV"

        def run(alphabet: str, size: int) -> str:
            return "".join(random.choice(alphabet) for _ in range(size))

        return cls(
            caller=caller,
            agent=agent,
            hosts=hosts,
            dialled=f"80055501{random.randrange(100):02}",
            conn="00e2029a" + run("0123456789abcdef", 8),
            uuid=run(base36, 32),
            session=run(base36, 32),
            sip_id=f"{run(hex_upper, 8)}-{run(hex_upper, 4)}-{run(hex_upper, 4)}",
            branch="z9hG4bK" + run(hex_upper, 12),
            tag=run(hex_upper, 8),
            far=f"203.0.113.{random.randrange(1, 255)}",
            near=f"192.0.2.{random.randrange(1, 255)}",
            far6=f"2001:db8::{random.randrange(1, 65535):x}:{random.randrange(1, 65535):x}",
            mac="00-00-5E-00-53-" + run(hex_upper, 2),
            start=start,
        )
