"""Versions of rule files that were used, by digest; what differs between two rule sets; and the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.domain.errors import InputError, LocalError
from app.masking.face import Kind
from app.masking.rulefile import load_rules, rules_of_text
from app.masking.rules import KeyRule, Needs, Policy, RuleSet
from app.secrets import replace_file
from app.settings import resource

_INDEX = "versions.jsonl"
_DIGEST = re.compile(r"[0-9a-f]{6,64}")
_MOST = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two rule sets.

    Attributes:
        part: ``key``, ``people``, ``pattern``, ``policy``, ``detector``, ``keep``, ``allow``, ``number`` or
            ``setting``.
        name: what of it, such as the name of a key.
        before, after: what it was and is, for people; empty where it was or is not there.
    """

    part: str
    name: str
    before: str
    after: str


def compare(before: RuleSet, after: RuleSet) -> tuple[Change, ...]:
    """What differs, part by part, in order of names. Values of the site are counted, not named."""
    return tuple(
        Change(part, name, old.get(name, ""), new.get(name, ""))
        for part, old, new in _parts(before, after)
        for name in sorted(old.keys() | new.keys())
        if old.get(name, "") != new.get(name, "")
    )


def _parts(before: RuleSet, after: RuleSet) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    readers: dict[str, Callable[[RuleSet], Mapping[str, str]]] = {
        "setting": _settings,
        "policy": lambda r: {kind.value: r.policy_of(kind).value for kind in Kind},
        "detector": lambda r: {name: kind.value for name, kind in r.shapes.items()},
        "key": _keys,
        "keep": lambda r: dict.fromkeys(r.keep_keys, "kept"),
        "qualifier": lambda r: dict.fromkeys(r.qualifiers, "says nothing"),
        "sort": lambda r: dict.fromkeys(r.sorts, "nobody's"),
        "prefix": lambda r: dict.fromkeys(r.prefixes, "says nothing"),
        "word": lambda r: {f"{place} {word}": "a word" for place, words in r.words.items() for word in words},
        "people": lambda r: {
            f"{name} {word}": "a word" for name, words in r.people.items() for word in words
        },
        "pattern": lambda r: {p.rule: f"{p.kind} {p.priority} {p.pattern}" for p in r.patterns},
        "allow": _allowed,
        "number": lambda r: {
            f"{n.low}*" if n.open else n.low if n.low == n.high else f"{n.low}-{n.high}": "stays"
            for n in r.numbers.ranges
        },
    }
    for part, read in readers.items():
        yield part, read(before), read(after)


def _settings(rules: RuleSet) -> dict[str, str]:
    form = rules.tokens
    flags = [name for name in ("key_id", "subnets", "mail_domain", "columns") if getattr(form, name)]
    return {
        "title": rules.title,
        "country": rules.country,
        "internal_digits": f"{rules.internal[0]} to {rules.internal[1]}",
        "tokens": " ".join([form.style.value, f"{form.digits} digits", *flags]),
        "partial": " ".join(
            f"{kind}:{n}"
            for kind, n in sorted(rules.tails.items())
            if rules.policy_of(kind) is Policy.PARTIAL
        ),
        "learning": f"{rules.learning.max_values} values, {rules.learning.min_length} characters, "
        f"{rules.learning.min_digits} digits",
        "site": f"{len(rules.known)} values, {len(rules.subnets)} subnets",
    }


def _keys(rules: RuleSet) -> dict[str, str]:
    found: dict[str, str] = {}
    for rule in rules.keys:
        for name in rule.names:
            found.setdefault(name, _told(rule))
        for name in rule.ends:
            found.setdefault(f"…{name}", _told(rule))
    return found


def _told(rule: KeyRule) -> str:
    flags = [name for name in ("learn", "exact", "quoted") if getattr(rule, name)]
    if rule.needs is not Needs.ANY:
        flags.append(f"needs {rule.needs}")
    return " ".join([rule.kind.value, *flags, rule.extent.value])


