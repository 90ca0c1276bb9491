"""Every rule, with what it must find and what it must leave."""

# ruff: noqa: E501 - an example is a line of a log

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

Mask = Callable[[bytes | str], str]

# A personal value stands between « and ».
FOUND = {
    "attribute": "\tAttributeANI\t'«+4930901820417»'",
    "attribute of another server": "\tAttributeDNIS\t'«8005550143»'",
    "attribute, PSDK": 'AttributeOtherDN [str] = "«+442079460123»"',
    "collected digits": "\tAttributeCollectedDigits\t'«4929123123123»'",
    "last digit": "\tAttributeLastCollectedDigit\t'«5»'",
    "user data": "\t\t'CustomerName'\t'«Zoë O'Brien»'",
    "user data, key in other letters": "\t\t'customer_name'\t'«Erika Mustermann»'",
    "user data, number": "\t\t'AccountNo'\t«47111234»",
    "user data, cut off": "\t\t'CustomerName'\t'«Erika Must»",
    "agent login": "\tAttributeAgentID\t'«e.mustermann»'",
    "URS assignment": '_I_I_006c02462a161006 [09:04] ASSIGN: v_CustomerName(LOCAL) <- STRING: "«Erika»"',
    "ORS metric result": "METRIC <eval_expr sid='VIKO' expression='v_Ani = _data.ani' result='«4155550143»' />",
    "configuration server": 'attr: CFGPERSON_EMAIL   value: "«e.m@abc.example»"',
    "JSON": '{"customer":{"phone":"«+4930901820417»","email":"«e@example.com»"}}',
    "JSON list": '{"phones":["«+4930901820417»","«+442079460123»"]}'.replace("phones", "phone"),
    "JSON name of a person": '{"customer":{"id":1,"name":"«Erika Mustermann»"}}',
    "JSON in a string": r'"payload":"{\"firstName\":\"«Erika»\"}"',
    "XML element": "<cus:LastName>«Mustermann»</cus:LastName>",
    "XML attribute": '<customer lastName="«Mustermann»" retries="2"/>',
    "VoiceXML variable": '<var name="caller_name" expr="\'«Erika»\'"/>',
    "MSML parameter": '<gvp:param name="ani">«4155550143»</gvp:param>',
    "URL parameter": "GET /cb?_phone_number=«%2B4930901820417»&attempt=2",
    "SQL insert": "INSERT INTO callers (id, customer_name, phone) VALUES (7, '«Erika O''Brien»', '«+4930901820417»')",
    "SQL where": "SELECT id FROM callers WHERE phone = '«4155550143»' AND state = 2",
    "password": "login failed, password=«Xyz!pass9», retry",
    "authorization header": 'Authorization: Digest username="«x»", response="«abc»"',
    "cookie header": "Cookie: JSESSIONID=«8A7B»; theme=dark",
    "bearer": "sent Bearer «abc123def456ghi789»",
    "JWT": "token was «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJlIn0.c2lnbmF0dXJl» here",
    "address": "Street=«Ahornweg 12», Zip=«12345»",
    "birth": "\t\t'DateOfBirth'\t'«1980-02-03»'",
    "position": "latitude=«52.5200»",
    "geo URI": "Geolocation: <geo:«52.52,13.40»>",
    "request URI": "INVITE sip:«+4930901820417»@«192.0.2.17»:5060;user=phone SIP/2.0",
    "From": 'From: "«Erika Mustermann»" <sip:«erika»@«pbx.example.net»>;tag=8C1A0D2E',
    "From without quotes": "From: «Erika Mustermann» <sip:«erika»@«pbx.example.net»>;tag=8C1A0D2E",
    "P-Asserted-Identity": 'P-Asserted-Identity: "«Erika»" <tel:«+4930901820417»>',
    "Diversion": 'Diversion: "«Jürgen»" <sip:«4155550143»@«10.1.2.3»>;reason=no-answer',
    "Remote-Party-ID": 'Remote-Party-ID: "«Jürgen»" <sips:«4155550143»@«10.1.2.3»>;party=calling',
    "History-Info": "History-Info: <sip:«+4930901820417»@«192.0.2.1»?Reason=SIP%3Bcause%3D302>;index=1.1",
    "Refer-To": "Refer-To: <sip:«4155550143»@«sbc1»:5060>",
    "encoded URI": "uri=sip%3A«%2B4930901820417»%40«192.0.2.1»",
    "Via": "Via: SIP/2.0/UDP «sip-b02»:5060;branch=z9hG4bK12;received=«192.0.2.8»",
    "Call-ID host": "Call-ID: 5D3A7C21-01EE@«pbx.abc.example»",
    "Call-ID address": "Call-ID: 5D3A7C21-01EE@«192.0.2.11»",
    "SDP origin": "o=«erika» 53655765 2353687637 IN IP4 «192.0.2.9»",
    "SDP connection": "c=IN IP4 «192.0.2.9»",
    "DTMF relay": "Content-Type: application/dtmf-relay\r\n\r\nSignal=«5»\r\nDuration=160",
    "DTMF body": "Content-Type: application/dtmf\r\nContent-Length: 1\r\n\r\n«5»\r\n",
    "DTMF in words": "Int 50118 INFO dtmf received: «7» codec PCMU",
    "mail in words": "no agent for «erika.m+x@mail.example.com».",
    "mail, encoded": "to=x&u=«erika%40example.com»&n=2",
    "mail, encoded in angles": "to=%3C«erika%40example.com»%3E&n=2",
    "phone in words": "callback for «+49 30 901820417» failed",
    "phone, North America": "please call «(415) 555-0143» now",
    "phone, dashes": "please call «415-555-0143» now",
    "phone to be called at": "please call me on «020 7946 0958» tonight",
    "phone to be reached at": "you can reach us at «020 7946 0958»",
    "phone without plus": "Outbound call to «4930901820417» released",
    "card": "pays with «4111 1111 1111 1111» today",
    "card, one run": "pan seen «4111111111111111» today",
    "IBAN": "account «DE89 3704 0044 0532 0130 00» closed",
    "IBAN, one run": "account «GB82WEST12345698765432» closed",
    "SSN": "form has SSN «219-09-9999», rejected",
    "IPv4": "connection from «203.0.113.9» port 51122",
    "IPv4 that could be a version, with a port": "peer «8.1.3.5»:5060 lost",
    "IPv6": "peer [«2001:db8::1f»]:5060 lost",
    "IPv6, full": "peer «2001:db8:0:0:0:0:0:1f» lost",
    "MAC": "arp «00:00:5e:00:53:af» up",
    "MAC, dashes": "arp «00-00-5E-00-53-AF» up",
    "host in a URL": "GET https://«web-a07.dmz.abc.example»:8443/genesys/1/cb",
    "short host in a URL": "GET http://«web07»:8080/genesys",
    "user in a URL": "ftp://«erika»:«secret»@«ftp.abc.example»/x",
    "FQDN": "resolved «db01.corp.local» in 4 ms",
    "syslog": "<134>1 2023-06-09T10:15:03.441Z «sip-a01» sshd 4211 - - Accepted password for «erika» from «192.0.2.9» port 5 ssh2",
    "old syslog": "Jun  9 10:15:02 «sip-a01» sshd[4211]: Failed password for invalid user «erika» from «192.0.2.9» port 22",
    "old syslog, narrow day": "Jun 9 10:15:02 «sip-a01» imapd[4211]: started",
    "old syslog with a severity": "Jun  9 10:15:02 <4.6> «sip-a01» sshd[4211]: started",
    "syslog with a stamp of ISO": "2023-06-09T10:15:03 «sip-a01» sshd[4211]: started",
    "syslog of a file": "2023-06-09T10:15:03.441902+02:00 «sip-a01» kernel: eth0 up",
    "user that is refused": "User «eroe» from «mail.abc.example» not allowed because not in any group",
    "user of FTP": "USER «eroe»: no such user found from there",
    "address behind its protocol": 'LocalAddress="IPV4/UDP/«203.0.113.9»/5060"',
    "address behind a process": "Jun  9 10:15:02 «sip-a01» haproxy[760]: «203.0.113.9»:58444 [09/Jun/2023:10:15:02.439] main",
    "extension dialled": "Call from '' («203.0.113.9»:10836) to extension '«0972598285108»' rejected",
    "outside line": "Call from 'anonymous' to extension '9011«+442079460958»' rejected",
    "challenge of a number": "SIP auth failure (INVITE) on profile 'internal' for [«4930901820417»@«203.0.113.9»]",
    "channel of a span": 'Set("DAHDI/i1/«8185550112»-586", "x=1")',
    "recording": "monitor/in-«4930901820417»-102-20260301-105533-1772359533.12.wav",
    "display name, encoded": "variable_sip_full_from: %22«Erika%20Roe»%22%20%3Csip%3A7021%40«sip.abc.example»%3E",
    "account of an audit": 'op=password acct="«eroe»" exe=/usr/sbin/sshd',
    "address under a key": "Client Address: «203.0.113.9»",
    "URL before a bar": "https://«www.abc.example»|1613058599|user",
    "full format": "2023-06-09T10:15:02.118 Standard «sip-a01» sips_a GCTI-00-05060 Application started",
    "header": "Host name:         «sip-a01»",
    "home": "core in /home/«erika»/core.4211",
    "Windows home": r"loaded C:\Users\«erika»\AppData\x.config",
    "subject of a mail": "To: «mary@example.com»\r\nSubject: «question of Mary Major»\r\nDate: Fri, 9 Jun",
    "subject behind nothing": "Subject: «my invoice»\nFrom: «mary@example.com»",
    "base64": "attachment «eyJlbWFpbCI6ICJlcmlrYUBleGFtcGxlLmNvbSJ9» stored",
}

