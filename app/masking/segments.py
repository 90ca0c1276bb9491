"""Values by their place: segments of HL7, visiting cards (vCard), headers of mails, what servers assign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.notations import Judge, Place, RuleOf
from app.masking.patterns import Pattern
from app.masking.spans import Span

SEGMENT = Pattern(
    rb"(?:(?<![\w\x80-\xff])|(?<=\\[rn]))(?P<name>PID|NK1|GT1|IN1|PV1)\|",
    words=(b"PID|", b"NK1|", b"GT1|", b"IN1|", b"PV1|"),
)
_SEGMENT_ENDS = Pattern(rb"[\r\n]|\\[rn]|(?<!\")\"(?!\")")
_LONGEST_SEGMENT = 2048
_NAMES, _ADDRESS, _DOCTOR = (1, 2, 3), (1, 3, 5), (2, 3, 4)
_FIELDS: dict[bytes, dict[int, tuple[bytes, tuple[int, ...]]]] = {
    b"PID": {
        **dict.fromkeys((2, 3, 4, 18, 20, 21), (b"patient_id", (1,))),
        **dict.fromkeys((5, 6, 9), (b"patient_name", _NAMES)),
        7: (b"birth_date", (1,)),
        11: (b"home_address", _ADDRESS),
        **dict.fromkeys((13, 14), (b"phone_number", (1,))),
        19: (b"ssn", (1,)),
    },
    b"NK1": {
        2: (b"patient_name", _NAMES),
        4: (b"home_address", _ADDRESS),
        **dict.fromkeys((5, 6), (b"phone_number", (1,))),
    },
    b"GT1": {
        3: (b"patient_name", _NAMES),
        5: (b"home_address", _ADDRESS),
        **dict.fromkeys((6, 7), (b"phone_number", (1,))),
        8: (b"birth_date", (1,)),
        12: (b"ssn", (1,)),
    },
    b"IN1": {
        16: (b"patient_name", _NAMES),
        18: (b"birth_date", (1,)),
        19: (b"home_address", _ADDRESS),
        36: (b"patient_id", (1,)),
    },
    b"PV1": dict.fromkeys((7, 8, 9, 17), (b"patient_name", _DOCTOR)),
}
"""By segment and field: the key its values would have, and which components are values."""

CARD_LINE = Pattern(
    rb"^(?:item\d{1,2}\.)?(?P<name>N|FN|ADR|TEL)(?=[:;])",
    re.MULTILINE,
    words=(b"N:", b"N;", b"ADR:", b"ADR;", b"TEL:", b"TEL;"),
)
_LONGEST_LINE = 1024
_LOOK_BACK = 512
_CARD_PARTS: dict[bytes, tuple[bytes, tuple[int, ...]]] = {
    b"N": (b"customer_name", (0, 1, 2)),
    b"FN": (b"customer_name", ()),
    b"ADR": (b"home_address", (2, 3, 5)),
    b"TEL": (b"phone_number", ()),
}

ASSIGNED = Pattern(
    rb"(?<!\w)var_assign (?P<name>[A-Za-z_][\w.$-]{0,63})\|(?P<value>[^\r\n|]{1,512})",
    words=(b"var_assign ",),
)
BARRED = Pattern(
    rb"(?<![\w.\x80-\xff-])(?P<name>prompt_play|prompt_text|tts_text|asr_trace|asr_result|asr_text|nlu_text|utterance|transcript)"
    rb"\|(?![a-z]{1,8}:/|/)(?P<value>[^\s|]{1,64}[ ][^\r\n|]{1,1024})",
    words=(b"_play|", b"_text|", b"asr_", b"utterance|", b"transcript|"),
)
ARGUMENT = Pattern(
    rb"\((?P<name>[A-Za-z_][\w.$-]{2,63}), ?(?P<mark>['\"])(?P<value>[^'\"\r\n]{1,256})(?P=mark)\)",
    words=(b",",),
)
CALLING = Pattern(
    rb" Number & Name[ \t]{1,16}(?P<number>\+?[0-9][0-9*#().-]{2,19})[ \t]{1,8}"
    rb"(?!NO-)(?P<name>[^\s0-9][^\r\n\t|;]{1,63})",
    words=(b" Number & Name",),
)
SUBJECT = Pattern(rb"^Subject: (?P<value>[^\r\n]{3,512})(?=\r?$)", re.MULTILINE, words=(b"Subject: ",))
_OF_MAIL = Pattern(
    rb"(?:From|To|Cc|Date|Message-ID|Message-Id|Received|MIME-Version|Return-Path|Reply-To|Sender|Delivered-To|References"
    rb"|In-Reply-To|Thread-Topic|Importance): "
)


def assigned(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Variables of a VoiceXML session as a media control platform shows them: ``var_assign name|value``."""
    for match in ASSIGNED.finditer(buffer):
        yield from _of_key(match["name"], match.span("value"), buffer, rule_of, judge)


