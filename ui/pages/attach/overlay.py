"""Dropping files: the overlay that says where they will go, and the watcher that shows it over any widget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from ui.theme import current_theme


def local_paths(mime: QMimeData) -> list[Path]:
    """Files and folders of this machine in a drag; nothing else is taken."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


class AttachOverlay(QWidget):
    """Covers its parent while files hang over it. It takes no mouse events itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title = self._line = ""
        self._refused = False
        self.hide()

    def show_over(self, *, title: str, line: str, refused: bool = False) -> None:
        """Cover the parent and say where the files go, or why they cannot."""
        self._title, self._line, self._refused = title, line, refused
        self.setAccessibleName(title)
        self.setAccessibleDescription(line)
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    @property
    def words(self) -> tuple[str, str]:
        """Title and line, as shown."""
        return self._title, self._line

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """A veil, a dashed frame, and the words in the middle."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme.color("bg.surface"))
        veil.setAlpha(236)
        painter.fillRect(self.rect(), veil)
        role = "danger.fg" if self._refused else "accent.base"
        frame = QRectF(self.rect()).adjusted(12, 12, -12, -12)
        painter.setPen(QPen(theme.color(role), 2, Qt.PenStyle.DashLine))
        ground = QColor(theme.color("danger.bg" if self._refused else "accent.subtle"))
        ground.setAlpha(150)
        painter.setBrush(ground)
        painter.drawRoundedRect(frame, 8, 8)
        middle = self.rect().center()
        icon = theme.pixmap(
            "error_circle" if self._refused else "attach", 24, role, dpr=self.devicePixelRatioF()
        )
        painter.drawPixmap(middle.x() - 12, middle.y() - 52, icon)
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color("text.primary"))
        wide = self.rect().adjusted(24, 0, -24, 0)
        painter.drawText(
            QRect(wide.left(), middle.y() - 18, wide.width(), 30), Qt.AlignmentFlag.AlignCenter, self._title
        )
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(
            QRect(wide.left(), middle.y() + 16, wide.width(), 48),
            Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap,
            self._line,
        )


class DropTarget(QObject):
    """Makes a widget take files.

    Args:
        widget: takes the drops; the overlay covers it.
        words: gives title, line and whether the drop is refused, for the point under the pointer. A title
            that is empty means that there is nothing to drop on at that point.

    Signals:
        dropped: paths, and the point in the widget.
    """

    dropped = Signal(list, object)

    def __init__(self, widget: QWidget, words: Callable[[object], tuple[str, str, bool]]) -> None:
        super().__init__(widget)
        self._widget, self._words = widget, words
        self.overlay = AttachOverlay(widget)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow a drag over the widget."""
        kind = event.type()
        if kind == QEvent.Type.DragEnter or kind == QEvent.Type.DragMove:
            return self._over(event)
        if kind == QEvent.Type.DragLeave:
            self.overlay.hide()
            return True
        if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            return self._drop(event)
        if kind == QEvent.Type.Resize and self.overlay.isVisible():
            self.overlay.setGeometry(self._widget.rect())
        return super().eventFilter(watched, event)

    def _over(self, event: QEvent) -> bool:
        if not isinstance(event, (QDragEnterEvent, QDragMoveEvent)) or not local_paths(event.mimeData()):
            return False
        title, line, refused = self._words(event.position().toPoint())
        if not title:
            self.overlay.hide()
            event.accept()
            return True
        self.overlay.show_over(title=title, line=line, refused=refused)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self.overlay.hide()
        paths = local_paths(event.mimeData())
        title, _line, refused = self._words(event.position().toPoint())
        if not paths or not title or refused:
            event.ignore()
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(paths, event.position().toPoint())
        return True


def overlay_words(case: str, *, refusal: str = "") -> tuple[str, str, bool]:
    """What the overlay says over a case."""
    if refusal:
        return f"Not to {case}", refusal, True
    return (
        f"Attach to {case}",
        "Files are masked on this PC first. You see what was masked before anything is sent.",
        False,
    )
