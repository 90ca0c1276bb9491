"""Known values of a site that must not be left in anything that was masked, and the search for them.

The search shares no code with the detectors: it brings both sides into one form and looks for whole words. A
value is found in any case of letters, with or without accents, percent-encoded, escaped as in JSON or XML,
in base64, and as a telephone number in any grouping; one of several words whatever parts them, also with the
last word first.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from app.domain.errors import InputError, LocalError
from app.masking.patterns import Pattern
from app.masking.pseudonyms import TOKEN, normalise_phone

MOST = 100_000
"""Canaries of one list."""

_LARGEST = 8 * 1024 * 1024
_SHORTEST, _LONGEST = 4, 256
_LEAST_DIGITS = 6
_COMPARED_DIGITS = 10
_PHONE = re.compile(r"[+(]?[\d ()/.\-]+(?:[;@].*)?")
_DIGITS = Pattern(rb"\d(?:[ \t()/.\-]{0,3}\d){5,24}")
_NO_DIGIT = bytes(c for c in range(256) if not 48 <= c <= 57)
_WORDS = Pattern(rb"[0-9a-z\x80-\xff]+")
_APART = bytes(c if 48 <= c <= 57 or 97 <= c <= 122 or c >= 128 else 32 for c in range(256))
_PERCENT = Pattern(rb"%[0-9A-Fa-f]{2}")
_ESCAPE = Pattern(rb"\\u([0-9A-Fa-f]{4})")
_BASE64 = Pattern(rb"[A-Za-z0-9+/_\-]{12,65536}={0,2}")
_DASHED = bytes.maketrans(b"-_", b"+/")
_MARKS = re.compile(r"[\u0300-\u036f]")


class Sighting(NamedTuple):
    """A canary that was seen: at which offset of the text, written how (``as it is``, ``base64`` …)."""

    at: int
    form: str


class Canaries:
    """Values that must not be there, ready to be looked for.

    Args:
        values: as people write them; numbers in any notation.
        country: see `app.masking.pseudonyms.normalise_phone`.
    """

    def __init__(self, values: Iterable[str] = (), *, country: str = "") -> None:
        self._by_word: dict[bytes, list[bytes]] = {}
        self._by_words: dict[bytes, list[list[bytes]]] = {}
        self._numbers: dict[int, set[bytes]] = {}
        self.values = tuple(values)
        digest = hashlib.sha256()
        for value in self.values:
            digest.update(value.encode("utf-8", "surrogatepass") + b"\0")
            number = _number(value, country)
            if number:
                self._numbers.setdefault(len(number), set()).add(number)
                continue
            for form in {_folded(value.encode()), _folded(_bare(value).encode())}:
                word = _WORDS.search(form)
                if word:
                    self._by_word.setdefault(word[0], []).append(form)
                for words in _orders(form):
                    self._by_words.setdefault(words[0], []).append(words)
        self.sha256 = digest.hexdigest()

    def __len__(self) -> int:
        return len(self.values)

    def find(self, text: bytes) -> Iterator[Sighting]:
        """Where a canary stands in text of UTF-8 or 8-bit bytes; tokens in it are passed over."""
        if not self.values:
            return
        if b"<" in text:
            text = TOKEN.sub(lambda token: b" " * len(token[0]), text)
        yield from self._in_view(text, lambda at: at, "as it is")
        for form, pattern, decode in _ENCODED:
            if not self._worth(form, text):
                continue
            found = [(start, decode(run)) for start, run in _runs(text, pattern)]
            if next(self._in_view(b"\n".join(run for _, run in found), lambda at: at, form), None) is None:
                continue
            for start, run in found:
                for seen in self._in_view(run, lambda _at: 0, form):
                    yield Sighting(start, seen.form)

    def _worth(self, form: str, text: bytes) -> bool:
        mark = _MARK_OF.get(form)
        return mark is None or mark in text

    def _in_view(self, view: bytes, place: Callable[[int], int], form: str) -> Iterator[Sighting]:
        if self._by_word:
            yield from (Sighting(place(at), form) for at in self._words(view))
        if self._numbers:
            yield from (Sighting(place(at), form) for at in self._phones(view))

    def _words(self, view: bytes) -> Iterator[int]:
        # folding may change lengths, so that places are looked up line by line once something is there
        if not self._present(_folded(view)):
            return
        start = 0
        for line in view.splitlines(keepends=True):
            if self._present(_folded(line)):
                yield start
            start += len(line)

    def _present(self, folded: bytes) -> bool:
        written = folded.translate(_APART).split()
        words = set(written)
        if not self._by_words.keys().isdisjoint(words) and self._in_order(written):
            return True
        for word in self._by_word.keys() & words:
            for form in self._by_word[word]:
                at = folded.find(form)
                while at >= 0:
                    if _whole(folded, at, at + len(form)):
                        return True
                    at = folded.find(form, at + 1)
        return False

    def _in_order(self, written: list[bytes]) -> bool:
        """Whether the words of a value stand one behind the other."""
        return any(
            written[at : at + len(words)] == words
            for at, word in enumerate(written)
            for words in self._by_words.get(word, ())
        )

    def _phones(self, view: bytes) -> Iterator[int]:
        for run in _DIGITS.finditer(view):
            digits = run[0].translate(None, _NO_DIGIT)
            for length, known in self._numbers.items():
                if digits[-length:] in known:
                    yield run.start()
                    break


def read_canaries(path: Path, *, country: str = "") -> Canaries:
    """Read a list of known values: UTF-8, one a line; empty lines and those behind ``#`` are skipped.

    Raises:
        InputError: with file and line, never the value (``CF-1924``).
        LocalError: it cannot be read (``CF-1925``).
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except OSError as fault:
        raise LocalError(
            "The list of known values cannot be read",
            happened=f"{path.name}: {fault.strerror or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1925",
        ) from fault
    if len(content) > _LARGEST:
        raise _bad_list(path, 0, f"it is larger than {_LARGEST // 1024 // 1024} MiB")
    values: list[str] = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        try:
            value = " ".join(line.decode("utf-8").split())
        except UnicodeDecodeError as fault:
            raise _bad_list(path, number, "it is not UTF-8") from fault
        if not value or value.startswith("#"):
            continue
        if not _SHORTEST <= len(value) <= _LONGEST or not re.search(r"\w{2}", value):
            raise _bad_list(
                path,
                number,
                f"a value has {_SHORTEST} to {_LONGEST} characters, or it would be found anywhere",
            )
        values.append(value)
        if len(values) > MOST:
            raise _bad_list(path, number, f"the list has more than {MOST} values")
    return Canaries(values, country=country)


