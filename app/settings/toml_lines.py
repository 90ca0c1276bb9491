"""On which line of a TOML text each key stands. `tomllib` does not say."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]

_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = rf"{_KEY_PART}(?:[ \t]*\.[ \t]*{_KEY_PART})*"
_PART = re.compile(_KEY_PART)
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_KEY})[ \t]*\]\]?")
_PAIR = re.compile(rf"[ \t]*({_KEY})[ \t]*=")
_VALUE_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^']|'(?!''))*'{3,5}'''
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[\[\]{}]|\n|[^\n"'\#\[\]{}]+""",
    re.DOTALL,
)


@dataclass(slots=True)
class _Walk:
    table: KeyPath = ()
    rows: dict[KeyPath, int] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def note(self, key: KeyPath, line: int) -> None:
        for length in range(1, len(key) + 1):
            self.lines.setdefault(key[:length], line)

    def enter(self, parts: tuple[str, ...], *, array: bool, line: int) -> None:
        """A header; a part that names an array of tables stands for its newest row."""
        key: KeyPath = ()
        for index, part in enumerate(parts):
            key = (*key, part)
            if array and index == len(parts) - 1:
                self.rows[key] = self.rows.get(key, -1) + 1
            if key in self.rows:
                key = (*key, self.rows[key])
        self.table = key
        self.note(key, line)


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    """The line (1-based) of each table and key of a text that is valid TOML.

    Keys inside an inline table or an array have no entry of their own.
    """
    walk = _Walk()
    position = 0
    text = text.replace("\r\n", "\n")
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        header = _HEADER.match(text, position)
        pair = _PAIR.match(text, position)
        if header is not None:
            walk.enter(_parts(header[2]), array=header[1] == "[[", line=line)
            position = _end_of_line(text, header.end())
        elif pair is not None:
            walk.note((*walk.table, *_parts(pair[1])), line)
            position = _end_of_value(text, pair.end())
        else:
            position = _end_of_line(text, position)
    return walk.lines


def _parts(key: str) -> tuple[str, ...]:
    return tuple(_plain(part) for part in _PART.findall(key))


def _plain(part: str) -> str:
    if part[0] in "\"'":
        return str(tomllib.loads(f"k = {part}")["k"])
    return part


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _end_of_value(text: str, position: int) -> int:
    """Behind the line on which the value ends; arrays and long strings go over several."""
    depth = 0
    while position < len(text):
        token = _VALUE_TOKEN.match(text, position)
        if token is None:
            return _end_of_line(text, position)
        position = token.end()
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] == "\n" and depth <= 0:
            return position
    return position
