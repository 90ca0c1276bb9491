"""Patterns of bytes that are compiled when they are first asked for.

The reference engine has hundreds of patterns, and most texts need few of them: compiling all takes longer
than masking a small file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol


class _Finds(Protocol):
    def __call__(
        self, string: bytes, pos: int = 0, endpos: int = sys.maxsize, /
    ) -> re.Match[bytes] | None: ...


class _FindsAll(Protocol):
    def __call__(
        self, string: bytes, pos: int = 0, endpos: int = sys.maxsize, /
    ) -> Iterator[re.Match[bytes]]: ...


class _Splits(Protocol):
    def __call__(self, string: bytes, maxsplit: int = 0) -> list[bytes]: ...


class Pattern:
    """What ``re.compile`` makes, made at the first use.

    Args:
        pattern: and `flags`, as ``re.compile`` takes them; what is wrong with them is found at the first use.
        words: every match, or what it looks at, holds one of these, so that a text without any of them is
            not searched, and nothing compiled for it.
        any_case: whether they stand for any case; they are small letters then.
    """

    match: _Finds
    fullmatch: _Finds
    search: _Finds
    finditer: _FindsAll
    split: _Splits
    sub: Callable[[bytes | Callable[[re.Match[bytes]], bytes], bytes], bytes]
    flags: int

    def __init__(
        self, pattern: bytes, flags: int = 0, *, words: tuple[bytes, ...] = (), any_case: bool = False
    ) -> None:
        self.pattern = pattern
        self._flags = flags
        self.words = words
        self.any_case = any_case

    def __getattr__(self, name: str) -> Any:
        """What the compiled pattern has of this name; kept, so that it is asked for once."""
        if name.startswith("_"):
            raise AttributeError(name)
        words = self.__dict__.get("words")
        if name == "finditer" and words:
            found: Any = self._finditer_with_words
        elif name == "search" and words:
            found = self._search_with_words
        else:
            found = getattr(self._compiled(), name)
        self.__dict__[name] = found
        return found

    def _compiled(self) -> re.Pattern[bytes]:
        compiled: re.Pattern[bytes] | None = self.__dict__.get("_pattern")
        if compiled is None:
            compiled = self.__dict__["_pattern"] = re.compile(self.pattern, self._flags)
        return compiled

    def _holds_word(self, text: bytes) -> bool:
        if self.any_case:
            text = text.lower()
        for word in self.words:  # noqa: SIM110 - a generator costs more than most of the looks it takes
            if word in text:
                return True
        return False

    def _finditer_with_words(
        self, text: bytes, start: int = 0, end: int = sys.maxsize, /
    ) -> Iterator[re.Match[bytes]]:
        whole = not start and end >= len(text)
        if whole and not self._holds_word(text):
            return iter(())
        return self._compiled().finditer(text, start, end)

    def _search_with_words(
        self, text: bytes, start: int = 0, end: int = sys.maxsize, /
    ) -> re.Match[bytes] | None:
        whole = not start and end >= len(text)
        if whole and not self._holds_word(text):
            return None
        return self._compiled().search(text, start, end)
