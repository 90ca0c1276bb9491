"""Values that are personal because of the key in front of them: which of them are, and how far they reach."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from app.masking.face import Kind
from app.masking.headers import credentials_end
from app.masking.keybook import KeyBook
from app.masking.machines import label_of_two, of_machine, port_of_host
from app.masking.notations import NOTATIONS, Judge, Place, RuleOf, Written, arrows, inserted
from app.masking.patterns import Pattern
from app.masking.plausible import SEEN, UUID, plausible
from app.masking.rules import Extent, KeyRule, Needs, RuleSet
from app.masking.segments import segments, visiting_cards
from app.masking.sip import KEYS_APART
from app.masking.spans import Span
from app.masking.tables import header, rows_of, tabled
from app.masking.tokens import TOKEN

ORDER = 10
_LINE_VALUE = Pattern(rb"[^\r\n]{1,8192}(?:(?<=,)\r?\n[ \t]{1,8}[\w-]{1,32}=[^\r\n]{1,2048}){0,8}")
"""The rest of the line, and the folded lines of a header with more parameters."""

_PARTICLE = (
    rb"(?:van|von|vom|zum|zur|zu|de|der|den|dem|del|della|dello|degli|dei|di|da|dal|do|dos|das|du|des|le|la|las|los|ten|ter|te|af|av|el|al"
    rb"|bin|ibn|und|y|e|i)"
)
"""Small words inside the names of people."""

_ELIDED = rb"(?:'[ts] |(?:[dl]|dell|dall|all|sull|nell|degl|sant)')?"
"""What is written with a quote before names: ``d'Angelo``, ``'t Hart``."""

_INNER_QUOTES = (b"'", b'"', b"&quot;", b"&apos;", b"&#39;", b"&#34;")
_MORE_GEO = Pattern(rb"[ \t]{0,2}[,;][ \t]{0,2}[+-]?\d{1,3}\.\d{2,12}")
_MORE_BIRTH = Pattern(rb" (?:(?:de|of) )?[A-Za-z\x80-\xff]{3,12}\.? (?:de )?(?:19|20)\d\d(?![\w.:-])")
"""The month in letters and the year behind a day: ``dob=12 Dec 1956``."""
_MORE_TEXT = Pattern(rb"(?:(?![ \t][\w.-]{1,64}[=:])[^,;|\"<>\t\r\n]){1,4096}")
_LETTER = Pattern(rb"[A-Za-z\x80-\xff]")

_NUMBER = Pattern(rb"[+(]?\d[\d ().*#/-]{4,28}\d")
_GROUP = Pattern(rb" *[^ ]+")
_VERSION = Pattern(rb"\d+\.\d+\.\d+")
_COMPLETE = 10
_LONGEST = 15
_MORE_NAME = Pattern(
    rb"(?:(?: "
    + _PARTICLE
    + rb"){0,3} "
    + _ELIDED
    + rb"(?!(?:AND|OR|ORDER|LIMIT) )[A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}){1,4}"
)
_MORE_ADDRESS = Pattern(rb"[^,;&|\"'<>\t\r\n)\]}=]{1,120}")
_ADDRESS_PART = Pattern(
    rb", [A-Z0-9\x80-\xff][A-Za-z0-9.\x80-\xff-]{0,40}(?: [A-Z0-9\x80-\xff][A-Za-z0-9.\x80-\xff-]{0,40}){0,2}(?=[,;)\]}|\"'\r\n]| \||\Z)"  # noqa: E501
)
_MORE_ID = Pattern(rb"(?: [0-9A-Z-]{1,6}){1,7}(?=[;,&|\"'<\r\n)\]}]| \||[ ][\w.-]{1,64}[=:]|\Z)")
_MORE_CARD = Pattern(rb"(?:[ -]\d{1,7}){1,4}(?![\w.])")
_MORE_OF_NAME = Pattern(
    rb", (?:"
    + _PARTICLE
    + rb" ){0,3}"
    + _ELIDED
    + rb"[A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}(?: [A-Z\x80-\xff][\w'.\x80-\xff-]{0,40}){0,2}(?=[,;)\]}|\"'\r\n]| \||\Z)"  # noqa: E501
)
"""The first name behind a family name: ``customerName=O'Hara, Mary``."""
_INTERNAL = Pattern(rb"\d+")
_STARRED = Pattern(rb"[*xX#.\s-]{1,64}")
_URI = Pattern(rb"<?(?:sips?|tel):", re.IGNORECASE)
_HOST_PORT = Pattern(rb"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\s:/\\@]{1,253})(?::\d{1,5})?/?")
_LABELLED_VERSION = Pattern(rb"[vV]\d+\.\d")
_HOST_LIKE = Pattern(rb"[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?")
_OWN = Pattern(
    rb"_event\.|session\.|system\.|\$|(?i:cn|uid|ou|dc)=|%[A-Za-z_]{2,40}%\Z|%[sdiuxf]\Z|\{\w{0,40}\}\Z"
)
"""What programs call their own things, and what holds a key of its own."""
_PARAMETER = Pattern(rb"@[A-Za-z_]\w{0,39}")
_NUMBERED = Pattern(rb"@p\d{1,3}")
"""Parameters of statements; log-ins may have the sign themselves."""
_LOGIN_FIRST = Pattern(rb"(?!" + _PARTICLE + rb" )[a-z][a-z0-9._$-]{0,63} \Z")
_SENTENCE = Pattern(
    rb"[A-Z][a-z\x80-\xff]{0,23}(?= (?!" + _PARTICLE + rb"(?![a-z]))[a-z]{2,20}(?![\w\x80-\xff=:@.'-]))"
)
"""``Customer: Still waiting``: one word with a small one behind it that is no part of a name, and no key."""
_LABELLED = frozenset({Kind.NAME, Kind.USER, Kind.HOST})
_LABEL = Pattern(rb"[A-Za-z_]{1,31}(?:=(?=<)|:(?= ))")
"""A label (``Info: ``) or a key (``user=``) where a value was looked for."""
_SPEECH = frozenset(
    b" hello hi hey yes yeah no ok okay thanks thank please sorry sure great good i my the this"
    b" that what why how when where is it we you guten hallo ja nein danke bitte ich mein meine"
    b" wir wie was wann warum bonjour bonsoir oui non merci je mon ma nous pourquoi hola buenos"
    b" buenas gracias quiero tengo necesito por ciao buongiorno buonasera salve grazie vorrei"
    b" goedemorgen goedemiddag goedendag nee dank ik mijn dzie\xc5\x84 dzien tak nie prosze"
    b" merhaba evet ol\xc3\xa1 ola sim obrigado obrigada tack takk".split()
)
"""Words that begin what people say behind a speaker: ``Customer: Hello, …``."""
_FIRST_WORD = Pattern(rb"[A-Za-z\x80-\xff]{1,12}(?![A-Za-z\x80-\xff=-])")
_LIKE = Pattern(rb"\A%+(?![C-E][0-9A-F]%[89AB])|%+\Z")
"""What stands around the text of ``LIKE '%Mary%'``, and is no escape."""
_NAME_SIGN = rb"(?:[A-Za-z\x80-\xff'.+-]|%[0-9A-F]{2}|\\u[0-9A-Fa-f]{4}|&(?:#x?[0-9A-Fa-f]{1,5}|apos);)"
"""What names are made of, also as URLs, JSON and XML hold it."""
_CAPITAL = rb"(?:[A-Z\x80-\xff]|%C3%[89][0-9A-F])"
_ESCAPED = rb"%[C-E][0-9A-F](?:%[89AB][0-9A-F]){1,2}"
"""A letter that is no ASCII, as URLs hold it."""
_BLANK = rb"(?: |\+|%20)"
_QUOTE = rb"(?:'|%27|&#x27;|&#39;|&apos;)"
_STREET_WORD = (
    rb"(?:ul|al|os|pl|av|avda|str|rua|rue|via|calle|ulica|plaza|piazza|corso|viale|travessa|largo|avenue|boulevard"
    rb"|place|quai|chemin|bd|de|du|des|den|het|op|van|am|an|im|in|zum|zur)[./]?"
    + _BLANK
    + rb"(?:(?:du|des|de|del|della|la|le|les|den|der|da|do|dos)"
    + _BLANK
    + rb"){0,2}(?:[dl]"
    + _QUOTE
    + rb")?"
)
"""Small words before the name of a street."""