def _bad_list(path: Path, line: int, why: str) -> InputError:
    place = f"{path.name}, line {line}" if line else path.name
    return InputError(
        "The list of known values is not right",
        happened=f"{place}: {why}.",
        todo="Write one value a line in UTF-8; lines that begin with # are remarks.",
        code="CF-1924",
    )


def _number(value: str, country: str) -> bytes:
    """The last digits of a telephone number: these are the same in every notation. Empty for other values."""
    bare = re.sub(r"^(?:sips?|tel):", "", value.strip(), flags=re.IGNORECASE)
    if not _PHONE.fullmatch(bare):
        return b""
    digits = normalise_phone(bare, country=country)
    if len(digits) < _LEAST_DIGITS:
        return b""
    national = digits.removeprefix("0")
    return national[-_COMPARED_DIGITS:].encode("ascii")


def _folded(text: bytes) -> bytes:
    if text.isascii():
        return text.lower()
    try:
        read = text.decode("utf-8")
    except UnicodeDecodeError:
        read = text.decode("cp1252", "replace")
    return unicodedata.normalize("NFC", read).casefold().encode("utf-8", "replace")


def _orders(form: bytes) -> list[list[bytes]]:
    """The words of a value that has several and nothing but words, also with the last one first."""
    words = form.split(b" ")
    if len(words) < 2 or not all(_WORDS.fullmatch(word) and len(word) > 1 for word in words):
        return []
    return [words, [words[-1], *words[:-1]]]


def _bare(value: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKD", value))


def _whole(text: bytes, start: int, end: int) -> bool:
    return not (start and text[start - 1 : start].isalnum()) and not text[end : end + 1].isalnum()


def _runs(text: bytes, pattern: Pattern) -> Iterator[tuple[int, bytes]]:
    """What is encoded: whole lines for escapes, the matches themselves for base64."""
    if pattern is _BASE64:
        for match in pattern.finditer(text):
            yield match.start(), match[0]
        return
    start = 0
    for line in text.splitlines(keepends=True):
        if pattern.search(line):
            yield start, line
        start += len(line)


def _from_base64(run: bytes) -> bytes:
    body = run.translate(_DASHED).rstrip(b"=")
    with contextlib.suppress(binascii.Error, ValueError):
        return base64.b64decode(body[: len(body) - (len(body) % 4 == 1)] + b"=" * (-len(body) % 4))
    return b""


def _from_percent(line: bytes) -> bytes:
    return unquote_to_bytes(line.replace(b"+", b" ")) + b"\n" + unquote_to_bytes(line)


def _from_escapes(line: bytes) -> bytes:
    read = _ESCAPE.sub(lambda m: chr(int(m[1], 16)).encode("utf-8", "replace"), line)
    return read.replace(b"\\/", b"/")


def _from_entities(line: bytes) -> bytes:
    import html  # a quarter of a megabyte, for sites that name their values

    return html.unescape(line.decode("utf-8", "replace")).encode("utf-8", "replace")


_ENTITY = Pattern(rb"&#?\w{1,8};")
_ENCODED: tuple[tuple[str, Pattern, Callable[[bytes], bytes]], ...] = (
    ("percent-encoded", _PERCENT, _from_percent),
    ("escaped", _ESCAPE, _from_escapes),
    ("as entities", _ENTITY, _from_entities),
    ("base64", _BASE64, _from_base64),
)
_MARK_OF = {"percent-encoded": b"%", "escaped": b"\\u", "as entities": b"&"}
