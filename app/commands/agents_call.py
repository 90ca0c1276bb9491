"""``caseferry agents call``: one call on all servers; each searches its own logs, here they are merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from app.agentlink import (
    AgentClient,
    AskCall,
    CallAsk,
    CallView,
    LogScope,
    MergedCall,
    failing,
    follow_call,
    read_moment,
)
from app.commands.agents import agent_at, kept_agents
from app.commands.console import Screen, counted
from app.domain.errors import UnreachableError, WorldError

SOME_MISSING = 9
_HERE = "this machine"


def ask_for(
    ids: Sequence[str],
    *,
    applications: Sequence[str],
    hosts: Sequence[str],
    begin: str,
    end: str,
    around: float,
    limit: int,
) -> CallAsk:
    """The question to every agent; empty times are without a bound.

    Raises:
        InputError: a time is not written as one (CF-1107).
    """
    scope = LogScope(
        applications=list(applications),
        hosts=list(hosts),
        first=read_moment(begin) if begin else None,
        last=read_moment(end) if end else None,
    )
    return CallAsk(ids=list(ids), scope=scope, around=around, limit=limit)


def call(ask: CallAsk, named: Sequence[Path], screen: Screen, *, json: bool) -> int:
    """Follow a call through the logs of all agents; the records are not masked.

    Args:
        ask: what is asked of every agent.
        named: endpoint files, or ``HOST:PORT`` of paired agents; when empty, the one of this machine and all
            paired ones.
        screen: where to show it.
        json: one JSON document.

    Raises:
        UnreachableError: there is no agent to ask (CF-1593).
        WorldError: no agent has answered: what the first of them said.
    """
    with _agents(named) as agents:
        merged = follow_call(ask, agents)
    if merged.failed and not merged.answered:
        raise next(iter(merged.failed.values()))
    if json:
        failed = {name: error.code for name, error in merged.failed.items()}
        screen.json({"view": asdict(merged.view), "failed": failed})
    else:
        _show(merged.view, screen, agents=merged.answered)
    _note_failed(merged, screen)
    return SOME_MISSING if merged.failed else 0


@contextmanager
def _agents(named: Sequence[Path]) -> Iterator[Mapping[str, AskCall]]:
    """How to ask each; one that cannot be asked fails when it is its turn, and holds up no other."""
    with ExitStack() as opened:
        found: dict[str, AskCall] = {}
        for name, agent in _asked(named).items():
            try:
                found[name] = opened.enter_context(agent).call
            except WorldError as error:
                if name != _HERE or not isinstance(error, UnreachableError):  # else this machine has none
                    found[name] = failing(error)
        if not found:
            raise UnreachableError(
                "There is no agent on this machine",
                happened="No endpoint file of an agent was found, and no agent of another machine is paired.",
                todo="Start the agent, or pair with others: caseferry agents pair HOST:PORT.",
                code="CF-1593",
            )
        yield found


def _asked(named: Sequence[Path]) -> dict[str, AbstractContextManager[AgentClient]]:
    """Those that are named, or the agent of this machine and all paired ones."""
    if named:
        return {str(each): agent_at(each) for each in named}
    return {_HERE: agent_at(None), **{each.place: agent_at(Path(each.place)) for each in kept_agents().all()}}


def _show(view: CallView, screen: Screen, *, agents: int) -> None:
    """Records with their place in front, as a pager or grep takes them."""
    for record in view.records:
        moment = f"{record.at:%Y-%m-%dT%H:%M:%S.%f}"[:23]
        screen.line(f"{moment}Z {record.host} {record.application} {record.name}:{record.offset}")
        screen.line(record.text.rstrip())
    for known in view.ids:
        screen.note(f"{known.kind}: {known.value}")
    for known in view.common:
        screen.note(f"{known.kind}: {known.value} stands in too many records, and was not followed.")
    more = ", and there are more" if view.cut else ""
    lost = f"; {counted(view.lost, 'segment', 'segments')} could not be read" if view.lost else ""
    records, asked = counted(len(view.records), "record", "records"), counted(agents, "agent", "agents")
    screen.note(f"{records} of {asked}{more}{lost}. They are not masked.")


def _note_failed(merged: MergedCall, screen: Screen) -> None:
    for name, error in merged.failed.items():
        screen.note(f"{name}: {error.title} ({error.code})")
