"""Bringing the offline copy up to the portal: once in pages, then by events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from app.domain.access import Action, may
from app.domain.errors import InputError, RefusedError
from app.portal.case_copy import CaseCopy
from app.portal.contract import Capabilities, Case, CaseFilter, CaseView, Event, EventKind, Me

PAGE = 500
_VIEWS = (CaseView.GROUP, CaseView.CLOSED, CaseView.ADMIN)
_UNKNOWN = "CF-1183"


class CaseSource(Protocol):
    """What the synchronisation needs of a `PortalClient`."""

    def me(self) -> Me:
        """The signed-in contact."""

    def capabilities(self) -> Capabilities:
        """What the portal is able to do."""

    def case(self, number: str) -> Case:
        """One case."""

    def every_case(self, case_filter: CaseFilter) -> Iterator[Case]:
        """All cases of a filter."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a step changed: these cases, or so much that every list is to be asked again."""

    numbers: frozenset[str]
    everything: bool = False


class CaseSync:
    """Writes what the portal says into a `CaseCopy`."""

    def __init__(
        self,
        copy: CaseCopy,
        portal: CaseSource,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._copy = copy
        self._portal = portal
        self._clock = clock

    def whole(self) -> Changed:
        """Read every case the contact may see, page by page; the copy stays usable meanwhile.

        A case that changes during the reading is brought right by its event: begin to follow events before. A
        contact with basic access only sees none (R-ACC-3), and the portal is not asked for any.
        """
        me = self._portal.me()
        self._copy.know(me, self._portal.capabilities())
        seen: set[str] = set()
        if not any(may(each.level, Action.SEE_CASES).allowed for each in me.memberships):
            self._copy.keep_only(seen, at=self._clock())
            return Changed(numbers=frozenset(), everything=True)
        for view in _VIEWS:
            pending: list[Case] = []
            for case in self._portal.every_case(CaseFilter(view=view, sort="number", limit=PAGE)):
                seen.add(case.number)
                pending.append(case)
                if len(pending) == PAGE:
                    self._copy.put(pending)
                    pending = []
            self._copy.put(pending)
        self._copy.keep_only(seen, at=self._clock())
        return Changed(numbers=frozenset(seen), everything=True)

    def apply(self, event: Event) -> Changed:
        """Bring one change into the copy, and note that it is there."""
        if event.kind is EventKind.RESYNC:
            changed = self.whole()
        elif event.case and event.kind in (EventKind.CASE_CHANGED, EventKind.UPDATE_ADDED):
            self._read(event.case)
            changed = Changed(numbers=frozenset({event.case}))
        else:
            changed = Changed(numbers=frozenset({event.case} if event.case else ()))
        self._copy.saw_event(event.id)
        return changed

    def _read(self, number: str) -> None:
        try:
            self._copy.put([self._portal.case(number)])
        except RefusedError:
            self._copy.forget([number])
        except InputError as error:
            if error.code != _UNKNOWN:
                raise
            self._copy.forget([number])
