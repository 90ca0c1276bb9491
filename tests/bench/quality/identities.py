"""Made-up people with everything a log may tell of them, and the numbers of machines."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

from tests.bench.quality.vocabulary import NumberPlan, Vocabulary, any_of


@dataclass(frozen=True, slots=True)
class Telephone:
    """One number in every form: `e164` begins with ``+``."""

    e164: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    first: str
    last: str
    telephone: Telephone
    values: dict[str, str]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


def person(dice: random.Random, words: Vocabulary) -> Person:
    """Anybody of that set's world."""
    first, last = any_of(dice, words.firsts), any_of(dice, words.lasts)
    number = telephone(dice, words)
    postcode, town = words.towns[dice.randrange(len(words.towns))]
    latitude, longitude = words.centre
    street = any_of(dice, words.streets).format(n=dice.randrange(1, 180))
    mail = (
        f"{ascii_of(first).lower()}.{ascii_of(last).lower()}{dice.choice(['', '', str(dice.randrange(99))])}"
    )
    values = {
        "name": dice.choice([f"{first} {last}", f"{first} {last}", f"{last}, {first}"]),
        "first": first,
        "last": last,
        "phone": any_of(dice, number.forms),
        "mail": f"{mail}@{any_of(dice, words.mail_domains)}",
        "card": card(dice, words),
        "iban": iban(dice, words),
        "national id": shaped(dice, any_of(dice, words.national_ids)),
        "customer id": shaped(dice, any_of(dice, words.customer_ids)),
        "street": street,
        "postcode": postcode,
        "town": town,
        "address": f"{street}, {postcode} {town}",
        "birth": birth(dice, words),
        "user": shaped(
            dice, any_of(dice, words.logins).format(f=ascii_of(first).lower(), l=ascii_of(last).lower())
        ),
        "secret": shaped(dice, any_of(dice, words.secrets)),
        "latitude": f"{latitude + dice.uniform(-1, 1):.5f}",
        "longitude": f"{longitude + dice.uniform(-1, 1):.5f}",
        "digits": digits(dice, dice.choice([4, 6, 10, 13])),
        "ip": ip(dice, words),
    }
    return Person(first, last, number, values)


def telephone(dice: random.Random, words: Vocabulary) -> Telephone:
    """A number of one of the set's plans."""
    plan: NumberPlan = words.plans[dice.randrange(len(words.plans))]
    area, subscriber = any_of(dice, plan.areas), digits(dice, plan.digits)
    half = len(subscriber) // 2
    forms = tuple(
        shape.format(
            i=plan.code, t=plan.trunk, a=area, s=subscriber, x=subscriber[:half], y=subscriber[half:]
        )
        for shape in plan.shapes
    )
    return Telephone(f"+{plan.code}{area}{subscriber}", forms)


def digits(dice: random.Random, count: int) -> str:
    """Digits, the first of them not 0 or 1."""
    return str(dice.randrange(2, 10)) + "".join(str(dice.randrange(10)) for _ in range(count - 1))


def hexes(dice: random.Random, count: int) -> str:
    """Hexadecimal digits."""
    return "".join(dice.choice("0123456789abcdef") for _ in range(count))


def base36(dice: random.Random, count: int) -> str:
    """Capital letters and digits, as session and call ids have them."""
    return "".join(dice.choice("0123456789ABCDEFGHIJKLMNOPQRSTUV") for _ in range(count))


def shaped(dice: random.Random, shape: str) -> str:
    """``#`` becomes a digit, ``^`` a capital letter, ``~`` a letter or digit of either case."""
    alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    made = {
        "#": lambda: str(dice.randrange(10)),
        "^": lambda: dice.choice("ABCDEFGHJKLMNPRSTVWXYZ"),
        "~": lambda: dice.choice(alphabet),
    }
    return "".join(made[c]() if c in made else c for c in shape)


def card(dice: random.Random, words: Vocabulary) -> str:
    """A card number with its check digit, sometimes in groups."""
    prefix, length = words.cards[dice.randrange(len(words.cards))]
    body = prefix + "".join(str(dice.randrange(10)) for _ in range(length - len(prefix) - 1))
    total = sum(int(d) if at % 2 else int(d) * 2 - 9 * (int(d) > 4) for at, d in enumerate(reversed(body)))
    number = body + str(-total % 10)
    mark = dice.choice(["", "", " ", "-"])
    if length != 16:
        return number
    return mark.join(number[at : at + 4] for at in range(0, 16, 4))


def iban(dice: random.Random, words: Vocabulary) -> str:
    """An IBAN with its check digits, sometimes in groups of four."""
    country, shape = words.iban[dice.randrange(len(words.iban))]
    bban = "".join(
        str(dice.randrange(10)) if c == "n" else dice.choice("ABCDEFGHKLMNPRSTUVWX") for c in shape
    )
    checked = "".join(str(int(c, 36)) for c in bban + country + "00")
    number = f"{country}{98 - int(checked) % 97:02d}{bban}"
    if dice.random() < 0.3:
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return number


def birth(dice: random.Random, words: Vocabulary) -> str:
    """A date of birth as that part of the world writes it."""
    form = any_of(dice, words.birth)
    return form.format(y=dice.randrange(1935, 2006), m=dice.randrange(1, 13), d=dice.randrange(1, 29))


def ip(dice: random.Random, words: Vocabulary) -> str:
    """An IPv4 address of the set's nets."""
    return any_of(dice, words.nets).format(a=dice.randrange(0, 255), b=dice.randrange(1, 255))


def ip6(dice: random.Random, words: Vocabulary) -> str:
    """An IPv6 address of the set's nets."""
    return any_of(dice, words.nets6).format(
        a=hexes(dice, 4).lstrip("0") or "1", b=hexes(dice, 3).lstrip("0") or "1"
    )


def mac(dice: random.Random) -> str:
    """A hardware address."""
    mark = dice.choice(":-")
    pairs = mark.join(hexes(dice, 2) for _ in range(6))
    return pairs.upper() if dice.random() < 0.5 else pairs


def ascii_of(text: str) -> str:
    """A name as it stands in a login or a mail address."""
    text = text.translate(str.maketrans({"ł": "l", "Ł": "L", "ß": "ss", "ı": "i", "ø": "o", "Ø": "O"}))
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if c.isalnum())
