"""`send`: one bundle to one destination, exactly once, through cuts, kills and pauses, to its proof."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass

from app.domain.errors import Defect, WorldError
from app.domain.files import SealedBundle
from app.storage import Unwritten
from app.transfer.bandwidth import Limiter
from app.transfer.clock import Clock, SystemClock
from app.transfer.control import Cancelled, Control, Interrupted, Wish
from app.transfer.destination import Destination, Level
from app.transfer.growth import MOST_CONNECTIONS
from app.transfer.journal import Journal, Transfer, TransferBusy
from app.transfer.outage import Network, RoutingTable
from app.transfer.progress import Progress
from app.transfer.retry import RetryPolicy
from app.transfer.run import Run, Tools, abort_quietly, error_words
from app.transfer.source import Source, SourceChanged, source_changed
from app.transfer.states import TransferState, is_final

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """A transfer that ended well.

    Attributes:
        sha256: of the whole file, lower-case hex.
        level: how it was proven.
        resumed: how many times it went on from a part of the file.
        remote: the peer's name of the file (URL or path).
        sent: bytes that this call put on the wire; 0 when an earlier call had done it all.
        doubt: what could not even be compared, for people; empty: the level says all.
    """

    sha256: str
    level: Level
    resumed: int
    remote: str = ""
    sent: int = 0
    doubt: str = ""


def idempotency_key(*parts: str) -> str:
    """One key for what these strings name together, such as case, file name and SHA-256."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:40]


def send(
    journal: Journal,
    bundle: SealedBundle,
    destination: Destination,
    *,
    key: str,
    control: Control | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    clock: Clock | None = None,
    policy: RetryPolicy | None = None,
    connections: int = MOST_CONNECTIONS,
    limiter: Limiter | None = None,
    share: float = 1.0,
    network: Network | None = None,
) -> Proof:
    """Send it, or go on with what an earlier call, process or machine start left; blocks until it is proven.

    A key that was proven before is not sent again: its proof comes back at once. Errors with ``retryable``
    are waited for and tried again until nothing moved for ``policy.give_up_after`` seconds.

    Args:
        journal: where every step is a row before it happens.
        bundle: sealed; the only thing that can be sent.
        destination: where to; it is closed at the end.
        key: idempotency key of this content in this place; see `idempotency_key`.
        control: pause, resume, stop and cancel from another thread.
        on_progress: called from this thread after acknowledged parts, at every change of state, and between
            them at most ten times a second.
        clock: the machine's, unless a test has its own.
        policy: of waiting and giving up.
        connections: the most for this file, 1 to 16; how many it has is found by measuring.
        limiter: of bytes per second, for all transfers that are given the same one. Time in which it lets
            nothing move does not count as time without progress.
        share: of what the limiter allows, beside other transfers: with 2 it has twice what one with 1 has.
        network: notices that the network is back, which ends a wait; the machine's routing table by default.

    Raises:
        WorldError: of all families, when it needs a person; the journal keeps what was reached.
        InputError: another place than this one may have all of it (CF-1114).
        SourceChanged: the file is no longer the sealed one; nothing more is sent under this key.
        Cancelled, Stopped: asked for by `control`.
        Defect: one of ours; the row has its reference, the log its traceback.
    """
    clock = clock or SystemClock()
    found = journal.find(key)
    if found is not None and found.state is TransferState.VERIFIED and found.sha256 == bundle.sha256:
        return _proof(found, sent=0)
    if control is not None and control.wish is Wish.CANCEL and _is_its_row(found, bundle, destination):
        # The bundle may be gone already: what the peer has of it goes all the same.
        give_up(journal, destination, key=key, clock=clock)
        raise Cancelled("cancelled")
    with closing(_opened(journal, bundle, found, destination, clock=clock)) as source:
        transfer = journal.begin(
            bundle, source.identity, key=key, destination=destination.identity, now=clock.wall()
        )
        tools = Tools(
            journal=journal,
            control=control or Control(),
            clock=clock,
            policy=policy or RetryPolicy(),
            connections=max(1, min(connections, MOST_CONNECTIONS)),
            flow=None if limiter is None else limiter.flow(weight=share),
            network=network or RoutingTable(),
            on_progress=on_progress,
        )
        with journal.leased(transfer.id, now=clock.monotonic()), closing(destination):
            # Another process may have had it until now: it is as that one left it.
            transfer = journal.find(key) or transfer
            if transfer.state is TransferState.VERIFIED:
                return _proof(transfer, sent=0)
            _refuse_ended(transfer)
            if tools.control.wish is Wish.CANCEL and transfer.destination != destination.identity:
                # The row goes on naming the place that has a part of it: `give_up` takes it from there.
                journal.move(transfer.id, TransferState.CANCELLED, now=clock.wall())
                raise Cancelled("cancelled")
            with closing(_run(tools, transfer, source=source, destination=destination)) as run:
                try:
                    ended = run.to_the_end()
                except Unwritten as error:
                    journal.note_unwritten(
                        transfer.id, now=clock.wall(), error_code=error.code, error=error_words(error)
                    )
                    raise
                except (WorldError, Interrupted, Defect, BrokenPipeError):
                    # Whoever watched a pipe of ours has gone: that ends the program, and is no defect.
                    raise
                except Exception as error:
                    reference = secrets.token_hex(4)
                    _log.exception("defect %s in transfer %d", reference, transfer.id)
                    defect = Defect(reference)
                    journal.note_defect(transfer.id, now=clock.wall(), error=str(defect))
                    raise defect from error
                return _proof(ended, sent=run.sent)


