"""The threads that carry jobs from state to state."""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from agent.jobs.abandoned import is_left_alone
from agent.jobs.away import Away, is_away
from agent.jobs.collected import SourceMoved
from agent.jobs.journal import Wall, utc_now
from agent.jobs.kindness import Kindness
from agent.jobs.masking import masked_by
from agent.jobs.preparing import Preparation
from agent.jobs.retry import LONGEST_WAIT, Turn, after_error
from agent.jobs.rows import JobRow
from agent.jobs.spool import NO_ROOM
from agent.jobs.tools import Tools
from agent.jobs.turns import PREPARES, SENDS, ahead_of, aim_of, group_of, is_ahead, priority
from agent.jobs.volumes import VolumeRow
from app.agentlink import ErrorReply, JobState, defect_reply, reply_of
from app.domain.errors import Defect, IntegrityError, LocalError, WorldError
from app.transfer import Control, Interrupted, Network, Proof, RoutingTable, Waiting, next_turn

_log = logging.getLogger(__name__)

_LONGEST_SLEEP = 30.0
_LOOK_EVERY = 3.0
"""Seconds between two looks at the network, while a job waits."""
_LOSSES = 3
"""So many bundles of a job may get lost; whoever takes away one more is to be found by a person."""
_SYSTEM = random.SystemRandom()


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
        kindness: Kindness | None = None,
    ) -> None:
        """Keep what is needed; nothing starts before `start`.

        Args:
            tools: what the steps need.
            changed: called with a job's id after every change of it.
            senders: how many bundles are sent at a time.
            wall: the wall clock.
            network: tells when this machine's network is back; its routing table by default.
            kindness: how preparing is not felt; without it nothing is done about that.
        """
        self._tools = tools
        self._journal = tools.journal
        self._changed = changed
        self._wall = wall
        self._kindness = kindness
        self.away = Away(
            tools.journal, lambda: tools.sender.destinations, wall=wall, network=network or RoutingTable()
        )
        self._wake = threading.Condition()
        self._preparation = Preparation(tools, wanted=self._wanted, changed=changed, sealed=self.wake)
        self._held: dict[str, Control] = {}
        self._ahead: dict[str, Control] = {}
        self._rests: dict[str, Turn] = {}
        self._losses: Counter[str] = Counter()
        self._cases: dict[str, str] = {}
        self._served: dict[str, int] = {}
        self._turns = 0
        self._stopping = False
        self._threads = [threading.Thread(target=self._run, args=(PREPARES,), name="prepare", daemon=True)]
        self._threads += [
            threading.Thread(target=self._run, args=(SENDS,), name=f"send-{number}", daemon=True)
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
            if self._kindness is not None:
                self._kindness.stop()
            for control in [*self._held.values(), *self._ahead.values()]:
                control.stop()
            self._wake.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(60)

    def wake(self) -> None:
        """There is something new to do."""
        with self._wake:
            self._wake.notify_all()

    def find_out(self, address: str) -> None:
        """A destination seems to be back: one of the jobs that wait for it is tried now."""
        if self.away.may_be_back(address):
            self.wake()

    def interrupt(self, job: str, *, cancel: bool) -> None:
        """The job was paused or cancelled: whoever works on it stops."""
        with self._wake:
            for control in (self._held.get(job), self._ahead.get(job)):
                if control is not None:
                    control.cancel() if cancel else control.stop()
            self._wake.notify_all()

    def is_busy(self, job: str) -> bool:
        """Whether a thread works on the job."""
        with self._wake:
            return job in self._held or job in self._ahead

    def holds_back(self, job: JobRow) -> bool:
        """Whether a job that no person dropped is not prepared at this time of the week."""
        if self._kindness is None or job.dropped or aim_of(job) not in PREPARES:
            return False
        return not self._kindness.manners.may_prepare(self._wall().astimezone())

    def _run(self, states: frozenset[JobState]) -> None:
        if states == PREPARES and self._kindness is not None:
            self._kindness.begin()
        while (taken := self._take(states)) is not None:
            job, control = taken
            ahead = is_ahead(job, states)
            try:
                self._send_ahead(job, control) if ahead else self._work(job, control)
                self._tidy(job.id)
            finally:
                with self._wake:
                    if ahead:
                        del self._ahead[job.id], self._cases[ahead_of(job)]
                    else:
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
                now = self._wall()
                job = self._first(states, now)
                if job is not None:
                    control = Control()
                    ahead = is_ahead(job, states)
                    (self._ahead if ahead else self._held)[job.id] = control
                    self._cases[ahead_of(job) if ahead else job.id] = group_of(job, states)
                    self._turns += 1
                    self._served[group_of(job, states)] = self._turns
                    if states == SENDS and job.state is not JobState.CANCELLED:
                        self.away.taken(job, now)
                    return job, control
                self._wake.wait(self._sleep(now))
            return None

    def _look_at_the_network(self) -> None:
        """Who waits for the network does not wait longer than it is gone."""
        if self.away.network_is_back():
            # As the others: due at once, and not before what their destination asked for.
            self._rests = {job: turn.over(self._wall()) for job, turn in self._rests.items()}
            self._wake.notify_all()

    def _first(self, states: frozenset[JobState], now: datetime) -> JobRow | None:
        try:
            due = self._journal.due(now)
            ahead = self._journal.volumes.sent_ahead() if states == SENDS else []
            abandoned = self._journal.abandoned.due(now) if states == SENDS else []
        except WorldError as error:
            _log.warning("the journal cannot be read: %s", error.code)
            return None
        free = {
            job.id: job
            for job in due
            if job.id not in self._held and aim_of(job) in states and not self.holds_back(job)
        }
        free = {number: job for number, job in free.items() if not self._waits_for_others(job, now)}
        free.update({job.id: job for job in ahead if self._has_rested(job, now)})
        free.update({job.id: job for job in abandoned if job.id not in self._held})
        if states == SENDS:
            self._rests = {job.id: self._rests[job.id] for job in ahead if job.id in self._rests}
            free = {number: job for number, job in free.items() if number not in self._ahead}
        # What a person waits for comes before what a rule found; a case with many jobs holds up no other.
        waiting = [Waiting(job.id, group_of(job, states), priority=priority(job)) for job in free.values()]
        turn = next_turn(waiting, running=self._cases.values(), served=self._served)
        return None if turn is None else free[turn.key]

    def _waits_for_others(self, job: JobRow, now: datetime) -> bool:
        """Whether another job finds out whether their destination is back. New ones try once themselves."""
        return job.state is JobState.WAITING and aim_of(job) in SENDS and self.away.holds(job, now)

    def _has_rested(self, job: JobRow, now: datetime) -> bool:
        turn = self._rests.get(job.id)
        if turn is None or turn.next_attempt is None:
            return True
        return not now < turn.next_attempt <= now + LONGEST_WAIT and not self.away.holds(job, now)

    def _sleep(self, now: datetime) -> float:
        """Seconds until something is due that was not at `now`.

        What is due already and is not taken is another thread's, or held back: it is not run in circles for.
        """
        try:
            due = self._journal.next_due(after=now)
        except WorldError:
            due = None
        untils = [turn.next_attempt for turn in self._rests.values()]
        rests = [until for until in untils if until is not None and until > now]
        due = min([*rests, *([] if due is None else [due])], default=None)
        if due is None:
            return _LONGEST_SLEEP
        return min(_LOOK_EVERY, max(0.05, (due - self._wall()).total_seconds()))

    def _work(self, job: JobRow, control: Control) -> None:
        """Carry the job as far as it goes in this thread; every way out leaves a state to go on from."""
        try:
            state = job.state
            if state is JobState.CANCELLED:
                self._let_go(job)
                return
            if aim_of(job) in SENDS:
                self.away.require_there(job)  # of a job that waits already, nothing more is recorded
            if state is JobState.WAITING and job.back_to is not None:
                if not self._journal.move(
                    job.id, before=(state,), after=job.back_to, attempts=job.attempts, tries=job.tries
                ):
                    return
                self._changed(job.id)
            with self._tools.spool.waiting_for_the_disk():
                self._step(job.id, control)
        except Interrupted:
            return
        except WorldError as error:
            self._after(job.id, error)
        except Defect as error:  # it is in the log already
            self._fail(job.id, defect_reply(error.reference))
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
            self._preparation.collect(job)
        elif job.state is JobState.MASKING:
            self._preparation.mask(job)
        elif job.state is JobState.BUNDLING:
            self._preparation.bundle(job)
        elif job.state in SENDS:
            self._send(job, control)

    def _let_go(self, job: JobRow) -> None:
        """Have thrown away what the other side has unfinished of a cancelled job; if it cannot be, later."""
        now = self._wall()
        try:
            self._journal.abandoned.put_off(job, now)
        except WorldError as error:
            _log.warning("job %s: its state cannot be recorded (%s)", job.id, error.code)
            self._rest()
            return
        if self._tools.sender.throw_away(job) or is_left_alone(job, now):
            self._journal.abandoned.over(job)
            self._tools.sender.destinations.forget(job)

    def _send(self, job: JobRow, control: Control) -> None:
        """Send what was not sent before of a job whose bundles are all sealed."""
        volumes = self._journal.volumes.of(job.id)
        if not volumes or not all(volume.sealed for volume in volumes):
            self._back_to_bundling(job)
            return
        pending = [volume for volume in volumes if not volume.verified]
        if self._withdrew(job, pending):
            return
        for volume in pending:
            try:
                proof = self._sent(job, volume, control, last=volume is pending[-1])
            except (IntegrityError, LocalError) as error:
                if not self._is_gone(job, volume):
                    raise
                self._journal.volumes.lost(job.id, volume.number)
                if self._is_lost_too_often(job, error):
                    return
                _log.info("job %s: the bundle is gone (%s); sealed again", job.id, error.code)
                self._back_to_bundling(job)
                return
            self._arrived(job, volume, proof)
        if self._journal.move(job.id, before=SENDS, after=JobState.VERIFIED):
            _log.info("job %s: verified", job.id)
            self._tools.spool.remove(job.id)
            self._tools.spool.keep_reserve()
            self._tools.sender.destinations.forget(job)
            self._changed(job.id)

    def _sent(self, job: JobRow, volume: VolumeRow, control: Control, *, last: bool) -> Proof:
        tools = self._tools
        with tools.spool.waiting_for_the_disk():
            return tools.sender.send(job, volume, control, last=last, answered=lambda: self._answered(job))

    def _answered(self, job: JobRow) -> None:
        """Its destination is there: who waits for that need not wait any longer."""
        if self.away.answered(job):
            self.wake()

    def _withdrew(self, job: JobRow, pending: Sequence[VolumeRow]) -> bool:
        """Whether bundles are masked again that were sealed when other rules, or another key, held."""
        withdrawn = False
        for volume in pending:
            if self._is_outdated(volume) and self._tools.sender.withdraw(job, volume):
                _log.info("job %s: rules or key have changed; bundle %d is withdrawn", job.id, volume.number)
                self._journal.volumes.withdraw(job.id, volume.number)
                self._tools.spool.remove_bundle(job.id, volume.name)
                withdrawn = True
        if withdrawn and self._journal.move(job.id, before=SENDS, after=JobState.BUNDLING):
            self._changed(job.id)
        return withdrawn

    def _is_outdated(self, volume: VolumeRow) -> bool:
        """Whether it is not masked as it would be now; not known of one that an older version sealed."""
        return volume.masked_by not in ("", masked_by(self._tools.engine))

    def _back_to_bundling(self, job: JobRow) -> None:
        if self._journal.move(job.id, before=SENDS, after=JobState.BUNDLING, tries=1):
            self._changed(job.id)

    def _is_gone(self, job: JobRow, volume: VolumeRow) -> bool:
        return not self._tools.spool.bundle(job.id, volume.name).exists()

    def _is_lost_too_often(self, job: JobRow, error: WorldError) -> bool:
        """Whether a person must see to it that bundles stay where they are: sealing again does not help."""
        with self._wake:
            self._losses[job.id] += 1
            if self._losses[job.id] <= _LOSSES:
                return False
            del self._losses[job.id]
        self._fail(job.id, reply_of(error))
        return True

    def _arrived(self, job: JobRow, volume: VolumeRow, proof: Proof) -> None:
        """The other side has a bundle: its room in the spool is free."""
        self._journal.volumes.note_verified(job.id, volume.number, resumed=proof.resumed, level=proof.level)
        self._tools.spool.remove_bundle(job.id, volume.name)
        _log.info("job %s: bundle %d verified (level %s)", job.id, volume.number, proof.level)
        if self._journal.due_now(NO_ROOM, self._wall()):
            self.wake()
        self._changed(job.id)

    def _send_ahead(self, job: JobRow, control: Control) -> None:
        """Send the bundles that are sealed while the job is still being prepared."""
        volume: VolumeRow | None = None
        try:
            self.away.require_there(job)
            for volume in self._journal.volumes.of(job.id):
                if volume.sealed and not volume.verified:
                    if self._is_outdated(volume) and self._withdrew(job, [volume]):
                        continue
                    proof = self._sent(job, volume, control, last=False)
                    self._arrived(job, volume, proof)
            with self._wake:
                self._rests.pop(job.id, None)
        except Interrupted:
            return
        except WorldError as error:
            self._after_ahead(job, volume, error)
        except Defect as error:
            self._fail(job.id, defect_reply(error.reference))
        except Exception:  # noqa: BLE001 - the border of this thread
            reference = secrets.token_hex(4)
            _log.exception("defect %s in job %s", reference, job.id)
            self._fail(job.id, defect_reply(reference))
        finally:
            self._tools.sender.progress.stands_still(job.id)

    def _after_ahead(self, job: JobRow, volume: VolumeRow | None, error: WorldError) -> None:
        """What may pass by itself is tried again later, while preparing goes on; else the job stops."""
        try:
            if volume is not None and self._is_gone(job, volume):
                self._journal.volumes.lost(job.id, volume.number)
                self._is_lost_too_often(job, error)
                return
            with self._wake:
                before = self._rests.get(job.id)
            attempts, tries = (0, 0) if before is None else (before.attempts, before.tries)
            turn = self._turn(job, error, attempts=attempts, tries=tries, sends=True)
            if turn.next_attempt is not None:
                with self._wake:
                    self._rests[job.id] = turn
                _log.info("job %s: its sealed bundles wait (%s)", job.id, error.code)
            else:
                with self._wake:
                    self._rests.pop(job.id, None)
                self._fail(job.id, turn.problem)
        except WorldError as second:
            if self._tools.spool.give_up_reserve():
                self._after_ahead(job, volume, error)
                return
            _log.warning("job %s: its state cannot be recorded (%s)", job.id, second.code)
            self._rest()

    def _wanted(self, number: str, state: JobState) -> bool:
        with self._wake:
            if self._stopping:
                return False
        job = self._journal.job(number)
        return job is not None and job.state is state and not self.holds_back(job)

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
        if job is None or job.state not in PREPARES | SENDS:
            return
        back_to = JobState.SENDING if job.state in SENDS else job.state
        if isinstance(error, SourceMoved):
            self._journal.collect_again(number)
            back_to = JobState.COLLECTING
        sends = back_to is JobState.SENDING
        turn = self._turn(job, error, attempts=job.attempts, tries=job.tries, sends=sends)
        if self._journal.move(
            number,
            before=(job.state,),
            after=turn.state,
            back_to=back_to,
            problem=turn.problem,
            next_attempt=turn.next_attempt,
            attempts=turn.attempts,
            tries=turn.tries,
        ):
            if error.code != NO_ROOM or not job.attempts:  # for room it may wait a day: that is told once
                _log.info("job %s: %s in %s (%s)", number, turn.state, job.state, error.code)
            self._changed(number)

    def _turn(self, job: JobRow, error: WorldError, *, attempts: int, tries: int, sends: bool) -> Turn:
        """What becomes of a job, or of what is sent ahead of it, after an error."""
        turn = after_error(error, attempts=attempts, tries=tries, now=self._wall(), spread=_SYSTEM.random())
        if sends and is_away(error):
            return self.away.failed(job, turn, error)
        if sends and turn.next_attempt is None:
            self._answered(job)  # with a refusal: what the others wait for is over, too
        elif sends:
            self.away.released(job)
        return turn

    def _fail(self, number: str, problem: ErrorReply) -> None:
        try:
            job = self._journal.job(number)
            if job is not None and self._journal.move(
                number,
                before=PREPARES | SENDS | {JobState.WAITING},
                after=JobState.FAILED,
                back_to=JobState.SENDING if aim_of(job) in SENDS else aim_of(job),
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
