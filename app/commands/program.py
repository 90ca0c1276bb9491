"""The border of the program: from arguments to an exit code, with every error in the project's words."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Sequence

from app import __version__
from app.commands.console import DEFECT, INTERRUPTED, TERMINATED, USAGE, Screen, exit_code
from app.commands.own_log import begin_log
from app.domain.errors import Defect, WorldError
from app.loading import end_without_a_look
from app.output import is_gone_reader, open_what_is_closed, require_gone_reader

_log = logging.getLogger("app.commands")
_NEW_OBJECTS = 20_000
"""Before Python looks for cycles among them: what a command loads at its start has none to be freed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``caseferry``; returns the exit code (``docs/commands.md``)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    open_what_is_closed()
    end_without_a_look()
    if words == ["--version"]:  # scripts ask for it often: it loads nothing
        return _say_version()
    gc.set_threshold(_NEW_OBJECTS)
    from cyclopts import CycloptsError

    from app.commands.verbs import application

    screen = Screen()
    log = begin_log("caseferry")
    try:
        result = _written(lambda: application(screen, words)(words))
    except CycloptsError as error:
        screen.usage(str(error))
        return USAGE
    except WorldError as error:
        _log.info("ended with %s", error.code)
        screen.error(error)
        return exit_code(error)
    except KeyboardInterrupt as error:
        screen.note("Stopped. What was complete is kept; the same command goes on from there.")
        return INTERRUPTED if type(error) is KeyboardInterrupt else TERMINATED
    except Defect as error:
        screen.defect(error.reference, str(log or "no log"))
        return DEFECT
    except Exception:  # noqa: BLE001 - the border: a defect is shown by its reference, the rest is in the log
        import secrets

        reference = secrets.token_hex(4)
        _log.exception("defect %s", reference)
        screen.defect(reference, str(log or "no log"))
        return DEFECT
    return result if isinstance(result, int) else 0


def _say_version() -> int:
    try:
        _written(lambda: sys.stdout.write(f"{__version__}\n"))
    except WorldError as error:
        Screen().error(error)
        return exit_code(error)
    return 0


def _written(carry_out: Callable[[], object]) -> object:
    """What comes of a command, when all that it said could be written."""
    try:
        result = carry_out()
        sys.stdout.flush()
    except SystemExit as ended:
        if not is_gone_reader(ended):
            raise
        return 0
    except OSError as error:
        require_gone_reader(error)
        return 0
    return result
