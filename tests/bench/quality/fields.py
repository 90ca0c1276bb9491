"""Attached data: named values of one person among named values that are nobody's, and their notations."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from tests.bench.quality.identities import Person, person
from tests.bench.quality.page import Page
from tests.bench.quality.vocabulary import STYLES, Vocabulary, any_of, styled

Encode = Callable[[str], str]

KIND_OF = {
    "first": "name", "last": "name", "street": "address", "postcode": "address", "town": "address",
    "latitude": "geo", "longitude": "geo", "digits": "dtmf",
}  # fmt: skip
"""Kinds of the table, where a value is not its own kind."""


STARRED = "********"


@dataclass(frozen=True, slots=True)
class Field:
    """A name and its value; `kind` is empty when the value is nobody's."""

    words: str
    kind: str
    value: str

    def key(self, style: str) -> str:
        """Its name in a spelling."""
        return styled(self.words, style)


@dataclass(slots=True)
class Scene:
    """The page that is written, its words, and who is spoken of now."""

    page: Page
    words: Vocabulary
    who: Person
    style: str

    @classmethod
    def open(cls, page: Page, words: Vocabulary) -> Scene:
        """A scene with somebody in it."""
        return cls(page, words, person(page.dice, words), page.dice.choice(STYLES))

    def next(self) -> None:
        """The next person calls, and attached data may be spelled by another programmer."""
        self.who = person(self.page.dice, self.words)
        if self.page.dice.random() < 0.3:
            self.style = self.page.dice.choice(STYLES)

    def word(self, items: tuple[str, ...]) -> str:
        """One of the vocabulary's words."""
        return any_of(self.page.dice, items)

    def field(self, kind: str) -> Field:
        """A named value of this person; `kind` as in the vocabulary's keys."""
        return Field(self.word(self.words.keys[kind]), KIND_OF.get(kind, kind), self.who.values[kind])

    def staying(self) -> Field:
        """A named value of nobody, or one that the server starred itself."""
        dice = self.page.dice
        if dice.random() < 0.06:
            return Field(self.word(self.words.keys[dice.choice(["name", "secret", "card"])]), "", STARRED)
        words, values = self.words.staying[dice.randrange(len(self.words.staying))]
        return Field(words, "", any_of(dice, values))

    def fields(self, count: int) -> list[Field]:
        """Different names, more than half of them personal."""
        dice = self.page.dice
        kinds = dice.sample(sorted(self.words.keys), k=max(1, round(count * 0.6)))
        found = [self.field(kind) for kind in kinds] + [self.staying() for _ in range(count - len(kinds))]
        dice.shuffle(found)
        return list({field.words: field for field in found}.values())

    def value(self, field: Field, notation: str, encode: Encode = str, *, style: str = "") -> str:
        """A field's value, marked."""
        page = self.page
        key = field.key(style or self.style)
        text = encode(field.value)
        if field.value == STARRED:
            return page.stay("starred value", STARRED, notation, key)
        if not field.kind:
            return page.stay("value of a plain key", text, notation, key)
        if text == field.value:
            page.teach(field.kind, text)
        return page.keyed(field.kind, text, notation, key)


def xml_text(text: str) -> str:
    """Escaped for an element or an attribute."""
    return html.escape(text, quote=True)


def json_text(text: str) -> str:
    """Escaped inside a JSON string, every character as it is."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def json_ascii(text: str) -> str:
    r"""Escaped inside a JSON string, ``\u00fc`` included."""
    return json.dumps(text)[1:-1]


def json_twice(text: str) -> str:
    """Escaped inside a JSON string inside a JSON string."""
    return json_text(json_text(text))


def sql_text(text: str) -> str:
    """Inside single quotes of SQL."""
    return text.replace("'", "''")


def form_text(text: str) -> str:
    """As a form's field: ``+`` for a space."""
    return quote_plus(text, safe="")


def url_text(text: str) -> str:
    """As a part of an address: percent-encoded."""
    return quote(text, safe="@")


def base64_text(text: str) -> str:
    """Base64 of UTF-8."""
    return base64.b64encode(text.encode()).decode()


def joined(
    scene: Scene,
    fields: Sequence[Field],
    form: str,
    notation: str,
    *,
    encode: Encode = str,
    mark: str = ", ",
    style: str = "",
) -> str:
    """Fields one behind the other; `form` has ``{k}`` and ``{v}``."""
    style = style or scene.style
    return mark.join(
        form.replace("{k}", field.key(style)).replace(
            "{v}", scene.value(field, notation, encode, style=style)
        )
        for field in fields
    )
