"""Whether a text can be a value of a kind, wherever it stands behind a key."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.masking.face import Kind
from app.masking.patterns import Pattern

PARTICLE = (
    rb"(?:van|von|vom|zum|zur|zu|de|der|den|dem|del|della|dello|degli|dei|di|da|dal|do|dos|das|du|des|le|la|las|los|ten|ter|te|af|av|el|al"
    rb"|bin|ibn|und|y|e|i)"
)
"""Small words inside the names of people."""
SMALL = (
    rb"(?:(?:van|von|vom|zum|zur|zu|de|der|den|dem|del|della|dello|degli|dei|di|da|dal|do|dos|das|du|des|le|la|las|los|ten|ter"
    rb"|te|af|av|el|al|bin|ibn) ){0,3}"
)
"""The same but for those that join two names, each with a blank behind it."""
FULL_NAME = Pattern(
    rb"[A-Z\x80-\xff][A-Za-z'\x80-\xff-]{1,40}(?: "
    + SMALL
    + rb"[A-Z\x80-\xff][A-Za-z'\x80-\xff-]{1,40}){1,2}"
)
FAMILY_FIRST = Pattern(
    SMALL
    + rb"[A-Z\x80-\xff][A-Za-z'\x80-\xff-]{1,40}, [A-Z\x80-\xff][A-Za-z'\x80-\xff-]{1,40}"
    + rb"(?: [A-Z\x80-\xff][A-Za-z'\x80-\xff-]{1,40})?"
)
SEEN = 64
"""Bytes of a value that are looked at for signs."""
UUID = Pattern(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
REFERENCE = Pattern(
    rb"(?=[0-9]*[a-f])(?=[a-f]*[0-9])(?:[0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40})"
    rb"|(?=[A-Z]*[0-9])(?=(?:[0-9]*[A-Z]){6})(?:[0-9A-Z]{26}|[0-9A-Z]{32})"
)
"""Ids of parties, sessions and calls, as servers make them: they say nothing of a person."""
_SHORT = {Kind.SECRET: 3, Kind.BIRTH: 4, Kind.KEYED: 2}
"""Runs of fewer digits are counts and codes."""
_SYSTEM_LOGINS = frozenset({b"root", b"nobody", b"daemon", b"SYSTEM"})
_DOTTED = Pattern(rb"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?")
_MEMORY = Pattern(rb"0|0000[0-9A-Fa-f]{12}|7FF[0-9A-Fa-f]{13}")
"""``child_address = hextoraw('00000000645509D0')``, ``ADDRESS:[0] ''``."""
_NO_LOGIN = Pattern(rb"(?i)auth(?:entic|oriz)ation|fail(?:ed|ure)|in(?:correct|valid)|login|password|remote")
"""Behind `login` and a sign: ``AUTH failure (LOGIN): authentication failure``."""
_NOBODY = frozenset(
    b"agent agents team group desk queue service services support default system pool bot voice call"
    b" center centre office main line sales user manager state not unknown hotline department robin"
    b" random longest routing error warning campaign outbound inbound billing access all analysis"
    b" anonymous authority balancer bridge broker buffer cluster code conference console count denied"
    b" device driver export for gateway header health hold host import internal job kein kernel linux"
    b" load local lobby logged logon media memory message migration module music network nicht node"
    b" none of phone place provider region registry route scheduler scope server servers session shift"
    b" speech status step switch task text thread trunk update upgrade virtual windows worker"
    b" audio avaya browser chrome cisco email ethernet explorer firefox folder generic genesys get google"
    b" internet jabber java level menu microsoft mobile number oracle outlook plugin premium screen software"
    b" security systems version web customer disk function icons meeting metrics platform remote"
    b" visitor users profile modem operator than equal equals".split()
)
"""Words of names that no person has."""
_NOBODY_FIRST = frozenset(b"grupo equipo equipe cola coda fila servicio groupe gruppo squadra".split())
"""The same where they stand first: ``Cola de Soporte``; behind another word they may be a family's name."""
NOBODY_WHOLE = frozenset({b"milton keynes", b"alice springs", b"read only", b"journey map"})
"""Towns and things that are written as people are."""
_IN_LISTS = frozenset(
    b"america amsterdam argentina athens australia austria barcelona belgium berlin boston brazil"
    b" brussels bucharest budapest canada chicago china copenhagen dallas denmark deutschland dublin"
    b" england espana europe finland france frankfurt germany greece hamburg helsinki hungary india"
    b" ireland italia italy japan lisbon london lyon madrid mexico milan munich netherlands norway oslo"
    b" paris poland portugal prague roma rome romania scotland spain stockholm sweden switzerland texas"
    b" tokyo turkey uk usa vienna wales warsaw zurich amex diners discover maestro mastercard visa high"
    b" low medium monday tuesday wednesday thursday friday saturday sunday north south east west red"
    b" green blue english german french spanish italian portuguese dutch wrap break lunch away training"
    b" coaching talking acw".split()
)
"""Places, cards, states and what else stands in two with a comma: ``London, Paris``."""
_CALLS = Pattern(rb"\(\)(?!\w)")
_METHOD = Pattern(rb"[A-Za-z_.]{1,128}(?<=\.)(?=[a-z]+[A-Z])[A-Za-z]{2,40}")
_ABSENT = frozenset(
    b"not no non nicht kein keine keiner none unknown unassigned unavailable unidentified unregistered"
    b" anonymous unbekannt unbekannte unbekannter inconnu inconnue desconocido desconocida desconhecido"
    b" sconosciuto onbekend onbekende ukjent ukendt nieznany sin senza sans ohne ingen geen aucun"
    b" aucune nessun nessuno brak self guest test default system private public internal external auto"
    b" automatic automated virtual home front back main conference chat".split()
)
"""Words that begin what stands where a name would, and names nobody."""
_OFFICES = frozenset(
    b"access administrator administrators administration desk helpdesk team queue number center centre"
    b" bot assistant assistants bridge system systems foundation software security support group department"
    b" hotline service services office user users agents customers operators pool abteilung gruppe"
    b" kundendienst kundenservice warteschlange".split()
)
"""Words that end what an office or a program is called."""
_SAID = frozenset(
    b"identified erreichbar angabe eintrag bekannt vorhanden zugeordnet angegeben available assigned set"
    b" found applicable provided specified known defined registered logged present given caller agent"
    b" customer person name value contact data entry recipient member subscriber owner extension line account"
    b" anrufer kunde nummer nombre nome nom numero disponible disponibile definido asignado".split()
)
"""Words of what says that there is nobody: ``Unknown Caller``, ``Nicht Erreichbar``."""
_NAMELESS = _ABSENT | _OFFICES | _SAID
_PARTS = frozenset(
    b"queue queues team teams department departments abteilung hotline helpdesk edition desktop menu workflow"
    b" dashboard committee warteschlange desk center centre".split()
)
"""What nobody's name ends with, whoever is looked for: ``Billing Queue``."""
_UNITS = _PARTS | frozenset(
    b"operations server servers service services support group groups system systems manager scheduler"
    b" application engine console portal board".split()
)
"""The same where an office may stand: ``Change Advisory Board``, ``Import Service``."""
_AUTHORITY = Pattern(
    rb"(?:.{0,48} )?(?:(?:CA|TLS|SSL|RSA|ECC|ECDSA|PKI|Authority|Certification|Certificate|Issuing"
    rb"|Intermediate|Root [A-Z]\d)(?![A-Za-z])|SHA-?\d)|(?:[ER]\d{1,2}|localhost)\Z",
    re.DOTALL,
)
"""Who signs certificates, and whom they are for: ``CN=DigiCert TLS RSA SHA256 2020 CA1``."""
_CONTAINERS = frozenset(
    b"account accounts admins administrators auth builtin computers config configuration encryption external"
    b" group groups hosts monitor netgroups partitions peercred permissions policies roles schema services"
    b" sites sysdb system user users views".split()
)
"""What directories keep their entries in: ``CN=Users,DC=corp``."""
_LONGEST_CONTAINER = 16
_BODIES = frozenset(
    b"trail bank university ministry department office house board city state council school institute"
    b" college chamber center centre bureau county".split()
)
"""What is ``of`` something: ``Trail of Bits``."""
_CALLED = Pattern(
    rb"[A-Z][A-Za-z]{1,23}(?: [A-Z][A-Za-z]{1,23}){1,2}(?![\w:=@'\x80-\xff-]|\.\w|,? ?[A-Z\x80-\xff])"
    rb"|[A-Z][a-z]{1,23} of (?=[A-Z])"
)
_STAMP = Pattern(rb"\d{8}T\d{6}")
"""The id of an event in a calendar begins with it."""
CHANNEL = Pattern(
    rb"(?:SIP|PJSIP|IAX2|DAHDI|SCCP|Local|Agent|Zap)/\d{2,6}(?:[@/;-](?!(?<!-)\d{7})[\w@/;.-]{0,64})?"
)
"""``MemberName: Local/7021@from-queue/n``: the channel of an internal number, and no name."""
_CLASS = Pattern(
    rb"(?:com|org|net|io|javax?|jakarta|de|uk|fr|it|es|eu)(?:\.[a-z][a-z0-9_]{0,31}){2,8}\.[A-Z][\w$]{0,64}(?:@[0-9a-f]{1,8})?"
)
"""``Principal=org.example.security.User``."""
_COMPONENT = Pattern(rb"(?:[a-z]{3,}-[a-z]{3,}-|(?:adminclient|consumer|producer|connector)-)[\w.-]*")
"""What programs are called: ``crm-sync-consumer-1``."""
PROGRAM = Pattern(
    rb"[A-Z][A-Za-z]{1,24}(?<=[a-z])(?:Server|Service|Manager|Daemon|Adapter|Engine)(?:_[A-Z0-9]\w{0,23})?"
    rb"|system:[a-z][a-z0-9:.-]{1,120}"
)
"""``submitted_by=EmailServer_1``; a log-in may stand behind the line: ``StatServer_mohara``.

Also accounts of Kubernetes: ``system:serviceaccount:voice:default``.
"""
_DIRECTORY = Pattern(
    rb"(?:[cC][nN]=(?:[A-Z\x80-\xff][\w.@$'\x80-\xff-]{1,40} " + SMALL + rb"){0,2}|[uU][iI][dD]=)"
    rb"(?:(?:(?<= )[A-Z\x80-\xff]|(?<==)[A-Za-z\x80-\xff])[\w.@$'\x80-\xff-]{1,40}|(?<==)\0{5,320})"
    rb", ?(?:[cC][nN]|[oO][uU]|[dD][cC]|[oO])="
)
"""Where somebody stands in a directory, ``cn=Mary Lee,ou=Agents``: ``cn`` is a key of its own.

Of other names that key would leave something (``cn=mary lee,ou=Agents``, ``uid=4711,ou=Agents``). A token
comes here as bytes of zero.
"""
_DECIMAL = Pattern(rb"\d{1,9}\.\d{1,9}%?|\d{1,3}%")
_CLOCK = Pattern(rb"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,6})?")
"""``transcript [00:14]``."""
_MOMENT = Pattern(rb"(?:\d{4}-\d\d-\d\d|\d\d[./]\d\d[./]\d{4})[ T](?:" + _CLOCK.pattern + rb")Z?")
"""When somebody logged in, where a log-in was looked for: ``2026-03-01 08:00``."""
_PLACE = Pattern(
    rb"[ ('\"]{0,2}[+-]?\d{1,3}(?:\.\d{2,15}|\xc2?\xb0[^\r\n]{0,24})[ NSEWnsew)]{0,3}"
    rb"(?:(?:[,; /]|%2[cC]|%20){1,3}[+-]?\d{1,3}(?:\.\d{2,15}|\xc2?\xb0[^\r\n]{0,24})[ NSEWnsew)]{0,3})?"
)


