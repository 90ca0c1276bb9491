"""``caseferry-agent find | search | call | hold | release | holds | readiness``: the logs of this server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import cyclopts
import msgspec
from cyclopts import Parameter

from agent.service.answering import AsJson, ConfigFile, calling, say
from agent.service.tables import listing, screen_for
from app.agentlink import (
    AgentClient,
    AskCall,
    CallAsk,
    HeldEvidence,
    HoldAsk,
    LogRecord,
    LogScope,
    SearchAsk,
    failing,
    follow_call,
    read_endpoint,
    read_moment,
)
from app.domain.errors import WorldError

logs = cyclopts.App(name="logs", help="What the logs of this server hold.")


@Parameter(name="*")
@dataclass(frozen=True)
class Where:
    """Where to look.

    Attributes:
        app: Applications, names or patterns; may be given several times. All when left out.
        host: Hosts, the same.
        begin: From this time on: 2023-06-09T10:15, local or with a zone.
        end: Up to this time.
    """

    app: Annotated[tuple[str, ...], Parameter(name="--app", negative=())] = ()
    host: Annotated[tuple[str, ...], Parameter(name="--host", negative=())] = ()
    begin: Annotated[str, Parameter(name="--from")] = ""
    end: Annotated[str, Parameter(name="--to")] = ""

    def scope(self) -> LogScope:
        """The scope that is asked for."""
        return LogScope(
            applications=list(self.app),
            hosts=list(self.host),
            first=read_moment(self.begin) if self.begin else None,
            last=read_moment(self.end) if self.end else None,
        )


_ANYWHERE = Where()


@logs.command
def find(*, config: ConfigFile, where: Where = _ANYWHERE, json: AsJson = False) -> int:
    """Which bytes of which segments hold the records of a range."""
    with calling(config) as agent:
        found = agent.find(where.scope())
    if json:
        return say(found)
    table = listing("Application", "Host", "Segment", "First", "Last", "Parts", "Bytes", "")
    for log in found.logs:
        note = log.problem or ("held" if log.held else "")
        cells = (log.application, log.host, log.name, _shown(log.first), _shown(log.last))
        table.add_row(*cells, str(len(log.ranges)), f"{log.size:,}", note)
    console = screen_for(table)
    console.print(table)
    console.print(f"{found.size:,} bytes in {len(found.logs)} segments.")
    return 0


@logs.command
def search(
    text: str,
    *,
    config: ConfigFile,
    where: Where = _ANYWHERE,
    regex: Annotated[bool, Parameter(negative=())] = False,
    id: Annotated[bool, Parameter(negative=())] = False,
    ignore_case: Annotated[bool, Parameter(name=["--ignore-case", "-i"], negative=())] = False,
    limit: int = 200,
    json: AsJson = False,
) -> int:
    """Show the records that hold a text, as they are in the log: not masked.

    Args:
        text: A word, or with --regex an expression of RE2.
        where: Where to look.
        config: The configuration file.
        regex: The text is an expression.
        id: The text is an id: nothing of a longer one.
        ignore_case: Upper and lower case are the same.
        limit: Records at most, 1 to 1000.
        json: Answer as one JSON document.
    """
    ask = SearchAsk(text=text, scope=where.scope(), expression=regex, whole=id, fold=ignore_case, limit=limit)
    with calling(config) as agent:
        found = agent.search(ask)
    if json:
        return say(found)
    _print_records(found.records)
    more = ", and there are more" if found.cut else ""
    lost = f", {found.lost} segments could not be read" if found.lost else ""
    _note(f"{len(found.records)} records{more}; {found.scanned:,} bytes were looked through{lost}.")
    return 0


@logs.command
def call(
    ids: tuple[str, ...],
    *,
    config: ConfigFile,
    where: Where = _ANYWHERE,
    around: float = 0.0,
    peer: Annotated[tuple[Path, ...], Parameter(name="--peer", negative=())] = (),
    limit: int = 2000,
    json: AsJson = False,
) -> int:
    """Follow one call through all applications, on this server and on others. The records are not masked.

    Args:
        ids: Connection id, call UUID, SIP Call-ID or session id.
        where: Where to look.
        config: The configuration file.
        around: Seconds before and after each record that are shown as well.
        peer: The endpoint.json of another agent to ask, too; may be given several times.
        limit: Records at most, 1 to 5000.
        json: Answer as one JSON document.
    """
    ask = CallAsk(ids=list(ids), scope=where.scope(), around=around, limit=limit)
    with ExitStack() as opened:
        agents: dict[str, AskCall] = {"this agent": opened.enter_context(calling(config)).call}
        agents.update((str(path), _call_of(path, opened)) for path in peer)
        merged = follow_call(ask, agents)
    if merged.failed and not merged.answered:
        raise next(iter(merged.failed.values()))
    if json:
        failed = {name: error.code for name, error in merged.failed.items()}
        say({"view": msgspec.to_builtins(merged.view), "failed": failed})
    else:
        _print_records(merged.view.records)
        for one in merged.view.ids:
            _note(f"{one.kind}: {one.value}")
        for one in merged.view.common:
            _note(f"{one.kind}: {one.value} stands in too many records, and was not followed.")
        more = ", and there are more" if merged.view.cut else ""
        lost = f"; {merged.view.lost} segments could not be read" if merged.view.lost else ""
        _note(f"{len(merged.view.records)} records{more}{lost}.")
    for name, error in merged.failed.items():
        _note(f"{name}: {error.title} ({error.code})")
    return 9 if merged.failed else 0


@logs.command
def hold(
    label: str,
    *,
    config: ConfigFile,
    begin: Annotated[str, Parameter(name="--from")],
    end: Annotated[str, Parameter(name="--to")],
    app: Annotated[tuple[str, ...], Parameter(name="--app", negative=())] = (),
    days: float = 14.0,
    json: AsJson = False,
) -> int:
    """Mark an incident: keep the segments of a range before rotation deletes them.

    Args:
        label: What happened.
        config: The configuration file.
        begin: From this time on: 2023-06-09T10:15, local or with a zone.
        end: Up to this time; it may lie ahead.
        app: Applications, names or patterns; all when left out.
        days: Until they are released.
        json: Answer as one JSON document.
    """
    ask = HoldAsk(
        label=label, first=read_moment(begin), last=read_moment(end), applications=list(app), days=days
    )
    with calling(config) as agent:
        held = agent.hold(ask)
    if json:
        return say(held)
    _print_holds([held])
    return 9 if held.missing else 0


@logs.command
def release(number: int, *, config: ConfigFile, json: AsJson = False) -> int:
    """End a hold by its number.

    Args:
        number: As `holds` shows it.
        config: The configuration file.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        left = agent.release(number)
    if json:
        return say(left)
    _print_holds(left.holds)
    return 0


