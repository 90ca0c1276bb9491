"""A set of made-up log files: every format, with its header, its clock, and what people say in between."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.bench.quality import media, routing, services, sip, system, voice, web
from tests.bench.quality.clock import Clock, Ids
from tests.bench.quality.fields import Scene
from tests.bench.quality.page import Line, LogFile, Page
from tests.bench.quality.vocabulary import Vocabulary, any_of

Maker = Callable[..., None]

FORMATS: tuple[tuple[str, tuple[Maker, ...]], ...] = (
    ("sip server", (voice.events, sip.messages)),
    ("routing", (routing.strategies,)),
    ("orchestration", (routing.orchestration,)),
    ("voice platform", (media.platform, media.resources)),
    ("json", (services.json_lines,)),
    ("java", (services.java,)),
    ("psdk", (services.psdk,)),
    ("configuration", (services.configuration,)),
    ("access", (web.access,)),
    ("http", (web.headers,)),
    ("xml", (web.xml,)),
    ("syslog", (system.syslog,)),
    ("sql", (system.database,)),
    ("workstation", (system.workstation,)),
)

_PLAIN = ("utf-8", b"", "\n")
ENCODINGS = (
    _PLAIN, _PLAIN, _PLAIN, _PLAIN, ("utf-8", b"", "\r\n"), ("utf-8", b"\xef\xbb\xbf", "\n"),
    ("utf-16-le", b"\xff\xfe", "\r\n"), ("utf-16-le", b"", "\r\n"), ("utf-16-be", b"\xfe\xff", "\n"),
    ("cp1252", b"", "\r\n"),
)  # fmt: skip


def corpus(words: Vocabulary, *, seed: int, files: int, blocks: int) -> Iterator[LogFile]:
    """The same files for the same arguments.

    Args:
        files: of each format.
        blocks: messages of each format in a file.
    """
    for title, makers in FORMATS:
        for number in range(files):
            dice = random.Random(f"{words.name} {seed} {title} {number}")
            yield log_file(words, dice, title, makers, blocks=blocks)


def log_file(
    words: Vocabulary, dice: random.Random, title: str, makers: tuple[Maker, ...], *, blocks: int
) -> LogFile:
    """One file of a format."""
    page = Page(dice)
    scene, clock = Scene.open(page, words), Clock.of(page)
    ids = Ids(page, words.versions)
    application, host = any_of(dice, words.applications), any_of(dice, words.hosts)
    name = f"{application}.{clock.now:%Y%m%d_%H%M%S}_{dice.randrange(1000):03d}.log"
    voice.header(scene, clock, ids, application=application, host=host, name=name)
    top = len(page.blocks)
    for maker in makers:
        maker(scene, clock, ids, count=blocks)
    _speak(scene, clock, ids, after=top)
    lines = tuple(page.finished())
    encoding, bom, newline = dice.choice(ENCODINGS)
    if encoding == "cp1252" and not _is_western(lines):
        encoding = "utf-8"
    return LogFile(name, title, lines, encoding, bom, newline)


def _is_western(lines: tuple[Line, ...]) -> bool:
    try:
        "".join(line.text for line in lines).encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _speak(scene: Scene, clock: Clock, ids: Ids, *, after: int) -> None:
    """Put free text between the blocks: with values that a key tells before or after it, and with none."""
    page, dice = scene.page, scene.page.dice
    page.format = "free text"
    told: dict[str, list[str]] = {"name": [], "phone": [], "mail": [], "customer id": []}
    for text, kind in page.taught.items():
        whole = {"name": " " in text, "phone": len(text) >= 9, "customer id": len(text) >= 6}
        if kind in told and whole.get(kind, True):
            told[kind].append(text)
    spoken = max(4, len(page.blocks) // 3)
    for _ in range(spoken):
        page.add(f"{clock.stamp('iso')} {ids.message_id()} {_sentence(scene, told)}")
        page.add(
            f"{clock.stamp('java')} INFO  {page.stay('free text', scene.word(scene.words.plain_sentences))}"
        )
    lines = page.blocks[-2 * spoken :]
    del page.blocks[-2 * spoken :]
    for line in lines:
        page.blocks.insert(dice.randrange(after, len(page.blocks) + 1), line)


def _sentence(scene: Scene, told: dict[str, list[str]]) -> str:
    page = scene.page
    slots = {"{name}": "name", "{phone}": "phone", "{id}": "customer id", "{mail}": "mail"}
    fitting = [
        form
        for form in scene.words.sentences
        if all(told[kind] for slot, kind in slots.items() if slot in form)
    ]
    if not fitting:
        return scene.word(scene.words.plain_sentences)
    form = page.dice.choice(fitting)
    for slot, kind in slots.items():
        if slot in form:
            form = form.replace(
                slot, page.learned(kind, page.dice.choice(told[kind]), f"{kind} in free text")
            )
    return form
