"""An agent put together: watcher, catalogue, jobs, API."""

from __future__ import annotations

import logging
import secrets
import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from agent.api import ApiServer, EventBoard
from agent.audit import AuditDesk, AuditNotes, AuditTrail, JobAudit
from agent.catalogue import CATALOGUE_NAME, open_archive, open_catalogue
from agent.jobs import (
    Intake,
    JobDesk,
    JobJournal,
    PortalDestinations,
    Previews,
    ProgressBoard,
    Sender,
    Spool,
    Tools,
    TransferPace,
    Workshop,
)
from agent.service.auditing import AuditedDestinations, audit_key, level_of
from agent.service.claiming import RestedClaims
from agent.service.config import AgentConfig
from agent.service.holding import HeldCollections
from agent.service.masking import open_masking
from agent.service.overview import Overview, Seen
from agent.service.reachability import Reachability
from agent.service.requesting import Neighbours, open_requests
from agent.service.secrets import client_secret, way_out
from agent.watch import FolderScan, NoHints, Watcher, proven_hints
from app import __version__
from app.agentlink import Hello
from app.agentlink.contract import CONTRACT_MAX, CONTRACT_MIN
from app.domain.errors import WorldError
from app.masking import Kind
from app.portal import AgentTokens, PortalClient
from app.secrets import open_agent_vault
from app.settings import Trust
from app.transfer import Journal, RetryPolicy

_log = logging.getLogger(__name__)

_ASK_PORTAL_EVERY = 30.0
_LOOK_AGAIN = 5.0
_GIVE_UP_AFTER = 20.0
"""Seconds without progress after which a sending thread gives the job back to wait its turn."""


