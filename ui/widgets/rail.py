"""The rail at the right of a page: sections with a caption, parted by lines, in one scroll area."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import current_theme
from ui.widgets.buttons import IconLabel
from ui.widgets.labels import Rule, TextLabel
from ui.widgets.scroll_column import ScrollColumn


class RailSection(QWidget):
    """One section: its caption and a column to fill."""

    def __init__(self, caption: str = "") -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 11, 20, 11)
        self.column.setSpacing(6)
        if caption:
            self.setAccessibleName(caption)
            self.column.addWidget(TextLabel(caption, scale="label", role="text.secondary", medium=True))

    def clear(self, *, keep: int = 1) -> None:
        """Take everything after the first `keep` items out."""
        while self.column.count() > keep:
            item = self.column.takeAt(keep)
            if item is not None:
                _drop(item.widget(), item.layout())

    def add_pair(self, grid: QGridLayout, row: int, name: str, value: str) -> None:
        """A fact: its name in the first column, its value in the second."""
        label = TextLabel(name, role="text.secondary")
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        shown = TextLabel(value, wrap=True, selectable=True)
        shown.setAccessibleName(f"{name}: {value}")
        grid.addWidget(shown, row, 1)


def _drop(widget: QWidget | None, layout: object) -> None:
    if widget is not None:
        widget.hide()
        widget.deleteLater()
    elif isinstance(layout, (QVBoxLayout, QHBoxLayout, QGridLayout)):
        while (item := layout.takeAt(0)) is not None:
            _drop(item.widget(), item.layout())
        layout.deleteLater()


class Rail(ScrollColumn):
    """The rail itself, 304 px wide unless told otherwise."""

    def __init__(self, *, width: int | None = None) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(width or current_theme().size("rail"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.addStretch(1)

    def add_section(self, section: RailSection) -> RailSection:
        """Append a section, with a line above all but the first."""
        place = self.column.count() - 1
        if place:
            self.column.insertWidget(place, Rule(role="border.default"))
            place += 1
        self.column.insertWidget(place, section)
        return section


def icon_line(icon: str, label: str, value: str, *, strong: bool = False, role: str = "") -> QWidget:
    """Icon, label at the left, value at the right."""
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    colour = role or "text.secondary"
    row.addWidget(IconLabel(icon, size=16, role=colour))
    scale = "body.strong" if strong else "label"
    row.addWidget(TextLabel(label, scale=scale, role="text.primary" if strong else "text.secondary"))
    row.addStretch(1)
    row.addWidget(TextLabel(value, scale=scale, role=role or "text.secondary"))
    line.setAccessibleName(f"{label}: {value}")
    return line
