"""Personal values in SIP, SDP and DTMF: users, display names, hosts; never what keeps calls traceable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from app.masking.face import Kind
from app.masking.network import HIDDEN_PASSWORD, Network
from app.masking.patterns import Pattern
from app.masking.plausible import PARTICLE
from app.masking.rules import RuleSet
from app.masking.spans import Span
from app.masking.tokens import TOKEN

_HOST = rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?)"
_REST = rb"(?::|%3[aA])(?:(?P<user>[^@\s<>\"'|\\]{1,256}?)(?P<at>@|%40))?(?P<host>" + _HOST + rb")?"
_URIS = (Pattern(rb"sips?" + _REST, words=(b"sip",)), Pattern(rb"SIPS?" + _REST, words=(b"SIP",)))
_TEL = Pattern(
    rb"(?<![A-Za-z])(?:tel|TEL|Tel)(?::|%3[aA])(?P<user>(?:\+|%2[bB])?[0-9A-Fa-f()*#.-]{2,32}(?<![.(-]))",
    words=(b"tel", b"TEL", b"Tel"),
)
_ENDPOINT = Pattern(
    rb"<(?:(?:sips?|tel|SIPS?|TEL):(?![0-9a-f]{16}>)|(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}\.|\+?\d{7,15}>)"
)
_NAME_HEADER = Pattern(
    rb"(?:From|(?:(?<![A-Za-z0-9])|(?<=\\[nr]))(?:To|B?Cc)|(?-i:(?<=[a-z])(?:To|Cc))|Sender|Contact|P-Asserted-Identity|P-Preferred-Identity|P-Called-Party-ID|Remote-Party-ID|Diversion"
    rb"|History-Info|Refer-To|Referred-By|Reply-To|Record-Route|Route|(?:(?<![\w.-])|(?<=\\[nr]))[fmtrb])$",
    re.IGNORECASE,
)
_BARE_NAME = Pattern(rb"[A-Za-z0-9\x80-\xff][\w .'\x80-\xff-]{0,127}")
_CAPITAL_WORD = rb"[A-Z\x80-\xff][A-Za-z'.\x80-\xff-]{0,40}"
_CAPITAL_NAME = Pattern(
    rb"(?:(?<=[\"=(\[{|])|(?<=\d Processing ))"
    + _CAPITAL_WORD
    + rb"(?:(?: "
    + PARTICLE
    + rb"){0,2} "
    + _CAPITAL_WORD
    + rb"){1,3}\Z"
)
"""A full name that begins a value: ``from="Mary O'Hara <sip:…>"``."""
_NO_BEGINNINGS = frozenset({b",", b";", b":", b"=", b")"})
"""Of what stands between the quotes of two other texts."""
_NO_DISPLAY = frozenset(
    b"from to for by via and or cc destination origination target source dest contact aor uri route".split()
)
"""Words of a sentence before an address: ``rejected <a@example.com>, from <b@example.com>``."""
_MIME_WORDS = Pattern(rb"(?:=\?[\w-]{1,32}\?[BbQq]\?[^?\s\"]{1,256}\?=(?: |\Z)){1,4}\Z")
_ENCODED_NAME = Pattern(
    rb"%22(?P<name>(?:[\w.'+\x80-\xff-]|%(?!22)[0-9A-F]{2}){1,128})%22(?:%20|\+)?%3[Cc](?=(?:sips?|SIPS?)%3[aA])",
    words=(b"%22",),
)
"""``%22Mary%20Lee%22%20%3Csip%3A…``"""
_NAME_ESCAPED = rb"(?P<name>(?:[\w.', ()+\x80-\xff-]|\\u(?!0022)[0-9A-Fa-f]{4}){1,128})"
_ESCAPED_BRACKET = rb"\\u003[Cc]|\\x3[Cc]"
_SCHEME = rb"(?:sips?|tel|SIPS?|TEL):"
_OR_MAIL = rb"(?=" + _SCHEME + rb"|[A-Za-z0-9][\w.+%-]{0,63}@[A-Za-z0-9])"
_ESCAPED_NAMES = (
    Pattern(
        rb"(?P<quote>\\u0022|\\x22|&quot;|&#34;)"
        + _NAME_ESCAPED
        + rb"(?P=quote) ?(?:(?:"
        + _ESCAPED_BRACKET
        + rb"|(?!"
        + TOKEN.pattern
        + rb")<)"
        + _OR_MAIL
        + rb"|&lt;(?="
        + _SCHEME
        + rb"))",
        words=(b"\\u0022", b"\\x22", b"&quot;", b"&#34;"),
    ),
    Pattern(
        rb"(?P<quote>\\{1,8}\")"
        + _NAME_ESCAPED
        + rb"(?P=quote) ?(?:(?:"
        + _ESCAPED_BRACKET
        + rb")"
        + _OR_MAIL
        + rb"|&lt;(?="
        + _SCHEME
        + rb"))",
        words=(b"\\u003", b"\\x3", b"&lt;"),
    ),
)
"""``\\u0022Mary Lee\\u0022 \\u003csip:…``, as .NET, Go and XML hold a header."""
_NAME_MOST = 128
_IDENTITY = Pattern(rb"<identity display=\"(?P<name>[^\"<>\r\n]{1,128})\"")
"""Of a dialog: ``<identity display="Mary Lee">sip:…``."""
_VIA = Pattern(rb"SIP/2\.0/[A-Za-z]{2,8}[ \t]{1,4}(?P<host>" + _HOST + rb")", words=(b"SIP/2",))
_PARAMS = Pattern(
    rb";(?:received|maddr|vnd\.host|phone-context|ext|isub)=(?P<value>[^\s;,>\"']{1,256})",
    words=(b";received=", b";maddr=", b";vnd.host=", b";phone-context=", b";ext=", b";isub="),
)
_CALL_ID = Pattern(
    rb"(?:^(?:Call-ID|i|In-Reply-To|Replaces|Target-Dialog|Join)[ \t]{0,4}:[ \t]{0,4}"
    rb"|(?i:\bcall-?id)[\s:='\"]{1,4})"
    rb"(?P<left>[^\s@;,\"'<>]{1,256})@(?P<host>" + _HOST + rb")",
    re.MULTILINE,
    words=(b"@",),
)
_SDP_ORIGIN = Pattern(
    rb"^o=(?P<user>\S{1,128}) \S{1,24} \S{1,24} IN IP[46] (?P<host>\S{1,253})",
    re.MULTILINE,
    words=(b" IN IP",),
)
_SDP_HOST = Pattern(rb"IN IP[46] (?P<host>[A-Za-z0-9][\w.-]{0,252})", words=(b"IN IP",))
_EVENT_DIGIT = Pattern(
    rb"(?:telephone-event|(?i:rfc ?2833|rfc ?4733)(?: event| digit)?)[ ]?[:=]?[ ](?P<digit>[0-9A-D*#])"
    rb"(?=[ ,;\r\n]|\Z)",
    words=(b"telephone-event", b"rfc"),
    any_case=True,
)
_SIGNAL = Pattern(
    rb"\bSignal[ \t]{0,4}[=:][ \t]{0,4}(?P<digit>[0-9A-Da-d*#]{1,32})(?!\w| \([A-Z])",
    words=(b"Signal",),
)
_DTMF_TYPE = Pattern(
    rb"^(?:Content-Type|c)[ \t]{0,4}:[ \t]{0,4}application/(?:vnd\.[\w.]{1,40})?(?:dtmf|digits)"
    rb"[^\r\n]{0,80}\r?\n"
    rb"(?:[^\r\n]{1,512}\r?\n){0,24}\r?\n(?P<body>[ \t]{0,4}[0-9A-Da-d*#][0-9A-Da-d*#, ]{0,63})"
    rb"(?=[ \t]*(?:\r?\n|\Z))",
    re.MULTILINE | re.IGNORECASE,
    words=(b"application/",),
    any_case=True,
)
KEYS_APART = Pattern(rb"[0-9*#](?:(?:, ?| )[0-9*#](?![\w.%:/-])){1,31}")
"""Keys one by one: ``1 2 3 #``, ``5, 6``."""

