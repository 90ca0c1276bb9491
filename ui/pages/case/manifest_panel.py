"""An open bundle: what was masked, and its files one by one, from the manifest that travels inside it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.bundle.manifest import Manifest
from ui.pages.case.file_text import MemberRow, masked_by_text, member_row
from ui.theme import current_theme
from ui.widgets.buttons import IconLabel, push_button
from ui.widgets.kinds import by_category
from ui.widgets.labels import ElidedLabel, Rule, Surface, TextLabel, small_font
from ui.widgets.pii_bar import PiiLegend, paint_pii_bar, spoken_parts
from ui.widgets.quantities import count_text, plural

_ROW = 27
_FIRST = 6
_COLUMNS = ("File", "Raw", "Packed", "Masked", "What", "SHA-256")
_NUMBERS = (1, 2, 3)
_BAR_ROLE = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex


class MemberModel(QAbstractTableModel):
    """The files of a manifest; `shown` of them."""

    def __init__(self, rows: list[MemberRow], parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self._shown = min(_FIRST, len(rows))

    @property
    def hidden(self) -> int:
        """How many are not shown yet."""
        return len(self._rows) - self._shown

    def show_all(self) -> None:
        """Show the rest too."""
        if self.hidden:
            self.beginInsertRows(QModelIndex(), self._shown, len(self._rows) - 1)
            self._shown = len(self._rows)
            self.endInsertRows()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's name
        """Shown files."""
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's name
        """The six columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _NUMBERS else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, and the shares of the bar."""
        row = self._rows[index.row()]
        column = index.column()
        if role == _BAR_ROLE:
            return row.parts if column == 4 else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.sha256 if column == 5 else row.name if column == 0 else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if column == 4 and role == Qt.ItemDataRole.AccessibleTextRole:
                return spoken_parts(row.parts)
            what = "" if row.parts else "none found"
            return (row.name, row.raw, row.packed, count_text(row.masked), what, row.digest)[column]
        return None


class MemberDelegate(QStyledItemDelegate):
    """Draws the cells: fixed font for names and digests, the bar of kinds."""

    def _font(self, column: int) -> QFont:
        if column == 3:
            font = current_theme().font("label", tabular=True)
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return current_theme().font("mono") if column in (0, 5) else small_font()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a cell and the line above its row."""
        theme = current_theme()
        rect: QRect = option.rect
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), theme.color("border.subtle"))
        column = index.column()
        parts = index.data(_BAR_ROLE)
        if parts:
            paint_pii_bar(
                painter, rect.adjusted(8, rect.height() // 2 - 3, -12, -(rect.height() // 2 - 4)), parts
            )
            return
        text = index.data(Qt.ItemDataRole.DisplayRole)
        painter.setFont(self._font(column))
        role = "text.primary" if column in (0, 3) else "text.secondary"
        painter.setPen(theme.color(role))
        area = rect.adjusted(8, 1, -8, 0)
        if column == 0:
            icon = theme.pixmap("document_text", 16, dpr=painter.device().devicePixelRatioF())
            painter.drawPixmap(rect.left(), rect.top() + (rect.height() - 16) // 2, icon)
            area = rect.adjusted(23, 1, -8, 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, area.width())
        side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)


class ManifestPanel(Surface):
    """What lies in a bundle.

    Signals:
        save_wanted: keep the manifest as a file.
    """

    save_wanted = Signal()

    def __init__(self, manifest: Manifest, parent: QWidget | None = None) -> None:
        super().__init__("bg.subtle", parent)
        self.setAccessibleName("Contents of the bundle")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        column = QVBoxLayout()
        whole.addLayout(column)
        whole.addWidget(Rule())
        column.setContentsMargins(52, 8, 24, 10)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel("shield_lock", role="accent.base"))
        head.addWidget(TextLabel(self.tr("Masked here before upload"), scale="body.strong"))
        head.addSpacing(8)
        head.addWidget(ElidedLabel(masked_by_text(manifest), scale="label", role="text.secondary"), 1)
        head.addWidget(push_button(self.tr("Save manifest"), self.save_wanted.emit, small=True))
        column.addLayout(head)
        legend = PiiLegend()
        legend.show_parts(by_category(manifest.counts))
        column.addWidget(legend)
        self.table = self._table(manifest)
        column.addWidget(self.table)
        self._more = push_button("", self._show_all, kind="link", small=True)
        foot = QHBoxLayout()
        foot.addWidget(self._more)
        foot.addStretch(1)
        column.addLayout(foot)
        for left_out in manifest.left_out:
            reason = f"{left_out.name}: {left_out.reason}" + (
                f", {left_out.detail}" if left_out.detail else ""
            )
            column.addWidget(
                TextLabel(
                    self.tr("Left out: {0}").format(reason), scale="label", role="text.secondary", wrap=True
                )
            )
        self._fit()

    def _table(self, manifest: Manifest) -> QTableView:
        self._model = MemberModel([member_row(member) for member in manifest.members], self)
        table = QTableView()
        table.setObjectName("members")
        table.setAccessibleName(self.tr("Files in the bundle"))
        table.setModel(self._model)
        table.setItemDelegate(MemberDelegate(table))
        table.setShowGrid(False)
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for section, width in ((1, 82), (2, 76), (3, 76), (4, 136), (5, 96)):
            header.resizeSection(section, width)
        table.setStyleSheet(
            "QTableView, QHeaderView, QHeaderView::section { background: transparent; }"
            "QHeaderView::section { padding: 0 8px; }"
            "QHeaderView::section:first { padding: 0; }"
        )
        return table

    def _show_all(self) -> None:
        self._model.show_all()
        self._fit()

    def _fit(self) -> None:
        self.table.setFixedHeight(32 + _ROW * self._model.rowCount())
        self._more.setVisible(self._model.hidden > 0)
        self._more.setText(plural(self._model.hidden, "more file", "more files"))
