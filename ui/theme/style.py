"""The application's style: Fusion with our own focus ring, check boxes and radio buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractItemView, QProxyStyle, QStyle, QStyleHintReturn, QStyleOption, QWidget

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_INDICATOR = 16


class ThemeStyle(QProxyStyle):
    """Draws what a style sheet cannot: a focus ring for keyboard focus only, and the indicators."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Fusion")
        self._theme = theme

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw ours, leave the rest to Fusion."""
        match element:
            case QStyle.PrimitiveElement.PE_FrameFocusRect:
                self._focus_ring(option, painter, widget)
            case (
                QStyle.PrimitiveElement.PE_IndicatorCheckBox
                | QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck
            ):
                self._check_box(option, painter)
            case QStyle.PrimitiveElement.PE_IndicatorRadioButton:
                self._radio_button(option, painter)
            case _:
                super().drawPrimitive(element, option, painter, widget)

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        """Our sizes of indicators and no shift of pressed buttons."""
        match metric:
            case (
                QStyle.PixelMetric.PM_IndicatorWidth
                | QStyle.PixelMetric.PM_IndicatorHeight
                | QStyle.PixelMetric.PM_ExclusiveIndicatorWidth
                | QStyle.PixelMetric.PM_ExclusiveIndicatorHeight
            ):
                return _INDICATOR
            case (
                QStyle.PixelMetric.PM_ButtonShiftHorizontal
                | QStyle.PixelMetric.PM_ButtonShiftVertical
                | QStyle.PixelMetric.PM_FocusFrameHMargin
            ):
                return 0
            case _:
                return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,
    ) -> int:
        """No underlined mnemonics until Alt, no etched disabled text."""
        if hint == QStyle.StyleHint.SH_EtchDisabledText:
            return 0
        if hint == QStyle.StyleHint.SH_ItemView_ShowDecorationSelected:
            return 1
        return super().styleHint(hint, option, widget, returnData)

    def _focus_ring(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        if not option.state & QStyle.StateFlag.State_KeyboardFocusChange:
            return
        if isinstance(widget, QAbstractItemView):
            rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        else:
            area = widget.rect() if widget is not None else option.rect
            rect = QRectF(area).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border.focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._theme.radius("control")
        painter.drawRoundedRect(rect, radius, radius)
        painter.restore()

    def _indicator_colors(self, option: QStyleOption, *, on: bool) -> tuple[QColor, QColor]:
        state = option.state
        theme = self._theme
        if not state & QStyle.StateFlag.State_Enabled:
            return theme.color("border.default"), theme.color("bg.sunken")
        if on:
            return theme.color("accent.base"), theme.color("accent.base")
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        return theme.color("border.control"), theme.color("bg.hover" if hover else "bg.surface")

    def _check_box(self, option: QStyleOption, painter: QPainter) -> None:
        state = option.state
        partly = bool(state & QStyle.StateFlag.State_NoChange)
        on = bool(state & QStyle.StateFlag.State_On)
        border, fill = self._indicator_colors(option, on=on or partly)
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(border, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 3, 3)
        pen = QPen(self._theme.color("text.on.accent"), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        center = rect.center()
        if partly:
            painter.drawLine(center - QPointF(3.5, 0), center + QPointF(3.5, 0))
        elif on:
            tick = QPainterPath(center + QPointF(-3.6, 0.2))
            tick.lineTo(center + QPointF(-1.1, 2.8))
            tick.lineTo(center + QPointF(3.7, -2.6))
            painter.drawPath(tick)
        painter.restore()

    def _radio_button(self, option: QStyleOption, painter: QPainter) -> None:
        on = bool(option.state & QStyle.StateFlag.State_On)
        border, fill = self._indicator_colors(option, on=on)
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(border, 1))
        painter.setBrush(fill)
        painter.drawEllipse(rect)
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("text.on.accent"))
            painter.drawEllipse(rect.center(), 2.8, 2.8)
        painter.restore()