_PLACEHOLDER = Pattern(
    rb"[$#]\{[A-Za-z_][\w.]{0,63}\}|\{\{ ?[A-Za-z_][\w.]{0,63} ?\}\}|_(?:event|data)\.[\w.]{1,64}"
    rb"|session\.connection\.[\w.]{1,64}"
)
"""What a program puts a value into: ``${db.user}``, ``{{ name }}``, ``_event.data.name``.

``${db.password:secret}`` holds one.
"""
_DIGIT = Pattern(rb"\d")
_VERSIONED = Pattern(rb"\.v\d{1,3}\Z")
"""``OrderService.v1``."""


def stands_for_value(text: bytes) -> bool:
    """Whether a text is what a program puts a value into, and no value."""
    return text[:1] in (b"$", b"#", b"{", b"_", b"s") and _PLACEHOLDER.fullmatch(text) is not None


def plausible(kind: Kind, text: bytes, *, quoted: bool) -> bool:
    """Whether a text can be a value of a kind."""
    if kind is Kind.DTMF:
        return b"=" not in text[:SEEN] and text != b"alphanumeric"  # a choice in H.245
    if kind is Kind.ID:
        if UUID.fullmatch(text) or REFERENCE.fullmatch(text) or _COMPONENT.fullmatch(text):
            return False
        name = _VERSIONED.sub(b"", text)
        if (PROGRAM.fullmatch(name) or _CLASS.fullmatch(name)) and not _DIGIT.search(name):
            return False
        return len(text) > 2 if quoted else len(text) > 3 and not _DECIMAL.fullmatch(text)
    if kind is Kind.MAIL:
        return b"@" in text or b"%40" in text or b"%2540" in text
    if kind is Kind.USER:
        count = text.removeprefix(b"-").isdigit() and len(text) < 3
        named = (
            _DECIMAL.fullmatch(text)
            or UUID.fullmatch(text)
            or REFERENCE.fullmatch(text)
            or _STAMP.match(text)
            or _CLASS.fullmatch(text)
            or PROGRAM.fullmatch(text)
            or text.startswith(b"urn:oasis:names:")
            or _CLOCK.fullmatch(text)
            or _MOMENT.fullmatch(text)
        )
        said = _DIRECTORY.match(text) if quoted else _NO_LOGIN.fullmatch(text)
        return not (text in _SYSTEM_LOGINS or said or count or named)
    if kind is Kind.GEO:
        return _PLACE.fullmatch(text) is not None
    if kind is Kind.NAME:
        told = quoted and (_structured(text) or _tells_of_field(text, secret=False))
        return not (told or CHANNEL.fullmatch(text) or _CLASS.fullmatch(text))
    if kind is Kind.KEYED and _CLOCK.fullmatch(text):
        return False
    if kind is Kind.SECRET and quoted and _tells_of_field(text, secret=True):
        return False
    machine = kind is Kind.ADDRESS and (_DOTTED.fullmatch(text) or _MEMORY.fullmatch(text))
    return not (machine or (kind in _SHORT and text.isdigit() and len(text) < _SHORT[kind]))


