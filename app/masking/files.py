"""Masking of whole files, of names and of typed text."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.masking.errors import MaskingError
from app.masking.face import Engine, FileReport, Kind, MaskedFile, MaskedLine
from app.masking.pseudonyms import TOKEN

_PLAIN_TOKEN = re.compile(TOKEN.pattern.decode("ascii"))
_NAME_SAFE = re.compile(rf"(?:{'|'.join(Kind)})-[0-9a-f]{{16}}")


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


def mask_file(engine: Engine, source: Path | BinaryIO, *, target: Path, name: str) -> MaskedFile:
    """Mask one file.

    Args:
        engine: with its rules and key.
        source: is only read; a stream that is open already is read from its first byte, and left open.
        target: a new file, readable by its owner only (0600); whatever goes wrong, it is gone afterwards. An
            existing file is never overwritten.
        name: relative name for people, ``/`` between parts; personal values in it are masked too.

    Raises:
        NotText: the source is binary.
        MaskingError: anything else; nothing of the file may leave the machine.
    """
    try:
        opened = source.open("rb") if isinstance(source, Path) else contextlib.nullcontext(source)
    except OSError as fault:
        raise _cannot("read", fault, "CF-1908") from fault
    with opened as stream:
        try:
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as fault:
            raise _cannot("write the masked copy of", fault, "CF-1907") from fault
        try:
            with os.fdopen(handle, "wb") as sink:
                report = engine.mask_stream(stream, sink)
                sink.flush()
                os.fsync(sink.fileno())
            return MaskedFile(path=target, name=mask_name(engine, name), report=report)
        except OSError as fault:
            _remove(target)
            raise _cannot("write the masked copy of", fault, "CF-1907") from fault
        except BaseException:
            _remove(target)
            raise


def reopen_masked(path: Path, *, name: str, report: FileReport) -> MaskedFile:
    """A masked copy that an earlier run of the program made, proven again by its report.

    Raises:
        MaskingError: it is missing, or is not what was written then (``CF-1910``).
    """
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as fault:
        raise _cannot("read the masked copy of", fault, "CF-1910") from fault
    if digest != report.masked_sha256:
        raise MaskingError(
            "A masked copy was changed",
            happened="It is not what masking wrote.",
            todo="Mask the file again.",
            code="CF-1910",
        )
    return MaskedFile(path=path, name=name, report=report)


def mask_text(engine: Engine, text: str) -> MaskedText:
    r"""Mask text that a person typed; line ends become ``\\n``."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    source = io.BytesIO("\N{BYTE ORDER MARK}".encode() + plain.encode("utf-8", "replace"))
    lines = tuple(engine.preview(source))
    masked = "\n".join(line.after for line in lines)
    return MaskedText(masked + ("\n" if plain.endswith("\n") else ""), lines)


def mask_name(engine: Engine, name: str) -> str:
    """Mask personal values in a relative file name.

    Tokens are written as ``TEL-88b1…``, since ``<``, ``>`` and ``:`` are not allowed in names on every
    system.
    """
    parts = []
    for part in re.split(r"[/\\]", name):
        kept = _NAME_SAFE.sub(lambda m: f"<{m[0].replace('-', ':')}>", part)
        masked = mask_text(engine, re.sub(r"[\r\n]", "_", kept)).text
        parts.append(_PLAIN_TOKEN.sub(lambda m: m[0][1:-1].replace(":", "-"), masked))
    return "/".join(parts)


def _remove(target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        target.unlink()


def _cannot(do: str, fault: OSError, code: str) -> MaskingError:
    return MaskingError(
        "The file cannot be masked",
        happened=f"This machine cannot {do} it: {fault.strerror or type(fault).__name__}.",
        todo="Check the disk and who may read and write there, then try again.",
        code=code,
    )
