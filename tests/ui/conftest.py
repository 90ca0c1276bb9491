"""What holds for every test of the desktop: offscreen, the design's fonts, nothing left behind."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.peers.heartbeat import Heartbeat
from tests.peers.portal import PortalProcess
from tests.peers.scenes.stage import make_desktop
from ui.shell.window import Desktop
from ui.tasks import open_tasks
from ui.theme import Mode, current_theme, install_theme

PATIENCE_MS = 120_000
"""How long a machine that does much else may need for what takes a moment."""


class PatientBot(QtBot):
    """Waits for what is to come as long as it may take on a busy machine."""

    def waitUntil(self, callback: Callable[[], Any], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **wishes: Any) -> Any:
        if wishes.get("raising") is not False:  # else it is to stay away, as for `assertNotEmitted`
            timeout = max(timeout, PATIENCE_MS)
        return super().waitSignal(signal, timeout=timeout, **wishes)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's, with more patience."""
    return PatientBot(request)


@pytest.fixture(scope="session", autouse=True)
def _fonts(qapp: QApplication) -> None:
    missing = {"Inter", "JetBrains Mono"} - set(QFontDatabase.families())
    assert not missing, f"fonts are missing: {missing}; Debian: fonts-inter fonts-jetbrains-mono"
    install_theme(qapp, mode=Mode.LIGHT)
    # What is there by now stays: what a test leaves behind need not be looked for in it, after every one.
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication) -> Iterator[None]:
    yield
    current_theme().set_mode(Mode.LIGHT)


@pytest.fixture(autouse=True)
def _nothing_left_behind(qtbot: QtBot, _fonts: None) -> Iterator[None]:
    """After a test no task is on its way, no window of it exists and no timer of it goes on."""
    windows, timers = _windows(), _timers()
    yield
    QCoreApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete))
    qtbot.waitUntil(lambda: open_tasks() == 0, timeout=10_000)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete))
    assert [repr(each) for each in _windows() - windows] == []
    assert [f"{each!r} of {each.parent()!r}" for each in _timers() - timers] == []


def _windows() -> set[QWidget]:
    return {each for each in QApplication.topLevelWidgets() if shiboken6.isValid(each)}


def _timers() -> set[QTimer]:
    return {
        each
        for each in gc.get_objects()
        if isinstance(each, QTimer) and shiboken6.isValid(each) and each.isActive()
    }


@pytest.fixture
def heart(qtbot: QtBot) -> Iterator[Heartbeat]:
    """Beats while the test runs; end the test with ``heart.assert_smooth()``."""
    with Heartbeat() as beating:
        yield beating


class Guarded:
    """Passes calls on, slowly, and notes those that came from the GUI thread."""

    def __init__(self, inner: object, *, delay: float, calls: list[str], sinners: list[str]) -> None:
        self._inner, self._delay, self._calls, self._sinners = inner, delay, calls, sinners

    def __getattr__(self, name: str) -> object:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*args: object, **kw: object) -> object:
            self._calls.append(name)
            if QThread.currentThread() is QCoreApplication.instance().thread():  # type: ignore[union-attr]
                self._sinners.append(name)
            else:
                threading.Event().wait(self._delay)
            return found(*args, **kw)

        return call


@pytest.fixture(scope="session")
def demo_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """The real portal with its demo data, once for all tests that only read."""
    with PortalProcess(tmp_path_factory.mktemp("portal") / "data", sftp=True) as portal:
        yield portal


@pytest.fixture
def desktop_of(
    demo_portal: PortalProcess, tmp_path: Path, qtbot: QtBot
) -> Iterator[Callable[[str], Desktop]]:
    """Call it with a first name: that person's window, with its own cases listed, or those of the group."""
    opened: list[Desktop] = []

    def open_it(person: str = "Nadia") -> Desktop:
        desktop = make_desktop(demo_portal, tmp_path / person, person=person)
        opened.append(desktop)
        qtbot.addWidget(desktop)
        desktop.resize(1440, 900)
        desktop.show()
        assert desktop.shell is not None
        shell = desktop.shell
        qtbot.waitUntil(lambda: shell.session.online, timeout=20_000)
        if person != "Nadia":
            shell.cases.tabs.choose("group")
        qtbot.waitUntil(lambda: bool(shell.cases.model.ids()), timeout=20_000)
        qtbot.waitUntil(lambda: bool(shell.cases.preview.number()), timeout=5_000)
        return desktop

    yield open_it
    for desktop in opened:
        desktop.close()


@pytest.fixture
def desktop(desktop_of: Callable[[str], Desktop]) -> Desktop:
    """Nadia's window: a Designated Contact."""
    return desktop_of("Nadia")


_NAMED = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)


def nameless(root: QWidget) -> list[str]:
    """Widgets one can operate that say nothing to a screen reader."""
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, _NAMED) or widget.objectName().startswith("qt_"):
            continue
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or text or widget.toolTip()):
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found