@logs.command
def holds(*, config: ConfigFile, json: AsJson = False) -> int:
    """What is kept as evidence."""
    with calling(config) as agent:
        found = agent.holds()
    if json:
        return say(found)
    _print_holds(found.holds)
    _note(f"{found.used:,} of {found.quota:,} bytes are used.")
    return 0


@logs.command
def readiness(*, config: ConfigFile, json: AsJson = False) -> int:
    """How well the logs of each application would serve."""
    with calling(config) as agent:
        found = agent.readiness()
    if json:
        return say(found)
    table = listing("Application", "Host", "Segments", "Oldest line", "Hours kept", "Verbosity", "Clock", "")
    for one in found.applications:
        table.add_row(
            one.application,
            one.host,
            str(one.segments),
            _shown(one.first),
            "–" if one.hours is None else f"{one.hours:g}",
            one.verbosity,
            "–" if one.skew is None else f"{one.skew:+,.1f} s",
            " ".join(one.warnings),
        )
    screen_for(table).print(table)
    if found.waiting:
        _note(f"{found.waiting} segments were not read yet.")
    if found.problem is not None:
        told = found.problem
        _note(f"{told.title}. {told.happened} {told.todo} ({told.code})")
        return 9
    return 9 if any(one.warnings for one in found.applications) else 0


def _call_of(path: Path, opened: ExitStack) -> AskCall:
    """Asks another agent; one that cannot be asked fails when it is its turn, which holds up no other."""
    try:
        client = AgentClient(read_endpoint(path))
    except WorldError as error:
        return failing(error)
    opened.callback(client.close)
    return client.call


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


def _print_records(records: Sequence[LogRecord]) -> None:
    """Records with their place in front, as a pager or grep takes them."""
    for record in records:
        head = f"{record.at:%Y-%m-%dT%H:%M:%S.%f}"[:23] + f"Z {record.host} {record.application}"
        sys.stdout.write(f"{head} {record.name}:{record.offset}\n{record.text.rstrip()}\n")
    sys.stdout.flush()


def _print_holds(found: Sequence[HeldEvidence]) -> None:
    table = listing("Hold", "For", "What", "From", "To", "Until", "Segments", "Bytes", "")
    for one in found:
        problem = f"{one.missing} are missing. {one.problem}" if one.missing else ""
        cells = (str(one.hold), one.reason, one.label, _shown(one.first), _shown(one.last))
        table.add_row(*cells, _shown(one.expires), str(one.segments), f"{one.size:,}", problem)
    screen_for(table).print(table)


def _shown(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M:%S}Z"