class RunningAgent:
    """Everything of one agent. The caller holds the data folder's lock."""

    def __init__(self, config: AgentConfig) -> None:
        """Open every file and read every secret; nothing runs before `start`.

        Raises:
            WorldError: what is wrong, before anything was changed.
        """
        self._closing = ExitStack()
        try:
            self._build(config)
        except BaseException:
            self._closing.close()
            raise

    def _build(self, config: AgentConfig) -> None:
        data = config.data
        self._seen = Seen()
        now = datetime.now(UTC)
        self.board = EventBoard(first=int(now.timestamp() * 1000))
        vault = open_agent_vault(data)
        engine, check, lens = open_masking(config, vault)
        if lens is not None:
            self._closing.callback(lens.flush)
        way = way_out(config)
        trust = Trust(ca_file=config.portal.ca_file, way=way)
        tokens = AgentTokens(
            config.portal.url,
            trust=trust,
            client_id=config.portal.client_id,
            client_secret=client_secret(config, vault),
        )
        catalogue = open_catalogue(data / CATALOGUE_NAME, quiet=config.quiet.total_seconds())
        self._closing.callback(catalogue.close)
        journal = JobJournal(data / "journal.db")
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
        self._notes = AuditNotes(trail)
        self._config = config
        spool = Spool(data / "spool")
        previews = Previews(spool, engine)
        progress = ProgressBoard()
        pace = TransferPace(
            data / "limits.json", configured=config.transfer.limits, fixed=config.transfer.fixed
        )
        host = config.host or socket.gethostname()
        self._archive = open_archive(
            catalogue,
            data,
            host=host,
            quota=config.logs.evidence_bytes,
            with_ids=config.logs.ids,
            naming=config.logs.naming,
            wall=lambda: datetime.now(UTC),
            changed=self._logs_changed,
        )
        self._closing.callback(self._archive.close)
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
                sender=Sender(
                    transfers=transfers,
                    journal=journal,
                    spool=spool,
                    destinations=AuditedDestinations(
                        PortalDestinations(
                            url=config.portal.url,
                            trust=trust,
                            tokens=tokens,
                            vault=vault,
                            rules={rule.name: rule for rule in config.rules},
                        ),
                        self._audit,
                    ),
                    progress=progress,
                    policy=RetryPolicy(give_up_after=_GIVE_UP_AFTER),
                    changed=self._job_changed,
                    pace=pace,
                    shares={rule.name: rule.share for rule in config.rules},
                ),
                host=engine.pseudonym(Kind.HOST, host),
                created_by=f"caseferry-agent {__version__}",
                level=config.bundle_level,
            ),
            changed=self._job_changed,
            senders=config.transfer.at_once,
        )
        self._intake = Intake(
            journal=journal,
            catalogue=catalogue,
            engine=engine,
            vault=vault,
            rules=config.rules,
            created=self._job_changed,
            form=config.bundle_format,
        )
        self._requests = open_requests(
            config,
            Neighbours(journal, self._intake, self._archive, trail, vault, trust, tokens),
            changed=self._request_changed,
            closing=self._closing,
        )
        self._catalogue = catalogue
        self._claims = RestedClaims(self._intake.claim)
        folders = list(dict.fromkeys(folder for rule in config.rules for folder in rule.folders))
        self._watcher = Watcher(
            folders,
            hints=proven_hints(data) if config.events else NoHints("events = false."),
            on_scan=self._scanned,
            every=config.scan.total_seconds(),
            remembered=catalogue.directories,
        )
        portal = PortalClient(config.portal.url, trust=trust, read_seconds=10.0)
        self._reachability = Reachability(
            portal.capabilities, every=_ASK_PORTAL_EVERY, changed=lambda: self.board.publish("status")
        )
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
            changed=self._job_changed,
        )
        self._api = ApiServer(
            folder=data,
            hello=Hello(
                product="Caseferry agent",
                version=__version__,
                instance=_instance(data),
                contract_min=CONTRACT_MIN,
                contract_max=CONTRACT_MAX,
            ),
            desk=Overview(
                jobs_desk=jobs,
                log_desk=self._archive.desk,
                journal=journal,
                catalogue=catalogue,
                watcher=self._watcher,
                reachability=self._reachability,
                folders=tuple(folders),
                portal=config.portal.url,
                host=host,
                started=now,
                seen=self._seen,
                pace=pace,
                audit_desk=AuditDesk(data, vault),
                job_audit=self._audit,
                notes=self._notes,
                counter=self._requests.counter,
            ),
            board=self.board,
            now=now,
        )

    def start(self) -> Path:
        """Go on with what is unfinished, watch, and answer; the path of ``endpoint.json``."""
        self._catch_up()
        self._workshop.start()
        self._watcher.start()
        self._archive.upkeep.start()
        self._reachability.start()
        self._requests.start()
        return self._api.start()

    def stop(self) -> None:
        """End at points from which everything can be resumed."""
        self._api.stop()
        self._reachability.stop()
        self._requests.stop()
        self._watcher.stop()
        self._archive.upkeep.stop()
        self._workshop.stop()
        self._closing.close()

    def _catch_up(self) -> None:
        """What a crash left unrecorded; on a full disk it is recorded later, and nothing is sent before."""
        self._notes.config_if_possible(
            self._config.path,
            rules=len(self._config.rules),
            rule_set=self._audit.rule_set,
            key=self._audit.key,
        )
        self._notes.evidence_if_possible(self._archive.evidence)
        self._audit.catch_up()
        self._requests.catch_up()

    def _scanned(self, scan: FolderScan) -> float | None:
        """Take in a pass; what cannot be recorded now (a full disk) is seen again by the next one."""
        if scan.readable:
            self._seen.archives[scan.folder] = scan.archives
        try:
            seen = self._catalogue.observe(scan)
            claimed, again = self._claims.after_a_pass(closed=bool(seen.closed))
        except WorldError as error:
            if not self._seen.trouble:
                _log.info("what was seen cannot be recorded (%s)", error.code)
            self._seen.trouble = f"{error.title}. {error.happened}"
            return _LOOK_AGAIN
        self._seen.trouble = ""
        self._archive.upkeep.wake()
        if seen.changed:
            self.board.publish("folder", str(scan.folder))
        if claimed:
            self._workshop.wake()
        return min((each for each in (seen.look_again, again) if each is not None), default=None)

    def _logs_changed(self) -> None:
        self._notes.evidence_if_possible(self._archive.evidence)
        self.board.publish("logs")

    def _request_changed(self, request: str) -> None:
        self._workshop.wake()
        self.board.publish("request", request)

    def _job_changed(self, job: str) -> None:
        self._held.follow(job)
        self._audit.follow(job)
        self._requests.wake()
        self.board.publish("job", job)


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
