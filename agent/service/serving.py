"""The agent as a service: its API stays while its parts are drained, or built for another configuration."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from agent.api import ApiServer, EventBoard, Standing
from agent.service.config import AgentConfig, changes, named_files, read_config, set_field, until_restart
from agent.service.config_watch import Marks, marks_of
from agent.service.folders import field_with
from agent.service.memory import MemoryReturn
from agent.service.overview import ServiceState
from agent.service.pulse import Pulse
from agent.service.running import RunningAgent
from app import __version__
from app.agentlink import (
    CheckShown,
    ConfigShown,
    ConfigValue,
    Diagnosis,
    DrainShown,
    Hello,
    PairAsk,
    PairedPrograms,
    PairedRef,
    PairingOpen,
    Restarting,
    WatchFolder,
)
from app.agentlink.contract import CONTRACT_MAX, CONTRACT_MIN
from app.domain.errors import LocalError, WorldError
from app.masking import load_rules

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class AgentService:
    """One run of an agent: `agent.api.Service`. The caller holds the data folder's lock.

    Attributes:
        board: events of this run.
        restarting: set when somebody asked for a restart.
    """

    def __init__(self, config: AgentConfig, *, wall: Callable[[], datetime] = utc_now) -> None:
        """Open every file and read every secret; nothing runs before `start`.

        Raises:
            WorldError: what is wrong, before anything was changed.
        """
        now = wall()
        self._config = config
        self._wall = wall
        self._started = now
        self._shown = ConfigShown(read=now)
        self._draining = False
        self._ended = False
        self._told: dict[str, str] | None = None
        self._wrong_told = 0
        self._config_told = True
        self._changing = threading.RLock()
        self._examining = threading.Lock()
        self._pulse = Pulse(config.data / "pulse.json", wall=wall)
        self.restarting = threading.Event()
        self._memory = MemoryReturn()
        self.board = EventBoard(first=int(now.timestamp() * 1000))
        self._named = marks_of(named_files(config))
        self._parts = self._build(config)
        self._shown = replace(self._shown, doubts=self._doubts())
        self._standing = Standing(self._parts.desk)
        self._instance = _instance(config.data)
        try:
            self._api = ApiServer(
                folder=config.data,
                hello=Hello(
                    product="Caseferry agent",
                    version=__version__,
                    instance=self._instance,
                    contract_min=CONTRACT_MIN,
                    contract_max=CONTRACT_MAX,
                ),
                standing=self._standing,
                service=self,
                board=self.board,
                wall=wall,
                reach=config.api,
            )
        except BaseException:
            self._parts.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether calls are answered."""
        return self._api.alive

    def start(self) -> Path:
        """Go on with what is unfinished, watch, and answer; the path of ``endpoint.json``."""
        self._parts.start()
        return self._api.start()

    def stop(self) -> None:
        """End at points from which everything can be resumed."""
        self._api.stop()
        with self._changing:
            self._ended = True
            self._parts.halt()
            self._parts.close()

    def tick(self) -> None:
        """What is due every second or so."""
        self._api.settle()
        if self._changing.acquire(blocking=False):  # while parts are exchanged, the next tick does it
            try:
                self._config_told = self._config_told or self._ended or self._parts.note_config()
                self._beat()
                self._tell_paired()
            except LocalError as error:
                _log.info("who is paired is not in the audit trail yet (%s)", error.code)
            finally:
                self._changing.release()
        self._memory.settle()

    def _beat(self) -> None:
        if self._ended or not self._pulse.due():
            return
        try:
            self._parts.beat()
        except WorldError as error:
            _log.info("the pulse misses a beat (%s)", error.code)

    def marks(self) -> Marks:
        """The state of the configuration file and of those that it names."""
        return marks_of((self._config.path, *named_files(self._config)))

    def state(self) -> ServiceState:
        """How it is."""
        return ServiceState(draining=self._draining, config=self._shown)

    def roots(self) -> Sequence[Path]:
        """The folders that are watched, and those of dropped files."""
        config = self._config
        return [*(folder for rule in config.rules for folder in rule.folders), *config.drop_folders]

    def refused(self, method: str, code: str) -> None:
        """A call that named paths was refused: it stands in the audit trail, if that can be written."""
        with self._changing:
            if not self._ended:
                self._parts.notes.refused_if_possible(method, code, at=self._wall())

    def drain(self) -> DrainShown:
        """Take no new job, and stop what runs at the next point from which it goes on."""
        with self._changing:
            if not self._draining:
                _log.info("drained: no new job is taken")
                self._draining = True
                self._parts.drain()
                self.board.publish("status")
            return DrainShown(draining=True, running=self._parts.busy())

    def undrain(self) -> DrainShown:
        """Work again.

        Raises:
            LocalError: what ran has not come to its end yet (CF-1885).
        """
        with self._changing:
            if self._draining and not self._ended:
                self._exchange(self._config, draining=False)
                _log.info("no longer drained")
                self.board.publish("status")
            return DrainShown(draining=False, running=self._parts.busy())

    def restart(self) -> Restarting:
        """Whoever runs this service ends it soon, and begins anew."""
        self.restarting.set()
        return Restarting(instance=self._instance)

    def reload(self) -> ConfigShown:
        """Take the configuration file as it is now; what was doubtful before is told, and goes on.

        Raises:
            WorldError: it is not right, or what it names cannot be used; everything stays as it was.
        """
        with self._changing:
            if self._ended:
                return self._shown
            try:
                held = self._config
                read = read_config(held.path, changed=True, known=held.network.doubtful)
                if read.rules_file is not None:
                    same = read.rules_file == held.rules_file
                    known = [each.rule for each in self._parts.doubled] if same else []
                    load_rules(read.rules_file, profile=read.profile, strict=True, known=known)
                self._take(read)
            except WorldError as error:
                self._shown = replace(self._shown, problem=f"{error.title}. {error.happened}")
                _log.info("the configuration was not taken (%s)", error.code)
                self.board.publish("status")
                raise
            return self._shown

    def configure(self, ask: ConfigValue) -> ConfigShown:
        """Set one field of the file, which keeps its comments, and take it.

        Raises:
            WorldError: the value is not right, or the file cannot be written; it stays as it was.
        """
        with self._changing:
            set_field(self._config.path, ask.field, ask.value, known=self._config.network.doubtful)
            return self.reload()

    def watch_folder(self, ask: WatchFolder) -> ConfigShown:
        """Have a rule of the file watch one more folder, and take it.

        Raises:
            WorldError: it is no such folder, or the file cannot be written; it stays as it was.
        """
        with self._changing:
            return self.configure(field_with(self._config.rules, ask))

    def diagnose(self) -> Diagnosis:
        """Check all that the agent needs, as ``doctor`` does; one at a time."""
        from agent.service.doctor import examine  # few agents are ever asked for it

        with self._examining:
            found = examine(self._config.path)
        checks = [CheckShown(each.check, each.verdict, each.result, each.todo, each.code) for each in found]
        return Diagnosis(at=self._wall(), checks=checks)

    def pair(self, ask: PairAsk) -> PairingOpen:
        """Let one program on another machine in."""
        return self._api.pair(ask.role)

    def paired(self) -> PairedPrograms:
        """Who was let in."""
        return self._api.paired()

    def revoke(self, ask: PairedRef) -> PairedPrograms:
        """Let one in no more.

        Raises:
            LocalError: it is let in no more, but that does not stand in the audit trail yet.
        """
        left = self._api.revoke(ask.id)
        with self._changing:
            self._tell_paired()
        return left

    def _tell_paired(self) -> None:
        """Record in the audit trail who was let in, who is not any more, and that a code was tried in vain.

        Raises:
            LocalError: the trail cannot be written.
        """
        wrong = self._api.wrong_codes()
        if wrong != self._wrong_told and not self._ended:
            self._parts.notes.refused_if_possible("pair", "CF-1389", at=self._wall())
            self._wrong_told = wrong
        programs = {program.id: program.role.value for program in self._api.paired().programs}
        if programs != self._told and not self._ended:
            self._parts.notes.pairings(programs, made_room=self._api.made_room())
            self._told = programs

    def _take(self, read: AgentConfig) -> None:
        found = changes(self._config, read)
        wanted = until_restart(self._config, read)
        named = marks_of(named_files(wanted))
        built = found.parts or named != self._named
        if built:
            self._build(wanted).close()  # a rehearsal: what is wrong shows while everything still runs
            self._exchange(wanted, draining=self._draining)
        elif found.limits:
            self._parts.pace.configure(wanted.transfer.limits, fixed=wanted.transfer.fixed)
        self._config, self._named = wanted, named
        self._config_told = self._parts.note_config()
        self._shown = ConfigShown(read=self._wall(), restart=list(found.restart), doubts=self._doubts())
        for doubt in wanted.network.doubts:
            _log.warning("%s %s", doubt.happened, doubt.todo)
        if found.restart:
            _log.info("the configuration was taken; %s after a restart", ", ".join(found.restart))
        elif built or found.limits:
            _log.info("the configuration was taken")
        self.board.publish("status")

    def _doubts(self) -> list[str]:
        return [
            *(doubt.happened for doubt in self._config.network.doubts),
            *(each.said for each in self._parts.doubled),
        ]

    def _exchange(self, config: AgentConfig, *, draining: bool) -> None:
        """New parts in place of the old ones; calls wait meanwhile."""
        old = self._parts
        old.halt()
        if old.busy():
            self.restarting.set()
            raise LocalError(
                "A job does not come to its end",
                happened="A job has not stopped within a minute, so that it cannot be handed on.",
                todo="The agent restarts by itself; look again in a moment.",
                code="CF-1885",
            )
        self._standing.withdraw(when_unused=old.close)
        before, self._draining = self._draining, draining
        try:
            try:
                self._parts = self._build(config)
            except WorldError:
                self._draining = before
                self._parts = self._build(self._config)
                self._begin()
                raise
            self._begin()
        except BaseException:
            if self._standing.vacant:
                _log.error("the agent has no parts that work; it begins anew")
                self.restarting.set()
            raise
        self.board.publish("resync")

    def _begin(self) -> None:
        self._parts.start(working=not self._draining)
        self._standing.place(self._parts.desk)

    def _build(self, config: AgentConfig) -> RunningAgent:
        return RunningAgent(
            config,
            board=self.board,
            state=self.state,
            started=self._started,
            pulse=self._pulse,
            worked=self._memory.worked,
        )


def _instance(data: Path) -> str:
    """Names this data folder for good; made at the first start."""
    path = data / "instance"
    try:
        kept = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        kept = ""
    if not kept:
        kept = secrets.token_hex(8)
        path.write_text(kept + "\n", encoding="ascii")
    return kept
