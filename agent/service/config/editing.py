"""Setting one field of the configuration file: comments, order and all other lines stay."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Any

from agent.service.config.file import checked
from agent.service.config.network import doubtful_entries
from app.domain.errors import InputError, LocalError
from app.settings import parse_toml

_STEP = re.compile(r"([A-Za-z0-9_-]+)((?:\[[0-9]{1,4}\])?)(?:\.|\Z)")
_PLAIN = re.compile(r"\A[^\"'\[\]{}\n]+\Z")


def set_field(path: Path, field: str, value: str, *, known: Collection[str] | None = None) -> None:
    """Write the file with another value of one field; it is checked as a whole before it is written.

    Args:
        path: the configuration file.
        field: such as ``transfer.limit`` or ``rule[0].case``.
        value: as TOML writes it; a text that is no TOML value is a string. Empty takes the field out.
        known: see `read_config`; None for what the file holds already.

    Raises:
        InputError: the field or the value is not right (CF-1178, and as `read_config`).
        LocalError: the file cannot be written (CF-1884).
    """
    import tomlkit  # here and below: 4 MB that an agent spares whose file nobody changes through it

    steps = _steps(field)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _not_written(path, error) from error
    before = parse_toml(path, raw)  # what is wrong already is told with its line
    spared = doubtful_entries(before) if known is None else known
    text = raw.decode("utf-8-sig")
    items = _items(value, field) if value else [None]
    for number, item in enumerate(items, start=1):
        document = tomlkit.parse(text)
        _place(document, steps, item, field)
        content = tomlkit.dumps(document).encode("utf-8")
        try:
            checked(parse_toml(path, content), changed=True, known=spared)
        except InputError:
            if number == len(items):
                raise
            continue
        _replace(path, content)
        return


def _steps(field: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(field):
        match = _STEP.match(field, position)
        if match is None:
            break
        steps.append(match[1])
        if match[2]:
            steps.append(int(match[2][1:-1]))
        position = match.end()
    if position < len(field) or len(steps) < 2 or field.endswith(".") or isinstance(steps[-1], int):
        raise _no_such(field, "It is no name of a field.")
    return steps


def _place(document: Any, steps: list[str | int], item: Any, field: str) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    table = document
    for step in steps[:-1]:
        if isinstance(step, str) and item is not None and isinstance(table, dict) and step not in table:
            table[step] = tomlkit.table()
        try:
            table = table[step]
        except (KeyError, IndexError, TypeError, TOMLKitError) as error:
            raise _no_such(field, "The file has no such table.") from error
    name = steps[-1]
    if not isinstance(table, dict):
        raise _no_such(field, "It lies in no table.")
    if item is not None:
        table[name] = item
    elif name in table:
        del table[name]


def _items(value: str, field: str) -> list[Any]:
    """What the text can mean: a string that looks like a number is one, when the field wants a string."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    plain = [tomlkit.string(value)] if _PLAIN.match(value) else []
    try:
        return [tomlkit.value(value), *plain]
    except (TOMLKitError, ValueError) as error:
        if plain:
            return plain
        raise _no_such(field, "The value is not one that TOML knows.") from error


def _replace(path: Path, content: bytes) -> None:
    """Whole and durable, with the mode and, as far as this account may, the owner of the file before."""
    place = path.resolve()
    temporary = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        before = place.stat()
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if hasattr(os, "chown"):
                os.chown(temporary, before.st_uid, before.st_gid)
            temporary.chmod(stat.S_IMODE(before.st_mode))
            temporary.replace(place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> LocalError:
    return LocalError(
        "The configuration file cannot be changed",
        happened=f"{path.name}: {error.strerror or type(error).__name__}.",
        todo="Change it as an administrator, by caseferry-agent set or in an editor.",
        code="CF-1884",
    )


def _no_such(field: str, happened: str) -> InputError:
    return InputError(
        "This field cannot be set",
        happened=f"{field[:80]}: {happened}",
        todo="Name a field as it stands in the file, such as transfer.limit or rule[0].case.",
        code="CF-1178",
    )
