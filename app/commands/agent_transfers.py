"""``caseferry transfers``: what an agent of this machine sends, in what order, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.agentlink import (
    FINAL_STATES,
    AgentClient,
    Job,
    JobsAsk,
    JobState,
    LimitHours,
    LimitsFrom,
    LimitsShown,
    TransferLimits,
)
from app.agentlink.order import as_they_go
from app.commands.agents import agent_at
from app.commands.console import Screen
from app.commands.transferring import span_words
from app.transfer import hours_words, parse_hours, parse_rate, rate_words
from app.transfer.bandwidth import Hours
from app.transfer.wording import parse_time

Change = Callable[[AgentClient, str], Job]


def list_transfers(endpoint: Path | None, screen: Screen, *, all_jobs: bool, json: bool) -> int:
    """Transfers that are not done, those that wait as they go; with `all_jobs` those that are, too.

    JSON has them newest first, each with its place.
    """
    with agent_at(endpoint) as agent:
        jobs = agent.jobs(JobsAsk(limit=500)).jobs
    if not all_jobs:
        jobs = [job for job in jobs if job.state not in FINAL_STATES]
    if json:
        screen.json(jobs)
        return 0
    if not jobs:
        screen.note("Nothing is on its way.")
        return 0
    headings = ["Transfer", "Case", "Bundle", "State", "Priority", "Sent", "Rate", "Left"]
    screen.table(headings, [_row(job) for job in as_they_go(jobs)])
    return 0


def change(endpoint: Path | None, job: str, screen: Screen, *, how: Change) -> int:
    """Have the agent do something with a transfer, and say how it stands then."""
    with agent_at(endpoint) as agent:
        now = how(agent, job)
    screen.line(f"{now.id} ({now.name}): {_state(now)}")
    return 0


def show_limits(endpoint: Path | None, screen: Screen, *, json: bool) -> int:
    """How fast the agent may send."""
    with agent_at(endpoint) as agent:
        found = agent.limits()
    _say(found, screen, json=json)
    return 0


def set_limits(
    endpoint: Path | None,
    screen: Screen,
    *,
    rate: str | None,
    hours: list[str] | None,
    only_idle: bool | None,
    connections: int | None,
    json: bool,
) -> int:
    """Set what is named and leave the rest as it is.

    Raises:
        InputError: something named is not right.
        RefusedError: the agent's configuration alone decides (CF-1295).
    """
    with agent_at(endpoint) as agent:
        wanted = agent.limits().limits
        if rate is not None:
            wanted = replace(wanted, rate=parse_rate(rate))
        if hours is not None:
            wanted = replace(wanted, hours=[_for_the_agent(parse_hours(text)) for text in hours])
        if only_idle is not None:
            wanted = replace(wanted, only_idle=only_idle)
        if connections is not None:
            wanted = replace(wanted, connections=connections)
        found = agent.set_limits(wanted)
    _say(found, screen, json=json)
    return 0


def reset_limits(endpoint: Path | None, screen: Screen, *, json: bool) -> int:
    """The limits of the agent's configuration again."""
    with agent_at(endpoint) as agent:
        found = agent.reset_limits()
    _say(found, screen, json=json)
    return 0


def _row(job: Job) -> list[str]:
    return [
        job.id,
        job.case,
        job.name,
        _state(job),
        str(job.priority) if job.priority else "",
        f"{job.sent * 100 // job.size} % of {job.size}" if job.size else "",
        rate_words(round(job.rate)) if job.rate else "",
        "" if job.eta is None else span_words(job.eta),
    ]


_PROOFS = {
    "A": "A, the server's digest is ours",
    "B": "B, every part was checked",
    "C": "C, a sample was read back",
    "D": "D, at most the size was compared",
}


_SAY_WHY = frozenset({JobState.WAITING, JobState.FAILED, JobState.SENDING, JobState.VERIFYING})


def _state(job: Job) -> str:
    if job.held:
        return "held: nothing is sent at this time"
    if job.state is JobState.VERIFIED and job.level:
        return f"{job.state.value}: {_PROOFS.get(job.level, job.level)}"
    if job.problem is not None and job.state in _SAY_WHY:
        word = JobState.FAILED if job.state is JobState.FAILED else JobState.WAITING
        return f"{word.value}: {job.problem.title}"
    return f"{job.state.value}: waits for its turn" if job.queued else job.state.value


def _say(found: LimitsShown, screen: Screen, *, json: bool) -> None:
    if json:
        screen.json(found)
        return
    for line in limit_lines(found.limits):
        screen.line(line)
    by = "the agent's configuration" if found.set_by is LimitsFrom.CONFIGURATION else "hand"
    only = "; nobody else may" if found.fixed else ""
    screen.line(f"Set by {by}{only}. Now: {rate_words(found.rate_now)}.")


def limit_lines(limits: TransferLimits) -> list[str]:
    """Limits for people, in the words that `parse_rate` and `parse_hours` read."""
    lines = [f"Limit: {rate_words(limits.rate)}"]
    lines += [f"  {hours_words(_from_the_agent(each))}" for each in limits.hours]
    if limits.only_idle:
        lines.append("Only while nobody else uses the machine and its link.")
    lines.append(f"Connections for one bundle: at most {limits.connections}")
    return lines


def _for_the_agent(hours: Hours) -> LimitHours:
    return LimitHours(
        days=sorted(hours.days), begin=f"{hours.begin:%H:%M}", end=f"{hours.end:%H:%M}", rate=hours.rate
    )


def _from_the_agent(hours: LimitHours) -> Hours:
    return Hours(
        days=frozenset(hours.days),
        begin=parse_time(hours.begin),
        end=parse_time(hours.end),
        rate=hours.rate,
    )
