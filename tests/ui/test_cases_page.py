"""The Cases page and the shell around it, on the real portal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.domain.cases import Priority, Turn
from app.portal.contract import CaseView
from tests.peers.heartbeat import Heartbeat
from tests.peers.portal import PortalProcess
from tests.ui.conftest import Guarded, nameless
from ui.pages.cases import CasesPage
from ui.shell.services import Services
from ui.shell.session import Session
from ui.shell.shell import Shell
from ui.shell.window import Desktop
from ui.theme import Mode, current_theme

CALLS_DROP = "0003256109"


def shell_of(desktop: Desktop) -> Shell:
    assert desktop.shell is not None
    return desktop.shell


def test_cases_stand_in_groups_in_the_fixed_order_with_the_soonest_close_first(desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    groups = cases.model.groups()
    assert [group.turn for group in groups] == [Turn.YOU, Turn.SUPPORT, Turn.THIRD_PARTY, Turn.NOBODY]
    assert list(groups[0].numbers) == ["0003256033", CALLS_DROP, "0003256187"]


def test_tabs_count_their_cases_and_the_sidebar_those_that_wait(qtbot: QtBot, desktop: Desktop) -> None:
    shell = shell_of(desktop)
    qtbot.waitUntil(lambda: shell.sidebar.entries.entry(0).badge == 3)


def test_a_view_shows_its_cases(qtbot: QtBot, desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    cases.tabs.choose(CaseView.URGENT.value)
    qtbot.waitUntil(lambda: bool(cases.model.groups()) and cases.view() is CaseView.URGENT)
    qtbot.waitUntil(
        lambda: (
            all(
                row.priority in (Priority.CRITICAL, Priority.HIGH)
                for row in map(cases.model.row_at, range(cases.model.rowCount()))
                if row is not None
            )
            and cases.model.rowCount() < 10
        )
    )


def test_chips_narrow_and_the_empty_state_clears_them(qtbot: QtBot, desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    cases.filters.priority.choose([Priority.LOW.value])
    cases.filters.words.setText("no case has these words")
    qtbot.waitUntil(cases.empty.isVisible)
    cases.filters.clear()
    qtbot.waitUntil(cases.list.isVisible)


def test_words_find_cases(qtbot: QtBot, desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    cases.filters.words.setText("re-invite TRUNK")
    qtbot.waitUntil(lambda: [g.numbers for g in cases.model.groups()] == [(CALLS_DROP,)])


def test_a_pasted_number_jumps_to_its_case_and_leaves_the_field_empty(qtbot: QtBot, desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    QGuiApplication.clipboard().setText(f" {CALLS_DROP}\n")
    cases.filters.words.setFocus()
    cases.filters.words.paste()
    assert cases.list.current_number() == CALLS_DROP
    assert cases.filters.words.text() == ""


def test_the_preview_follows_the_selection(qtbot: QtBot, desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    cases.list.select_number(CALLS_DROP)
    qtbot.waitUntil(lambda: cases.preview.number() == CALLS_DROP)


def test_space_hides_and_shows_the_preview(qtbot: QtBot, desktop: Desktop) -> None:
    cases = shell_of(desktop).cases
    qtbot.keyClick(cases.list, Qt.Key.Key_Space)
    assert not cases.preview.isVisible()
    qtbot.keyClick(cases.list, Qt.Key.Key_Space)
    assert cases.preview.isVisible()


def test_enter_opens_the_case_and_back_keeps_the_selection(qtbot: QtBot, desktop: Desktop) -> None:
    shell = shell_of(desktop)
    shell.cases.list.select_number(CALLS_DROP)
    qtbot.keyClick(shell.cases.list, Qt.Key.Key_Return)
    assert shell.stack.currentWidget() is shell.case
    assert shell.case.number == CALLS_DROP
    shell.case.back_requested.emit()
    assert shell.stack.currentWidget() is shell.cases
    assert shell.cases.list.current_number() == CALLS_DROP


def test_a_comment_at_the_portal_shows_without_a_reload(
    qtbot: QtBot, desktop: Desktop, demo_portal: PortalProcess
) -> None:
    shell = shell_of(desktop)
    with demo_portal.session("Tom") as tom:
        answer = tom.post("/cases/0003256226/comments", json={"text": "Seen on the second node too."})
        assert answer.status_code in (200, 201), answer.text
    with qtbot.waitSignal(shell.link.changed, timeout=10_000):
        pass


def test_a_read_only_contact_sees_why_nothing_can_be_changed(
    qtbot: QtBot, desktop_of: Callable[[str], Desktop]
) -> None:
    cases = shell_of(desktop_of("Grit")).cases
    reply = cases.preview.reply_button()
    assert not reply.isEnabled()
    assert reply.accessibleDescription()


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_everything_one_can_operate_has_a_name(desktop: Desktop, mode: Mode) -> None:
    current_theme().set_mode(mode)
    assert nameless(desktop) == []


def test_a_narrow_window_folds_the_sidebar_and_slides_the_preview_over(
    qtbot: QtBot, desktop: Desktop
) -> None:
    desktop.resize(1024, 640)
    shell = shell_of(desktop)
    qtbot.waitUntil(lambda: shell.sidebar.width() == 56)
    assert not shell.cases.preview.isVisible()
    assert desktop.width() == 1024
    shell.cases.toggle_preview()
    assert shell.cases.preview.isVisible()
    assert shell.cases.preview.geometry().right() <= shell.cases.width()


def test_the_palette_finds_a_case_by_its_words(qtbot: QtBot, desktop: Desktop) -> None:
    shell = shell_of(desktop)
    palette = shell.open_palette()
    palette.field.setText("re-invite")
    qtbot.waitUntil(lambda: palette.texts() == ["Calls drop after re-INVITE timeout on trunk DN"])
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shell.case.number == CALLS_DROP


def test_a_portal_that_goes_away_is_said_and_the_cases_stay(
    qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory, tmp_path: object
) -> None:
    from tests.peers.scenes.stage import make_desktop

    folder = tmp_path_factory.mktemp("lost")
    with PortalProcess(folder / "data") as portal:
        desktop = make_desktop(portal, folder / "home")
        qtbot.addWidget(desktop)
        desktop.show()
        shell = shell_of(desktop)
        qtbot.waitUntil(lambda: shell.session.online and bool(shell.cases.model.ids()), timeout=20_000)
        portal.kill()
        qtbot.waitUntil(lambda: not shell.session.online, timeout=20_000)
        qtbot.waitUntil(shell.banner.isVisible)
        assert shell.cases.model.ids()
        desktop.close()


@pytest.mark.gaps
def test_no_call_is_made_on_the_gui_thread_and_it_never_computes_longer_than_a_tenth_of_a_second(
    qtbot: QtBot, desktop: Desktop, heart: Heartbeat
) -> None:
    real = shell_of(desktop).services
    desktop.hide()  # its own paints are no work of the page that is looked at
    calls: list[str] = []
    sinners: list[str] = []
    slow = Services(
        portal=Guarded(real.portal, delay=0.4, calls=calls, sinners=sinners),  # type: ignore[arg-type]
        agent=None,
        copy=Guarded(real.copy, delay=0.2, calls=calls, sinners=sinners),  # type: ignore[arg-type]
        clock=real.clock,
        drafts=real.drafts,
    )
    session = Session()
    page = CasesPage(slow, session)
    qtbot.addWidget(page)
    page.resize(1224, 900)
    page.show()
    assert real.copy.me() is not None
    heart.begin()
    session.know(real.copy.me(), None)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: bool(page.model.ids()) and bool(page.preview.number()), timeout=10_000)
    page.columns.sort_chosen.emit("subject")
    page.tabs.choose(CaseView.GROUP.value)
    qtbot.waitUntil(lambda: page.model.rowCount() > 20, timeout=10_000)
    page.list.verticalScrollBar().setValue(page.list.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: page.model.row_at(page.model.rowCount() - 1) is not None, timeout=10_000)
    assert sinners == []
    heart.assert_smooth()
