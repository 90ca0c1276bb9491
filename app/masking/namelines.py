"""What stands around a name in its line, and says whether it is a person's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from app.masking.patterns import Pattern
from app.masking.people import LONGEST, Use
from app.masking.tokens import TOKEN, ends_with_token

_BEFORE, _NEAR, _BEHIND = 512, 160, 96
"""Bytes in which the line may begin, and in which numbers and their nouns stand before and behind a name."""
_STAMPED = 48
"""Bytes of a line that may hold its clock."""
_LETTERS_BACK = Pattern(rb"[A-Za-z\x80-\xff]{1,25}\Z")
_LETTERS = Pattern(rb"[A-Za-z\x80-\xff]{1,24}")
_STATE_ON = Pattern(rb" {1,4}([A-Za-z\x80-\xff]{1,25})")
_COMPLAINT = Pattern(
    rb"(?i): (?:account|auth(?:entication|orization)?|access|log[io]n|password|permission|session|too many"
    rb"|invalid|wrong|unknown user|no such user|not (?:allowed|authorized|found)|failed|locked|disabled"
    rb"|denied|expired)(?![A-Za-z])"
)
"""What is said of a log-in: ``mary.major: account locked``."""
_PLACE_BEFORE = Pattern(rb"(?<![^ (#])\d{3,6} {1,4}\Z")
_LETTERS_ON = Pattern(rb" ([A-Za-z\x80-\xff]{1,25})")
_CLOCK = Pattern(rb"\d:[0-5]\d(?!\w)")
_NUMBER = Pattern(rb"(?<![^ (#])\d+(?!\w|\.\d)")
_ENDS = Pattern(rb"[\r\n]")
CAPITAL = Pattern(
    rb"(?!\xc3[\xa0-\xbf]|\xc4[\x87\x8d]|\xc5[\x82\x91\x99\x9b\xa1\xba\xbc\xbe]|[\xe0-\xff][\x00-\x7f])[A-Z\x80-\xff]"
)
"""What may be a capital; beyond ASCII, if it is none of the commonest small letters (UTF-8, 8-bit)."""
_LARGE_WORD = Pattern(rb"[A-Z]{2,24}")
_FILLING = frozenset((b"has", b"is", b"was", b"now", b"ist", b"hat", b"ha", b"a", b"est", b"jest", b"not"))
_LEVELS = frozenset((b"INFO", b"ERROR", b"ALERT"))
"""What a line begins with is about nothing: ``10:22:31 INFO Mary Major joined``."""
_OPENING = frozenset((b"(", b"[", b"{", b'"', b"'"))
_SAYING = Use.ROLE | Use.LINK | Use.VERB | Use.NOUN
_YEAR = Pattern(rb"(?:19|20)\d\d")
_YEAR_BEFORE = Pattern(rb"(?<!\d)(?:19|20)\d\d:? {1,2}\Z")
_DIGIT_BEFORE = Pattern(rb"\d:? {1,2}\Z")
_ADDRESSED = Pattern(rb" {1,2}<[^\r\n>]{1,90}>{1,2}(?=[\r\n]|\Z)")
_LISTED, _ENDED = frozenset((b" <", b" (", b"  ")), frozenset((b"", b"\r", b"\n"))
"""Behind the name in the head of a change: ``Thu Jul 11 09:21:33 1996  Mary Major  <…>``."""


class Line:
    """The line of a name, read as far as is asked for.

    Args:
        buffer: the text.
        start, end: of the name.
        uses: what words say, by `app.masking.people.uses`.
    """

    def __init__(self, buffer: bytes, start: int, end: int, uses: Mapping[bytes, int]) -> None:
        self._buffer, self._start, self._end, self._uses = buffer, start, end, uses

    @cached_property
    def refused(self) -> bool:
        """Whether a word stood beside the name that is a token now, or the name signs a change or a mail."""
        buffer, start, end = self._buffer, self._start, self._end
        if buffer[start - 1 : start] == b" " and ends_with_token(buffer, start - 1):
            return True
        if buffer[end : end + 1] == b" " and TOKEN.match(buffer, end + 1) is not None:
            return True
        behind = buffer[end : end + 7]
        near = buffer[max(0, start - 8) : start]
        if _YEAR_BEFORE.search(near):
            return behind[:2] in _LISTED or behind[:1] in _ENDED
        if _DIGIT_BEFORE.search(near) and _ADDRESSED.match(buffer, end):
            return True
        addressed = behind[:2] == b" <" or behind[:3] == b"  <"
        return behind == b" wrote:" or (addressed and near.endswith(b"  "))

    @cached_property
    def _word_before(self) -> tuple[bytes, bool]:
        """The word before the name or the mark that opens it or a colon; whether it is directly there."""
        buffer, at, direct = self._buffer, self._start, True
        if buffer[at - 1 : at] in _OPENING:
            at -= 1
            direct = False
        if at < 2 or buffer[at - 1 : at] != b" ":
            return b"", False
        at -= 1
        if buffer[at - 1 : at] == b":":
            at -= 1
            direct = False
        word = _LETTERS_BACK.search(buffer[max(0, at - LONGEST - 1) : at])
        return (word[0], direct) if word and len(word[0]) <= LONGEST else (b"", False)

    @cached_property
    def before(self) -> int:
        """What the word before the name says; before a mark that opens it is of things only."""
        word = self._word_before[0]
        use = 0 if word in _LEVELS else self._uses.get(word.lower(), 0)
        return use & Use.THING if self._buffer[self._start - 1 : self._start] in _OPENING else use

    @cached_property
    def beside_capital(self) -> bool:
        """Whether the name goes on with a word before it that says nothing: ``Santa Maria Major``."""
        word, direct = self._word_before
        if not direct or self.before & _SAYING or not CAPITAL.match(word):
            return False
        return _LARGE_WORD.fullmatch(word) is None

    @cached_property
    def _first_behind(self) -> bytes:
        word = _LETTERS_ON.match(self._buffer, self._end)
        return word[1] if word and len(word[1]) <= LONGEST else b""

    @cached_property
    def thing_behind(self) -> bool:
        """Whether the word behind the name says that a thing is called so, or goes on with it."""
        word = self._first_behind
        use = self._uses.get(word.lower(), 0)
        if use & Use.THING and not use & Use.VERB:
            return True
        return bool(CAPITAL.match(word)) and not use & _SAYING and not _LARGE_WORD.fullmatch(word)

    @cached_property
    def verb(self) -> bool:
        """Whether it stands behind the name what somebody does: ``Mary Major has joined``."""
        at = self._end
        for _word in range(3):
            found = _LETTERS_ON.match(self._buffer, at)
            if found is None or len(found[1]) > LONGEST:
                return False
            word = found[1].lower()
            if word not in _FILLING:
                return bool(self._uses.get(word, 0) & Use.VERB)
            at = found.end()
        return False

    @cached_property
    def listed(self) -> bool:
        """Whether a name stands between a number and a state: ``4711  Mary Major  Ready``."""
        if _PLACE_BEFORE.search(self._sides[0]) is None:
            return False
        state = _STATE_ON.match(self._buffer, self._end)
        told = self._uses.get(state[1].lower(), 0) if state and len(state[1]) <= LONGEST else 0
        return self.verb or bool(told & Use.VERB)

    @property
    def complained(self) -> bool:
        """Whether it is said behind a log-in what is wrong with it."""
        return _COMPLAINT.match(self._buffer, self._end) is not None

    @cached_property
    def _line_start(self) -> tuple[int, bool]:
        """Where the line begins, or what is read of it; whether it is the line's beginning."""
        least = max(0, self._start - _BEFORE)
        feed = max(self._buffer.rfind(sign, least, self._start) for sign in (b"\n", b"\r"))
        return (feed + 1, True) if feed >= 0 else (least, not least)

    @cached_property
    def clock(self) -> bool:
        """Whether the line begins with the time of day."""
        at, whole = self._line_start
        return whole and _CLOCK.search(self._buffer[at : min(self._start, at + _STAMPED)]) is not None

    @cached_property
    def bracketed(self) -> bool:
        """Whether the line begins with something in brackets."""
        at, whole = self._line_start
        return whole and self._buffer[at : at + 1] == b"["

    @cached_property
    def _sides(self) -> tuple[bytes, bytes]:
        begin = max(self._line_start[0], self._start - _NEAR)
        behind = self._buffer[self._end : self._end + _BEHIND]
        return self._buffer[begin : self._start], _ENDS.split(behind, 1)[0]

    @cached_property
    def numbered(self) -> bool:
        """Whether a number stands behind what has one: ``conference 4711``."""
        return any(
            self._noun_of(side, match.start()) for side in self._sides for match in _NUMBER.finditer(side)
        )

    def _noun_of(self, side: bytes, at: int) -> bool:
        if side[at - 1 : at] in (b"#", b"("):
            at -= 1
        if at < 2 or side[at - 1 : at] != b" ":
            return False
        word = _LETTERS_BACK.search(side[max(0, at - 2 - LONGEST) : at - 1])
        if word is None or len(word[0]) > LONGEST:
            return False
        return bool(self._uses.get(word[0].lower(), 0) & Use.NOUN)

    @cached_property
    def number(self) -> bool:
        """Whether a number of two digits or more stands in the line, and is no year."""
        return any(
            len(match[0]) > 1 and not _YEAR.fullmatch(match[0])
            for side in self._sides
            for match in _NUMBER.finditer(side)
        )

    @cached_property
    def noun(self) -> bool:
        """Whether something that has a number stands before the name."""
        words = (match[0].lower() for match in _LETTERS.finditer(self._sides[0]))
        return any(self._uses.get(word, 0) & Use.NOUN for word in words)
