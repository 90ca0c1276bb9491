"""Of which kind a message is: how weighty its writer thought it, as the word behind its stamp tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum


class MessageKind(StrEnum):
    """`MESSAGE` is a stamped line that names none of the others (events of a T-Server, for one)."""

    ALARM = "alarm"
    ERROR = "error"
    WARNING = "warning"
    STANDARD = "standard"
    INTERACTION = "interaction"
    TRACE = "trace"
    DEBUG = "debug"
    MESSAGE = "message"


KIND_WORD = (
    rb"(?: (?:\[[^\]\n]{0,64}\] )?(?:(?:Std|Alr) \d{3,6} (?=(?:WARN|EROR|ERROR|CRIT|FATAL)\b))?"
    rb"(Alr|Alarm|Std|Standard|Int|Interaction|Trc|Trace|TRACE|Dbg|Debug|DEBUG"
    rb"|INFO|WARN|ERROR|EROR|CRIT|FATAL|SEVERE)\b)?"
)
"""What may stand behind a stamp, for a larger expression; its one group is the word of the kind.

GVP writes its own level behind the id of a message (``Std 47006 WARN``): a weightier one counts.
"""

_WORDS = {
    b"Alr": MessageKind.ALARM,
    b"Alarm": MessageKind.ALARM,
    b"FATAL": MessageKind.ALARM,
    b"CRIT": MessageKind.ALARM,
    b"ERROR": MessageKind.ERROR,
    b"EROR": MessageKind.ERROR,
    b"SEVERE": MessageKind.ERROR,
    b"WARN": MessageKind.WARNING,
    b"Std": MessageKind.STANDARD,
    b"Standard": MessageKind.STANDARD,
    b"INFO": MessageKind.STANDARD,
    b"Int": MessageKind.INTERACTION,
    b"Interaction": MessageKind.INTERACTION,
    b"Trc": MessageKind.TRACE,
    b"Trace": MessageKind.TRACE,
    b"TRACE": MessageKind.TRACE,
    b"Dbg": MessageKind.DEBUG,
    b"Debug": MessageKind.DEBUG,
    b"DEBUG": MessageKind.DEBUG,
}
_BEHIND_STAMP = re.compile(rb"[^\s]{8,40}(?: \d\d:\d\d:\d\d[.,\d]*)?" + KIND_WORD)


def kind_of(line: bytes) -> MessageKind:
    """The kind of a stamped line."""
    match = _BEHIND_STAMP.match(line[:160])
    return _WORDS.get(match[1] or b"", MessageKind.MESSAGE) if match else MessageKind.MESSAGE


def count_kinds(words: Iterable[bytes]) -> Counter[MessageKind]:
    """How many messages are of which kind, by the words behind their stamps."""
    found: Counter[MessageKind] = Counter()
    for word, count in Counter(words).items():
        found[_WORDS.get(word, MessageKind.MESSAGE)] += count
    return found