def calls_function(buffer: bytes, start: int, end: int) -> bool:
    """Whether a function is called: ``getParameter("…")``, ``users.findById(id)``, ``getpass()``.

    ``hunter2()`` may be a password; ``ON DUPLICATE KEY UPDATE name = VALUES(name)`` calls one, too.
    """
    if buffer[end : end + 2] in (b'("', b"('"):
        return True
    if buffer[end : end + 1] == b"(" and buffer[start:end].lower() == b"values":
        return True
    if buffer[end : end + 1] == b"(" and _METHOD.fullmatch(buffer, start, end):
        return True
    return _CALLS.match(buffer, end) is not None and _DIGIT.search(buffer, start, end) is None


_TEST = Pattern(rb"[Tt]ests?[A-Z_./\\-]")
_NOTED = Pattern(
    rb"(?:Accept|Add(?:ed)?|Adjust|Allow|Avoid|Changed?|Check|Declare|Define|Deleted?|Ditto|Document|Export|Fix(?:ed)?"
    rb"|Handle|Include|Initialize|Likewise|Move|Removed?|Renamed?|Replace|Return|Rewrite|Set|Support|Updated?|Use)"
    rb"(?![\w\x80-\xff-])"
)


def tells_of_code(buffer: bytes, start: int) -> bool:
    """Whether a test stands where a password was looked for, or what was done with a field in a program.

    ``--- PASS: TestLogin``, ``PASS: test_password``; ``* user.cc (password): Likewise.`` of changes.
    """
    if buffer[start - 6 : start] == b"PASS: ":
        return buffer[start - 10 : start - 6] == b"--- " or _TEST.match(buffer, start) is not None
    return buffer[start - 3 : start] == b"): " and _NOTED.match(buffer, start) is not None


