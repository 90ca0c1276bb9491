"""Access logs, addresses, cookies, SOAP and XML."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Scene, base64_text, form_text, joined, json_text, url_text, xml_text
from tests.bench.quality.identities import hexes, ip, ip6
from tests.bench.quality.services import jwt


def access(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Combined access logs with parameters."""
    page, dice, words = scene.page, scene.page.dice, scene.words
    page.format = "access log"
    for _ in range(count):
        scene.next()
        client = page.structured(
            "ip", ip(dice, words) if dice.random() < 0.85 else ip6(dice, words), "access log client"
        )
        user = (
            page.structured("user", scene.who.values["user"], "access log user")
            if dice.random() < 0.3
            else "-"
        )
        encode = form_text if dice.random() < 0.5 else url_text
        query = joined(scene, scene.fields(4), "{k}={v}", "URL parameter", encode=encode, mark="&",
                       style=dice.choice(["camel", "snake", "joined"]))  # fmt: skip
        method = dice.choice(["GET", "POST", "PUT"])
        path = page.stay("path", scene.word(words.paths))
        referrer = "-"
        if dice.random() < 0.4:
            back = joined(
                scene, scene.fields(2), "{k}={v}", "URL in referrer", encode=encode, mark="&", style="camel"
            )
            referrer = f"https://{scene_host(scene)}{scene.word(words.paths)}?{back}"
        page.add(
            f'{client} - {user} [{clock.stamp("access")}] "{method} {path}?{query} HTTP/1.1" '
            f'{page.stay("status", dice.choice(["200", "404", "302"]))} {ids.number("size", 100, 99_999)} "{referrer}" '
            f'"{page.stay("user agent", scene.word(words.agents))}" {ids.number("duration", 1, 900)}'
        )


def scene_host(scene: Scene) -> str:
    """A name or an address in a URL."""
    if scene.page.dice.random() < 0.5:
        return scene.page.structured("ip", ip(scene.page.dice, scene.words), "URL host")
    name = f"{scene.word(scene.words.hosts)}.{scene.words.site_domain}"
    return scene.page.structured("host", name, "URL host")


def headers(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """HTTP messages as clients and servers dump them."""
    page, dice, words = scene.page, scene.page.dice, scene.words
    page.format = "HTTP dump"
    for _ in range(count):
        scene.next()
        who = scene.who
        secret = who.values["secret"]
        basic = base64_text(f"{who.values['user']}:{secret}")
        cookie = scene.word(words.cookies)
        body = joined(scene, scene.fields(3), '"{k}": "{v}"', "JSON", encode=json_text)
        encoded = joined(
            scene,
            scene.fields(2),
            "{k}={v}",
            "base64 value of a parameter",
            encode=base64_text,
            mark="&",
            style="camel",
        )
        choice = dice.choice(
            [
                f"Authorization: Basic {page.structured('secret', basic, 'Basic')}",
                f"Authorization: Bearer {page.structured('secret', jwt(scene), 'Bearer JWT')}",
                f"authorization: Bearer {page.structured('secret', secret + hexes(dice, 24), 'Bearer')}",
                f"X-Api-Key: {page.structured('secret', secret + hexes(dice, 8), 'API key header')}",
                f"Proxy-Authorization: Basic {page.structured('secret', basic, 'Basic')}",
            ]
        )
        page.add(
            [
                (
                    f"{clock.stamp('java')} DEBUG {page.stay('Java class', 'org.apache.http.wire')} - http-outgoing-"
                    f"{ids.number('plain number', 1, 900)} >>"
                ),
                f"POST {page.stay('path', scene.word(words.paths))}?{encoded} HTTP/1.1",
                f"Host: {scene_host(scene)}:{ids.port()}",
                choice,
                f"Cookie: {cookie}={page.structured('secret', hexes(dice, 32).upper(), 'Cookie')}; lang=de",
                f"Set-Cookie: {cookie}={page.structured('secret', hexes(dice, 26), 'Set-Cookie')}; Path=/; HttpOnly; Max-Age=3600",
                (
                    f"X-Forwarded-For: {page.structured('ip', ip(dice, words), 'X-Forwarded-For')}, "
                    f"{page.structured('ip', ip(dice, words), 'X-Forwarded-For')}"
                ),
                f"User-Agent: {page.stay('user agent', scene.word(words.agents))}",
                f'ETag: "{ids.hex("checksum", 32)}"',
                f"X-Request-Id: {ids.guid()}",
                f"Date: {page.stay('time stamp', 'Fri, 09 Jun 2023 10:15:03 GMT')}",
                "Content-Type: application/json;charset=UTF-8",
                "",
                f"{{{body}}}",
                "",
            ]
        )


def xml(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """SOAP messages and other XML, in one line or in many."""
    page, dice = scene.page, scene.page.dice
    page.format = "XML"
    for _ in range(count):
        scene.next()
        elements = joined(
            scene,
            scene.fields(4),
            "<{k}>{v}</{k}>",
            "XML element",
            encode=xml_text,
            mark="\n      ",
            style=_xml(scene),
        )
        prefixed = joined(
            scene,
            scene.fields(2),
            "<ns2:{k}>{v}</ns2:{k}>",
            "XML element, prefixed",
            encode=xml_text,
            mark="",
            style=_xml(scene),
        )
        attributes = joined(
            scene, scene.fields(3), '{k}="{v}"', "XML attribute", encode=xml_text, mark=" ", style=_xml(scene)
        )
        pairs = joined(
            scene,
            scene.fields(3),
            '<item key="{k}" value="{v}"/>',
            "XML key/value",
            encode=xml_text,
            mark="",
            style="",
        )
        named = joined(
            scene, scene.fields(2), '<param name="{k}">{v}</param>', "XML name/text", encode=xml_text, mark=""
        )
        cdata = joined(
            scene, scene.fields(1), "<{k}><![CDATA[{v}]]></{k}>", "XML CDATA", mark="", style=_xml(scene)
        )
        block = [
            f"{clock.stamp('iso')} {ids.message_id()} SOAP message of {ids.number('size', 300, 9000)} bytes",
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<soap:Envelope xmlns:soap="{page.stay("path", "http://schemas.xmlsoap.org/soap/envelope/")}">',
            f'  <soap:Body><getCase id="{ids.number("DBID", 101, 99_999)}" {attributes}>',
            *f"      {elements}".split("\n"),
            f"      {prefixed}{cdata}",
            f"      <data>{pairs}</data><list>{named}</list>",
            "  </getCase></soap:Body></soap:Envelope>",
        ]
        page.add(block if dice.random() < 0.7 else [block[0], "".join(line.strip() for line in block[1:])])


def _xml(scene: Scene) -> str:
    return scene.page.dice.choice(["Pascal", "camel", "snake", "joined"])
