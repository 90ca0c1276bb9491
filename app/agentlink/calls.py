"""One call on all servers: each agent searches its own logs, and what they find is merged here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from app.agentlink.finding import CallAsk, CallView, KnownId, LogRecord
from app.domain.errors import WorldError

MOST_ROUNDS = 5

AskCall = Callable[[CallAsk], CallView]
"""Asks one agent."""


@dataclass(frozen=True, slots=True)
class MergedCall:
    """A call as all agents saw it.

    Attributes:
        view: ids of all, records of all by time.
        failed: what was wrong with agents that did not answer, or not to the end, by name.
        answered: how many have answered at least once.
    """

    view: CallView
    failed: Mapping[str, WorldError] = field(default_factory=dict)
    answered: int = 0


def follow_call(ask: CallAsk, agents: Mapping[str, AskCall]) -> MergedCall:
    """Ask every agent, and again those that did not know an id another one has found, until none is new.

    All are asked at once: one that does not answer holds up no other. An agent that fails is asked no more;
    what it has answered before and the others' answers stay.

    Args:
        ask: the first question.
        agents: how to ask each, by name.
    """
    known: dict[str, KnownId] = {}
    views: dict[str, CallView] = {}
    failed: dict[str, WorldError] = {}
    asked: dict[str, set[str]] = {}
    wanted = list(dict.fromkeys(ask.ids))
    for _round in range(MOST_ROUNDS):
        ignored = {one.value for view in views.values() for one in view.common}
        values = [
            value for value in dict.fromkeys([*wanted, *known]) if value not in ignored or value in wanted
        ]
        left = [name for name in agents if name not in failed and set(values) - asked.get(name, set())]
        if not left:
            break
        told = _at_once({name: agents[name] for name in left}, replace(ask, ids=values))
        for name, view in told.items():
            if isinstance(view, WorldError):
                failed[name] = view
                continue
            views[name] = view
            asked[name] = {*values, *(one.value for one in view.ids), *(one.value for one in view.common)}
            for one in view.ids:
                known.setdefault(one.value, one)
    return MergedCall(merge_views(list(views.values()), limit=ask.limit), failed, len(views))


def failing(error: WorldError) -> AskCall:
    """An agent of which is known before that it cannot be asked: the others are."""

    def ask(_ask: CallAsk) -> CallView:
        raise error

    return ask


def _at_once(agents: Mapping[str, AskCall], ask: CallAsk) -> dict[str, CallView | WorldError]:
    """Each agent's answer, or why there is none, in the order of the agents; a defect is raised here."""
    told: dict[str, CallView | BaseException] = {}

    def run(name: str, agent: AskCall) -> None:
        try:
            told[name] = agent(ask)
        except BaseException as fault:  # noqa: BLE001 - it is raised in the thread that asks
            told[name] = fault

    threads = [threading.Thread(target=run, args=each, name="call", daemon=True) for each in agents.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found: dict[str, CallView | WorldError] = {}
    for name in agents:
        one = told[name]
        if isinstance(one, BaseException) and not isinstance(one, WorldError):
            raise one
        found[name] = one
    return found


def merge_views(views: list[CallView], *, limit: int) -> CallView:
    """One view of several: ids in the order of the answers, each record once, by time.

    Args:
        views: of different agents; two may watch the same share.
        limit: records, the earliest.
    """
    ids: dict[str, KnownId] = {}
    common: dict[str, KnownId] = {}
    records: dict[tuple[str, str, str, int, str], LogRecord] = {}
    for view in views:
        for one in view.ids:
            ids.setdefault(one.value, one)
        for one in view.common:
            common.setdefault(one.value, one)
        for record in view.records:
            key = (record.host, record.application, record.name, record.offset, record.text)
            records.setdefault(key, record)
    ordered = sorted(records.values(), key=lambda r: (r.at, r.host, r.application, r.name, r.offset))
    return CallView(
        ids=list(ids.values()),
        records=ordered[:limit],
        common=list(common.values()),
        cut=len(ordered) > limit or any(view.cut for view in views),
        lost=sum(view.lost for view in views),
    )
