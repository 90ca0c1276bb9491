"""An agent's parts put together: watcher, catalogue, jobs, and the desk that answers for them."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

from agent.api import EventBoard
from agent.audit import AuditDesk, AuditNotes, AuditTrail, JobAudit
from agent.catalogue import (
    CATALOGUE_NAME,
    EVIDENCE_FOLDER,
    GrowingPins,
    forget_unwatched,
    lines_of,
    open_archive,
    open_catalogue,
    still_known,
)
from agent.jobs import (
    JOURNAL_NAME,
    KEPT,
    CaseStates,
    Intake,
    JobDesk,
    JobJournal,
    Kindness,
    OwnFiles,
    PortalDestinations,
    Previews,
    ProgressBoard,
    Pruning,
    RuleBook,
    Ruling,
    Sender,
    Sight,
    Spool,
    Studies,
    Tools,
    TransferPace,
    Workshop,
    can_be_read,
    masked_by,
)
from agent.keeping import LEDGER_NAME, Keeper, KeptLedger, KeptParts, LearnedSeal, Rescues
from agent.service.alarming import open_alarms
from agent.service.auditing import audit_key, level_of
from agent.service.claiming import RestedClaims
from agent.service.config import AgentConfig, secret_files
from agent.service.figures import Figures, system_name
from agent.service.holding import HeldCollections
from agent.service.keeping import KeepingRounds
from agent.service.masking import line_mask, masked_names, open_masking, read_grounds
from agent.service.overview import Overview, Seen, ServiceState
from agent.service.pulse import Pulse
from agent.service.reachability import Reachability
from agent.service.requesting import Neighbours, open_requests
from agent.service.rounds import RuleRounds
from agent.service.secrets import agent_tokens, mark_of_credential, way_out
from agent.watch import FolderScan, NoHints, Watcher, proven_hints
from app import __version__
from app.domain.errors import WorldError
from app.masking import Kind
from app.portal import PortalClient
from app.secrets import open_agent_vault
from app.settings import Trust
from app.transfer import Journal, RetryPolicy

_log = logging.getLogger(__name__)

_ASK_PORTAL_EVERY = 30.0
_LOOK_AGAIN = 5.0
_GIVE_UP_AFTER = 20.0
"""Seconds without progress after which a sending thread gives the job back to wait its turn."""


class RunningAgent:
    """Everything of one agent that hangs on its configuration. The caller holds the data folder's lock.

    Attributes:
        desk: answers for it.
        pace: how fast it sends.
        notes: records what is no job's in the audit trail.
        doubled: own patterns that had the id of another one.
    """

    def __init__(
        self,
        config: AgentConfig,
        *,
        board: EventBoard,
        state: Callable[[], ServiceState],
        started: datetime,
        pulse: Pulse,
        worked: Callable[[], None] = lambda: None,
    ) -> None:
        """Open every file and read every secret; nothing runs before `start`.

        Args:
            config: what the file says.
            board: told of every change.
            state: how the agent as a service is.
            started: when this run of the agent began.
            pulse: of the whole agent, whatever its configuration.
            worked: called at each change of a job or of a folder, by any thread.

        Raises:
            WorldError: what is wrong, before anything was changed.
        """
        self._closing = ExitStack()
        self._state = state
        self._started = started
        self._pulse = pulse
        self._worked = worked
        self._draining: threading.Thread | None = None
        self.board = board
        try:
            self._build(config)
        except BaseException:
            self._closing.close()
            raise

    def _build(self, config: AgentConfig) -> None:
        data = config.data
        self._seen = Seen()
        vault = open_agent_vault(data)
        grounds = read_grounds(config, vault)
        self.doubled = grounds.rules.doubled
        engine, check, lens = open_masking(config, grounds)
        if lens is not None:
            self._closing.callback(lens.flush)
        way = way_out(config)
        trust = Trust(ca_file=config.portal.ca_file, way=way)
        tokens = agent_tokens(config, vault, trust)
        self._credential = mark_of_credential(config, vault, key=audit_key(vault))
        quiet = config.quiet.total_seconds()
        self._catalogue = catalogue = open_catalogue(data / CATALOGUE_NAME, quiet=quiet)
        self._closing.callback(catalogue.close)
        journal = JobJournal(data / JOURNAL_NAME, masks_by=masked_by(engine))
        self._closing.callback(journal.close)
        transfers = Journal(data / "transfers.db")
        self._closing.callback(transfers.close)
        trail = AuditTrail(data, audit_key(vault))
        self._closing.callback(trail.close)
        self._audit = JobAudit(
            trail=trail,
            journal=journal,
            level_of=level_of(transfers),
            rule_set=engine.rule_set_sha256,
            key=engine.key_id,
        )
        self.notes = AuditNotes(trail, name=masked_names(engine))
        self._config = config
        self._book = book = RuleBook(data / "rules.db")
        self._closing.callback(book.close)
        asking = PortalClient(config.portal.url, trust=trust, tokens=tokens, read_seconds=10.0)
        self._closing.callback(asking.close)
        cases = CaseStates(lambda number: asking.case_intake(number).takes_files, book)
        spool = Spool(data / "spool", quota=config.jobs.spool)
        self._seen.make_room = spool.give_up_reserve
        kindness = Kindness(config.jobs.manners)
        ledger = KeptLedger(data / LEDGER_NAME, wall=lambda: datetime.now(UTC))
        self._closing.callback(ledger.close)
        parts = KeptParts(
            spool.kept,
            engine=engine,
            seal=LearnedSeal(grounds.ring),
            room=spool.require_room_to_keep,
            breathe=kindness.breathe,
            masked=(lambda: None) if lens is None else lens.flush,
        )
        rescues = Rescues(ledger, parts)
        studies = Studies(engine, journal, learned=rescues.learned)
        previews = Previews(spool, engine, studies)
        progress = ProgressBoard()
        pace = self.pace = TransferPace(
            data / "limits.json", configured=config.transfer.limits, fixed=config.transfer.fixed
        )
        host = config.host or socket.gethostname()
        alarms = open_alarms(data, config.alarms, mask=line_mask(grounds, lens), raised=self._wake_rounds)
        self._closing.callback(alarms.close)
        self._archive = open_archive(
            catalogue,
            data,
            host=host,
            quota=config.logs.evidence_bytes,
            with_ids=config.logs.ids,
            naming=config.logs.naming,
            wall=lambda: datetime.now(UTC),
            changed=self._logs_changed,
            recorded=self._seen.recorded,
            not_recorded=self._seen.not_recorded,
            masked=lambda keys: self._ruling.masked_for_all(keys),  # noqa: PLW0108 - it is made below
            crowded=lambda: self.board.publish("status"),
            listener=alarms.watch,
        )
        self._closing.callback(self._archive.close)
        self._journal = journal
        self._held = HeldCollections(journal, catalogue, self._archive.evidence)
        self._workshop = Workshop(
            Tools(
                journal=journal,
                catalogue=catalogue,
                spool=spool,
                engine=engine,
                check=check,
                lens=lens,
                previews=previews,
                studies=studies,
                sender=Sender(
                    transfers=transfers,
                    journal=journal,
                    spool=spool,
                    destinations=PortalDestinations(
                        url=config.portal.url,
                        trust=trust,
                        tokens=tokens,
                        vault=vault,
                        rules={rule.name: rule for rule in config.rules},
                        require_open=cases.require_open,
                        greet=asking.capabilities,
                    ),
                    record=self._audit.before_sending,
                    progress=progress,
                    policy=RetryPolicy(give_up_after=_GIVE_UP_AFTER),
                    changed=self._job_changed,
                    pace=pace,
                    shares={rule.name: rule.share for rule in config.rules},
                    outdated=self._audit.outdated,
                ),
                host=engine.pseudonym(Kind.HOST, host),
                created_by=f"caseferry-agent {__version__}",
                level=config.bundle_level,
                volume=config.jobs.volume,
                hold=self._held.follow,
                begin=kindness.begin,
                breathe=kindness.breathe,
            ),
            changed=self._job_changed,
            senders=config.transfer.at_once,
            kindness=kindness,
        )
        self._ruling = ruling = Ruling(
            config.rules,
            journal=journal,
            catalogue=catalogue,
            book=book,
            sight=Sight(case=cases.state, lines=partial(lines_of, catalogue.database), alarms=alarms.times),
            readable=can_be_read,
            rescues=rescues,
        )
        self._intake = Intake(
            journal=journal,
            engine=engine,
            vault=vault,
            ruling=ruling,
            created=self._job_changed,
            form=config.bundle_format,
        )
        self._requests = open_requests(
            config,
            Neighbours(journal, self._intake, self._archive, trail, vault, trust, tokens),
            changed=self._request_changed,
            closing=self._closing,
        )
        self._audit.approval_of = self._requests.approval_of
        self._keeper = Keeper(
            catalogue=catalogue,
            pins=GrowingPins(self._archive.evidence, quiet=quiet, clock=time.monotonic),
            ledger=ledger,
            parts=parts,
            wants=ruling.wants,
            sent=self._intake.sent_before,
            quiet=quiet,
            clock=time.monotonic,
            wall=lambda: datetime.now(UTC),
        )
        self._keeping = KeepingRounds(self._keeper, closed=self._wake_rounds, begin=kindness.begin)
        self._claims = RestedClaims(self._intake.claim)
        asked = [rule.case for rule in config.rules if rule.asks_case]
        folders = list(dict.fromkeys(folder for rule in config.rules for folder in rule.folders))
        self._rounds = RuleRounds(
            refresh=partial(cases.refresh, asked),
            act=alarms.actions(self._archive.evidence, self.board.publish).act,
            acted=lambda done: self.notes.evidence_if_possible(self._archive.evidence, at_once=done),
            claim=self._claim,
            changed=self._cases_changed,
            prune=Pruning(
                jobs=journal.ended,
                known=lambda traces: still_known(catalogue.database, traces),
                forgotten=self._audit.forget,
                others=(
                    lambda now: transfers.forget(before=(now - KEPT).timestamp()),
                    lambda now: forget_unwatched(catalogue.database, folders, now=now),
                ),
                wall=lambda: datetime.now(UTC),
            ).look,
        )
        self._watcher = Watcher(
            folders,
            hints=proven_hints(data) if config.events else NoHints("events = false."),
            on_scan=self._scanned,
            every=config.scan.total_seconds(),
            remembered=catalogue.directories,
        )
        ask = PortalClient(config.portal.url, trust=trust, read_seconds=10.0).capabilities
        self._reachability = Reachability(ask, every=_ASK_PORTAL_EVERY, changed=self._portal_changed)
        jobs = JobDesk(
            journal=journal,
            intake=self._intake,
            workshop=self._workshop,
            progress=progress,
            spool=spool,
            previews=previews,
            vault=vault,
            drops=config.drops,
            drop_folders=config.drop_folders,
            own=OwnFiles(data, secrets=secret_files(config), pinned=EVIDENCE_FOLDER),
            changed=self._job_changed,
            vouch=transfers.vouch,
        )
        self.desk = Overview(
            jobs_desk=jobs,
            ruling=ruling,
            alarm_desk=alarms.desk,
            log_desk=self._archive.desk,
            journal=journal,
            catalogue=catalogue,
            watcher=self._watcher,
            reachability=self._reachability,
            folders=tuple(folders),
            portal=config.portal.url,
            host=host,
            started=self._started,
            seen=self._seen,
            pace=pace,
            standing=self._state,
            audit_desk=AuditDesk(data, vault),
            job_audit=self._audit,
            notes=self.notes,
            counter=self._requests.counter,
            figures=Figures(
                pulse=self._pulse,
                catalogue=catalogue,
                spool=spool,
                config=config,
                masking=grounds.rules.name,
                system=system_name(),
                wall=lambda: datetime.now(UTC),
            ),
        )

    def start(self, *, working: bool = True) -> None:
        """Watch, and go on with what is unfinished.

        Args:
            working: carry jobs, and make new ones; else only watch and answer.
        """
        self._forget_other_rules()
        self.note_config()
        if working:
            self._held.take_stock()
            self._catch_up()
            self._workshop.start()
        if self._config.jobs.keep_growing:
            self._keeping.start()
        else:
            self._keep_nothing()
        self._watcher.start()
        self._archive.upkeep.start()
        self._reachability.start()
        self._requests.start()
        self._rounds.start()

    def note_config(self) -> bool:
        """The configuration in force is in the audit trail, once; false when that cannot be written now."""
        return self.notes.config_if_possible(
            self._config.path,
            rules=len(self._config.rules),
            rule_set=self._audit.rule_set,
            key=self._audit.key,
            credential=self._credential,
        )

    def beat(self) -> None:
        """One more beat of the agent's pulse.

        Raises:
            WorldError: how it is cannot be told now.
        """
        self.desk.figures.beat(self.desk.status())

    def drain(self) -> None:
        """Carry no job any further than to the next point from which it goes on; for good. Does not wait."""
        if self._draining is None:
            self._draining = threading.Thread(target=self._workshop.stop, name="drain", daemon=True)
            self._draining.start()

    def busy(self) -> int:
        """How many jobs are in the hands of a thread."""
        return sum(self._workshop.is_busy(job) for job in self._journal.unfinished())

    def halt(self) -> None:
        """End at points from which everything can be resumed; the desk still answers."""
        self._reachability.stop()
        self._rounds.stop()
        self._requests.stop()
        self._watcher.stop()
        self._keeping.stop()
        self._archive.upkeep.stop()
        self._workshop.stop()

    def close(self) -> None:
        """Close every file. To be called once, after `halt` (or instead of `start`)."""
        self._closing.close()

    def _forget_other_rules(self) -> None:
        """Here, and not when parts are built: they are built for rehearsals, too."""
        try:
            self._book.forget_other_rules(rule.name for rule in self._config.rules)
        except WorldError as error:
            _log.info("reports of rules that are gone are kept for now (%s)", error.code)

    def _catch_up(self) -> None:
        """What a crash left unrecorded; on a full disk it is recorded later, and nothing is sent before."""
        self.notes.evidence_if_possible(self._archive.evidence)
        self._audit.catch_up()
        self._requests.catch_up()

    def _scanned(self, scan: FolderScan) -> float | None:
        """Take in a pass; what cannot be recorded now (a full disk) is seen again by the next one."""
        if scan.readable:
            self._seen.archives[scan.folder] = scan.archives
        try:
            seen = self._catalogue.observe(scan)
            if self._config.jobs.keep_growing:
                self._keeping.note(seen.touched)
            claimed, again = (0, None)
            if not self._state().draining:
                claimed, again = self._claims.after_a_pass(closed=bool(seen.closed))
        except WorldError as error:
            self._seen.not_recorded(error)
            return _LOOK_AGAIN
        self._archive.upkeep.wake()
        if seen.changed:
            self._seen.recorded()
            self._worked()
            self.board.publish("folder", str(scan.folder))
        if claimed:
            self._workshop.wake()
        return min((each for each in (seen.look_again, again) if each is not None), default=None)

    def _claim(self) -> float | None:
        """Have rules judged outside of passes: at night, or when lines were read or a case was opened."""
        if self._state().draining:
            return None
        claimed, again = self._claims.after_a_pass(closed=True)
        if claimed:
            self._workshop.wake()
        return again

    def _keep_nothing(self) -> None:
        try:
            self._keeper.let_go()
        except WorldError as error:
            _log.info("what was kept of growing logs is let go at the next start (%s)", error.code)

    def _wake_rounds(self) -> None:
        self._rounds.wake()

    def _cases_changed(self) -> None:
        self.board.publish("rules")
        self._keeping.take_stock()

    def _portal_changed(self) -> None:
        if self._reachability.reachable:
            self._workshop.find_out(self._config.portal.url)
        self.board.publish("status")

    def _logs_changed(self) -> None:
        self.notes.evidence_if_possible(self._archive.evidence)
        self.board.publish("logs")
        self._rounds.wake()

    def _request_changed(self, request: str) -> None:
        self._workshop.wake()
        self.board.publish("request", request)

    def _job_changed(self, job: str) -> None:
        self._worked()
        self._held.follow(job)
        self._audit.follow(job)
        self._requests.wake()
        self.board.publish("job", job)
