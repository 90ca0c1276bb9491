"""The made-up people of the site, their numbers and everything else that is theirs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

_FIRST = (
    "Erika", "Jürgen", "Søren", "Łukasz", "Zoë", "François", "Inés", "Aoife", "Mehmet", "Priya",
    "Haruto", "Chloé", "Björn", "Katarzyna", "Nuno", "Olivia", "Liam", "Noah", "Amelie", "Mateusz",
    "Giulia", "Rahul", "Yuki", "Dragana", "Teodor", "Marek", "Ana", "Beatriz", "Tomáš", "Elif",
    "Niamh", "Ebba", "Viktória", "Gaëlle",
)  # fmt: skip
_LAST = (
    "Mustermann", "Großmann", "Kjærgård", "Wiśniewski", "Dupont-Moreau", "Núñez", "O'Brien",
    "Yıldız", "Venkataraman", "Tanaka", "Lindqvist", "Kowalczyk", "Figueiredo", "Hutchinson",
    "McAllister", "Abernathy", "Rossetti", "Chowdhury", "Nakamura", "Jovanović", "Ionescu",
    "Novotný", "Carvalho", "Öztürk", "O'Sullivan", "Bergström", "Szabó", "Lefèvre", "Harrington",
    "Weatherby", "Castellanos", "Vandenberg", "Petrosyan", "Delacroix",
)  # fmt: skip
_STREETS = ("Ahornweg", "Rue des Lilas", "Maple Avenue", "Calle del Olmo", "Ulica Lipowa", "Birch Crescent")
_CITIES = ("Musterstadt", "Villeneuve-Exemple", "Springfield Example", "Ejemplar del Río", "Przykładowo")
_AREAS = ("212", "303", "415", "512", "617", "808")
_DOMAINS = ("example.com", "example.net", "example.org", "mail.example.com", "kunden.example")


@dataclass(frozen=True, slots=True)
class Person:
    """A caller.

    Attributes:
        phone: E.164 with a plus sign.
    """

    first: str
    last: str
    phone: str
    mail: str
    account: str
    card: str
    iban: str
    ssn: str
    birth: str
    street: str
    city: str
    postcode: str
    latitude: str
    longitude: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works at the site; ``dn`` is internal and stays readable."""

    name: str
    login: str
    employee: str
    mail: str
    dn: str


def people(random: Random, count: int) -> tuple[Person, ...]:
    """A cast of callers, each with different numbers."""
    return tuple(_person(random) for _ in range(count))


def agents(random: Random, count: int) -> tuple[Agent, ...]:
    """The agents of the site."""
    staff = []
    for number in range(count):
        first, last = random.choice(_FIRST), random.choice(_LAST)
        login = f"{_ascii(first)[:1]}.{_ascii(last)}{number}".lower()
        staff.append(
            Agent(
                name=f"{first} {last}",
                login=login,
                employee=f"E{random.randrange(10**6, 10**7)}",
                mail=f"{login}@abc.example",
                dn=str(7000 + number),
            )
        )
    return tuple(staff)


def _person(random: Random) -> Person:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    local = f"{_ascii(first)}.{_ascii(last)}{random.randrange(100)}".lower()
    return Person(
        first=first,
        last=last,
        phone=_phone(random),
        mail=f"{local}@{random.choice(_DOMAINS)}",
        account=f"{random.choice('KCA')}-{random.randrange(10**7, 10**8)}",
        card=_card(random),
        iban=_iban(random),
        ssn=f"{random.randrange(100, 665)}-{random.randrange(10, 99)}-{random.randrange(1000, 9999)}",
        birth=f"{random.randrange(1940, 2004)}-{random.randrange(1, 13):02}-{random.randrange(1, 28):02}",
        street=f"{random.choice(_STREETS)} {random.randrange(1, 200)}",
        city=random.choice(_CITIES),
        postcode=f"{random.randrange(10000, 99999)}",
        latitude=f"{random.uniform(-60, 60):.5f}",
        longitude=f"{random.uniform(-170, 170):.5f}",
    )


def _phone(random: Random) -> str:
    """A number set aside for fiction, or of the same make."""
    forms = (
        lambda: f"+1{random.choice(_AREAS)}55501{random.randrange(100):02}",
        lambda: f"+44207946{random.randrange(10000):04}",
        lambda: f"+447700900{random.randrange(1000):03}",
        lambda: f"+493023125{random.randrange(1000):03}",
        lambda: f"+331990{random.randrange(100000):05}",
        lambda: f"+614915701{random.randrange(100):02}",
        lambda: f"+35320910{random.randrange(10000):04}",
    )
    return random.choice(forms)()


def _ascii(text: str) -> str:
    plain = text.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("æ", "ae").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", plain.replace("ı", "i").replace("'", ""))
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == "-"))


def _card(random: Random) -> str:
    prefix, size = random.choice((("4929", 16), ("5301", 16), ("371449", 15), ("6011", 16)))
    body = prefix + "".join(random.choice("0123456789") for _ in range(size - len(prefix) - 1))
    return body + next(d for d in "0123456789" if _luhn(body + d))


def _luhn(digits: str) -> bool:
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _iban(random: Random) -> str:
    country, size = random.choice((("DE", 22), ("FR", 27), ("NL", 18), ("GB", 22)))
    body = "".join(random.choice("0123456789") for _ in range(size - 4))
    if country in ("NL", "GB"):
        body = "EXMP" + body[4:]
    number = int("".join(str(int(c, 36)) for c in body + country + "00"))
    return f"{country}{98 - number % 97:02}{body}"
