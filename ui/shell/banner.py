"""The band over the page: the portal is away, the sign-in has ended, a call failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.domain.errors import CaseferryError, WorldError
from ui.theme import bind_icon, current_theme

Button = tuple[str, str, Callable[[], object]]


class Banner(QFrame):
    """An icon, a bold first clause, a sentence, small buttons; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner-danger")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 9, 20, 9)
        self._row.setSpacing(10)
        self._sign = QLabel()
        self._row.addWidget(self._sign)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._row.addWidget(self._words, 1)
        self._buttons: list[QPushButton] = []
        self._stays = False
        current_theme().changed.connect(self._paint_sign)
        self._paint_sign()
        self.hide()

    def show_words(self, title: str, text: str, buttons: Sequence[Button]) -> None:
        """Say this, with these ways on (text, icon, call)."""
        self._stays = False
        self._words.setText(f"<b>{escape(title)}</b> {escape(text)}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons = []
        for words, icon, run in buttons:
            button = QPushButton(words)
            button.setProperty("compact", True)
            if icon:
                bind_icon(button, icon)
            button.clicked.connect(lambda _checked=False, run=run: run())
            self._row.addWidget(button)
            self._buttons.append(button)
        self.show()

    def show_error(self, error: CaseferryError) -> None:
        """An error nobody else shows; it stays until a person closes it, or something else is said."""
        if isinstance(error, WorldError):
            self.show_words(error.title, f"{error.happened} {error.todo} ({error.code})", [self._close()])
        else:
            self.show_words(self.tr("Something went wrong in Caseferry."), str(error), [self._close()])
        self._stays = True

    def portal_answers(self) -> None:
        """What was said of the portal is over; an error stays until a person closes it."""
        if not self._stays:
            self.hide()

    def _close(self) -> Button:
        return (self.tr("Close"), "", self.hide)

    def _paint_sign(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(current_theme().pixmap("plug_disconnected", 20, "danger.fg", dpr=ratio))
