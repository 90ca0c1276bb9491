"""The rails of a case: timer, actions, account and facts beside Updates; space and ways in beside Files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton

from app.domain.cases import CaseState
from app.domain.followup import FollowUpDays, follow_up
from app.portal.contract import Acknowledgement, Case, CaseFile, Limits, SftpAccount
from ui.pages.case import actions
from ui.pages.case.actions import CaseAction, Offer
from ui.pages.case.file_text import space_used
from ui.pages.case.sftp_account import SftpAccountCard
from ui.widgets.action_row import ActionRow
from ui.widgets.buttons import push_button
from ui.widgets.glyphs import FollowUpRing, KeyCap
from ui.widgets.labels import TextLabel
from ui.widgets.moments import moment_text
from ui.widgets.rail import Rail, RailSection, icon_line

_TICK_MS = 60_000


def days_of(limits: Limits) -> FollowUpDays:
    """The portal's numbers for the timer."""
    return FollowUpDays(limits.first_reminder_days, limits.second_reminder_days, limits.close_days)


class CaseRail(Rail):
    """Beside Updates.

    Signals:
        action: a `CaseAction` that is offered.
        account_wanted: create a temporary SFTP account.
    """

    action = Signal(object)
    account_wanted = Signal()

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._case: Case | None = None
        self._shown: tuple[Case, tuple[Offer, ...], Limits] | None = None
        self._account_shown: tuple[SftpAccount | None, str] | None = None
        self._limits = Limits()
        self._timer_section = self.add_section(RailSection())
        self._actions = self.add_section(RailSection(self.tr("Actions")))
        self._sftp = self.add_section(RailSection(self.tr("Temporary SFTP account")))
        self._facts = self.add_section(RailSection(self.tr("Facts")))
        self.account_card: SftpAccountCard | None = None
        self.create_button: QPushButton | None = None
        self._minute = QTimer(self)
        self._minute.setInterval(_TICK_MS)
        self._minute.timeout.connect(self.tick)

    def showEvent(self, event: object) -> None:
        """Count only while somebody looks."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._minute.start()

    def hideEvent(self, event: object) -> None:
        """Nothing to count."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self._minute.stop()

    def show_case(self, case: Case, offers: Sequence[Offer], limits: Limits) -> None:
        """Show a case and what may be done with it."""
        shown = (case, tuple(offers), limits)
        if shown == self._shown:
            return
        self._shown = shown
        self._case, self._limits = case, limits
        self._show_timer(case)
        self._actions.clear()
        for offer in offers:
            if offer.action is CaseAction.ATTACH:
                continue
            row = ActionRow(offer.icon, offer.label, offer.line, offered=offer.enabled)
            row.clicked.connect(lambda _checked=False, which=offer.action: self.action.emit(which))
            self._actions.column.addWidget(row)
        self._show_facts(case)

    def tick(self) -> None:
        """A minute is over."""
        if self._case is not None:
            self._show_timer(self._case)
        if self.account_card is not None:
            self.account_card.tick()

    def _show_timer(self, case: Case) -> None:
        now, days = self._clock(), days_of(self._limits)
        section = self._timer_section
        section.clear(keep=0)
        timer = follow_up(
            CaseState(case.status, case.substatus),
            priority=case.priority,
            since=case.waiting_since,
            days=days,
        )
        if timer is None:
            section.column.addWidget(TextLabel(self.tr("Follow-up"), scale="label", role="text.secondary"))
            section.column.addWidget(TextLabel(actions.no_timer_text(case), wrap=True))
            return
        centre = QHBoxLayout()
        ring = FollowUpRing(diameter=112)
        ring.set_follow_up(timer, now=now)
        centre.addStretch(1)
        centre.addWidget(ring)
        centre.addStretch(1)
        section.column.addLayout(centre)
        for line in actions.timer_lines(case, now=now, days=days):
            role = "wait.fg" if line.due else ""
            section.column.addWidget(icon_line(line.icon, line.label, line.value, strong=line.due, role=role))
        note = TextLabel(actions.timer_note(), scale="label", role="text.secondary", wrap=True)
        section.column.addWidget(note)

    def show_account(self, account: SftpAccount | None, *, refusal: str) -> None:
        """Show the living account, or the way to one, or why there is none.

        Args:
            account: the account; None when there is none.
            refusal: the visible reason when none may be made; empty when it may.
        """
        if self._account_shown == (account, refusal) and (self.account_card or self.create_button):
            return
        self._account_shown = (account, refusal)
        self._sftp.clear()
        self.account_card = self.create_button = None
        if account is not None:
            self.account_card = SftpAccountCard(account, clock=self._clock)
            self._sftp.column.addWidget(self.account_card)
            if actions.account_life(account, now=self._clock()).alive:
                return
        hours = self._limits.sftp_account_hours
        text = refusal or self.tr(
            "For when HTTPS cannot be used. Any SFTP client may use it; it lives {0} hours."
        ).format(hours)
        self._sftp.column.addWidget(TextLabel(text, scale="label", role="text.secondary", wrap=True))
        if not refusal:
            row = QHBoxLayout()
            self.create_button = push_button(
                self.tr("Create account"), self.account_wanted.emit, icon="key", small=True
            )
            row.addWidget(self.create_button)
            row.addStretch(1)
            self._sftp.column.addLayout(row)

    def _show_facts(self, case: Case) -> None:
        self._facts.clear()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnMinimumWidth(0, 88)
        grid.setColumnStretch(1, 1)
        agents = "" if case.agents_affected is None else f"{case.agents_affected} agents"
        facts = (
            (self.tr("Contact"), case.contact),
            (self.tr("Case owner"), case.owner),
            (self.tr("Component"), f"{case.component} {case.version}".strip()),
            (self.tr("Stage"), case.stage.value),
            (self.tr("Affected"), agents),
            (self.tr("Your ref."), case.reference),
        )
        for row, (name, value) in enumerate(pair for pair in facts if pair[1]):
            self._facts.add_pair(grid, row, name, value)
        self._facts.column.addLayout(grid)


