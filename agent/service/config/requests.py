"""``[requests]`` and ``[[request_rule]]`` of the agent's configuration: what support may ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agent.requests import DataKind, Decision, RequestRule
from app.domain.errors import InputError
from app.portal import read_request_key
from app.settings import TomlDocument
from app.transfer import Hours, parse_hours

_SIZE = re.compile(r"\A([0-9]{1,7}(?:\.[0-9]+)?)\s*(MB|GB|TB)\Z")
_SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_SPAN = re.compile(r"\A([0-9]{1,5}(?:\.[0-9]+)?)\s*(m|h|d)\Z")
_SPANS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class RequestsTable:
    """``[requests]`` as it stands in the file."""

    enabled: bool = False
    portal_key: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class RequestRuleTable:
    """One ``[[request_rule]]`` as it stands in the file."""

    name: str
    then: Decision
    applications: list[str] = field(default_factory=list)
    largest: str = ""
    longest: str = ""
    kinds: list[DataKind] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    hours: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """Whether and what support may ask for.

    Attributes:
        portal_key: 32 bytes; None when a person agrees to the key.
        account: the combination that this agent belongs to; not looked at when empty.
        rules: the policy, in order.
    """

    enabled: bool = False
    portal_key: bytes | None = None
    account: str = ""
    rules: tuple[RequestRule, ...] = ()


def read_requests(
    document: TomlDocument, read: RequestsTable, rules: Sequence[RequestRuleTable]
) -> RequestSettings:
    """Check the tables.

    Raises:
        InputError: with file, line and field.
    """
    key = None
    if read.portal_key:
        try:
            key = read_request_key(read.portal_key)
        except InputError as error:
            raise document.error(
                "requests", "portal_key", happened="it is no key of a portal.", todo=error.todo
            ) from error
    checked = tuple(_rule(document, rule, index) for index, rule in enumerate(rules))
    seen: set[str] = set()
    for index, rule in enumerate(checked):
        if rule.name in seen:
            raise document.error(
                "request_rule",
                index,
                "name",
                happened="another rule has this name.",
                todo="Give every rule a name of its own.",
            )
        seen.add(rule.name)
    return RequestSettings(enabled=read.enabled, portal_key=key, account=read.account.strip(), rules=checked)


def _rule(document: TomlDocument, rule: RequestRuleTable, index: int) -> RequestRule:
    place = ("request_rule", index)
    if not _NAME.match(rule.name):
        raise document.error(
            *place,
            "name",
            happened="it is not a name.",
            todo="Use up to 64 letters, digits, dots, dashes and underscores.",
        )
    if not all(rule.applications):
        raise document.error(
            *place, "applications", happened="one of them is empty.", todo="Name it, or take it out."
        )
    return RequestRule(
        name=rule.name,
        then=rule.then,
        applications=tuple(rule.applications),
        largest=_size(document, rule.largest, index),
        longest=_span(document, rule.longest, index),
        kinds=frozenset(rule.kinds),
        profiles=tuple(rule.profiles),
        hours=tuple(_hours(document, text, index, number) for number, text in enumerate(rule.hours)),
    )


def _size(document: TomlDocument, text: str, index: int) -> int | None:
    if not text:
        return None
    match = _SIZE.match(text)
    if match is None:
        raise document.error(
            "request_rule",
            index,
            "largest",
            happened="it is not a size.",
            todo="Write a number with a unit: 500MB or 2GB.",
        )
    return int(float(match[1]) * _SIZES[match[2]])


def _span(document: TomlDocument, text: str, index: int) -> timedelta | None:
    if not text:
        return None
    match = _SPAN.match(text)
    if match is None:
        raise document.error(
            "request_rule",
            index,
            "longest",
            happened="it is not a span of time.",
            todo="Write a number with a unit: 30m, 6h or 2d.",
        )
    return float(match[1]) * _SPANS[match[2]]


def _hours(document: TomlDocument, text: str, index: int, number: int) -> Hours:
    try:
        return parse_hours(f"{text} none")
    except InputError as error:
        raise document.error(
            "request_rule",
            index,
            "hours",
            number,
            happened="these are no hours of the week.",
            todo="Write days and times: mon-fri 08:00-18:00.",
        ) from error
