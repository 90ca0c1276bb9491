"""A name and its value apart: ``- name: SMTP_PASSWORD`` and ``value: …`` below it, systems of FHIR."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.face import Kind
from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

_KEY = rb"[A-Za-z_][\w.-]{0,63}"
ENTRIES = Pattern(
    rb"^(?: {1,32}(?:- )?|- )(?:name: (?P<mark>['\"]?)(?P<key>" + _KEY + rb")(?P=mark)\r?\n {1,34}value: "
    rb"(?:'(?P<single>[^'\r\n]{1,512})'|\"(?P<double>[^\"\\\r\n]{1,512})\""
    rb"|(?P<bare>[A-Za-z0-9_/.+-](?:[^\s'\"]{0,511})))(?=[\r\n]|\Z)"
    rb"|\"name\": \"(?P<named>" + _KEY + rb")\",\r?\n {1,34}\"value\": \"(?P<text>[^\"\\\r\n]{1,512})\")",
    re.MULTILINE,
    words=(b"name: ", b'"name": "'),
)
"""YAML and JSON of Kubernetes, Compose and task definitions."""


SYSTEMS = Pattern(
    rb'"system": ?"(?:[^"\\\r\n]{0,256}[/:#])?(?P<key>[A-Za-z][\w-]{0,40})",(?: ?|\r?\n {1,64})'
    rb'(?:"use": ?"[a-z]{1,16}",(?: ?|\r?\n {1,64}))?"value": ?"(?P<text>[^"\\\r\n]{1,256})"',
    words=(b'"system":',),
)
"""``"system":"phone","value":"…"``, ``"system":"http://…/us-ssn","value":"…"`` of FHIR."""
_OF_SYSTEMS = frozenset({Kind.TEL, Kind.MAIL, Kind.ID})


CLAIM = Pattern(
    rb'(?P<before>"(?:iss|aud|azp|jti)": ?"[^"\\\r\n]{1,128}", ?)?"sub": ?"(?P<text>[^"\\\r\n]{3,128})"'
    rb'(?P<behind>, ?"(?:iss|aud|exp|iat|nbf|name|email|email_verified|preferred_username|given_name'
    rb'|family_name|azp|scope|auth_time|jti|upn)")?',
    words=(b'"sub":',),
)
"""Whom a token is for, beside another of its claims."""
_OF_SUBJECT = Pattern(rb"[^0-9.@|-]{0,127}[0-9.@|-]")


def claimed(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every subject of a token: ``"sub":"248289761001","name":``; a word alone is what a message is about."""
    for match in CLAIM.finditer(buffer):
        beside = match["before"] or match["behind"]
        rule = rule_of(b"username") if beside and _OF_SUBJECT.match(match["text"]) else None
        span = judge(rule, Place(*match.span("text"), quoted=True), buffer) if rule is not None else None
        if span is not None:
            yield span


def coded(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value whose system ends with a key that has a rule."""
    for match in SYSTEMS.finditer(buffer):
        rule = rule_of(match["key"])
        if rule is not None and rule.kind in _OF_SYSTEMS:
            span = judge(rule, Place(*match.span("text"), quoted=True), buffer)
            if span is not None:
                yield span


def entered(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value whose name has a rule."""
    for match in ENTRIES.finditer(buffer):
        rule = rule_of(match["key"] or match["named"])
        group = next(name for name in ("single", "double", "bare", "text") if match[name] is not None)
        span = judge(rule, Place(*match.span(group), quoted=True), buffer) if rule is not None else None
        if span is not None:
            yield span
