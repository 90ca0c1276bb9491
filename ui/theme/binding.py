"""Keeping icons in the colours of the theme in force."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QPushButton

from ui.theme.theme import current_theme

_INLINE = 16
_GAP = 4


class _IconBinding(QObject):
    """Lives as long as its target and sets the icon again after each change of the theme."""

    def __init__(
        self, target: QAbstractButton | QAction, name: str, size: int, role: str, filled: bool
    ) -> None:
        super().__init__(target)
        self.setObjectName("icon-binding")
        self._target = target
        self._wanted = (name, size, role, filled)
        current_theme().changed.connect(self.apply)
        self.apply()

    @Slot()
    def apply(self) -> None:
        name, size, role, filled = self._wanted
        worded = isinstance(self._target, QPushButton) and bool(self._target.text()) and size == _INLINE
        gap = _GAP if worded else 0
        self._target.setIcon(current_theme().icon(name, size, role, filled=filled, gap=gap))
        if isinstance(self._target, QAbstractButton):
            self._target.setIconSize(QSize(size + gap, size))


def bind_icon(
    target: QAbstractButton | QAction,
    name: str,
    *,
    size: int = 16,
    role: str = "text.secondary",
    filled: bool = False,
) -> None:
    """Give a button or action an icon that follows the theme; a second call replaces the first.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    for child in target.children():
        if isinstance(child, _IconBinding):
            child.setParent(None)
            child.deleteLater()
    _IconBinding(target, name, size, role, filled)
