"""Any number of generated cases, for measuring lists."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from app.domain.cases import SUBSTATUSES, CaseState, CaseType, Priority, Stage, Status
from app.domain.followup import follow_up
from app.sandbox.site import Site
from app.sandbox.store.cases import NewCase, insert_cases

_FIRST = 1_000_000_000
_SEED = 20_230_614
_BATCH = 10_000
_COMPONENTS = ("SIP Server", "URS", "ORS", "MCP", "Stat Server", "Interaction", "Config Server", "License")
_WHAT = (
    "Calls drop", "Sessions stall", "Memory grows", "Reconnect loop", "Wrong queue", "Timer fires early",
    "Port leak", "Option ignored", "Log stops", "Handshake refused",
)  # fmt: skip
_WHEN = (
    "after upgrade", "at peak", "on failover", "after midnight", "with one trunk", "on transfer",
    "after reconnect", "during backup", "behind NAT", "with TLS",
)  # fmt: skip


def load_generated_cases(site: Site, count: int) -> None:
    """Bring the number of generated cases of ``acc-1001`` up to `count`; the n-th one is always the same."""
    row = site.database.row("SELECT count(*) AS n FROM cases WHERE number >= ?", (str(_FIRST),))
    present = int(row["n"]) if row is not None else 0
    now = site.clock()
    for start in range(present, count, _BATCH):
        with site.database.transaction() as connection:
            insert_cases(
                connection, [_case(index, now) for index in range(start, min(start + _BATCH, count))]
            )


def _case(index: int, now: datetime) -> NewCase:
    chance = random.Random(_SEED + index)  # noqa: S311
    status = chance.choices(list(Status), weights=(50, 20, 20, 10))[0]
    substatus = chance.choice(SUBSTATUSES[status])
    priority = chance.choices(list(Priority), weights=(2, 20, 50, 28))[0]
    opened = now - timedelta(minutes=chance.randrange(60, 60 * 24 * 700))
    updated = opened + (now - opened) * chance.random()
    state = CaseState(status, substatus)
    recent = max(updated, now - timedelta(days=9, minutes=chance.randrange(1, 600)))
    waits = follow_up(state, priority=priority, since=recent) is not None
    return NewCase(
        number=str(_FIRST + index),
        account="acc-1001",
        contact="ct-nadia" if chance.random() < 0.7 else "ct-tom",
        type=CaseType.TECHNICAL if chance.random() < 0.95 else CaseType.ADMIN,
        subject=f"{chance.choice(_WHAT)} {chance.choice(_WHEN)} ({index})",
        state=state,
        priority=priority,
        stage=chance.choice(list(Stage)),
        component=chance.choice(_COMPONENTS),
        version=f"8.{chance.randrange(1, 6)}.{chance.randrange(100, 999)}",
        owner="Per Kessel",
        opened=opened,
        updated=recent if waits else updated,
        waiting_since=recent if waits else None,
        closed_at=updated if status is Status.CLOSED else None,
        agents_affected=chance.randrange(1, 900),
    )
