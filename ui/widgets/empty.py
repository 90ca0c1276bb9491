"""The empty state of a list: an icon on a disc, one bold line, one sentence, one or two ways on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.theme import current_theme

_TEXT_WIDTH = 330


class _Disc(QWidget):
    def __init__(self, icon: str) -> None:
        super().__init__()
        self.icon = icon
        self.setFixedSize(44, 44)
        current_theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bg.sunken"))
        painter.drawEllipse(QRectF(self.rect()))
        pixmap = theme.pixmap(self.icon, 20, "text.secondary", dpr=self.devicePixelRatioF())
        painter.drawPixmap(12, 12, pixmap)
        painter.end()


class EmptyState(QWidget):
    """Says why there is nothing, and what one can do."""

    def __init__(self, icon: str, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        self._disc = _Disc(icon)
        column.addWidget(self._disc, 0, Qt.AlignmentFlag.AlignHCenter)
        self._title = QLabel()
        self._title.setProperty("scale", "subtitle")
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        self._text = QLabel()
        self._text.setProperty("role", "text.secondary")
        self._text.setWordWrap(True)
        self._text.setFixedWidth(_TEXT_WIDTH)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._text, 0, Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        column.addSpacing(4)
        column.addLayout(self._buttons)
        column.addStretch(3)
        self.set_words(icon, title, text)

    def set_words(self, icon: str, title: str, text: str) -> None:
        """Another reason in the same place."""
        self._disc.icon = icon
        self._disc.update()
        self._title.setText(title)
        self._text.setText(text)
        self._give_text_its_height()
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def showEvent(self, event: QShowEvent) -> None:
        """The style has given the text its font now."""
        self._give_text_its_height()
        super().showEvent(event)

    def _give_text_its_height(self) -> None:
        # A centred label in a layout is asked for one size only, never for its height at a width.
        self._text.setMinimumHeight(max(0, self._text.heightForWidth(_TEXT_WIDTH)))

    def clear_buttons(self) -> None:
        """Take all buttons away."""
        while self._buttons.count() > 2:
            item = self._buttons.takeAt(1)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()

    def add_button(self, text: str, run: Callable[[], object], *, kind: str = "plain") -> QPushButton:
        """A button below the sentence."""
        button = QPushButton(text)
        button.setProperty("kind", kind)
        button.clicked.connect(lambda _checked=False: run())
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button
