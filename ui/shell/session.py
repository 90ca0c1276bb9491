"""Who is signed in, for which account, and whether the portal answers: one place that pages listen to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from app.domain.access import AccessLevel, Action, may
from app.domain.errors import CaseferryError
from app.domain.verdicts import Verdict, no
from app.portal.contract import AccountPair, Capabilities, Me, Membership


def first_account(memberships: Sequence[Membership]) -> str:
    """The combination to begin with: where one may do most, a direct one before a partner's; else empty."""
    order = list(AccessLevel)
    best = max(memberships, key=lambda each: (order.index(each.level), each.account.direct), default=None)
    return "" if best is None else best.account.id


class Session(QObject):
    """The person, the account in view and the state of the portal.

    Signals:
        person_changed: another person or other access levels.
        account_changed: another account is in view.
        portal_changed: the portal answers again, or no longer.
    """

    person_changed = Signal()
    account_changed = Signal()
    portal_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.me: Me | None = None
        self.capabilities: Capabilities | None = None
        self.online = False
        self.lost_at: datetime | None = None
        self.problem: CaseferryError | None = None
        self._account = ""

    @property
    def name(self) -> str:
        """First and last name, as cases have it; empty before sign-in."""
        return "" if self.me is None else f"{self.me.first_name} {self.me.last_name}".strip()

    @property
    def membership(self) -> Membership | None:
        """The combination in view with its access level."""
        for each in self.me.memberships if self.me is not None else ():
            if each.account.id == self._account:
                return each
        return None

    @property
    def account(self) -> AccountPair | None:
        """The combination in view."""
        found = self.membership
        return None if found is None else found.account

    @property
    def level(self) -> AccessLevel | None:
        """The access level in the combination in view."""
        found = self.membership
        return None if found is None else found.level

    @property
    def demo(self) -> bool:
        """Whether this is the built-in demo portal."""
        return self.capabilities is not None and self.capabilities.demo

    def may(self, action: Action) -> Verdict:
        """Whether the person may do this in the account in view."""
        if self.me is None:
            return no("R-ACC-3", "You are not signed in yet.")
        return may(self.level, action)

    def know(self, me: Me, capabilities: Capabilities | None) -> None:
        """Take who is signed in; the account in view stays when it still exists."""
        if capabilities is not None:
            self.capabilities = capabilities
        if me == self.me:
            return
        self.me = me
        if self._account not in {each.account.id for each in me.memberships}:
            self._account = first_account(me.memberships)
            self.account_changed.emit()
        self.person_changed.emit()

    def choose_account(self, account_id: str) -> None:
        """Look at another combination."""
        if account_id != self._account:
            self._account = account_id
            self.account_changed.emit()

    def portal_answers(self) -> None:
        """The portal is there."""
        if not self.online or self.problem is not None:
            self.online, self.lost_at, self.problem = True, None, None
            self.portal_changed.emit()

    def portal_lost(self, problem: CaseferryError | None, *, now: datetime) -> None:
        """The portal does not answer since now; the first moment is kept."""
        first = self.online or self.lost_at is None
        self.online = False
        self.lost_at = now if first else self.lost_at
        if first or type(problem) is not type(self.problem):
            self.problem = problem
            self.portal_changed.emit()
