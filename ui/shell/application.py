"""The QApplication as every window of ours needs it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ui.theme import application_icon


def make_application(words: Sequence[str]) -> QApplication:
    """The application, or the one that exists already: scaling without rounding, our name and icon."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(list(words))
    application.setApplicationName("Caseferry")
    application.setApplicationDisplayName("Caseferry")
    application.setDesktopFileName("caseferry")
    application.setWindowIcon(application_icon())
    return application
