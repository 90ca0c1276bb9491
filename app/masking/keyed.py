"""Values that are personal because of the key in front of them: which of them are, and how far they reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

from app.masking.alternating import alternating
from app.masking.arrows import arrows
from app.masking.boundpairs import bound_pairs
from app.masking.cells import cell_pairs
from app.masking.columns import columned
from app.masking.constraints import constrained
from app.masking.continued import continued, without_mark
from app.masking.decoded import decoded_text
from app.masking.described import described, shown
from app.masking.entries import claimed, coded, entered
from app.masking.expanded import expanded
from app.masking.face import Kind
from app.masking.headers import credentials_end, in_parts
from app.masking.insertions import inserted
from app.masking.interchange import interchanged
from app.masking.joints import joints
from app.masking.jsonsigns import signed_in_json
from app.masking.keybook import KeyBook
from app.masking.machines import label_of_two, no_host, of_group, of_log, of_machine, of_realm, port_of_host
from app.masking.needs import NEEDED
from app.masking.notations import NOTATIONS, Judge, Place, RuleOf, Written
from app.masking.patterns import Pattern
from app.masking.people import Use, uses
from app.masking.placeholders import holds_place
from app.masking.plausible import (
    CHANNEL,
    FAMILY_FIRST,
    FULL_NAME,
    PROGRAM,
    REFERENCE,
    SEEN,
    SMALL,
    UUID,
    calls_function,
    names_family_first,
    names_nobody,
    plausible,
    signs_certificates,
    stands_for_value,
    tells_nobody,
    tells_of_code,
)
from app.masking.prose import SENTENCE, is_prose
from app.masking.reach import LETTER, reach_of
from app.masking.rules import Extent, KeyRule, Needs, RuleSet
from app.masking.schemas import of_schema, of_type
from app.masking.segments import arguments, assigned, barred, calling, segments, subjects, visiting_cards
from app.masking.sessions import contacts
from app.masking.spans import Span
from app.masking.statements import parametrised
from app.masking.tables import header, pairs, rows_of, tabled
from app.masking.tokens import TOKEN
from app.masking.told import told
from app.masking.turns import turns
from app.masking.wordpairs import word_pairs

ORDER = 10
_LINE_VALUE = Pattern(rb"[^\r\n]{1,8192}(?:(?<=,)\r?\n[ \t]{1,8}[\w-]{1,32}=[^\r\n]{1,2048}){0,8}")
"""The rest of the line, and the folded lines of a header with more parameters."""


_INNER_QUOTES = (b"'", b'"', b"&quot;", b"&apos;", b"&#39;", b"&#34;")

_INTERNAL = Pattern(rb"\d+")
_STARRED = Pattern(rb"[*xX#.\s-]{1,64}")
_URI = Pattern(rb"(?!" + TOKEN.pattern + rb")<?(?i:sips?|tel):")
_HOST_PORT = Pattern(rb"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\s:/\\@]{1,253})(?::\d{1,5})?/?")
_LABELLED_VERSION = Pattern(rb"[vV]\d+\.\d")
_HOST_LIKE = Pattern(rb"[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?")
_OWN = Pattern(
    rb"_event\.|session\.|system\.|(?:phone|ip|dialstring)\?|\$|(?i:cn|uid|ou|dc)=|%[A-Za-z_]{2,40}%\Z|%[sdiuxf]\Z|\{\w{0,40}\}\Z"
    rb"|\*\*?(?:args|argv|kw|kwargs|options|params|values)\Z"
)
"""What programs call their own things, and what holds a key of its own."""
_PARAMETER = Pattern(rb"@[A-Za-z_]\w{0,39}(?: [A-Z].*)?")
_NUMBERED = Pattern(rb"@p\d{1,3}")
_NAMED = Pattern(rb":[a-z_]\w{0,39}")
"""Parameters of statements; log-ins may have the sign themselves."""
_INNER_KEY = Pattern(rb"([A-Za-z_]{2,24})=(?!=)(?:(?P<told>sip:|\d{1,3}\.\d{1,3}\.)|.)", re.DOTALL)
"""``Failed Login: username=mohara``: a key of its own where a log-in was looked for."""
_KEY_OF_USERS = Pattern(rb"[A-Za-z][a-z]{2,15}(?:I[Dd]|Name|Login(?:I[Dd]|Name)?)")
"""``Agent login: AgentID '3321'``: the next key, in two words, where a log-in was looked for."""
_FIELD = Pattern(rb"[A-Za-z]{2,24}(?:_[a-z]|[a-z][A-Z])[A-Za-z_]{1,24}")
_KEY_ALONE = Pattern(rb"[A-Za-z_]\w{1,39}=")
_LETTERS_ALONE = Pattern(rb"[A-Za-z_]{2,40}=")
"""The same where ``Secret99=`` may be a password."""
_NEXT_LABEL = Pattern(rb"(?<= : )[A-Z][A-Za-z]{2,31} : ")
"""``ClientAddress : Severity : 6``: the next label where an address was looked for, which reaches far."""
_EMPTY = frozenset({Kind.ADDRESS, Kind.SECRET, Kind.USER, Kind.ID, Kind.NAME})
"""Of what may be empty before the next key: ``street1= street2=``."""
_OCTET = rb"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_WITH_PORT = Pattern(
    rb"(?:(?:10|127)\." + _OCTET + rb"|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\." + _OCTET + rb"){2}"
    rb"|(?:" + _OCTET + rb"\.){3}" + _OCTET + rb":\d{1,5}"
)
"""An address where a number was looked for: ``destination: 10.1.2.3:5060``."""
_LABELLED = frozenset({Kind.NAME, Kind.USER, Kind.HOST})
_PERSONS = frozenset({Kind.NAME, Kind.USER})
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
_LOGIN_GOES_ON = Pattern(rb"[\d_@\\]|[.+][A-Za-z0-9]| [A-Z]")
"""Behind a word of ``_SPEECH`` that begins a log-in or a name: ``Agent: no.ohara``, ``Agent: Tak Lee``."""
_LIKE = Pattern(rb"\A%+(?![C-E][0-9A-F]%[89AB])|%+\Z|(?<=[A-Za-z\x80-\xff])\*\Z")
"""What stands around the text of ``LIKE '%Mary%'``, and is no escape."""
_STAR_BEFORE = Pattern(rb"\*(?=[A-Za-z0-9\x80-\xff])")
_FILTERED = Pattern(rb"(?<![\w\x80-\xff])\([\w.;-]{1,64}=\Z")
"""What stands before the value of a filter, and not before what a function is given: ``f(user=*args)``."""
_STAR_BEHIND = Pattern(rb"(?<=[A-Za-z0-9\x80-\xff])\*\Z")
_GIVEN_FIRST = Pattern(rb"(?P<given>[A-Z][a-z\x80-\xff]{2,24}) " + SMALL + rb"[A-Z\x80-\xff]")
_PRINCIPAL = b"User:"
"""``Principal = User:mohara`` of Kafka."""
_NAMED_NEXT = b"name="
"""``new user: name=mohara, UID=1004`` of useradd."""
_DATABASE = Pattern(rb"DB2\d{3}")
_NO_SIGNATURE = Pattern(rb"[0-9A-Fa-f]{1,8}")
"""What is shorter than the signature of a URL (``sig=``)."""
_LEAST_HASH = 34
"""Signs of what was made of a password: ``CHAP-Password = 0x…``."""
_LEAST = {Kind.ID: 1, Kind.CARD: 4, Kind.IBAN: 4, Kind.GEO: 2}
"""How many digits a value of a kind has at least."""
_DEVICE = Pattern(rb"(\+?\d{3,15})[:@]")
"""What a switch adds to a number, and a host behind it: ``callingDevice=4930901820417:SWLINK::1``."""
_OF_PROGRAMS = (b"Consumer clientId=", b"Producer clientId=", b"AdminClient clientId=")
_BIC = Pattern(rb"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_PATH = Pattern(rb"(?:/(?:[a-z0-9._-]|(?>(?:" + TOKEN.pattern + rb")+)){1,40}){2,16}/?")
"""What ``PWD`` says in the log of ``sudo``, also when names of folders were masked before."""
_PATH_TO_TOKEN = Pattern(rb"(?:/[a-z0-9._-]{1,40}){1,16}/")
_FOLDER = Pattern(rb"(?<=PWD=)/(?:[a-z0-9._-]{1,40}/?)?(?=\s|\Z)")
"""``PWD=/root ;``: a folder, and no sign of ODBC behind it."""
_LOGON_ID = Pattern(rb"0x[0-9A-Fa-f]{1,16}")
_OF_AGENTS = frozenset(
    b"state states status list skill skills login logins logout count total ready notready name names group"
    b" groups queue queues session sessions stats statistics event events config info active available busy"
    b" all online offline profile settings place places device devices calls channels permissions"
    b" roles".split()
)
"""What stores keep of agents, and no log-in."""

Notation = Callable[[bytes, RuleOf, Judge], Iterator[Span]]
_PLACED: tuple[Notation, ...] = (
    pairs, arrows, constrained, joints, word_pairs, cell_pairs, segments, visiting_cards,
    assigned, barred, arguments, calling, subjects, described, shown, alternating, contacts, interchanged,
    expanded, signed_in_json, entered, coded, claimed, bound_pairs, turns, told,
)  # fmt: skip


class KeyedValues:
    """Finds values by their keys."""

    def __init__(self, rules: RuleSet) -> None:
        self._book = KeyBook(rules)
        self._allowed = frozenset(v.encode() for v in rules.allow.values)
        self._in_spite = rules.allow.in_spite()
        self._hosts = frozenset(v.encode() for v in rules.allow.hosts)
        self._internal = rules.internal
        self._people = rules.people

    @cached_property
    def _given(self) -> frozenset[bytes]:
        return frozenset(word for word, use in uses(self._people).items() if use & Use.GIVEN)

    def _is_given(self, word: bytes) -> bool:
        """Whether a word in small letters is a given name and no other word; few texts ask."""
        return word in self._given

    def _of_person(self, rule: KeyRule, buffer: bytes, start: int) -> KeyRule:
        """The rule of a key; a person may stand where a number was looked for: ``from="Mary Major"``."""
        match = _GIVEN_FIRST.match(buffer, start) if rule.kind is Kind.TEL else None
        if match is None or not self._is_given(match["given"].lower()):
            return rule
        return replace(rule, kind=Kind.NAME, needs=Needs.FULL)

    def find(self, buffer: bytes) -> Iterator[Span]:
        """Every value whose key has a rule."""
        return in_parts(continued(self._find(buffer), buffer), buffer)

    def _find(self, buffer: bytes) -> Iterator[Span]:
        notations: tuple[Notation, ...] = (*NOTATIONS, inserted, parametrised, tabled, self.reports, *_PLACED)
        for notation in notations:
            yield from notation(buffer, self._book.rule_of, self._judge)

    def reports(self, buffer: bytes, rule_of: RuleOf, judge: Judge) -> Iterator[Span]:
        """Every value in the columns of a report, as a notation."""
        return columned(buffer, NEEDED[Needs.WORDS], rule_of, judge)

    def find_rows(self, table: bytes, buffer: bytes) -> Iterator[Span]:
        """Every value in the rows of a file whose first line may name their columns."""
        columns = header(table, self._book.rule_of) if table else None
        if columns:
            rows = rows_of(columns, buffer, self._book.rule_of, self._judge)
            yield from in_parts(continued(rows, buffer), buffer)

    def find_left(self, notation: Notation, buffer: bytes) -> Iterator[Span]:
        """Every value in one notation whose key has a rule; what is a token already is none."""
        found = notation(buffer, self._book.rule_of, self._judge_left)
        return in_parts(continued(found, buffer), buffer)

    def left_at(self, written: Written, head: re.Match[bytes]) -> Iterator[tuple[Place, Span]]:
        """The values behind one head of a notation; what is a token already is none."""
        for place, span in written.at(head, self._book.rule_of, self._judge_left):
            for part in in_parts(continued((span,), head.string), head.string):
                yield place, part

    def rule_of(self, key: bytes) -> KeyRule | None:
        """The rule of a key, or None."""
        return self._book.rule_of(key)

    def _judge_left(self, rule: KeyRule, place: Place, buffer: bytes) -> Span | None:
        if place.quoted and TOKEN.fullmatch(buffer, place.start, place.end):
            return None
        return self._judge(rule, place, buffer)

    def _judge(self, rule: KeyRule, place: Place, buffer: bytes) -> Span | None:
        start, end, quoted = place
        rule = self._of_person(rule, buffer, start)
        if of_schema(rule.kind, buffer, start, end, quoted=quoted):
            return None
        if rule.extent is Extent.LINE:
            line = _LINE_VALUE.match(buffer, start)
            if line and not quoted:
                end = max(end, credentials_end(buffer, start, line.end()))
        elif not quoted:
            if rule.quoted or is_prose(rule, buffer, start, end) or self._no_place(rule, buffer, start, end):
                return None
            end = reach_of(rule.kind, buffer, start, end, rule_of=self._book.rule_of)
        end = end if quoted else without_mark(buffer, start, end)
        kind = _kind_of(rule.kind, buffer[start:end])
        value = buffer[start:end]
        text = value.strip().rstrip(b".:-" if kind is Kind.TEL else b".:") if not quoted else value.strip()
        start += len(value) - len(value.lstrip())
        start, text = _within_quotes(kind, start, text)
        whole_text = text
        start, text = _within_stars(kind, buffer, start, text) if not quoted else (start, text)
        learn = rule.learn and text is whole_text and not self._names_field(kind, text)
        if not quoted and (
            _is_own(kind, text)
            or of_group(buffer, start)
            or _no_value(rule, kind, buffer, start, value.strip())
            or _no_agent(rule, buffer, start, text)
            or of_type(buffer, start, value.strip(), self._book.rule_of)
            or (kind is Kind.ADDRESS and _NEXT_LABEL.match(buffer, start) is not None)
            or self._has_key(kind, value.strip(), behind_blank=buffer[start - 1 : start] in (b" ", b"\t"))
        ):
            return None
        if kind is Kind.TEL:
            device = _DEVICE.match(text)
            text = device[1] if device else text
        end = start + len(text) if quoted else len(buffer)
        behind = start + len(text)
        nobody = self._of_nobody(rule, kind, buffer, start, end, text_end=behind, quoted=quoted)
        if nobody or of_log(kind, buffer, start, text) or not self._personal(rule, kind, text, quoted=quoted):
            return None
        if (
            kind is Kind.SECRET
            and not quoted
            and (
                # the folder of a user, whose name was masked before
                (_PATH_TO_TOKEN.fullmatch(text) and TOKEN.match(buffer, behind))
                or ((folder := _FOLDER.match(buffer, start)) and folder.end() == behind)
            )
        ):
            return None
        whole = rule.extent is Extent.LINE or (rule.needs is Needs.FULL and b", " in text)
        span = Span(start, start + len(text), ORDER, kind, rule.rule, None, learn, True, whole)
        if rule.kind is Kind.HOST:
            return _host_part(span, text, self._hosts, buffer, place.end)
        return span

    def _names_field(self, kind: Kind, text: bytes) -> bool:
        """Whether a value is a field's name, too: ``lastName`` would be replaced wherever it is a key."""
        return (
            kind in _PERSONS and _FIELD.fullmatch(text) is not None and self._book.rule_of(text) is not None
        )

    def _has_key(self, kind: Kind, value: bytes, *, behind_blank: bool) -> bool:
        """Whether a key stands where a value was looked for: an empty one's next, or one of a log-in.

        ``CIM: agentName=Mary Major``.
        """
        alone = _LETTERS_ALONE if kind is Kind.SECRET else _KEY_ALONE
        if kind in _EMPTY and value.endswith(b"=") and alone.fullmatch(value):
            # RequestAgentLogin: DN='7021'
            return behind_blank and (kind is Kind.USER or self._book.rule_of(value[:-1]) is not None)
        if kind is Kind.USER and _KEY_OF_USERS.fullmatch(value) and self._book.rule_of(value) is not None:
            return True
        led = kind in (Kind.USER, Kind.ID) or (kind is Kind.ADDRESS and behind_blank)
        inner = _INNER_KEY.match(value) if led else None
        return inner is not None and (inner["told"] is not None or self._book.rule_of(inner[1]) is not None)

    def _of_nobody(
        self, rule: KeyRule, kind: Kind, buffer: bytes, start: int, end: int, *, text_end: int, quoted: bool
    ) -> bool:
        """Whether the words where a person was looked for name nobody."""
        if kind not in _PERSONS:
            return False
        offices = kind is Kind.USER or rule.needs is not Needs.ANY
        if kind is Kind.NAME and signs_certificates(buffer, start, text_end, given=self._is_given):
            return True
        return tells_nobody(buffer, start, end, given=self._is_given, offices=offices, quoted=quoted)

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
        if holds_place(text, kind, self._book.rule_of):
            return False
        text = _LIKE.sub(b"", text)
        if self._is(rule, kind, text, quoted=quoted):
            return True
        if kind in (Kind.ID, Kind.USER) and REFERENCE.fullmatch(text):
            return False
        if kind is Kind.NAME and CHANNEL.fullmatch(text):  # SIP/7021, which may be base64, too
            return False
        if kind is Kind.USER and PROGRAM.fullmatch(text):
            return False
        decoded = decoded_text(text)
        return decoded is not None and self._is(rule, rule.kind, decoded, quoted=True)

    def _is_needed(self, needs: Needs, text: bytes, *, quoted: bool) -> bool:
        """Whether a value is what its key needs; somebody's full name may stand where a log-in does."""
        if quoted and needs in (Needs.FULL, Needs.LOGIN) and FAMILY_FIRST.fullmatch(text):
            named = names_family_first(text, given=self._is_given, allowed=self._allowed)
            return named and not names_nobody(text)
        if needs is Needs.FULL or (needs is Needs.LOGIN and FULL_NAME.fullmatch(text)):
            nobody = any(map(names_nobody, text.split(b", ")))
            return not nobody and NEEDED[Needs.FULL].match(text) is not None
        return NEEDED[needs].match(text) is not None

    def _is(self, rule: KeyRule, kind: Kind, text: bytes, *, quoted: bool) -> bool:
        if kind is Kind.SECRET and not quoted and _PATH.fullmatch(text):
            return False
        text = TOKEN.sub(_as_zeros, text)  # what was masked before says nothing
        stays = text.lower() in self._allowed and text.lower() not in self._in_spite.get(kind, ())
        if not text or stays or stands_for_value(text) or _is_starred(kind, text) or _URI.match(text):
            return False
        if text.startswith(b"0x") and (
            (not quoted and not (kind is Kind.SECRET and len(text) >= _LEAST_HASH))
            or kind is Kind.HOST
            or (kind is Kind.USER and _LOGON_ID.fullmatch(text))
        ):
            return False
        if rule.kind is Kind.HOST and rule.needs is Needs.DIGIT and no_host(text):
            return False  # server=tserver_01: no host has such a name
        if kind is Kind.CARD and b":" in text[:SEEN]:  # cb:0e:c7:9c:3c:0f
            return False
        if rule.needs is not Needs.ANY and not self._is_needed(rule.needs, text, quoted=quoted):
            return False
        if rule.needs is Needs.DIGIT and kind is Kind.SECRET and _NO_SIGNATURE.fullmatch(text):
            return False
        if kind in _LEAST and sum(48 <= c <= 57 for c in text) < _LEAST[kind]:
            return kind is Kind.IBAN and _BIC.fullmatch(text) is not None
        if kind is Kind.TEL:
            least, most = self._internal
            digits = sum(48 <= c <= 57 for c in text)
            if UUID.fullmatch(text) or _WITH_PORT.fullmatch(text):
                return False
            if _INTERNAL.fullmatch(text) and (least <= len(text) <= most or len(text) < 3):
                return False
            return digits >= 3 and digits * (3 if quoted else 2) >= len(text)
        return plausible(kind, text, quoted=quoted)


