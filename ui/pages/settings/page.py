"""The Settings page: its pages at the left, the chosen one beside them. Changes apply at once."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.pages.settings.bandwidth import BandwidthPane
from ui.pages.settings.network import NetworkPane, WayKeeper
from ui.shell.configuration import NetworkChoice
from ui.shell.header import PageHeader
from ui.shell.services import Services
from ui.theme import current_theme
from ui.widgets.scroll_column import ScrollColumn

NETWORK, BANDWIDTH = "network", "bandwidth"
_NAV_WIDTH = 190
_WIDEST = 920
_NARROW_BELOW = 1160


class SettingsPage(QWidget):
    """Network and proxy, Bandwidth.

    Signals:
        network_kept: the `NetworkChoice` that is in force from now on.
    """

    network_kept = Signal(object)

    def __init__(
        self,
        services: Services,
        choice: NetworkChoice,
        keeper: WayKeeper | None,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = PageHeader(self.tr("Settings"))
        column.addWidget(self.header)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 0, 0)
        row.setSpacing(24)
        column.addLayout(row, 1)
        self.nav = QListWidget()
        self.nav.setAccessibleName(self.tr("Pages of the settings"))
        self.nav.setFixedWidth(_NAV_WIDTH)
        self.nav.setFrameShape(QFrame.Shape.NoFrame)
        self.nav.setProperty("kind", "palette")
        row.addWidget(self.nav)
        self.stack = QStackedWidget()
        row.addWidget(self.stack, 1)
        self.network = NetworkPane(choice, keeper)
        self.network.kept.connect(self.network_kept)
        self.bandwidth = BandwidthPane(services.agent, services.clock, pace=services.pace)
        self._keys: list[str] = []
        self._add(NETWORK, self.tr("Network and proxy"), "globe", self.network)
        self._add(BANDWIDTH, self.tr("Bandwidth"), "pulse", self.bandwidth)
        self.nav.currentRowChanged.connect(self._chosen)
        current_theme().changed.connect(self._show_icons)
        self._show_icons()
        self.nav.setCurrentRow(0)

    def show_pane(self, key: str) -> None:
        """Show one of the pages."""
        self.nav.setCurrentRow(self._keys.index(key))
        self.activate()

    def activate(self) -> None:
        """Ask anew for what the shown page needs."""
        (self.network, self.bandwidth)[max(self.nav.currentRow(), 0)].activate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below 1160 px lines become two."""
        super().resizeEvent(event)
        self.bandwidth.set_narrow(self.window().width() < _NARROW_BELOW)

    def showEvent(self, event: object) -> None:
        """The first focus is the list of pages."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.nav.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, key: str, words: str, icon: str, pane: QWidget) -> None:
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, icon)
        item.setSizeHint(QSize(_NAV_WIDTH - 20, 34))
        self.nav.addItem(item)
        self._keys.append(key)
        scroll = ScrollColumn()
        pane.setMaximumWidth(_WIDEST)
        scroll.column.setContentsMargins(0, 4, 20, 24)
        scroll.column.addWidget(pane)
        self.stack.addWidget(scroll)

    def _chosen(self, row: int) -> None:
        self.stack.setCurrentIndex(row)
        if self.isVisible():
            self.activate()

    def _show_icons(self) -> None:
        for row in range(self.nav.count()):
            item = self.nav.item(row)
            item.setIcon(current_theme().icon(item.data(Qt.ItemDataRole.UserRole), 20))