class FilesRail(Rail):
    """Beside Files."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._space = self.add_section(RailSection(self.tr("Space used by this case")))
        self._stay = self.add_section(RailSection(self.tr("How long files stay")))
        self._before = self.add_section(RailSection(self.tr("Before anything is sent")))
        self._ways = self.add_section(RailSection(self.tr("Other ways in")))
        self._keys = self.add_section(RailSection(self.tr("Shortcuts")))
        self.show_acknowledgement(None)
        for text, keys in (
            (self.tr("Open or close"), ("Space",)),
            (self.tr("Copy SHA-256"), ("Ctrl", "Shift", "C")),
        ):
            row = QHBoxLayout()
            row.addWidget(TextLabel(text, scale="label", role="text.secondary"))
            row.addStretch(1)
            row.addWidget(KeyCap(*keys))
            self._keys.column.addLayout(row)

    def show_files(self, case: Case, files: Sequence[CaseFile], limits: Limits) -> None:
        """Show the sums of a case's files."""
        figure, line = space_used(files)
        self._space.clear()
        self._space.column.addWidget(TextLabel(figure, scale="title"))
        self._space.column.addWidget(TextLabel(line, scale="label", role="text.secondary", wrap=True))
        self._stay.clear()
        text = actions.retention_text(case, now=self._clock(), keep_days=limits.files_kept_days)
        self._stay.column.addWidget(TextLabel(text, role="text.secondary", wrap=True))

    def show_acknowledgement(self, acknowledgement: Acknowledgement | None) -> None:
        """Whether R-FILE-1 was acknowledged in this session."""
        self._before.clear()
        self._before.column.addWidget(
            TextLabel(
                self.tr(
                    "You are responsible for removing personal data. This workspace sends masked copies only."
                ),
                role="text.secondary",
                wrap=True,
            )
        )
        if acknowledgement is None:
            line = icon_line("info", self.tr("Asked before the next upload"), "")
        else:
            at = moment_text(acknowledgement.at, now=self._clock())
            line = icon_line("checkmark", self.tr("Acknowledged {0}").format(at), "")
        self._before.column.addWidget(line)

    def show_ways(self, account: SftpAccount | None) -> None:
        """SFTP and mail."""
        self._ways.clear()
        life = actions.account_life(account, now=self._clock()) if account is not None else None
        alive = life is not None and life.alive
        self._ways.column.addWidget(
            ActionRow(
                "key",
                self.tr("SFTP account active") if alive else self.tr("No SFTP account"),
                life.left if life is not None and alive else self.tr("Create one beside Updates"),
                offered=False,
                told=True,
            )
        )
        self._ways.column.addWidget(
            ActionRow(
                "mail",
                self.tr("Reply to a case email"),
                self.tr("Keep its reference line, or it is not linked"),
                offered=False,
                told=True,
            )
        )