def _kind_of(kind: Kind, value: bytes) -> Kind:
    """The kind of a value; a number where a name or a mail address was expected is a number."""
    if kind is Kind.MAIL and NEEDED[Needs.PHONE].match(value):
        return Kind.TEL
    return Kind.TEL if kind is Kind.NAME and not LETTER.search(value) else kind


def _no_value(rule: KeyRule, kind: Kind, buffer: bytes, start: int, value: bytes) -> bool:
    """Whether a URI, a label or a key stands where a value was looked for, or what somebody says."""
    if (
        calls_function(buffer, start, start + len(value))
        or tells_of_code(buffer, start)
        or _URI.match(value)
        or (kind is Kind.ID and buffer.endswith(_OF_PROGRAMS, max(0, start - 32), start))
    ):
        return True
    if kind is Kind.USER and label_of_two(buffer, start, start + len(value)):
        return True
    if kind is Kind.USER and buffer[start - 3 : start] == b"): ":  # ldap(binddn): Connection to …
        said = SENTENCE.match(buffer, start)
        if said is not None and said.end() == start + len(value):
            return True
    label = _LABEL.match(buffer, start, start + len(value) + 1) if kind in _LABELLED else None
    if label is not None and label.end() == start + len(value):
        return True
    speaker = kind is Kind.NAME or rule.needs is Needs.LOGIN
    if not speaker or buffer[start - 2 : start] != b": ":
        return False
    word = _FIRST_WORD.match(buffer, start)
    if word is None or len(word[0]) > len(value) or word[0].lower() not in _SPEECH:
        return False
    return kind is Kind.NAME or _LOGIN_GOES_ON.match(buffer, word.end()) is None


