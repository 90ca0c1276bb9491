"""Buttons with icons that follow the theme, and chips of which exactly one is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from ui.theme import bind_icon, current_theme


class IconLabel(QLabel):
    """An icon that is no button, in the colours in force."""

    def __init__(
        self, icon: str, *, size: int = 16, role: str = "text.secondary", filled: bool = False
    ) -> None:
        super().__init__()
        self._icon, self._size, self._role, self._filled = icon, size, role, filled
        current_theme().changed.connect(self.apply)
        self.setFixedSize(size, size)
        self.apply()

    def show_icon(self, icon: str, role: str) -> None:
        """Another icon from now on."""
        self._icon, self._role = icon, role
        self.apply()

    @Slot()
    def apply(self) -> None:
        """Set the pixels in the colours in force."""
        self.setPixmap(
            current_theme().pixmap(
                self._icon, self._size, self._role, filled=self._filled, dpr=self.devicePixelRatioF()
            )
        )


def push_button(
    text: str,
    on_click: Callable[[], object],
    *,
    kind: str = "plain",
    icon: str = "",
    small: bool = False,
) -> QPushButton:
    """A button with words."""
    button = QPushButton(text)
    button.setProperty("kind", kind)
    if small:
        button.setProperty("compact", True)
    if icon:
        role = "text.on.accent" if kind == "primary" else "text.link" if kind == "link" else "text.secondary"
        bind_icon(button, icon, role=role)
    button.clicked.connect(lambda _checked=False: on_click())
    return button


def icon_button(icon: str, name: str, on_click: Callable[[], object], *, shortcut: str = "") -> QToolButton:
    """A button with an icon only: it has a name and a tooltip, always."""
    button = QToolButton()
    button.setProperty("kind", "icon")
    button.setAccessibleName(name)
    button.setToolTip(f"{name} ({shortcut})" if shortcut else name)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    bind_icon(button, icon)
    button.clicked.connect(lambda _checked=False: on_click())
    return button


class ChipRow(QWidget):
    """Chips of which exactly one is on; arrows move between them."""

    chosen = Signal(str)

    def __init__(self, values: Sequence[str], *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._chips: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().space("s"))
        for value in values:
            chip = QToolButton()
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setText(value)
            chip.setAccessibleName(value)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.clicked.connect(lambda _checked=False, value=value: self.chosen.emit(value))
            self._group.addButton(chip)
            self._chips[value] = chip
            row.addWidget(chip)
        row.addStretch(1)
        next(iter(self._chips.values())).setChecked(True)

    def set_text(self, value: str, text: str) -> None:
        """Show another text (with its count) on a chip."""
        self._chips[value].setText(text)
        self._chips[value].setAccessibleName(text)

    def value(self) -> str:
        """The chip that is on."""
        return next(value for value, chip in self._chips.items() if chip.isChecked())

    def choose(self, value: str) -> None:
        """Switch a chip on, as a click does."""
        self._chips[value].click()
