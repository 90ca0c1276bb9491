"""What scenes play on: the real portal with demo data, the real window on it, and the camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QRect, QTimer
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QApplication, QWidget

from app.settings import Trust
from tests.peers.portal import PortalProcess, sign_in
from ui.shell.configuration import DesktopSettings, Phone
from ui.shell.shell import Shell
from ui.shell.surroundings import Surroundings, open_services
from ui.shell.window import Desktop

SIZE = (1440, 900)
PATIENCE_MS = 20_000
FONT_PACKAGES = "fonts-inter fonts-jetbrains-mono"


class FixedTokens:
    """A `TokenSource` with one token that a person's sign-in gave."""

    def __init__(self, access: str) -> None:
        self._access = access

    def bearer(self) -> str:
        return self._access

    def rejected(self, token: str | None = None) -> None:
        pass


def make_desktop(
    portal: PortalProcess,
    home: Path,
    *,
    person: str = "Nadia",
    agent: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Desktop:
    """The real window of a signed-in person, followed by nothing yet in the portal's data."""
    who = portal.person(person)
    surroundings = Surroundings(
        portal=portal.url, trust=Trust(portal.ca_file), agent=str(agent or ""), data=home / "desktop"
    )
    tokens = FixedTokens(sign_in(portal, who.email, who.password).access)
    settings = DesktopSettings(
        portal=portal.url, phones=[Phone("EMEA", "+44 1632 960 011"), Phone("Americas", "+1 202 555 0142")]
    )
    desktop = Desktop(settings, surroundings)
    desktop.enter(open_services(surroundings, portal.url, tokens, clock=clock))
    return desktop


def spin(milliseconds: int) -> None:
    """Let events be handled for a while; unlike ``QTest.qWait`` other threads run meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@dataclass(slots=True)
class Stage:
    """Handed to every scene.

    Attributes:
        desktop: the window, 1440 × 900 unless a scene resizes it.
        portal: the portal's process.
        agent: the agent's ``endpoint.json``, when one runs.
    """

    desktop: Desktop
    portal: PortalProcess
    home: Path
    agent: Path | None = None
    others: list[Desktop] = field(default_factory=list)

    def open_other(self, portal: PortalProcess, person: str) -> tuple[Desktop, Shell]:
        """The window of somebody else, or on another portal, in place of this one, and what is in it."""
        self.desktop.hide()
        other = make_desktop(portal, self.home / f"other-{len(self.others)}", person=person)
        self.others.append(other)
        other.resize(*SIZE)
        other.show()
        assert other.shell is not None
        return other, other.shell

    @property
    def shell(self) -> Shell:
        assert self.desktop.shell is not None
        return self.desktop.shell

    def until(self, condition: Callable[[], object], *, milliseconds: int = PATIENCE_MS) -> None:
        """Let the window work until the condition holds."""
        deadline = time.monotonic() + milliseconds / 1000
        while not condition():
            assert time.monotonic() < deadline, "the scene was never reached"
            spin(10)

    def settle(self) -> None:
        """Let what is under way arrive and be laid out."""
        spin(60)
        QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete))
        spin(20)

    def resize(self, width: int, height: int) -> None:
        self.desktop.resize(width, height)
        self.settle()

    def show_cases(self) -> None:
        """The Cases page with its rows and its preview."""
        self.shell.show_page("cases")
        cases = self.shell.cases
        self.until(lambda: cases.model.ids() and cases.preview.number())


def picture(window: QWidget) -> QPixmap:
    """The window with the dialogs and popups that lie over it, as one sees it."""
    pixmap = window.grab()
    origin = window.mapToGlobal(QPoint(0, 0))
    over = [
        each
        for each in QApplication.topLevelWidgets()
        if each is not window and each.isVisible() and each.windowHandle() is not None
    ]
    painter = QPainter(pixmap)
    for each in over:
        each.render(
            painter, each.mapToGlobal(QPoint(0, 0)) - origin, QRegion(QRect(QPoint(0, 0), each.size()))
        )
    painter.end()
    return pixmap


@contextmanager
def open_stage(portal: PortalProcess, home: Path, *, agent: Path | None = None) -> Iterator[Stage]:
    """The window on the demo portal, shown and settled on the Cases page."""
    desktop = make_desktop(portal, home, agent=agent)
    desktop.resize(*SIZE)
    desktop.show()
    stage = Stage(desktop=desktop, portal=portal, home=home, agent=agent)
    try:
        stage.show_cases()
        yield stage
    finally:
        for window in (*stage.others, desktop):
            window.close()
            window.deleteLater()
        stage.settle()
