"""Masking of whole files, of names and of typed text."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from app.logs.packings import Packing
from app.masking.beginnings import first_bytes
from app.masking.cutting import KeptRange, LineCut
from app.masking.errors import MaskingError, cannot
from app.masking.face import Engine, FileReport, Kind, MaskedFile, MaskedLine, Study
from app.masking.inside import archive_in
from app.masking.pseudonyms import TOKEN

if TYPE_CHECKING:
    from app.deflate import Deflate
    from app.logs import Packed


_HOME = "home-folder"
"""The rule of the engines for users in paths."""
_HOME_AND_USER = 2


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Typed text before and after.

    Attributes:
        text: masked.
        lines: every line with what was replaced in it.
    """

    text: str
    lines: tuple[MaskedLine, ...]

    @property
    def found(self) -> int:
        """How many values were replaced."""
        return sum(len(line.replacements) for line in self.lines)


def open_beginning(path: Path, size: int) -> BinaryIO:
    """The first `size` bytes of a file: what is studied and masked of one that still grows.

    Raises:
        MaskingError: it cannot be opened (``CF-1908``).
    """
    try:
        return first_bytes(path.open("rb"), size)
    except OSError as fault:
        raise cannot("read", fault, "CF-1908") from fault


def study_file(engine: Engine, source: BinaryIO, study: Study) -> bool:
    """Learn what a file tells, so that it is masked in the files that go with it; an archive is read inside.

    Args:
        engine: the one that masks, or an equal one.
        source: seekable; read from its first byte, and left open.
        study: of these files, before the first of them is masked.

    Returns:
        Whether the file could be read; `mask_file` says why it could not.
    """
    try:
        archive = archive_in(source)
        if archive is None:
            engine.learn(source, study)
        else:
            from app.masking.archives import study_archive

            study_archive(engine, archive, study)
    except MaskingError:
        return False
    return True


def mask_file(
    engine: Engine,
    source: Path | BinaryIO,
    *,
    target: Path,
    name: str,
    study: Study | None = None,
    kept: KeptRange | None = None,
    deflate: Deflate | None = None,
) -> MaskedFile:
    """Mask one file; gzip and zip are known by their bytes, masked inside, and packed again.

    Args:
        engine: with its rules and key.
        source: is only read; a stream that is open already is read from its first byte, and left open.
        target: a new file, readable by its owner only (0600); whatever goes wrong, it is gone afterwards. An
            existing file is never overwritten.
        name: relative name for people, ``/`` between parts; personal values in it are masked too.
        study: of this file and those that go with it (`study_file`); without one it is masked by itself, and
            a zip as the files in it, which go together.
        kept: all of the file is masked, and only this is in the copy; never of an archive.
        deflate: packs the copy while it is written, and `open_masked` reads it; the copy of an archive is
            one itself, and stays as it is. None: the copy is plain.

    Raises:
        NotText: the source is binary, or an archive that holds nothing else.
        MaskingError: anything else; nothing of the file may leave the machine.
    """
    try:
        opened = source.open("rb") if isinstance(source, Path) else contextlib.nullcontext(source)
    except OSError as fault:
        raise cannot("read", fault, "CF-1908") from fault
    with opened as stream:
        try:
            handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as fault:
            raise cannot("write the masked copy of", fault, "CF-1907") from fault
        try:
            with os.fdopen(handle, "w+b") as sink:
                archive = archive_in(stream) if kept is None else None
                if archive is not None:
                    masked_name, report = _masked_archive(
                        engine, archive, sink, source=stream, name=name, folder=target.parent, study=study
                    )
                else:
                    masked_name = mask_name(engine, name, study=study)
                    report = _masked_text(engine, stream, sink, study=study, kept=kept, deflate=deflate)
                sink.flush()
                os.fsync(sink.fileno())
            return MaskedFile(path=target, name=masked_name, report=report)
        except OSError as fault:
            _remove(target)
            raise cannot("write the masked copy of", fault, "CF-1907") from fault
        except BaseException:
            _remove(target)
            raise


def _masked_text(
    engine: Engine,
    source: BinaryIO,
    sink: BinaryIO,
    *,
    study: Study | None,
    kept: KeptRange | None,
    deflate: Deflate | None,
) -> FileReport:
    if deflate is None:
        return _cut(engine, source, sink, study=study, kept=kept)
    from app.masking.pieces import PieceSink

    with PieceSink(sink, deflate) as pieces:
        report = _cut(engine, source, pieces.stream, study=study, kept=kept)
        return replace(report, packed=pieces.finish())


def _cut(
    engine: Engine, source: BinaryIO, sink: BinaryIO, *, study: Study | None, kept: KeptRange | None
) -> FileReport:
    if kept is None:
        return engine.mask_stream(source, sink, study=study)
    cut = LineCut(source, sink, kept)
    return cut.told(engine.mask_stream(source, cast("BinaryIO", cut), study=study))