def _no_agent(rule: KeyRule, buffer: bytes, start: int, text: bytes) -> bool:
    """Whether that of a list or a database stands where a log-in was looked for: ``agent:state``."""
    if rule.needs is not Needs.LOGIN:
        return False
    if _DATABASE.fullmatch(text) and buffer[max(0, start - 6) : start - 1].lower() == b"alias":
        return True
    return buffer[start - 1 : start] == b":" and text.lower() in _OF_AGENTS


def _is_own(kind: Kind, text: bytes) -> bool:
    parameter = _NUMBERED if kind is Kind.USER else _PARAMETER
    if kind is not Kind.SECRET and _NAMED.fullmatch(text):
        return True
    return _OWN.match(text) is not None or parameter.fullmatch(text) is not None


def _is_starred(kind: Kind, text: bytes) -> bool:
    """Whether a value was hidden before; the star and the hash are keys of a telephone, too."""
    return _STARRED.fullmatch(text) is not None and not (kind is Kind.DTMF and text in (b"*", b"#"))


def _within_quotes(kind: Kind, start: int, text: bytes) -> tuple[int, bytes]:
    """Where a value begins, and the value, without its quotes (``"'Mary'"``) and its sort (``User:``)."""
    for mark in _INNER_QUOTES:
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            start, text = start + len(mark), text[len(mark) : -len(mark)]
            break
    for head in (_PRINCIPAL, _NAMED_NEXT) if kind is Kind.USER else ():
        if text.startswith(head):
            return start + len(head), text[len(head) :]
    return start, text


