"""Sending a sealed bundle and taking its proof."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Protocol

from agent.jobs.journal import JobJournal
from agent.jobs.pace import TransferPace
from agent.jobs.progress import Moved, ProgressBoard
from agent.jobs.rows import JobRow
from agent.jobs.spool import Spool
from agent.jobs.volumes import VolumeRow
from app.agentlink import ErrorReply, JobState
from app.bundle import reopen_bundle
from app.domain.errors import InputError, IntegrityError, WorldError
from app.domain.files import SealedBundle
from app.transfer import (
    Control,
    Destination,
    Journal,
    Progress,
    Proof,
    RetryPolicy,
    Transfer,
    TransferBusy,
    TransferState,
    give_up,
    send,
)
from app.transfer.closed import NOTHING_NOW
from app.transfer.parts import acked_parts
from app.transfer.run import title_and_rest
from app.transfer.states import is_final

TELL_EVERY = 0.5
"""Seconds between two events about a transfer that moves."""


class Destinations(Protocol):
    """Where the bundle of a job goes."""

    def of(self, job: JobRow) -> Destination:
        """The destination of one job; a fresh object each time.

        Raises:
            WorldError: its credentials are missing, or its settings are wrong.
        """

    def place(self, job: JobRow) -> Destination:
        """The same, also when the job's case takes nothing any more: to throw something away there.

        Raises:
            WorldError: its credentials are missing, or its settings are wrong.
        """

    def address(self, job: JobRow) -> str:
        """Who has to answer: jobs of the same address wait together while it is away."""

    def ask(self, job: JobRow) -> None:
        """A cheap question whether the job's destination answers at all.

        Raises:
            WorldError: it does not, or not as it should.
        """

    def forget(self, job: JobRow) -> None:
        """The job has ended: secrets that were kept for it are deleted."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends with the journal of transfers, one job at a time and thread.

    Attributes:
        policy: of the attempts inside one call; longer waits are the job's, so that a thread does not
            wait for hours.
        changed: called with the job's id when its state has changed, and now and then while bytes move.
        pace: limits and connections, shared by all jobs.
        record: called with what is about to be sent, before its first byte; nothing is sent when it raises.
        shares: of the limit, by rule; 1 where a rule names none, and for what a person dropped.
        outdated: called with a bundle that is not masked as it would be now, the bytes of it that the other
            side has, and whether it is withdrawn; before that is done.
    """

    transfers: Journal
    journal: JobJournal
    spool: Spool
    destinations: Destinations
    progress: ProgressBoard
    policy: RetryPolicy
    changed: Callable[[str], None]
    pace: TransferPace
    record: Callable[[JobRow, VolumeRow], None]
    shares: Mapping[str, float] = field(default_factory=dict)
    outdated: Callable[[JobRow, VolumeRow, int, bool], None] = lambda _job, _volume, _there, _withdrawn: None

    def send(
        self,
        job: JobRow,
        volume: VolumeRow,
        control: Control,
        *,
        last: bool,
        answered: Callable[[], None] = lambda: None,
    ) -> Proof:
        """Send, or go on with what an earlier run left, to the proof; idempotent by the volume's key.

        Args:
            job: whose bundle it is.
            volume: sealed.
            control: pause, stop and cancel from another thread.
            last: when it is verified, the job is.
            answered: called when the other side has taken something, and again while it does.

        Raises:
            WorldError: of all families; the journal of transfers keeps what was reached.
            Cancelled, Stopped: asked for by `control`.
        """
        bundle = self._sealed(job, volume)
        destination = self.destinations.of(job)
        self.record(job, volume)
        before, sent = self._sent_before(job, volume)
        told, had = -TELL_EVERY, volume.size
        trouble: ErrorReply | None = None

        def show(progress: Progress) -> None:
            nonlocal told, had, trouble
            trouble = _trouble(progress, before=trouble)
            if progress.acked > had or progress.state is TransferState.VERIFYING:
                answered()
            had = min(had, progress.acked)
            self.progress.note(job.id, _moved(progress, start=before, sent=sent, problem=trouble))
            verifying = last and progress.state is TransferState.VERIFYING
            if verifying and self.journal.move(job.id, before=(JobState.SENDING,), after=JobState.VERIFYING):
                self.changed(job.id)
            elif time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                self.changed(job.id)

        proof = send(
            self.transfers,
            bundle,
            destination,
            key=volume.key,
            control=control,
            on_progress=show,
            policy=self.policy,
            connections=self.pace.connections,
            limiter=self.pace.limiter,
            share=self.shares.get(job.source, 1.0),
        )
        if volume.withdrawn:
            self._clear_away(job, volume)
        return proof

    def withdraw(self, job: JobRow, volume: VolumeRow) -> bool:
        """Take back a bundle that is not masked as it would be now; whether it was.

        What the other side has of it is thrown away there. One that it has whole is not taken back: it has
        left, and is to be proven and recorded.

        Raises:
            WorldError: it cannot be recorded, or nobody may speak with the other side; nothing is sent.
        """
        transfer = self.transfers.find(volume.key)
        parts = [] if transfer is None else acked_parts(self.transfers.parts(transfer.id))
        there = sum(part.length for part in parts)
        verified = transfer is not None and transfer.state is TransferState.VERIFIED
        withdrawn = not verified and there < volume.size
        self.outdated(job, volume, there, withdrawn)
        if not withdrawn:
            return False
        if transfer is not None and not is_final(transfer.state):
            # Also of a bundle that is gone here. What cannot be reached now is once its follower has arrived.
            with suppress(TransferBusy):
                give_up(self.transfers, self.destinations.of(job), key=volume.key)
        return True

    def _clear_away(self, job: JobRow, volume: VolumeRow) -> None:
        """What withdrawn forms of a bundle left at the other side while it was away: it is there now.

        Tried once; what stays then, the other side lets go of by itself.
        """
        for transfer in self.transfers.transfers():
            if transfer.name == volume.name and transfer.state is TransferState.CANCELLED:
                with suppress(TransferBusy, WorldError):
                    give_up(self.transfers, self.destinations.of(job), key=transfer.key)

    def throw_away(self, job: JobRow) -> bool:
        """Have the other side let go of what it has unfinished of a cancelled job; whether it has none now.

        A bundle that it has whole is not touched: it has arrived. By SFTP it has when it has its name, and
        what is thrown away is the file that has none yet.

        Raises:
            WorldError: nobody may speak with the other side.
        """
        gone = True
        for volume in self.journal.volumes.of(job.id):
            transfer = None if volume.verified else self.transfers.find(volume.key)
            if transfer is None:
                continue
            with closing(self.destinations.place(job)) as place:
                if self._has_arrived(transfer) and not place.features.unfinished_apart:
                    continue
                try:
                    gone = give_up(self.transfers, place, key=volume.key) and gone
                except TransferBusy:
                    gone = False
        return gone

    def _has_arrived(self, transfer: Transfer) -> bool:
        parts = acked_parts(self.transfers.parts(transfer.id))
        return sum(part.length for part in parts) >= transfer.size

    def _sent_before(self, job: JobRow, volume: VolumeRow) -> tuple[int, int]:
        """Bytes of all bundles before this one, and of those that the other side has."""
        volumes = self.journal.volumes.of(job.id)
        return (
            sum(each.size for each in volumes if each.number < volume.number),
            sum(each.size for each in volumes if each.verified),
        )

    def _sealed(self, job: JobRow, volume: VolumeRow) -> SealedBundle:
        """The bundle that was sealed for this job, and no other; one that is not goes, and is sealed anew.

        Raises:
            IntegrityError: it is damaged, or another one lies in its place (CF-1791).
            LocalError: it is gone or cannot be read.
        """
        path = self.spool.bundle(job.id, volume.name)
        try:
            bundle = reopen_bundle(path)
            if not hmac.compare_digest(bundle.sha256, volume.sha256):
                raise _not_what_was_sealed()
        except (IntegrityError, InputError) as error:
            path.unlink(missing_ok=True)
            raise _not_what_was_sealed() from error
        return bundle


def _moved(progress: Progress, *, start: int, sent: int, problem: ErrorReply | None) -> Moved:
    """Figures of the whole job: this bundle begins at byte `start` of all, and `sent` bytes went before."""
    return Moved(
        sent=sent + progress.acked,
        rate=progress.rate,
        resumed=progress.resumed,
        eta=progress.eta,
        left=progress.size - progress.acked,
        connections=progress.connections,
        acked=tuple((start + each.start, each.length) for each in progress.acked_ranges),
        moving=tuple((start + each.start, each.length) for each in progress.moving),
        held=progress.error_code == NOTHING_NOW,
        problem=problem,
    )


def _trouble(progress: Progress, *, before: ErrorReply | None) -> ErrorReply | None:
    """Why nothing moves between two attempts, and in the next one until it is connected.

    Hours in which nothing may be sent are no trouble.
    """
    if progress.state is TransferState.SENDING and not progress.connections:
        return before
    if progress.state is not TransferState.WAITING or progress.error_code in ("", NOTHING_NOW):
        return None
    title, happened = title_and_rest(progress.error)
    return ErrorReply(progress.error_code, title, happened=happened, retryable=True)


def _not_what_was_sealed() -> IntegrityError:
    return IntegrityError(
        "The bundle in the spool is not the one that was sealed",
        happened="Its content has changed on this machine's disk. Nothing of it was sent.",
        todo="It is made again; check who may write to the data folder.",
        code="CF-1791",
    )
