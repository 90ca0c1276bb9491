"""The start of ``caseferry-agent``: what runs for months is started without what only commands need."""

from __future__ import annotations

import json
import logging
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from agent.service.memory import few_arenas, spare_libraries
from agent.service.wordless import no_texts_of_errors
from app import __version__
from app.domain.errors import Defect, WorldError
from app.domain.exits import OF_THE_AGENT, Exit, exit_code
from app.loading import nothing_is_garbage
from app.output import is_gone_reader, open_what_is_closed, require_gone_reader

_log = logging.getLogger(__name__)


def main() -> None:
    """The command; never returns."""
    no_texts_of_errors()
    sys.exit(run_command(sys.argv[1:]))


def run_command(words: list[str]) -> int:
    """Carry out one command; the exit code.

    Every error of the world is said in four parts on standard error, a defect with its reference only.
    """
    open_what_is_closed()
    try:
        if words == ["--version"]:
            return _written(_say_version)
        config = config_to_run(words)
        if config is None:
            return _written(partial(_ask, words))
        # A service that ends well is not started again: it has not, when nobody hears that it is ready.
        return _written(partial(run, config), unread=Exit.LOCAL)
    except WorldError as error:
        sys.stderr.write(f"{error.title}\n{error.happened}\n{error.todo} ({error.code})\n")
        return exit_code(error, OF_THE_AGENT)
    except Exception:  # noqa: BLE001 - the border of the program
        reference = secrets.token_hex(4)
        _log.exception("defect %s", reference)
        sys.stderr.write(f"{Defect(reference)}\n")
        return Exit.DEFECT


def _say_version() -> int:
    sys.stdout.write(f"{__version__}\n")
    return Exit.OK


def _ask(words: list[str]) -> int:
    try:
        from agent.service.commands import carry_out  # cyclopts and rich: 10 MB that a running agent spares

        return carry_out(words)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def _written(carry_out: Callable[[], int], *, unread: Exit = Exit.OK) -> int:
    """The exit code of what is carried out, when all that it said could be written.

    Args:
        carry_out: says something.
        unread: the exit code when whoever read that has gone.

    Raises:
        WorldError: it could not, or something could not be done.
    """
    try:
        code = carry_out()
        sys.stdout.flush()
    except SystemExit as ended:
        if not is_gone_reader(ended):
            raise
        return unread
    except OSError as error:
        require_gone_reader(error)
        return unread
    return code


def config_to_run(words: Sequence[str]) -> Path | None:
    """The configuration file when the words are ``run --config FILE``, as every service's are; else None."""
    match list(words):
        case ["run", "--config" | "-c", path] if path and not path.startswith("-"):
            return Path(path)
        case _:
            return None


def run(config: Path) -> int:
    """Run the agent until it is told to stop (SIGTERM, Ctrl+C).

    Raises:
        WorldError: it cannot run here.
    """
    few_arenas()  # before there is a second thread
    spare_libraries()  # before anything of size is imported
    with nothing_is_garbage():
        from agent.service.config import read_config
        from agent.service.process import begin_anew, run_agent

    settings = read_config(config)
    stop, reread = threading.Event(), threading.Event()
    for name, event in (("SIGTERM", stop), ("SIGINT", stop), ("SIGBREAK", stop), ("SIGHUP", reread)):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_, event=event: event.set())
    if run_agent(settings, stop=stop, reload=reread, ready=_say_ready):
        begin_anew()
    return Exit.OK


def _say_ready(endpoint: Path) -> None:
    said = {"event": "ready", "endpoint": str(endpoint)}
    sys.stdout.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()