def _within_stars(kind: Kind, buffer: bytes, start: int, text: bytes) -> tuple[int, bytes]:
    """Where a name begins, and the name, without the stars of a filter around it: ``(cn=Mary*)``."""
    behind = start + len(text)
    if (
        kind in _PERSONS
        and buffer[behind : behind + 1] == b")"
        and buffer[start - 1 : start] == b"="
        and (text.startswith(b"*") or text.endswith(b"*"))
        and _FILTERED.search(buffer, max(0, start - 67), start)
    ):
        first = _STAR_BEFORE.match(text) is not None
        within = _STAR_BEHIND.sub(b"", text[first:])
        if within != text:
            return start + first, within
    return start, text


def _as_zeros(token: re.Match[bytes]) -> bytes:
    return b"\0" * len(token[0])


def _host_part(span: Span, text: bytes, allowed: frozenset[bytes], buffer: bytes, read: int) -> Span | None:
    if TOKEN.match(buffer, read):
        return None  # <VirtualHost 127.0.0.1> Bind <IP:…>: a sentence
    match = _HOST_PORT.fullmatch(text)
    if not match or of_realm(buffer, span.start, text):
        return None
    if match["host"].lower() in allowed or _LABELLED_VERSION.match(match["host"]):
        return None
    host = match["host"].strip(b"[]")
    if not _HOST_LIKE.fullmatch(host) or host.replace(b".", b"").isdigit():
        return None  # addresses are the business of the address rules
    if b"." in host and host.rpartition(b".")[2].isdigit():
        return None  # FPBX-16.0.33: the last part of a name is no number
    return span._replace(end=span.start + len(host))