_DTMF_WORDS = Pattern(
    rb"(?i:\bdtmf(?:[ _-](?:digits?|key|event|tone|received|detected|input|buffer|begin|end))?"
    rb"|\bdigits? (?:collected|received|entered|pressed|dialed))"
    rb"(?: is| event| digit| ignored| passthrough| accepted with(?:out)? begin| emulation of)?"
    rb"(?: by [a-z]{4,10})?[ ]?[:=|]?(?<!\d [Dd][Tt][Mm][Ff]\|)[ ]?"
    rb"(?:['\"(]|(?<=[ :=|])\[)?(?P<digit>(?<=[ :=|'\"\[(])(?:"
    + KEYS_APART.pattern
    + rb"|[0-9*#]{1,32}(?![\w.%:])))",
    words=(b"dtmf", b"digit"),
    any_case=True,
)
_DTMF_RESULT = Pattern(rb"(?i:\bdtmf\|[a-z_]{2,20})\|(?P<digit>[0-9*#]{1,32}(?![\w.%:]))", words=(b"|",))
"""``input_end DTMF|SUCCESS|4711|0.97`` of a media control platform."""
_DTMF_BARRED = Pattern(rb"\|(?P<digit>[0-9A-D*#]{1,32})\|(?=(?:dtmf|DTMF)(?!\w))", words=(b"|dtmf", b"|DTMF"))
"""``input_end default|4711|dtmf``."""
_DTMF_ELEMENT = Pattern(
    rb"mode=[\"']dtmf[\"'][^<>\r\n]{0,64}>(?P<digit>[0-9*#](?: ?[0-9*#]){0,31})(?=<)",
    words=(b"dtmf",),
)
"""``<input mode="dtmf">4711</input>`` of a recogniser."""
_RTP_DTMF = Pattern(rb"\bDTMF (?P<digit>[0-9A-D*#])(?=:\d{2,6}(?!\w))", words=(b"DTMF ",))
"""A digit and how long it was pressed."""
_PRESSED = Pattern(
    rb"(?i)\b(?:(?:caller|customer|user|client|subscriber)(?: has)? (?:pressed|entered)"
    rb"(?: (?:key|digits?|option|dtmf|pin|code))?"
    rb"|(?:pressed|entered) (?:digits?|dtmf|pin|code))"
    rb":? ['\"(\[]?(?P<digit>[0-9*#]{1,32})(?![\w.%:,-]|[ ](?:digit|time|char|item|attempt|key|of |more|sec"
    rb"|ms|min|invalid|wrong|option))",
    words=(b"pressed", b"entered"),
    any_case=True,
)
_DIALOGUE = Pattern(rb"(?=[a-f-]{0,64}[0-9])(?=[0-9-]{0,64}[a-f])(?:[0-9a-f]{8,64}|[0-9a-f-]{36})")
"""The id of a dialogue, and no person's log-in or number."""
_PHONE_USER = Pattern(rb"(?:\+|%2[bB])?[0-9()*#.-]{3,32}")
_ADDRESS = Pattern(rb"[\d.]+|\[.*")
_URI_WITH_PART = Pattern(rb"(?:sip|SIP)[sS]?(?::|%3[aA])[^@\s<>\"'|\\]")
SEEN = {
    "display-name": ((_ENDPOINT,), (_ENCODED_NAME,), *((each,) for each in _ESCAPED_NAMES), (_IDENTITY,)),
    "sip-uri": ((_URI_WITH_PART,), (_TEL,)),
    "sip-host": ((_VIA,), (_CALL_ID,), (_SDP_HOST,), (_PARAMS,)),
    "sdp-origin": ((_SDP_ORIGIN,),),
    "dtmf": tuple(
        (each,)
        for each in (
            _SIGNAL,
            _EVENT_DIGIT,
            _DTMF_TYPE,
            _DTMF_WORDS,
            _DTMF_RESULT,
            _DTMF_BARRED,
            _DTMF_ELEMENT,
            _RTP_DTMF,
            _PRESSED,
        )
    ),
}
"""As `app.masking.text.SEEN`."""


