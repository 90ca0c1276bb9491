"""JSON logs, Java services, Platform SDK clients, Configuration Server."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

import base64
import json

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import (
    Encode,
    Field,
    Scene,
    base64_text,
    form_text,
    joined,
    json_ascii,
    json_text,
    json_twice,
)
from tests.bench.quality.identities import hexes, ip, ip6, shaped
from tests.bench.quality.vocabulary import styled


def json_lines(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """One object in a line: nested, in arrays, and escaped inside a string."""
    page, dice = scene.page, scene.page.dice
    page.format = "JSON line"
    for _ in range(count):
        scene.next()
        encode = json_ascii if dice.random() < 0.3 else json_text
        space = dice.choice(["", " "])
        pair = f'"{{k}}":{space}"{{v}}"'
        customer = joined(scene, scene.fields(4), pair, "JSON", encode=encode, mark=f",{space}")
        deep = joined(scene, scene.fields(2), pair, "JSON in array", encode=encode, mark=f",{space}")
        twice = joined(
            scene,
            scene.fields(2),
            '\\"{k}\\":\\"{v}\\"',
            "JSON in a JSON string",
            encode=json_twice,
            mark=",",
        )
        message = page.stay("error text", json_text(scene.word(scene.words.plain_sentences)))
        nest = scene.word(scene.words.nests)
        page.add(
            f'{{"ts":"{clock.stamp("zulu")}","level":"INFO","epoch":{clock.epoch()},"thread":{ids.number("thread id", 1, 999)},'
            f'"version":"{ids.version()}","traceId":"{ids.guid()}","{nest}":{{{customer}}},"items":[{{{deep}}},'
            f'{{"line":{ids.number("plain number", 1, 900)}}}],"payload":"{{{twice}}}",{_array(scene, encode)},'
            f'"durationMs":{ids.number("duration", 1, 90_000)},"msg":"{message}"}}'
        )


def _array(scene: Scene, encode: Encode) -> str:
    """Several values under one key."""
    page = scene.page
    kind = page.dice.choice(["phone", "mail", "name"])
    names = scene.words.plurals if page.dice.random() < 0.5 else scene.words.keys
    key = styled(scene.word(names[kind]), scene.style)
    values = []
    for _ in range(2):
        scene.next()
        values.append(f'"{page.keyed(kind, encode(scene.who.values[kind]), "JSON array under a key", key)}"')
    return f'"{key}":[{",".join(values)}]'


def java(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Services in Java: toString of maps and records, exceptions, free text."""
    page, dice, words = scene.page, scene.page.dice, scene.words
    page.format = "Java"
    for _ in range(count):
        scene.next()
        package, name = scene.word(words.packages), scene.word(words.classes)
        short = ".".join(part[0] for part in package.split(".")) + "." + name
        level = dice.choice(["INFO ", "WARN ", "DEBUG", "ERROR"])
        head = f"{clock.stamp('java')} {level} [{page.stay('thread id', f'http-nio-8080-exec-{dice.randrange(1, 40)}')}]"
        page.add(f"{head} {page.stay('Java class', short)} - {_statement(scene, ids)}")
        if dice.random() < 0.25:
            page.add(_trace(scene, ids, head, package, name))


def _statement(scene: Scene, ids: Ids) -> str:
    page, dice, who = scene.page, scene.page.dice, scene.who
    name = scene.word(scene.words.classes)
    fields = scene.fields(4)
    forms = (
        lambda: f"loaded {{{joined(scene, fields, '{k}={v}', 'Map.toString', mark=', ')}}}",
        lambda: f"{name}[{joined(scene, fields, '{k}={v}', 'record.toString', style='camel')}] saved",
        lambda: f"{name}({joined(scene, fields, '{k}={v}', 'Lombok toString', style='camel')})",
        lambda: f"{name}{{{joined(scene, fields, QUOTED, 'IDE toString', style='camel')}}} in {ids.number('duration', 1, 99)} ms",
        lambda: " ".join(("event=lookup", joined(scene, fields, LOGFMT, "logfmt", mark=" ", style="snake"),
                          f"took={ids.number('duration', 1, 900)}ms")),
        lambda: joined(scene, fields, "{k}: {v}", "key: value", mark="; "),
        lambda: f"request body: {joined(scene, fields, '{k}={v}', 'form', encode=form_text, mark='&', style='snake')}",
        lambda: f"callback for {page.structured('phone', who.telephone.e164, 'free text')} failed: "
        f"{page.stay('error text', scene.word(scene.words.errors))}",
        lambda: f"mail from {page.structured('mail', who.values['mail'], 'free text')} stored, "
        f"{ids.number('size', 1000, 99_999)} bytes",
        lambda: f"peer [{page.structured('ip', ip6(dice, scene.words), 'free text v6')}]:{ids.port()} joined",
        lambda: f"block blk_{page.stay('block id', shaped(dice, '##################'))} replicated to "
        f"{page.structured('ip', ip(dice, scene.words), 'address:port')}:{ids.port()}",
        lambda: f"jar {page.stay('file name', f'bridge-core-{dice.choice(scene.words.versions)}.jar')} loaded, "
        f"checksum {ids.hex('checksum', 64)}",
        lambda: f"Authorization: Basic {page.structured('secret', base64_text(who.values['user'] + ':' + who.values['secret']), 'Basic')}",
        lambda: f"token {page.structured('secret', jwt(scene), 'JWT')} accepted",
        lambda: f"transfer to {page.structured('iban', who.values['iban'], 'free text')} was refused",
        lambda: f"paid with {page.structured('card', who.values['card'], 'free text')}",
    )  # fmt: skip
    return dice.choice(forms)()


