"""Addresses and host names by their shape."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from itertools import chain

from app.masking.escapes import (
    BEHIND,
    NAME_BEHIND,
    ends_at,
    is_letter,
    letters_at,
    without_blanks,
    without_quotes,
)
from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.rules import Allow
from app.masking.spans import Span
from app.masking.tokens import TOKEN, ends_with_token
from app.masking.versions import of_firewall, of_private_net, of_product

_V4 = Pattern(
    rb"(?:(?<![\w.])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])|"
    + BEHIND
    + rb")(?:(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w|-(?!(?:\d{1,3}\.){3})\w)"
    rb"|(?:192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}(?=-\w))"
)
_BOTH_ENDS = Pattern(rb":\d{1,5}-(?:\d{1,3}\.){3}\d")
"""``sshd@6-10.0.0.5:22-10.0.0.9:51122.service``."""
_V4_DOT = Pattern(rb"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?=\.[a-z0-9])")
_GLUED_PORT = Pattern(rb"\.(?:\d{1,5}|[a-z][a-z0-9-]{0,20})(?![\w.-])")
_GLUED_CALL = Pattern(rb"\.1[6-9]\d{11}\.\d")
"""``10.1.2.3.1729792132429.17``: the name of a call that begins with the address of its server."""
_RANGE_BEFORE = Pattern(rb"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?-\Z")
"""The first address of a range, or of a connection (``10.1.2.3:9092-10.1.2.4:51122``)."""
_SIDE = Pattern(rb"(?<![\w.])[LR](?P<ip>(?:\d{1,3}\.){3}\d{1,3}):\d{1,5}/")
"""Both ends of a connection: ``L10.1.2.3:5061/R10.1.2.4:15061/TLS``."""
_TUPLE = Pattern(rb"\{(?P<ip>(?:\d{1,3},){3}\d{1,3})\}(?P<port>,[ ]?\d{1,5}[,}\]])?", words=(b"{",))
_TUPLE_BEFORE = Pattern(
    rb"(?i)(?<![a-z])(?:ip|addr|address|peer|peername|host|from|inet|remote|local|client|server)"
    rb"[ ,=:{]{1,3}\Z"
)
"""``{{192,0,2,4},5672,…}``, ``peer {192,0,2,4}`` of Erlang."""
_MONTH_BEFORE = Pattern(rb"[A-Z][a-z]{2}-\Z")
"""``4-May-2026::08:20:13`` is a time."""
_HEX = b"0123456789abcdefABCDEF:"
_V6 = Pattern(
    rb"(?:(?<![\w:.])|(?<=\[IPv6:)|" + BEHIND + rb")(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])"
)
_PORT_BEHIND = Pattern(rb":\d{5}\Z")
_DEVICE = Pattern(rb"\d{1,4}::0?")
"""``calledDevice=5931::``, ``2195::0``: a number and the empty fields behind it; ``2001::/16`` is a net."""
_MAC = Pattern(
    rb"(?:(?<![\w:.-])|"
    + BEHIND
    + rb")(?:(?:[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})"
    rb"(?![\w:-])"
    rb"|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}(?![\w-]))"
)
_NO_DEVICE = Pattern(rb"(?i)(?:[0:.-]+|[f:.-]+)\Z|01[:-]?00[:.-]?5e|33[:-]?33[:.-]")
"""All devices of a net, none of them, and those that listen to a group."""
_FRAME = Pattern(
    rb"MAC=(?P<to>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}):(?P<from>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})(?=(?::[0-9A-Fa-f]{2}){2}(?![\w:]))",
    words=(b"MAC=",),
)
"""Both addresses and the type of a frame, as the packet filter of Linux writes them."""
_ESCAPED = Pattern(rb"(?<![\w%])[0-9A-Fa-f]{0,4}(?:%3[aA][0-9A-Fa-f]{0,4}){2,7}(?!\w|%3[aA])")
"""An address with its colons as URLs hold them: ``mac=00%3A11%3A22%3A33%3A44%3A55``."""
_ESCAPED_COLON = Pattern(rb"%3[aA]")
_DEVICE_MAC = Pattern(rb"(?<!\w)SEP(?P<mac>[0-9A-F]{12})(?!\w)", words=(b"SEP",))
_MAC_BY_KEY = Pattern(
    rb"(?:(?<!igest[ _-])(?<!IGEST[ _-])(?<!mac[ _-])(?<!MAC[ _-])"
    rb"(?:(?<![A-Za-z])mac|(?<![A-Z])M(?:ac|AC))(?:[ _-]?(?:[Aa]ddr(?:ess)?|ADDR(?:ESS)?))?"
    rb"|(?<![A-Za-z])(?:(?:hw|ch|eth)addr|bssid|BSSID))"
    rb"[\"']?[ \t]{0,2}[:=][ \t]{0,2}[\"']?(?P<mac>(?=[0-9]{0,11}[A-Fa-f])[0-9A-Fa-f]{12})(?!\w)",
    words=(b"mac", b"addr", b"bssid"),
    any_case=True,
)
"""``deviceMac=0255AB12CD3F``: without signs only a key tells it; ``digest mac:`` is another."""
_VERSION_BEFORE = Pattern(
    rb"(?i)(?:version|\bver|\brev|\brevision|release|build|\bv|\brv|\bfw|firmware|\blib\w*|commonlib|version['\"]?\s{1,4}value=|\.(?:dll|exe|so|jar|msi|sys|ocx|war)|version\s{1,16}value:"
    rb"|\[\d{1,3}\](?!:)|gcti|genesys|jdk|jre|java|openssl|product|component|software|driver|patch"
    rb"|upgrade[d]?|hot ?fix|hf"
    rb"|oracle|section|t-?server|wersj[ai]|vers(?:ao|\xc3\xa3o|ione|ie|i\xc3\xb3n)|surum|s\xc3\xbcr\xc3\xbcm|\boid|schema|mysql|postgres(?:ql)?|nginx|tomcat|jetty|kernel|linux|windows|chrome|firefox|safari)"
    rb"(?: version| release| is| to| from| number)?[\s:='\"(#]{0,4}$"
)
_TAG_BEFORE = Pattern(rb"(?i)(?:mysql|postgres|nginx|tomcat|jetty|kernel): \Z")
"""Of syslog: ``nginx: 10.1.2.3 - mohara``."""
_VERSION_LABEL = Pattern(rb"(?i)version[ \t]{0,4}[:=][ \t]{1,24}\Z")
"""In the header of a segment: ``Version:            10.0.13.23``."""
_VERSION_LINE = Pattern(rb"(?i)(?:^|\n)(?:user-agent|server|x-powered-by)[ \t]{0,4}:[^\n]{0,200}\Z")
_VERSION_STEP = Pattern(rb"(?i)(?:up|down)grad(?:ed|ing)(?: from \d[\w.-]{2,23})? (?:to|from) \Z")
_VERSION_SHORT_STEP = Pattern(rb"(?i)(?:version|release|build|revision|firmware) (?:to|from) \Z")
"""``version to 4.6.0.1``: an address seldom begins with one digit."""
_VERSION_ARROW = Pattern(
    rb"(?i)(?:(?:version|build|revision|firmware)[\"']?[ :=]{1,3}|(?<!\w)release[\"']?[:=][ :=]{0,2})"
    rb"[\"']?\d[\w.-]{2,23}[\"']? [=-]> [\"']?\Z"
)
"""``version: "10.0.1.2" -> "10.0.1.3"``."""
_UPGRADE_BEFORE = Pattern(rb"(?i)upgrad|downgrad|version|release|migrat")
_ADDRESS_BEFORE = Pattern(
    rb"(?i)(?:@|//|\bIP4 |\bip|addr\w*|host\w*|from|peer|remote|local|bind|listen\w*|connect\w*"
    rb"|(?:UDP|TCP|TLS) )"
    rb"[\s:='\"(\[]{0,4}$"
)
_PATH_OF_ADDRESS = Pattern(rb"(?i)(?<![a-z])(?:udp|tcp|tls|sctp|wss?|ip|ipv4|host|addr|direct|parent)/\Z")
"""``IPV4/UDP/10.1.2.3/5060``, ``/query/ip/10.1.2.3``."""
_SURELY_ADDRESS = (b"@", b"//", b"IP4 ", b"UDP ", b"TCP ", b"TLS ", b" from ", b" to ", b"received=")
_PARTY = Pattern(rb"\d{1,4}::\d{1,3}")
_PARTY_BEFORE = Pattern(rb"(?<![\w+])(?:NAD|LOC)\+[A-Z0-9]{1,3}\+\Z")
"""``NAD+BY+4711::9``: the id of a party, and who gave it."""
_TLD = (
    rb"(?:com|net|org|edu|gov|mil|int|biz|info|local|lan|corp|internal|intranet|intra|home|localdomain|example|test"
    rb"|invalid|cloud|intern|dmz|eu|de|at|ch|fr|nl|be|uk|ie|es|pt|it|pl|cz|sk|hu|ro|se|dk|fi|no|gr|tr|ru|ua|il|ae|sa|za|in"
    rb"|cn|jp|kr|tw|hk|sg|my|th|vn|ph|id|au|nz|ca|us|mx|br|ar|cl|co|io|lu|lt|lv|bg)"
)
_FQDN = Pattern(
    rb"(?:(?<![\w.@$/\\-])|"
    + NAME_BEHIND
    + rb")(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.){1,6}"
    + _TLD
    + rb"(?![\w-]|\.\w|\()"
)
_FQDN_PORT = Pattern(
    rb"(?:(?<![\w.@$/\\-])|"
    + NAME_BEHIND
    + rb")(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.){1,6}"
    + _TLD
    + rb"(?=\.(?:\d{1,5}|[a-z][a-z0-9-]{0,20})(?![\w.-]))"
)
HIDDEN_PASSWORD = Pattern(rb":(?:" + TOKEN.pattern + rb")?@")
"""Behind the user of a URL whose password an earlier run hid."""
CONNECTION = rb"(?:(?<=:sqlserver://)|(?<=:as400://)|(?<=:Tds://)|(?<=:hive2://)|(?<=:impala://))[^\s/@:;'\"<>]{0,127}(?::\d{1,5})?;\w{1,32}="
"""A host with what belongs to a connection behind it, and no log-in: ``jdbc:sqlserver://db:1433;user=mary;…``.

