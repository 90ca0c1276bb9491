"""``caseferry-agent requests list | allow | deny | key``: what support asks for, and what people say."""

from __future__ import annotations

import sys

import cyclopts

from agent.service.answering import AsJson, ConfigFile, calling, say
from agent.service.tables import listing, screen_for
from app.agentlink import AgentClient, LogAsk, LogAskDenial, LogAskRef, RequestKeyTrust

requests = cyclopts.App(name="requests", help="Log requests of support, and what is said to them.")


@requests.command(name="list")
def list_requests(*, config: ConfigFile, json: AsJson = False) -> int:
    """Show what support asked for, the newest first."""
    with calling(config) as agent:
        found = agent.requests()
    if json:
        return say(found)
    table = listing(
        "Request", "Case", "Applications", "From", "To", "State", "Until", "Files", "Bytes", "Rule", ""
    )
    for one in found.requests:
        table.add_row(*_cells(one))
    screen_for(table).print(table)
    if not found.enabled:
        sys.stderr.write("Log requests are off: set enabled = true in [requests].\n")
    if found.problem:
        sys.stderr.write(found.problem + "\n")
    return 0


@requests.command
def allow(request: str, *, config: ConfigFile, json: AsJson = False) -> int:
    """Send what a request asks for.

    Args:
        request: Its id, as `requests list` shows it, or a beginning that only one waiting request has.
        config: The configuration file.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        return _shown(agent.allow_request(LogAskRef(_whole(agent, request))), json=json)


@requests.command
def deny(request: str, *, config: ConfigFile, reason: str = "", json: AsJson = False) -> int:
    """Refuse a request.

    Args:
        request: Its id, as `requests list` shows it, or a beginning that only one waiting request has.
        config: The configuration file.
        reason: Told to support.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        return _shown(agent.deny_request(LogAskDenial(_whole(agent, request), reason)), json=json)


@requests.command
def key(*, config: ConfigFile, trust: str = "", json: AsJson = False) -> int:
    """Show the portal's key that requests must be signed with, or agree to it.

    Args:
        config: The configuration file.
        trust: The fingerprint that the portal's owner told you; then the key counts.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        found = agent.trust_request_key(RequestKeyTrust(trust)) if trust else agent.requests()
    if json:
        return say({"key": found.key, "offered": found.offered})
    sys.stdout.write(f"Counts:  {found.key or 'none; nobody has agreed to one'}\n")
    sys.stdout.write(f"Offered: {found.offered or 'the portal was not asked'}\n")
    return 0


def _whole(agent: AgentClient, beginning: str) -> str:
    """The id that begins so; what is given where none does or more than one, which the agent refuses."""
    waiting = [one.id for one in agent.requests().requests if one.state == "waiting"]
    found = [each for each in waiting if beginning and each.startswith(beginning)]
    return found[0] if len(found) == 1 else beginning


def _shown(found: LogAsk, *, json: bool) -> int:
    if json:
        return say(found)
    sys.stdout.write(f"{found.id}: {found.state}. {found.reason}".strip() + "\n")
    return 0


def _cells(one: LogAsk) -> tuple[str, ...]:
    until = "–" if one.decide_until is None else f"{one.decide_until:%Y-%m-%d %H:%M}Z"
    span = (f"{one.first:%Y-%m-%d %H:%M:%S}", f"{one.last:%Y-%m-%d %H:%M:%S}")
    note = one.reason or one.why
    return (
        one.id,
        one.case,
        ", ".join(one.applications),
        *span,
        one.state,
        until,
        f"{one.files}",
        f"{one.size:,}",
        one.rule,
        note,
    )
