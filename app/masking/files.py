"""Masking of whole files, of names and of typed text."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from app.logs import Packing
from app.masking.archives import Place, mask_archive, open_archive, preview_archive, study_archive
from app.masking.beginnings import first_bytes
from app.masking.cutting import KeptRange, LineCut
from app.masking.errors import MaskingError
from app.masking.face import Engine, FileReport, Kind, MaskedFile, MaskedLine, Study
from app.masking.pseudonyms import TOKEN

_PLAIN_TOKEN = re.compile(TOKEN.pattern.decode("ascii"))
_NAME_SAFE = re.compile(
    rf"(?P<kind>{'|'.join(Kind)})-(?P<key>k-[0-9a-f]{{8}}-)?(?P<digits>[0-9a-f]{{16,32}}(?:\.[0-9a-f]{{16,32}})?)"
    r"(?:-(?P<tail>[0-9A-Za-z]{1,4})(?![\w-]))?"
)


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
        raise _cannot("read", fault, "CF-1908") from fault


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
        archive = open_archive(source) if source.seekable() else None
        if archive is None:
            engine.learn(source, study)
        else:
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

    Raises:
        NotText: the source is binary, or an archive that holds nothing else.
        MaskingError: anything else; nothing of the file may leave the machine.
    """
    try:
        opened = source.open("rb") if isinstance(source, Path) else contextlib.nullcontext(source)
    except OSError as fault:
        raise _cannot("read", fault, "CF-1908") from fault
    with opened as stream:
        try:
            handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as fault:
            raise _cannot("write the masked copy of", fault, "CF-1907") from fault
        try:
            with os.fdopen(handle, "w+b") as sink:
                if kept is None:
                    masked_name, report = _masked(
                        engine, stream, sink, name=name, folder=target.parent, study=study
                    )
                else:
                    masked_name = mask_name(engine, name, study=study)
                    cut = LineCut(stream, sink, kept)
                    report = cut.told(engine.mask_stream(stream, cast("BinaryIO", cut), study=study))
                sink.flush()
                os.fsync(sink.fileno())
            return MaskedFile(path=target, name=masked_name, report=report)
        except OSError as fault:
            _remove(target)
            raise _cannot("write the masked copy of", fault, "CF-1907") from fault
        except BaseException:
            _remove(target)
            raise


def _masked(
    engine: Engine, source: BinaryIO, sink: BinaryIO, *, name: str, folder: Path, study: Study | None
) -> tuple[str, FileReport]:
    archive = open_archive(source) if source.seekable() else None
    if archive is None:
        return mask_name(engine, name, study=study), engine.mask_stream(source, sink, study=study)
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
    archive = open_archive(source) if source.seekable() else None
    if archive is None:
        yield from engine.preview(source, study=study, longest=longest)
        return
    study = study or _studied(engine, source, archive.kind)
    yield from preview_archive(engine, archive, study=study, longest=longest)


def reopen_masked(path: Path, *, name: str, report: FileReport) -> MaskedFile:
    """A masked copy that masking made before, proven to be the very same bytes.

    A report is made by nothing but masking, and is kept only after masking of the whole file succeeded (the
    agent's journal gets its row after `mask_file` returned). So a file that has the size and the SHA-256 of
    such a report is what masking wrote. It is read and hashed whole here, each time; a link, or a file that
    others may read or write, is refused.

    Args:
        path: of the copy, wherever it lies now.
        name: as `mask_file` gave it.
        report: as `mask_file` gave it.

    Raises:
        MaskingError: it is missing, is not what was written then, or not for its owner only (``CF-1910``).
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            facts = os.fstat(stream.fileno())
            private = os.name != "posix" or not stat.S_IMODE(facts.st_mode) & 0o077
            if not stat.S_ISREG(facts.st_mode) or not private:
                raise _not_what_was_written("It is a link, or others may read or write it.")
            if facts.st_size != report.masked_size:
                raise _not_what_was_written("It has another size than what masking wrote.")
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as fault:
        raise _cannot("read the masked copy of", fault, "CF-1910") from fault
    if not hmac.compare_digest(digest, report.masked_sha256):
        raise _not_what_was_written("It is not what masking wrote.")
    return MaskedFile(path=path, name=name, report=report)


def mask_text(engine: Engine, text: str, *, study: Study | None = None) -> MaskedText:
    r"""Mask text that a person typed, also what a study was told; line ends become ``\\n``."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    source = io.BytesIO("\N{BYTE ORDER MARK}".encode() + plain.encode("utf-8", "replace"))
    lines = tuple(engine.preview(source, study=study))
    masked = "\n".join(line.after for line in lines)
    return MaskedText(masked + ("\n" if plain.endswith("\n") else ""), lines)


def mask_name(engine: Engine, name: str, *, study: Study | None = None) -> str:
    """Mask personal values in a relative file name, also those that the files of a study told.

    Tokens are written as ``TEL-88b1…``, since ``<``, ``>`` and ``:`` are not allowed in names on every
    system.
    """
    parts = []
    for part in re.split(r"[/\\]", name):
        kept = _NAME_SAFE.sub(_token_of_name, part)
        masked = mask_text(engine, re.sub(r"[\r\n]", "_", kept), study=study).text
        parts.append(_PLAIN_TOKEN.sub(_name_of_token, masked))
    return "/".join(parts)


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


def _not_what_was_written(happened: str) -> MaskingError:
    return MaskingError(
        "A masked copy was changed", happened=happened, todo="Mask the file again.", code="CF-1910"
    )


def _cannot(do: str, fault: OSError, code: str) -> MaskingError:
    return MaskingError(
        "The file cannot be masked",
        happened=f"This machine cannot {do} it: {fault.strerror or type(fault).__name__}.",
        todo="Check the disk and who may read and write there, then try again.",
        code=code,
    )