_WORDS = (
    rb"(?:"
    + _PARTICLE
    + rb"(?:[ +]|%20)){0,3}(?:"
    + _QUOTE
    + rb"[ts](?:[ +]|%20)|[a-z]{1,4}(?:-|"
    + _QUOTE
    + rb"))?"
    rb"(?:[A-Z\x80-\xff]|%(?:C[3-9EF]|D[01])|\\u[0-9A-Fa-f]{4}|&#x?[0-9A-Fa-f]{1,5};)"
    + _NAME_SIGN
    + rb"{0,64}"
    rb"(?:[ ,]{1,2}" + _NAME_SIGN + rb"{1,64}){0,5}"
)
"""Words that begin with a capital, as names are written."""

_NEEDED = {
    Needs.DIGIT: Pattern(rb"[^ \t0-9.-]{0,512}[0-9.-]"),
    Needs.LETTER: Pattern(rb"[^A-Za-z\x80-\xff]{0,512}[A-Za-z\x80-\xff]"),
    Needs.LOGIN: Pattern(rb"[0-9]{0,16}[a-z][a-z0-9._@+-]{2,63}\Z"),
    Needs.PHONE: Pattern(
        rb"(?:(?:\+|%2[bB])[ ()\d/.-]{7,24}|\(?0[1-9 )][ ()\d/.-]{6,24}|00[1-9][ ()\d/.-]{6,24}|[2-9]\d{9,14}|1[2-9]\d\d[2-9]\d{6})\Z"  # noqa: E501
    ),
    Needs.POSTCODE: Pattern(
        rb"(?:(?:[A-Z]{1,3}[- ]?)?\d{4,6}|\d{2,5}(?:[- +]|%20)\d{2,4}|\d{4}(?:[ +]|%20)?[A-Z]{2}"
        rb"|[A-Z]\d{4}[A-Z]{3}"
        rb"|[A-Z]{1,2}\d[A-Z\d]?(?:[ +]|%20)?\d[A-Z]{1,2}\d?"
        rb"|[A-Z]\d[\dW](?:[ +]|%20)?[A-Z\d]{4})(?=\Z|,| [A-Z])"
    ),
    Needs.STREET: Pattern(
        rb"\d{1,5}[A-Za-z]?,?"
        + _BLANK
        + rb"(?:(?:bis|ter|quater)"
        + _BLANK
        + rb")?(?:"
        + _STREET_WORD
        + rb")?"
        + _CAPITAL
        + rb"(?:[a-z.\x80-\xff]|"
        + _ESCAPED
        + rb")"
        rb"|(?:" + _STREET_WORD + rb")?" + _CAPITAL + rb"(?:[a-z./\x80-\xff]|" + _ESCAPED + rb"){1,40}"
        rb"(?:(?:"
        + _BLANK
        + rb"|-)(?:[A-Za-z\x80-\xff.'-]|"
        + _QUOTE
        + rb"|"
        + _ESCAPED
        + rb"){1,40}|"
        + _BLANK
        + rb"\d{1,2}\.){0,5}"
        rb"(?:,|%2C)?" + _BLANK + rb"(?:[Nn][or][.:] ?)?\d{1,5}[a-z]?(?!\d|[.:]\d)"
    ),
    Needs.NAME: Pattern(rb"(?:" + _WORDS + rb"|(?:\+|%2[bB])?\(?\d(?:[\d ()./-]|%2[089bBfFdD]){2,40})\Z"),
    Needs.WORDS: Pattern(rb"(?:" + _WORDS + rb")\Z"),
}
_LEAST = {Kind.ID: 1, Kind.CARD: 4, Kind.IBAN: 4, Kind.GEO: 2}
"""How many digits a value of a kind has at least."""
_DEVICE = Pattern(rb"(\+?\d{3,15}):")
"""What a switch adds to a number: ``callingDevice=4930901820417:SWLINK::1``."""
_OF_PROGRAMS = (b"Consumer clientId=", b"Producer clientId=", b"AdminClient clientId=")
_BIC = Pattern(rb"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_PATH = Pattern(rb"(?:/(?:[a-z0-9._-]|(?:" + TOKEN.pattern + rb")++){1,40}){2,16}/?")
"""What ``PWD`` says in the log of ``sudo``, also when names of folders were masked before."""
_PATH_TO_TOKEN = Pattern(rb"(?:/[a-z0-9._-]{1,40}){1,16}/")
_MOST_LABEL = 2
"""Words of a label before its last."""
_BEFORE_SIGN = Pattern(rb"(?: [a-z]{2,10})?(?=[ \t]{0,2}[:=])")
"""The small last word of a label with two words (``First name:``), or nothing, before a sign."""
_BASE64 = Pattern(rb"(?=.{0,512}[A-Z0-9])[A-Za-z0-9+/]{5,512}={0,2}")
_LOGON_ID = Pattern(rb"0x[0-9A-Fa-f]{1,16}")
_PRINTABLE = bytes(range(32, 127)) + bytes(range(0x80, 0x100))
_URL = 512
_PROSE_KINDS = frozenset({Kind.SECRET, Kind.NAME, Kind.HOST})
_PROSE = Pattern(rb"(?!" + _PARTICLE + rb" )[a-z]{1,12} [a-z]")

Notation = Callable[[bytes, RuleOf, Judge], Iterator[Span]]


class KeyedValues:
    """Finds values by their keys."""

    def __init__(self, rules: RuleSet) -> None:
        self._book = KeyBook(rules)
        self._allowed = frozenset(v.encode() for v in rules.allow.values)
        self._hosts = frozenset(v.encode() for v in rules.allow.hosts)
        self._internal = rules.internal

    def find(self, buffer: bytes) -> Iterator[Span]:
        """Every value whose key has a rule."""
        for notation in NOTATIONS:
            yield from notation(buffer, self._book.rule_of, self._judge)
        yield from inserted(buffer, self._book.rule_of, self._judge)
        yield from tabled(buffer, self._book.rule_of, self._judge)
        yield from arrows(buffer, self._book.rule_of, self._judge)
        yield from segments(buffer, self._book.rule_of, self._judge)
        yield from visiting_cards(buffer, self._book.rule_of, self._judge)

    def find_rows(self, table: bytes, buffer: bytes) -> Iterator[Span]:
        """Every value in the rows of a file whose first line may name their columns."""
        columns = header(table, self._book.rule_of) if table else None
        if columns:
            yield from rows_of(columns, buffer, self._book.rule_of, self._judge)

    def find_left(self, notation: Notation, buffer: bytes) -> Iterator[Span]:
        """Every value in one notation whose key has a rule; what is a token already is none."""
        return notation(buffer, self._book.rule_of, self._judge_left)

    def left_at(self, written: Written, head: re.Match[bytes]) -> Iterator[tuple[Place, Span]]:
        """The values behind one head of a notation; what is a token already is none."""
        return written.at(head, self._book.rule_of, self._judge_left)

    def rule_of(self, key: bytes) -> KeyRule | None:
        """The rule of a key, or None."""
        return self._book.rule_of(key)

    def _judge_left(self, rule: KeyRule, place: Place, buffer: bytes) -> Span | None:
        if place.quoted and TOKEN.fullmatch(buffer, place.start, place.end):
            return None
        return self._judge(rule, place, buffer)

    def _judge(self, rule: KeyRule, place: Place, buffer: bytes) -> Span | None:
        start, end, quoted = place
        if rule.extent is Extent.LINE:
            line = _LINE_VALUE.match(buffer, start)
            if line and not quoted:
                end = max(end, credentials_end(buffer, start, line.end()))
        elif not quoted:
            if rule.quoted or _prose(rule, buffer, start, end) or self._no_place(rule, buffer, start, end):
                return None
            end = _reach(rule.kind, buffer, start, end, rule_of=self._book.rule_of)
        kind = _kind_of(rule.kind, buffer[start:end])
        value = buffer[start:end]
        text = value.strip().rstrip(b".:-" if kind is Kind.TEL else b".:") if not quoted else value.strip()
        start += len(value) - len(value.lstrip())
        for mark in _INNER_QUOTES:  # expr="'Mary'": one person, one token
            if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
                start += len(mark)
                text = text[len(mark) : -len(mark)]
                break
        if not quoted and (_is_own(kind, text) or _no_value(kind, buffer, start, value.strip())):
            return None
        if kind is Kind.TEL:
            device = _DEVICE.match(text)
            text = device[1] if device else text
        if not self._personal(rule, kind, _LIKE.sub(b"", text), quoted=quoted):
            return None
        behind = start + len(text)
        if (
            kind is Kind.SECRET
            and not quoted
            and _PATH_TO_TOKEN.fullmatch(text)
            and TOKEN.match(buffer, behind)
        ):
            return None  # the folder of a user, whose name was masked before
        span = Span(start, start + len(text), ORDER, kind, rule.rule, None, rule.learn, True)
        if rule.kind is Kind.HOST:
            return _host_part(span, text, self._hosts)
        return span

    def _no_place(self, rule: KeyRule, buffer: bytes, start: int, end: int) -> bool:
        """Whether a machine or a word stands where an address or a card was looked for.

        ``zip:amd64 (3.0)``.
        """
        if rule.kind is Kind.CARD:
            return port_of_host(buffer, start, end)
        if rule.kind is not Kind.ADDRESS:
            return False
        return of_machine(buffer, start) or buffer[start:end].lower() in self._allowed

    def _personal(self, rule: KeyRule, kind: Kind, text: bytes, *, quoted: bool) -> bool:
        if self._is(rule, kind, text, quoted=quoted):
            return True
        decoded = _decoded(text)
        return decoded is not None and self._is(rule, rule.kind, decoded, quoted=True)

    def _is(self, rule: KeyRule, kind: Kind, text: bytes, *, quoted: bool) -> bool:
        if kind is Kind.SECRET and not quoted and _PATH.fullmatch(text):
            return False
        text = TOKEN.sub(_as_zeros, text)  # what was masked before says nothing
        if not text or text.lower() in self._allowed or _is_starred(kind, text) or _URI.match(text):
            return False
        if text.startswith(b"0x") and (not quoted or (kind is Kind.USER and _LOGON_ID.fullmatch(text))):
            return False
        if rule.kind is Kind.HOST and rule.needs is Needs.DIGIT and b"_" in text and b"." not in text:
            return False  # server=tserver_01: no host has such a name
        if kind is Kind.CARD and b":" in text[:SEEN]:  # cb:0e:c7:9c:3c:0f
            return False
        if rule.needs is not Needs.ANY and not _NEEDED[rule.needs].match(text):
            return False
        if kind in _LEAST and sum(48 <= c <= 57 for c in text) < _LEAST[kind]:
            return kind is Kind.IBAN and _BIC.fullmatch(text) is not None
        if kind is Kind.TEL:
            least, most = self._internal
            digits = sum(48 <= c <= 57 for c in text)
            if UUID.fullmatch(text):
                return False
            if _INTERNAL.fullmatch(text) and (least <= len(text) <= most or len(text) < 3):
                return False
            return digits >= 3 and digits * (3 if quoted else 2) >= len(text)
        return plausible(kind, text, quoted=quoted)


def _decoded(text: bytes) -> bytes | None:
    """What a value says that stands in base64 (``phone=KzQ5MzA5MDE4MjA0MTc=``), or None."""
    if len(text) % 4 or len(text) < 8 or text.isdigit() or not _BASE64.fullmatch(text):
        return None
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return None if decoded.translate(None, _PRINTABLE) else decoded


def _kind_of(kind: Kind, value: bytes) -> Kind:
    """The kind of a value; a number where a name or a mail address was expected is a number."""
    if kind is Kind.MAIL and _NEEDED[Needs.PHONE].match(value):
        return Kind.TEL
    return Kind.TEL if kind is Kind.NAME and not _LETTER.search(value) else kind


def _no_value(kind: Kind, buffer: bytes, start: int, value: bytes) -> bool:
    """Whether a URI, a label or a key stands where a value was looked for, or what somebody says."""
    behind = buffer[start + len(value) : start + len(value) + 2]
    if (
        behind in (b'("', b"('")
        or _URI.match(value)
        or (kind is Kind.ID and buffer.endswith(_OF_PROGRAMS, max(0, start - 32), start))
    ):
        return True
    if kind is Kind.USER and label_of_two(buffer, start, start + len(value)):
        return True
    label = _LABEL.match(buffer, start, start + len(value) + 1) if kind in _LABELLED else None
    if label is not None and label.end() == start + len(value):
        return True
    if kind is not Kind.NAME or buffer[start - 2 : start] != b": ":
        return False
    word = _FIRST_WORD.match(buffer, start)
    return word is not None and len(word[0]) <= len(value) and word[0].lower() in _SPEECH


def _is_own(kind: Kind, text: bytes) -> bool:
    parameter = _NUMBERED if kind is Kind.USER else _PARAMETER
    return _OWN.match(text) is not None or parameter.fullmatch(text) is not None


def _prose(rule: KeyRule, buffer: bytes, start: int, end: int) -> bool:
    """Whether a sentence stands behind ``password: ``, and no value."""
    if buffer[start - 2 : start] != b": ":
        return False
    if rule.kind in _PROSE_KINDS and _PROSE.fullmatch(buffer, start, end + 2):
        return True
    sentence = _SENTENCE.match(buffer, start) if rule.needs is Needs.NAME else None
    return sentence is not None and sentence.end() == end


def _is_starred(kind: Kind, text: bytes) -> bool:
    """Whether a value was hidden before; the star and the hash are keys of a telephone, too."""
    return _STARRED.fullmatch(text) is not None and not (kind is Kind.DTMF and text in (b"*", b"#"))


def _as_zeros(token: re.Match[bytes]) -> bytes:
    return b"\0" * len(token[0])


def _host_part(span: Span, text: bytes, allowed: frozenset[bytes]) -> Span | None:
    match = _HOST_PORT.fullmatch(text)
    if not match or match["host"].lower() in allowed or _LABELLED_VERSION.match(match["host"]):
        return None
    host = match["host"].strip(b"[]")
    if not _HOST_LIKE.fullmatch(host) or host.replace(b".", b"").isdigit():
        return None  # addresses are the business of the address rules
    return span._replace(end=span.start + len(host))


def _whole_number(text: bytes) -> int:
    """How much of digits and separators is one phone number, in bytes.

    At most 15 digits (E.164); after ten a space ends it; a version (``8.1.103.95``) is no group of it.
    """
    digits = 0
    reach = 0
    for group in _GROUP.finditer(text):
        more = sum(48 <= c <= 57 for c in group.group())
        if digits and (digits >= _COMPLETE or digits + more > _LONGEST or _VERSION.search(group.group())):
            break
        digits += more
        reach = group.end()
    return reach


def _reach(
    kind: Kind, buffer: bytes, start: int, end: int, *, rule_of: Callable[[bytes], KeyRule | None]
) -> int:
    """Where an unquoted value ends that may hold spaces."""
    if kind is not Kind.GEO and _in_url(buffer, start):
        return end
    if kind is Kind.TEL or (kind is Kind.NAME and not _LETTER.search(buffer, start, end)):
        number = _NUMBER.match(buffer, start)
        return max(end, start + _whole_number(number.group())) if number else end
    more = None
    if kind is Kind.NAME:
        more = _MORE_NAME.match(buffer, end)
        stop = _before_key(buffer, end, more.end() if more else end)
        read, stop = stop, _before_label(buffer, end, stop, rule_of=rule_of)
        label = stop < read or buffer[stop : stop + 1] == b":"
        if stop > end and label and _LOGIN_FIRST.match(buffer, start, end + 1):
            return end  # Account Name: mohara Supplied Realm Name: …
        more = _MORE_OF_NAME.match(buffer, stop)
        return more.end() if more else stop
    if kind is Kind.ID:
        more = _MORE_ID.match(buffer, end)
    elif kind is Kind.CARD:
        more = _MORE_CARD.match(buffer, end)
    elif kind is Kind.ADDRESS:
        return _reach_of_address(buffer, start, end)
    elif kind is Kind.DTMF and end - start == 1 and (keys := KEYS_APART.match(buffer, start)):
        return keys.end()
    elif kind is Kind.GEO:
        more = _MORE_GEO.match(buffer, end)
    elif kind is Kind.BIRTH:
        more = _MORE_BIRTH.match(buffer, end)
    elif kind is Kind.KEYED and buffer[start - 2 : start] == b": ":
        more = _MORE_TEXT.match(buffer, end)
    return _before_key(buffer, end, more.end() if more else end)


def _in_url(buffer: bytes, start: int) -> bool:
    """Whether a value stands among the parameters of a URL or a form, where no blank is part of one."""
    head = buffer[max(0, start - _URL) : start]
    word = head[max(head.rfind(mark) for mark in (b" ", b"\t", b"\n", b'"', b"'")) + 1 :]
    return b"?" in word or b"&" in word


def _reach_of_address(buffer: bytes, start: int, end: int) -> int:
    more = _MORE_ADDRESS.match(buffer, end)
    stop = _before_key(buffer, end, more.end() if more else end)
    if buffer[start - 1 : start] in (b"=", b" ", b":"):  # Address: 12 Maple Street, 62701 Springfield
        for _ in range(3):
            part = _ADDRESS_PART.match(buffer, stop)
            stop = part.end() if part else stop
    return stop


def _before_label(buffer: bytes, end: int, stop: int, *, rule_of: Callable[[bytes], KeyRule | None]) -> int:
    """What was read of a name, without the label of the next field: ``Name: Ann Lee Phone: …``.

    A label is a last word that has a rule as a key, with those before it that have one, too; or the last two,
    which have one together, and another than the last one has.
    """
    sign = _BEFORE_SIGN.match(buffer, stop)
    last = buffer.rfind(b" ", end, stop)
    if sign is None or last < 0:
        return stop
    label = sign.end()
    together = rule_of(buffer[last + 1 : label])
    if together is None:
        first = buffer.rfind(b" ", end, last)
        return first if first >= 0 and rule_of(buffer[first + 1 : label]) is not None else stop
    alone = rule_of(buffer[stop + 1 : label])
    if alone is not None and alone.rule == together.rule:  # name=Ann Lee phone=…
        return stop
    for _ in range(_MOST_LABEL):  # Phone Number:
        first = buffer.rfind(b" ", end, last)
        if first < 0 or rule_of(buffer[first + 1 : last]) is None:
            break
        last = first
    return last


def _before_key(buffer: bytes, end: int, stop: int) -> int:
    request = buffer.find(b" HTTP/", end, stop + 6)
    if request >= 0:  # GET /?city=Paris HTTP/1.1
        stop = request
    if buffer[stop : stop + 1] == b"=":  # the last word is the next key
        stop = buffer.rfind(b" ", end, stop)
    return max(end, stop)
