"""The threads that carry jobs from state to state."""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent.catalogue import Catalogue
from agent.jobs.bundling import bundle
from agent.jobs.collected import SourceMoved
from agent.jobs.collecting import collect
from agent.jobs.journal import JobJournal, Wall, utc_now
from agent.jobs.masking import mask, masked_files
from agent.jobs.preview import Previews
from agent.jobs.retry import after_error
from agent.jobs.rows import FileState, JobRow
from agent.jobs.sending import Sender
from agent.jobs.spool import Spool
from agent.jobs.studies import Studies
from app.agentlink import ErrorReply, JobState, defect_reply
from app.bundle import Sealer
from app.domain.errors import InputError, IntegrityError, LocalError, WorldError
from app.masking import Engine, MaskedFile, MaskingError, ResidualCheck
from app.masking.lens import Lens
from app.transfer import Control, Interrupted, Network, RoutingTable, Waiting, next_turn

_log = logging.getLogger(__name__)

_PREPARES = frozenset({JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING})
_SENDS = frozenset({JobState.SENDING, JobState.VERIFYING})
_MOVED_TRIES = 5
_LONGEST_SLEEP = 30.0
_LOOK_EVERY = 3.0
"""Seconds between two looks at the network, while a job waits."""
_PACKING_THREADS = 2
"""That compress beside the one that masks: the server has its own work to do."""

