"""The temporary SFTP account of a case: making one, showing it, and a password that does not linger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.places import place_of
from app.portal.contract import SftpAccount
from ui.pages.case.actions import account_life
from ui.theme import bind_icon
from ui.widgets.buttons import icon_button
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.life_bar import LifeBar

CLEARED_AFTER_MS = 60_000
_HIDDEN = "••••••••••••"


class LentClipboard(QObject):
    """Puts a secret on the clipboard and takes it back after a while, unless something else is there."""

    def __init__(
        self,
        parent: QObject,
        *,
        clipboard: QClipboard | None = None,
        cleared_after_ms: int = CLEARED_AFTER_MS,
    ) -> None:
        super().__init__(parent)
        self._clipboard = clipboard or QGuiApplication.clipboard()
        self._secret = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(cleared_after_ms)
        self._timer.timeout.connect(self.take_back)

    def lend(self, secret: str) -> None:
        """Copy it; the time begins anew."""
        self._secret = secret
        self._clipboard.setText(secret)
        self._timer.start()

    def take_back(self) -> None:
        """Clear the clipboard if the secret is still on it."""
        self._timer.stop()
        if self._secret and self._clipboard.text() == self._secret:
            self._clipboard.clear()
        self._secret = ""


class SftpAccountCard(QFrame):
    """A living account: user, password on demand, where to, and the hours that are left.

    Signals:
        copied: the password is on the clipboard.
    """

    copied = Signal()

    def __init__(
        self,
        account: SftpAccount,
        *,
        clock: Callable[[], datetime],
        cleared_after_ms: int = CLEARED_AFTER_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName("Temporary SFTP account")
        self._account, self._clock = account, clock
        self._clipboard = LentClipboard(self, cleared_after_ms=cleared_after_ms)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 3, 8, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(2)
        self.user = ElidedLabel(account.user, scale="mono")
        self.user.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head.addWidget(self.user, 1)
        self.show_button = icon_button("eye", self.tr("Show password"), self._toggle)
        self.copy_button = icon_button("copy", self.tr("Copy password"), self._copy)
        head.addWidget(self.show_button)
        head.addWidget(self.copy_button)
        column.addLayout(head)
        self.password = TextLabel(_HIDDEN, scale="mono", role="text.secondary", selectable=True)
        self.password.setAccessibleName(self.tr("Password, hidden"))
        self.password.hide()
        column.addWidget(self.password)
        where = ElidedLabel(place_of(account.host, account.port), scale="caption", role="text.secondary")
        where.setAccessibleName(f"Server {account.host}, port {account.port}")
        column.addWidget(where)
        self.bar = LifeBar(self.tr("Hours left"))
        column.addWidget(self.bar)
        foot = QHBoxLayout()
        self.left = TextLabel(scale="label", role="text.secondary")
        self.ends = TextLabel(scale="label", role="text.secondary")
        foot.addWidget(self.left)
        foot.addStretch(1)
        foot.addWidget(self.ends)
        column.addLayout(foot)
        self.note = TextLabel(scale="caption", role="text.secondary", wrap=True)
        self.note.hide()
        column.addWidget(self.note)
        self.tick()

    def tick(self) -> None:
        """Show the hours left as of now."""
        life = account_life(self._account, now=self._clock())
        self.left.setText(life.left)
        self.ends.setText(life.ends)
        self.bar.show_share(life.share, role=life.role, spoken=life.left)
        self.copy_button.setEnabled(life.alive)
        self.show_button.setEnabled(life.alive)
        if not life.alive:
            self._say(self.tr("Ended: uploads stopped. Send over HTTPS, or ask for a new account."))

    def _toggle(self) -> None:
        shown = not self.password.isVisibleTo(self)
        self.password.setVisible(shown)
        self.password.setText(self._account.password if shown else _HIDDEN)
        bind_icon(self.show_button, "eye_off" if shown else "eye")
        name = self.tr("Hide password") if shown else self.tr("Show password")
        self.show_button.setAccessibleName(name)
        self.show_button.setToolTip(name)

    def _copy(self) -> None:
        self._clipboard.lend(self._account.password)
        self._say(self.tr("Copied. The clipboard is cleared after 60 s."))
        self.copied.emit()

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()
