"""Several bundles on their way: some at once, fair between groups, and all in a person's hand."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from app.domain.errors import Defect, WorldError
from app.domain.files import SealedBundle
from app.transfer.control import Cancelled, Control, Stopped
from app.transfer.destination import Destination
from app.transfer.progress import Progress
from app.transfer.sending import Proof
from app.transfer.source import Source
from app.transfer.turns import Waiting, next_turn

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A bundle to be sent.

    Attributes:
        key: idempotency key; one order of a queue has it.
        destination: makes a fresh destination for each turn.
        group: what is treated fairly; see `Waiting`.
        priority: higher goes first.
        share: of the limit of bandwidth beside the others that run; see `send`.
    """

    key: str
    bundle: SealedBundle
    destination: Callable[[], Destination]
    group: str = ""
    priority: int = 0
    share: float = 1.0


class Standing(StrEnum):
    """Where an order stands. *sent*, *cancelled* and *failed* are ends; a failed one may be tried again."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Entry:
    """An order and where it stands.

    Attributes:
        progress: the latest look; None before its first turn.
        proof: of a sent one.
        error: of a failed one.
    """

    order: Order
    standing: Standing = Standing.WAITING
    progress: Progress | None = None
    proof: Proof | None = None
    error: WorldError | Defect | None = None


class Send(Protocol):
    """`send` with the journal, the limiter and the policy that all orders share."""

    def __call__(
        self,
        order: Order,
        destination: Destination,
        *,
        control: Control,
        on_progress: Callable[[Progress], None],
    ) -> Proof:
        """Send it to its proof; raises as `send` does."""


_STOPPED: Mapping[str, object] = MappingProxyType({"standing": Standing.WAITING})
"""What becomes of an entry whose turn was stopped."""


class Queue:
    """Orders and the threads that send them. Usable from any thread.

    It is in memory: after a restart the same orders are added again, and each goes on where the journal says.
    """

    def __init__(
        self, send: Send, *, at_once: int = 2, changed: Callable[[Entry], None] = lambda _entry: None
    ) -> None:
        """Nothing is sent before `start`.

        Args:
            send: sends one order.
            at_once: how many are sent at a time, at least 1.
            changed: called with an entry after every change of it, from the thread that changed it.
        """
        self._send = send
        self._changed = changed
        self._wake = threading.Condition()
        self._entries: dict[str, Entry] = {}
        self._controls: dict[str, Control] = {}
        self._thrown_away: dict[str, Entry] = {}
        self._served: dict[str, int] = {}
        self._turns = 0
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"transfer-queue-{number}", daemon=True)
            for number in range(at_once)
        ]

    def start(self) -> None:
        """Begin sending."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End at the next block; what was sent is kept, and the orders' standing, too."""
        with self._wake:
            self._stopping = True
            for control in self._controls.values():
                control.stop()
            self._wake.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def add(self, order: Order) -> Entry:
        """Put it at the end; one that is there already stays as it is.

        Raises:
            SourceChanged: the file is no longer the sealed one, or still grows (CF-1722).
            LocalError: it cannot be read (CF-1821).
        """
        Source(order.bundle).close()
        with self._wake:
            entry = self._entries.setdefault(order.key, Entry(order))
            self._wake.notify_all()
        return entry

    def entries(self) -> list[Entry]:
        """All of them, in the order in which they wait."""
        with self._wake:
            return list(self._entries.values())

    def entry(self, key: str) -> Entry:
        """One of them.

        Raises:
            KeyError: there is none of this key.
        """
        with self._wake:
            return self._entries[key]

    def pause(self, key: str) -> None:
        """Keep it where it is; its place among those that run is free for another one."""
        self._turn(key, Standing.PAUSED, out_of=(Standing.WAITING, Standing.RUNNING))

    def resume(self, key: str) -> None:
        """Have a paused one wait for its turn again."""
        self._turn(key, Standing.WAITING, out_of=(Standing.PAUSED,))

    def retry(self, key: str) -> None:
        """Have a failed one wait for its turn again; one that waits between attempts tries at once."""
        with self._wake:
            control = self._controls.get(key)
            if control is not None:
                control.nudge()
        self._turn(key, Standing.WAITING, out_of=(Standing.FAILED,))

    def cancel(self, key: str) -> None:
        """Give it up; what the peer has of it is thrown away, in a turn of its own if it does not run."""
        ends = (Standing.WAITING, Standing.RUNNING, Standing.PAUSED, Standing.FAILED)
        with self._wake:
            # Also one that had no turn here: an earlier process may have begun it.
            entry = self._entries[key]
            if entry.standing in ends and key not in self._controls:
                self._thrown_away[key] = entry
        self._turn(key, Standing.CANCELLED, out_of=ends)

    def forget(self, key: str) -> None:
        """Remove one that is at its end."""
        with self._wake:
            if key not in self._controls and self._entries[key].standing in (
                Standing.SENT,
                Standing.FAILED,
                Standing.CANCELLED,
            ):
                del self._entries[key]

    def prioritise(self, key: str, priority: int) -> None:
        """Another priority; what runs is not interrupted for it."""
        with self._wake:
            entry = self._entries[key]
            entry = self._put(replace(entry, order=replace(entry.order, priority=priority)))
        self._changed(entry)

    def move_before(self, key: str, other: str | None) -> None:
        """Another place in the order: before `other`, or at the end."""
        with self._wake:
            moved = self._entries.pop(key)
            entries = list(self._entries.items())
            place = len(entries) if other is None else [each for each, _entry in entries].index(other)
            entries.insert(place, (key, moved))
            self._entries = dict(entries)
            self._wake.notify_all()

    def _turn(self, key: str, standing: Standing, *, out_of: tuple[Standing, ...]) -> None:
        with self._wake:
            entry = self._entries[key]
            if entry.standing not in out_of:
                return
            control = self._controls.get(key)
            if control is not None:
                control.cancel() if standing is Standing.CANCELLED else control.stop()
            entry = self._put(replace(entry, standing=standing, error=None))
        self._changed(entry)

    def _put(self, entry: Entry) -> Entry:
        self._entries[entry.order.key] = entry
        self._wake.notify_all()
        return entry

    def _take(self) -> tuple[Entry, Control] | None:
        with self._wake:
            while not self._stopping:
                if self._thrown_away:
                    key, entry = next(iter(self._thrown_away.items()))
                    del self._thrown_away[key]
                    control = self._controls[key] = Control()
                    control.cancel()
                    return entry, control
                waiting = [
                    Waiting(key, one.order.group, one.order.priority)
                    for key, one in self._entries.items()
                    if one.standing is Standing.WAITING and key not in self._controls
                ]
                running = [self._entries[key].order.group for key in self._controls if key in self._entries]
                turn = next_turn(waiting, running=running, served=self._served)
                if turn is not None:
                    self._turns += 1
                    self._served[turn.group] = self._turns
                    control = self._controls[turn.key] = Control()
                    return self._put(replace(self._entries[turn.key], standing=Standing.RUNNING)), control
                self._wake.wait()
            return None

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            entry, control = taken
            key = entry.order.key
            self._changed(entry)
            ended: Mapping[str, object] = {}
            try:
                ended = self._send_one(entry.order, control)
            finally:
                with self._wake:
                    del self._controls[key]
                    now = self._entries.get(key)
                    if now is not None and now.standing is Standing.CANCELLED and ended is _STOPPED:
                        # It had stopped already when it was cancelled: nothing was thrown away.
                        self._thrown_away[key] = now
                    if now is not None and now.standing is Standing.RUNNING and ended:
                        now = self._put(replace(now, **ended))  # type: ignore[arg-type]
                    self._wake.notify_all()
            if now is not None:
                self._changed(now)

    def _send_one(self, order: Order, control: Control) -> Mapping[str, object]:
        """What becomes of its entry, unless a person has decided otherwise meanwhile."""

        def show(progress: Progress) -> None:
            with self._wake:
                entry = self._entries.get(order.key)
                if entry is None:
                    return
                entry = self._entries[order.key] = replace(entry, progress=progress)
            self._changed(entry)

        try:
            proof = self._send(order, order.destination(), control=control, on_progress=show)
        except Cancelled:
            return {"standing": Standing.CANCELLED}
        except Stopped:
            return _STOPPED
        except (WorldError, Defect) as error:
            return {"standing": Standing.FAILED, "error": error}
        except Exception:  # noqa: BLE001 - the border of this thread
            reference = secrets.token_hex(4)
            _log.exception("defect %s in a transfer", reference)
            return {"standing": Standing.FAILED, "error": Defect(reference)}
        return {"standing": Standing.SENT, "proof": proof, "error": None}
