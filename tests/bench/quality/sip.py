"""Raw SIP messages as servers log them: headers, folded headers, and bodies."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Scene, form_text, joined, json_text, url_text, xml_text
from tests.bench.quality.identities import digits, hexes, ip, ip6, mac
from tests.bench.quality.page import plain

METHODS = ("INVITE", "BYE", "ACK", "REFER", "OPTIONS", "REGISTER", "UPDATE", "NOTIFY", "MESSAGE", "PRACK")


class Dialog:
    """The two parties of a message and the names of their header fields' values."""

    def __init__(self, scene: Scene, ids: Ids) -> None:
        self.scene, self.ids, self.page, self.dice = scene, ids, scene.page, scene.page.dice

    def host(self, notation: str) -> str:
        """An address or a name of the site."""
        roll = self.dice.random()
        if roll < 0.75:
            return self.page.structured("ip", ip(self.dice, self.scene.words), notation)
        if roll < 0.85:
            return f"[{self.page.structured('ip', ip6(self.dice, self.scene.words), notation + ' v6')}]"
        name = f"{self.scene.word(self.scene.words.hosts)}.{self.scene.words.site_domain}"
        return self.page.structured("host", name, notation)

    def user(self, notation: str) -> str:
        """A number of somebody outside, or sometimes a name or an internal number."""
        who = self.scene.who
        roll = self.dice.random()
        if roll < 0.12:
            return self.ids.dn()
        if roll < 0.24:
            return self.page.structured("user", who.values["mail"].split("@")[0], notation)
        number = who.telephone.e164 if self.dice.random() < 0.7 else who.telephone.e164[1:]
        return self.page.structured("phone", number, notation)

    def uri(self, notation: str) -> str:
        """A SIP address with or without port and parameters."""
        scheme = self.dice.choice(["sip:", "sip:", "sips:"])
        port = f":{self.ids.port()}" if self.dice.random() < 0.5 else ""
        tail = self.dice.choice(["", ";user=phone", ";transport=tcp", ";ob"])
        return f"{scheme}{self.user(notation)}@{self.host(notation + ' host')}{port}{tail}"

    def display(self, notation: str) -> str:
        """A name before an address, quoted or not."""
        who = self.scene.who
        roll = self.dice.random()
        if roll < 0.25:
            return ""
        if roll < 0.8:
            self.page.teach("name", who.name)
            return f'"{self.page.structured("name", who.name, notation + " display name")}" '
        bare = who.first
        return f"{self.page.structured('name', bare, notation + ' bare display name')} "

    def tag(self) -> str:
        """``;tag=…``."""
        return f";tag={self.page.stay('tag', hexes(self.dice, self.dice.choice([8, 16])).upper())}"

    def tel(self, notation: str) -> str:
        """A tel URI."""
        return f"tel:{self.page.structured('phone', self.scene.who.telephone.e164, notation + ' tel')}"