def names_nobody(text: bytes) -> bool:
    """Whether words with capitals are no person's name: ``Sales Team``, ``Calls, Outbound``."""
    text = text.lower()
    if text in NOBODY_WHOLE or text.split(b" ", 1)[0] in _NOBODY_FIRST:
        return True
    return not _NOBODY.isdisjoint(text.replace(b",", b"").split(b" "))


def names_family_first(text: bytes, *, given: Callable[[bytes], bool], allowed: frozenset[bytes]) -> bool:
    """Whether ``Lefebvre, Gábor`` is a person's name, and no list of two: ``Ready, Idle``, ``London, Paris``.

    Args:
        text: the words.
        given: whether a word in small letters is a given name and no other word.
        allowed: words in small letters that are never personal.
    """
    words = text.lower().replace(b",", b"").split(b" ")
    return any(map(given, words)) or (allowed.isdisjoint(words) and _IN_LISTS.isdisjoint(words))


def signs_certificates(buffer: bytes, start: int, end: int, *, given: Callable[[bytes], bool]) -> bool:
    """Whether a common name (``CN=``) is that of an authority or of this machine, and no person's.

    Args:
        buffer: the text.
        start: where it begins.
        end: where it ends.
        given: whether a word in small letters is a given name; what begins with one is a person.
    """
    if buffer[start - 3 : start].lower() != b"cn=":
        return False
    if end - start <= _LONGEST_CONTAINER and buffer[start:end].lower() in _CONTAINERS:
        return True
    if _AUTHORITY.match(buffer, start, end) is None:
        return False
    return not given(buffer[start:end].split(b" ", 1)[0].lower())


