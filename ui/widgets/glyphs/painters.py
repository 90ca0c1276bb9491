"""The painted signs of the product: status, priority, rings. Vector, in theme colours, for delegates too."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from app.domain.cases import SUBSTATUSES, Priority, Status, Substatus
from ui.theme import Theme

_GRID = 16.0
_STATUS_ROLES = {
    Status.OPEN: "open",
    Status.AWAITING_INFORMATION: "wait",
    Status.SOLUTION_PROPOSED: "proposed",
    Status.CLOSED: "closed",
}
_FILLED = frozenset({Substatus.INFORMATION_REQUIRED, Substatus.RESOLVED, Substatus.CANCELLED})
_STATUS_OF = {sub: status for status, subs in SUBSTATUSES.items() for sub in subs}
_BARS = {Priority.HIGH: 3, Priority.MEDIUM: 2, Priority.LOW: 1}
_URGENT_SHARE = 0.7
"""From day 7 of 10 on the timer is red (design 7.1)."""


def status_role(status: Status) -> str:
    """The stem of a status's colour roles: ``open``, ``wait``, ``proposed`` or ``closed``."""
    return _STATUS_ROLES[status]


def timer_role(share_elapsed: float) -> str:
    """The colour role of a follow-up timer: amber, and red from seven tenths on."""
    return "danger.fg" if share_elapsed >= _URGENT_SHARE else "wait.fg"


def paint_status_glyph(
    painter: QPainter, rect: QRectF, substatus: Substatus, theme: Theme, *, ground: str = "bg.surface"
) -> None:
    """Paint the sign of a sub-status into a square.

    Args:
        painter: any; its state is restored.
        rect: the square; the sign was drawn for 16 px.
        substatus: which sign.
        theme: gives the colours.
        ground: the role of what lies behind, for the mark on filled signs.
    """
    color = theme.color(f"{_STATUS_ROLES[_STATUS_OF[substatus]]}.fg")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / _GRID, rect.height() / _GRID)
    center = QPointF(8, 8)
    if substatus in _FILLED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(center, 6.6, 6.6)
        _MARKS[substatus](painter, theme.color(ground))
    else:
        pen = QPen(color, 1.5)
        if substatus is Substatus.NEW:
            pen.setDashPattern([1.55, 1.54])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(center, 5.9, 5.9)
        mark = _MARKS.get(substatus)
        if mark is not None:
            mark(painter, color)
    painter.restore()