_SYSTEM = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps need.

    Attributes:
        level: of compression; the default of the bundle's format when None.
    """

    journal: JobJournal
    catalogue: Catalogue
    spool: Spool
    engine: Engine
    check: ResidualCheck
    lens: Lens | None
    previews: Previews
    studies: Studies
    sender: Sender
    host: str
    created_by: str
    level: int | None = None


class Workshop:
    """One thread that prepares and some that send; a job is in one thread's hands at a time."""

    def __init__(
        self,
        tools: Tools,
        *,
        changed: Callable[[str], None],
        senders: int = 2,
        wall: Wall = utc_now,
        network: Network | None = None,
    ) -> None:
        """Keep what is needed; nothing starts before `start`.

        Args:
            tools: what the steps need.
            changed: called with a job's id after every change of it.
            senders: how many bundles are sent at a time.
            wall: the wall clock.
            network: tells when this machine's network is back; its routing table by default.
        """
        self._tools = tools
        self._journal = tools.journal
        self._changed = changed
        self._wall = wall
        self._network = network or RoutingTable()
        self._way = self._network.way("")
        self._wake = threading.Condition()
        self._held: dict[str, Control] = {}
        self._cases: dict[str, str] = {}
        self._served: dict[str, int] = {}
        self._turns = 0
        self._stopping = False
        self._threads = [threading.Thread(target=self._run, args=(_PREPARES,), name="prepare", daemon=True)]
        self._threads += [
            threading.Thread(target=self._run, args=(_SENDS,), name=f"send-{number}", daemon=True)
            for number in range(senders)
        ]

    def start(self) -> None:
        """Go on with everything that an earlier run left."""
        self._tools.spool.keep_only(self._journal.unfinished())
        self._tools.spool.keep_reserve()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End at the next point from which every job can be resumed."""
        with self._wake:
            self._stopping = True
            for control in self._held.values():
                control.stop()
            self._wake.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(60)

    def wake(self) -> None:
        """There is something new to do."""
        with self._wake:
            self._wake.notify_all()

    def interrupt(self, job: str, *, cancel: bool) -> None:
        """The job was paused or cancelled: whoever works on it stops."""
        with self._wake:
            control = self._held.get(job)
            if control is not None:
                control.cancel() if cancel else control.stop()
            self._wake.notify_all()

    def is_busy(self, job: str) -> bool:
        """Whether a thread works on the job."""
        with self._wake:
            return job in self._held

    def _run(self, states: frozenset[JobState]) -> None:
        while (taken := self._take(states)) is not None:
            job, control = taken
            try:
                self._work(job, control)
                self._tidy(job.id)
            finally:
                with self._wake:
                    del self._held[job.id], self._cases[job.id]
                    self._wake.notify_all()

    def _tidy(self, number: str) -> None:
        """A job that was cancelled during its work leaves nothing behind."""
        try:
            job = self._journal.job(number)
        except WorldError:
            return  # at the next start
        if job is not None and job.state is JobState.CANCELLED:
            self._tools.spool.remove(number)

    def _take(self, states: frozenset[JobState]) -> tuple[JobRow, Control] | None:
        with self._wake:
            while not self._stopping:
                self._look_at_the_network()
                job = self._first(states)
                if job is not None:
                    control = Control()
                    self._held[job.id] = control
                    self._cases[job.id] = job.case
                    self._turns += 1
                    self._served[job.case] = self._turns
                    return job, control
                self._wake.wait(self._sleep())
            return None

    def _look_at_the_network(self) -> None:
        """Who waits for the network does not wait longer than it is gone."""
        way = self._network.way("")
        if way == self._way:
            return
        self._way = way
        try:
            if way and self._journal.hasten(self._wall()):
                _log.info("the network is back: jobs that wait to send are due")
                self._wake.notify_all()
        except WorldError as error:
            _log.warning("the journal cannot be written: %s", error.code)

    def _first(self, states: frozenset[JobState]) -> JobRow | None:
        try:
            due = self._journal.due(self._wall())
        except WorldError as error:
            _log.warning("the journal cannot be read: %s", error.code)
            return None
        free = {
            job.id: job
            for job in due
            if job.id not in self._held
            and (job.back_to if job.state is JobState.WAITING else job.state) in states
        }
        # What a person waits for comes before what a rule found; a case with many jobs holds up no other.
        waiting = [Waiting(job.id, job.case, priority=_priority(job)) for job in free.values()]
        turn = next_turn(waiting, running=self._cases.values(), served=self._served)
        return None if turn is None else free[turn.key]

    def _sleep(self) -> float:
        try:
            due = self._journal.next_due()
        except WorldError:
            due = None
        if due is None:
            return _LONGEST_SLEEP
        return min(_LOOK_EVERY, max(0.05, (due - self._wall()).total_seconds()))

    def _work(self, job: JobRow, control: Control) -> None:
        """Carry the job as far as it goes in this thread; every way out leaves a state to go on from."""
        try:
            state = job.state
            if state is JobState.WAITING and job.back_to is not None:
                if not self._journal.move(job.id, before=(state,), after=job.back_to, attempts=job.attempts):
                    return
                self._changed(job.id)
            self._step(job.id, control)
        except Interrupted:
            return
        except WorldError as error:
            self._after(job.id, error)
        except Exception:  # noqa: BLE001 - the border of this thread
            reference = secrets.token_hex(4)
            _log.exception("defect %s in job %s", reference, job.id)
            self._fail(job.id, defect_reply(reference))
        finally:
            self._tools.sender.progress.stands_still(job.id)

    def _step(self, number: str, control: Control) -> None:
        job = self._journal.job(number)
        if job is None:
            return
        if job.state is JobState.COLLECTING:
            self._collect(job)
        elif job.state is JobState.MASKING:
            self._mask(job)
        elif job.state is JobState.BUNDLING:
            self._bundle(job)
        elif job.state in _SENDS:
            self._send(job, control)

    def _collect(self, job: JobRow) -> None:
        collect(
            job,
            journal=self._journal,
            catalogue=self._tools.catalogue,
            still_wanted=lambda: self._wanted(job.id, JobState.COLLECTING),
            last_try=job.attempts >= _MOVED_TRIES,
        )
        files = self._journal.files(job.id)
        if not self._wanted(job.id, JobState.COLLECTING):
            return
        if any(file.state is FileState.WAITING or file.state is FileState.MASKED for file in files):
            self._next(job, JobState.COLLECTING, JobState.MASKING)
        elif self._journal.move(
            job.id, before=(JobState.COLLECTING,), after=JobState.CANCELLED, problem=_nothing_to_send()
        ):
            self._tools.spool.remove(job.id)
            self._changed(job.id)

    def _mask(self, job: JobRow) -> None:
        """Mask; what nobody reviews is packed while the next file is masked, and sealed at the end."""
        if job.dropped or any(file.state is FileState.MASKED for file in self._journal.files(job.id)):
            if self._mask_files(job):
                self._next(job, JobState.MASKING, JobState.REVIEW if job.dropped else JobState.BUNDLING)
            return
        try:
            with self._sealer(job) as sealer:
                if self._mask_files(job, on_masked=sealer.add):
                    self._next(job, JobState.MASKING, JobState.BUNDLING)
                    if self._wanted(job.id, JobState.BUNDLING):
                        self._seal(job, sealer)
        except IntegrityError as error:
            # The next step reads the copies anew and decides what is masked again.
            _log.info("job %s: a masked copy is not what was written (%s)", job.id, error.code)

    def _mask_files(self, job: JobRow, *, on_masked: Callable[[MaskedFile], None] | None = None) -> bool:
        """Mask all files; whether the job goes on."""
        mask(
            job,
            journal=self._journal,
            spool=self._tools.spool,
            engine=self._tools.engine,
            check=self._tools.check,
            studies=self._tools.studies,
            lens=self._tools.lens,
            still_wanted=lambda: self._wanted(job.id, JobState.MASKING),
            last_try=job.attempts >= _MOVED_TRIES,
            on_masked=on_masked,
        )
        if not self._wanted(job.id, JobState.MASKING):
            return False
        if not any(file.state is FileState.MASKED for file in self._journal.files(job.id)):
            raise _nothing_masked()
        if job.dropped:
            self._prepare_review(job)
        self._tools.studies.forget(job.id)
        return True

    def _prepare_review(self, job: JobRow) -> None:
        """The review answers at once; what cannot be prepared now is tried again when it is asked for."""
        for file in self._journal.files(job.id):
            if file.state is not FileState.MASKED or not self._wanted(job.id, JobState.MASKING):
                continue
            try:
                self._tools.previews.prepare(file)
            except WorldError as error:
                _log.info("job %s: the review is not prepared (%s)", job.id, error.code)

    def _bundle(self, job: JobRow) -> None:
        try:
            with self._sealer(job) as sealer:
                for file in masked_files(job, self._journal.files(job.id), spool=self._tools.spool):
                    sealer.add(file)
                self._seal(job, sealer)
        except (MaskingError, IntegrityError) as error:
            if job.attempts > 0:
                raise
            # a masked copy was lost or damaged, by a power cut for one: its source is still there
            _log.info("job %s: a masked copy is not what was written (%s); masked again", job.id, error.code)
            self._journal.mask_again(job.id, quarantined=False)
            self._next(job, JobState.BUNDLING, JobState.COLLECTING, attempts=1)

    def _sealer(self, job: JobRow) -> Sealer:
        target = self._tools.spool.bundle(job.id, job.name)
        return Sealer(target, level=self._tools.level, most_threads=_PACKING_THREADS)

    def _seal(self, job: JobRow, sealer: Sealer) -> None:
        bundle(
            job,
            sealer=sealer,
            journal=self._journal,
            engine=self._tools.engine,
            host=self._tools.host,
            created_by=self._tools.created_by,
        )
        self._next(job, JobState.BUNDLING, JobState.SENDING)

    def _send(self, job: JobRow, control: Control) -> None:
        try:
            proof = self._tools.sender.send(job, control)
        except (IntegrityError, LocalError) as error:
            if self._tools.spool.bundle(job.id, job.name).exists() or job.attempts > 0:
                raise
            _log.info("job %s: the bundle is gone (%s); sealed again", job.id, error.code)
            self._next(job, job.state, JobState.BUNDLING, attempts=1)
            return
        if self._journal.move(job.id, before=_SENDS, after=JobState.VERIFIED):
            _log.info("job %s: verified (level %s)", job.id, proof.level)
            self._tools.spool.remove(job.id)
            self._tools.spool.keep_reserve()
            self._tools.sender.destinations.forget(job)
            self._changed(job.id)

    def _next(self, job: JobRow, before: JobState, after: JobState, *, attempts: int = 0) -> None:
        if self._journal.move(job.id, before=(before,), after=after, attempts=attempts):
            self._changed(job.id)

    def _wanted(self, number: str, state: JobState) -> bool:
        with self._wake:
            if self._stopping:
                return False
        job = self._journal.job(number)
        return job is not None and job.state is state

    def _after(self, number: str, error: WorldError) -> None:
        """Record what the error means for the job; when even that fails, the job is taken up again."""
        try:
            self._record(number, error)
        except WorldError as second:
            if self._tools.spool.give_up_reserve():
                self._after(number, error)
                return
            _log.warning("job %s: its state cannot be recorded (%s)", number, second.code)
            self._rest()

    def _record(self, number: str, error: WorldError) -> None:
        job = self._journal.job(number)
        if job is None or job.state not in _PREPARES | _SENDS:
            return
        back_to = JobState.SENDING if job.state in _SENDS else job.state
        if isinstance(error, SourceMoved):
            self._journal.collect_again(number)
            back_to = JobState.COLLECTING
        turn = after_error(error, attempts=job.attempts, now=self._wall(), spread=_SYSTEM.random())
        if self._journal.move(
            number,
            before=(job.state,),
            after=turn.state,
            back_to=back_to,
            problem=turn.problem,
            next_attempt=turn.next_attempt,
            attempts=turn.attempts,
        ):
            _log.info("job %s: %s in %s (%s)", number, turn.state, job.state, error.code)
            self._changed(number)

    def _fail(self, number: str, problem: ErrorReply) -> None:
        try:
            job = self._journal.job(number)
            if job is not None and self._journal.move(
                number,
                before=_PREPARES | _SENDS,
                after=JobState.FAILED,
                back_to=JobState.SENDING if job.state in _SENDS else job.state,
                problem=problem,
                attempts=job.attempts + 1,
            ):
                self._changed(number)
        except WorldError as error:
            _log.warning("job %s: its state cannot be recorded (%s)", number, error.code)
            self._rest()

    def _rest(self) -> None:
        """The journal's disk is full: do not run in circles."""
        with self._wake:
            self._wake.wait_for(lambda: self._stopping, timeout=5.0)


def _priority(job: JobRow) -> int:
    """What a person said comes first; then what a person chose."""
    return 2 * job.priority + int(job.dropped)


def _nothing_to_send() -> ErrorReply:
    return ErrorReply(
        code="CF-1893",
        title="Nothing to send",
        happened="None of its files is there any more, or all of them were taken up before.",
        todo="Nothing.",
    )


def _nothing_masked() -> InputError:
    return InputError(
        "None of the files could be masked",
        happened="Every file of the job is in quarantine; nothing was sent.",
        todo="Look at the reasons in the quarantine, then try again or cancel the job.",
        code="CF-1196",
    )
