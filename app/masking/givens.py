"""Names of people and their log-ins that stand without a key: a given name, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from app.masking.face import Kind
from app.masking.namelines import CAPITAL, Line
from app.masking.patterns import Pattern
from app.masking.people import LONGEST, NAMES, Use, pattern_of, uses
from app.masking.plausible import NOBODY_WHOLE
from app.masking.reach import is_label
from app.masking.spans import Span

_BEFORE = rb"(?<![^ \t\r\n(\[{\"',;|])"
_CANDIDATE = Pattern(
    _BEFORE + rb"(?:[A-Za-z\x80-\xff]{2,24}(?![A-Za-z0-9\x80-\xff])|[A-Za-z](?=\.[A-Za-z]{3}))"
)
_PART = Pattern(
    rb"[A-Z\x80-\xff](?>(?:[A-Za-z\x80-\xff]|['-](?=[A-Za-z\x80-\xff])){1,40})(?![\w@=]|[:.(\[/\\-]\S)"
)
_SMALL = Pattern(
    rb"(?:(?:van|von|vom|zum|zur|zu|de|der|den|dem|del|della|dello|degli|dei|di|da|dal|do|dos|das|du|des|le|la|las|los|ten|ter"
    rb"|te|af|av|el|al|bin|ibn) ){0,3}"
)
_PARTS = 3
_LARGE = Pattern(rb"[A-Z]")
_ANY_SMALL = Pattern(rb"[a-z]")
_OPENERS = frozenset((b"", *(bytes((sign,)) for sign in b" \t\r\n([{\"',;|")))
"""What may stand before a name."""
_LOGIN = Pattern(rb"(?:-[A-Za-z]{2,24})?[._](?P<last>[A-Za-z]{3,24})\d{0,4}(?![\w@=\x80-\xff-]|[:.(\[/\\]\S)")
_FAMILY = Pattern(rb"(?:[A-Za-z\x80-\xff]|(?<=[A-Za-z\x80-\xff])['-]){2,40}\Z")
_SMALL_BEFORE = Pattern(rb"(?<![^ \t\r\n(\[{\"',;|])" + _SMALL.pattern.replace(b"{0,3}", b"{1,3}") + rb"\Z")
_JOINED = Pattern(rb"(?:Mc|Mac|De|Di|La|Le|Van|Fitz)[A-Z][a-z\x80-\xff]*\Z")
_HUMP = Pattern(rb"[a-z][A-Z]")
_CALLING = Use.VERB | Use.ROLE | Use.NOUN
_LEAST_LARGE = 4
"""Bytes of a name in capitals behind a name that is none, or of a third one: ``Mary MAJOR``; not ``OK``."""
_FAMILY_BEFORE = 64
_LEAST_BEFORE = 4
"""Bytes of ``Li, ``, at least."""
ORDER = 5
"""Behind the other detectors of names: what these found keeps its place."""


_AROUND = 1024
"""Bytes before and behind a place that are read where the line has no end."""

_WORTH = 1024 * 1024
"""Bytes that are read without RE2, which takes some hundredths of a second for a pattern of all names."""

Find = Callable[[bytes, int, int], tuple[int, int]]
Finding = Callable[[str], Find]


class _Name(NamedTuple):
    """A name's end, and whether it, or a part of it, is written in capitals."""

    end: int
    upper: bool


