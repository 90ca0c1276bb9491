"""``caseferry-agent rules``: what automatic rules sent, and what not and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import cyclopts
from cyclopts import Parameter
from rich.console import Console
from rich.table import Column, Table

from agent.service.answering import AsJson, ConfigFile, calling, say
from agent.service.tables import screen_for
from app.agentlink import RuleReason, RuleShown

rule_commands = cyclopts.App(name="rules", help="Automatic rules.")


@rule_commands.command
def rules(
    *, config: ConfigFile, files: Annotated[bool, Parameter(negative=())] = False, json: AsJson = False
) -> int:
    """What each automatic rule sent, what waits, and what it did not send and why.

    Args:
        config: The configuration file.
        files: Name the files, the last ones first.
        json: Answer as one JSON document.
    """
    with calling(config) as agent:
        found = agent.rules()
    if json:
        return say(found)
    console = screen_for()
    if not found.rules:
        console.print("The configuration has no rules.")
    for rule in found.rules:
        _show(console, rule)
        if files:
            _name(console, rule.waiting)
            _name(console, rule.not_sent)
    return 0


def _name(console: Console, reasons: Sequence[RuleReason]) -> None:
    for each in reasons:
        if not each.names:
            continue
        more = f", the last {len(each.names)}" if len(each.names) < each.files else ""
        console.print(f"{each.text} {each.files} files{more}:", soft_wrap=True)
        for name in each.names:
            console.print(f"  {name}", soft_wrap=True)


def _show(console: Console, rule: RuleShown) -> None:
    state = f" ({rule.case_state})" if rule.case_state else ""
    level = f", {rule.level} or worse" if rule.level else ""
    following = f", next at {_shown(rule.following)}" if rule.following is not None else ""
    console.print(
        f"{rule.name}: case {rule.case}{state}, {rule.when}{following}{level}; "
        f"{rule.sent} files, {rule.sent_size:,} bytes arrived.",
        soft_wrap=True,
    )
    if rule.waiting or rule.not_sent:
        table = Table("", "Files", "Bytes", "Why", Column("The last one", overflow="fold"))
        _rows(table, "waits", rule.waiting)
        _rows(table, "not sent", rule.not_sent)
        console.print(table)


def _rows(table: Table, what: str, reasons: Sequence[RuleReason]) -> None:
    for each in reasons:
        table.add_row(what, str(each.files), f"{each.size:,}", each.text, each.name)


def _shown(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