Only behind names of JDBC: ``imap://mary;AUTH=NTLM@mail`` has a log-in.
"""
_AFTER_SLASHES = Pattern(
    rb"(?<!/)//(?:(?!"
    + CONNECTION
    + rb")[^\s/@'\"<>]{1,128}@)?(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)"
    rb"(?:\.[A-Za-z0-9][A-Za-z0-9_-]{0,62}){0,6})(?=[:/?#\s'\",;<>)\]\\|]|$)",
    re.MULTILINE,
    words=(b"//",),
)
_REQUEST_BEFORE = Pattern(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) \Z")
_HOST_OF_REQUEST = Pattern(rb"(?:[^.]{1,64}\.){2,6}[A-Za-z]{2,64}")
"""``GET //crm.corp.example/…``, and not ``GET //desk/setup.php``."""
_CAPITALS = Pattern(rb"[A-Z]+")
_PART_OF_PROGRAM = Pattern(rb"[A-Z][A-Za-z_]{0,62}")
_FOLDER = Pattern(rb"[a-z_]{1,63}")
_ENCODED = Pattern(rb"[0-9A-F]{2}(?=[A-Za-z0-9])")
_KEY_OF_TWO = Pattern(
    rb"[A-Za-z_]{1,63}\.(?:info|home|example|test|invalid|int)|user\.(?:lan|local|internal|cloud|intern)"
)
"""Words that name a field of something where ``=`` stands behind them: ``user.home=1``."""
_SHARE = Pattern(
    rb"(?<![\\\w:.])\\\\(?:\\\\)?(?P<host>[A-Za-z][\w.-]{2,62})\\{1,2}(?=[\w$])", words=(b"\\\\",)
)
_PACKAGE = (
    b"java.",
    b"javax.",
    b"com.",
    b"org.",
    b"net.",
    b"sun.",
    b"jdk.",
    b"io.",
    b"edu.",
    b"de.",
    b"uk.",
    b"e.",
    b"c.",
)
_SHORTENED = Pattern(rb"[0-9A-Fa-f:]*[0-9][0-9A-Fa-f:]*::|::[0-9A-Fa-f:.]*[0-9]")
SEEN = {
    "ip": ((_V4,), (_V4_DOT,), (_SIDE,), (_TUPLE,), (_V6,), (_SHORTENED,), (_ESCAPED,)),
    "mac": ((_MAC,), (_FRAME,), (_DEVICE_MAC,), (_ESCAPED,), (_MAC_BY_KEY,)),
    "host": ((_FQDN,), (_FQDN_PORT,), (_SHARE,), (_AFTER_SLASHES,)),
}
"""As `app.masking.text.SEEN`."""
_COUNTRY_ONLY_LONG = Pattern(rb"\.(?:[a-z]{2}|com|net|org|home|test|local|cloud|info|internal|int|intern)$")


