"""Values of a site that are masked wherever they stand: its hosts, domains, agents, numbers and subnets.

They come from a list the admin keeps (TOML or CSV) or from the headers of the logs themselves.
"""

from __future__ import annotations

import io
import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import app.logs
from app.domain.errors import InputError
from app.masking.face import Kind

FIELDS: Mapping[str, Kind] = {
    "hosts": Kind.HOST,
    "domains": Kind.HOST,
    "agents": Kind.USER,
    "names": Kind.NAME,
    "numbers": Kind.TEL,
    "mails": Kind.MAIL,
    "addresses": Kind.IP,
}
"""Kind of the values of each list."""
SUBNETS = "subnets"
MOST_VALUES = 20_000
_SHORTEST, _LONGEST = 3, 256


@dataclass(frozen=True, slots=True)
class SiteValues:
    """Values with their kinds, and networks in CIDR form."""

    known: tuple[tuple[Kind, str], ...] = ()
    subnets: tuple[str, ...] = ()


class WrongValue(ValueError):
    """A value that cannot be one of a site; its text says why, and holds no value."""


def site_values(lists: Mapping[str, Iterable[str]]) -> SiteValues:
    """Check lists of values by field.

    Raises:
        WrongValue: one of them cannot be used; `args[1]` is the field.
    """
    known: dict[tuple[Kind, str], None] = {}
    subnets: dict[str, None] = {}
    for field, values in lists.items():
        for place, value in enumerate(values, 1):
            try:
                if field == SUBNETS:
                    subnets[str(ipaddress.ip_network(value.strip(), strict=False))] = None
                else:
                    known[(FIELDS[field], _value(field, value))] = None
            except ValueError as fault:
                why = str(fault) if isinstance(fault, WrongValue) else "is not a network in CIDR form"
                raise WrongValue(f"its value {place} {why}", field) from None
    if len(known) > MOST_VALUES:
        raise WrongValue(f"more than {MOST_VALUES} values", next(iter(lists)))
    return SiteValues(tuple(known), tuple(subnets))


def read_site_values(path: Path) -> SiteValues:
    """Read a list: TOML with the fields ``hosts``, ``agents`` …, or CSV of the columns field and value.

    Raises:
        InputError: it cannot be read (``CF-1150``), or something in it is not right (``CF-1151``).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise InputError(
            "The list of site values cannot be read",
            happened=f"{path.name}: {reason or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1150",
        ) from None
    return _of_csv(path.name, text) if path.suffix.lower() == ".csv" else _of_toml(path.name, text)


def site_values_of_logs(paths: Iterable[Path]) -> SiteValues:
    """The hosts that wrote these logs, as their headers say. Files that cannot be read are passed over."""
    hosts: dict[str, None] = {}
    for path in paths:
        try:
            with path.open("rb") as stream:
                host = app.logs.describe(io.BytesIO(stream.read(256 * 1024)), file_name=path.name).host
        except OSError:
            continue
        if len(host) >= _SHORTEST and not host.startswith("<"):
            hosts[host] = None
    return site_values({"hosts": sorted(hosts)})


def site_values_toml(values: SiteValues) -> str:
    """The list as TOML; what `read_site_values` reads."""
    lists: dict[str, list[str]] = {}
    for kind, value in values.known:
        field = next(name for name, of in FIELDS.items() if of is kind)
        lists.setdefault(field, []).append(value)
    lists[SUBNETS] = list(values.subnets)
    lines = ["# Values of this site: masked wherever they stand. This file is personal: keep it here."]
    lines += [f"{field} = {json.dumps(each, ensure_ascii=False)}" for field, each in lists.items() if each]
    return "\n".join(lines) + "\n"


def _value(field: str, value: str) -> str:
    text = " ".join(value.split())
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise WrongValue(f"must have {_SHORTEST} to {_LONGEST} characters")
    if not any(char.isalnum() for char in text) or not text.isprintable():
        raise WrongValue("holds no letter or digit, or something that is not printable")
    if field == "addresses":
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise WrongValue("is not an address") from None
    return text.lstrip(".") if field == "domains" else text


def _of_toml(name: str, text: str) -> SiteValues:
    import tomllib  # as for CSV below: most sites have no list

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _wrong(name, f"it is not TOML: {fault}") from None
    for field, values in document.items():
        line = _line_of(text, field)
        if field not in FIELDS and field != SUBNETS:
            raise _wrong(name, f"line {line}, field {field}: is not one of {', '.join((*FIELDS, SUBNETS))}")
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise _wrong(name, f"line {line}, field {field}: must be a list of texts")
    try:
        return site_values(document)
    except WrongValue as fault:
        why, field = fault.args
        raise _wrong(name, f"line {_line_of(text, field)}, field {field}: {why}") from None


def _of_csv(name: str, text: str) -> SiteValues:
    import csv

    rows = csv.reader(io.StringIO(text), strict=True)
    lists: dict[str, list[str]] = {}
    try:
        for row in rows:
            if not row or row == ["field", "value"]:
                continue
            if len(row) != 2:
                raise _wrong(name, f"line {rows.line_num}: must have two columns, field and value")
            field, value = row[0].strip(), row[1]
            if field not in FIELDS and field != SUBNETS:
                known = ", ".join((*FIELDS, SUBNETS))
                raise _wrong(name, f"line {rows.line_num}, column field: is not one of {known}")
            try:
                site_values({field: [value]})
            except WrongValue as fault:
                why = str(fault.args[0]).removeprefix("its value 1 ")
                raise _wrong(name, f"line {rows.line_num}, column value: {why}") from None
            lists.setdefault(field, []).append(value)
    except csv.Error as fault:
        raise _wrong(name, f"line {rows.line_num}: {fault}") from None
    try:
        return site_values(lists)
    except WrongValue as fault:
        raise _wrong(name, f"column value: {fault.args[0]}") from None


def _line_of(text: str, field: str) -> int:
    for place, line in enumerate(text.splitlines(), 1):
        if line.split("=")[0].strip().strip("\"'") == field or line.strip().strip("[]") == field:
            return place
    return 1


def _wrong(name: str, what: str) -> InputError:
    return InputError(
        "The list of site values is not right",
        happened=f"{name}, {what}.",
        todo="Correct it; docs/masking-rules.md shows a list.",
        code="CF-1151",
    )
