"""Values that were found by their key and recur without it in the same file, or in those that go with it.

Memory is bounded: past the bound values are still masked where they were found, and counted as *not learned*.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import quote, quote_plus

from app.masking.face import Kind
from app.masking.patterns import Pattern
from app.masking.pseudonyms import normalise_phone
from app.masking.rules import Learning
from app.masking.spans import Span

ORDER = 5_000
_WORD = Pattern(rb"[A-Za-z0-9\x80-\xff]+")
_ONE_WORD = Pattern(rb"[a-z]+")
_SPACES = bytes(c if (chr(c).isalnum() and c < 128) or c >= 128 else 32 for c in range(256))
_LONGEST = 256
_KINDS_OF_PEOPLE = frozenset({Kind.NAME, Kind.ADDRESS})


class Learned:
    """What one file, or the files of one bundle, have told so far."""

    def __init__(self, limits: Learning, *, country: str = "", stop: Iterable[str] = ()) -> None:
        self._limits = limits
        self._country = country
        self._stop = frozenset(word.encode() for word in stop)
        self._by_word: dict[bytes, list[tuple[bytes, int, Kind, bytes]]] = {}
        self._known: dict[tuple[Kind, bytes], None] = {}
        self._seen: set[tuple[Kind, bytes]] = set()
        self._site: dict[tuple[Kind, bytes], None] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, kind: Kind, raw: bytes) -> None:
        """Remember a value, unless it is too short or too common to be masked wherever it stands."""
        if (kind, raw) in self._seen:
            return
        if len(self._seen) >= self._limits.max_values:
            self._seen.clear()
        self._seen.add((kind, raw))
        value = b" ".join(raw.split())
        key = (kind, value)
        if key in self._known or not self._distinct(kind, value):
            return
        if len(self._known) >= self._limits.max_values:
            self.dropped += 1
            return
        self._known[key] = None
        if key not in self._site:
            self._put(kind, value)

    def values(self) -> tuple[tuple[Kind, bytes], ...]:
        """What was learned, without what only the site knows."""
        return tuple(self._known)

    def next_file(self) -> None:
        """What follows comes from another file: a value past the bound counts anew."""
        self._seen.clear()

    def share(self, other: Learned) -> None:
        """Remember what others told, too, as far as there is room."""
        site = (key for key in other._site if key in other._known)
        for kind, value in (*site, *(key for key in other._known if key not in other._site)):
            self.learn(kind, value)

    def _put(self, kind: Kind, value: bytes) -> None:
        for form in self.forms(kind, value):
            word = _WORD.search(form)
            if word:
                entries = self._by_word.setdefault(word[0].lower(), [])
                entries.append((form.lower(), word.start(), kind, value))
                entries.sort(key=lambda entry: (-len(entry[0]), entry[1], entry[2].value, entry[3]))

    def know(self, kind: Kind, raw: bytes) -> None:
        """Remember a value of the site: it is masked wherever it stands, however short or common."""
        value = b" ".join(raw.split())
        if value and (kind, value) not in self._site:
            self._site[kind, value] = None
            self._put(kind, value)

    def find(self, buffer: bytes) -> Iterator[Span]:
        """Every place where a learned value stands as a whole word, in any case of letters."""
        if not self._by_word:
            return
        lower = buffer.lower()
        present = self._by_word.keys() & set(lower.translate(_SPACES).split())
        if not present:
            return
        for match in _WORD.finditer(lower):
            if match[0] not in present:
                continue
            for form, offset, kind, value in self._by_word[match[0]]:
                start = match.start() - offset
                if start >= 0 and lower.startswith(form, start) and _whole(lower, start, start + len(form)):
                    end = start + len(form)
                    if kind is Kind.NAME and _is_element(buffer, start, end):
                        continue
                    if kind is Kind.TEL and lower[start - 1 : start] == b"+":
                        start -= 1
                    yield Span(start, end, ORDER, kind, "learned", value, False, True)
                    break

    def _distinct(self, kind: Kind, value: bytes) -> bool:
        if not self._limits.min_length <= len(value) <= _LONGEST or value.lower() in self._stop:
            return False
        digits = sum(48 <= c <= 57 for c in value)
        letters = sum(65 <= c <= 90 or 97 <= c <= 122 or c >= 128 for c in value)
        if not letters:
            return digits >= self._limits.min_digits
        if kind is Kind.NAME:
            return b" " in value or b"," in value or not (value[:1].islower() or value.isupper())
        if kind in (Kind.USER, Kind.HOST, Kind.SECRET):
            return digits > 0 or any(c in b"._-@+" for c in value)
        return digits > 0 or b" " in value or b"@" in value

    def forms(self, kind: Kind, value: bytes) -> set[bytes]:
        """The notations in which a value is looked for."""
        if kind is Kind.TEL:
            return self._phone_forms(value)
        return set(chain.from_iterable(_notations(kind, written) for written in _encodings(value)))

    def _phone_forms(self, value: bytes) -> set[bytes]:
        text = value.decode("utf-8", "replace")
        digits = normalise_phone(text, country=self._country)
        forms = {digits, "00" + digits, re.sub(r"\D", "", text.split("@")[0].split(";")[0])}
        if digits.startswith("1") and len(digits) == 11:
            forms.add(digits[1:])
        if self._country and digits.startswith(self._country):
            forms.add("0" + digits[len(self._country) :])
        return {form.encode("ascii", "ignore") for form in forms if len(form) >= self._limits.min_digits}


def _encodings(value: bytes) -> Iterator[bytes]:
    """The value, and as a file of the other encoding holds it: cp1252 for UTF-8, UTF-8 for cp1252."""
    yield value
    if value.isascii():
        return
    with contextlib.suppress(UnicodeError):
        try:
            other = value.decode("utf-8").encode("cp1252")
        except UnicodeDecodeError:
            other = value.decode("cp1252").encode("utf-8")
        if len(other) <= _LONGEST:
            yield other


def _notations(kind: Kind, value: bytes) -> set[bytes]:
    forms = {value}
    if kind is Kind.NAME:
        words = value.replace(b",", b" ").split()
        if len(words) == 2:
            forms |= {words[1] + b" " + words[0], words[1] + b", " + words[0], words[1] + b"," + words[0]}
            forms |= {words[0] + b" " + words[1], words[0] + b"." + words[1], words[0] + b"_" + words[1]}
    for form in tuple(forms):
        forms.add(quote(form, safe="").encode("ascii"))
        forms.add(quote_plus(form).encode("ascii"))
    if any(c >= 128 for c in value):
        with contextlib.suppress(UnicodeDecodeError):
            forms.add(value.decode("utf-8").encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00"))
    if b"&" in value or b"'" in value:
        forms.add(value.replace(b"&", b"&amp;").replace(b"'", b"&apos;"))
        forms.add(value.replace(b"'", b"&#39;"))
        forms.add(value.replace(b"'", b"''"))
    return forms


def _is_element(buffer: bytes, start: int, end: int) -> bool:
    """Whether a word is an element's name: ``<field …>`` is no Mr Field."""
    opened = buffer[start - 1 : start] == b"<" or buffer[start - 2 : start] == b"</"
    return opened and _ONE_WORD.fullmatch(buffer, start, end) is not None


def _whole(text: bytes, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() and start) and not text[end : end + 1].isalnum()
