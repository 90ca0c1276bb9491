"""Voice platform: Media Control Platform, Resource Manager, VoiceXML."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Scene, joined, url_text, xml_text
from tests.bench.quality.identities import hexes, ip, mac, shaped
from tests.bench.quality.sip import Dialog, msml


def platform(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """MCP: requests with parameters over continued lines, metrics, digits, media."""
    page, dice = scene.page, scene.page.dice
    page.format = "MCP"
    for _ in range(count):
        scene.next()
        head = f"{clock.stamp('iso')} {ids.message_id()} {dice.choice(['INFO', 'WARN', 'DBUG'])} {ids.gvp()} {ids.hex('reference id', 8)}"
        makers = (_request, _metrics, _media, _fetch, _page, _msml)
        page.add(dice.choice(makers)(scene, ids, head))
        page.add(f"{head} {page.stay('free text', scene.word(scene.words.plain_sentences))}")


def _request(scene: Scene, ids: Ids, head: str) -> list[str]:
    """A request whose parameters go on behind a backslash."""
    page = scene.page
    dialog = Dialog(scene, ids)
    encoded = joined(
        scene, scene.fields(4), "{k}={v}", "MCP parameter", encode=url_text, mark=";\\\n", style="snake"
    )
    caller = page.keyed("phone", url_text(scene.who.telephone.e164), "MCP parameter", "ani")
    called = page.keyed("phone", scene.who.telephone.e164[1:], "MCP parameter", "dnis")
    return [
        f"{head} Request received: INVITE sip:dialog@{dialog.host('request URI')}:{ids.port()};gvp.appmodule=VXML-NG;ani={caller};dnis={called};\\",
        *encoded.split("\n"),
        f";voicexml=http://{dialog.host('URL host')}:{ids.port()}/start.vxml;session={ids.guid()}",
    ]


def _metrics(scene: Scene, ids: Ids, head: str) -> list[str]:
    page, dice = scene.page, scene.page.dice
    digits = scene.who.values["digits"]
    field = scene.field(dice.choice(["phone", "customer id", "name", "birth"]))
    return [
        f"{head} incall_initiated {ids.guid()}|{page.stay('application', 'IVR_Main')}|{ids.number('duration', 1, 900)}",
        f"{head} input_start dtmf timeout={ids.number('duration', 1000, 9000)}ms",
        f"{head} DTMF digits: {page.keyed('dtmf', digits, 'MCP digits', 'DTMF digits')} mode=dtmf len={page.stay('size', len(digits))}",
        f"{head} Variable assigned: {field.key('camel')} = '{scene.value(field, 'MCP variable', style='camel')}'",
        f"{head} call_end {ids.gvp()} userend {ids.number('duration', 1, 90_000)}",
    ]


def _media(scene: Scene, ids: Ids, head: str) -> list[str]:
    page, dice = scene.page, scene.page.dice
    address = page.structured("ip", ip(dice, scene.words), "address:port")
    return [
        (
            f"{head} MPCMediaSinkDeferred RTP stream to {address}:{ids.port()} codec {page.stay('codec', 'G729/8000/1')} "
            f"ssrc=0x{ids.hex('reference id', 8)} packets={ids.number('size', 100, 9999)} jitter={ids.number('duration', 0, 60)}"
        ),
        f"{head} interface eth0 hwaddr {page.structured('mac', mac(dice), 'MAC')} mtu {ids.number('size', 1400, 1501)}",
        f"{ids.dump()}",
        f"{head} playing {page.stay('file name', 'builtin:audio/number/4.wav')} offset={ids.number('size', 0, 9000)}",
    ]


def _fetch(scene: Scene, ids: Ids, head: str) -> list[str]:
    query = joined(
        scene, scene.fields(3), "{k}={v}", "URL parameter", encode=url_text, mark="&", style="camel"
    )
    host = Dialog(scene, ids).host("URL host")
    return [
        f"{head} Fetching [http://{host}:{ids.port()}{scene.word(scene.words.paths)}?{query}] method=GET timeout={ids.number('duration', 1000, 30_000)}",
        f"{head} Fetch complete: {scene.page.stay('status', '200')} {ids.number('size', 100, 9000)} bytes in {ids.number('duration', 1, 900)} ms",
    ]


def _page(scene: Scene, ids: Ids, head: str) -> list[str]:
    """A VoiceXML page with the caller's data in its variables."""
    page = scene.page
    variables = joined(
        scene,
        scene.fields(3),
        '<var name="{k}" expr="\'{v}\'"/>',
        "VoiceXML var",
        encode=xml_text,
        mark="\n  ",
        style="camel",
    )
    assigned = joined(
        scene,
        scene.fields(2),
        '<assign name="app.{k}" expr="\'{v}\'"/>',
        "VoiceXML assign",
        encode=xml_text,
        mark="\n  ",
        style="camel",
    )
    return [
        f"{head} Page content:",
        f'<vxml version="2.1" xml:lang="{page.stay("plain value", "de-DE")}"><form id="main">',
        *f"  {variables}".split("\n"),
        *f"  {assigned}".split("\n"),
        f'  <field name="pin"><prompt timeout="{page.stay("duration", "4000ms")}"><audio src="{page.stay("file name", "prompts/enter_pin.wav")}"/></prompt></field>',
        "</form></vxml>",
    ]


def _msml(scene: Scene, ids: Ids, head: str) -> list[str]:
    return [f"{head} MSML request:", *msml(Dialog(scene, ids))]


def resources(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Resource Manager: how a call is matched and where it goes."""
    page, dice = scene.page, scene.page.dice
    page.format = "Resource Manager"
    for _ in range(count):
        scene.next()
        dialog = Dialog(scene, ids)
        head = f"{clock.stamp('iso')} {ids.message_id()} INFO {ids.gvp()} {ids.hex('reference id', 8)}"
        page.add(
            [
                f"{head} RMCallSession::AddCallLeg From: {dialog.display('From')}<{dialog.uri('From')}>{dialog.tag()} To: <{dialog.uri('To')}>",
                f"{head} Matched DNIS [{page.keyed('phone', scene.who.telephone.e164[1:], 'RM', 'DNIS')}] to tenant {page.stay('plain value', 'Environment')} rule {ids.number('DBID', 101, 9000)}",
                f"{head} Forwarding to resource sip:{dialog.host('Contact')}:{ids.port()} usage {ids.number('plain number', 0, 400)}/{ids.number('plain number', 400, 900)} score 0.{ids.number('plain number', 10, 99)}",
                f"{head} session {ids.guid()} block {page.stay('block id', shaped(dice, '##################'))} via branch={page.stay('branch', 'z9hG4bK' + hexes(dice, 20))}",
            ]
        )
