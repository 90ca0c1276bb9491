"""The live line to the portal: fills the offline copy, follows events, tells what changed and who answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.domain.errors import CaseferryError
from app.portal import CaseSync, Changed, EventStream
from app.portal.contract import Event
from ui.shell.services import Services
from ui.shell.session import Session
from ui.tasks import Stream, Task


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened on the line: a change with its event, or the line itself."""

    changed: Changed | None = None
    event: Event | None = None
    online: bool | None = None


class PortalLink(QObject):
    """Runs in a thread of its own; everything it says arrives in the GUI thread.

    Signals:
        changed: the numbers of changed cases; an empty set for *everything*.
        happened: an `Event` that is in the copy now.
        problem: why the line is broken, such as a sign-in that has ended; it goes on trying.
    """

    changed = Signal(set)
    happened = Signal(object)
    problem = Signal(object)

    def __init__(self, services: Services, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._session = session
        self._line, self._stream = self._new_line()

    def start(self) -> None:
        """Show what the copy knows, then follow the portal."""
        Task.run(self._services.copy.me, owner=self).on_done(self._greet).on_error(self._lost)

    def stop(self) -> None:
        """Cut the line."""
        self._stream.stop()
        self._line.close()

    def try_now(self) -> None:
        """Do not wait for the next attempt."""
        self._line.close()
        self._stream.stop()
        self._line, self._stream = self._new_line()
        self._stream.start()

    def _new_line(self) -> tuple[_Line, Stream[Step]]:
        line = _Line(self._services)
        stream: Stream[Step] = Stream(line.steps, parent=self)
        line.push = stream.push
        stream.batch.connect(self._take)
        stream.failed.connect(self._lost)
        return line, stream

    def _greet(self, me: object) -> None:
        if me is not None:
            self._know()
            self.changed.emit(set())
        self._stream.start()

    def _know(self) -> None:
        copy = self._services.copy
        Task.run(lambda: (copy.me(), copy.capabilities()), owner=self).on_done(self._take_person)

    def _take_person(self, known: tuple[object, object]) -> None:
        me, capabilities = known
        if me is not None:
            self._session.know(me, capabilities)  # type: ignore[arg-type]

    @Slot(list)
    def _take(self, steps: list[Step]) -> None:
        numbers: set[str] = set()
        everything = False
        for step in steps:
            if step.online is True:
                self._session.portal_answers()
            elif step.online is False:
                self._session.portal_lost(None, now=self._services.clock())
            if step.changed is not None:
                numbers |= step.changed.numbers
                everything = everything or step.changed.everything
        if everything:
            self._know()
            self.changed.emit(set())
        elif numbers:
            self.changed.emit(numbers)
        for step in steps:
            if step.event is not None:
                self.happened.emit(step.event)

    @Slot(object)
    def _lost(self, error: CaseferryError) -> None:
        self._session.portal_lost(error, now=self._services.clock())
        self.problem.emit(error)


class _Line:
    """Lives in the stream's thread: events first, then the whole reading, so that nothing falls between."""

    def __init__(self, services: Services) -> None:
        self._copy = services.copy
        self._sync = CaseSync(services.copy, services.portal, clock=services.clock)
        self._portal = services.portal
        self._events: EventStream | None = None
        self._closed = threading.Event()
        self._read = False
        self.push: Callable[[Step], None] = lambda _step: None

    def close(self) -> None:
        """End `steps`; from any thread."""
        self._closed.set()
        if self._events is not None:
            self._events.close()

    def steps(self) -> Iterator[Step]:
        """Connect, read everything once, then follow."""
        if self._closed.is_set():
            return
        self._events = self._portal.events(self._copy.last_event())
        self._events.on_state = self._state
        for event in self._events:
            yield Step(changed=self._sync.apply(event), event=event)
            if self._closed.is_set():
                return

    def _state(self, connected: bool) -> None:
        """Called when the connection stands, before its first event is read, and when it is lost."""
        if connected and not self._read:
            self.push(Step(changed=self._sync.whole()))
            self._read = True
        self.push(Step(online=connected))
