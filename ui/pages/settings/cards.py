"""What the settings pages are made of: titled cards with rows, each a name, a remark and a control."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.labels import Rule, TextLabel


class Card(QWidget):
    """A title, perhaps a remark, and a frame with rows parted by lines."""

    def __init__(self, title: str, remark: str = "") -> None:
        super().__init__()
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(TextLabel(title, scale="body.strong"))
        if remark:
            column.addWidget(TextLabel(remark, scale="label", role="text.secondary", wrap=True))
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        self.rows = QVBoxLayout(self._frame)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(0)
        column.addWidget(self._frame)

    def add(self, widget: QWidget) -> QWidget:
        """One more row, under a line when it is not the first."""
        if self.rows.count():
            self.rows.addWidget(Rule())
        self.rows.addWidget(widget)
        return widget

    def add_row(self, name: str, remark: str, *controls: QWidget) -> SettingRow:
        """A row with its name, a remark below it and controls at the right."""
        row = SettingRow(name, remark, *controls)
        self.add(row)
        return row

    def clear(self) -> None:
        """Take every row out."""
        while (item := self.rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class SettingRow(QWidget):
    """A name, a remark below it, and controls at the right."""

    def __init__(self, name: str, remark: str, *controls: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 16, 9)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(TextLabel(name))
        self.remark = TextLabel(remark, scale="label", role="text.secondary", wrap=True)
        self.remark.setVisible(bool(remark))
        words.addWidget(self.remark)
        row.addLayout(words, 1)
        for control in controls:
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
            if not control.accessibleName():
                control.setAccessibleName(name)
