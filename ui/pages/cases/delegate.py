"""Paints the rows of the case list: two-line cases, group headers, and rows that are still on their way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle

from app.domain.cases import CaseState, Priority, Status, Substatus
from app.domain.followup import FollowUpDays, files_deleted_at, follow_up
from app.portal.contract import Case
from ui.pages.cases.columns import GLYPH_LEFT, TEXT_LEFT, Columns
from ui.pages.cases.groups import Group, group_remark, group_title
from ui.theme import Theme, current_theme
from ui.widgets.ages import age_text
from ui.widgets.glyphs import paint_mini_ring, paint_priority_bars, paint_status_glyph, timer_role
from ui.widgets.quantities import span_text

_SHORT = {
    Substatus.FIXED: "Software provided",
    Substatus.INFORMATION_REQUIRED: "Information required",
    Substatus.THIRD_PARTY_PENDING: "Third party pending",
}
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def substatus_text(substatus: Substatus) -> str:
    """The sub-status in the words a list column has room for."""
    return _SHORT.get(substatus, substatus.value)


def closing_text(left_seconds: float) -> str:
    """``2 d 9 h``, ``8 d`` when whole hours make no difference, ``5 h 10 min`` in the last day."""
    hours = int(left_seconds // 3600)
    days = hours // 24
    if days >= 7:
        return f"{days} d"
    return span_text(hours * 3600.0) if days else span_text(left_seconds // 60 * 60)


class CaseDelegate:
    """Paints one row into a rectangle. It keeps fonts and metrics of the theme in force."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.days = FollowUpDays()
        self.files_kept_days = 30
        self.now = clock()
        self._fonts: dict[str, QFont] = {}
        self._metrics: dict[str, QFontMetrics] = {}
        self.restyle()

    def restyle(self) -> None:
        """Take fonts from the theme again."""
        theme = current_theme()
        for name, scale, tabular in (
            ("title", "body", False),
            ("unread", "body.strong", False),
            ("group", "body.strong", False),
            ("text", "body", False),
            ("small", "label", False),
            ("number", "label", True),
            ("date", "body", True),
        ):
            font = theme.font(scale, tabular=tabular)
            if name in ("small", "number"):
                font.setWeight(QFont.Weight.Normal)
            if name == "number":
                font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.15)
            if name == "date":
                font.setPixelSize(12)
            if name == "group":
                font.setPixelSize(12)
            self._fonts[name] = font
            self._metrics[name] = QFontMetrics(font)

    def row_height(self) -> int:
        """Height of a case's row: two lines and their space."""
        return max(50, self._metrics["title"].lineSpacing() + self._metrics["small"].lineSpacing() + 16)

    def begin(self) -> None:
        """Call once per paint event: one moment for all its rows."""
        self.now = self._clock()

    def paint_group(
        self, painter: QPainter, rect: QRect, group: Group, *, folded: bool, focused: bool
    ) -> None:
        """A group's header: chevron, words, count, remark."""
        theme = current_theme()
        painter.fillRect(rect.adjusted(0, rect.height() - 1, 0, 0), theme.color("border.default"))
        icon = theme.pixmap(
            "chevron_right" if folded else "chevron_down",
            12,
            "text.secondary",
            dpr=painter.device().devicePixelRatioF(),
        )
        painter.drawPixmap(rect.left() + GLYPH_LEFT, rect.top() + (rect.height() - 12) // 2, icon)
        left = rect.left() + 44
        left = self._write(painter, rect, left, group_title(group.turn), "group", "text.primary")
        remark = group_remark(group.turn)
        count = str(len(group.numbers)) if group.whole else ""
        words = " · ".join(each for each in (count, remark) if each)
        self._write(painter, rect, left + 8, words, "small", "text.tertiary")
        if focused:
            _focus(painter, rect, theme)

    def paint_case(
        self, painter: QPainter, rect: QRect, case: Case, *, state: QStyle.StateFlag, focused: bool
    ) -> None:
        """A case: sign, title over number and priority, sub-status, follow-up, age."""
        theme = current_theme()
        self._ground(painter, rect, state, theme)
        columns = Columns(rect.width())
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ground = "bg.selected" if selected else "bg.surface"
        glyph = QRectF(rect.left() + GLYPH_LEFT - 1, rect.center().y() - 7.5, 16, 16)
        paint_status_glyph(painter, glyph, case.substatus, theme, ground=ground)
        self._paint_words(painter, rect, case, room=columns.substatus - TEXT_LEFT - 16)
        left = rect.left() + columns.substatus
        area = QRect(left, rect.top(), columns.follow_up - columns.substatus - 8, rect.height())
        self._elided(painter, area, substatus_text(case.substatus), "text", "text.secondary", _LEFT)
        self._paint_follow_up(painter, rect, case, left=rect.left() + columns.follow_up)
        area = QRect(rect.left() + columns.right - 90, rect.top(), 90, rect.height())
        self._elided(painter, area, age_text(case.updated, now=self.now), "date", "text.secondary", _RIGHT)
        if focused:
            _focus(painter, rect, theme)

    def paint_placeholder(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        """Bars where the words of a row will be."""
        theme = current_theme()
        self._ground(painter, rect, state, theme)
        columns = Columns(rect.width())
        color = theme.color("bg.sunken")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        wide = 150 + (rect.top() // 7) % 140
        for bar in (
            QRect(GLYPH_LEFT, 21, 14, 10),
            QRect(TEXT_LEFT, 11, wide, 11),
            QRect(TEXT_LEFT, 29, wide * 2 // 3, 9),
            QRect(columns.substatus, 20, 92, 10),
            QRect(columns.right - 48, 20, 48, 10),
        ):
            painter.drawRoundedRect(bar.translated(rect.topLeft()), 3, 3)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, case: Case, *, room: int) -> None:
        title, small = self._metrics["title"], self._metrics["small"]
        left = rect.left() + TEXT_LEFT
        top = rect.top() + (rect.height() - title.height() - small.height() - 2) // 2
        upper = QRect(left, top, room, title.height())
        self._elided(
            painter, upper, case.subject, "unread" if case.unread else "title", "text.primary", _LEFT
        )
        lower = QRect(left, top + title.height() + 2, room, small.height())
        place = self._write(painter, lower, left, case.number, "number", "text.secondary") + 9
        paint_priority_bars(
            painter, QRectF(place, lower.center().y() - 5, 11, 11), case.priority, current_theme()
        )
        place = self._write(painter, lower, place + 17, case.priority.value, "small", "text.secondary") + 9
        area = QRect(place, lower.top(), max(left + room - place, 0), lower.height())
        escalated = case.escalated_since is not None
        words = small.elidedText(
            case.component, Qt.TextElideMode.ElideRight, area.width() - (84 if escalated else 0)
        )
        place = self._write(painter, lower, place, words, "small", "text.secondary") + 10
        if escalated:
            theme = current_theme()
            icon = theme.pixmap("escalate", 14, "danger.fg", dpr=painter.device().devicePixelRatioF())
            painter.drawPixmap(place, lower.center().y() - 6, icon)
            self._write(painter, lower, place + 18, "Escalated", "small", "danger.fg")

    def _paint_follow_up(self, painter: QPainter, rect: QRect, case: Case, *, left: int) -> None:
        state = CaseState(case.status, case.substatus)
        timer = follow_up(state, priority=case.priority, since=case.waiting_since, days=self.days)
        if timer is not None:
            share = timer.share_elapsed(self.now)
            paint_mini_ring(painter, QRectF(left, rect.center().y() - 7, 15, 15), share, current_theme())
            left_over = timer.remaining(self.now).total_seconds()
            words = f"closes in {closing_text(left_over)}" if left_over > 0 else "closes now"
            self._write(painter, rect, left + 22, words, "text12", timer_role(share))
            return
        if case.status is Status.CLOSED:
            self._paint_kept(painter, rect, state, case, left=left)
            return
        words = "No timer" if case.priority is Priority.CRITICAL else "–"
        self._write(painter, rect, left, words, "text12", "text.secondary")

    def _paint_kept(self, painter: QPainter, rect: QRect, state: CaseState, case: Case, *, left: int) -> None:
        deleted = files_deleted_at(state, closed_at=case.closed_at, keep_days=self.files_kept_days)
        if deleted is None:
            return
        days = max((deleted - self.now).days, 0)
        words = f"files kept {days} d" if deleted > self.now else "files deleted"
        theme = current_theme()
        icon = theme.pixmap("delete", 16, "text.secondary", dpr=painter.device().devicePixelRatioF())
        painter.drawPixmap(left, rect.center().y() - 7, icon)
        self._write(painter, rect, left + 22, words, "text12", "text.secondary")

    def _ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, theme: Theme) -> None:
        if state & QStyle.StateFlag.State_Selected:
            active = state & QStyle.StateFlag.State_Active
            painter.fillRect(rect, theme.color("bg.selected" if active else "bg.selected.inactive"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("bg.hover"))
        painter.fillRect(rect.adjusted(0, rect.height() - 1, 0, 0), theme.color("border.subtle"))

    def _write(self, painter: QPainter, rect: QRect, left: int, words: str, font: str, role: str) -> int:
        """Write one word group from ``left`` on, vertically centred; returns where it ends."""
        name = "small" if font == "text12" else font
        painter.setFont(self._fonts[name])
        painter.setPen(current_theme().color(role))
        width = self._metrics[name].horizontalAdvance(words)
        painter.drawText(QRect(left, rect.top(), width + 8, rect.height()), _LEFT, words)
        return left + width

    def _elided(
        self,
        painter: QPainter,
        area: QRect,
        words: str,
        font: str,
        role: str,
        align: Qt.AlignmentFlag,
    ) -> None:
        painter.setFont(self._fonts[font])
        painter.setPen(current_theme().color(role))
        short = self._metrics[font].elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, align, short)


def _focus(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Two pixels inside the row, for keyboard focus."""
    color = theme.color("border.focus")
    inner = rect.adjusted(0, 0, 0, -1)
    painter.fillRect(QRect(inner.left(), inner.top(), inner.width(), 2), color)
    painter.fillRect(QRect(inner.left(), inner.bottom() - 1, inner.width(), 2), color)
    painter.fillRect(QRect(inner.left(), inner.top(), 2, inner.height()), color)
    painter.fillRect(QRect(inner.right() - 1, inner.top(), 2, inner.height()), color)
