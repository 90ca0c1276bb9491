"""The list of transfers: what single letters and arrows do in it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from ui.pages.transfers.rows import Verb


class TransferList(QListView):
    """The list; single letters act on the selected row.

    Signals:
        verb: a `Verb` for the selected row.
        moved: the selected row is to go up (True) or down in the order.
    """

    verb = Signal(object)
    moved = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Transfers"))
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """P pauses or resumes, Enter acts, Delete cancels, Alt+Up and Alt+Down move it in the order."""
        up_or_down = {Qt.Key.Key_Up: True, Qt.Key.Key_Down: False}.get(Qt.Key(event.key()))
        if up_or_down is not None and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self.moved.emit(up_or_down)
            return
        keys = {
            Qt.Key.Key_P: Verb.PAUSE,
            Qt.Key.Key_Return: Verb.RETRY,
            Qt.Key.Key_Enter: Verb.RETRY,
            Qt.Key.Key_Delete: Verb.CANCEL,
        }
        verb = keys.get(Qt.Key(event.key()))
        if verb is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.verb.emit(verb)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Reasons wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
