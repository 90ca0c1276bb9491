"""``caseferry bundle send``: bundles that were sealed before, several at once, fair between their cases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.bundle import read_manifest, reopen_bundle
from app.commands.carrying_options import TransferOptions
from app.commands.console import DEFECT, Screen, exit_code
from app.commands.portal_options import PortalOptions, Via
from app.commands.reaching import Reached, reach
from app.commands.send import arrival_lines, refuse_closed, refuse_without_word
from app.commands.stopping import stopped_by_signals
from app.commands.transferring import Effort, effort_of, shown
from app.commands.ways import destinations
from app.domain.cases import parse_case_number
from app.domain.errors import InputError, WorldError
from app.domain.files import SealedBundle
from app.portal import PortalClient
from app.settings import data_folder
from app.transfer import (
    Control,
    Destination,
    Entry,
    Journal,
    Order,
    Progress,
    Proof,
    Queue,
    Standing,
    TransferBusy,
    idempotency_key,
    send,
)

MOST_AT_ONCE = 8
_ENDS = frozenset({Standing.SENT, Standing.FAILED, Standing.CANCELLED})


@dataclass(frozen=True, slots=True)
class BundlesOrder:
    """Which bundles, and how.

    Attributes:
        first: those of `paths` that go before the others.
        at_once: how many are sent at a time, 1 to `MOST_AT_ONCE`.
    """

    paths: Sequence[Path]
    first: Sequence[Path] = ()
    at_once: int = 2
    via: Via = Via.HTTPS
    acknowledge: bool = False
    transfer: TransferOptions = field(default_factory=TransferOptions)
    json: bool = False


@dataclass(frozen=True, slots=True)
class BundleSent:
    """One entry of what ``bundle send --json`` prints.

    Attributes:
        standing: ``sent`` or ``failed``.
        level: of the proof; empty for one that failed.
        code: of the error; empty for one that was sent.
    """

    case: str
    file: str
    size: int
    sha256: str
    standing: str
    level: str = ""
    resumed: int = 0
    code: str = ""


def send_bundles(options: PortalOptions, order: BundlesOrder, screen: Screen) -> int:
    """Send them; 0 when all are proven, else the exit code of the first that was not.

    A repeat of the same command goes on where it ended and never makes a second file.

    Raises:
        WorldError: what is wrong before the first byte: a damaged bundle, a closed case, no sign-in.
    """
    if not 1 <= order.at_once <= MOST_AT_ONCE:
        raise InputError(
            "This is no number of bundles",
            happened=f"{order.at_once} is not between 1 and {MOST_AT_ONCE}.",
            todo="Give a number in between, or leave it out.",
            code="CF-1159",
        )
    effort = effort_of(order.transfer)
    urgent = {path.resolve() for path in order.first}
    if urgent - {path.resolve() for path in order.paths}:
        raise InputError(
            "Which bundles?",
            happened="--first names a file that is not among the bundles; nothing was sent.",
            todo="Name it among the bundles as well, or leave --first out.",
            code="CF-1139",
        )
    sealed = _opened(order.paths)
    reached = reach(options)
    tokens = reached.tokens()
    client = reached.client(tokens)
    cases = sorted({number for _bundle, number in sealed.values()})
    for number in cases:
        refuse_closed(client, number)
    refuse_without_word(screen, given=order.acknowledge)
    makers = {
        number: destinations(
            reached,
            client,
            tokens,
            screen,
            number=number,
            via=order.via,
            word=client.acknowledge(number).id,
        )
        for number in cases
    }
    orders = [
        _order_of(reached, bundle, number, makers[number], priority=int(path.resolve() in urgent))
        for path, (bundle, number) in sealed.items()
    ]
    entries = _send_all(orders, effort, order, screen)
    return _say(client, entries, screen, json=order.json)


def _opened(paths: Sequence[Path]) -> dict[Path, tuple[SealedBundle, str]]:
    """Every bundle with the case that its manifest names.

    Raises:
        InputError: none is named, or one is no bundle.
        IntegrityError: one is damaged.
    """
    if not paths:
        raise InputError(
            "Which bundles?",
            happened="No file was named; nothing was sent.",
            todo="Name the bundles that caseferry bundle seal made.",
            code="CF-1139",
        )
    return {path: (reopen_bundle(path), parse_case_number(read_manifest(path).case)) for path in paths}


def _order_of(
    reached: Reached,
    bundle: SealedBundle,
    number: str,
    make: Callable[[], Destination],
    *,
    priority: int,
) -> Order:
    key = idempotency_key(reached.url, number, bundle.name, bundle.sha256)
    return Order(key=key, bundle=bundle, destination=make, group=number, priority=priority)


def _send_all(orders: Sequence[Order], effort: Effort, asked: BundlesOrder, screen: Screen) -> list[Entry]:
    """Send all of them to an end; Ctrl+C ends at the next block, and what was sent is kept."""
    ended = threading.Event()
    state = data_folder() / "sends"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        stopped_by_signals(ended.set) as signals,
        Journal(state / "journal.db") as journal,
        ExitStack() as bars,
    ):
        how = asked.transfer.progress

        def send_one(
            order: Order,
            destination: Destination,
            *,
            control: Control,
            on_progress: Callable[[Progress], None],
        ) -> Proof:
            with shown(screen, order.bundle.name, size=order.bundle.size, how=how) as show:

                def both(progress: Progress) -> None:
                    show(progress)
                    on_progress(progress)

                return send(
                    journal,
                    order.bundle,
                    destination,
                    key=order.key,
                    control=control,
                    on_progress=both,
                    policy=effort.policy,
                    connections=effort.connections,
                    limiter=effort.limiter,
                    share=order.share,
                )

        def look(_entry: Entry) -> None:
            if at_their_ends():
                ended.set()

        def at_their_ends() -> bool:
            return all(entry.standing in _ENDS for entry in queue.entries())

        if asked.transfer.not_there:
            for each in orders:
                with suppress(TransferBusy):  # it says so itself, when its turn comes
                    journal.vouch(each.key, now=time.time())
        queue = Queue(send_one, at_once=asked.at_once, changed=look)
        for each in orders:
            queue.add(each)
        bars.callback(queue.stop)
        queue.start()
        while not ended.wait(1.0):  # a wait without an end would not be ended by Ctrl+C on Windows
            pass
        if not at_their_ends():
            signals.heed()
        return queue.entries()


def _say(client: PortalClient, entries: Sequence[Entry], screen: Screen, *, json: bool) -> int:
    client.close()
    if json:
        screen.json([_sent_of(entry) for entry in entries])
    code = 0
    for entry in entries:
        name, number = entry.order.bundle.name, entry.order.group
        if entry.proof is not None and not json:
            for line in arrival_lines(entry.proof, number=number, name=name, size=entry.order.bundle.size):
                screen.line(line)
        elif isinstance(entry.error, WorldError):
            screen.note(f"Not sent to case {number}: {name}")
            screen.error(entry.error)
            code = code or exit_code(entry.error)
        elif entry.error is not None:
            screen.note(f"Not sent to case {number}: {name}, defect {entry.error.reference}")
            code = code or DEFECT
    return code


def _sent_of(entry: Entry) -> BundleSent:
    bundle, proof = entry.order.bundle, entry.proof
    return BundleSent(
        case=entry.order.group,
        file=bundle.name,
        size=bundle.size,
        sha256=bundle.sha256,
        standing=entry.standing.value,
        level="" if proof is None else proof.level.value,
        resumed=0 if proof is None else proof.resumed,
        code=entry.error.code if isinstance(entry.error, WorldError) else "",
    )
