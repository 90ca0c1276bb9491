"""Cards, bank accounts, national ids and telephone numbers by their shape, each with its validator."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.masking.areas import AREA, area_numbers
from app.masking.bound import NUMBERS
from app.masking.bracketed import BRACKETED, WRITTEN, bracketed_numbers
from app.masking.checkedids import CHECKED, checked_ids
from app.masking.escapes import BEHIND, ends_at
from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.spans import Span

_CARD = Pattern(
    rb"(?:(?<![\w.+/=-])|"
    + BEHIND
    + rb")[2-6]\d{3}(?:\d{9,15}|([ -])\d{4}\1\d{4}\1\d{1,7}|([ -])\d{6}\2\d{4,5})(?![\w/=]|[.-]\w)"
)
_FIELD = Pattern(
    rb"(?<![\w.-])(?:F|DE|P|BM|[Ff]ield|[Bb]it)[ _-]?0{0,2}2[=:] ?(?P<card>[2-6]\d{12,18})(?![\w.=/-])",
)
"""``F2=4532015112830366``, ``DE002: …``: the field of ISO 8583 that holds a card."""
_OF_PATH = Pattern(
    rb"(?<![\w-])(?:customers?|patients?|Patient|members?|subscribers?|policyholders?|kunden|clientes|contacts?)"
    rb"/(?P<id>[A-Za-z]{1,4}-?\d{5,12})(?=[/?&\s\"'#;,)\]]|\Z)",
)
"""``/customers/K-0081733/address``, ``Patient/pat-0044170``: letters and a number."""
_TRACK = Pattern(rb"(?<![\w.])(?P<card>[2-6]\d{12,18})=\d\d(?:0[1-9]|1[0-2])\d{3,20}(?!\w)")
"""``4532015112830366=28112011000041700000``: the second track of a card."""
_IBAN = Pattern(
    rb"(?:(?<![A-Za-z0-9_/-])|"
    + BEHIND
    + rb")[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9_])"
)
_SSN = Pattern(
    rb"(?:(?<![\w.+/-])|" + BEHIND + rb")(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w/-]|\.\d)"
)
_PLUS = Pattern(
    rb"(?:\+|\\u002[Bb])"
    rb"(?P<number>[1-9]\d{6,14}(?![\w])|[1-9]\d{0,2}(?:[ ./-]?(?:\(\d{1,5}\)|\d{1,12})){1,6})"
)
"""Also with the sign as .NET writes it in JSON."""
_ENCODED_PLUS = Pattern(rb"%2[bB]([1-9]\d{6,14})(?!\d)", words=(b"%2b", b"%2B"))
_NANP = Pattern(
    rb"(?:(?<![\w.+/:=-])|"
    + BEHIND
    + rb")(?:\+?1[-. ])?(?:\([2-9]\d\d\) ?[2-9]\d\d[-. ]|[2-9]\d\d([-.])[2-9]\d\d\1)\d{4}(?![\w/:-]|\.\d)"
)
_RUN = Pattern(rb"(?<=[ '\"#])(?:\d{1,2},(?=0|[2-9]\d{9}))?\+?[(\d]\d[\d ().-]{4,22}\d(?![\w.-])")
_CALLED_BEFORE = Pattern(
    rb"(?i)\b(?:call(?:ed|er|ing|back)|(?:call(?:ed|ing)|alerting|answering)device"
    rb"|(?:call(?:[ -]?back| (?:me|us|him|her) back)?|anruf|r\xc3\xbcckruf|gespr\xc3\xa4ch|appel|llamada"
    rb"|chiamata|telefonata|appel (?:entrant|sortant)|llamada (?:entrante|saliente)"
    rb"|chiamata in (?:arrivo|entrata|uscita)|chamada (?:recebida|efetuada)|opkald|samtal|anrop|puhelu"
    rb"|telefonat|po\xc5\x82\xc4\x85czenie(?: (?:przy|wy)chodz\xc4\x85ce)?|sms (?:enviado|inviato)"
    rb"|liga\xc3\xa7\xc3\xa3o|chamada|oproep|message|sms) (?:(?:me|us|him|her) (?:on|at)|for|from|to|on|at"
    rb"|von|an|f\xc3\xbcr|de|\xc3\xa0|al?|da|di|do|para|van|naar|voor|verso?|od|fra|till?|au|fr\xc3\xa5n)"
    rb"|(?:rout|transferr?|forward|divert|redirect|dial|ring|bridg|connect|deliver|text|sms|sent|sending"
    rb"|reach)[a-z]{0,4}(?: message)?(?: (?:me|us|him|her) (?:on|at)| from| to| at| on)"
    rb"|(?:rout|transferr|forward|divert|redirect)(?:ing|ed)|dial ?string|(?:original)?call(?:ed|ing)number"
    rb"|(?:caller|redirect(?:ing|ed)?|transfer|connected|dialed|callback)number|caller ?id|clid"
    rb"|originalcalled|numer[uz]?|unter|desde|fr\xc3\xa5n|au"
    rb"|(?:tele)?(?:ph|f)on[eo]?(?:nummer)?|t[e\xe9]l|tel\xc3\xa9|msisdn|otherdn|dial(?:l?ed|l?ing)?|mobile?|mobiel|m[o\xf3]vil|m\xc3\xb3vil"
    rb"|cell(?:ulare)?|celular|handy|fax|(?:ruf)?nummer|n[u\xfa]mero|n\xc3\xbamero|num\xc3\xa9ro|anrufer|appelant|ani|cli|dnis"
    rb"|source|destination|dest|party number i = 0x[0-9a-f]{2,6},|peer ?address|subscriber|sender"
    rb"|extension|numbers?|from|to|for|by|von|an|call)"
    rb"(?: numbers?| no| nr| phone|[ -]party| is| ist| es(?: el)?"
    rb"| est(?: le)?| \xc3\xa8| \xc3\xa9| lautet)?"
    rb"\.?[ ]?[:#]?[ ]['\"]?\Z"
)
_WEAK_BEFORE = Pattern(
    rb"(?i)(?:^|[^a-z-])(?:from|to|for|by|von|an|unter|desde|fr\xc3\xa5n|au|call|source|destination|dest"
    rb"|sender|numbers?)[ ]?[:#]?[ ]['\"]?\Z"
)
_WRITTEN = Pattern(
    rb"(?:(?<![\w.:/+-])|"
    + BEHIND
    + rb")(?:00[1-9]\d{0,2}[ /-]\d{2,5}[ /-]\d{5,10}|00 [1-9]\d{0,2} \d{2,5} \d{5,10}"
    rb"|00[1-9]\d{2,5}(?:/\d{4,9}|-\d{6,9})|0[1-9]\d{1,3}/\d{3,8}(?:[ -]\d{1,5}){0,2})(?![\w./:-])"
)
_GROUPS = Pattern(
    rb"(?:(?<![\w.:/+-])|"
    + BEHIND
    + rb")(?<![\d>] )(?<!\b[0-9A-Fa-f]{2} )00[1-9]\d{0,2}(?P<groups>(?: \d{1,5}){3,6})"
    rb"(?![\w./:-]| ?[0-9A-Fa-f]{1,2}(?!\w))",
    words=(b"00",),
)
"""With 00 and blanks alone: ``0044 20 7946 0958``; hex dumps have two digits in each group."""
_INTERNATIONAL = Pattern(
    rb"(?:(?<![\w.:/+=-])|" + BEHIND + rb")00(?:[2-9]\d{9,12}|1[2-9]\d\d[2-9]\d{6})(?![\w/:=-]|\.\w)",
    words=(b"00",),
)
"""In one run: ``0049891234567``; counters that begin with noughts have three of them, or are shorter."""
_PAIRS = Pattern(
    rb"(?:(?<![\w.:/+=-])|"
    + BEHIND
    + rb")(?<![\d>] )(?<!\b[0-9A-Fa-f]{2} )0[1-9](?P<mark>[ .])\d\d(?:(?P=mark)\d\d){3}"
    rb"(?![\w/:-]|[. ]?[0-9A-Fa-f]{1,2}(?!\w))"
)
"""As in France: ``04 67 27 76 38``, ``04.67.27.76.38``."""
_IN_ANGLES = Pattern(
    rb"(?:\"[ ]?<(?P<number>\+?\d{7,15}|9011\d{12,14})>|<(?P<caller>\+?\d{7,15}|9011\d{12,14})>->)",
    words=(b'"', b">->"),
)
_BETWEEN = Pattern(rb"\((?P<from>\+?\d{3,15}) -> (?P<to>\+?\d{3,15})\)", words=(b" -> ",))
"""``RequestRouteCall: (7021 -> 4930901820417)``."""
_ARROWED = Pattern(
    rb"(?:(?<![\w.:/+=-])|"
    + BEHIND
    + rb")(?:(?:\+|00)\d{7,14} -> (?P<to>[1-9]\d{9,14}|0[1-9]\d{9,13})(?![\w.:/=-])"
    rb"|(?P<from>[1-9]\d{9,14}|0[1-9]\d{9,13}) -> (?=(?:\+|00)\d{7,14}(?!\w)))",
    words=(b" -> ",),
)
"""``+4930901820417 -> 14155550143``: the other one is a number, too."""
_DIALLED = Pattern(rb"(?<=>->)\d{7,15}(?= in context)", words=(b">->",))
_IN_PATH = Pattern(
    rb"/(?P<what>customer|contact|caller|person|subscriber|account|member|patient|phone|number|msisdn|ani|client|user|party)(?:e?s)?"
    rb"/(?P<value>(?:\+|%2[bB])?\d{6,15})(?=[/?#\s\"'&;,]|\Z)",
    words=(
        b"/customer",
        b"/contact",
        b"/caller",
        b"/person",
        b"/subscriber",
        b"/account",
        b"/member",
        b"/patient",
        b"/phone",
        b"/number",
        b"/msisdn",
        b"/ani",
        b"/client",
        b"/user",
        b"/party",
    ),
)
_EXECUTING = Pattern(rb"(?:(?<=Executing \[)|(?<= for \[))\d{7,15}(?=@)", words=(b"Executing [", b" for ["))
_CHANNEL = Pattern(
    rb"(?<![\w/.-])(?:(?:PJ)?SIP(?:/[A-Za-z][\w.-]{0,63})?|IAX2|Local|DAHDI/[gGrRiI]\d{1,3}|sofia/[\w.-]{1,64}(?:/[\w.-]{1,64})?)"
    rb"/(?P<number>\+?\d{7,15})(?=[@/,;\"'&)\s\]-]|\Z)",
    words=(b"SIP/", b"IAX2/", b"Local/", b"DAHDI/", b"sofia/"),
)
"""The other party of a channel: ``PJSIP/4930901820417@trunk``, ``sofia/external/+4930…@10.1.2.3``."""
_RECORDED = Pattern(
    rb"(?<=[\w-]-)\+?(?P<number>\d{7,15})(?=-(?:\+?\w{1,20}-)?20\d{6}-\d{6}-\d{10}(?!\d))", words=(b"-20",)
)
"""The parties in the name of a recording: ``in-4930901820417-102-20260301-105533-1772359533.12.wav``."""
_PATHS_OF_NUMBERS = frozenset(
    {b"phone", b"number", b"msisdn", b"ani", b"caller", b"subscriber", b"party", b"contact"}
)

_CALLABLE = 10
"""Digits of a number without a sign before it, at least."""

_IBAN_LENGTH = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Length of an IBAN by country (SWIFT IBAN registry)."""


