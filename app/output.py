"""Standard output that nobody reads any more, or that cannot be written: the world's doing, and no defect."""

from __future__ import annotations

import os
import sys

from app.domain.errors import LocalError


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
