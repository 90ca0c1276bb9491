"""Secrets with brackets in them: ``password=ab[c]9d``, ``password=abc()``; no call (``getpass()``)."""

from __future__ import annotations

from app.masking.patterns import Pattern

_LONGEST = 64
"""Bytes before a bracket, of a secret that has one."""
_MOST = 4
_INSIDE = rb"[^\s()\[\]{}<>'\",;=|&]{0,32}"
_GROUP = Pattern(
    rb"(?:\((?P<round>"
    + _INSIDE
    + rb")\)|\[(?P<square>"
    + _INSIDE
    + rb")\]|\{(?P<curly>"
    + _INSIDE
    + rb")\})"
    rb"(?P<more>[^\s,;&\"'<>()\[\]{}|=]{0,64})"
)
_GOES_ON = Pattern(rb"[^.:/\\>+-]")
"""What does not stand behind a call or a member: ``env(PW).strip``."""
_FUNCTION = Pattern(
    rb"[A-Za-z_$][\w$]*(?:(?:\.|::|->)[\w$]+)+|\w*[A-Za-z0-9]_\w*|\w*[a-z][A-Z]\w*"
    rb"|(?i:(?:get|read|load|gen|make|new|ask|fetch|de(?:crypt|code)|en(?:crypt|code)|hash|prompt|input|rand|uuid|env"
    rb"|next|peek|parse|crypt|create|build|init|find|set|run|call|save|store|check|verify|sign|open|scan|format|trim"
    rb"|split)[a-z]*"
    rb"|md5|sha\d{1,3}|base64|passw(?:or)?d|secret|token|pwd?|value|str|string|bytes|null|none|main|func|function)"
)
"""What calls a function."""
_MIXED = Pattern(rb"[^A-Za-z_.]")
_LETTER = Pattern(rb"[A-Za-z\x80-\xff]")
_WORD = Pattern(rb"[a-z]{4,}")


def behind_brackets(buffer: bytes, start: int, end: int) -> int:
    """Where a secret without quotes ends that begins at `start` and has a bracket at `end`.

    Something stands behind the last bracket, or nothing in it; what is in it may end the secret where other
    signs than letters stand before it, and is no word: ``Summer12(expired)``, ``foo[0]``.
    """
    for _ in range(_MOST):
        group = _GROUP.match(buffer, end) if end - start <= _LONGEST else None
        if group is None or _FUNCTION.fullmatch(buffer, start, end):
            return end
        inside = group["round"] or group["square"] or group["curly"]
        if group["more"]:
            if not _GOES_ON.match(group["more"]):
                return end
        elif inside and not (
            _MIXED.search(buffer, start, end) and _LETTER.search(inside) and not _WORD.fullmatch(inside)
        ):
            return end
        end = group.end()
    return end