def is_card(digits: str) -> bool:
    """Whether a run of digits has an issuer's prefix, that issuer's length and a right check digit.

    Visa (13, 16, 19), Mastercard (16), American Express (15), Discover (16), Diners (14), JCB (16), Maestro
    (16-19).
    """
    size, two, four, six = len(digits), int(digits[:2]), int(digits[:4]), int(digits[:6])
    issued = (
        (digits[0] == "4" and size in (13, 16, 19))
        or (size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))
        or (size == 15 and two in (34, 37))
        or (size == 16 and (four == 6011 or two == 65 or 644 <= four // 10 <= 649 or 622126 <= six <= 622925))
        or (size == 14 and (300 <= four // 10 <= 305 or two in (36, 38)))
        or (size == 16 and 3528 <= four <= 3589)
        or (16 <= size <= 19 and four in (5018, 5020, 5038, 6304, 6759, 6761, 6762, 6763))
    )
    return issued and luhn(digits)


def luhn(digits: str) -> bool:
    """The check sum of ISO/IEC 7812."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether text without spaces is an IBAN: its country's length, and 1 modulo 97 (ISO 13616)."""
    if _IBAN_LENGTH.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def cards(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Card numbers, in one run or grouped as on the card."""
    for match in _CARD.finditer(buffer):
        digits = match[0].replace(b" ", b"").replace(b"-", b"").decode("ascii")
        grouped = len(digits) != match.end() - match.start()
        if grouped and not (match[2] and len(digits) in (14, 15)) and len(digits) not in (16, 19):
            continue
        if is_card(digits):
            yield Span(*match.span(), order, kind, "card", None, True)
    for match in _FIELD.finditer(buffer):
        if is_card(match["card"].decode("ascii")):
            yield Span(*match.span("card"), order, kind, "card", None, True)
    for match in _TRACK.finditer(buffer):
        if is_card(match["card"].decode("ascii")):
            yield Span(*match.span(), order, kind, "card", None, True)


def ibans(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Bank account numbers, in one run or in groups of four."""
    for match in _IBAN.finditer(buffer):
        text = match[0]
        length = _IBAN_LENGTH.get(text[:2].decode("ascii"))
        if length is None:
            continue
        compact = text.replace(b" ", b"")
        if len(compact) > length and b" " in text:  # a word behind it fits the grouping
            text = text[: length + (length - 1) // 4]
            compact = text.replace(b" ", b"")
        if is_iban(compact.decode("ascii")):
            yield Span(match.start(), match.start() + len(text), order, kind, "iban", None, True)


_BIRTH = Pattern(
    rb"(?i)\b(?:dob|birth|born(?: on)?|geboren(?: am| op)?|nacid[oa] el|nat[oa] il|geburtsdatum|birthday"
    rb"|geb\.(?: am)?|ur\.)(?: is| ist)?[ ]"
    rb"(?P<date>\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d"
    rb"|\d{1,2}(?:\.|st|nd|rd|th)? (?:of |de )?[a-z\x80-\xff]{3,12},? (?:de )?(?:19|20)\d\d"
    rb"|[a-z]{3,12} \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d)(?!\w)",
    words=(
        b"dob",
        b"birth",
        b"born",
        b"geboren",
        b"nacido el",
        b"nacida el",
        b"nato il",
        b"nata il",
        b"geburtsdatum",
        b"geb.",
        b"ur.",
    ),
    any_case=True,
)
_FOUR = Pattern(rb"\d{4}|\d\d? \d\d? \d|[A-Z]\d\d[A-Z]\d")
_ID_IN_WORDS = Pattern(
    rb"(?i)\b(?:otp(?: code)?|one[ -]time (?:code|pass(?:code|word))|verification code|passport|nino"
    rb"|national insurance|ssn|social security|sin|tax id|tax|employee|driver'?s? licen[cs]e|id card"
    rb"|identity card"
    rb"|reisepass|personalausweis|dni|nif|nie|pesel|bsn|cpf|codice fiscale|personnummer|aadhaar"
    rb"|imei|imsi|iccid"
    rb"|tc kimlik(?: no| numaram| numaras\xc4\xb1)?|steuer-?id|policy|contract|membership|account|customer"
    rb"|(?:your|votre|ihr) (?:pin|tan|otp|code)"
    rb"|klantnummer|polisnummer|contractnummer|polizza|poli[zs]a|contrat(?:t?o)?|umowa|securite sociale"
    rb"|(?:security|access|login) code|codice cliente|numer klienta|numero (?:de )?clien(?:te|t)"
    rb"|kundennummer|kontonummer|kundennr\.?|kontonr\.?|vertragsnummer|vertragsnr\.?)"
    rb"(?: number| no\.?| nr\.?| num\.?| id)?(?: is| ist| es| est| lautet| \xc3\xa8| \xc3\xa9| \xc3\xa4r"
    rb"| to| er)?"
    rb"[ ]?[:#]?[ ]['\"]?"
    rb"(?P<id>(?=[A-Z0-9. -]{0,12}\d)[A-Z0-9][A-Z0-9.-]{1,19}"
    rb"(?: (?=[A-Z]?\d|(?-i:[A-Z])\b)[A-Z0-9]{1,6}){0,5})(?![\w@:=-])",
    words=(
        b"otp",
        b"one time ",
        b"one-time ",
        b"verification code",
        b"passport",
        b"nino",
        b"national insurance",
        b"ssn",
        b"social security",
        b"sin",
        b"tax",
        b"employee",
        b"licen",
        b"id card",
        b"identity card",
        b"reisepass",
        b"personalausweis",
        b"dni",
        b"nif",
        b"nie",
        b"pesel",
        b"bsn",
        b"cpf",
        b"codice fiscale",
        b"personnummer",
        b"aadhaar",
        b"imei",
        b"imsi",
        b"iccid",
        b"tc kimlik",
        b"steuerid",
        b"steuer-id",
        b"policy",
        b"contract",
        b"membership",
        b"account",
        b"customer ",
        b"customer:",
        b"customer#",
        b"your ",
        b"votre ",
        b"ihr ",
        b"kundenn",
        b"konton",
        b"vertragsn",
        b"klantn",
        b"polisn",
        b"poli",
        b"contrat",
        b"umowa",
        b"securite ",
        b" code",
        b"codice ",
        b"klienta",
        b"numero ",
    ),
    any_case=True,
)
SEEN = {
    "card": ((_CARD,), (_FIELD,), (_TRACK,)),
    "iban": ((_IBAN,),),
    "national-id": ((_SSN,), (_OF_PATH,), (_BIRTH,), (_ID_IN_WORDS,), (CHECKED,)),
    "phone": (
        (_PLUS,), (_ENCODED_PLUS,), (_NANP,), (_WRITTEN,), (_GROUPS,), (AREA,), (_INTERNATIONAL,), (_PAIRS,),
        (_IN_ANGLES,), (BRACKETED,), (WRITTEN,), (_DIALLED,), (_ARROWED,), (_BETWEEN,), (_IN_PATH,),
        (_CHANNEL,), (_RECORDED,), (_EXECUTING,), (_CALLED_BEFORE, _RUN),
        *((each,) for each in NUMBERS),
    ),
}  # fmt: skip
"""As `app.masking.text.SEEN`."""


def national_ids(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Social security numbers of the United States in their written form."""
    for match in _SSN.finditer(buffer):
        yield Span(*match.span(), order, kind, "national-id", None, True)
    for start, end in checked_ids(buffer):
        yield Span(start, end, order, kind, "national-id", None, True)
    for match in _OF_PATH.finditer(buffer):
        yield Span(*match.span("id"), order, kind, "id-in-words", None, True)
    for match in _BIRTH.finditer(buffer):
        yield Span(*match.span("date"), order, Kind.BIRTH, "id-in-words", None, False)
    for match in _ID_IN_WORDS.finditer(buffer):
        start, end = match.span("id")
        value = buffer[start:end]
        if sum(48 <= c <= 57 for c in value) >= 5 and not value.islower() and _FOUR.search(value):
            yield Span(start, end, order, kind, "id-in-words", None, True)


def _in_brackets(match: re.Match[bytes]) -> bytes:
    """Digits without what a bracket opens that nothing closes: ``65200 (42 …``, ``call (1677 …``."""
    number = match[0]
    opened = number.rfind(b"(")
    closed = number.find(b")", opened) >= 0 or (
        opened == 0 and match.string[match.end() : match.end() + 1] == b")"
    )
    return number if opened < 0 or closed else number[:opened].rstrip(b" .-(")


def phones(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Telephone numbers: E.164 in any grouping, the North American form, digits behind words of calling.

    Bare runs of digits count only behind such a word: times since 1970 have the same shape.
    """
    if b"+" in buffer or b"\\u002" in buffer:
        for match in _PLUS.finditer(buffer):
            before = buffer[match.start() - 1 : match.start()] if match.start() else b""
            if before in (b"/", b"+", b")") or (before.isalnum() and not _may_stand(buffer, match.start())):
                continue
            end = match.end()
            digits = sum(48 <= c <= 57 for c in match["number"])
            if (
                7 <= digits <= 15
                and buffer[end : end + 1] not in (b"_", b"=")
                and not buffer[end : end + 1].isalpha()
            ):
                yield Span(match.start(), end, order, kind, "phone", None, True)
    for match in _ENCODED_PLUS.finditer(buffer):
        yield Span(*match.span(), order, kind, "phone", None, True)
    for match in _NANP.finditer(buffer):
        yield Span(*match.span(), order, kind, "phone", None, True)
    yield from _written(buffer, order, kind)
    places = (match.span("number") for pattern in NUMBERS for match in pattern.finditer(buffer))
    for place in dict.fromkeys(places):
        yield Span(*place, order, kind, "phone", None, True)
    for match in _RUN.finditer(buffer):
        number, start = _in_brackets(match), match.start()
        digits = sum(48 <= c <= 57 for c in number)
        most = 18 if number.startswith(b"9011") else 15  # an outside line of North America
        if 7 <= digits <= most and not _looks_like_time(number) and _is_called(buffer, start, digits):
            yield Span(start, start + len(number), order, kind, "phone-in-words", None, True)


_TIME = Pattern(
    rb"(?:19|20)\d\d[-.]?(?:0[1-9]|1[0-2])[-.]?[0-3]\d|1[4-9]\d{8}(?:\d{3})?$|\d+\.\d+\.\d+\.\d+|\d+\.\d+$"
    rb"|[0-9 ]*$(?<=\d \d)|[1-9]\d{7,8}-\d+$"
)


_OUTSIDE = Pattern(rb"['\"]\d{1,5}\Z")


def _written(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Numbers with 00 or in the way they are written on paper, in angles behind a name, and in paths."""
    for match in _WRITTEN.finditer(buffer):
        if sum(48 <= c <= 57 for c in match[0]) >= 8:
            yield Span(*match.span(), order, kind, "phone", None, True)
    for match in _GROUPS.finditer(buffer):
        parts = match["groups"].split()
        digits = sum(48 <= c <= 57 for c in match[0])
        if 12 <= digits <= 17 and any(len(part) != 2 for part in parts):
            yield Span(*match.span(), order, kind, "phone", None, True)
    yield from _together(buffer, order, kind)
    for match in _IN_ANGLES.finditer(buffer):
        yield Span(*match.span(match.lastgroup or 0), order, kind, "phone", None, True)
    yield from _between(buffer, order, kind)
    for pattern in (_DIALLED, _EXECUTING):
        for match in pattern.finditer(buffer):
            yield Span(*match.span(), order, kind, "phone", None, True)
    for match in _CHANNEL.finditer(buffer):
        yield Span(*match.span("number"), order, kind, "phone", None, True)
    for match in _RECORDED.finditer(buffer):
        yield Span(*match.span("number"), order, kind, "phone", None, True)
    for match in _IN_PATH.finditer(buffer):
        value = match["value"]
        if match["what"] == b"contact" and value[:1] in b"123456789" and len(value) < _CALLABLE:
            continue  # the id of a record
        found = (
            kind
            if match["what"] in _PATHS_OF_NUMBERS or not value.isdigit() or value[:1] == b"0"
            else Kind.ID
        )
        yield Span(*match.span("value"), order, found, "path", None, True)


def _together(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Numbers with 00 in one run, in pairs, and beside another number with an arrow between them."""
    for span in bracketed_numbers(buffer):
        yield Span(*span, order, kind, "phone", None, True)
    for place in area_numbers(buffer):
        yield Span(*place, order, kind, "phone", None, True)
    for match in _INTERNATIONAL.finditer(buffer):
        yield Span(*match.span(), order, kind, "phone", None, True)
    for match in _PAIRS.finditer(buffer):
        pairs = [match[0][at : at + 2] for at in range(0, len(match[0]), 3)]
        if pairs != sorted(pairs):  # 01 02 03 04 05
            yield Span(*match.span(), order, kind, "phone", None, True)
    for match in _ARROWED.finditer(buffer):
        yield Span(*match.span(match.lastgroup or 0), order, kind, "phone", None, True)


def _between(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    """Both numbers beside an arrow."""
    for match in _BETWEEN.finditer(buffer):
        for name in ("from", "to"):
            if len(match[name].lstrip(b"+")) >= 7 and not _looks_like_time(match[name]):
                yield Span(*match.span(name), order, kind, "phone", None, True)


def _may_stand(buffer: bytes, at: int) -> bool:
    """Whether an escape or the digits of an outside line in quotes stand before: ``'9011+442079460958'``."""
    return ends_at(buffer, at) or _OUTSIDE.search(buffer, max(0, at - 6), at) is not None


def _is_called(buffer: bytes, start: int, digits: int) -> bool:
    """Whether words of calling stand before a number; ``from 41555501`` counts bytes."""
    before = buffer[max(0, start - 40) : start]
    if not _CALLED_BEFORE.search(before):
        return False
    if not _WEAK_BEFORE.search(before):
        return True
    first = buffer[start : start + 3]
    return digits >= (8 if first[:1] in b"0+(" and first != b"000" else 10)


def _looks_like_time(text: bytes) -> bool:
    return _TIME.match(text) is not None and not text.startswith(b"+")