def _masked_archive(
    engine: Engine,
    archive: Packed,
    sink: BinaryIO,
    *,
    source: BinaryIO,
    name: str,
    folder: Path,
    study: Study | None,
) -> tuple[str, FileReport]:
    from app.masking.archives import Place, mask_archive

    shared = study or _studied(engine, source, archive.kind)
    place = Place(
        name=mask_name(engine, name, study=shared),
        name_of=lambda member: mask_name(engine, member, study=shared),
        scratch=folder,
        study=shared,
    )
    return place.name, mask_archive(engine, archive, sink, source=source, place=place)


def _studied(engine: Engine, source: BinaryIO, kind: Packing) -> Study | None:
    """The study of an archive of files; what gzip holds is one file."""
    if kind is Packing.GZIP:
        return None
    study = engine.study()
    study_file(engine, source, study)
    return study


def preview_file(
    engine: Engine, source: BinaryIO, *, study: Study | None = None, longest: int | None = None
) -> Iterator[MaskedLine]:
    """Every line before and after, in order; of an archive those of everything in it, numbered throughout.

    Args:
        engine: with its rules and key.
        source: seekable; read from its first byte.
        study: as for `mask_file`.
        longest: characters of a line after which it comes in pieces, each with its number.

    Raises:
        MaskingError: it cannot be masked.
    """
    archive = archive_in(source)
    if archive is None:
        yield from engine.preview(source, study=study, longest=longest)
        return
    from app.masking.archives import preview_archive

    study = study or _studied(engine, source, archive.kind)
    yield from preview_archive(engine, archive, study=study, longest=longest)


def mask_text(engine: Engine, text: str, *, study: Study | None = None) -> MaskedText:
    r"""Mask text that a person typed, also what a study was told; line ends become ``\\n``."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    source = io.BytesIO("\N{BYTE ORDER MARK}".encode() + plain.encode("utf-8", "replace"))
    lines = tuple(engine.preview(source, study=study))
    masked = "\n".join(line.after for line in lines)
    return MaskedText(masked + ("\n" if plain.endswith("\n") else ""), lines)


def mask_name(engine: Engine, name: str, *, study: Study | None = None) -> str:
    """Mask personal values in a relative file name, also those that the files of a study told.

    A folder below ``home`` or ``Users`` is a user's, as in a path in a log. Tokens are written as
    ``TEL-88b1…``, since ``<``, ``>`` and ``:`` are not allowed in names on every system.
    """
    parts = [
        _with_tokens(part.replace("\r", "_").replace("\n", "_"))
        for part in name.replace("\\", "/").split("/")
    ]
    users = _users_folders(engine, parts)
    masked = (
        users[number] if number in users else mask_text(engine, part, study=study).text
        for number, part in enumerate(parts)
    )
    return "/".join(map(_safe, masked))


@cache
def _plain_token() -> re.Pattern[str]:
    return re.compile(TOKEN.pattern.decode("ascii"))


@cache
def _name_safe_token() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<kind>{'|'.join(Kind)})-(?P<key>k-[0-9a-f]{{8}}-)?(?P<digits>[0-9a-f]{{16,32}}(?:\.[0-9a-f]{{16,32}})?)"
        r"(?:-(?P<tail>[0-9A-Za-z]{1,4})(?![\w-]))?"
    )


def _with_tokens(part: str) -> str:
    """A part of a name with the tokens that were made safe in it."""
    return _name_safe_token().sub(_token_of_name, part) if "-" in part else part


def _safe(part: str) -> str:
    """A part of a name whose tokens every system allows."""
    return _plain_token().sub(_name_of_token, part) if "<" in part or "cf-" in part else part


def _users_folders(engine: Engine, parts: list[str]) -> dict[int, str]:
    """Which folders of a path are called after a user, and the token of each."""
    folders = parts[:-1]
    if len(folders) < _HOME_AND_USER:
        return {}
    begins = list(accumulate((len(folder) + 1 for folder in folders), initial=1))
    path = "/" + "/".join(folders) + "/"
    users: dict[int, str] = {}
    for found in (each for line in mask_text(engine, path).lines for each in line.replacements):
        if found.rule == _HOME and found.before_column in begins:
            number = begins.index(found.before_column)
            whole = found.before == folders[number]  # not so of one with a blank in it
            users[number] = found.after if whole else engine.pseudonym(found.kind, folders[number])
    return users


def _token_of_name(match: re.Match[str]) -> str:
    if match.string[: match.start()].endswith("cf-"):
        return match[0]  # the style "word" is the same in names
    key = f"{match['key'][:-1]}:" if match["key"] else ""
    tail = f":{match['tail']}" if match["tail"] else ""
    return f"<{match['kind']}:{key}{match['digits']}{tail}>"


def _name_of_token(match: re.Match[str]) -> str:
    return match[0][1:-1].replace(":", "-") if match[0][0] == "<" else match[0]


def _remove(target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        target.unlink()
