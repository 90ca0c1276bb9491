"""Universal Routing Server and Orchestration: assignments, metrics, functions."""

# Log lines are written as they are.
# ruff: noqa: E501

from __future__ import annotations

from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Field, Scene, joined, json_text, url_text, xml_text
from tests.bench.quality.identities import ip


def strategies(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """URS: what a strategy assigns and asks."""
    page, dice = scene.page, scene.page.dice
    page.format = "URS"
    for _ in range(count):
        scene.next()
        call = ids.conn_id()
        head = f"_{dice.choice('IT')}_{dice.choice('IT')}_{call}"
        lines = [
            f"{clock.stamp('plain')}{head} [09:05] >>>>>>>>>>>>resume interpretator(0), func:SuspendForDN"
        ]
        for field in scene.fields(5):
            lines.append(_strategy_line(scene, head, field))
        lines += [
            (
                f"{clock.stamp('plain')}{head} [01:08] call ({ids.number('plain number', 1, 999)}-{call}) for Resources "
                f"created (del=0 ts={clock.epoch(milliseconds=False)},1,0)"
            ),
            (
                f'{clock.stamp("plain")} {ids.message_id()} Interaction message "EventRouteRequest" received from '
                f'{ids.number("handle", 10_000, 65_500)} ("SIPTS@{ids.port()}")'
            ),
            (
                f"{clock.stamp('plain')}{head} [14:0c] ATTEMPT TO ROUTE to {page.stay('plain value', scene.word(scene.words.queues))}"
                f" DN {ids.dn()}, {ids.number('duration', 1, 900)} ms, {scene.word(scene.words.plain_sentences)}"
            ),
        ]
        page.add(lines)


def _strategy_line(scene: Scene, head: str, field: Field) -> str:
    dice = scene.page.dice
    style = "Pascal" if scene.style in {"kebab", "spaced"} else scene.style  # variables are identifiers
    key = field.key(style)
    quoted = '"{}"'
    forms = (
        ("URS ASSIGN", f"{head} [09:04] ASSIGN: v_{key}(LOCAL) <- STRING: {quoted}"),
        ("URS ASSIGN", f"{head} [09:04] ASSIGN: v_{key}(LOCAL) <- STRING: {quoted}"),
        ("URS ASSIGN", f"{head} [09:04] ASSIGN: v_{key}(LOCAL) <- STRING: {quoted}"),
        ("URS ASSIGN", f"{head} [09:04] ASSIGN: {key}(SCRIPT) <- STRING: {quoted}"),
        ("URS UData", f"    {head} [09:04] FUNCTION: UData['{key}'] -> {quoted}"),
        ("URS Update", f"{head} [07:0b] Update['{key}','{{}}'] returns OK"),
        ("URS KVList", f"{head} [09:04] KVListGetStringValue(Data, '{key}') = {quoted}"),
        ("URS list", f"    {head} [09:04] ASSIGN: v_Data(LOCAL) <- LIST: Skill:7|{key}:{{}}|Lang:DE"),
        ("URS UData text", f"{head} [0E:19] attached data: '{key}'={quoted} was changed by client"),
    )
    notation, form = dice.choice(forms)
    return form.format(scene.value(field, notation, style=style))


def orchestration(scene: Scene, clock: Clock, ids: Ids, *, count: int) -> None:
    """ORS: metrics, whose result repeats a value without its key."""
    page = scene.page
    page.format = "ORS"
    for _ in range(count):
        scene.next()
        session = ids.session()
        thread = f"[T:{ids.number('thread id', 1000, 65_000)}]"
        lines = []
        for field in scene.fields(5):
            metric = _metric(scene, field)
            lines.append(
                f"{clock.stamp('plain')} {thread} {{ScxmlMetric:3}} METRIC <{metric.replace('SID', session)} />"
            )
        lines.append(f"{clock.stamp('plain')} {thread} {{FMWeb:2}} {_fetch(scene, ids)}")
        lines.append(
            f"{clock.stamp('plain')} {thread} {{SessionManager:3}} session {session} ended after "
            f"{ids.number('duration', 1, 90_000)} ms, state /_composer_main/{scene.word(scene.words.classes)}"
        )
        page.add(lines)


def _metric(scene: Scene, field: Field) -> str:
    dice, page = scene.page.dice, scene.page
    style = "Pascal" if scene.style in {"kebab", "spaced"} else scene.style
    key = field.key(style)

    def value(notation: str) -> str:
        return scene.value(field, notation, xml_text, style=style)

    roll = dice.random()
    if roll < 0.4:
        again = value("ORS result")
        return f"eval_expr sid='SID' expression='v_{key} = &quot;{value('ORS expression')}&quot;' result='{again}'"
    if roll < 0.6:
        return f"eval_expr sid='SID' expression='v_{key} = \"{value('ORS expression')}\"' result='{value('ORS result')}'"
    if roll < 0.75:
        return f"eval_expr sid='SID' expression='_data.{key}' result='{value('ORS result')}'"
    if roll < 0.9:
        return f"data_assign sid='SID' name='App_{key}' value='{value('ORS value')}'"
    count = page.stay("plain number", dice.randrange(900))
    return f"log sid='SID' expr='{key}: {value('ORS log')}' label='' level='{count}'"


def _fetch(scene: Scene, ids: Ids) -> str:
    page, dice = scene.page, scene.page.dice
    host = page.structured("ip", ip(dice, scene.words), "URL host")
    fields = scene.fields(3)
    if dice.random() < 0.5:
        query = joined(scene, fields, "{k}={v}", "URL parameter", encode=url_text, mark="&", style="snake")
        return f"fetch http://{host}:{ids.port()}{scene.word(scene.words.paths)}?{query} took {ids.number('duration', 1, 900)} ms"
    data = joined(scene, fields, '"{k}":"{v}"', "JSON", encode=json_text, mark=",")
    return f"session.fetch done, response={{{data}}} size={ids.number('size', 100, 9000)}"
