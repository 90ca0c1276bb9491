"""One more folder for a rule: which field of the configuration file that is, and what stands in it then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from agent.jobs import Rule
from app.agentlink import ConfigValue, WatchFolder
from app.domain.errors import InputError


def field_with(rules: Sequence[Rule], ask: WatchFolder) -> ConfigValue:
    """The field to set, so that a rule watches this folder, too.

    Raises:
        InputError: the folder is none, or is watched already, or no rule is named (CF-1112).
    """
    folder = Path(ask.path)
    if not folder.is_absolute() or not folder.is_dir():
        raise _refused(f"{ask.path} is no folder of this machine.", "Choose a folder.")
    number = next((at for at, rule in enumerate(rules) if rule.name == ask.rule), None)
    if not ask.rule and len(rules) == 1:
        number = 0
    if number is None:
        names = ", ".join(rule.name for rule in rules) or "none"
        raise _refused(
            f"No such rule is in the configuration. It has: {names}.", "Name a rule; add a [[rule]]."
        )
    for rule in rules:
        if any(folder == each or folder.is_relative_to(each) for each in rule.folders):
            raise _refused(f"The rule {rule.name} watches it already.", "Choose another folder.")
    folders = [*map(str, rules[number].folders), str(folder)]
    return ConfigValue(f"rule[{number}].folders", json.dumps(folders, ensure_ascii=False))


def _refused(happened: str, todo: str) -> InputError:
    return InputError("This folder cannot be watched", happened=happened, todo=todo, code="CF-1112")