def messages(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Messages sent and received, each up to its blank line and body."""
    page = scene.page
    page.format = "SIP message"
    for _ in range(count):
        scene.next()
        dialog = Dialog(scene, ids)
        body_type, body = _body(dialog, clock)
        head = _head(dialog, body_type, body)
        size = ids.number("size", 300, 2000)
        peer = page.structured("ip", ip(page.dice, scene.words), "address:port")
        way = page.dice.choice(
            [
                f"Sending  [0,UDP] {size} bytes to {peer}:{ids.port()} >>>>>",
                f"SIPTR: Received [{ids.number('plain number', 0, 9)},TCP] {size} bytes from {peer}:{ids.port()} <<<<<",
            ]
        )
        page.add([f"{clock.stamp('plain')}: {way}", *head, "", *body, ""])


def _head(dialog: Dialog, body_type: str, body: list[str]) -> list[str]:
    page, ids, dice = dialog.page, dialog.ids, dialog.dice
    method = "INFO" if "dtmf" in body_type.lower() else dice.choice(METHODS)
    if method != "INFO" and dice.random() < 0.3:
        first = f"SIP/2.0 {dice.choice(['100 Trying', '180 Ringing', '200 OK', '486 Busy Here', '302 Moved Temporarily'])}"
    else:
        first = f"{method} {dialog.uri('request URI')} SIP/2.0"
    compact = dice.random() < 0.12
    names = {"From": "f", "To": "t", "Via": "v", "Contact": "m", "Call-ID": "i", "Content-Length": "l"}

    def name(full: str) -> str:
        return names[full] if compact else full

    branch = page.stay("branch", "z9hG4bK-" + hexes(dice, 16).upper())
    call_id = f"{page.stay('Call-ID', f'{hexes(dice, 8)}-{hexes(dice, 4)}-{hexes(dice, 4)}'.upper())}"
    lines = [
        first,
        (
            f"{name('Via')}: SIP/2.0/UDP {dialog.host('Via')}:{ids.port()};branch={branch}"
            f";received={page.structured('ip', ip(dice, dialog.scene.words), 'Via received')};rport={ids.port()}"
        ),
        f"{name('From')}: {dialog.display('From')}<{dialog.uri('From')}>{dialog.tag()}",
        f"{name('To')}: {dialog.display('To')}<{dialog.uri('To')}>",
        f"{name('Call-ID')}: {call_id}@{dialog.host('Call-ID host')}",
        f"CSeq: {ids.number('CSeq', 1, 9999)} {method}",
        f"{name('Contact')}: <{dialog.uri('Contact')}>",
        "Max-Forwards: 70",
    ]
    lines += [make() for make in dice.sample(_more(dialog), k=5)]
    if body_type:
        lines.append(f"Content-Type: {body_type}")
    length = sum(len(plain(line).encode()) + 2 for line in body)
    lines.append(f"{name('Content-Length')}: {page.stay('size', length)}")
    return lines


def _more(dialog: Dialog) -> list[Callable[[], str]]:
    page, ids, dice, scene = dialog.page, dialog.ids, dialog.dice, dialog.scene
    secret = scene.who.values["secret"]
    cause = "reason=no-answer;counter=1"
    field = scene.field(dice.choice(["name", "customer id", "phone", "mail"]))
    shown = f"X-{field.key('kebab' if dice.random() < 0.5 else 'Pascal')}"
    return [
        lambda: (
            f"P-Asserted-Identity: {dialog.display('P-Asserted-Identity')}<{dialog.tel('P-Asserted-Identity')}>"
        ),
        lambda: f"P-Preferred-Identity: <{dialog.uri('P-Preferred-Identity')}>",
        lambda: (
            f"Remote-Party-ID: {dialog.display('Remote-Party-ID')}<{dialog.uri('Remote-Party-ID')}>;party=calling"
            ";screen=yes;privacy=off"
        ),
        lambda: f"Diversion: {dialog.display('Diversion')}<{dialog.uri('Diversion')}>;{cause}",
        lambda: (
            f"History-Info: <{dialog.uri('History-Info')}?Reason=SIP%3Bcause%3D302>;index=1,\n"
            f" <{dialog.uri('History-Info folded')}>;index=1.1"
        ),
        lambda: f"Refer-To: <{dialog.uri('Refer-To')}>",
        lambda: f"Referred-By:\n\t{dialog.display('Referred-By folded')}<{dialog.uri('Referred-By folded')}>",
        lambda: f"Record-Route: <sip:{dialog.host('Record-Route')}:{ids.port()};lr>",
        lambda: f"X-Genesys-CallUUID: {ids.call_uuid()}",
        lambda: f"X-Genesys-GVP-Session-ID: {ids.guid()};gvp.rm.datanodes=1",
        lambda: f"{shown}: {scene.page.keyed(field.kind, field.value, 'SIP header', shown)}",
        lambda: f"User-Agent: {page.stay('version', 'GVP/' + dice.choice(scene.words.versions))}",
        lambda: (
            "Authorization: Digest username="
            f'"{page.structured("user", scene.who.values["user"].split(chr(92))[-1], "Digest")}", realm="{page.either("pbx")}",'
            f' nonce="{page.either(hexes(dice, 16))}", uri="sip:{dialog.host("Digest uri")}",'
            f'\n response="{page.structured("secret", hexes(dice, 32), "Digest response")}", algorithm=MD5'
        ),
        lambda: f"Proxy-Authorization: Bearer {page.structured('secret', secret * 3, 'Bearer')}",
        lambda: f"P-Charging-Vector: icid-value={ids.hex('reference id', 24)};orig-ioi=home",
        lambda: f"Session-Expires: {ids.number('duration', 90, 3600)};refresher=uac",
        lambda: "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, REFER",
        lambda: f"RSeq: {ids.number('sequence number', 1, 99_999)}",
        lambda: f"Expires: {ids.number('duration', 60, 3600)}",
    ]


def _body(dialog: Dialog, clock: Clock) -> tuple[str, list[str]]:
    roll = dialog.dice.random()
    if roll < 0.3:
        return "application/sdp", _sdp(dialog, clock)
    if roll < 0.5:
        return _dtmf(dialog)
    if roll < 0.6:
        return "application/pidf+xml", _xml(dialog)
    if roll < 0.72:
        return "application/vnd.radisys.msml+xml", msml(dialog)
    if roll < 0.78:
        return "application/x-www-form-urlencoded", [_form(dialog.scene)]
    if roll < 0.84:
        return "application/json", [f"{{{_json(dialog.scene)}}}"]
    return "", []


def _sdp(dialog: Dialog, clock: Clock) -> list[str]:
    page, ids, dice, words = dialog.page, dialog.ids, dialog.dice, dialog.scene.words
    address = page.structured("ip", ip(dice, words), "SDP o=")
    session = page.stay("session id", digits(dice, 10))
    lines = [
        "v=0",
        f"o={dice.choice(['-', page.either('PhoneSIP'), page.either('GVP')])} {session} {page.stay('session id', '1')} IN IP4 {address}",
        f"s={page.stay('SDP attribute', 'session')}",
        f"c=IN IP4 {page.structured('ip', ip(dice, words), 'SDP c=')}",
        "t=0 0",
        f"m=audio {ids.port()} {page.stay('codec', 'RTP/AVP 0 8 18 101')}",
        f"a={page.stay('codec', 'rtpmap:0 PCMU/8000')}",
        f"a={page.stay('codec', 'rtpmap:101 telephone-event/8000')}",
        f"a={page.stay('codec', 'fmtp:101 0-15')}",
        f"a={page.stay('SDP attribute', 'ptime:20')}",
        f"a={page.stay('SDP attribute', 'sendrecv')}",
    ]
    more = [
        f"a=rtcp:{ids.port()} IN IP4 {page.structured('ip', ip(dice, words), 'SDP a=rtcp')}",
        (
            f"a=candidate:1 1 UDP {page.stay('plain number', '2130706431')} "
            f"{page.structured('ip', ip(dice, words), 'SDP candidate')} {ids.port()} typ host"
        ),
        (
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
            f"{page.structured('secret', ''.join(dice.choice('abcDEFghiJKLmno0123456789+/') for _ in range(40)), 'SDP crypto')}"
        ),
        f"a=ice-pwd:{page.structured('secret', dialog.scene.who.values['secret'] + hexes(dice, 12), 'SDP ice-pwd')}",
        f"c=IN IP6 {page.structured('ip', ip6(dice, words), 'SDP c= v6')}",
    ]
    return lines + dice.sample(more, k=2)


def _form(scene: Scene) -> str:
    return joined(scene, scene.fields(4), "{k}={v}", "form in SIP", encode=form_text, mark="&", style="camel")


def _json(scene: Scene) -> str:
    return joined(scene, scene.fields(4), '"{k}": "{v}"', "JSON in SIP", encode=json_text)


def _dtmf(dialog: Dialog) -> tuple[str, list[str]]:
    digit = dialog.dice.choice("0123456789*#")
    if digit in "*#" or dialog.dice.random() < 0.7:
        shown = dialog.page.structured("dtmf", digit, "INFO dtmf-relay") if digit.isdigit() else digit
        duration = dialog.page.stay("duration", dialog.dice.choice(["160", "250", "100"]))
        if dialog.dice.random() < 0.5:
            return "application/dtmf-relay", [f"Signal={shown}", f"Duration={duration}"]
        return "application/dtmf-relay", [f"Signal= {shown}", f"Duration= {duration}"]
    return "application/dtmf", [dialog.page.structured("dtmf", digit, "INFO dtmf")]


def _xml(dialog: Dialog) -> list[str]:
    page, scene = dialog.page, dialog.scene
    entity = f"{dialog.user('PIDF entity')}@{dialog.host('PIDF entity host')}"
    inner = joined(
        scene,
        scene.fields(3),
        "<{k}>{v}</{k}>",
        "XML element in SIP",
        encode=xml_text,
        mark="\n  ",
        style="camel",
    )
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:{entity}">',
        f' <tuple id="{page.stay("reference id", "t" + hexes(dialog.dice, 6))}"><status><basic>open</basic></status>',
        *f"  {inner}".split("\n"),
        " </tuple></presence>",
    ]


def msml(dialog: Dialog) -> list[str]:
    """A media server's dialog with the application's parameters, or with the digits that were entered."""
    page, scene, ids, dice = dialog.page, dialog.scene, dialog.ids, dialog.dice
    target = (
        f"conn:{page.stay('tag', hexes(dice, 8).upper())}/dialog:{page.stay('reference id', hexes(dice, 6))}"
    )
    entered = scene.who.values["digits"]
    if dice.random() < 0.4:
        return [
            '<?xml version="1.0"?>', '<msml version="1.1">', f'<event name="moml.exit" id="{target}">',
            f"<name>dtmf.digits</name><value>{page.keyed('dtmf', entered, 'MSML event', 'dtmf.digits')}</value>",
            f"<name>dtmf.len</name><value>{page.stay('size', len(entered))}</value>",
            "<name>dtmf.end</name><value>dtmf.match</value>", "</event></msml>",
        ]  # fmt: skip
    audio = page.stay("file name", dice.choice(["music/in_queue.wav", "announcement/11.vox"]))
    params = joined(
        scene,
        scene.fields(4),
        '<gvp:param name="{k}" value="{v}"/>',
        "MSML gvp:param",
        encode=xml_text,
        mark="\n",
    )
    encoded = joined(scene, scene.fields(1), "{k}={v}", "URL in MSML", encode=url_text, style="snake")
    return [
        '<?xml version="1.0"?>', '<msml version="1.1" xmlns:gvp="http://www.genesyslab.com/msml">',
        f'<dialogstart target="{target}" type="application/moml+xml" name="play">',
        f'<play><audio uri="file://{audio}"/></play>',
        f'<gvp:params src="http://{dialog.host("URL host")}:{ids.port()}/start?{encoded}">',
        *params.split("\n"), "</gvp:params>", "</dialogstart></msml>",
    ]  # fmt: skip


def registration(dialog: Dialog) -> str:
    """A phone's line of its registration with its hardware address."""
    return (
        f"device {dialog.page.structured('mac', mac(dialog.dice), 'MAC')} registered as DN {dialog.ids.dn()} "
        f"from {dialog.host('address:port')}:{dialog.ids.port()}"
    )
