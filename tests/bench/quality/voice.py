"""T-Server and SIP Server event blocks, and their headers."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Field, Scene
from tests.bench.quality.identities import ip, shaped

EVENTS = (
    "EventRinging", "EventEstablished", "EventAttachedDataChanged", "EventQueued", "EventRouteRequest",
    "EventReleased", "EventDtmfSent", "EventPrivateInfo",
)  # fmt: skip


def events(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """T-Library events with nested attached data."""
    page = scene.page
    page.format = "T-Server event"
    for _ in range(count):
        scene.next()
        head = (
            f"{clock.stamp('event')} [0] {ids.version()} distribute_event: message {page.dice.choice(EVENTS)}"
        )
        lines = [head, *_attributes(scene, ids), *_lists(scene, ids)]
        lines += [
            f"\tAttributeEventSequenceNumber\t{ids.hex('sequence number', 16)}",
            f"\tAttributeTimeinuSecs\t{ids.number('duration', 1000, 999_999)}",
            f"\tAttributeTimeinSecs\t{clock.epoch(milliseconds=False)} ({clock.stamp('plain')})",
        ]
        page.add(lines)
        page.add(f"{clock.stamp('plain')} {ids.message_id()} {_remark(scene, ids)}")


def _remark(scene: Scene, ids: Ids) -> str:
    remarks = (
        lambda: f"-AP-> [{ids.number('size', 100, 9000)}] @c:{ids.number('sequence number', 1, 9999)} sent",
        lambda: (
            f"SIPTS: call {ids.conn_id()} on DN {ids.dn()} released after {ids.number('duration', 1, 900)} s"
        ),
        lambda: (
            f"$+TLIB:CTI:Unknown:0:{ids.number('reference id', 1, 99_999)} state 3 -> 7 DBID {ids.number('DBID', 101, 9999)}"
        ),
        lambda: (
            f"connection to {scene.page.structured('ip', ip(scene.page.dice, scene.words), 'address:port')}:"
            f"{ids.port()} closed, socket {ids.number('handle', 8, 4000)}"
        ),
        lambda: scene.page.stay("error text", scene.word(scene.words.plain_sentences)),
        lambda: (
            f"thread [{ids.number('thread id', 1000, 65_000)}] 0x{ids.hex('address in memory', 12)} took "
            f"{ids.number('duration', 1, 900)} ms"
        ),
    )
    return scene.page.dice.choice(remarks)()


def _attributes(scene: Scene, ids: Ids) -> list[str]:
    page, who, dice = scene.page, scene.who, scene.page.dice
    phone = who.telephone.e164 if dice.random() < 0.6 else who.telephone.e164[1:]

    def keyed(kind: str, name: str, value: str) -> str:
        page.teach(kind, value)
        return f"\tAttribute{name}\t'{page.keyed(kind, value, 'T-Server attribute', 'Attribute' + name)}'"

    lines = [
        keyed("phone", "ANI", phone),
        f"\tAttributeThisDN\t'{ids.dn()}'",
        f"\tAttributeConnID\t{ids.conn_id()}",
        f"\tAttributeCallUUID\t'{ids.call_uuid()}'",
        f"\tAttributeCallID\t{ids.number('call id', 1, 99_999_999)}",
        f"\tAttributeThisQueue\t'{ids.dn()}'",
        f"\tAttributeCallState\t{ids.number('plain number', 0, 30)}",
        f"\tAttributeThisDNRole\t{ids.number('plain number', 0, 4)}",
    ]
    more = (
        lambda: keyed("phone", "DNIS", who.telephone.e164[1:]),
        lambda: keyed("phone", "OtherDN", who.telephone.e164),
        lambda: f"\tAttributeOtherDN\t'{ids.dn()}'",
        lambda: keyed("dtmf", "CollectedDigits", who.values["digits"]),
        lambda: keyed("dtmf", "LastCollectedDigit", who.values["digits"][0]),
        lambda: keyed("dtmf", "DTMFDigits", who.values["digits"]),
        lambda: keyed("user", "AgentID", shaped(dice, "50####")),
        lambda: f"\tAttributeThisTrunk\t{ids.number('plain number', 1, 500)}",
        lambda: f"\tAttributeReferenceID\t{ids.number('reference id', 1, 999_999)}",
        lambda: f"\tAttributeErrorMessage\t'{page.stay('error text', scene.word(scene.words.errors))}'",
    )
    return lines + [make() for make in dice.sample(more, k=4)]


def _lists(scene: Scene, ids: Ids) -> list[str]:
    dice = scene.page.dice
    lines: list[str] = []
    for name in dice.sample(("UserData", "Extensions", "Reasons"), k=dice.choice([1, 1, 2])):
        size = f"[{ids.number('size', 40, 900)}]"
        lines.append(
            f"\tAttribute{name}\t{size} {scene.page.stay('hex dump', f'00 {dice.randrange(99):02d} 00 00')}.."
        )
        lines += _pairs(scene, ids, scene.fields(dice.randrange(3, 8)), "\t\t", depth=dice.choice([0, 1, 2]))
    return lines


def _pairs(scene: Scene, ids: Ids, fields: Sequence[Field], indent: str, *, depth: int) -> list[str]:
    dice = scene.page.dice
    lines: list[str] = []
    for field in fields:
        number = not field.kind and field.value.isdigit() and len(field.value) < 7 and dice.random() < 0.4
        mark = "" if number else "'"
        value = scene.value(field, f"T-Server list, depth {len(indent) - 2}")
        lines.append(f"{indent}'{field.key(scene.style)}'\t{mark}{value}{mark}")
    if depth:
        nest = scene.word(scene.words.nests)
        inner = _pairs(scene, ids, scene.fields(4), indent + "\t", depth=depth - 1)
        if dice.random() < 0.5:
            lines.append(f"{indent}'{nest}'\t(list)")
        else:
            lines.append(f"{indent}'{nest}'(list)\t[{ids.number('size', 20, 400)}] 00 04 00 00..")
        lines += inner
    return lines


def header(scene: Scene, clock: Clock, ids: Ids, *, application: str, host: str, name: str) -> None:
    """The first lines of a segment."""
    page, words = scene.page, scene.words
    page.format = "segment header"
    fqdn = f"{host}.{words.site_domain}"
    page.teach("host", fqdn)
    page.add(
        [
            f"{clock.stamp('iso')} {ids.message_id()} Application started",
            f"Application name:    {page.stay('application', application)}",
            "Application type:    SIPServer (1)",
            f"Application version: {ids.version()}",
            (
                f"Command line:        ./{application} -host {page.keyed('host', fqdn, 'command line', '-host')} -port "
                f"{ids.port()} -app {page.stay('application', application)}"
            ),
            f"Host name:           {page.keyed('host', fqdn, 'segment header', 'Host name')}",
            f"DST:                 TIMEZONE=CET, {ids.number('plain number', 0, 2)}",
            f"Time zone:           {ids.number('plain number', 0, 9999)}, CET, CEST",
            f"UTC start time:      {clock.stamp('iso')}",
            (
                f"Running mode:        Primary, file: ({ids.number('plain number', 1, 99)}) "
                f"{page.stay('file name', name)}"
            ),
        ]
    )
