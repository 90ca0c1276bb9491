"""A question in the middle of the shaded window: only its own button agrees."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.shell.shaded import ShadedDialog
from ui.widgets.labels import TextLabel


class Question(ShadedDialog):
    """Its title stands; what is asked and the buttons are put into `column`, and `agree` answers yes.

    Args:
        title: of the window, and above the text.
        width: in pixels.

    Signals:
        agreed: the person said yes.
    """

    agreed = Signal()

    def __init__(self, title: str, *, width: int, parent: QWidget) -> None:
        super().__init__(title, parent=parent)
        self.setFixedWidth(width)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(10)
        self.column.addWidget(TextLabel(title, scale="subtitle"))

    def showEvent(self, event: QShowEvent) -> None:
        """As high as its words are at its width: Qt takes the width that they would like to have."""
        if self.column.hasHeightForWidth():
            self.resize(self.width(), self.column.totalHeightForWidth(self.width()))
        super().showEvent(event)

    def agree(self) -> None:
        """Say yes, and close."""
        self.agreed.emit()
        self.accept()
