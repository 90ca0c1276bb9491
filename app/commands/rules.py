"""``caseferry rules``: look at masking rules, import them, compare them, and go back to earlier ones."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.commands.console import LEFT_OUT, Screen, counted
from app.commands.inputs import gather, shown
from app.domain.errors import InputError
from app.masking import RuleSet, load_rules
from app.masking.imports import Imported, import_log_filter, import_patterns
from app.masking.rulefile import profiles_of, rules_of_text
from app.masking.ruleversions import Change, RuleStore, RuleVersion, compare
from app.masking.sitevalues import site_values_of_logs, site_values_toml
from app.secrets import replace_file
from app.settings import data_folder

_SHOWN = 16


class Summary(msgspec.Struct, frozen=True):
    """A rule set in numbers."""

    title: str
    sha256: str
    keys: int
    patterns: int
    detectors: int
    site_values: int
    profiles: dict[str, str]


class Difference(msgspec.Struct, frozen=True):
    """Two rule sets, and what differs."""

    before: str
    after: str
    changes: tuple[Change, ...]


def store() -> RuleStore:
    """The versions that were used on this machine."""
    return RuleStore(data_folder() / "rules")


def check(file: Path | None, screen: Screen, *, profile: str, json: bool) -> int:
    """Read a rule file with each of its profiles, and say what it holds."""
    profiles = profiles_of(file)
    for name in profiles:
        load_rules(file, profile=name, strict=True)
    rules = load_rules(file, profile=profile, strict=True)
    summary = Summary(
        title=rules.title,
        sha256=rules.sha256,
        keys=sum(len(rule.names) for rule in rules.keys),
        patterns=len(rules.patterns),
        detectors=len(rules.shapes),
        site_values=len(rules.known) + len(rules.subnets),
        profiles=dict(profiles),
    )
    if json:
        screen.json(summary)
        return 0
    screen.line(f"{summary.title} is right. Digest {summary.sha256}.")
    screen.line(
        f"{summary.keys} key names, {summary.patterns} patterns of your own, {summary.detectors} detectors, "
        f"{summary.site_values} values of the site."
    )
    for name, about in profiles.items():
        screen.line(f"  {name:<20} {about}")
    return 0


def compare_files(before: str, after: str, screen: Screen, *, profile: str, json: bool) -> int:
    """What differs between two rule files, or kept versions by their digests."""
    old, new = (_read(each, profile=profile) for each in (before, after))
    changes = compare(old, new)
    if json:
        screen.json(Difference(before=old.sha256, after=new.sha256, changes=changes))
        return 0
    if not changes:
        screen.line("Nothing differs.")
        return 0
    screen.table(
        ["Part", "Name", "Before", "After"],
        [[each.part, each.name, each.before or "-", each.after or "-"] for each in changes],
    )
    return 0


def bring_in(source: Path, screen: Screen, *, out: Path, name: str) -> int:
    """Make a rule file of a key list or a list of patterns; 9 when something was left out."""
    text = _text(source)
    _free(out)
    take = import_patterns if source.suffix.lower() == ".json" else import_log_filter
    made: Imported = take(text, source=shown(source.name), name=name or source.stem)
    rules = rules_of_text(made.toml, name=out.name, folder=out.parent, strict=True)
    replace_file(out, made.toml.encode("utf-8"))
    screen.line(f"{made.taken} taken over into {shown(out.name)} ({rules.title}).")
    for remark in made.remarks:
        screen.note(remark)
    for each in made.left_out:
        screen.note(f"Left out: {each}")
    return LEFT_OUT if made.left_out else 0


def gather_site_values(paths: Sequence[Path], screen: Screen, *, out: Path) -> int:
    """Write the hosts that the headers of logs name, as a list of site values."""
    _free(out)
    values = site_values_of_logs(file.path for file in gather(paths, outside=out.parent).files)
    replace_file(out, site_values_toml(values).encode("utf-8"))
    screen.line(f"{counted(len(values.known), 'host', 'hosts')} written to {shown(out.name)}.")
    return 0


def show_versions(screen: Screen, *, json: bool) -> int:
    """The versions of rules that were used here, the newest last."""
    versions: tuple[RuleVersion, ...] = store().versions()
    if json:
        screen.json(versions)
        return 0
    if not versions:
        screen.line("No rules were used here yet.")
        return 0
    screen.table(
        ["Digest", "Rules", "File", "First used"],
        [[v.sha256[:_SHOWN], v.title, v.file, f"{v.seen:%Y-%m-%d %H:%M} UTC"] for v in versions],
    )
    return 0


def roll_back(digest: str, screen: Screen, *, out: Path) -> int:
    """Put a kept version in the place of a rule file; what stood there is kept."""
    rules = store().roll_back(digest, out, now=datetime.now(UTC))
    screen.line(f"{shown(out.name)} is {rules.title} again. Digest {rules.sha256}.")
    return 0


def _read(named: str, *, profile: str) -> RuleSet:
    if named == "default":
        return load_rules(profile=profile)
    path = Path(named)
    return load_rules(path, profile=profile) if path.exists() else store().load(named, profile=profile)


def _text(source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise InputError(
            "The list cannot be read",
            happened=f"{shown(source.name)}: {reason or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1154",
        ) from None


def _free(out: Path) -> None:
    if os.path.lexists(out):
        raise InputError(
            "A file is in the way",
            happened=f"{shown(out.name)} exists; nothing was written.",
            todo="Choose a new name.",
            code="CF-1144",
        )
