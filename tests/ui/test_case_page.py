"""The Case page: composer, feed, files, rails, keyboard, and a GUI thread that never waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.agentlink import LimitsShown
from app.domain.access import AccessLevel
from app.domain.cases import Status, Substatus
from app.domain.errors import UnreachableError
from app.masking import Kind
from app.portal import Drafts, open_portal_database
from app.portal.contract import Page
from tests.peers.fakes import FakeDrafts, FakePortal, fake_services
from tests.peers.heartbeat import Heartbeat
from tests.peers.made_up import NOW, NUMBER, a_case, an_update, at
from ui.pages.case import CasePage
from ui.pages.case.composer import DRAFT_MS
from ui.pages.case.files_tab import FilesTab
from ui.pages.case.header import FILES
from ui.pages.case.manifest_panel import ManifestPanel
from ui.pages.case.sftp_account import SftpAccountCard
from ui.shell.services import PortalService
from ui.theme import install_theme
from ui.widgets import by_turns
from ui.widgets.feed import MessageItem
from ui.widgets.glyphs import Note

SILENT = UnreachableError("The portal does not answer", happened="No answer in 10 s.", todo="Try again.")


@pytest.fixture
def portal() -> FakePortal:
    return FakePortal()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, portal: FakePortal) -> Iterator[CasePage]:
    yield from _page(qtbot, qapp, portal)


def _page(qtbot: QtBot, qapp: QApplication, portal: FakePortal, drafts: object = None) -> Iterator[CasePage]:
    install_theme(qapp)
    page = CasePage(fake_services(portal=portal, drafts=drafts))
    qtbot.addWidget(page)
    page.resize(1384, 867)
    page.show()
    page.show_case(NUMBER)
    qtbot.waitUntil(lambda: page.files.row("f-1") is not None and page.rail.account_card is not None)
    qtbot.waitUntil(lambda: bool(page.findChildren(MessageItem)) and not page.updates.building)
    qtbot.waitUntil(lambda: bool(portal.called("case")) and page.header.reply.isEnabled())
    yield page


def notes(page: QWidget) -> list[str]:
    return [note.accessibleName() for note in page.findChildren(Note) if note.isVisibleTo(page)]


def press(page: QWidget, words: str) -> None:
    button = next(b for b in page.findChildren(QAbstractButton) if b.text() == words and b.isVisibleTo(page))
    button.click()


def test_the_newest_update_is_shown_first(page: CasePage) -> None:
    authors = [item.accessibleName()[:11] for item in page.findChildren(MessageItem)]
    assert authors == ["Ilse Brandt", "Nadia Ferro", "Nadia Ferro"]


def test_a_chip_filters_the_feed(page: CasePage, qtbot: QtBot) -> None:
    page.updates.chips.choose("Status")
    assert [item for item in page.findChildren(MessageItem) if item.isVisibleTo(page)] == []


def test_older_updates_come_fifty_at_a_time(qtbot: QtBot, qapp: QApplication, portal: FakePortal) -> None:
    portal.feed = [an_update(f"u-{n}", at(9, 1, 0), f"message {n}") for n in range(120)]
    page = next(_page(qtbot, qapp, portal))

    def shown() -> int:
        return sum(item.isVisibleTo(page) for item in page.findChildren(MessageItem))

    qtbot.waitUntil(lambda: shown() == 50)
    page.updates.older.click()
    qtbot.waitUntil(lambda: shown() == 100)
    page.updates.older.click()
    qtbot.waitUntil(lambda: shown() == 120)


def test_ctrl_enter_posts_and_empties_the_field(page: CasePage, qtbot: QtBot, portal: FakePortal) -> None:
    page.updates.composer.text.setPlainText("Traces are attached.")
    qtbot.keyClick(page.updates.composer.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.updates.composer.text.toPlainText() == "")
    assert [arguments[:2] for arguments in portal.called("comment")] == [(NUMBER, "Traces are attached.")]


def test_a_failed_post_keeps_the_text_and_repeats_with_the_same_key(
    page: CasePage, qtbot: QtBot, portal: FakePortal
) -> None:
    portal.fail["comment"] = SILENT
    page.updates.composer.text.setPlainText("Traces are attached.")
    page.updates.composer.submit()
    qtbot.waitUntil(lambda: "The portal does not answer" in notes(page))
    assert page.updates.composer.text.toPlainText() == "Traces are attached."
    press(page.updates.composer, "Try again")
    qtbot.waitUntil(lambda: len(portal.called("comment")) == 2)
    first, second = portal.called("comment")
    assert first == second


def test_another_text_gets_another_key(page: CasePage, qtbot: QtBot, portal: FakePortal) -> None:
    for text in ("one", "two"):
        page.updates.composer.text.setPlainText(text)
        page.updates.composer.submit()
        qtbot.waitUntil(lambda: page.updates.composer.text.toPlainText() == "")
    keys = [arguments[2] for arguments in portal.called("comment")]
    assert len(set(keys)) == 2


def test_a_phone_number_is_asked_about_before_anything_is_posted(
    page: CasePage, qtbot: QtBot, portal: FakePortal
) -> None:
    page.updates.composer.text.setPlainText("Call me at +12025550187")
    page.updates.composer.submit()
    qtbot.waitUntil(lambda: "This looks like a phone number." in notes(page))
    assert portal.called("comment") == []
    assert not page.updates.composer.post.isEnabled()


def test_mask_puts_a_token_in_its_place(page: CasePage, qtbot: QtBot) -> None:
    page.updates.composer.text.setPlainText("Call +12025550187 or +12025550187")
    qtbot.waitUntil(lambda: "This looks like a phone number." in notes(page))
    press(page.updates.composer, "Mask")
    qtbot.waitUntil(lambda: not notes(page))
    text = page.updates.composer.text.toPlainText()
    assert "2025550187" not in text
    assert text.count(f"<{Kind.TEL}:") == 2


def test_keep_posts_what_was_typed(page: CasePage, qtbot: QtBot, portal: FakePortal) -> None:
    page.updates.composer.text.setPlainText("Our hotline is +12025550187")
    qtbot.waitUntil(lambda: "This looks like a phone number." in notes(page))
    press(page.updates.composer, "Keep")
    page.updates.composer.submit()
    qtbot.waitUntil(lambda: len(portal.called("comment")) == 1)
    assert portal.called("comment")[0][1] == "Our hotline is +12025550187"


def test_a_draft_survives_a_restart(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal, tmp_path: Path
) -> None:
    database = open_portal_database(tmp_path / "copy.db")
    drafts = Drafts(database)
    page = next(_page(qtbot, qapp, portal, drafts))
    page.updates.composer.text.setPlainText("half a sentence")
    qtbot.waitUntil(lambda: drafts.get(NUMBER) is not None, timeout=DRAFT_MS + 2_000)
    again = next(_page(qtbot, qapp, portal, Drafts(database)))
    qtbot.waitUntil(lambda: again.updates.composer.text.toPlainText() == "half a sentence")
    database.close()


def test_another_case_gets_its_own_draft(qtbot: QtBot, qapp: QApplication, portal: FakePortal) -> None:
    drafts = FakeDrafts()
    drafts.held["0003256187"] = "the other text"
    page = next(_page(qtbot, qapp, portal, drafts))
    page.updates.composer.text.setPlainText("this text")
    page.show_case("0003256187")
    qtbot.waitUntil(lambda: page.updates.composer.text.toPlainText() == "the other text")
    qtbot.waitUntil(lambda: drafts.held.get(NUMBER) == "this text")


def test_the_composer_grows_to_eight_lines_and_no_further(page: CasePage) -> None:
    text = page.updates.composer.text
    heights = []
    for lines in (1, 5, 8, 30):
        text.setPlainText("\n".join("x" * lines))
        heights.append(text.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_files_dropped_on_the_composer_are_attached_not_typed(
    page: CasePage, qtbot: QtBot, tmp_path: Path
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.log"))])
    with qtbot.waitSignal(page.attach_requested) as asked:
        page.updates.composer.text.insertFromMimeData(mime)
    assert asked.args == [NUMBER, [tmp_path / "a.log"]]
    assert page.updates.composer.text.toPlainText() == ""


def test_a_reader_sees_who_may_reply_in_place_of_the_composer(qtbot: QtBot, qapp: QApplication) -> None:
    install_theme(qapp)
    page = CasePage(fake_services(portal=FakePortal(level=AccessLevel.READ_ONLY)))
    qtbot.addWidget(page)
    page.show()
    page.show_case(NUMBER)
    qtbot.waitUntil(lambda: "Tom Halberg" in page.refusal)
    assert not page.updates.composer.isVisible()
    assert not page.header.reply.isEnabled()
    assert "You can read this case" in notes(page)


def test_a_closed_case_refuses_files_and_says_why(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal
) -> None:
    portal.case_now = a_case(status=Status.CLOSED, substatus=Substatus.RESOLVED, closed_at=at(12, 9, 14))
    install_theme(qapp)
    page = CasePage(fake_services(portal=portal))
    qtbot.addWidget(page)
    page.show()
    page.show_case(NUMBER)
    qtbot.waitUntil(lambda: "reopened until" in page.refusal)
    assert page.drop_target.overlay.words == ("", "")
    with qtbot.assertNotEmitted(page.attach_requested):
        page._ask_to_attach([Path("/x")])


def test_opening_a_bundle_shows_its_manifest(page: CasePage, qtbot: QtBot) -> None:
    page.show_tab(FILES)
    row = page.files.row("f-1")
    assert row is not None
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: isinstance(page.files.panel("f-1"), ManifestPanel))
    panel = page.files.panel("f-1")
    assert isinstance(panel, ManifestPanel)
    assert panel.table.model().rowCount() == 6
    assert "14 files" in row.line.words
    press(panel, "8 more files")
    assert panel.table.model().rowCount() == 14


def test_a_manifest_that_cannot_be_read_says_so_and_offers_to_try_again(
    page: CasePage, qtbot: QtBot, portal: FakePortal
) -> None:
    portal.manifests["f-2"] = b"<html>"
    page.show_tab(FILES)
    row = page.files.row("f-2")
    assert row is not None
    row.toggled.emit()
    qtbot.waitUntil(lambda: "The manifest is not understood" in notes(page))


def test_a_file_of_support_is_downloaded_with_progress(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal, tmp_path: Path
) -> None:
    install_theme(qapp)
    tab = FilesTab(portal, clock=lambda: NOW, downloads=tmp_path)
    qtbot.addWidget(tab)
    tab.show_files(NUMBER, portal.case_files)
    qtbot.waitUntil(lambda: tab.row("f-6") is not None)
    tab.download("f-6")
    qtbot.waitUntil((tmp_path / "collect-sip-traces.txt").exists)
    row = tab.row("f-6")
    assert row is not None
    qtbot.waitUntil(lambda: any("Saved to" in w.toolTip() for w in row.findChildren(QWidget)))


class ClosedPace:
    """Lets nothing be fetched, and says so; the download ends when it may."""

    held = True

    def __init__(self) -> None:
        self.may = threading.Event()

    def fetch(
        self,
        portal: PortalService,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> object:
        assert on_progress is not None
        on_progress(0, 6)
        assert self.may.wait(timeout=60)
        return portal.download(number, file_id, target, on_progress=on_progress)

    def take(self, shown: LimitsShown) -> None:
        """It stays as it is."""


def test_a_download_that_the_limits_hold_back_says_so(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal, tmp_path: Path
) -> None:
    install_theme(qapp)
    pace = ClosedPace()
    tab = FilesTab(portal, clock=lambda: NOW, downloads=tmp_path, pace=pace)
    qtbot.addWidget(tab)
    tab.show_files(NUMBER, portal.case_files)
    qtbot.waitUntil(lambda: tab.row("f-6") is not None)
    tab.download("f-6")
    row = tab.row("f-6")
    assert row is not None
    qtbot.waitUntil(lambda: any("Held by the limits" in each.text() for each in row.findChildren(QLabel)))
    held = next(each for each in row.findChildren(QLabel) if "Held by the limits" in each.text())
    why = held.toolTip()
    pace.may.set()
    qtbot.waitUntil((tmp_path / "collect-sip-traces.txt").exists)
    assert why.startswith("Nothing is fetched at this time: see Settings, Bandwidth.")


def test_the_password_is_hidden_until_it_is_asked_for(page: CasePage) -> None:
    card = page.rail.account_card
    assert card is not None
    assert "Pa55word" not in card.password.words
    card.show_button.click()
    assert card.password.words == "fake-Pa55word"


def test_the_clipboard_is_cleared_after_its_time(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal
) -> None:
    install_theme(qapp)
    assert portal.account is not None
    card = SftpAccountCard(portal.account, clock=lambda: NOW, cleared_after_ms=50)
    qtbot.addWidget(card)
    card.copy_button.click()
    assert QGuiApplication.clipboard().text() == "fake-Pa55word"
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "")


def test_what_somebody_else_copied_since_is_left_alone(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal
) -> None:
    install_theme(qapp)
    assert portal.account is not None
    card = SftpAccountCard(portal.account, clock=lambda: NOW, cleared_after_ms=30)
    qtbot.addWidget(card)
    card.copy_button.click()
    QGuiApplication.clipboard().setText("something else")
    qtbot.wait(80)
    assert QGuiApplication.clipboard().text() == "something else"


def test_an_account_is_created_when_there_is_none(
    qtbot: QtBot, qapp: QApplication, portal: FakePortal
) -> None:
    portal.account = None
    install_theme(qapp)
    page = CasePage(fake_services(portal=portal))
    qtbot.addWidget(page)
    page.show()
    page.show_case(NUMBER)
    qtbot.waitUntil(lambda: page.rail.create_button is not None and len(portal.called("sftp_account")) == 1)
    assert page.rail.create_button is not None
    page.rail.create_button.click()
    qtbot.waitUntil(lambda: page.rail.account_card is not None)
    assert page.rail.account_card is not None
    assert page.rail.account_card.left.words == "120 h of 120 h left"


def test_the_bar_turns_red_before_the_end(qtbot: QtBot, qapp: QApplication, portal: FakePortal) -> None:
    install_theme(qapp)
    assert portal.account is not None
    account = replace(portal.account, expires=NOW + timedelta(hours=11))
    card = SftpAccountCard(account, clock=lambda: NOW)
    qtbot.addWidget(card)
    assert card.bar.role == "danger.solid"


def test_r_replies_and_backspace_leaves_only_while_nothing_is_typed(page: CasePage, qtbot: QtBot) -> None:
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: page.focusWidget() is page.updates.composer.text)
    with qtbot.assertNotEmitted(page.back_requested):
        qtbot.keyClick(page.updates.composer.text, Qt.Key.Key_Backspace)
    page.setFocus()
    with qtbot.waitSignal(page.back_requested):
        qtbot.keyClick(page, Qt.Key.Key_Backspace)


def test_never_more_than_one_primary_action(page: CasePage) -> None:
    for tab in ("updates", "files"):
        page.show_tab(tab)
        primary = [
            b
            for b in page.findChildren(QAbstractButton)
            if b.property("kind") == "primary" and b.isVisibleTo(page)
        ]
        assert len(primary) == 1


def test_dragged_files_show_where_they_will_go(page: CasePage, qtbot: QtBot, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page, QDragEnterEvent(QPoint(50, 50), action, mime, button, key))
    assert page.drop_target.overlay.words[0] == f"Attach to {NUMBER}"
    assert page.drop_target.overlay.isVisible()
    with qtbot.waitSignal(page.attach_requested) as asked:
        QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), action, mime, button, key, QEvent.Type.Drop))
    assert asked.args == [NUMBER, [tmp_path]]
    assert not page.drop_target.overlay.isVisible()


def test_text_that_is_dragged_is_no_attachment(page: CasePage) -> None:
    mime = QMimeData()
    mime.setText("hello")
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(page, event)
    assert not page.drop_target.overlay.isVisible()


def test_everything_that_takes_the_focus_has_a_name(page: CasePage) -> None:
    for tab in ("updates", "files"):
        page.show_tab(tab)
        nameless = [
            widget
            for widget in page.findChildren(QWidget)
            if isinstance(widget, (QAbstractButton, QLineEdit, QPlainTextEdit))
            and widget.isVisibleTo(page)
            and not (widget.accessibleName() or getattr(widget, "text", lambda: "")())
        ]
        assert nameless == []


@pytest.mark.gaps
def test_the_gui_thread_never_waits_for_a_slow_portal(
    page: CasePage, qtbot: QtBot, portal: FakePortal
) -> None:
    portal.delay = 0.25
    with Heartbeat() as heart:
        for _ in range(3):
            page.refresh()
            qtbot.wait(150)
        qtbot.wait(400)
    heart.assert_smooth()


@pytest.mark.gaps
def test_a_long_case_is_built_without_a_pause(page: CasePage, qtbot: QtBot, portal: FakePortal) -> None:
    portal.feed = [an_update(f"v-{n}", at(9, 1, 0), f"message {n}\n\n    code {n}") for n in range(50)]
    portal.case_files = [replace(portal.case_files[0], id=f"g-{n}", name=f"{n}.zip") for n in range(120)]
    with Heartbeat() as heart:
        page.refresh()
        qtbot.waitUntil(lambda: page.files.row("g-119") is not None and not page.updates.building)
    heart.assert_smooth()


def test_a_file_that_is_asked_for_before_its_row_is_there_comes_into_view(
    page: CasePage, qtbot: QtBot, portal: FakePortal
) -> None:
    files = [replace(portal.case_files[0], id=f"g-{n}", name=f"{n}.zip") for n in range(60)]
    page._take_files(files)
    assert page.files.row("g-59") is None
    page._reveal_file("g-59")
    qtbot.waitUntil(lambda: not page.files.building)
    row = page.files.row("g-59")
    assert row is not None
    qtbot.waitUntil(row.hasFocus)  # a row is in view for a moment before it has its place
    qtbot.waitUntil(lambda: not row.visibleRegion().isEmpty())


def test_a_reader_keeps_the_place_in_the_feed_when_files_come_behind_the_updates(
    page: CasePage, qtbot: QtBot, portal: FakePortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = page.updates._scroll.verticalScrollBar()
    items = [an_update(f"v-{n}", at(9, 1, 0), f"message {n}") for n in range(40)]
    page.updates.show_page(Page(items=items, next_cursor=None, total=40), append=False)
    qtbot.waitUntil(lambda: not page.updates.building and bar.maximum() > 900)
    bar.setValue(800)
    monkeypatch.setattr(by_turns, "TURN_S", 0.0)  # one entry in a turn, and turns that can be seen
    page.updates._turns._turn.setInterval(50)
    new = replace(items[0], id="v-new", files=["f-1"])
    page.updates.show_page(Page(items=[new, *items], next_cursor=None, total=41), append=False)
    qtbot.waitUntil(lambda: bar.maximum() < 800)
    assert page.updates.building
    page.updates.show_files({"f-1": replace(portal.case_files[0], id="f-1", name="new.zip")})
    page.updates._turns._turn.setInterval(0)
    qtbot.waitUntil(lambda: not page.updates.building)
    assert bar.value() == 800


def test_a_narrow_window_gives_the_rail_away_and_a_key_brings_it_back(page: CasePage, qtbot: QtBot) -> None:
    page.resize(1440, 800)
    qtbot.waitUntil(page.rail.isVisible)
    page.resize(1100, 800)
    qtbot.waitUntil(lambda: not page.rail.isVisible())
    qtbot.keyClick(page, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.rail.isVisible)
