"""What can go wrong while masking. Every one of these means: throw the output away, keep the original here.

Codes: 1901 engine failed, 1902 not text, 1903 mixed encodings, 1904 lines differ, 1905 source not readable
twice,
1906 source changed, 1907 target not writable, 1908 source not readable, 1909 key file, 1910 masked copy
lost or changed, 1917 target never so large.
"""

from __future__ import annotations

from app.domain.disks import Refusal, never_so_large, refusal_of
from app.domain.errors import WorldError


class MaskingError(WorldError):
    """A file could not be masked. Nothing of it may leave the machine."""

    code = "CF-1901"


class NotText(MaskingError):
    """The file is binary: masking cannot look inside."""

    code = "CF-1902"


def not_text() -> NotText:
    """The error for a file that is not a text log; names no file, the caller knows which."""
    return NotText(
        "Cannot look inside this file",
        happened="It is not a text log, so nothing can be said about personal values in it.",
        todo="Leave it out, or unpack it first when it is an archive.",
    )


def cannot(do: str, fault: OSError, code: str) -> MaskingError:
    """The error for a disk that does not do what is asked; `do` goes between *cannot* and *it*.

    What is written may be larger than the disk takes a file (``CF-1917``), which waiting does not mend.
    """
    if refusal_of(fault) is Refusal.TOO_LARGE:
        never = never_so_large("Its masked copy", left="The file stays here.")
        return MaskingError(
            "The file cannot be masked", happened=never.happened, todo=never.todo, code="CF-1917"
        )
    return MaskingError(
        "The file cannot be masked",
        happened=f"This machine cannot {do} it: {fault.strerror or type(fault).__name__}.",
        todo="Check the disk and who may read and write there, then try again.",
        code=code,
    )


def not_what_was_written(happened: str) -> MaskingError:
    """The error for a masked copy that is not what masking wrote (``CF-1910``)."""
    return MaskingError(
        "A masked copy was changed", happened=happened, todo="Mask the file again.", code="CF-1910"
    )


def engine_failed(what: str) -> MaskingError:
    """The error for an engine that stumbled; `what` is the type of the fault, never its text."""
    return MaskingError(
        "Masking stopped",
        happened=f"The masking engine failed ({what}); the output was thrown away.",
        todo="Report it to support with the reference in the log; leave the file out until then.",
    )