class Sip:
    """Finds personal values in SIP messages and wherever else SIP URIs stand."""

    def __init__(self, rules: RuleSet, network: Network) -> None:
        self._network = network
        self._users = frozenset(u.encode() for u in rules.allow.users)
        self._values = frozenset(v.encode() for v in rules.allow.values)
        self._internal = rules.internal

    def uris(self, buffer: bytes, order: int, _kind: Kind) -> Iterator[Span]:
        """User and host of ``sip:`` and ``sips:`` URIs, the number of ``tel:`` URIs, percent-encoded too."""
        for pattern in _URIS:
            for match in pattern.finditer(buffer):
                if match["at"]:
                    yield from self._user(match, buffer, order)
                if match["host"] and not _is_element(match, buffer):
                    yield from self._host(match, order, "sip-host")
        for match in _TEL.finditer(buffer):
            if not self._stays(match["user"]):
                yield Span(*match.span("user"), order, Kind.TEL, "tel-uri", None, True, True)

    def _user(self, match: re.Match[bytes], buffer: bytes, order: int) -> Iterator[Span]:
        start, end = match.span("user")
        user = re.split(rb"[;:?]|%3[aAbB]", match["user"], maxsplit=1)[0]
        secret = buffer[start + len(user) : start + len(user) + 1] == b":" and user.lower() not in self._users
        if secret and len(user) + 1 < end - start:
            yield Span(start + len(user) + 1, end, order, Kind.SECRET, "sip-user", None, False, True)
        end = start + len(user)
        if not user or self._stays(user):
            return
        phone = _PHONE_USER.fullmatch(user) is not None
        yield Span(start, end, order, Kind.TEL if phone else Kind.USER, "sip-user", None, phone, True)

    def _stays(self, user: bytes) -> bool:
        if user.lower() in self._users:
            return True
        service, sign, of = user.partition(b"=")  # msml=, conf= with the id of a dialogue
        if sign and service.lower() in self._users and _DIALOGUE.fullmatch(of):
            return True
        least, most = self._internal
        return user.isdigit() and (least <= len(user) <= most or len(user) < 3)

    def _host(self, match: re.Match[bytes], order: int, rule: str) -> Iterator[Span]:
        host = match["host"]
        start, end = match.span("host")
        if host.startswith(b"["):
            host, start, end = host[1:-1], start + 1, end - 1
        if host.replace(b".", b"").isdigit() or b":" in host:
            if self._network.is_address(host):
                yield Span(start, end, order, Kind.IP, rule, None, False, True)
        elif not self._network.allowed_host(host):
            yield Span(start, end, order, Kind.HOST, rule, None, b"." in host, True)

    def display_names(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """The name in front of ``<sip:…>``, quoted or not."""
        for match in _ENDPOINT.finditer(buffer):
            end = match.start()
            head, name_end = _unfolded(buffer[max(0, end - 520) : end])
            name_end += end
            quoted = head.endswith(b'"')
            span = (
                _quoted_name(head, name_end)
                if quoted
                else _encoded_words(head, name_end)
                or _unquoted_name(head, name_end)
                or _capital_name(head, name_end)
            )
            if span and self._is_name(buffer, span):
                yield Span(*span, order, kind, "display-name", None, True, True)

        for match in _IDENTITY.finditer(buffer):
            if self._is_name(buffer, match.span("name")):
                yield Span(*match.span("name"), order, kind, "display-name", None, True, True)
        for match in chain(
            _ENCODED_NAME.finditer(buffer), *(each.finditer(buffer) for each in _ESCAPED_NAMES)
        ):
            if len(match["name"]) <= _NAME_MOST and self._is_name(buffer, match.span("name")):
                yield Span(*match.span("name"), order, kind, "display-name", None, True, True)

    def _is_name(self, buffer: bytes, span: tuple[int, int]) -> bool:
        start, end = span
        text = buffer[start:end].strip().lower()
        # Then it may have any sign; a blank stands between two other texts: ``"key" [str] = "<…"``.
        quoted = buffer[start - 1 : start] == b'"' and not buffer[start : start + 1].isspace()
        if (
            not text
            or (b"=" in text and not quoted and not text.startswith(b"=?"))
            or (text[:1] in _NO_BEGINNINGS and not text.startswith(b"=?"))
            or text in _NO_DISPLAY
            or text in self._values
            or text in self._users
        ):
            return False
        return not self._stays(text)

    def hosts(self, buffer: bytes, order: int, _kind: Kind) -> Iterator[Span]:
        """Hosts in Via, in parameters, in SDP, and the host part of a Call-ID; its left part stays."""
        for pattern, rule in ((_VIA, "via-host"), (_CALL_ID, "call-id-host"), (_SDP_HOST, "sdp-host")):
            for match in pattern.finditer(buffer):
                yield from self._host(match, order, rule)
        for match in _PARAMS.finditer(buffer):
            value = match["value"]
            if self._network.is_address(value):
                yield Span(*match.span("value"), order, Kind.IP, "sip-param", None, False, True)
            elif value.startswith(b"+") and value[1:].isdigit():
                yield Span(*match.span("value"), order, Kind.TEL, "sip-param", None, False, True)
            elif b"." in value and self._network.is_host(value):
                yield Span(*match.span("value"), order, Kind.HOST, "sip-param", None, False, True)

    def sdp_origins(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """The user in ``o=`` of SDP, a number where it is one; ``-``, internal DNs and service names stay."""
        for match in _SDP_ORIGIN.finditer(buffer):
            user = match["user"]
            if not self._stays(user):
                phone = _PHONE_USER.fullmatch(user) is not None
                found = Kind.TEL if phone else kind
                yield Span(*match.span("user"), order, found, "sdp-origin", None, False, True)

    def dtmf(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """Digits a caller pressed: INFO bodies of both kinds, and what programs say about them."""
        for match in _SIGNAL.finditer(buffer):
            yield Span(*match.span("digit"), order, kind, "dtmf-info", None, False, True)
        for match in _EVENT_DIGIT.finditer(buffer):
            yield Span(*match.span("digit"), order, kind, "dtmf-words", None, False, True)
        for pattern in (_RTP_DTMF, _DTMF_RESULT, _DTMF_BARRED, _DTMF_ELEMENT, _PRESSED):
            for match in pattern.finditer(buffer):
                yield Span(*match.span("digit"), order, kind, "dtmf-words", None, False, True)
        if any(word in buffer for word in (b"dtmf", b"DTMF", b"igit", b"IGIT")):
            for match in _DTMF_TYPE.finditer(buffer):
                yield Span(*match.span("body"), order, kind, "dtmf-body", None, False, True)
            for match in _DTMF_WORDS.finditer(buffer):
                yield Span(*match.span("digit"), order, kind, "dtmf-words", None, False, True)


def _is_element(match: re.Match[bytes], buffer: bytes) -> bool:
    """``<sip:header name=…>``, an element of XML; or ``sip:mary:<SECRET:…>@``, a user that is no host."""
    start, end = match.span()
    if not match["at"] and HIDDEN_PASSWORD.match(buffer, end):
        return True
    element = not match["at"] and buffer[start - 1 : start] in (b"<", b"/") and b"." not in match["host"]
    return element and buffer[end : end + 1] in (b" ", b">") and not match["host"].isdigit()


def _unfolded(head: bytes) -> tuple[bytes, int]:
    """What stands on the line before an endpoint, and how many blanks stood behind it, as a negative number.

    Of a folded header the lines before are part of it, with blanks for their line ends.
    """
    body = head.rstrip(b" \t")
    if len(body) < len(head) and body.endswith((b"\n", b"\r")):
        body = body.rstrip(b" \t\r\n")
    start = len(body)
    for _ in range(3):
        start = max(body.rfind(b"\n", 0, start), body.rfind(b"\r", 0, start)) + 1
        if not start or body[start : start + 1] not in (b" ", b"\t"):
            break
        start -= 1 + (body[start - 2 : start] == b"\r\n")
    else:
        start = max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
    return body[max(0, start) :].replace(b"\r", b" ").replace(b"\n", b" "), len(body) - len(head)


def _quoted_name(body: bytes, end: int) -> tuple[int, int] | None:
    start = end - len(body)
    stop = len(body) - 1
    if stop and body[stop - 1 : stop] == b"\\":  # \"name\" inside a JSON string
        stop -= 1
        opened = body.rfind(b'\\"', 0, stop)
        return (start + opened + 2, start + stop) if opened >= 0 else None
    if stop and body[stop - 1 : stop] == b'"':  # ""name"" inside of a cell
        opened = body.rfind(b'""', 0, stop - 1)
        return (start + opened + 2, start + stop - 1) if opened >= 0 else None
    opened = body.rfind(b'"', 0, stop)
    while opened > 0 and body[opened - 1 : opened] == b"\\":
        opened = body.rfind(b'"', 0, opened)
    return (start + opened + 1, start + stop) if opened >= 0 else None


def _unquoted_name(body: bytes, end: int) -> tuple[int, int] | None:
    cut = max(body.rfind(b":"), body.rfind(b","))
    if cut < 0:
        return None
    if body[cut : cut + 1] == b",":
        if not body[:cut].rstrip().endswith(b">"):
            return _family_first(body, cut, end)
    elif not _NAME_HEADER.search(body[max(0, cut - 24) : cut].rstrip()):
        return None
    name = body[cut + 1 :].strip()
    if not name or not _BARE_NAME.fullmatch(name):
        return None
    return end - len(name), end


def _family_first(body: bytes, comma: int, end: int) -> tuple[int, int] | None:
    """``From: O'Hara, Mary <sip:…>``: a name with a comma, which nobody quoted, behind its header."""
    sign = max(body.rfind(b":", 0, comma), body.rfind(b",", 0, comma))
    if sign < 0 or body[sign : sign + 1] == b",":
        return None
    if not _NAME_HEADER.search(body[max(0, sign - 24) : sign].rstrip()):
        return None
    family, given = body[sign + 1 : comma].strip(), body[comma + 1 :].strip()
    if not _BARE_NAME.fullmatch(family) or not _BARE_NAME.fullmatch(given):
        return None
    return end - len(body[sign + 1 :].strip()), end


def _encoded_words(body: bytes, end: int) -> tuple[int, int] | None:
    """``=?UTF-8?B?…?=``: a name as mail encodes it."""
    words = _MIME_WORDS.search(body)
    return (end - len(words[0]), end) if words else None


def _capital_name(body: bytes, end: int) -> tuple[int, int] | None:
    name = _CAPITAL_NAME.search(body)
    return (end - len(name[0]), end) if name else None