KEPT = {
    "subject of a message": "topic orders\nSubject: orders.created\npartition 3",
    "level before a program": "2023-06-09T10:15:03.441Z INFO worker[12]: started",
    "program of a dial plan": "chan_sip.c:28926 handle_request_register: Registration from '<sip:7021@127.0.0.1>' failed",
    "version of an old browser": "Mozilla/5.0 (Windows; fr; rv:1.9.2.13) Gecko",
    "what became of a log-in": "AUTH failure (LOGIN): authentication failure (-13)",
    "authenticator": "2023-06-09 10:15:02 login authenticator failed for (pc)",
    "user of no one in angles": "user=<>, method=PLAIN, session=<YADINsQCDs5BH8Pg>",
    "job with a stamp": "run-1234567890-20260301 and 20260301-105533 done",
    "version of the server": "@10:15:03.4412 [0] 8.1.103.95 distribute_event: message EventRinging",
    "version in words": "Component version 8.1.102.45 build 1234",
    "version with zeros": "SIP Server 8.5.201.09 started",
    "version of a browser": "User-Agent: Mozilla/5.0 Chrome/114.0.5735.110",
    "time stamp": "2023-06-09T10:15:02.118 Std 05060 Application started",
    "clock": "08:00:00.001 Trc 04120 Check point 2023-06-09T10:15:02",
    "internal DN": "\tAttributeThisDN\t'7021'",
    "internal DN, PSDK": 'AttributeThisDN [str] = "7021"',
    "internal DN in SIP": "To: <sip:7021@localhost>;tag=1",
    "ids": "\tAttributeConnID\t00e2029a670222cb\n\tAttributeCallUUID\t'7C1QF2V5B57K1C9HGB2O1RVR4K000A2F'",
    "sequence": "\tAttributeEventSequenceNumber\t00000000000ab2f1\n\tAttributeTimeinuSecs\t441218",
    "dump": "\tAttributeUserData\t[212] 00 03 00 00..",
    "Call-ID": "Call-ID: 5D3A7C21-01EE-4B21@localhost",
    "branch": "Via: SIP/2.0/UDP localhost:5060;branch=z9hG4bK8C1A;rport",
    "CSeq": "CSeq: 102 INVITE\nMax-Forwards: 70\nContent-Length: 218",
    "codec": "m=audio 20034 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000",
    "Java class": "java.lang.IllegalStateException: x\n\tat c.e.gms.CallbackService.start(CallbackService.java:118)",
    "Java package": "at org.apache.http.conn.HttpHostConnectException.wrap(Wrap.java:77)",
    "C++ name": "std::string face::add(dead::beef) TServer::func",
    "epoch": "timer 1686305703 due 1686305703441",
    "block id": "blk 7503483334202473044 fan speeds 3375 4530 3515 3479",
    "UUID": "uuid 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "GVP ids": "10:00:00.100 Trc 33009 INFO 00000000-00000000 02800FA1 ok",
    "starred": "\t\t'CustomerName'\t'*****'",
    "switch and DN": 'received from 65200 ("SIPTS@3020")',
    "GVP service": "INVITE sip:dialog@localhost:5090;voicexml=main.vxml SIP/2.0",
    "password in words": "error: password must be changed",
    "file": "File: (1) sips_a.20230609_101502_118.log",
    "namespace": '<msml version="1.1" xmlns="http://www.w3.org/2001/xml">',
    "card with a wrong check digit": "id 4111111111111112 done",
    "wrong IBAN": "session DE00370400440532013000 done",
    "session id": "sid='8LQRVG4D2L3N5F1CEK0TQJ1T3K000A2F'",
    "date that could be a MAC": "dump-23-06-09-10-15-02.log",
    "loopback": "listening on 127.0.0.1:5060 and 0.0.0.0:5061",
    "addresses in memory": "at 0x7f3a2b4c5d6e size 10737418240",
    "user agent": "User-Agent: ExampleSBC/7.4.1",
    "syslog process": "<134>1 2023-06-09T10:15:03.441Z localhost sshd 4211 - - Server listening on port 22",
    "comma list of digits": "counts 200, 404, 5031, 2004155",
}


