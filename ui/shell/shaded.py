"""A dialog over the shaded window: the one way that dialogs of the window stand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from ui.shell.scrim import Scrim


class ShadedDialog(QDialog):
    """Window-modal, in the middle of its parent's window, which is shaded meanwhile; use ``open()``.

    It is deleted when it is closed. Without a parent it stands alone.
    """

    def __init__(
        self, title: str, *, parent: QWidget | None, flags: Qt.WindowType = Qt.WindowType.Dialog
    ) -> None:
        super().__init__(parent, flags)
        self._scrim: Scrim | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle(title)

    def stand(self, window: QWidget) -> None:
        """Take the place over the window."""
        self.move(window.mapToGlobal(window.rect().center()) - self.rect().center())

    def showEvent(self, event: QShowEvent) -> None:
        """Shade the window behind, and stand over it."""
        super().showEvent(event)
        parent = self.parentWidget()
        if parent is None or self._scrim is not None:
            return
        window = parent.window()
        self.stand(window)
        self._scrim = Scrim(window)
        self._scrim.cover()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the window its light back."""
        super().hideEvent(event)
        if self._scrim is not None:
            self._scrim.lift()
            self._scrim = None
