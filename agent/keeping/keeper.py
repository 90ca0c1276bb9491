"""What is done about growing segments that rules want: pinned and kept when seen, let go when sent.

A segment that is closed is sent whole, and what was kept of it is dropped. One that is gone before is closed
from its pin where that holds it. Where it does not (the segment was emptied in place) and no copy holds its
bytes either, its kept parts are rescued: they are sent in its place, and what is missing in them is told.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.catalogue import Catalogue, GrowingPins, Segment, SegmentState, has_copy, segment_key
from agent.keeping.ledger import Advance, KeptLedger
from agent.keeping.parts import KeptParts, NotKept
from agent.keeping.rows import KeptRow
from agent.watch import Fingerprint, open_shared
from agent.watch.fingerprint import continues
from agent.watch.rotation import PACKED
from app.domain.errors import LocalError

_AT_ONCE = 16 * 1024 * 1024
"""Bytes of parts that are counted in one transaction."""
_AGAIN = 5.0
_RECENT = timedelta(days=1)
_UNREAD = "It was destroyed before these bytes were kept."
_PIN_WAIT = 0.05


@dataclass(frozen=True, slots=True)
class Kept:
    """What a round of keeping has changed.

    Attributes:
        closed: whether there is something to be sent that was not there before.
        again: seconds after which another round is owed; None when none is.
    """

    closed: bool
    again: float | None


class Keeper:
    """Keeps growing segments. Methods may be called from any thread."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        pins: GrowingPins,
        ledger: KeptLedger,
        parts: KeptParts,
        wants: Callable[[Segment], bool],
        sent: Callable[[Segment], Fingerprint],
        quiet: float,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        """Nothing is kept yet.

        Args:
            catalogue: which segments grow, and which are gone.
            pins: of growing segments.
            ledger: of what is kept.
            parts: its files.
            wants: whether a segment is to be sent by a rule, closed or not.
            sent: what was sent of a growing segment before; of nothing when nothing was.
            quiet: seconds for which a segment must be gone before its parts are rescued.
            clock: monotonic seconds.
            wall: aware UTC time.
        """
        self._catalogue = catalogue
        self._pins = pins
        self._ledger = ledger
        self._parts = parts
        self._wants = wants
        self._sent = sent
        self._quiet = quiet
        self._clock = clock
        self._wall = wall
        self._round = threading.Lock()
        self._noting = threading.Lock()
        self._touched: set[int] = set()
        self._stock = True
        self._gone: dict[int, float] = {}
        self._checked = False
        self._pressed = False

    def take_stock(self) -> None:
        """The next round looks at all segments: rules, cases, or the program are others than before."""
        self._stock = True

    def let_go(self) -> None:
        """Keep nothing any more: nobody wants that growing segments are kept.

        Raises:
            LocalError: it cannot be recorded.
        """
        with self._round:
            self._pins.settle(lambda _segment: False, all_of_them=True)
            self._drop(self._ledger.open_of(self._ledger.all_open()).values())

    def note(self, touched: Iterable[int]) -> None:
        """A pass has seen these segments anew: those that grow are pinned before anything happens to them.

        Raises:
            LocalError: it cannot be recorded.
        """
        ids = set(touched)
        with self._noting:
            self._check()
        growing = self._growing(self._catalogue.of_ids(ids))
        self._pins.pin(growing, wait=_PIN_WAIT)
        self._begin(growing)
        with self._noting:
            self._touched |= ids

    def keep(self, *, wanted: Callable[[], bool] = lambda: True) -> Kept:
        """One round.

        Args:
            wanted: asked in between; false ends the round early.

        Raises:
            LocalError: it cannot be recorded; what is owed stays owed.
        """
        with self._round:
            with self._noting:
                self._check()
                touched, self._touched = self._touched, set()
            stock, self._stock = self._stock, False
            try:
                return self._keep(touched, stock=stock, wanted=wanted)
            except LocalError:
                self._stock = True
                raise

    def _check(self) -> None:
        """Once: after a power cut the catalogue may have forgotten segments, and number others so."""
        if not self._checked:
            rows = [row for row in self._ledger.open_of(self._ledger.all_open()).values() if row.segment > 0]
            known = {one.id: one for one in self._catalogue.of_ids(row.segment for row in rows)}
            self._ledger.detach([row for row in rows if _is_other(row, known.get(row.segment))])
            self._checked = True

    def _keep(self, touched: set[int], *, stock: bool, wanted: Callable[[], bool]) -> Kept:
        ids = touched | self._gone.keys()
        if stock:
            ids |= {*self._catalogue.growing(), *self._ledger.all_open()}
            self._parts.keep_only(self._ledger.numbers())
        segments = {one.id: one for one in self._catalogue.of_ids(ids)}
        growing = self._growing(segments.values())
        self._pins.pin(growing)
        since = (self._wall() - _RECENT).timestamp() * 1e9
        self._begin([one for one in growing if one.id in touched or one.modified_ns >= since])
        self._pressed = False
        for segment, row in _both(growing, self._ledger.open_of(one.id for one in growing)):
            if not wanted():
                self._stock = True
                break
            if segment.size > row.size:
                self._read(row, segment)
        settled = self._pins.settle(self._wants, all_of_them=stock)
        if settled.closed:
            segments |= {one.id: one for one in self._catalogue.of_ids(ids)}
        rescued, wait = self._judge(ids, segments)
        self._drop([row for row in self._ledger.rescued() if not self._wants(row.as_segment())])
        waits = [each for each in (settled.look_again, wait) if each is not None]
        if self._pressed:
            waits.append(_AGAIN)
        return Kept(settled.closed or rescued, min(waits, default=None))

    def _growing(self, segments: Iterable[Segment]) -> list[Segment]:
        return [
            one for one in segments if one.state is SegmentState.GROWING and one.size and self._wants(one)
        ]

    def _begin(self, growing: Iterable[Segment]) -> None:
        texts = [one for one in growing if not one.path.lower().endswith(PACKED)]
        known = self._ledger.open_of(one.id for one in texts)
        if texts:
            self._ledger.begin([(one, _NOTHING if one.id in known else self._sent(one)) for one in texts])

    def _read(self, row: KeptRow, segment: Segment) -> None:
        made: list[Advance] = []
        try:
            for advance in self._parts.take(row, segment.file):
                made.append(advance)
                if advance.print.size - made[0].row.size >= _AT_ONCE:
                    self._ledger.advance(made)
                    made = []
        except NotKept as error:
            self._ledger.cannot(row, str(error))
        except LocalError as error:
            self._cannot_now(row, error.happened)
        except FileNotFoundError:
            pass  # the next pass tells what became of it
        except OSError as error:
            self._cannot_now(row, f"{error.strerror or type(error).__name__}.")
        if made:
            self._ledger.advance(made)

    def _cannot_now(self, row: KeptRow, problem: str) -> None:
        """It is tried again soon; should the segment be destroyed before, this is what is told."""
        self._pressed = True
        with self._noting:
            self._touched.add(row.segment)
        with contextlib.suppress(LocalError):
            self._ledger.cannot(row, problem)

    def _judge(self, ids: Iterable[int], segments: Mapping[int, Segment]) -> tuple[bool, float | None]:
        """What becomes of what is kept; whether something was rescued, and seconds to wait for others."""
        now = self._clock()
        rescued, waits, done = False, [], []
        for number, row in self._ledger.open_of(ids).items():
            segment = segments.get(number)
            if segment is not None and (segment.device, segment.inode) != (row.device, row.inode):
                segment = None  # the catalogue was lost, and has another one under this id
            state = SegmentState.GONE if segment is None else segment.state
            if state is SegmentState.UNKNOWN:
                continue
            if state is not SegmentState.GONE or (segment is not None and segment.key):
                self._gone.pop(number, None)
                if segment is not None and (segment.key or not self._wants(segment)):
                    done.append(row)
                continue
            since = self._gone.setdefault(number, now)
            if now - since < self._quiet or self._pins.holds(number):
                waits.append(max(0.1, self._quiet - (now - since)))
                continue
            if segment is not None:
                row = replace(row, seen=max(row.seen, segment.size))
            if not self._wants(replace(row.as_segment(), key="")) or self._has_copy(row, segment):
                done.append(row)
            else:
                self._rescue(row)
                rescued = True
            del self._gone[number]
        self._drop(done)
        return rescued, min(waits, default=None)

    def _has_copy(self, row: KeptRow, segment: Segment | None) -> bool:
        known = row.print if row.size or segment is None else segment.print
        return has_copy(
            self._catalogue.database,
            folder=row.folder,
            application=row.application,
            segment=row.segment,
            inode=row.inode,
            modified_ns=row.modified_ns,
            known=known,
        )

    def _rescue(self, row: KeptRow) -> None:
        key = segment_key(row.application, device=row.device, inode=row.inode, fingerprint=row.print)
        self._ledger.rescue(row, key=key, reason=f"{_UNREAD} {row.problem}".strip())

    def _drop(self, rows: Iterable[KeptRow]) -> None:
        dropped = list(rows)
        if dropped:
            self._ledger.drop(dropped)
            for row in dropped:
                self._gone.pop(row.segment, None)
                self._parts.remove(row)


def _is_other(row: KeptRow, segment: Segment | None) -> bool:
    """Whether the catalogue knows another segment, or none, under the id of what is kept.

    A file that is another one by its id says nothing: the segment was renamed, or has gone, meanwhile, which
    the next pass tells.
    """
    if segment is None or (segment.device, segment.inode) != (row.device, row.inode):
        return True
    try:
        with open_shared(segment.file) as stream:
            found = os.fstat(stream.fileno())
            if (found.st_dev, found.st_ino) != (row.device, row.inode):
                return False
            return row.size > 0 and not continues(stream, row.print)
    except OSError:
        return False  # it cannot be looked at now, or is gone, which the catalogue knows


_NOTHING = Fingerprint(size=0, head_length=0, head="", tail="")


def _both(segments: Iterable[Segment], rows: Mapping[int, KeptRow]) -> Iterator[tuple[Segment, KeptRow]]:
    for segment in segments:
        row = rows.get(segment.id)
        if row is not None:
            yield segment, row