def _allowed(rules: RuleSet) -> dict[str, str]:
    allow = rules.allow
    lists = {
        "value": allow.values - allow.offices - allow.answers,
        "office": allow.offices,
        "answer": allow.answers,
        "user": allow.users,
        "host": allow.hosts,
        "network": allow.addresses,
    }
    return {f"{name} {each}": "stays" for name, values in lists.items() for each in values}


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A version of a rule file that was used.

    Attributes:
        sha256: digest of the rules, as in reports.
        title: name, version and profile.
        file: name of the file it was.
        seen: when it was used first.
        folder: where the file lay, and so a list of site values that it names; empty when that is not known.
    """

    sha256: str
    title: str
    file: str
    seen: datetime
    folder: str = ""


class RuleStore:
    """Keeps the texts of rule files that were used, so that a report's digest leads back to them.

    Args:
        folder: made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, path: Path | None, rules: RuleSet, *, now: datetime) -> bool:
        """Keep the file that these rules were read from; whether it was not known before.

        Of a version that was, the text as it is now is kept: values of the site do not count in the digest.

        Raises:
            LocalError: it cannot be read (``CF-1841``) or written.
        """
        kept = self._folder / f"{rules.sha256}.toml"
        if any(each.sha256 == rules.sha256 for each in self.versions()):
            if path is not None and not (kept.exists() and _bytes_of(path) == _bytes_of(kept)):
                replace_file(kept, _bytes_of(path))
            return False
        source = path or resource("masking", "default.toml")
        entry = {"sha256": rules.sha256, "title": rules.title, "file": source.name, "seen": now.isoformat()}
        entry["folder"] = str(source.parent.resolve())
        index = self._folder / _INDEX
        lines = _bytes_of(index).splitlines(keepends=True)[1 - _MOST :] if index.exists() else []
        replace_file(kept, _bytes_of(source))
        replace_file(index, b"".join([*lines, json.dumps(entry).encode("utf-8") + b"\n"]))
        return True

    def versions(self) -> tuple[RuleVersion, ...]:
        """What is kept, the newest last. Lines that are damaged are passed over."""
        try:
            lines = (self._folder / _INDEX).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return ()
        found = []
        for line in lines:
            try:
                entry = json.loads(line)
                seen = datetime.fromisoformat(entry["seen"]).astimezone(UTC)
                sha256, title, file = (str(entry[name]) for name in ("sha256", "title", "file"))
                found.append(RuleVersion(sha256, title, file, seen, str(entry.get("folder", ""))))
            except (ValueError, KeyError, TypeError):
                continue
        return tuple(found)

    def path_of(self, digest: str) -> Path:
        """Where the text of a version is kept.

        Args:
            digest: or its beginning, six digits at least.

        Raises:
            InputError: none or several begin so (``CF-1153``).
        """
        wanted = digest.lower()
        hits = {each.sha256 for each in self.versions() if each.sha256.startswith(wanted)}
        if not _DIGEST.fullmatch(wanted) or len(hits) != 1:
            raise InputError(
                "There is no such version of the rules",
                happened=f"{len(hits)} of the kept versions begin so.",
                todo="caseferry rules list shows the kept versions; give six digits of one or more.",
                code="CF-1153",
            )
        return self._folder / f"{hits.pop()}.toml"

    def load(self, digest: str, *, profile: str = "") -> RuleSet:
        """The rules of a version; a list of site values that it names is that beside the file as it was.

        Raises:
            InputError: as `path_of`, or the version cannot be read any more.
        """
        path = self.path_of(digest)
        kept = next(each for each in self.versions() if each.sha256 == path.stem)
        text = _bytes_of(path).decode("utf-8", "replace")
        folder = Path(kept.folder) if kept.folder else path.parent
        return rules_of_text(text, name=kept.file, folder=folder, profile=profile)

    def roll_back(self, digest: str, target: Path, *, now: datetime) -> RuleSet:
        """Write a kept version to a rule file; what stood there is kept before.

        Raises:
            InputError: as `path_of`, or the version cannot be read at that place any more; the file stays as
                it was.
            LocalError: it cannot be written.
        """
        kept = self.path_of(digest)
        if target.exists():
            self.keep(target, load_rules(target), now=now)
        content = _bytes_of(kept)
        text = content.decode("utf-8", "replace")
        rules = rules_of_text(text, name=target.name, folder=target.parent)
        replace_file(target, content)
        return rules


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise LocalError(
            "A version of the rules cannot be read",
            happened=f"{path.name}: {fault.strerror or type(fault).__name__}.",
            todo="Check who may read it.",
            code="CF-1841",
        ) from None
