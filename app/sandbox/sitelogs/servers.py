"""Line shapes of SIP Server, URS, ORS and MCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random

from app.masking import Kind
from app.sandbox.sitelogs.call import Call
from app.sandbox.sitelogs.pieces import Line, Personal, Stays, line

Tick = Callable[[], datetime]


def sip_server(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    """T-Library events and raw SIP messages."""
    yield from _invite(random, call, tick)
    yield from _event(random, call, tick, "EventRinging")
    yield from _reply(random, call, tick)
    if random.random() < 0.5:
        yield from _digit(random, call, tick)
    yield from _event(
        random, call, tick, random.choice(("EventEstablished", "EventReleased", "EventPartyChanged"))
    )


def routing(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    """URS: strategy steps with and without a stamp."""
    person = call.caller
    at = tick()
    yield line(
        Stays(f"{at:%H:%M:%S.%f}"[:12]),
        "_I_I_",
        Stays(call.conn),
        " [09:05] >>>>>>>>>>>>resume interpretator(0), func:SuspendForDN",
    )
    pairs = (
        ("v_CustomerName", Kind.NAME, person.name),
        ("v_AccountNo", Kind.ID, person.account),
        ("v_CustomerEmail", Kind.MAIL, person.mail),
        ("v_Ani", Kind.TEL, person.phone),
    )
    for key, kind, value in pairs:
        yield line(
            "_I_I_",
            Stays(call.conn),
            f' [09:04] ASSIGN: {key}(LOCAL) <- STRING: "',
            Personal(kind, value),
            '"',
        )
    yield line(
        f"{tick():%H:%M:%S.%f}"[:12],
        ' Int 04543 Interaction message "EventRouteRequest" received from ',
        Stays("65200"),
        ' ("',
        Stays("SIPTS@3020"),
        '")',
    )
    yield line(
        "_I_I_",
        Stays(call.conn),
        " [07:07] HERE IS TARGETS: caller ",
        Personal(Kind.NAME, person.name),
        " prefers ",
        Stays("Skill_Billing>5"),
        " number ",
        Personal(Kind.TEL, person.phone.lstrip("+")),
    )
    if random.random() < 0.3:
        card = person.card
        shown = (
            card
            if random.random() < 0.5 or len(card) != 16
            else "-".join(card[i : i + 4] for i in range(0, 16, 4))
        )
        yield line(
            "_I_I_",
            Stays(call.conn),
            " [0E:17] lookup card ",
            Personal(Kind.CARD, shown),
            " took ",
            Stays("118"),
            " ms",
        )


def orchestration(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    """ORS: metrics in which a value recurs without its key."""
    person = call.caller
    head = f"{tick():%H:%M:%S.%f}"[:12] + " [T:2560] {ScxmlMetric:3} METRIC <"
    sid = Stays(call.session)
    yield line(
        head,
        "eval_expr sid='",
        sid,
        "' expression='v_Ani = \"",
        Personal(Kind.TEL, person.phone),
        "\"' result='",
        Personal(Kind.TEL, person.phone),
        "' />",
    )
    yield line(
        head,
        "eval_expr sid='",
        sid,
        "' expression='v_CustomerName = _data.name' result='",
        Personal(Kind.NAME, person.name),
        "' />",
    )
    yield line(
        head,
        "log sid='",
        sid,
        "' expr='' label='routing' level='1' result='",
        Personal(Kind.NAME, person.name),
        "' />",
    )
    yield line(
        head,
        "fetch sid='",
        sid,
        "' uri='http://",
        Personal(Kind.HOST, call.hosts.web),
        ":8080/crm/v1/customers?phone=%2B",
        Personal(Kind.TEL, person.phone[1:]),
        "&email=",
        Personal(Kind.MAIL, person.mail.replace("@", "%40")),
        "&trace=",
        Stays(call.tag),
        "' />",
    )
    yield line(
        head,
        "event_processed sid='",
        sid,
        "' name='interaction.present' type='external' elapsed='",
        Stays(str(random.randrange(900))),
        "' />",
    )
    if random.random() < 0.3:
        yield line(
            f"{tick():%H:%M:%S.%f}"[:12],
            " [T:2560] {Sql:2} INSERT INTO callers (name, phone, city, attempts) VALUES ('",
            Personal(Kind.NAME, person.name.replace("'", "''")),
            "', '",
            Personal(Kind.TEL, person.phone),
            "', '",
            Personal(Kind.ADDRESS, person.city),
            "', ",
            Stays("3"),
            ")",
        )


def media(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    """GVP MCP: full stamps, GVP ids, VoiceXML variables."""
    ids = f"{random.randrange(16**8):08X}-{random.randrange(16**8):08X}"
    at = f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23]
    yield line(
        Stays(at),
        " Std 47006 WARN ",
        Stays(ids),
        " 2816 08200BBA MPCMediaSinkDeferred packet dropped from ",
        Personal(Kind.IP, call.far),
        ":",
        Stays("20034"),
    )
    yield line(
        f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23],
        " Trc 33009 INFO ",
        Stays(ids),
        " 02800FA1 Request received: INVITE sip:dialog@",
        Personal(Kind.IP, call.near),
        ":5090;gvp.appmodule=",
        Stays("VXML-NG"),
        ";ani=",
        Personal(Kind.TEL, call.caller.phone),
        ";voicexml=",
        Stays("main.vxml"),
    )
    yield line(
        f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23],
        " Int 50153 INFO ",
        Stays(ids),
        ' 0A100B03 <gvp:param name="caller_name">',
        Personal(Kind.NAME, call.caller.name),
        "</gvp:param>",
    )
    yield line(
        f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23],
        " Int 50118 INFO ",
        Stays(ids),
        " 0A100B04 dtmf received: ",
        Personal(Kind.DTMF, random.choice("0123456789*#")),
        " codec ",
        Stays("PCMU/8000"),
        " epoch ",
        Stays(str(1686305703441 + random.randrange(10**6))),
    )
    yield line(
        f"{tick():%Y-%m-%dT%H:%M:%S.%f}"[:23],
        " Dbg 09900 DEBUG ",
        Stays(ids),
        " rtp peer [",
        Personal(Kind.IP, call.far6),
        "]:",
        Stays("30112"),
        " arp ",
        Personal(Kind.MAC, call.mac),
    )


def routine(random: Random, version: str, tick: Tick) -> Iterator[Line]:
    """Lines without anything personal, full of what looks like it."""
    at = tick()
    yield line(f"{at:%H:%M:%S.%f}"[:12], " Trc 04120 Check point ", Stays(f"{at:%Y-%m-%dT%H:%M:%S}"))
    yield line(
        f"{at:%H:%M:%S.%f}"[:12],
        " Std 05061 Component version ",
        Stays(version),
        " build ",
        Stays(str(random.randrange(1000, 9999))),
    )
    yield line(
        f"{at:%H:%M:%S.%f}"[:12],
        " Dbg 22003 block ",
        Stays(str(random.randrange(10**17, 10**18))),
        " fan speeds ",
        Stays("3375 4530 3515 3479"),
    )
    yield line(
        f"{at:%H:%M:%S.%f}"[:12],
        " Dbg 22004 dump ",
        Stays(" ".join(f"{random.randrange(256):02x}" for _ in range(12))),
        " at ",
        Stays(f"0x{random.randrange(2**48):012x}"),
    )
    yield line(
        f"{at:%H:%M:%S.%f}"[:12],
        " Dbg 22005 timer ",
        Stays(str(1686305703 + random.randrange(10**6))),
        " uuid ",
        Stays(
            f"{random.randrange(16**8):08x}-{random.randrange(16**4):04x}-4{random.randrange(16**3):03x}-a{random.randrange(16**3):03x}-{random.randrange(16**12):012x}"
        ),
        " queue ",
        Stays("8001"),
        " size ",
        Stays(str(random.randrange(10**7, 10**9))),
    )


def _event(random: Random, call: Call, tick: Tick, name: str) -> Iterator[Line]:
    person = call.caller
    stamp = f"@{tick():%H:%M:%S.%f}"[:14]
    yield line(Stays(stamp), " [0] ", Stays("8.1.103.95"), f" distribute_event: message {name}")
    yield line("\tAttributeANI\t'", Personal(Kind.TEL, person.phone), "'")
    yield line("\tAttributeDNIS\t'", Personal(Kind.TEL, call.dialled), "'")
    yield line("\tAttributeThisDN\t'", Stays(call.agent.dn), "'")
    yield line("\tAttributeAgentID\t'", Personal(Kind.USER, call.agent.login), "'")
    yield line("\tAttributeConnID\t", Stays(call.conn))
    yield line("\tAttributeCallUUID\t'", Stays(call.uuid), "'")
    if random.random() < 0.3:
        digits = "".join(random.choice("0123456789") for _ in range(random.randrange(1, 14)))
        yield line("\tAttributeCollectedDigits\t'", Personal(Kind.DTMF, digits), "'")
    yield line("\tAttributeUserData\t[212] ", Stays("00 03 00 00.."))
    for key, kind, value in (
        ("CustomerName", Kind.NAME, person.name),
        ("AccountNo", Kind.ID, person.account),
        ("customer_email", Kind.MAIL, person.mail),
        ("DateOfBirth", Kind.BIRTH, person.birth),
        ("Street", Kind.ADDRESS, person.street),
        ("IBAN", Kind.IBAN, person.iban),
    ):
        yield line(f"\t\t'{key}'\t'", Personal(kind, value), "'")
    yield line("\t\t'RTargetTypeSelected'\t'", Stays("2"), "'")
    yield line("\tAttributeEventSequenceNumber\t", Stays(f"{random.randrange(16**16):016x}"))
    yield line("\tAttributeTimeinuSecs\t", Stays(str(random.randrange(10**6))))


def _invite(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    near, far, phone = (
        Personal(Kind.IP, call.near),
        Personal(Kind.IP, call.far),
        Personal(Kind.TEL, call.caller.phone),
    )
    name, trunk = Personal(Kind.NAME, call.caller.name), Personal(Kind.HOST, call.hosts.trunk)
    yield line(
        f"{tick():%H:%M:%S.%f}"[:12],
        ": Received [0,UDP] ",
        Stays("1206"),
        " bytes from ",
        far,
        ":",
        Stays("5060"),
        " <<<<<",
    )
    yield line(
        "INVITE sip:", Personal(Kind.TEL, call.dialled), "@", near, ":5060;user=", Stays("phone"), " SIP/2.0"
    )
    yield line("Via: SIP/2.0/UDP ", far, ":", Stays("5060"), ";branch=", Stays(call.branch), ";rport")
    yield line('From: "', name, '" <sip:', phone, "@", trunk, ">;tag=", Stays(call.tag))
    yield line("To: <sip:", Personal(Kind.TEL, call.dialled), "@", near, ">")
    yield line("Call-ID: ", Stays(call.sip_id), "@", far)
    yield line("CSeq: ", Stays("102 INVITE"))
    yield line("Contact: <sip:", phone, "@", far, ":", Stays("5060"), ">")
    yield line('P-Asserted-Identity: "', name, '" <tel:', phone, ">")
    if random.random() < 0.3:
        yield line(
            "Diversion: ", name, " <sip:", phone, "@", trunk, ">;reason=", Stays("no-answer"), ";counter=1"
        )
        yield line("History-Info: <sip:", phone, "@", far, "?Reason=SIP%3Bcause%3D302>;index=", Stays("1.1"))
    yield line("User-Agent: ", Stays("ExampleSBC/7.4.1"))
    yield line("Content-Type: application/sdp")
    yield line("Content-Length: ", Stays("218"))
    yield line("")
    yield line("v=0")
    yield line(
        "o=",
        Personal(Kind.USER, "sbc-west"),
        " ",
        Stays(str(random.randrange(10**9))),
        " ",
        Stays("1"),
        " IN IP4 ",
        far,
    )
    yield line("s=-")
    yield line("c=IN IP4 ", far)
    yield line("t=0 0")
    yield line("m=audio ", Stays("20034"), " RTP/AVP 0 101")
    yield line("a=rtpmap:101 ", Stays("telephone-event/8000"))
    yield line("")


def _reply(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    far = Personal(Kind.IP, call.far)
    yield line(
        f"{tick():%H:%M:%S.%f}"[:12],
        ": Sending  [0,UDP] ",
        Stays(str(random.randrange(400, 999))),
        " bytes to ",
        far,
        ":",
        Stays("5060"),
        " >>>>>",
    )
    yield line("SIP/2.0 200 OK")
    yield line("Via: SIP/2.0/UDP ", far, ";branch=", Stays(call.branch), ";received=", far)
    yield line(
        'From: "',
        Personal(Kind.NAME, call.caller.name),
        '" <sip:',
        Personal(Kind.TEL, call.caller.phone),
        "@",
        Personal(Kind.HOST, call.hosts.trunk),
        ">;tag=",
        Stays(call.tag),
    )
    yield line(
        "To: <sip:", Stays(call.agent.dn), "@", Personal(Kind.IP, call.near), ">;tag=", Stays(call.tag[::-1])
    )
    yield line("Call-ID: ", Stays(call.sip_id), "@", far)
    yield line("X-Genesys-CallUUID: ", Stays(call.uuid))
    yield line("CSeq: ", Stays("102 INVITE"))
    yield line("Content-Length: 0")
    yield line("")


def _digit(random: Random, call: Call, tick: Tick) -> Iterator[Line]:
    far = Personal(Kind.IP, call.far)
    relay = random.random() < 0.6
    yield line(
        f"{tick():%H:%M:%S.%f}"[:12], ": Received [0,UDP] ", Stays("402"), " bytes from ", far, ":5060 <<<<<"
    )
    yield line("INFO sip:", Stays(call.agent.dn), "@", Personal(Kind.IP, call.near), " SIP/2.0")
    yield line("Call-ID: ", Stays(call.sip_id), "@", far)
    yield line("Content-Type: application/dtmf", "-relay" if relay else "")
    yield line("Content-Length: ", Stays("24"))
    yield line("")
    digit = Personal(Kind.DTMF, random.choice("0123456789*#"))
    if relay:
        yield line("Signal=", digit)
        yield line("Duration=", Stays("160"))
    else:
        yield line(digit)
    yield line("")