def _pieces(text: str) -> tuple[str, list[str], list[str]]:
    parts = re.split(r"[«»]", text)
    return "".join(parts), parts[1::2], parts[0::2]


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_what_is_personal_is_replaced_and_the_rest_stays(case: str, mask: Mask) -> None:
    plain, _, around = _pieces(FOUND[case])
    token = r"(?:<[A-Z]+:[0-9a-f]{16}>)+"
    assert re.fullmatch(token.join(re.escape(part) for part in around), mask(plain)), mask(plain)


@pytest.mark.parametrize("case", KEPT, ids=str)
def test_what_support_needs_stays(case: str, mask: Mask) -> None:
    assert mask(KEPT[case]) == KEPT[case]


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_masking_twice_changes_nothing(case: str, mask: Mask) -> None:
    once = mask(_pieces(FOUND[case])[0])
    assert mask(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "v_Ani: 08:00:00ANI=«4155550143»",
        "v_Ani=08:00:00=ANI=«4155550143»",
        "state=ANI=«4155550143»",
        "lat=none=phone=«4155550143»",
        'msg="retry ANI=«4155550143», then stop"',
        "msg='retry ANI=«4155550143», then stop'",
        '{"msg":"phone: «4155550143»","x":1}',
        "'Field' 'CustomerName' '«Erika»'",
        'params: "a" : "phone" : "«4155550143»"',
        "<row phone='none'><phone>«4155550143»</phone></row>",
        r'"a\":\"b","p":"{\"x\":\"phone\":\"«4155550143»\"}"',
    ],
)
def test_a_value_that_is_not_personal_hides_no_key_behind_it(text: str, mask: Mask) -> None:
    plain, (value,), _ = _pieces(text)
    assert value not in mask(plain)


