"""The entries of a case's feed as widgets: messages with avatar, code and files, and one-line events."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import bind_icon
from ui.widgets.buttons import IconLabel
from ui.widgets.glyphs import Avatar
from ui.widgets.labels import Rule, TextLabel
from ui.widgets.scroll_column import ScrollColumn

_TEXT_WIDTH = 720
_CHIPS_PER_LINE = 3


class CodeBlock(QFrame):
    """Lines in the fixed font on a sunken ground; selectable, never wrapped."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setProperty("kind", "sunken")
        self.setMaximumWidth(_TEXT_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        label = TextLabel(text, scale="mono", selectable=True)
        label.setMinimumWidth(0)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(label)


class FileChip(QPushButton):
    """A file that came with a message; a click shows it among the files."""

    def __init__(self, name: str, size: str, icon: str) -> None:
        super().__init__(f"{name}   {size}" if size else name)
        self.setProperty("compact", True)
        self.setAccessibleName(f"File {name}, {size}")
        bind_icon(self, icon)


class EventLine(QWidget):
    """A one-line entry: icon, text, time."""

    def __init__(self, *, icon: str, rich: str, time: str, tooltip: str, spoken: str) -> None:
        super().__init__()
        self.setAccessibleName(spoken)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 7, 0, 7)
        row.setSpacing(16)
        row.addWidget(IconLabel(icon), 0, Qt.AlignmentFlag.AlignTop)
        text = TextLabel(role="text.secondary", wrap=True, selectable=True)
        text.set_rich(rich)
        row.addWidget(text, 1)
        when = TextLabel(time, scale="label", role="text.secondary")
        when.setToolTip(tooltip)
        row.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)


class MessageItem(QWidget):
    """A message: avatar, author, blocks of text and code, files as chips.

    Signals:
        file_chosen: id of the file whose chip was clicked.
    """

    file_chosen = Signal(str)

    def __init__(
        self, *, author: str, from_support: bool, time: str, meta: str, tooltip: str, spoken: str
    ) -> None:
        super().__init__()
        self.setAccessibleName(spoken)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(12)
        row.addWidget(Avatar(author, support=from_support), 0, Qt.AlignmentFlag.AlignTop)
        self._body = QVBoxLayout()
        self._body.setSpacing(6)
        row.addLayout(self._body, 1)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(TextLabel(author, scale="body.strong"))
        when = TextLabel(time, scale="label", role="text.secondary")
        when.setToolTip(tooltip)
        head.addWidget(when)
        head.addWidget(TextLabel(meta, scale="label", role="text.secondary"))
        head.addStretch(1)
        self._body.addLayout(head)

    def add_text(self, text: str) -> None:
        """A paragraph; wraps at a readable width."""
        label = TextLabel(text, wrap=True, selectable=True)
        label.setMaximumWidth(_TEXT_WIDTH)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._body.addWidget(label)

    def add_code(self, text: str) -> None:
        """A block of code."""
        self._body.addWidget(CodeBlock(text))

    def add_files(self, files: Sequence[tuple[str, str, str, str]]) -> None:
        """Chips from (id, name, size, icon)."""
        for first in range(0, len(files), _CHIPS_PER_LINE):
            line = QHBoxLayout()
            line.setSpacing(8)
            for file_id, name, size, icon in files[first : first + _CHIPS_PER_LINE]:
                chip = FileChip(name, size, icon)
                chip.clicked.connect(lambda _checked=False, file_id=file_id: self.file_chosen.emit(file_id))
                line.addWidget(chip)
            line.addStretch(1)
            self._body.addLayout(line)


def separated(column: ScrollColumn, item: QWidget) -> None:
    """Append an item with the line above it."""
    column.append(Rule())
    column.append(item)
