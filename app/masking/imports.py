"""Rule files made from what a site has already: key lists of log filters, and lists of patterns.

An import never weakens the rules that come with the product: it extends them. What it cannot take over is
said in its remarks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.domain.errors import InputError
from app.masking.custom import MOST_RULES, complaint
from app.masking.face import Kind
from app.masking.keybook import KeyBook
from app.masking.rulefile import load_rules
from app.masking.rules import fold_key

_SECTION = re.compile(r"\[(?P<name>[^\]]{1,256})\]")
_OPTION = re.compile(r"(?P<key>[^=]{1,256})=(?P<value>.*)")
_FILTER = re.compile(
    r"(?P<way>copy|hide|skip|hide-first|hide-last|unhide-first|unhide-last|tag)"
    r"\s*(?:,\s*(?P<count>\d{1,4})|\((?P<marks>[^)]{0,64})\))?",
    re.IGNORECASE,
)
_COUNTED = frozenset({"hide-first", "hide-last", "unhide-first", "unhide-last"})
_TRUTH = ("regex", "pattern")


@dataclass(frozen=True, slots=True)
class Imported:
    """A rule file, and what people should know of it.

    Attributes:
        toml: what `load_rules` reads.
        taken: how many keys or patterns it holds.
        left_out: those that could not be taken over, each with its place and the reason.
        remarks: what is stricter or otherwise different from the source.
    """

    toml: str
    taken: int
    left_out: tuple[str, ...]
    remarks: tuple[str, ...]


def import_log_filter(text: str, *, source: str, name: str) -> Imported:
    """Take over the key list of ``[log-filter-data]`` (and of ``[log-filter]``) of an options file.

    ``copy`` keeps a key readable unless the rules of the product mask it; every other way masks its values.

    Args:
        text: sections in square brackets and lines ``key=value``; ``;`` and ``#`` begin comments.
        source: name of the file, for errors.
        name: of the rule set that is made.

    Raises:
        InputError: a line is not right, or there is no such section (``CF-1152``).
    """
    book = KeyBook(load_rules())
    masked: dict[str, list[str]] = {}
    kept: list[str] = []
    remarks: list[str] = []
    for line, key, value in _options(text, source):
        match = _FILTER.fullmatch(value)
        way = match["way"].lower() if match else ""
        if match is None or (way in _COUNTED) != (match["count"] is not None):
            raise _wrong(
                source,
                f"line {line}, key {key}: the filter must be copy, hide, skip, hide-first,n, hide-last,n, "
                "unhide-first,n, unhide-last,n or tag(…)",
            )
        if key == "default-filter-type":
            if way != "copy":
                remarks.append(
                    f"line {line}: default-filter-type={way} hides all keys; the rules mask those they know"
                )
            continue
        rule = book.rule_of(key.encode("utf-8"))
        if way == "copy":
            if rule is None:
                kept.append(key)
            else:
                remarks.append(f"line {line}: {key} is copied there; the rules mask it ({rule.kind})")
            continue
        if way in _COUNTED or way == "tag":
            remarks.append(f"line {line}: {key} is {way} there; here the whole value is masked")
        kind = rule.kind if rule is not None else Kind.KEYED
        masked.setdefault(kind.value, []).append(key)
    lines = _head(name, source)
    if kept:
        lines += ["", "[keep]", f"keys = {_list(kept)}"]
    for kind_name, keys in sorted(masked.items()):
        lines += ["", "[[keys]]", f'rule = "filter-{kind_name.lower()}"', f'kind = "{kind_name}"']
        lines += [f"names = {_list(keys)}"]
    return Imported("\n".join(lines) + "\n", len(kept) + sum(map(len, masked.values())), (), tuple(remarks))


def import_patterns(text: str, *, source: str, name: str) -> Imported:
    """Take over a JSON list of patterns with priorities: ``[{"regex": "…", "priority": 10}, …]``.

    Also read are ``name`` (or ``id``), ``description``, ``kind`` and ``caseInsensitive``. Patterns that RE2
    refuses are left out and named.

    Raises:
        InputError: it is not such a list (``CF-1152``).
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as fault:
        raise _wrong(source, f"line {fault.lineno}: it is not JSON: {fault.msg}") from None
    if isinstance(document, dict):
        document = document.get("rules", document.get("patterns"))
    if not isinstance(document, list):
        raise _wrong(source, "it must be a list of objects, each with regex and priority")
    odd = next((at for at, each in enumerate(document) if not isinstance(each, dict)), None)
    if odd is not None:
        raise _wrong(source, f"[{odd}]: must be an object with regex and priority")
    if len(document) > MOST_RULES:
        raise _wrong(source, f"it has more than {MOST_RULES} patterns")
    lines = _head(name, source)
    left_out: list[str] = []
    taken: set[str] = set()
    for number, entry in enumerate(document):
        where = f"[{number}]"
        pattern = next((entry[field] for field in _TRUTH if isinstance(entry.get(field), str)), None)
        if pattern is None:
            raise _wrong(source, f"{where}.regex: must be a text")
        priority = entry.get("priority", 100)
        if type(priority) is not int:
            raise _wrong(source, f"{where}.priority: must be a whole number")
        why = complaint(pattern)
        if why:
            left_out.append(f"{where}.regex {why}")
            continue
        rule = _id(entry, number, taken)
        taken.add(rule)
        lines += ["", "[[patterns]]", f'rule = "{rule}"', f'kind = "{_kind(entry, source, where)}"']
        lines += [f"pattern = {_text(pattern)}", f"priority = {min(1_000, max(1, priority))}"]
        if entry.get("caseInsensitive") is True:
            lines.append("any_case = true")
        if isinstance(entry.get("description"), str):
            lines.append(f"about = {_text(entry['description'])}")
    return Imported("\n".join(lines) + "\n", len(taken), tuple(left_out), ())


