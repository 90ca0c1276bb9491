"""One file of a case: name, way, check or download, time, and its manifest below when it is open."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.bundle.manifest import Manifest
from app.domain.files import Origin
from app.portal.contract import CaseFile
from ui.pages.case.file_text import check_text, icon_of, second_line
from ui.theme import bind_icon, current_theme
from ui.widgets.buttons import IconLabel, icon_button, push_button
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.life_bar import LifeBar
from ui.widgets.moments import both_zones_text, moment_text
from ui.widgets.quantities import progress_text

CHECK_WIDTH = 178
TIME_WIDTH = 84


class FileRow(QWidget):
    """A row that Space opens and closes when the file has a manifest.

    Signals:
        toggled: open or close the manifest.
        download: fetch the file.
    """

    toggled = Signal()
    download = Signal()

    def __init__(self, file: CaseFile, *, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.open = False
        self._wait: ElidedLabel | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(22, 8, 20, 8)
        row.setSpacing(8)
        self.chevron = icon_button("chevron_right", self.tr("Open {0}").format(file.name), self.toggled.emit)
        self.chevron.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.chevron.setEnabled(file.has_manifest)
        row.addWidget(self.chevron)
        row.addWidget(IconLabel(icon_of(file), size=20))
        row.addSpacing(2)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(ElidedLabel(file.name))
        role = "danger.fg" if check_text(file).role == "danger.fg" else "text.secondary"
        self.line = ElidedLabel(second_line(file, None), scale="label", role=role)
        texts.addWidget(self.line)
        row.addLayout(texts, 1)
        self._state = QWidget()
        self._state.setFixedWidth(CHECK_WIDTH)
        self._state_row = QHBoxLayout(self._state)
        self._state_row.setContentsMargins(0, 0, 0, 0)
        self._state_row.setSpacing(5)
        row.addWidget(self._state)
        when = TextLabel(moment_text(file.sent, now=now), scale="label", role="text.secondary")
        when.setToolTip(both_zones_text(file.sent))
        when.setFixedWidth(TIME_WIDTH)
        when.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(when)
        row.addWidget(icon_button("more_horizontal", self.tr("More for {0}").format(file.name), self._menu))
        self.setAccessibleName(f"{file.name}, {second_line(file, None)}, {check_text(file).spoken}")
        if file.origin is Origin.SUPPORT:
            self.show_download_button()
        else:
            check = check_text(file)
            self._show(
                IconLabel(check.icon, role=check.role), TextLabel(check.words, scale="label", role=check.role)
            )
        self._state.setToolTip(check_text(file).spoken)

    def show_manifest(self, manifest: Manifest) -> None:
        """The second line knows more once the manifest is there."""
        self.line.setText(second_line(self.file, manifest))

    def set_open(self, is_open: bool) -> None:
        """Turn the chevron."""
        self.open = is_open
        bind_icon(self.chevron, "chevron_down" if is_open else "chevron_right")
        verb = self.tr("Close {0}") if is_open else self.tr("Open {0}")
        self.chevron.setAccessibleName(verb.format(self.file.name))
        self.update()

    def show_download_button(self) -> None:
        """The file can be fetched."""
        self.button = push_button(self.tr("Download"), self.download.emit, icon="arrow_download", small=True)
        self.button.setAccessibleName(self.tr("Download {0}").format(self.file.name))
        self._show(self.button)

    def show_progress(self, done: int, whole: int, *, held: bool = False) -> None:
        """The file is on its way; `held`: it waits, as the limits let nothing be fetched now."""
        share = done / whole if whole else 0.0
        if not isinstance(getattr(self, "_bar", None), LifeBar):
            self._bar: LifeBar | None = LifeBar(self.tr("Download of {0}").format(self.file.name))
            self._figure = TextLabel(scale="caption", role="text.secondary")
            self._show(self._bar, self._figure)
        if self._bar is not None:
            self._bar.show_share(share)
        figure = progress_text(done, whole)
        self._figure.setText(self.tr("Held by the limits, {0}").format(figure) if held else figure)
        why = self.tr("Nothing is fetched at this time: see Settings, Bandwidth. It goes on by itself.")
        self._figure.setToolTip(why if held else "")

    def show_waiting(self, why: str, seconds: int) -> None:
        """It was cut, and goes on by itself; a button tries at once."""
        if self._wait is None:
            wait = ElidedLabel(scale="caption", role="text.secondary")
            self.button = push_button(self.tr("Try now"), self.download.emit, small=True)
            self.button.setAccessibleName(self.tr("Try now to download {0}").format(self.file.name))
            self._show(wait, self.button)
            self._wait = wait
        words = self.tr("Again in {0} s").format(seconds)
        self._wait.setText(words)
        self._wait.setToolTip(f"{why}. {words}")
        self._wait.setAccessibleName(f"{why}. {words}")

    def show_saved(self, folder: str) -> None:
        """The file is on this disk."""
        self._show(
            IconLabel("checkmark", role="success.fg"),
            ElidedLabel(self.tr("Saved to {0}").format(folder), scale="label", role="text.secondary"),
        )

    def _show(self, *widgets: QWidget) -> None:
        self._bar = self._wait = None
        while (item := self._state_row.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for widget in widgets:
            stretch = 1 if isinstance(widget, (ElidedLabel, LifeBar)) else 0
            self._state_row.addWidget(widget, stretch)
            if isinstance(widget, LifeBar):
                self._bar = widget
        if not any(isinstance(widget, (ElidedLabel, LifeBar)) for widget in widgets):
            self._state_row.addStretch(1)

    def copy_digest(self) -> None:
        """The SHA-256 on the clipboard."""
        if self.file.sha256:
            QGuiApplication.clipboard().setText(self.file.sha256)

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        digest = menu.addAction(self.tr("Copy SHA-256"), self.copy_digest)
        digest.setEnabled(bool(self.file.sha256))
        menu.addAction(self.tr("Copy name"), lambda: QGuiApplication.clipboard().setText(self.file.name))
        menu.addAction(self.tr("Download"), self.download.emit)
        menu.popup(self.mapToGlobal(self.rect().bottomRight()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter open, Ctrl+Shift+C copies the digest, the menu key opens the menu."""
        if event.matches(QKeySequence.StandardKey.Copy) or (
            event.key() == Qt.Key.Key_C
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            self.copy_digest()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.file.has_manifest:
                self.toggled.emit()
        elif event.key() == Qt.Key.Key_Menu:
            self._menu()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on the row opens the manifest."""
        if event.button() is Qt.MouseButton.LeftButton and self.file.has_manifest:
            self.toggled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's name
        """Ground, bottom line, focus."""
        theme = current_theme()
        painter = QPainter(self)
        if self.open:
            painter.fillRect(self.rect(), theme.color("bg.selected"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border.subtle"))
        if self.hasFocus():
            painter.setPen(theme.color("border.focus"))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
