"""An action with the line below it: what it does, or why it is not possible now."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QStyleOptionFocusRect, QWidget

from ui.theme import current_theme
from ui.widgets.labels import small_font


class ActionRow(QAbstractButton):
    """Icon, label, line. A refused action stays focusable, so that its reason is read, but does nothing.

    With ``told`` it is no action at all: something one should know, drawn as clear as an offered one.
    """

    def __init__(
        self,
        icon: str,
        label: str,
        line: str,
        *,
        offered: bool = True,
        told: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._line, self.offered = icon, line, offered
        self._clear = offered or told
        self.setText(label)
        self.setAccessibleName(label)
        self.setAccessibleDescription(line)
        self.setToolTip(line)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if offered:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        current_theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(240, self.heightForWidth(240))

    def hasHeightForWidth(self) -> bool:
        """The line wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Label and wrapped line."""
        metrics = QFontMetrics(small_font())
        wrapped = metrics.boundingRect(QRect(0, 0, width - 26, 400), Qt.TextFlag.TextWordWrap, self._line)
        return 1 + 18 + wrapped.height() + 1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def nextCheckState(self) -> None:
        """Nothing to check."""

    def hitButton(self, pos: object) -> bool:  # noqa: ARG002 - Qt's name
        """A refused action is not pressed."""
        return self.offered

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Draw icon, label and line."""
        theme = current_theme()
        painter = QPainter(self)
        role = "text.secondary" if self._clear else "text.disabled"
        painter.drawPixmap(0, 2, theme.pixmap(self._icon_name, 16, role, dpr=self.devicePixelRatioF()))
        font = theme.font("body")
        font.setUnderline(self.offered and self.underMouse())
        painter.setFont(font)
        painter.setPen(theme.color("text.primary" if self._clear else "text.tertiary"))
        painter.drawText(QRect(26, 1, self.width() - 26, 18), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(small_font())
        painter.setPen(theme.color("text.secondary" if self._clear else "text.tertiary"))
        painter.drawText(
            QRect(26, 19, self.width() - 26, self.height() - 19), Qt.TextFlag.TextWordWrap, self._line
        )
        if self.hasFocus():
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)
