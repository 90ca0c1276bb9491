"""Settings files: TOML that is read into dataclasses, with errors that name file, line and field."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from app.decoding import ready
from app.domain.errors import InputError
from app.settings.toml_lines import KeyPath, lines_of_keys

T = TypeVar("T")

_LARGEST = 4 * 1024 * 1024
_SYNTAX_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)\Z")
_PLACE = re.compile(r" - at `\$(?P<path>.*)`\Z")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A settings file that was read.

    Attributes:
        path: the file.
        data: its tables, as `tomllib` gives them.
        lines: the line (1-based) on which each key stands.
    """

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def line_of(self, *key: str | int) -> int | None:
        """The line (1-based) of a key, such as ``line_of("rule", 0, "case")``.

        A key that is not in the file has the line of the nearest table around it; None when there is none.
        """
        for length in range(len(key), 0, -1):
            found = self.lines.get(key[:length])
            if found is not None:
                return found
        return None

    def error(self, *key: str | int, happened: str, todo: str, code: str = "CF-1174") -> InputError:
        """An `InputError` that names file, line and field.

        Args:
            *key: the field, such as ``"rule", 0, "case"``.
            happened: what is wrong with it, a sentence without the value.
            todo: what to do.
            code: the stable code.
        """
        line = self.line_of(*key)
        place = self.path.name + (f", line {line}" if line else "")
        field = f", field {field_name(key)}" if key else ""
        return InputError(
            "A setting is not right", happened=f"{place}{field}: {happened}", todo=todo, code=code
        )

    def load(self, kind: type[T]) -> T:
        """The document as an instance of a dataclass; unknown fields are errors.

        Raises:
            InputError: a field is missing, unknown or of another type; with its place.
        """
        self._refuse_unknown(self.data, kind, ())
        try:
            return msgspec.convert(self.data, ready(kind))
        except msgspec.ValidationError as error:
            raise self._validation(error) from error

    def _validation(self, error: msgspec.ValidationError) -> InputError:
        text = str(error)
        place = _PLACE.search(text)
        key = _steps(place["path"]) if place else ()
        said = (text[: place.start()] if place else text).replace("Object ", "The table is ")
        missing = _MISSING.search(said)
        if missing is not None:
            return self.error(*key, missing["name"], happened="it is missing.", todo="Add this field.")
        return self.error(*key, happened=f"{said}.", todo="Correct the value.")

    def _refuse_unknown(self, value: object, kind: Any, key: KeyPath) -> None:
        """Walk value and type side by side; what no dataclass field names is refused."""
        for shape in _alternatives(kind):
            origin = typing.get_origin(shape)
            if dataclasses.is_dataclass(shape) and isinstance(shape, type) and isinstance(value, Mapping):
                hints = typing.get_type_hints(shape)
                for name, inner in value.items():
                    if name not in hints:
                        raise self._unknown((*key, name), hints)
                    self._refuse_unknown(inner, hints[name], (*key, name))
            elif origin in (list, tuple) and isinstance(value, list):
                for index, inner in enumerate(value):
                    self._refuse_unknown(inner, typing.get_args(shape)[0], (*key, index))

    def _unknown(self, key: KeyPath, known: Mapping[str, object]) -> InputError:
        import difflib  # for mistakes only

        near = difflib.get_close_matches(str(key[-1]), list(known), n=1)
        return self.error(
            *key,
            happened="there is no such field.",
            todo=f"Did you mean {near[0]}?" if near else f"The fields here are {', '.join(sorted(known))}.",
            code="CF-1175",
        )


def read_toml(path: Path) -> TomlDocument:
    """Read a settings file.

    Raises:
        InputError: it cannot be read, is no UTF-8, or is no TOML; with the line where that is known.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(
            "The settings file cannot be read",
            happened=f"{path.name}: {error.strerror or type(error).__name__}.",
            todo="Check the path and the rights of the file.",
            code="CF-1172",
        ) from error
    return parse_toml(path, raw)


def parse_toml(path: Path, raw: bytes) -> TomlDocument:
    """What a settings file of this name would hold with this content.

    Raises:
        InputError: it is too large, no UTF-8, or no TOML; with the line where that is known.
    """
    if len(raw) > _LARGEST:
        raise _not_toml(path, None, "the file is larger than 4 MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _not_toml(path, line, "the text is not UTF-8") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, str(error), text) from error
    return TomlDocument(path=path, data=data, lines=lines_of_keys(text))


def field_name(key: KeyPath) -> str:
    """The field for people, such as ``rule[0].case``."""
    name = ""
    for step in key:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def _syntax(path: Path, said: str, text: str) -> InputError:
    match = _SYNTAX_LINE.search(said)
    line = None
    if match is not None:
        said = said[: match.start()]
        line = int(match[1]) if match[1] else text.count("\n") + 1
    return _not_toml(path, line, said[:1].lower() + said[1:])


def _not_toml(path: Path, line: int | None, said: str) -> InputError:
    place = path.name + (f", line {line}" if line else "")
    return InputError(
        "The settings file is not valid TOML",
        happened=f"{place}: {said}.",
        todo="Correct this line.",
        code="CF-1173",
    )


def _steps(path: str) -> KeyPath:
    return tuple(
        match[1] if match[1] is not None else int(match[2])
        for match in _STEP.finditer(path)
        if match[2] != "..."
    )


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return typing.get_args(kind)
    return (kind,)
