"""Names of people without a key of their own, in what is a person and in what is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from app.masking.bound import CAST, DUPLICATES, PARTIES, SIGNED, TYPED, bound_names
from app.masking.bracketed import BRACKETED, bracketed_names
from app.masking.enclosing import enclosing
from app.masking.face import Kind
from app.masking.farewells import FAREWELL, signing_names
from app.masking.loginsofnames import is_login_of
from app.masking.patterns import Pattern
from app.masking.plausible import FAMILY_FIRST, NOBODY_WHOLE, SMALL, names_nobody
from app.masking.spans import Span
from app.masking.typographic import TYPOGRAPHIC

_NAME_KEY = Pattern(
    rb"(?<![\w.-])(?:(?:[pvil]|in)_(?=name)|)(?:name|Name|NAME|first|last|full|given|family|middle|display)(?:\\{0,8}[\"'])?"
    rb"[ \t]{0,4}(?::=?|=>?)[ \t]{0,4}(?:[uUbB](?=['\"]))?"
    rb"(?:\\{0,8}\"(?P<dq>(?:[^\"\\\r\n]|\\u[0-9A-Fa-f]{4})(?:[^\"\\\r\n]|\\[^\"\r\n]){0,255})|'(?P<sq>(?:[^'\r\n]|'(?=\w)){1,256})"
    rb"|"
    + TYPOGRAPHIC
    + rb"(?P<bare>(?:[A-Z\x80-\xff]|%(?=[C-E][0-9A-F]%[89AB][0-9A-F]))[^\s,;&\"<>()\[\]{}|=]{0,191}(?: "
    + SMALL
    + rb"(?!HTTP/)[A-Z\x80-\xff][^\s,;&\"<>()\[\]{}|=]{0,63}){0,3})))",
    words=(b"ame", b"NAME", b"first", b"last", b"full", b"given", b"family", b"middle", b"display"),
)
_LABEL_BEHIND = Pattern(rb" [^ :]{1,191}:[^ ]")
_WRAPPED = Pattern(rb"\((?P<mark>[\"'])(?P<text>[^\"'\\\r\n]{1,128})(?P=mark)\)")
"""What stands in a wrapper: ``Some("…")``."""
_SPOKEN = rb"[A-Z\x80-\xff](?>(?:[A-Za-z\x80-\xff]|['-](?=[A-Za-z\x80-\xff])){1,40})(?![\w@=]|[:.(\[/\\-]\S)"
_BEFORE = rb"(?!d(?:er|em|es|as) )" + SMALL
"""Those before one: ``Mevrouw de Vries``; ``Herr der Ringe`` names nobody."""
_INTRODUCED = Pattern(
    rb"(?i:\bmy name is|\bmein name ist|\bmi nombre es|\bje m'appelle|\bme (?:llamo|chamo)|\bmi chiamo"
    rb"|\bmijn naam is|\bik heet|\bich hei(?:ss|\xc3\x9f)e|\bjag heter|\bjeg he(?:ter|dder)"
    rb"|\bmeu nome \xc3\xa9|\bil mio nome \xc3\xa8|\bnazywam si\xc4\x99"
    rb"|\bbenim ad\xc4\xb1m|\bmitt namn \xc3\xa4r|\bmitt? navn er|\bnimeni on|\bjmenuji se|\ba nevem"
    rb"|\bm\xc4\x83 numesc"
    rb"|\b(?:hello|hi|good (?:morning|afternoon|evening|day))[,.!]? this is)"
    rb" (?P<name>" + _BEFORE + _SPOKEN + rb"(?: " + SMALL + _SPOKEN + rb"){0,2})",
    words=(
        b"my name is",
        b"mein name ist",
        b"mi nombre es",
        b"je m'appelle",
        b"me llamo",
        b"me chamo",
        b"mi chiamo",
        b"mijn naam is",
        b"ik heet",
        b"ich hei",
        b"jag heter",
        b"jeg he",
        b"meu nome ",
        b"il mio nome ",
        b"nazywam si",
        b"benim ad",
        b"mitt namn ",
        b"mit navn er",
        b"mitt navn er",
        b"nimeni on",
        b"jmenuji se",
        b"a nevem",
        b" numesc",
        b"this is",
    ),
    any_case=True,
)
_TITLED = Pattern(
    rb"\b(?:Herrn?|Frau|Madame|Monsieur|Meneer|Mevrouw|Signora?|Pani?|Mrs?|M(?:rs?|s|me|lle)?\.|Mme|Mlle"
    rb"|Dr\.|Dhr\.|Mevr\.|Sra?\.|Sig\.(?:ra|na)?|Dott\.(?:ssa)?) "
    rb"(?>(?:(?:Dr|Prof|Mag|Ing|Dipl\.-Ing|med|jur|phil|rer|nat)\. ){0,4})(?P<name>"
    + _BEFORE
    + _SPOKEN
    + rb"(?: "
    + SMALL
    + _SPOKEN
    + rb"){0,2})",
    words=(
        b"Herr",
        b"Frau ",
        b"Madame ",
        b"Monsieur ",
        b"Meneer ",
        b"Mevr",
        b"Signor",
        b"Pan ",
        b"Pani ",
        b"Mr",
        b"M. ",
        b"Ms. ",
        b"Mme",
        b"Mlle",
        b"Dr. ",
        b"Dhr. ",
        b"Sr. ",
        b"Sra. ",
        b"Sig.",
        b"Dott.",
    ),
)
_ID = rb"(?:(?=[a-z-]{1,63}[0-9._])[a-z][a-z0-9._-]{2,63}|[A-Z]{1,2}\d{4,8})"
_ID_BEHIND = Pattern(rb" \((?P<id>" + _ID + rb")\)")
"""``Agent Mary Major (E118204)``: a log-in."""
_LETTERS_BEHIND = Pattern(rb" \((?P<id>[a-z]{3,32})\)")
_ACTED = Pattern(
    rb"\b(?:[Aa]gent|[Cc]ustomer|[Cc]aller|[Ss]upervisor|[Oo]perator|[Uu]ser|[Ee]mployee|[Cc]ontact|[Cc]lient)"
    rb" (?P<name>" + _SPOKEN + rb"(?: " + SMALL + _SPOKEN + rb"){1,2})"
    rb"(?:(?: \((?:\d{2,8}|[a-z][a-z0-9._-]{2,63})\))? (?:has |is |was |have )?"
    rb"(?:log(?:ged|s|ging)?[ -](?:in|on|out|off)|signed|hung up)(?!\w)"
    rb"| (?:has |is |was |have )?(?:joined|left|called|calling|answered"
    rb"|entered|said|says|asked|at place|wrote|verified|authenticated|transferred|requested|requests|wants"
    rb"|confirmed|reported"
    rb"|disconnected|calls|hangs up|accepted|declined|(?:started|stopped) (?:monitoring|coaching)|handled"
    rb"|on DN|on extension)(?!\w)"
    rb"| [(<](?:ID|id|[\w.+-]{1,64}@|\+\d|\d{9,15}[)>])| \(" + _ID + rb"\))",
    words=(
        b"gent ",
        b"ustomer ",
        b"aller ",
        b"upervisor ",
        b"perator ",
        b"ser ",
        b"mployee ",
        b"ontact ",
        b"lient ",
    ),
)
_OF_WHOM = Pattern(
    rb"\b(?:[Bb]y|[Tt]o|[Ff]rom|[Ww]ith|[Ff]or|[Oo]f) (?:[Aa]gent|[Cc]ustomer|[Cc]aller|[Ss]upervisor"
    rb"|[Oo]perator|[Ee]mployee"
    rb"|[Cc]ontact|[Cc]lient) (?P<name>" + _SPOKEN + rb"(?: " + SMALL + _SPOKEN + rb"){1,2})",
    words=(b"gent ", b"ustomer ", b"aller ", b"upervisor ", b"perator ", b"mployee ", b"ontact ", b"lient "),
)
_TWO = rb"(?P<name>" + _SPOKEN + rb"(?: " + SMALL + _SPOKEN + rb"){1,2})"
_STATED = Pattern(
    rb"[IiJjSs](?<!\w.)(?:(?<=[Jj])(?i:e) suis|(?<=[Ii])(?i:ch) bin|(?<=[Ii])(?i:k) ben"
    rb"|(?<=[Ss])(?:oy|ono|ou)"
    rb"|(?<=[Jj])estem) " + _TWO,
    words=(b" suis ", b" bin ", b" ben ", b"oy ", b"ono ", b"ou ", b"estem "),
)
"""Two names at least: ``je suis Mary Major``; one word alone may be anything."""
_PARTY = Pattern(
    rb"[AaBbCcIiKkTt](?<!\w.)(?:(?<=[Kk])(?:und(?:e|in|en)|lient(?:ka|a)?|lant|ontoinhaber|arteninhaber)"
    rb"|(?<=[Aa])(?:nrufer(?:in)?|ppelant)|(?<=[Cc])liente|(?<=[Bb])eller|(?<=[Ii])ntestatario|(?<=[Tt])itul(?:ar|aire)"
    rb"|(?<=c)(?:ustomer|aller)) " + _TWO + rb"(?=[\r\n,;.]|\Z| [(<a-z\xc3-\xc5])",
    words=(
        b"unde ",
        b"undin ",
        b"unden ",
        b"lient ",
        b"lientka ",
        b"lienta ",
        b"lant ",
        b"ontoinhaber ",
        b"arteninhaber ",
        b"nrufer ",
        b"nruferin ",
        b"liente ",
        b"eller ",
        b"ntestatario ",
        b"itular ",
        b"itulaire ",
        b"ustomer ",
        b"aller ",
    ),
)
"""``Anrufer Mary Major (…)``, ``Klient Mary Major dzwoni``: what goes on in capitals is a title."""
_CLIENT = Pattern(
    rb"\b[Cc]lient "
    + _TWO
    + rb" (?:a (?:appel|rappel|demand|raccroch|souhait)|souhait|demand|rappel|appell)",
    words=(b"lient ",),
)
"""In French; in English a client is a program."""
_NUMBERED = Pattern(
    rb"[AaBbCc](?<!\w.)(?:(?<=[Aa])(?:nrufer(?:in)?|ppelant)|(?<=[Bb])eller|(?<=[Cc])aller)"
    rb" \+?\d[\d /-]{5,18} \(" + _TWO + rb"\)",
    words=(b"nrufer ", b"nruferin ", b"ppelant ", b"eller ", b"aller "),
)
"""``Anrufer 004930901820417 (Mary Major)``."""
_QUOTED = Pattern(
    rb"\b(?:[Mm]essage|[Mm]ail|[Ee]mail|[Cc]hat|[Cc]all|[Nn]ote) from (?P<mark>['\"])" + _TWO + rb"(?P=mark)",
    words=(b" from '", b' from "'),
)
_CALL_FROM = Pattern(rb"\b[Cc]all from " + _TWO + rb"(?= \(\+?\d)", words=(b"all from ",))
_BOXED = Pattern(rb"\b(?:[Cc]ontact|[Kk]ontakt) \[" + _TWO + rb"\]", words=(b"ontact [", b"ontakt ["))
_LISTED = Pattern(
    rb"\b(?:[Cc]ontact|[Kk]ontakt): " + _TWO + rb"(?=[\r\n,;]|\Z)", words=(b"ontact: ", b"ontakt: ")
)
"""``Kontakt: Mary Major, …``; one word alone may be a channel."""
_DONE_BY = Pattern(
    rb"(?<!\w)(?:approved|assessed|assigned|cancell?ed|closed|evaluated|handled|monitored|opened|rejected|reviewed"
    rb"|submitted) by (?P<mark>['\"])(?P<name>" + FAMILY_FIRST.pattern + rb")(?P=mark)(?!(?<=')[A-Za-z])",
    words=(b" by ",),
)
"""``reviewed by "Major, Mary"``; ``sorted by "Name, Date"`` and ``signed by "Acme, Inc"`` name nobody."""
_SAID = (_STATED, _PARTY, _CLIENT, _NUMBERED, _QUOTED, _CALL_FROM, _BOXED, _LISTED)
_NO_NAMES = frozenset(
    b"account access action active adapter admin administrator agent agents application assist assistant"
    b" bank call caller callback care center centre chat client clients connection contact contacts context"
    b" control customer customers data default desk desktop device email employee engine error event events"
    b" failed group groups help home id info information interaction interface is level list login logout"
    b" mail manager message name new no not number object operator phone place pool portal profile queue"
    b" record relations request response role routing sales script server service services session skill"
    b" state status success supervisor support system team technical the this tenant test to type unknown"
    b" update user users voice was web with workspace your engineer analyst developer consultant architect"
    b" director desktop hotline warteschlange gruppe nummer kundendienst kundenservice vertrag auftrag"
    b" konto daten dienst privatkunden servizio servicio clienti clientes klienta cola coda kolejka"
    b" wachtrij premium vip gold silver kein keine nicht"
    b" join column columns constraint index btree names null using values where select primary foreign table"
    b" order by on and or limit having".split()
)
"""Words that are no part of a name: ``Agent Group Sales logged out``, ``this is Technical Support``."""
_NAME_ELEMENT = Pattern(
    rb"<(?:[\w-]{1,20}:)?(?:name|Name|first|last|full)"
    rb"(?: xml:lang=\"[\w-]{1,16}\")?>(?P<name>[^<\r\n]{1,256})",
    words=(b"name", b"Name", b"first", b"last", b"full"),
)
_KEY_ELEMENT = Pattern(rb"</[Nn]ame>\s{0,64}<[Vv]alue")
"""Behind the name of a field: ``<name>lastName</name><value>``."""
_OTHER_ELEMENT = Pattern(rb"<(?!/)")
_PERSON_WORD = Pattern(
    rb"(?i)(?:customer|caller|contact|user|person|agent|employee|owner|patient|client|subscriber|member|guest|passenger"
    rb"|insured|applicant|participant|beneficiary|holder|visitor|requestor|requester|sender|recipient|callee|supervisor|operator"
    rb"|kunde|anrufer|kontakt|mitarbeiter|teilnehmer|versicherter|cliente|usuario|utente|utilisateur|klant|klient|people|individual"
    rb"|name|nameid|party|(?<!routing)(?<!security)(?<!hierarchy)profile|consumer|buyer|payer|borrower|driver|traveler|traveller|student|doctor)s?\Z"
)
_PERSON_RECORD = Pattern(rb"(?i)_?(?:details?|info|data|dto|record|entity|model)\Z")
"""What a program adds to the word of a person: ``callerDetails``, ``CustomerDto``."""
_ATTRIBUTE_OF = Pattern(rb"<(?:[\w-]{1,20}:)?(?P<name>[A-Za-z][\w-]{0,63})\s")
"""The element whose attribute is read: ``<caller number="…" name="…">``."""
_ELEMENT = 220
_OF_BROWSERS = Pattern(rb"(?i)user[_.-]?agent\Z")
"""``"user_agent": {"name": "Chrome"``."""
_OF_THING = Pattern(
    rb"(?i)(?<![A-Za-z])(?:app|application|task|host|queue|object|file|class|method|event|service|server|group|script|step"
    rb"|process|thread|module|device|product|table|column|field|attribute|parameter|domain|database"
    rb"|schema|system|component|session|skill|tenant|switch|place|campaign|type|metric|kpi|statistic|stat|counter|report"
    rb"|team|label|category|level|severity|status|state|reason|code|menu|prompt|strategy|list|view|role|permission|option"
    rb") \Z"
)
"""Before ``name``: ``App name=IVR_HI``, in whatever object; a person has two names there."""
_THING_NEAR = 24
"""Bytes at an end that hold the longest of these words."""
_OPENED = Pattern(rb"<(?:[\w-]{1,20}:)?(?P<name>[A-Za-z][\w-]{0,63})(?=[\s>])[^<>]{0,200}(?<!/)>")
_SIBLINGS = (
    rb"phone|mobile|msisdn|calling_?party|e-?mail|dob|birth_?date|birth|surname|last_?name|first_?name|ssn|iban"
    rb"|telefon|aadobjectid"
)
_SIGN_OF_SIBLING = rb"(?:_?(?:number|no|nr|address))?(?:\\{0,8}[\"'])?\s?[:=]"
_SIBLING = Pattern(rb"(?i)(?:" + _SIBLINGS + rb"|ani)" + _SIGN_OF_SIBLING)
_FIELD_OF_LINE = Pattern(rb"(?i)(?:" + _SIBLINGS + rb")" + _SIGN_OF_SIBLING)
_FIELD_BEFORE = rb"(?:id|login|ext|extension|dn|no|nr|number|code)[=:] ?[\w@.+-]{1,40}[,;]? "
_OF_PARTY = Pattern(
    rb"(?i)(?<![\w-])(?<!user )(?:agent|customer|caller|supervisor|operator|contact|employee|patient"
    rb"|subscriber|kunde"
    rb"|anrufer|cliente)(?: \d{1,8})?(?:(?:[:;,] ?| ?[(\[{])(?:"
    + _FIELD_BEFORE
    + rb"){0,2}| (?:"
    + _FIELD_BEFORE
    + rb"){1,2})\Z"
)
"""Before the name of a party in a line: ``Agent: ID=mohara, Name=Mary Major``."""
_PARTY_NEAR = 180
_ESCAPED = rb"(?:\\u[0-9A-Fa-f]{4}|%[C-E][0-9A-F](?>(?:%[89AB][0-9A-F]){1,2}))"
_CAPITAL = rb"(?:[A-Z\x80-\xff]|" + _ESCAPED + rb")"
_SIGN = rb"(?:[a-z'.\x80-\xffA-Z-]|%27|" + _ESCAPED + rb")"
_BLANK = rb"(?: |\+|%20)"
_PARTICLES = (
    rb"(?:(?:van|von|vom|zum|zur|zu|de|der|den|dem|del|della|dello|degli|dei|di|da|dal|do|dos|das|du|des|le|la|las|los"
    rb"|ten|ter|te|af|av|el|al|bin|ibn)" + _BLANK + rb"){0,3}"
)
_WORD = _PARTICLES + _CAPITAL + _SIGN + rb"{0,40}"
_FULL_NAME = Pattern(
    _WORD + rb"(?:,?" + _BLANK + _WORD + rb"){1,3}"
    rb"|(?:[\xe3-\xed][\x80-\xbf]{2}){2,6}|(?:%E[3-9A-D](?:%[89AB][0-9A-F]){2}){2,6}"
)
"""Two to four words with capitals, also a family name first (``O'Hara, Mary``), and names of East Asia."""
_NO_PARTY = Pattern(
    rb"(?i). (?:queue|group|team|hotline|warteschlange)\Z"
    rb"|(?<![a-z])(?:ivr|main|call|inbound|outbound) (?:.* )?(?:flow|menu)\Z"
)
"""Of calls, and no person: ``Sales PL Queue``."""
_BEHIND = 256
_LINE_ENDS = Pattern(rb"[\r\n]")
SEEN = {
    "person-name": tuple(
        (each,)
        for each in (
            _NAME_KEY, _NAME_ELEMENT, _INTRODUCED, _TITLED, _ACTED, _OF_WHOM, *_SAID, _DONE_BY, SIGNED, TYPED,
            CAST, *PARTIES, *DUPLICATES, BRACKETED, FAREWELL,
        )
    ),
}  # fmt: skip
"""As `app.masking.text.SEEN`."""


def person_names(buffer: bytes, order: int, kind: Kind, *, given: Callable[[bytes], bool]) -> Iterator[Span]:
    """``name`` inside an object, record or element that is a person, or that has a person's phone or mail.

    Args:
        buffer: the text.
        order: of the spans.
        kind: of the spans.
        given: whether a word in small letters is a given name and no other word.
    """
    for match in _NAME_KEY.finditer(buffer):
        group = match.lastgroup or "bare"
        start, end = match.span(group)
        if group == "bare":
            if buffer[end : end + 1] == b"(":  # name: Some("…")
                wrapped = _WRAPPED.match(buffer, end)
                if wrapped is None:
                    continue
                start, end = wrapped.span("text")
            else:
                end = _before_label(buffer, start, end)
        if _of_person(match.start(), start, end, buffer) or _family_first(match.start(), start, end, buffer):
            yield Span(start, end, order, kind, "person-name", None, True, True)
    for matches in (
        *(each.finditer(buffer) for each in (_INTRODUCED, _TITLED, _ACTED, _OF_WHOM, *_SAID)),
        (match for match in _DONE_BY.finditer(buffer) if _done_by_somebody(match["name"], given)),
        bound_names(buffer),
        bracketed_names(buffer),
        signing_names(buffer),
    ):
        for match in matches:
            words = match["name"].lower().split(b" ")
            if _NO_NAMES.isdisjoint(words) and match["name"].lower() not in NOBODY_WHOLE:
                full = len(words) > 1
                yield Span(*match.span("name"), order, kind, "person-name", None, full, True)
                behind = _ID_BEHIND.match(buffer, match.end("name")) or _login_behind(buffer, match)
                if behind:
                    yield Span(*behind.span("id"), order, Kind.USER, "person-name", None, True, True)
    yield from _names_in_elements(buffer, order, kind)


def _login_behind(buffer: bytes, name: re.Match[bytes]) -> re.Match[bytes] | None:
    behind = _LETTERS_BEHIND.match(buffer, name.end("name"))
    return behind if behind is not None and is_login_of(name["name"], behind["id"]) else None


def _done_by_somebody(name: bytes, given: Callable[[bytes], bool]) -> bool:
    """Whether one of its words is a given name: not ``closed by "Timeout, Idle"``."""
    return not names_nobody(name) and any(map(given, name.lower().replace(b",", b"").split(b" ")))


def _names_in_elements(buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
    for match in _NAME_ELEMENT.finditer(buffer):
        if _KEY_ELEMENT.match(buffer, match.end()):
            continue
        if match["name"].startswith(b" ") and _OTHER_ELEMENT.match(buffer, match.end()):
            continue  # the client <name> expects <value>
        around = buffer[max(0, match.start() - 512) : match.start()]
        last = None
        for opened in _OPENED.finditer(around):
            if b"</" + opened[0][1:].split(b">")[0].split()[0] not in around[opened.end() :]:
                last = opened
        if last is not None and _PERSON_WORD.search(last["name"]):
            yield Span(*match.span("name"), order, kind, "person-name", None, True, True)


def _of_person(key: int, start: int, end: int, buffer: bytes) -> bool:
    before = buffer[max(0, key - 512) : key]
    if _OF_THING.search(before[-_THING_NEAR:]) and b" " not in buffer[start:end]:
        return False
    if _NO_PARTY.search(buffer, start, end):
        return False
    inside, outside = enclosing(before)
    if outside and _PERSON_WORD.search(outside[-_THING_NEAR:]):
        return not _OF_BROWSERS.search(outside)
    if not _FULL_NAME.fullmatch(buffer[start:end]) or names_nobody(buffer[start:end]):
        return False
    if _of_element(before) or (outside and _of_record(outside)):
        return True
    behind = buffer[end : end + _BEHIND]
    if outside is None and before[-1:] not in (b"?", b"&"):  # fields of a line
        if _OF_PARTY.search(before[-_PARTY_NEAR:]):
            return True
        sibling = _SIBLING if before[-1:] == b"|" else _FIELD_OF_LINE
        return any(
            map(sibling.search, (_LINE_ENDS.split(before)[-1], _LINE_ENDS.split(behind, maxsplit=1)[0]))
        )
    if outside is None:  # parameters of a URL
        inside = inside[max(inside.rfind(b" "), inside.rfind(b"\n")) + 1 :]
        behind = behind.split(None, 1)[0] if behind.split(None, 1) else b""
    else:
        closed = behind.find(b"}")
        behind = behind[: closed if closed >= 0 else len(behind)]
    return _SIBLING.search(inside) is not None or _SIBLING.search(behind) is not None


def _of_element(before: bytes) -> bool:
    at = before.rfind(b"<", -_ELEMENT)
    element = _ATTRIBUTE_OF.match(before, at) if at >= 0 and before.find(b">", at) < 0 else None
    return element is not None and _names_person(element["name"])


def _of_record(outside: bytes) -> bool:
    record = _PERSON_RECORD.search(outside)
    return record is not None and _names_person(outside[: record.start()])


def _names_person(word: bytes) -> bool:
    return _PERSON_WORD.search(word[-_THING_NEAR:]) is not None and not _OF_BROWSERS.search(word)


def _family_first(key: int, start: int, end: int, buffer: bytes) -> bool:
    """``name="O'Hara, Mary"`` in a line that is no markup: nothing but people is called so."""
    if buffer[start - 2 : start] not in (b'="', b"='") or b", " not in buffer[start:end]:
        return False
    before = buffer[max(0, key - 128) : key]
    if b"<" in before[before.rfind(b"\n") + 1 :] or _OF_THING.search(before[-_THING_NEAR:]):
        return False
    return _FULL_NAME.fullmatch(buffer[start:end]) is not None and not names_nobody(buffer[start:end])


def _before_label(buffer: bytes, start: int, end: int) -> int:
    """Where a bare name ends, without the label of the next field: ``name: Ann Lee Phone: …``."""
    label = _LABEL_BEHIND.search(buffer, start, end)
    if label is not None:  # {Name:Ann Lee Phone:4155550143}
        return label.start()
    if buffer[end - 1 : end] != b":" and buffer[end : end + 1] != b"=":
        return end
    blank = buffer.rfind(b" ", start, end)
    return blank if blank >= 0 else end
