"""One run of the agent in this process, until it is told to stop or to begin anew."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from agent.api import close_to_others
from agent.service.config import AgentConfig
from agent.service.config_watch import ConfigWatch
from agent.service.lock import DataFolderLock
from agent.service.logbook import defects_in_threads, open_logbook
from agent.service.notify import ServiceManager
from app import __version__
from app.domain.errors import WorldError
from app.loading import nothing_is_garbage

_log = logging.getLogger(__name__)
_TICK = 1.0
_LONGEST_LOOK = 1800
"""Seconds: a catalogue of a gigabyte is looked through in half a minute, on a slow disk in many."""


def run_agent(
    config: AgentConfig,
    *,
    stop: threading.Event,
    reload: threading.Event,
    ready: Callable[[Path], None],
    manager: ServiceManager | None = None,
) -> bool:
    """Run until `stop` is set, or somebody asks for a restart; whether the agent is to begin anew.

    Args:
        config: what the file says.
        stop: ends it.
        reload: reads the file again; a change of the file does so by itself.
        ready: called with the path of ``endpoint.json`` when it answers.
        manager: the service manager; the one of the environment when None.

    Raises:
        WorldError: it cannot run here.
    """
    if sys.platform != "win32":
        os.umask(0o077)  # of everything it makes: databases and spool are nobody else's business
    with DataFolderLock(config.data):
        close_to_others(config.data)
        handler = open_logbook(config.data / "log")
        try:
            with defects_in_threads():
                return _run(config, stop, reload, ready, manager or ServiceManager())
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()


def begin_anew() -> None:
    """Take the place of this process with a new one of the same command line; on Windows, beside it."""
    sys.stdout.flush()
    if sys.platform == "win32":
        subprocess.Popen([sys.executable, *sys.orig_argv[1:]])  # noqa: S603 - this program's own words
        return
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this program's own words


def _run(
    config: AgentConfig,
    stop: threading.Event,
    reload: threading.Event,
    ready: Callable[[Path], None],
    manager: ServiceManager,
) -> bool:
    with nothing_is_garbage():
        from agent.jobs import make_room_to_start
        from agent.service.mending import mend_state  # heavy: status and doctor do without
        from agent.service.serving import AgentService
        from agent.watch import forget_trials

    for doubt in config.network.doubts:
        _log.warning("%s %s", doubt.happened, doubt.todo)
    manager.alive()  # a start in the place of one that was ready is watched already
    manager.beginning("Looking through the state files.", seconds=_LONGEST_LOOK)
    if make_room_to_start(config.data / "spool"):
        _log.info("the disk is full: what was held back of it was given up")
    forget_trials(config.data)
    mended = mend_state(config.data)
    agent = AgentService(config)
    try:
        endpoint = agent.start()
        for aside in mended:
            agent.board.publish("logs", aside.name)
        _log.info("started: version %s, %d rules", __version__, len(config.rules))
        manager.alive()  # from here on the watchdog's own time counts, not what the look was given
        manager.ready(f"Watching for {len(config.rules)} rules.")
        ready(endpoint)
        watch = ConfigWatch(agent.marks)
        while not stop.wait(_TICK):  # a wait without an end would not be ended by Ctrl+C on Windows
            if agent.restarting.is_set():
                _log.info("begins anew")
                return True
            if reload.is_set() or watch.changed():
                reload.clear()
                _reload_beside(agent.reload, manager)
            agent.tick()
            if agent.alive:
                manager.alive()
        manager.stopping()
        return False
    finally:
        agent.stop()
        _log.info("stopped")


def _reload_beside(reload: Callable[[], object], manager: ServiceManager) -> None:
    """In a thread of its own, so that the watchdog is answered meanwhile."""

    def take() -> None:
        manager.reloading()
        try:
            with contextlib.suppress(WorldError):  # told by status, by doctor and in the log
                reload()
        except Exception:  # noqa: BLE001 - the border of this thread
            _log.exception("the configuration could not be taken")
        finally:
            manager.ready("Watching; caseferry-agent status tells which configuration is in force.")

    threading.Thread(target=take, name="reload", daemon=True).start()
