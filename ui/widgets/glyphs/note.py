"""A note inside a page: what happened, what it means, what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.errors import CaseferryError, WorldError
from ui.theme import bind_icon, current_theme

_ICONS = {
    "info": ("info", "text.link"),
    "warn": ("warning", "warning.fg"),
    "danger": ("error_circle", "danger.fg"),
    "ok": ("checkmark_circle", "success.fg"),
}


class Note(QFrame):
    """An icon, a bold first clause, a text and small buttons.

    Args:
        kind: ``info``, ``warn``, ``danger`` or ``ok``.
        title: the bold clause; may be empty.
        text: what it means and what to do.
        icon: another icon than the kind's own.
    """

    def __init__(
        self, kind: str, title: str, text: str = "", *, icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._icon_role = _ICONS[kind]
        self._icon_name = icon or self._icon_name
        self.setProperty("kind", f"note-{kind}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        self._sign = QLabel()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sign.setContentsMargins(0, 2, 0, 0)
        row.addWidget(self._sign)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        row.addLayout(self._column, 1)
        self._title = QLabel()
        self._title.setProperty("scale", "body.strong")
        self._title.setWordWrap(True)
        self._column.addWidget(self._title)
        self._text = QLabel()
        self._text.setProperty("role", "text.secondary")
        self._text.setWordWrap(True)
        self._column.addWidget(self._text)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(0, 6, 0, 0)
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        self._column.addLayout(self._buttons)
        self._code: QLabel | None = None
        self.set_words(title, text)
        self._paint_sign()
        current_theme().changed.connect(self._paint_sign)

    def set_words(self, title: str, text: str) -> None:
        """Other words in the same note."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(title or text)
        self.setAccessibleDescription(text if title else "")

    def add_button(self, text: str, run: Callable[[], object], *, icon: str = "") -> QPushButton:
        """A small button in the note's last line."""
        button = QPushButton(text)
        button.setProperty("compact", True)
        if icon:
            bind_icon(button, icon)
        button.clicked.connect(lambda _checked=False: run())
        place = self._buttons.count() - (1 if self._code is None else 2)
        self._buttons.insertWidget(place, button)
        return button

    def set_code(self, code: str) -> None:
        """The stable code of an error, selectable, after the buttons."""
        if self._code is None:
            self._code = QLabel()
            self._code.setProperty("role", "text.tertiary")
            self._code.setProperty("scale", "label")
            self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._buttons.insertWidget(self._buttons.count() - 1, self._code)
        self._code.setText(code)

    def _paint_sign(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(current_theme().pixmap(self._icon_name, 16, self._icon_role, dpr=ratio))


def error_note(
    error: CaseferryError, *, retry: Callable[[], object] | None = None, parent: QWidget | None = None
) -> Note:
    """A note for an error of either family: cause, code, way out and *Copy details*."""
    if isinstance(error, WorldError):
        note = Note("danger", error.title, f"{error.happened} {error.todo}", parent=parent)
        code = error.code
    else:
        note = Note("danger", "Something went wrong in Caseferry", str(error), parent=parent)
        code = ""
    if retry is not None:
        note.add_button(note.tr("Try again"), retry)
    details = str(error)
    note.add_button(
        note.tr("Copy details"), lambda: QGuiApplication.clipboard().setText(details), icon="copy"
    )
    if code:
        note.set_code(code)
    return note
