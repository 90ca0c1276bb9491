"""A question in the middle of the shaded window: only its own button agrees."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ui.shell.scrim import Scrim
from ui.widgets.labels import TextLabel


class Question(QDialog):
    """Its title stands; what is asked and the buttons are put into `column`, and `agree` answers yes.

    Args:
        title: of the window, and above the text.
        width: in pixels.

    Signals:
        agreed: the person said yes.
    """

    agreed = Signal()

    def __init__(self, title: str, *, width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._scrim = Scrim(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)
        self.setFixedWidth(width)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(10)
        self.column.addWidget(TextLabel(title, scale="subtitle"))

    def open(self) -> None:
        """Show it in the middle of the shaded window."""
        self._scrim.cover()
        super().open()
        parent = self.parentWidget()
        if parent is not None:
            window = parent.window()
            self.move(window.mapToGlobal(window.rect().center()) - self.rect().center())

    def done(self, result: int) -> None:
        """Close, and take the shade away."""
        self._scrim.lift()
        super().done(result)

    def agree(self) -> None:
        """Say yes, and close."""
        self.agreed.emit()
        self.accept()