ONE_PERSON = [
    "<sip:+4930901820417@localhost>",
    "<sip:4930901820417@localhost;user=phone>",
    "<sip:+49-30-901820417@localhost;user=phone>",
    "<sip:+4930901820417;phone-context=localhost@localhost;user=phone>",
    "<sips:004930901820417@localhost>",
    "<tel:+4930901820417>",
    "<tel:+49-30-901820417;ext=1>",
    "<TEL:+4930901820417>",
    "x=tel%3A%2B4930901820417&y",
    "x=tel%3a%2b49-30-901820417&y",
    "x=sip%3A%2B4930901820417%40localhost%3Buser%3Dphone&y",
    "x=sip:%2B4930901820417@localhost;user=phone",
    "o=4930901820417 53655765 2353687637 IN IP4 127.0.0.1",
    "o=+4930901820417 53655765 2353687637 IN IP4 127.0.0.1",
    "AttributeANI '+49 (30) 901820417'",
    "phone=%2B4930901820417&x",
    '"phone":"+49 30 901820417"',
    "call for +49.30.901820417 failed",
]


@pytest.mark.parametrize("text", ONE_PERSON)
def test_one_number_has_one_token_in_every_place(text: str, mask: Mask) -> None:
    (expected,) = re.findall(r"<TEL:[0-9a-f]{16}>", mask(ONE_PERSON[0]))
    assert re.findall(r"<[A-Z]+:[0-9a-f]{16}>", mask(text)) == [expected], mask(text)


def test_a_user_with_letters_is_one_user_in_every_place(mask: Mask) -> None:
    forms = ("<sip:erika.m@localhost>", "x=sip%3Aerika.m%40localhost&y", "o=erika.m 1 2 IN IP4 127.0.0.1")
    assert len({token for form in forms for token in re.findall(r"<USER:[0-9a-f]{16}>", mask(form))}) == 1