def _run(tools: Tools, transfer: Transfer, *, source: Source, destination: Destination) -> Run:
    """Towards this place, also when a part of it went to another one before."""
    if transfer.destination != destination.identity:
        _log.info("transfer %d goes another way from now on, from its first byte", transfer.id)
        transfer = tools.journal.redirect(transfer, destination.identity, now=tools.clock.wall())
    return Run(tools, transfer=transfer, source=source, destination=destination)


def give_up(journal: Journal, destination: Destination, *, key: str, clock: Clock | None = None) -> bool:
    """Cancel a transfer by its row alone, also when its bundle is gone: what the peer has of it goes.

    Args:
        journal: where the row is.
        destination: the place that the row names; it is closed at the end.
        key: of the transfer.
        clock: the machine's, unless a test has its own.

    Returns:
        Whether the peer has nothing unfinished of it any more, as far as is known, or refuses to let it go;
        what was proven stays. Not when the row names another place.

    Raises:
        TransferBusy: it is being sent, here or by another process.
    """
    clock = clock or SystemClock()
    found = journal.find(key)
    if found is None or _is_settled(found):
        return True
    with journal.leased(found.id, now=clock.monotonic()), closing(destination):
        # Another process may have had it until now.
        found = journal.find(key) or found
        if _is_settled(found):
            return True
        gone = found.destination == destination.identity and abort_quietly(destination, found)
        journal.move(found.id, TransferState.CANCELLED, now=clock.wall())
    return gone


def _opened(
    journal: Journal, bundle: SealedBundle, found: Transfer | None, destination: Destination, *, clock: Clock
) -> Source:
    """The file; when it is gone or another one, the row of an earlier call says so, and the peer lets go.

    Raises:
        WorldError: as `Source`.
    """
    try:
        return Source(bundle)
    except WorldError as error:
        if found is not None and not is_final(found.state) and _is_its_row(found, bundle, destination):
            with suppress(TransferBusy), journal.leased(found.id, now=clock.monotonic()):
                changed = isinstance(error, SourceChanged)
                state = TransferState.SUPERSEDED if changed else TransferState.FAILED
                journal.move(
                    found.id, state, now=clock.wall(), error_code=error.code, error=error_words(error)
                )
                if changed:
                    with closing(destination):
                        abort_quietly(destination, found)
        raise


def _is_its_row(found: Transfer | None, bundle: SealedBundle, destination: Destination) -> bool:
    """The key may stand for another content or place; then it is no word on this one."""
    there = (bundle.sha256, destination.identity)
    return found is not None and (found.sha256, found.destination) == there


def _is_settled(transfer: Transfer) -> bool:
    """Whether the peer has nothing unfinished of it; of what was cancelled it may have."""
    return is_final(transfer.state) and transfer.state is not TransferState.CANCELLED


def _refuse_ended(transfer: Transfer) -> None:
    if transfer.state is TransferState.CANCELLED:
        raise Cancelled("this key was cancelled; a new transfer has a new key")
    if transfer.state is TransferState.SUPERSEDED:
        raise source_changed(transfer.name, "an earlier attempt of this key found another content")


def _proof(transfer: Transfer, *, sent: int) -> Proof:
    level = transfer.level or Level.SIZE_ONLY
    return Proof(transfer.sha256, level, transfer.resumed, transfer.remote, sent, transfer.error)
