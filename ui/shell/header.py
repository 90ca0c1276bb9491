"""The head of a page: its title, the command box, the bell, and the page's own buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ui.theme import bind_icon, current_theme
from ui.widgets.glyphs import KeyCap

HEADER_HEIGHT = 56


def shortcut_words(keys: str) -> tuple[str, ...]:
    """``Ctrl+K`` in this platform's own words, one per key: ``("Ctrl", "K")`` or ``("⌘", "K")``."""
    text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return tuple(text.split("+")) if "+" in text else tuple(text)


class CommandBox(QToolButton):
    """Looks like a search field and opens the palette; alone as an icon when there is little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = self.tr("Search or run a command")
        self._narrow = False
        self.setAccessibleName(self._words)
        self.setToolTip(self.tr("Search or run a command (Ctrl+K)"))
        self._cap = KeyCap(*shortcut_words("Ctrl+K"), parent=self)
        self._cap.setAccessibleName("")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        current_theme().changed.connect(self.update)

    def set_narrow(self, narrow: bool) -> None:
        """Show the icon only."""
        self._narrow = narrow
        self._cap.setVisible(not narrow)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """272 × 32, or a square."""
        return QSize(32, 32) if self._narrow else QSize(272, 32)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Frame, glass, words."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        keyboard = self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        if not self._narrow or keyboard or self.underMouse():
            role = "border.focus" if keyboard else "border.default"
            painter.setPen(QPen(theme.color(role), 2 if keyboard else 1))
            painter.setBrush(theme.color("bg.hover" if self.underMouse() else "bg.surface"))
            inset = 1.0 if keyboard else 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 5, 5)
        size = 20 if self._narrow else 16
        pixmap = theme.pixmap("search", size, "text.secondary", dpr=self.devicePixelRatioF())
        painter.drawPixmap(6 if self._narrow else 11, (self.height() - size) // 2, pixmap)
        if not self._narrow:
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("text.secondary"))
            area = self.rect().adjusted(35, 0, 0, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._words)
            hint = self._cap.sizeHint()
            self._cap.setGeometry(self.width() - hint.width() - 6, 6, hint.width(), 20)
        painter.end()


class BellButton(QToolButton):
    """A bell with a dot while something in it was not seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unseen = 0
        self.setProperty("kind", "icon")
        self.setFixedSize(32, 32)
        bind_icon(self, "alert", size=20)
        self.set_unseen(0)

    def set_unseen(self, count: int) -> None:
        """How many notices were not seen yet."""
        self._unseen = count
        self.setAccessibleName(self.tr("Notices, {0} new").format(count))
        self.setToolTip(self.tr("Notices"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dot over the icon."""
        super().paintEvent(event)
        if self._unseen:
            theme = current_theme()
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("bg.window"), 1.5))
            painter.setBrush(theme.color("accent.base"))
            painter.drawEllipse(QRectF(self.width() - 15, 5, 8.5, 8.5))
            painter.end()


class PageHeader(QFrame):
    """Title on the left; command box, bell and the page's buttons on the right.

    Signals:
        palette_wanted: the command box was clicked.
        bell_wanted: the bell was clicked; carries the bell, for the popover.
    """

    palette_wanted = Signal()
    bell_wanted = Signal(QWidget)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "header")
        self.setFixedHeight(HEADER_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 0, 20, 0)
        self._row.setSpacing(8)
        self.title = QLabel(title)
        self.title.setProperty("scale", "title")
        self._row.addWidget(self.title)
        self.remark = QLabel()
        self.remark.setProperty("role", "text.secondary")
        self._row.addWidget(self.remark)
        self._row.addStretch(1)
        self.box = CommandBox()
        self.box.clicked.connect(self.palette_wanted)
        self._row.addWidget(self.box)
        self._row.addSpacing(4)
        self.bell = BellButton()
        self.bell.clicked.connect(lambda: self.bell_wanted.emit(self.bell))
        self._row.addWidget(self.bell)

    def add_button(self, button: QWidget) -> None:
        """A button of the page, right of the bell."""
        self._row.addWidget(button)

    def set_narrow(self, narrow: bool) -> None:
        """Below 1160 px the command box becomes an icon."""
        self.box.set_narrow(narrow)