def _options(text: str, source: str) -> Iterable[tuple[int, str, str]]:
    section = ""
    seen = False
    for number, line in enumerate(text.lstrip("\N{BYTE ORDER MARK}").splitlines(), 1):
        line = line.strip()
        if not line or line[0] in ";#":
            continue
        header = _SECTION.fullmatch(line)
        if header:
            section = header["name"].strip().lower()
            seen = seen or section == "log-filter-data"
            continue
        if section not in ("log-filter", "log-filter-data"):
            continue
        option = _OPTION.fullmatch(line)
        if option is None:
            raise _wrong(source, f"line {number}: must be key=value")
        key, value = option["key"].strip().strip('"'), option["value"].strip().strip('"')
        if section == "log-filter" and key != "default-filter-type":
            continue
        if not fold_key(key) and key != "default-filter-type":
            raise _wrong(source, f"line {number}: the key holds no letter or digit")
        yield number, key, value
    if not seen:
        raise _wrong(source, "it has no section [log-filter-data]")


def _head(name: str, source: str) -> list[str]:
    return [
        f"# Imported from {re.sub(r'[^ -~]', '?', source)}; on top of the rules that come with Caseferry.",
        "format = 1",
        f"name = {_text(name)}",
        "version = 1",
        'extends = "default"',
        'profile = "balanced"',
    ]


def _id(entry: dict[str, Any], number: int, taken: set[str]) -> str:
    given = next((entry[field] for field in ("name", "id") if isinstance(entry.get(field), str)), "")
    rule = re.sub(r"[^a-z0-9]+", "-", given.lower()).strip("-")[:48]
    rule = rule if rule and rule[0].isalpha() else f"pattern-{rule or number + 1}"
    return rule if rule not in taken else f"{rule}-{number + 1}"


def _kind(entry: dict[str, Any], source: str, where: str) -> Kind:
    try:
        return Kind(str(entry.get("kind", "CUSTOM")).upper())
    except ValueError:
        raise _wrong(source, f"{where}.kind: must be one of {', '.join(Kind)}") from None


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_text(text) for text in dict.fromkeys(texts)) + "]"


def _wrong(source: str, what: str) -> InputError:
    return InputError(
        "This cannot be imported as rules",
        happened=f"{source}, {what}.",
        todo="Correct it; docs/masking-rules.md says what can be imported.",
        code="CF-1152",
    )
