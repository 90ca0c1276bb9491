"""Standard output that nobody reads any more, or that cannot be written: the world's doing, and no defect."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.domain.errors import LocalError


def open_what_is_closed() -> None:
    """A stream that the caller closed (``>&-``) takes everything and gives nothing: nobody wants it.

    Its number is then that of no other file: what is written to it would else end up in a database.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the process


def is_gone_reader(ended: SystemExit) -> bool:
    """Whether what prints help ended the program, as nobody reads it; it has silenced the output itself."""
    return isinstance(ended.__context__, BrokenPipeError)


def require_gone_reader(error: OSError) -> None:
    """Look whether an error says that whoever read our output (``head``) has gone: nobody wants the rest.

    Output that cannot be written is silenced, so that Python does not complain about it at the end.

    Raises:
        OSError: this one: it is not about standard output.
        LocalError: standard output cannot be written (CF-1863).
    """
    try:
        sys.stdout.write("\n")  # asks whether more could be written: what failed may have left no trace
        sys.stdout.flush()
    except OSError as broken:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if broken.errno != error.errno:
            raise error from None  # what went wrong first is something else, whoever reads the output
        if isinstance(broken, BrokenPipeError):
            return
        raise LocalError(
            "The output cannot be written",
            happened=f"Standard output: {broken.strerror or type(broken).__name__}.",
            todo="Free some space where it goes, then call the command again.",
            code="CF-1863",
        ) from broken
    raise error
