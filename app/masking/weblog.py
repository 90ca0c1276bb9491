"""Records of IIS: who asked stands between port and address.

Their fields are named at the head of their file only, which the tail of a log does not have.
"""

from __future__ import annotations

import re

from app.masking.patterns import Pattern

_METHODS = (b" GET /", b" POST /", b" PUT /", b" DELETE /", b" HEAD /", b" OPTIONS /", b" PATCH /")
_ASKED = Pattern(
    rb"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
    rb"(?>(?:[^\s]{1,64} ){1,3}?(?:GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) (?=/))"
    rb"[^\s]{1,2048} [^\s]{1,2048} \d{1,5} (?P<user>[A-Za-z][\w.@\\$+-]{1,63})"
    rb"(?= [0-9A-Fa-f:.]{3,45}(?:[ \r\n]|\Z))",
    re.MULTILINE,
    words=_METHODS,
)
"""``2024-03-12 15:40:01 10.0.0.2 GET /desk queue=1 443 CORP\\mohara 198.51.100.7 …``"""
LOGINS = (_ASKED,)
"""Each with the log-in as its group ``user``."""