def _pie(degrees: float) -> Callable[[QPainter, QColor], None]:
    def paint(painter: QPainter, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPie(QRectF(4.3, 4.3, 7.4, 7.4), 90 * 16, round(-degrees * 16))

    return paint


def _square(painter: QPainter, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(5.7, 5.7, 4.6, 4.6), 0.8, 0.8)


def _lines(*lines: tuple[tuple[float, float], ...], width: float = 1.5) -> Callable[[QPainter, QColor], None]:
    path = QPainterPath()
    for line in lines:
        path.moveTo(*line[0])
        for point in line[1:]:
            path.lineTo(*point)

    def paint(painter: QPainter, color: QColor) -> None:
        pen = QPen(color, width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    return paint


_MARKS: dict[Substatus, Callable[[QPainter, QColor], None]] = {
    Substatus.INVESTIGATION: _pie(90),
    Substatus.ENGINEERING_REQUEST: _pie(270),
    Substatus.MAINTENANCE_REVIEW: _square,
    Substatus.INFORMATION_REQUIRED: _lines(
        ((11.2, 8), (5, 8)), ((7.4, 5.5), (4.9, 8), (7.4, 10.5)), width=1.7
    ),
    Substatus.THIRD_PARTY_PENDING: _lines(((6.6, 5.9), (6.6, 10.1)), ((9.4, 5.9), (9.4, 10.1))),
    Substatus.REPLIED: _lines(((5.5, 8.2), (7.3, 10), (10.6, 6.3))),
    Substatus.FIXED: _lines(((8, 5.1), (8, 10.6)), ((5.9, 8.7), (8, 10.8), (10.1, 8.7))),
    Substatus.RESOLVED: _lines(((5.2, 8.2), (7.2, 10.2), (10.9, 6.1)), width=1.7),
    Substatus.CANCELLED: _lines(((5.9, 5.9), (10.1, 10.1)), ((10.1, 5.9), (5.9, 10.1)), width=1.7),
}


def paint_priority_bars(painter: QPainter, rect: QRectF, priority: Priority, theme: Theme) -> None:
    """Paint three rising bars, or the square with the exclamation mark, into a square of about 12 px."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 12, rect.height() / 12)
    if priority is Priority.CRITICAL:
        painter.setBrush(theme.color("danger.solid"))
        painter.drawRoundedRect(QRectF(-0.5, -0.5, 13, 13), 2.5, 2.5)
        painter.setBrush(theme.color("bg.surface"))
        painter.drawRoundedRect(QRectF(5.2, 2.4, 1.6, 4.6), 0.7, 0.7)
        painter.drawEllipse(QPointF(6, 9), 0.95, 0.95)
    else:
        on = theme.color("text.primary")
        off = theme.color("border.default")
        for place, height in enumerate((4.0, 7.4, 11.0)):
            painter.setBrush(on if place < _BARS[priority] else off)
            painter.drawRoundedRect(QRectF(0.3 + place * 4.1, 11.6 - height, 3.1, height), 0.8, 0.8)
    painter.restore()


def paint_mini_ring(painter: QPainter, rect: QRectF, share_elapsed: float, theme: Theme) -> None:
    """Paint the follow-up timer of a list row: how much of the whole period is over, from 12 o'clock."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = rect.width() * 0.17
    inner = rect.adjusted(width / 2 + 0.5, width / 2 + 0.5, -width / 2 - 0.5, -width / 2 - 0.5)
    _arc(painter, inner, 1.0, QPen(theme.color("border.default"), width))
    _arc(painter, inner, share_elapsed, QPen(theme.color(timer_role(share_elapsed)), width))
    painter.restore()


def paint_follow_up_ring(
    painter: QPainter,
    rect: QRectF,
    *,
    share_elapsed: float,
    markers: tuple[tuple[int, float], ...],
    theme: Theme,
) -> None:
    """Paint the large ring with its day markers.

    Args:
        painter: any; its state is restored.
        rect: the square of the ring's own line; markers reach 5 px beyond it.
        share_elapsed: 0.0 to 1.0.
        markers: day number and its share of the period, for each reminder and the close.
        theme: gives the colours.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = 7.0
    inner = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    color = theme.color(timer_role(share_elapsed))
    _arc(painter, inner, 1.0, QPen(theme.color("border.subtle"), width))
    _arc(painter, inner, share_elapsed, QPen(color, width))
    font = theme.font("caption")
    font.setWeight(QFont.Weight.DemiBold)
    font.setPixelSize(11)
    painter.setFont(font)
    for day, share in markers:
        _marker(painter, inner, day, share, reached=share <= share_elapsed, color=color, theme=theme)
    painter.restore()


def _marker(
    painter: QPainter,
    ring: QRectF,
    day: int,
    share: float,
    *,
    reached: bool,
    color: QColor,
    theme: Theme,
) -> None:
    path = QPainterPath()
    path.arcMoveTo(ring, 90 - 360 * share)
    center = path.currentPosition()
    if reached:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
    else:
        painter.setPen(QPen(theme.color("border.control"), 1.25))
        painter.setBrush(theme.color("bg.surface"))
    painter.drawEllipse(center, 8.2, 8.2)
    painter.setPen(theme.color("bg.surface" if reached else "text.secondary"))
    painter.drawText(QRectF(center.x() - 9, center.y() - 9, 18, 18.5), Qt.AlignmentFlag.AlignCenter, str(day))


def _arc(painter: QPainter, rect: QRectF, share: float, pen: QPen) -> None:
    if share <= 0:
        return
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if share >= 1:
        painter.drawEllipse(rect)
    else:
        painter.drawArc(rect, 90 * 16, round(-360 * 16 * share))
