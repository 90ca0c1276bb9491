"""The side panes of a review: what was found and in which files; the hit that is selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.agentlink import Hit, Job, JobFile
from ui.pages.review.checked import Review
from ui.theme import current_theme
from ui.widgets.buttons import push_button
from ui.widgets.kinds import Category, by_category, category_of, kind_title
from ui.widgets.labels import Rule, TextLabel, small_font
from ui.widgets.life_bar import paint_bar
from ui.widgets.quantities import count_text
from ui.widgets.rail import Rail, RailSection

LEFT_WIDTH = 232
RIGHT_WIDTH = 268


def paint_tag(painter: QPainter, rect: QRect, category: Category) -> None:
    """The two-letter tag on the category's colour."""
    theme = current_theme()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(category.role))
    painter.drawRoundedRect(rect, 3, 3)
    font = theme.font("caption")
    font.setWeight(font.Weight.Bold)
    painter.setFont(font)
    painter.setPen(theme.color("bg.surface"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, category.tag)
    painter.restore()


class _Row(QAbstractButton):
    """A checkable row of the left pane."""

    def __init__(self, name: str, height: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as the pane."""
        return QSize(LEFT_WIDTH - 16, self.height())

    def ground(self, painter: QPainter) -> None:
        """Selection, hover and focus."""
        theme = current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("border.focus") if self.hasFocus() else Qt.PenStyle.NoPen)
        role = "bg.selected" if self.isChecked() else "bg.hover" if self.underMouse() else ""
        painter.setBrush(theme.color(role) if role else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)


class CategoryRow(_Row):
    """A category with its count and its share of the largest; checked means: only its hits are visited."""

    def __init__(self, category: Category, count: int, share: float) -> None:
        super().__init__(f"{category.label}, {count} values", 40)
        self.category, self._count, self._share = category, count, share

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Tag, name, count, bar."""
        theme = current_theme()
        painter = QPainter(self)
        self.ground(painter)
        paint_tag(painter, QRect(8, 7, 24, 16), self.category)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.primary"))
        painter.drawText(
            QRect(40, 4, self.width() - 48, 22), Qt.AlignmentFlag.AlignVCenter, self.category.label
        )
        painter.setPen(theme.color("text.secondary"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRect(40, 4, self.width() - 48, 22), right, count_text(self._count))
        paint_bar(painter, QRectF(8, 31, self.width() - 16, 4), share=self._share, role=self.category.role)


class FileEntry(_Row):
    """A file with the state of its review and its number of hits."""

    def __init__(self, file: JobFile, *, icon: str, role: str, state: str) -> None:
        hits = sum(file.counts.values())
        super().__init__(f"{file.name}, {state}, {hits} hits", 27)
        self.file = file
        self._icon, self._role = icon, role
        self.setToolTip(file.name)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """State, name, hits."""
        theme = current_theme()
        painter = QPainter(self)
        self.ground(painter)
        painter.drawPixmap(8, 5, theme.pixmap(self._icon, 16, self._role, dpr=self.devicePixelRatioF()))
        number = count_text(sum(self.file.counts.values())) if self.file.state == "masked" else "–"
        painter.setFont(small_font())
        painter.setPen(theme.color("text.secondary"))
        width = painter.fontMetrics().horizontalAdvance(number) + 4
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRect(0, 0, self.width() - 8, self.height()), right, number)
        font = theme.font("mono")
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(theme.color("text.primary" if self.isChecked() else "text.secondary"))
        room = QRect(32, 0, self.width() - 32 - 12 - width, self.height())
        text = painter.fontMetrics().elidedText(self.file.name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


def entry_signs(file: JobFile, review: Review, *, current: bool) -> tuple[str, str, str]:
    """Icon, role and words of a file's state."""
    if file.state == "quarantined":
        return "shield_error", "danger.fg", "held back"
    if file.state == "left-out" or file.name in review.left_out:
        return "dismiss_circle", "text.secondary", "left out"
    if current:
        return "eye", "text.primary", "in view"
    if review.is_checked(file):
        return "checkmark", "success.fg", "checked"
    return "circle", "text.secondary", "not looked at yet"


class FoundPane(QWidget):
    """Categories and files.

    Signals:
        category_chosen: names of kinds whose hits are visited; None for all.
        file_chosen: name of a file.
        changed_only: the box *Only lines with changes*.
        in_step: the box *Keep both sides in step*.
        skip_clean: the box *Skip files without findings*.
    """

    category_chosen = Signal(object)
    file_chosen = Signal(str)
    changed_only = Signal(bool)
    in_step = Signal(bool)
    skip_clean = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(LEFT_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 10)
        column.setSpacing(4)
        self._sum = self._caption(column, self.tr("Found"))
        self._categories = QVBoxLayout()
        self._categories.setSpacing(2)
        column.addLayout(self._categories)
        column.addSpacing(6)
        column.addWidget(Rule(role="border.default"))
        column.addSpacing(2)
        self._checked = self._caption(column, self.tr("Files"))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        inside = QWidget()
        self._files = QVBoxLayout(inside)
        self._files.setContentsMargins(0, 0, 0, 0)
        self._files.setSpacing(0)
        area.setWidget(inside)
        column.addWidget(area, 1)
        column.addWidget(Rule(role="border.default"))
        self.only_changes = self._box(column, self.tr("Only lines with changes"), self.changed_only)
        self.step = self._box(column, self.tr("Keep both sides in step"), self.in_step, on=True)
        self.skip = self._box(column, self.tr("Skip files without findings"), self.skip_clean)
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.file_rows: dict[str, FileEntry] = {}
        self.category_rows: dict[str, CategoryRow] = {}

    def _caption(self, column: QVBoxLayout, text: str) -> TextLabel:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 2)
        row.addWidget(TextLabel(text, scale="label", role="text.secondary"))
        row.addStretch(1)
        right = TextLabel(scale="label", role="text.secondary")
        row.addWidget(right)
        column.addLayout(row)
        return right

    def _box(self, column: QVBoxLayout, text: str, signal: SignalInstance, *, on: bool = False) -> QCheckBox:
        box = QCheckBox(text)
        box.setChecked(on)
        box.toggled.connect(signal)
        column.addWidget(box)
        return box

    def show_found(self, counts: Mapping[str, int]) -> None:
        """Categories with their counts, largest first."""
        _empty(self._categories)
        self.category_rows.clear()
        parts = by_category(counts)
        self._sum.setText(f"{count_text(sum(counts.values()))} values")
        largest = parts[0][1] if parts else 1
        for category, count in parts:
            row = CategoryRow(category, count, count / largest)
            row.clicked.connect(lambda _checked=False, row=row: self._choose_category(row))
            self.category_rows[category.name] = row
            self._categories.addWidget(row)

    def _choose_category(self, chosen: CategoryRow) -> None:
        for row in self.category_rows.values():
            if row is not chosen:
                row.setChecked(False)
        self.category_chosen.emit(chosen.category if chosen.isChecked() else None)

    def show_files(self, files: Sequence[JobFile], review: Review, current: str) -> None:
        """Files with the state of their review."""
        done = sum(review.is_checked(file) for file in files)
        self._checked.setText(f"{done} of {len(files)} checked")
        focused = next((name for name, row in self.file_rows.items() if row.hasFocus()), "")
        _empty(self._files)
        self.file_rows.clear()
        for file in files:
            icon, role, state = entry_signs(file, review, current=file.name == current)
            row = FileEntry(file, icon=icon, role=role, state=state)
            row.setChecked(file.name == current)
            row.clicked.connect(lambda _checked=False, name=file.name: self.file_chosen.emit(name))
            self.file_rows[file.name] = row
            self._files.addWidget(row)
        self._files.addStretch(1)
        if focused in self.file_rows:
            self.file_rows[focused].setFocus()


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class _Tag(QWidget):
    def __init__(self, category: Category) -> None:
        super().__init__()
        self._category = category
        self.setFixedSize(24, 16)
        self.setAccessibleName(category.label)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        paint_tag(QPainter(self), self.rect(), self._category)


class SelectedPane(Rail):
    """The hit that is selected: its value (on this PC only), its rule, its token.

    Signals:
        leave_out: take the file in view out of the bundle, or put it back.
    """

    leave_out = Signal()

    def __init__(self) -> None:
        super().__init__(width=RIGHT_WIDTH)
        self._selected = self.add_section(RailSection(self.tr("Selected")))
        self._rule = self.add_section(RailSection(self.tr("Rule that fired")))
        self._token = self.add_section(RailSection(self.tr("Replaced with")))
        self._file = self.add_section(RailSection(self.tr("This file")))
        self.leave_button = push_button(self.tr("Leave this file out"), self.leave_out.emit, small=True)
        self._file_line = TextLabel(scale="label", role="text.secondary", wrap=True)
        self._file.column.addWidget(self._file_line)
        self._file.column.addWidget(self.leave_button)
        self.show_nothing()

    def show_nothing(self) -> None:
        """No hit is selected."""
        for section in (self._selected, self._rule, self._token):
            section.clear()
        self._selected.column.addWidget(
            TextLabel(self.tr("Click a marked value, or press F."), role="text.secondary", wrap=True)
        )
        self._rule.column.addWidget(TextLabel("–", role="text.tertiary"))
        self._token.column.addWidget(TextLabel("–", role="text.tertiary"))

    def show_hit(self, hit: Hit, *, equal: int, more: bool) -> None:
        """Show a hit; `equal` is how often its value is in this file, as far as it was read."""
        category = category_of(hit.kind)
        for section in (self._selected, self._rule, self._token):
            section.clear()
        head = QHBoxLayout()
        head.addWidget(_Tag(category))
        value = TextLabel(hit.before, scale="mono")
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(value, 1)
        self._selected.column.addLayout(head)
        times = (
            self.tr("once") if equal <= 1 else self.tr("{0} times").format(f"{equal}{'+' if more else ''}")
        )
        text = self.tr("{0} in this file, always the same token").format(times)
        self._selected.column.addWidget(TextLabel(text, scale="label", role="text.secondary", wrap=True))
        self._rule.column.addWidget(TextLabel(kind_title(hit.kind), scale="body.strong"))
        self._rule.column.addWidget(TextLabel(hit.rule, scale="mono", role="text.secondary", wrap=True))
        token = TextLabel(hit.after, scale="mono", selectable=True)
        token.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._token.column.addWidget(token)
        note = self.tr("Same value, same token: the call flow stays readable.")
        self._token.column.addWidget(TextLabel(note, scale="label", role="text.secondary", wrap=True))

    def show_file(self, *, left_out: bool, possible: bool) -> None:
        """What may be done with the file in view."""
        self.leave_button.setVisible(possible)
        self.leave_button.setText(self.tr("Put it back") if left_out else self.tr("Leave this file out"))
        self._file_line.setText(
            self.tr("It is not part of the bundle.")
            if left_out or not possible
            else self.tr("It goes into the bundle, masked.")
        )


def kinds_in(category: Category, job: Job) -> frozenset[str]:
    """The kinds of a category that occur in a job."""
    return frozenset(kind for kind in job.counts if category_of(kind) is category)
