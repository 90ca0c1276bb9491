"""The filter row of the Cases page: words or a number, and chips for status, component and priority."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget

from app.domain.cases import Priority, Status
from ui.theme import bind_icon
from ui.widgets.chips import FilterChip

_DELAY_MS = 200
_NUMBER = re.compile(r"\A\s*[0-9]{10}\s*\Z")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the row says now."""

    words: str = ""
    status: list[Status] = field(default_factory=list)
    priority: list[Priority] = field(default_factory=list)
    component: list[str] = field(default_factory=list)

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered out."""
        return bool(self.words or self.status or self.priority or self.component)


class _Words(QLineEdit):
    down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties, Down goes to the list."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Escape):
            self.down.emit()
        else:
            super().keyPressEvent(event)


class FilterBar(QFrame):
    """The row below the views.

    Signals:
        changed: some member changed; read it with `filters`.
        number_given: a whole case number was typed or pasted.
        preview_toggled: the button on the right.
        left_field: the person left the field for the list.
    """

    changed = Signal()
    number_given = Signal(str)
    preview_toggled = Signal()
    left_field = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "toolbar")
        self.setFixedHeight(46)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 20, 0)
        row.setSpacing(8)
        self.words = _Words()
        self.words.setProperty("compact", True)
        self.words.setPlaceholderText(self.tr("Case number or words"))
        self.words.setAccessibleName(self.tr("Case number or words"))
        self.words.setFixedWidth(196)
        self.words.setMaxLength(200)
        glass = QAction(self)
        bind_icon(glass, "search")
        glass.setText(self.tr("Search"))
        self.words.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        row.addWidget(self.words)
        self.status = FilterChip(self.tr("Status"))
        self.status.set_values([(each.value, each.value) for each in Status])
        self.component = FilterChip(self.tr("Component"))
        self.priority = FilterChip(self.tr("Priority"))
        self.priority.set_values([(each.value, each.value) for each in Priority])
        for chip in (self.status, self.component, self.priority):
            chip.changed.connect(self.changed)
            row.addWidget(chip)
        row.addStretch(1)
        self.panel = QToolButton()
        self.panel.setProperty("kind", "icon")
        self.panel.setAccessibleName(self.tr("Show or hide the preview"))
        self.panel.setToolTip(self.tr("Show or hide the preview (Space)"))
        bind_icon(self.panel, "panel_right")
        self.panel.clicked.connect(self.preview_toggled)
        row.addWidget(self.panel)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_DELAY_MS)
        self._delay.timeout.connect(self.changed)
        self.words.textChanged.connect(self._typed)
        self.words.returnPressed.connect(self._entered)
        self.words.down.connect(self.left_field)

    def filters(self) -> Filters:
        """What is filtered by now."""
        return Filters(
            words=self.words.text().strip(),
            status=[Status(each) for each in self.status.chosen()],
            priority=[Priority(each) for each in self.priority.chosen()],
            component=self.component.chosen(),
        )

    def set_components(self, names: Sequence[str]) -> None:
        """The components that occur in the account in view."""
        self.component.set_values([(each, each) for each in names])

    def clear(self) -> None:
        """Filter by nothing."""
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)
        for chip in (self.status, self.component, self.priority):
            chip.choose([])
        self.changed.emit()

    def _typed(self, text: str) -> None:
        if _NUMBER.match(text):
            self._delay.stop()
            self.words.blockSignals(True)
            self.words.clear()
            self.words.blockSignals(False)
            self.number_given.emit(text.strip())
            return
        self._delay.start()

    def _entered(self) -> None:
        self._delay.stop()
        self.changed.emit()
        self.left_field.emit()