def tells_nobody(
    buffer: bytes, start: int, end: int, *, given: Callable[[bytes], bool], offices: bool, quoted: bool
) -> bool:
    """Whether what begins at a place is called so and is nobody: ``Self Service``, ``Trail of Bits``.

    The last word is that of a unit and none before it is a given name (``Maria Desk`` is a person), or
    every word has to be one that names nobody: ``Sin Cheng``, ``Guest Smith`` and ``Mary Bridge`` are
    people, and ``Test Miller`` may be one.

    Args:
        buffer: the text.
        start: where it begins.
        end: of what is read.
        given: whether a word in small letters is a given name.
        offices: whether offices and programs count, and not only words that say that there is nobody.
        quoted: whether the value is known to end there, and has to be nothing else.
    """
    called = _CALLED.match(buffer, start, end)
    if called is None or (quoted and called.end() != end):
        return False
    words = called[0].lower().split(b" ")
    if words[-1] == b"":
        return offices and words[0] in _BODIES
    if words[-1] in (_UNITS if offices else _PARTS) or (offices and words[-1] == b"foundation"):
        return not any(map(given, words[:-1]))
    return _NAMELESS.issuperset(words) and (words[0] in _ABSENT or (offices and words[-1] in _OFFICES))


_SAYS_FIRST = frozenset(
    b"this the these enter ensure please must is are can can't cannot should may field value invalid"
    b" required not too size only has missing string path last first name lastname firstname username"
    b" password email dieses dieser diese das bitte feld darf muss nachname vorname passwort kennwort"
    b" le la ne ce cette les veuillez champ el este esta no por campo il questo questa inserire non dit"
    b" deze veld mag o a os pole det dette".split()
)
"""Words that begin what a program says of a field."""
_GERMAN = frozenset(b"das dieses dieser diese bitte".split())
"""Behind these any noun has a capital: ``Dieses Feld ist erforderlich.``"""
_SAYS = frozenset(
    b"is are must can cannot can't should has have been be not no required valid invalid blank empty"
    b" missing too short allowed than character characters field value contain null exists already"
    b" enter please ensure fill least most password ist muss darf nicht sein leer erforderlich"
    b" pflichtfeld feld wird werden bitte ausgef\xc3\xbcllt ben\xc3\xb6tigt angeben eingeben"
    b" passwort kennwort est requis obligatoire invalide vide doit pas \xc3\xaatre champ veuillez es campo"
    b" obligatorio requerido requerida debe estar vac\xc3\xado obrigat\xc3\xb3rio n\xc3\xa3o pode vazio"
    b" richiesto obbligatorio deve essere vuoto verplicht ongeldig leeg veld niet zijn felt skal".split()
)
_SAID_MOST = 160


def _tells_of_field(text: bytes, *, secret: bool) -> bool:
    """Whether a program says what is wrong with a value: ``This field is required.``, ``can't be blank``.

    A sentence that begins with one of its words, says two of them, and has capitals nowhere else. Of a
    password it says three, or nothing else.
    """
    words = text.split(b" ") if len(text) <= _SAID_MOST and b"<" not in text else []
    if len(words) < 2 or words[0].lower() not in _SAYS_FIRST:
        return False
    if words[0].lower() not in _GERMAN and any(word[:1].isupper() for word in words[1:]):
        return False
    said = sum(word.lower() in _SAYS for word in (*words[:-1], words[-1].rstrip(b".!")))
    return said > 2 or (said == 2 and (not secret or len(words) == 2))


def _structured(text: bytes) -> bool:
    """Whether a text holds keys of its own: ``FirstName:Mary|LastName:O'Hara``, ``{"id":7}``."""
    return b"{" in text or b"=" in text.rstrip(b"=") or (b"|" in text and b":" in text)
