"""The rule of a key as it stands in a log: case, separators and accents do not matter."""

from __future__ import annotations

from collections.abc import Iterator

from app.masking.patterns import Pattern
from app.masking.rules import PLACES, KeyRule, RuleSet, fold_key, key_words

_CACHE = 20_000
_SOURCE = Pattern(rb"\.[pP]?[cC][^A-Za-z\x80-\xff]*\Z")
"""A file of a program, ``login.c: …``, and no field of Salesforce, ``Login__c``."""
_MOST_WORDS = 6
_LEAST_REST = 3
_LEAST_CUT = 4
"""Letters of a name, and of a word that says nothing, where no sign parts them: ``telefonocliente``."""

_Table = dict[str, tuple[int, KeyRule]]
"""Rules by folded name, with their rank: of two names that fit alike the one of the first rule counts."""


class KeyBook:
    """Finds the rules of keys."""

    def __init__(self, rules: RuleSet) -> None:
        self._exact: _Table = {}
        self._tails: _Table = {}
        self._ends: dict[str, KeyRule] = {}
        for rank, rule in enumerate(rules.keys):
            ranked = rank, rule
            for folded in rule.folded:
                self._exact.setdefault(folded, ranked)
                if not rule.exact:
                    self._tails.setdefault(folded, ranked)
            for name in rule.ends:
                self._ends.setdefault(fold_key(name), rule)
        self._longest = max(map(len, self._ends), default=0)
        self._signs: dict[str, str] = {}
        for place, words in rules.words.items():
            for word in words:
                self._signs[word] = self._signs.get(word, "") + PLACES[place]
        self._longest_word = max(map(len, self._signs), default=0)
        self._keep = rules.keep_keys
        self._qualifiers = rules.qualifiers
        self._sorts = rules.sorts
        self._prefixes = rules.prefixes
        self._cache: dict[bytes, KeyRule | None] = {}

    def rule_of(self, key: bytes) -> KeyRule | None:
        """The rule for a key such as ``v_CustomerName``, or None when its values are not personal."""
        try:
            return self._cache[key]
        except KeyError:
            pass
        found = None if _SOURCE.search(key) else self._look_up(_read(key))
        if len(self._cache) >= _CACHE:
            self._cache.clear()
        self._cache[key] = found
        return found

    def _look_up(self, key: str) -> KeyRule | None:
        """A word that is kept decides first.

        Then the name that begins first in the key, which may have words behind it that say nothing
        (``telefono_cliente``); of two that begin alike the longer one.
        """
        words = key_words(key)
        last = ""
        best: tuple[int, KeyRule] | None = None
        while True:
            while words and words[-1].isdigit():
                words = words[:-1]
            if self._is_kept(words):
                return None
            last = last or "".join(words[-1:])
            found = self._of_words(words)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
            if len(words) < 2 or words[-1] not in self._qualifiers:
                break
            words = words[:-1]
        return best[1] if best is not None else self._of_parts(last)

    def _is_kept(self, words: list[str]) -> bool:
        return any("".join(words[start:]) in self._keep for start in _starts(words))

    def _of_words(self, words: list[str]) -> tuple[int, KeyRule] | None:
        """Where the longest name begins that these words end with, and its rule. Whole words go first."""
        alone = len(words) <= _MOST_WORDS
        for start in _starts(words):
            alone = alone and (start == 0 or words[start - 1] in self._prefixes)
            rule = self._named(self._exact if alone else self._tails, "".join(words[start:]))
            if rule is not None:
                return None if self._is_sorted(words, start) else (start, rule)
        whole = "".join(words[-_MOST_WORDS:])
        for size in range(min(self._longest, len(whole)), 0, -1):
            rule = self._ends.get(whole[len(whole) - size :])
            if rule is not None:
                return None if self._is_sorted(words, len(words) - 1) else (len(words) - 1, rule)
        return None

    def _is_sorted(self, words: list[str], start: int) -> bool:
        """Whether the word before a name says that the value is nobody's."""
        return start > max(0, len(words) - _MOST_WORDS) and words[start - 1] in self._sorts

    def _of_parts(self, word: str) -> KeyRule | None:
        """The rule of a word that is a name and a word that says nothing, or two names of a kind."""
        for size in range(_LEAST_REST, len(word) - _LEAST_CUT + 1):
            if word[size:] in self._qualifiers:
                rule = self._part(word[:size])
                if rule is not None:
                    return rule
        for size in range(len(word) - _LEAST_REST, _LEAST_CUT - 1, -1):
            head = self._tails.get(word[:size])
            if head is not None or word[:size] in self._qualifiers:
                rule = self._part(word[size:])
                if rule is not None and (
                    head is None or head[1].kind is rule.kind or word[:size] in self._qualifiers
                ):
                    return rule
        return None

    def _part(self, word: str) -> KeyRule | None:
        return None if word in self._keep else self._named(self._tails, word)

    def _named(self, table: _Table, text: str) -> KeyRule | None:
        """The rule of a name; of a name with places that fit, too."""
        found = [table[form] for form in self._forms(text) if form in table]
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def _forms(self, text: str) -> Iterator[str]:
        """A text, and what it is with words at its beginning and end as their places."""
        yield text
        near = range(1, min(self._longest_word, len(text)) + 1)
        heads = [(size, sign) for size in near for sign in self._signs.get(text[:size], "")]
        tails = [(len(text) - size, sign) for size in near for sign in self._signs.get(text[-size:], "")]
        yield from (sign + text[size:] for size, sign in heads)
        yield from (text[:at] + sign for at, sign in tails if at)
        yield from (head + text[size:at] + tail for size, head in heads for at, tail in tails if size <= at)


def _starts(words: list[str]) -> range:
    return range(max(0, len(words) - _MOST_WORDS), len(words))


def _read(key: bytes) -> str:
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        return key.decode("cp1252", "replace")
