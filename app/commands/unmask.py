"""``caseferry unmask`` and ``caseferry lens``: tokens turned back by the holder of the key, and erasing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from errno import EISDIR
from pathlib import Path

from app.commands.console import Screen, counted
from app.commands.inputs import shown
from app.commands.masking_run import key_ring, open_lens
from app.domain.errors import InputError, LocalError
from app.masking import load_rules
from app.masking.lens import Lens
from app.secrets import replace_file

_PATH = re.compile(r"\S*[/\\]\S*|\S+\.[A-Za-z][A-Za-z0-9]{0,4}")
"""One word that is written as paths are: with a slash, or with an ending."""

_LARGEST = 64 * 1024 * 1024


def unmask(answer: str, screen: Screen, *, lens: Path, key_file: Path | None, out: Path | None) -> int:
    """Print an answer of support with the values in place of the tokens.

    Args:
        answer: a file, ``-`` for standard input, or the text itself.
        screen: where it goes.
        lens: what turns tokens back.
        key_file: the keys; the vault's when None.
        out: write it to this file (0600) instead.
    """
    opened = _opened(lens, key_file)
    text = _text_of(answer)
    done = opened.unmask(text)
    if text is answer and not (done.found or done.unknown) and _PATH.fullmatch(answer):
        raise InputError(
            "This file is not there",
            happened=f"{shown(answer)} is the name of no file here, and as a text it holds no token.",
            todo="Check the path; a text is given as it stands, a long one through -.",
            code="CF-1939",
        )
    if out is None:
        screen.line(done.text.removesuffix("\n"))
    else:
        _refuse_taken(out)
        replace_file(out, done.text.encode("utf-8", "surrogateescape"))
    screen.note(f"{counted(done.found, 'token', 'tokens')} turned back.")
    if done.unknown:
        unknown = counted(done.unknown, "token is", "tokens are")
        screen.note(f"{unknown} not in the lens: erased, expired, or of another key.")
    return 0


def show(screen: Screen, *, lens: Path, key_file: Path | None) -> int:
    """Say how much is in the lens, without a value."""
    facts = _opened(lens, key_file).facts()
    screen.line(f"{counted(facts.entries, 'value', 'values')} can be turned back.")
    for kind, count in facts.by_kind.items():
        screen.line(f"  {kind:<8} {count}")
    if facts.expired:
        screen.line(
            f"{counted(facts.expired, 'has', 'have')} expired;"
            " caseferry lens sweep takes what has out of the file."
        )
    if facts.locked:
        screen.line(
            f"{counted(facts.locked, 'record is', 'records are')} sealed with a key that is not here."
        )
    return 0


def erase(who: Sequence[str], screen: Screen, *, lens: Path, key_file: Path | None) -> int:
    """Take persons out of the lens, by tokens or by values (one a line on standard input).

    Values are never arguments: other users of the machine see these.

    Raises:
        InputError: nobody is named, or an argument is no token (``CF-1938``).
    """
    from app.masking.unmasking import is_token

    values: list[str] = []
    tokens = [each for each in who if each != "-"]
    wrong = [number for number, each in enumerate(who, start=1) if each != "-" and not is_token(each)]
    if "-" in who:
        values = [line.strip() for line in sys.stdin.read(_LARGEST).splitlines() if line.strip()]
    if wrong or not (tokens or values):
        where = f"argument {wrong[0]} is no token" if wrong else "nobody is named"
        raise InputError(
            "Whom to erase is not clear",
            happened=f"{where}; nothing was changed.",
            todo="Give tokens such as TEL:88b1e4f0a1b2c3d4, or - and values on standard input, one a line.",
            code="CF-1938",
        )
    gone = _opened(lens, key_file).erase(values=values, tokens=tokens)
    screen.line(f"{counted(gone, 'entry is', 'entries are')} gone from the lens.")
    screen.note("Copies of the lens that were made before still hold them.")
    return 0


def sweep(screen: Screen, *, lens: Path, key_file: Path | None) -> int:
    """Take what has expired out of the file."""
    gone = _opened(lens, key_file).sweep()
    screen.line(f"{counted(gone, 'expired entry is', 'expired entries are')} gone from the lens.")
    return 0


def _opened(lens: Path, key_file: Path | None) -> Lens:
    for needed in (lens, key_file):
        if needed is not None and not needed.exists():
            raise InputError(
                "This file is not there",
                happened=f"{shown(needed.name)} does not exist.",
                todo="Give the lens, and the key file, that the logs were masked with.",
                code="CF-1939",
            )
    ring, _note = key_ring(key_file)
    return open_lens(lens, ring, country=load_rules().country)


def _text_of(answer: str) -> str:
    """The text that is meant; a name of a file that exists means its content."""
    if answer == "-":
        return sys.stdin.read(_LARGEST)
    path = Path(answer)
    try:
        if not answer or "\n" in answer:
            return answer
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        if not path.is_file():
            return answer
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except ValueError:
        return answer
    except OSError as fault:
        if path.name == answer and len(os.fsencode(answer)) > 255:
            return answer  # too long for a name: it is the text
        raise LocalError(
            "The answer cannot be read",
            happened=f"{shown(path.name)}: {fault.strerror or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1929",
        ) from fault
    if len(content) > _LARGEST:
        raise InputError(
            "The answer is too large",
            happened=f"{shown(path.name)} is larger than {_LARGEST // 1024 // 1024} MiB.",
            todo="Give the part of it that matters.",
            code="CF-1923",
        )
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return content.decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")


def _refuse_taken(out: Path) -> None:
    if os.path.lexists(out):
        raise InputError(
            "A file is in the way",
            happened=f"{shown(out.name)} exists; nothing was written.",
            todo="Give the name of a new file.",
            code="CF-1144",
        )
