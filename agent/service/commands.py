"""``caseferry-agent run | status | doctor``. Exit codes are documented in ``docs/agent.md``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import cyclopts
import msgspec
from rich.table import Table

from agent.service.alarm_commands import alarms
from agent.service.answering import AsJson, ConfigFile, calling
from agent.service.audit_commands import audit
from agent.service.log_commands import logs
from agent.service.request_commands import requests
from agent.service.rule_commands import rule_commands
from agent.service.secret_commands import secret_commands
from agent.service.service_commands import service_verbs
from agent.service.starting import run as running
from agent.service.tables import listing, screen, screen_for
from app import __version__
from app.agentlink import Status
from app.domain.exits import Exit

if TYPE_CHECKING:
    from agent.service.doctor import Finding

cli = cyclopts.App(
    name="caseferry-agent",
    help="Watches, masks, sends and verifies logs of this server.",
    version=__version__,
)

cli.update(logs)
cli.update(service_verbs)
cli.command(audit)
cli.update(rule_commands)
cli.command(alarms)
cli.command(requests)
cli.update(secret_commands)


@cli.command
def run(*, config: ConfigFile) -> int:
    """Run the agent until it is told to stop (SIGTERM, Ctrl+C)."""
    return running(config)


@cli.command
def status(*, config: ConfigFile, json: AsJson = False) -> int:
    """Ask the running agent how it is."""
    with calling(config) as agent:
        found = agent.status()
    if json:
        _say(msgspec.to_builtins(found))
    else:
        _show_status(found)
    return Exit.OK


@cli.command
def doctor(*, config: ConfigFile, json: AsJson = False) -> int:
    """Check everything the agent needs, and say what to do about what is missing."""
    from agent.service.doctor import examine
    from app.agentlink import Verdict

    findings = examine(config)
    if json:
        _say({"findings": [msgspec.to_builtins(finding) for finding in findings]})
    else:
        _show_findings(findings)
    failed = next((finding for finding in findings if finding.verdict is Verdict.FAIL), None)
    if failed is not None:
        return Exit(failed.exit_code)
    return Exit.INCOMPLETE if any(f.verdict is Verdict.WARN for f in findings) else Exit.OK


def carry_out(words: list[str]) -> int:
    """Carry out one command; the exit code.

    Raises:
        WorldError: it could not be done.
    """
    errors = screen(stderr=True, soft_wrap=True)
    try:
        answer: Any = cli(
            words, exit_on_error=False, print_error=True, error_console=errors, result_action="return_value"
        )
    except cyclopts.CycloptsError:
        return Exit.INPUT
    return int(answer) if isinstance(answer, int) else Exit.OK


def _say(document: Any) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


def _show_status(found: Status) -> None:
    console = screen()
    reachable = "reachable" if found.portal_reachable else "not reachable"
    console.print(f"Agent {found.version} on {found.host}, since {found.started:%Y-%m-%d %H:%M:%S} UTC")
    console.print(f"Portal {found.portal}: {reachable}. Watching by {found.watch}.", soft_wrap=True)
    if found.watch_reason:
        console.print(found.watch_reason, soft_wrap=True)
    if found.draining:
        console.print("Drained: no new job is taken.")
    if found.config is not None and found.config.problem:
        console.print(f"The configuration file was not taken: {found.config.problem}", soft_wrap=True)
    if found.config is not None and found.config.restart:
        console.print(f"After a restart only: {', '.join(found.config.restart)}.", soft_wrap=True)
    for doubt in found.config.doubts if found.config is not None else ():
        console.print(f"Doubtful: {doubt}", soft_wrap=True)
    for problem in found.problems:
        told = f"{problem.title}. {problem.happened} {problem.todo} ({problem.code})"
        console.print(told, soft_wrap=True)
    folders = listing("Folder", "Segments", "Growing", "Packed, not sent", "Problem")
    for folder in found.folders:
        figures = (folder.segments, folder.growing, folder.archives)
        folders.add_row(folder.path, *map(str, figures), folder.problem or "–")
    screen_for(folders).print(folders)
    jobs = Table("Jobs", "Count")
    for state, count in sorted(found.jobs.items()):
        jobs.add_row(state, str(count))
    jobs.add_row("files in quarantine", str(found.quarantined))
    console.print(jobs)


def _show_findings(findings: list[Finding]) -> None:
    table = Table("", "Check", "Result", "What to do")
    for finding in findings:
        table.add_row(finding.verdict.value, finding.check, finding.result, finding.todo)
    screen_for().print(table)
