"""The command palette: cases by words or number, and the commands that can be run here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.portal.contract import Case
from ui.shell.shaded import ShadedDialog
from ui.tasks import Latest
from ui.theme import current_theme
from ui.widgets.glyphs import KeyCap, paint_status_glyph

_WIDTH = 640
_ROW = 34
_FOUND = 6
_ITEM = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Command:
    """Something the palette can run.

    Attributes:
        words: what it is found by.
        hint: where it leads, on the right.
        keys: its shortcut, one word per key.
    """

    text: str
    icon: str
    run: Callable[[], object]
    hint: str = ""
    keys: tuple[str, ...] = ()


def matches(words: str, text: str) -> bool:
    """Whether every word typed is in the text, whatever the case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


class _Row(QWidget):
    """One line of the list: sign, words, hint or keys."""

    def __init__(self, *, case: Case | None = None, command: Command | None = None) -> None:
        super().__init__()
        self._case = case
        self._command = command
        self._hint = case.number if case is not None else (command.hint if command is not None else "")
        self._text = case.subject if case is not None else (command.text if command is not None else "")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 10, 0)
        row.addStretch(1)
        if command is not None and command.keys:
            row.addWidget(KeyCap(*command.keys))
        self._keys = command is not None and bool(command.keys)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        theme = current_theme()
        painter = QPainter(self)
        middle = self.height() // 2
        if self._case is not None:
            paint_status_glyph(painter, QRectF(10, middle - 8, 16, 16), self._case.substatus, theme)
        elif self._command is not None:
            pixmap = theme.pixmap(self._command.icon, 16, dpr=self.devicePixelRatioF())
            painter.drawPixmap(10, middle - 8, pixmap)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.primary"))
        area = self.rect().adjusted(38, 0, -130, 0)
        metrics = painter.fontMetrics()
        words = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
        if self._hint and not self._keys:
            font = theme.font("label", tabular=True)
            font.setWeight(QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(theme.color("text.secondary"))
            right = self.rect().adjusted(0, 0, -10, 0)
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(right, align, self._hint)
        painter.end()


class Palette(ShadedDialog):
    """Opens over the window; Esc closes.

    Signals:
        case_chosen: a case number.
    """

    case_chosen = Signal(str)

    def __init__(
        self,
        commands: Sequence[Command],
        find: Callable[[str], list[Case]],
        *,
        parent: QWidget,
    ) -> None:
        super().__init__(
            QCoreApplication.translate("Palette", "Search or run a command"),
            parent=parent,
            flags=Qt.WindowType.FramelessWindowHint | Qt.WindowType.Dialog,
        )
        self._commands = list(commands)
        self._find = find
        self._finding = Latest(self)
        self.setAccessibleName(self.tr("Search or run a command"))
        self.setFixedWidth(_WIDTH)
        self._build()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(80)
        self._delay.timeout.connect(self._search)
        self._fill([])
        self._search()

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        frame = QFrame()
        frame.setProperty("kind", "popover")
        outer.addWidget(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(18, 9, 16, 9)
        top.setSpacing(10)
        glass = QLabel()
        glass.setPixmap(current_theme().pixmap("search", 20, dpr=self.devicePixelRatioF()))
        top.addWidget(glass)
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("Search or run a command"))
        self.field.setPlaceholderText(self.tr("Search or run a command"))
        self.field.setStyleSheet("border: 0; background: transparent; padding: 0; font-size: 15px;")
        self.field.textChanged.connect(lambda _text: self._delay.start())
        self.field.installEventFilter(self)
        top.addWidget(self.field, 1)
        hint = QLabel(self.tr("Esc closes"))
        hint.setProperty("scale", "label")
        hint.setProperty("role", "text.secondary")
        top.addWidget(hint)
        column.addLayout(top)
        column.addWidget(_rule())
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Results"))
        self.list.setProperty("kind", "palette")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._run)
        column.addWidget(self.list)
        column.addWidget(_rule())
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 7, 16, 7)
        foot.setSpacing(6)
        for keys, words in ((("↑", "↓"), self.tr("move")), (("↵",), self.tr("open"))):
            foot.addWidget(KeyCap(*keys))
            label = QLabel(words)
            label.setProperty("scale", "label")
            label.setProperty("role", "text.secondary")
            foot.addWidget(label)
            foot.addSpacing(10)
        foot.addStretch(1)
        hint = QLabel(self.tr("A case number jumps to the case"))
        hint.setProperty("scale", "label")
        hint.setProperty("role", "text.secondary")
        foot.addWidget(hint)
        return foot

    def texts(self) -> list[str]:
        """What can be chosen now, in order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [
            str(item.data(Qt.ItemDataRole.AccessibleTextRole))
            for item in items
            if item.data(_ITEM) is not None
        ]

    def stand(self, window: QWidget) -> None:
        """Over the upper part of the window."""
        left = (window.width() - self.width()) // 2
        self.move(window.mapToGlobal(QPoint(left, round(window.height() * 0.1))))

    def open(self) -> None:
        """Show it, ready to be typed into."""
        self.adjustSize()
        super().open()
        self.field.setFocus()

    def eventFilter(self, watched: object, event: object) -> bool:
        """Arrows and Enter act on the list while one types."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.list.currentItem()
                if item is not None:
                    self._run(item)
                return True
        return False

    def _search(self) -> None:
        words = self.field.text().strip()
        self._finding.run(self._find, words).on_done(self._fill).on_error(lambda _error: self._fill([]))

    def _fill(self, cases: list[Case]) -> None:
        words = self.field.text().strip()
        self.list.clear()
        if cases:
            self._add_heading(self.tr("Cases"))
            for case in cases[:_FOUND]:
                self._add(_Row(case=case), partial(self.case_chosen.emit, case.number), case.subject)
        found = [each for each in self._commands if matches(words, f"{each.text} {each.hint}")]
        if found:
            self._add_heading(self.tr("Do"))
            for each in found:
                self._add(_Row(command=each), each.run, each.text)
        if not cases and not found:
            self._add_heading(self.tr("Nothing found"))
        height = sum(self.list.sizeHintForRow(row) for row in range(self.list.count())) + 12
        self.list.setFixedHeight(min(max(height, 60), 420))
        self._move(0)
        self.adjustSize()

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(current_theme().font("label"))
        item.setForeground(current_theme().color("text.secondary"))
        item.setSizeHint(QSize(0, 28))
        self.list.addItem(item)

    def _add(self, row: _Row, run: Callable[[], object], text: str) -> None:
        item = QListWidgetItem()
        item.setSizeHint(QSize(0, _ROW))
        item.setData(_ITEM, run)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        self.list.addItem(item)
        self.list.setItemWidget(item, row)

    def _move(self, step: int) -> None:
        rows = [row for row in range(self.list.count()) if self.list.item(row).data(_ITEM) is not None]
        if not rows:
            return
        here = self.list.currentRow()
        place = rows.index(here) + step if here in rows else 0
        self.list.setCurrentRow(rows[max(0, min(place, len(rows) - 1))])

    def _run(self, item: QListWidgetItem) -> None:
        run = item.data(_ITEM)
        if run is not None:
            self.accept()
            run()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("kind", "line")
    return rule