QUOTED = "{k}='{v}'"
LOGFMT = '{k}="{v}"'


def jwt(scene: Scene) -> str:
    """A JSON web token."""

    def part(data: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    claims = {"sub": scene.who.values["user"], "name": scene.who.name, "iat": 1_686_298_503}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{hexes(scene.page.dice, 43)}"


def _trace(scene: Scene, ids: Ids, head: str, package: str, name: str) -> list[str]:
    page, dice = scene.page, scene.page.dice
    field = scene.field(dice.choice(["name", "customer id", "phone", "mail"]))
    place = page.stay("Java class", f"{package}.{name}.start({name}.java:{dice.randrange(20, 900)})")
    return [
        f"{head} {package}.{name} - {page.stay('error text', scene.word(scene.words.errors))}",
        (
            f"{page.stay('Java class', 'java.lang.IllegalStateException')}: "
            f"{field.key(scene.style)}={scene.value(field, 'exception text')}"
        ),
        f"\tat {place}",
        f"\tat {page.stay('Java class', f'{package}.{name}$$Lambda${dice.randrange(99)}/0x{hexes(dice, 16)}.run(Unknown Source)')}",
        (
            f"Caused by: {page.stay('Java class', 'java.net.ConnectException')}: Connection refused: "
            f"{page.structured('ip', ip(dice, scene.words), 'address:port')}:{ids.port()}"
        ),
        f"\t... {ids.number('plain number', 2, 60)} more",
    ]


def psdk(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Clients in Java and .NET: attribute dumps with types."""
    page, dice, who = scene.page, scene.page.dice, scene.who
    page.format = "PSDK"
    for _ in range(count):
        scene.next()
        who = scene.who
        page.teach("phone", who.telephone.e164)
        lines = [
            (
                f"{clock.stamp('java')} DEBUG [{page.stay('thread id', f'pool-3-thread-{dice.randrange(9)}')}] "
                f"TServerProtocol - 'EventEstablished' ({ids.number('plain number', 50, 99)}) attributes:"
            ),
            f'\tAttributeThisDN [str] = "{ids.dn()}"',
            f'\tAttributeANI [str] = "{page.keyed("phone", who.telephone.e164, "PSDK attribute", "AttributeANI")}"',
            f"\tAttributeConnID [long] = {ids.conn_id()}",
            f'\tAttributeAgentID [str] = "{page.keyed("user", who.values["user"], "PSDK attribute", "AttributeAgentID")}"',
            f"\tAttributeEventSequenceNumber [long] = {ids.number('sequence number', 1, 999_999)}",
            f"\tAttributeTimeStamp [{dice.choice(['int', 'TimeStruct'])}] = {clock.epoch(milliseconds=False)}",
            "\tAttributeUserData [bstr] = KVList:",
        ]
        lines += [_typed(scene, field, "\t\t") for field in scene.fields(5)]
        lines.append(f"\t\t'{scene.word(scene.words.nests)}' [list] = KVList:")
        lines += [_typed(scene, field, "\t\t\t") for field in scene.fields(3)]
        page.add(lines)


def _typed(scene: Scene, field: Field, indent: str) -> str:
    number = not field.kind and field.value.isdigit() and len(field.value) < 7
    kind, mark = ("int", "") if number else ("str", '"')
    return f"{indent}'{field.key(scene.style)}' [{kind}] = {mark}{scene.value(field, 'PSDK list')}{mark}"


def configuration(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """Configuration Server: changed attributes of persons and places."""
    page, dice = scene.page, scene.page.dice
    page.format = "Configuration Server"
    for _ in range(count):
        scene.next()
        values = scene.who.values
        personal = [
            ("CFGPERSON_EMAIL", "mail", values["mail"]), ("CFGPERSON_FIRST_NAME", "name", values["first"]),
            ("CFGPERSON_LAST_NAME", "name", values["last"]), ("CFGPERSON_USER_NAME", "user", values["user"]),
            ("CFGPERSON_EMPLOYEE_ID", "user", shaped(dice, "E#####")), ("CFGPERSON_PASSWORD", "secret", values["secret"]),
            ("CFGPERSON_EXTERNAL_ID", "user", values["user"]),
        ]  # fmt: skip
        lines = [
            (
                f"{clock.stamp('iso')} {ids.message_id()} Message: object [CfgPerson], [DBID: {ids.number('DBID', 101, 99_999)}], "
                f"changed by client {ids.number('handle', 100, 4000)}"
            ),
        ]
        for name, kind, value in dice.sample(personal, k=4):
            lines.append(f'\tattr: {name}          value: "{page.keyed(kind, value, "attr: value:", name)}"')
        lines += [
            f"\tattr: CFGPERSON_DBID          value: {ids.number('DBID', 101, 99_999)}",
            f"\tattr: CFGPERSON_TENANT_DBID          value: {ids.number('DBID', 1, 200)}",
            "\tattr: CFGPERSON_STATE          value: 1",
            f'\tattr: CFGAPPLICATION_VERSION          value: "{ids.version()}"',
            f'\tattr: CFGDN_NUMBER          value: "{ids.dn()}"',
        ]
        page.add(lines)
