"""A name and its value on two lines: ``- name: SMTP_PASSWORD`` and ``value: …`` below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def entered(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Every value whose name has a rule."""
    for match in ENTRIES.finditer(buffer):
        rule = rule_of(match["key"] or match["named"])
        group = next(name for name in ("single", "double", "bare", "text") if match[name] is not None)
        span = judge(rule, Place(*match.span(group), quoted=True), buffer) if rule is not None else None
        if span is not None:
            yield span
