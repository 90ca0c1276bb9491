"""The columns of the case list: where each begins, and the header that sorts by them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ui.theme import bind_icon, current_theme

HEADER_HEIGHT = 30
GLYPH_LEFT = 24
TEXT_LEFT = 50
RIGHT_PAD = 16


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns stand in a row of some width, in px from its left edge."""

    width: int

    @property
    def follow_up(self) -> int:
        """Left edge of *Follow-up*."""
        return self.width - (220 if self.width >= 600 else 190)

    @property
    def substatus(self) -> int:
        """Left edge of *Substatus*."""
        return self.follow_up - (148 if self.width >= 600 else 132)

    @property
    def right(self) -> int:
        """Right edge of *Updated*."""
        return self.width - RIGHT_PAD


class _ColumnButton(QPushButton):
    def __init__(self, text: str, key: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.key = key
        self.setProperty("kind", "column")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setFixedHeight(HEADER_HEIGHT - 1)


class ColumnHeader(QWidget):
    """Names of the columns; a click sorts, a second click turns the order round.

    Signals:
        sort_chosen: a sort of `CaseFilter`, such as ``-updated``.
    """

    sort_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEADER_HEIGHT)
        self._sort = "-updated"
        self._reserved = 0
        self._buttons = {
            key: _ColumnButton(text, key, self)
            for key, text in (
                ("subject", self.tr("Case")),
                ("status", self.tr("Substatus")),
                ("closes", self.tr("Follow-up")),
                ("updated", self.tr("Updated")),
            )
        }
        for key, button in self._buttons.items():
            button.clicked.connect(lambda _checked=False, key=key: self._choose(key))
        current_theme().changed.connect(self.update)
        self.show_sort(self._sort)

    def show_sort(self, sort: str) -> None:
        """Mark the column that is sorted by, without a signal."""
        self._sort = sort
        for key, button in self._buttons.items():
            if key == sort.lstrip("-"):
                bind_icon(button, "chevron_up" if self._ascends(sort) else "chevron_down", size=12)
                order = self.tr("ascending") if self._ascends(sort) else self.tr("descending")
                button.setAccessibleDescription(self.tr("sorted, {0}").format(order))
            else:
                bind_icon(button, "chevron_down", size=12, role="bg.surface")
                button.setAccessibleDescription(self.tr("not sorted"))
        self._place()

    def reserve(self, width: int) -> None:
        """Leave room on the right for the list's scroll bar."""
        self._reserved = width
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the names over their columns."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Ground and the line below."""
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.surface"))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.color("border.default"))
        painter.end()

    @staticmethod
    def _ascends(sort: str) -> bool:
        """The chevron points down for the order people expect first: soonest to close, newest, A to Z."""
        return sort in ("updated", "-closes", "-subject", "-status")

    def _choose(self, key: str) -> None:
        first = f"-{key}" if key == "updated" else key
        second = key if key == "updated" else f"-{key}"
        self.show_sort(second if self._sort == first else first)
        self.sort_chosen.emit(self._sort)

    def _place(self) -> None:
        columns = Columns(self.width() - self._reserved)
        for key, left in (
            ("subject", TEXT_LEFT),
            ("status", columns.substatus),
            ("closes", columns.follow_up),
        ):
            button = self._buttons[key]
            button.adjustSize()
            button.move(left - 7, 0)
        last = self._buttons["updated"]
        last.adjustSize()
        shown = self._sort.lstrip("-") == "updated"
        last.move(columns.right - last.width() + (4 if shown else 20), 0)