class Network:
    """Addresses and host names, less those the rules allow."""

    def __init__(self, allow: Allow, *, site: Sequence[str] = ()) -> None:
        self._site = tuple(ipaddress.ip_network(n) for n in site)
        self._networks = tuple(ipaddress.ip_network(n) for n in allow.addresses)
        self._hosts = frozenset(h for h in allow.hosts if not h.startswith("."))
        self._domains = tuple(h for h in allow.hosts if h.startswith("."))
        self._seen: dict[bytes, bool] = {}

    def addresses(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """IPv4 and IPv6 addresses; versions such as ``8.1.103.95`` stay."""
        for match in _V4.finditer(buffer):
            if self._is_v4(match, buffer):
                yield Span(*match.span(), order, kind, "ipv4", None, False)
        for match in _V4_DOT.finditer(buffer):
            glued = _in_packet(buffer, *match.span()) or _GLUED_CALL.match(buffer, match.end())
            if glued and self.is_address(match[0]):
                yield Span(*match.span(), order, kind, "ipv4", None, False)
        for match in _SIDE.finditer(buffer):
            if self.is_address(match["ip"]):
                yield Span(*match.span("ip"), order, kind, "ipv4", None, False, True)
        for match in _TUPLE.finditer(buffer):
            told = match["port"] or _TUPLE_BEFORE.search(buffer, max(0, match.start() - 24), match.start())
            if told and self.is_address(match["ip"].replace(b",", b".")):
                yield Span(*match.span("ip"), order, kind, "ipv4", None, False)
        for match in _V6.finditer(buffer):
            if self.is_address(match[0]):
                yield Span(*match.span(), order, kind, "ipv6")
        yield from self._escaped(buffer, order, kind)
        if b"::" in buffer:
            yield from self._shortened(buffer, order, kind)

    def passed_over(self, buffer: bytes) -> Iterator[int]:
        """Where a valid address stands that is taken for a version, because of what stands around it."""
        for match in _V4.finditer(buffer):
            if self.is_address(match[0]) and not self._is_v4(match, buffer):
                yield match.start()

    def maybe_address(self, buffer: bytes, start: int, end: int) -> bool:
        """Whether the first address with dots there is one; where there are colons, too, it may always be."""
        found = _V4.search(buffer, start, end + 1)
        if found is None or b"::" in buffer[start:end] or self._is_v4(found, buffer):
            return True
        return _V4_DOT.search(buffer, start, end + 1) is not None

    def _escaped(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        for match in _ESCAPED.finditer(buffer):
            if self.is_address(_ESCAPED_COLON.sub(b":", match[0])):
                yield Span(*match.span(), order, kind, "ipv6")

    def _shortened(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        at = buffer.find(b"::")
        while at >= 0:
            head = buffer[max(0, at - 40) : at]
            start = at - (len(head) - len(head.rstrip(_HEX)))
            tail = buffer[at : at + 48]
            end = at + len(tail) - len(tail.lstrip(_HEX + b"."))
            text = (
                buffer[start:end].rstrip(b".:")
                if not buffer[start:end].endswith(b"::")
                else buffer[start:end]
            )
            if _in_packet(buffer, start, start + len(text.rpartition(b".")[0])):
                text = text.rpartition(b".")[0]  # 2001:db8::1.5060 > …
            if buffer[max(0, start - 4) : start + 2] == b"[IPv6:":
                start, text = start + 2, text[2:]
            hidden = letters_at(buffer, start - 1)  # \\x222001:db8::1
            if hidden and start - 1 + hidden <= at:
                start, text = start - 1 + hidden, text[hidden - 1 :]
            own = (start and buffer[start - 6 : start] == b"[IPv6:") or ends_at(buffer, start)
            around = b"" if own or not start else buffer[start - 1 : start]
            behind = buffer[start + len(text) : start + len(text) + 1]
            text = _PORT_BEHIND.sub(b"", text)  # 2001:db8::1:58430
            plausible = any(48 <= c <= 57 for c in text) and len(text) > 3
            plausible = plausible and not _MONTH_BEFORE.search(buffer, max(0, start - 4), start)
            net = buffer[start + len(text) : start + len(text) + 1] == b"/"
            plausible = plausible and (net or _DEVICE.fullmatch(text) is None)
            if plausible and _PARTY.fullmatch(text):
                plausible = _PARTY_BEFORE.search(buffer, max(0, start - 9), start) is None
            if plausible and not _wordy(around) and not _wordy(behind) and self.is_address(text):
                yield Span(start, start + len(text), order, kind, "ipv6")
            at = buffer.find(b"::", max(end, at + 2))

    def macs(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """Hardware addresses in the three usual notations."""
        for match in _MAC.finditer(buffer):
            text = match[0]
            if _NO_DEVICE.match(text):
                continue
            if b":" in text or any(c > 57 for c in text):
                yield Span(*match.span(), order, kind, "mac")
        for match in _FRAME.finditer(buffer):
            yield Span(*match.span("to"), order, kind, "mac")
            yield Span(*match.span("from"), order, kind, "mac")
        for match in _ESCAPED.finditer(buffer):
            if _MAC.fullmatch(_ESCAPED_COLON.sub(b":", match[0])):
                yield Span(*match.span(), order, kind, "mac")
        for match in _DEVICE_MAC.finditer(buffer):
            yield Span(*match.span("mac"), order, kind, "mac", None, False, True)
        for match in _MAC_BY_KEY.finditer(buffer):
            if not _NO_DEVICE.match(match["mac"]) and not match["mac"].startswith(b"3333"):
                yield Span(*match.span("mac"), order, kind, "mac", None, False, True)

    def hosts(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """Full host names, and whatever stands behind ``//`` in a URL."""
        in_packets = (m for m in _FQDN_PORT.finditer(buffer) if _in_packet(buffer, *m.span()))
        for match in chain(_FQDN.finditer(buffer), in_packets):
            start, end = match.span()
            if buffer[start - 1 : start] == b"%" and _ENCODED.match(buffer, start):
                start += 2  # %2Fweb.example.com
            if buffer[end : end + 1] == b"=" and (
                buffer[end - 3 : end - 2] == b"." or _KEY_OF_TWO.fullmatch(buffer, start, end)
            ):
                continue  # user.media.id=A1, user.home=1: a key
            if self.is_host(buffer[start:end]):
                yield Span(start, end, order, kind, "fqdn", None, True)
        for match in _SHARE.finditer(buffer):
            if ends_with_token(buffer, match.start()):
                continue  # C:\\\\Users\\\\<USER:…>\\\\AppData
            if not self.allowed_host(match["host"]):
                yield Span(*match.span("host"), order, kind, "share-host", None, True)
        yield from self._behind_slashes(buffer, order, kind)

    def _behind_slashes(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        for match in _AFTER_SLASHES.finditer(buffer):
            name = match["host"]
            if buffer[match.start() - 5 : match.start()] == b"file:" and _FOLDER.fullmatch(name):
                continue  # file://music/in_queue.wav
            if buffer[match.end() : match.end() + 1] == b"/" and (
                buffer[match.start() - 1 : match.start()].isalnum() or ends_with_token(buffer, match.start())
            ):
                continue  # /usr/share//doc/
            if HIDDEN_PASSWORD.match(buffer, match.end()):
                continue  # http://u:<SECRET:…>@<HOST:…>/
            if _public_identifier(buffer, match.start(), match.end(), name):
                continue  # "-//W3C//DTD VOICEXML 2.1//EN"
            authority = (
                buffer[match.end() : match.end() + 1] == b":" or match.start("host") > match.start() + 2
            )
            if (
                not authority
                and _REQUEST_BEFORE.search(buffer, max(0, match.start() - 8), match.start())
                and not _HOST_OF_REQUEST.fullmatch(name)
            ):
                continue  # GET //desk/setup.php HTTP/1.1
            scheme, behind = buffer[match.start() - 1 : match.start()], buffer[match.end() : match.end() + 1]
            if scheme != b":" and behind == b"/" and _PART_OF_PROGRAM.fullmatch(name):
                continue  # //SIP/Stack/Info/0x0/…
            if not self.allowed_host(name) and not name.replace(b".", b"").isdigit():
                yield Span(*match.span("host"), order, kind, "url-host", None, True)

    def is_address(self, text: bytes) -> bool:
        """Whether this is a valid address that the rules do not allow."""
        known = self._seen.get(text)
        if known is None:
            try:
                address = ipaddress.ip_address(text.decode("ascii"))
                known = not any(address in n for n in self._networks if n.version == address.version)
            except ValueError:
                known = False
            if len(self._seen) > 50_000:
                self._seen.clear()
            self._seen[text] = known
        return known

    def is_host(self, name: bytes) -> bool:
        """Whether a dotted name is a host of somebody: not a Java package, not a file, not allowed."""
        if name.startswith(_PACKAGE) or self.allowed_host(name):
            return False
        if name.count(b".") == 1 and _COUNTRY_ONLY_LONG.search(name):
            return name.islower() and name.endswith((b".com", b".net", b".org", b".local")) and len(name) > 7
        return True

    def allowed_host(self, name: bytes) -> bool:
        """Whether the rules let this host name stand."""
        text = name.decode("utf-8", "replace").lower()
        return text in self._hosts or text.endswith(self._domains) or ("." + text) in self._domains

    def _of_site(self, text: bytes) -> bool:
        address = ipaddress.ip_address(text.decode("ascii"))
        return any(address in n for n in self._site if n.version == address.version)

    def _is_v4(self, match: re.Match[bytes], buffer: bytes) -> bool:
        text = match[0]
        if not self.is_address(text):
            return False
        if self._site and self._of_site(text):
            return True
        start, end = match.span()
        before = buffer[max(0, start - 40) : start].rpartition(b"\n")[2]
        escaped = is_letter(buffer, start - 1)
        told = without_blanks(before) if escaped else without_quotes(before)
        escaped, before = told != before, told
        if before[-1:] == b"_" or (
            before[-1:] == b"-"
            and not _RANGE_BEFORE.search(before)
            and before[-3:] != b"<--"
            and not _BOTH_ENDS.match(buffer, end)
        ):
            return False
        in_path = before[-1:] == b"/" and before[-2:-1].isalpha() and not of_private_net(text)
        if in_path and buffer[end : end + 1] != b":":
            return _PATH_OF_ADDRESS.search(before) is not None  # not Chrome/114.0.5735.110
        first, second = text.split(b".")[:2]
        version_like = len(first) == 1 and first in b"6789" and len(second) == 1
        if version_like and _UPGRADE_BEFORE.search(before):
            return False
        port = buffer[end : end + 1] == b":" and buffer[end + 1 : end + 2].isdigit()
        if not escaped and (
            of_product(before, text, port=port)
            or _VERSION_STEP.search(before)
            or (_VERSION_ARROW.search(before) and not of_private_net(text))
            or (len(first) == 1 and _VERSION_SHORT_STEP.search(before))
        ):
            return False
        if (
            before.endswith(_SURELY_ADDRESS)
            or _ADDRESS_BEFORE.search(before, max(0, len(before) - 20))
            or of_private_net(text)
            or (not escaped and of_firewall(before, text))
        ):
            return True
        if _VERSION_LABEL.search(before):
            return False
        if (_VERSION_BEFORE.search(before) and not _TAG_BEFORE.search(before)) or _VERSION_LINE.search(
            buffer, max(0, start - 220), start
        ):
            return False
        if not version_like or buffer[end : end + 1] == b":":
            return True
        return (
            buffer[start - 1 : start] in (b"", b"\n") and buffer[end : end + 3] == b" - "
        )  # of an access log


def _public_identifier(buffer: bytes, slashes: int, end: int, name: bytes) -> bool:
    """Whether a name is a part of the identifier of a document's kind."""
    if buffer[max(0, slashes - 2) : slashes] in (b'"-', b"'-", b";-"):
        return buffer[end : end + 1] != b"/" or buffer[end + 1 : end + 2] == b"/"  # no "-//host/share"
    if len(name) not in (2, 3) or end - slashes != len(name) + 2:
        return False
    before = buffer[slashes - 1 : slashes].isalnum() or ends_with_token(buffer, slashes)
    return before and _CAPITALS.fullmatch(name) is not None


def _in_packet(buffer: bytes, start: int, end: int) -> bool:
    """Whether an address stands in a packet's line, with a port: ``IP 10.1.2.3.51022 > 10.1.2.4.5060:``."""
    port = _GLUED_PORT.match(buffer, end)
    if port is None:
        return False
    behind = buffer[port.end() : port.end() + 2]
    return behind == b" >" or (buffer[max(0, start - 2) : start] == b"> " and behind[:1] in (b":", b","))


def _wordy(char: bytes) -> bool:
    return char.isalnum() or char in (b"_", b":") if char else False