class GivenNames:
    """Finds names by their given name.

    Args:
        people: words by the fields of `app.masking.people.FIELDS`.
    """

    def __init__(self, people: Mapping[str, tuple[str, ...]]) -> None:
        self._uses = uses(people)

    @property
    def pattern(self) -> str:
        """A pattern of RE2 (Latin-1) that matches wherever a find begins, or in it."""
        return pattern_of(self._uses)

    def find(self, buffer: bytes, order: int, kind: Kind) -> Iterator[Span]:
        """Names, and log-ins that are made of one; nothing of them is learned."""
        for match in _CANDIDATE.finditer(buffer):
            start, stop = match.span()
            initial = stop - start == 1
            given = Use.CAUTIOUS if initial else self._uses.get(match[0].lower(), 0) & NAMES
            if not given:
                continue
            if initial or buffer[stop : stop + 1] in (b".", b"_", b"-"):
                end = self._login(buffer, start, stop, given)
                if end:
                    yield Span(start, end, order + ORDER, Kind.USER, "person-name")
                    continue
            if initial:
                continue
            name = self._name(buffer, start, stop)
            if name and self._speaks(Line(buffer, start, name.end, self._uses), given, upper=name.upper):
                yield Span(start, name.end, order + ORDER, kind, "person-name")
                continue
            turned = self._family_first(buffer, start, stop)
            if turned:
                yield Span(*turned, order + ORDER, kind, "person-name")

    def is_given(self, word: bytes) -> bool:
        """Whether a word is a given name and no other word."""
        return self._use(word) & Use.GIVEN != 0

    def _use(self, word: bytes) -> int:
        return self._uses.get(word.lower(), 0) if len(word) <= LONGEST else 0

    def _name(self, buffer: bytes, start: int, stop: int) -> _Name | None:
        """The given name at a place with the names behind it; None where no name of a person stands."""
        given = _PART.match(buffer, start)
        if given is None or buffer[stop : stop + 1] not in (b" ", b"-"):
            return None
        upper = _upper(buffer[start:stop])
        if not upper and _LARGE.search(buffer, start + 1, stop):
            return None
        end, some = 0, upper
        at = given.end()
        for _part in range(_PARTS - 1):
            small = _SMALL.match(buffer, at + 1) if buffer[at : at + 1] == b" " else None
            part = _PART.match(buffer, small.end()) if small else None
            if part is None or not CAPITAL.match(part[0]):
                break
            use = self._use(part[0])
            if use & Use.THING:
                return None
            if use & _CALLING or is_label(buffer, *part.span()):
                break
            large = _upper(part[0])
            if large and end and (not upper or len(part[0]) < _LEAST_LARGE):
                break
            if upper != large and (upper or len(part[0]) < _LEAST_LARGE):
                return None
            if not large and _HUMP.search(part[0]) and not _JOINED.match(part[0]):
                return None
            some = some or large
            at = end = part.end()
        if buffer[start:end].lower() in NOBODY_WHOLE:
            return None  # Milton Keynes
        return _Name(end, some) if end else None

    def _login(self, buffer: bytes, start: int, stop: int, given: int) -> int:
        """Where the log-in ends that begins with a given name, or an initial; 0 where none stands."""
        login = _LOGIN.match(buffer, stop)
        if login is None or given & Use.PLAIN or self._use(login["last"]) & (Use.THING | Use.NOUN | Use.VERB):
            return 0
        line = Line(buffer, start, login.end(), self._uses)
        if line.refused or line.before & Use.THING:
            return 0
        if line.before & Use.ROLE or (line.complained and stop - start > 1):
            return login.end()
        if not (line.verb or (line.before & Use.LINK and stop - start > 1)):
            return 0
        told = line.clock or line.numbered or (line.verb and (line.number or line.bracketed))
        return login.end() if told else 0

    def _speaks(self, line: Line, given: int, *, upper: bool) -> bool:
        """Whether what stands around a name says that it is one."""
        if line.refused:
            return False
        if line.before & Use.ROLE:
            return True
        if given & Use.PLAIN or line.before & Use.THING or line.beside_capital or line.thing_behind:
            return False
        strong = bool(line.before & Use.LINK) or line.verb or line.listed
        if (given & Use.CAUTIOUS or upper) and not strong:
            return False
        if line.clock or line.numbered or line.listed:
            return True
        return strong and line.number and line.noun

    def _family_first(self, buffer: bytes, start: int, stop: int) -> tuple[int, int] | None:
        """``agent Major, Mary``: from the family's name to the given one; None where it is not that."""
        part = _PART.match(buffer, start)
        if part is None or start < _LEAST_BEFORE or buffer[start - 2 : start] != b", ":
            return None
        head = buffer[max(0, start - 2 - _FAMILY_BEFORE) : start - 2]
        family = _FAMILY.search(head)
        if family is None or not CAPITAL.match(family[0]):
            return None
        if self._use(family[0]) & (Use.THING | _CALLING) or _HUMP.search(buffer, start, stop):
            return None
        if len(family[0]) > LONGEST:
            return None
        first = family.start()
        small = _SMALL_BEFORE.search(head[:first])
        if small:
            first = small.start()
        begin = start - 2 - len(head) + first
        if buffer[begin - 1 : begin] not in _OPENERS:
            return None
        line = Line(buffer, begin, part.end(), self._uses)
        if line.refused or line.before & Use.THING:
            return None
        if line.before & Use.ROLE or (line.before & Use.LINK and (line.clock or line.numbered)):
            return begin, part.end()
        return None


def _upper(word: bytes) -> bool:
    """Whether a word has capitals only."""
    return len(word) > 1 and not _ANY_SMALL.search(word) and _LARGE.search(word) is not None


def names_left(
    givens: GivenNames, order: int, kind: Kind, finding: Finding, *, worth: int = _WORTH
) -> Callable[[bytes], Iterator[Span]]:
    """A finder of names in masked text, which reads the lines where a given name may begin one.

    Args:
        givens: what finds them.
        order: of the detector.
        kind: of names.
        finding: makes of a pattern of RE2 what finds its next place in a part of a text.
        worth: bytes that are read without that.
    """
    read = 0
    find: Find | None = None

    def finder(buffer: bytes) -> Iterator[Span]:
        nonlocal read, find
        at, size = 0, len(buffer)
        read += size
        if find is None and read < worth:
            yield from givens.find(buffer, order, kind)
            return
        find = find or finding(givens.pattern)
        while at < size:
            place, end = find(buffer, at, size)
            if place < 0:
                return
            first = buffer.rfind(b"\n", max(0, place - _AROUND), place + 1) + 1 or max(0, place - _AROUND)
            feed = buffer.find(b"\n", max(end - 1, place + 1), end + _AROUND)
            at = feed + 1 if feed >= 0 else end + _AROUND // 2
            for span in givens.find(buffer[first : max(at, end)], order, kind):
                yield span._replace(start=span.start + first, end=span.end + first)

    return finder