def barred(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """What is said behind a bar: ``prompt_play|Guten Tag Frau Major``; the name of a file has no blank."""
    for match in BARRED.finditer(buffer):
        yield from _of_key(b"spoken_text", match.span("value"), buffer, rule_of, judge)


def arguments(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """A key and its value as what a function is given: ``SetCallOption(CallerName, 'Mary Major')``."""
    for match in ARGUMENT.finditer(buffer):
        yield from _of_key(match["name"], match.span("value"), buffer, rule_of, judge)


def calling(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """``Calling Number & Name 4155550143 Mary Major`` in a trace of a switch."""
    for match in CALLING.finditer(buffer):
        yield from _of_key(b"caller_number", match.span("number"), buffer, rule_of, judge)
        yield from _of_key(b"caller_name", match.span("name"), buffer, rule_of, judge)


def subjects(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """The subject among the headers of a mail: the line before it or behind it is one of these, too."""
    for match in SUBJECT.finditer(buffer):
        start, end = match.start(), match.end()
        before = buffer.rfind(b"\n", max(0, start - _LOOK_BACK), max(0, start - 1)) + 1
        behind = buffer.find(b"\n", end, end + 2) + 1
        if (start and _OF_MAIL.match(buffer, before)) or (behind and _OF_MAIL.match(buffer, behind)):
            yield from _of_key(b"mail_subject", match.span("value"), buffer, rule_of, judge)


def _of_key(
    key: bytes, place: tuple[int, int], buffer: bytes, rule_of: RuleOf, judge: Judge
) -> Iterator[Span]:
    rule = rule_of(key)
    span = judge(rule, Place(*place, quoted=True), buffer) if rule is not None else None
    if span is not None:
        yield span


def segments(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Values in the fields of HL7: ``PID|1||4711^^^A||MAJOR^MARY||19610615|…``."""
    taken = 0
    for match in SEGMENT.finditer(buffer):
        if match.start("name") < taken:
            continue
        start = match.end()
        most = min(len(buffer), start + _LONGEST_SEGMENT)
        ends = _SEGMENT_ENDS.search(buffer[start : most + 1], 0, most - start)
        taken = start + ends.start() if ends else most
        if buffer.find(b"^", start, taken) < 0:
            continue
        fields = _FIELDS[match["name"]]
        at = start
        for number, field in enumerate(buffer[start:taken].split(b"|"), 1):
            if number in fields:
                yield from _field(buffer, at, field, fields[number], rule_of, judge)
            at += len(field) + 1


def _field(
    buffer: bytes,
    at: int,
    field: bytes,
    meaning: tuple[bytes, tuple[int, ...]],
    rule_of: RuleOf,
    judge: Judge,
) -> Iterator[Span]:
    key, parts = meaning
    rule = rule_of(key)
    for repeated in field.split(b"~"):
        start = at
        for number, part in enumerate(repeated.split(b"^"), 1):
            if rule is not None and number in parts:
                span = judge(rule, Place(start, start + len(part), quoted=True), buffer)
                if span is not None:
                    yield span
            start += len(part) + 1
        at += len(repeated) + 1


def visiting_cards(buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
    """Names and addresses of a vCard, whose other values have keys: ``N:Major;Mary``, ``FN:Mary Major``."""
    for match in CARD_LINE.finditer(buffer):
        start = match.start()
        begun = buffer.rfind(b"BEGIN:VCARD", max(0, start - _LOOK_BACK), start)
        if begun < 0 or buffer.find(b"END:VCARD", begun, start) >= 0:
            continue
        feed = buffer.find(b"\n", start, start + _LONGEST_LINE)
        end = feed if feed >= 0 else min(len(buffer), start + _LONGEST_LINE)
        line = buffer[start:end].removesuffix(b"\r")
        colon = line.find(b":")
        if colon < 0:
            continue
        key, parts = _CARD_PARTS[match["name"]]
        rule = rule_of(key)
        at = start + colon + 1
        if match["name"] == b"TEL" and line[at - start :].lower().startswith(b"tel:"):
            at += 4
            colon += 4
        values = [line[colon + 1 :]] if not parts else line[colon + 1 :].split(b";")
        for number, value in enumerate(values):
            if rule is not None and (not parts or number in parts):
                span = judge(rule, Place(at, at + len(value), quoted=True), buffer)
                if span is not None:
                    yield span
            at += len(value) + 1
