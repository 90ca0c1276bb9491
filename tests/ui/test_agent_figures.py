"""What the Agents page tells of the last day, and what a person has an agent do there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.errors import CredentialsError
from tests.peers.agent_books import DIAGNOSIS, FakeBook, a_health, a_status, unreachable, with_a_full_queue
from tests.peers.fakes import fake_services
from tests.peers.made_up import NOW
from tests.ui.conftest import nameless
from ui.pages.agents import AgentsPage, Health, row_of
from ui.pages.agents.beats import CELLS, Cell, cells_of, full_in
from ui.pages.agents.diagnosis import DiagnosisDialog, diagnosis_text
from ui.pages.agents.list_view import Columns
from ui.pages.agents.queue_chart import QueueChart
from ui.pages.agents.rows import cpu_text, spoken, waiting_text
from ui.pages.agents.watching import RestartDialog, WatchDialog
from ui.shell.services import HERE, AgentGlance, KnownAgent
from ui.widgets.glyphs import Note

GB = 10**9
PAIRED = KnownAgent("p:1", "operator", "")


@pytest.fixture
def book() -> Iterator[FakeBook]:
    made = with_a_full_queue()
    yield made
    made.gate.set()


@pytest.fixture
def page(qtbot: QtBot, book: FakeBook) -> AgentsPage:
    made = AgentsPage(replace(fake_services(), agents=book))
    made.resize(1240, 800)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: len(made.rows()) == len(book.agents) and not made._asking)
    return made


def button(page: AgentsPage, words: str) -> QPushButton:
    (found,) = [
        each for each in page.findChildren(QPushButton) if each.text() == words and each.isVisibleTo(page)
    ]
    return found


def said(page: AgentsPage) -> list[str]:
    return [each.text() for each in page.findChildren(QLabel) if each.isVisibleTo(page)]


# --- the last day


def test_a_day_has_a_cell_for_each_half_hour() -> None:
    figures = a_health("URS", warned=3, silent=(6, 12))
    cells = cells_of(figures, now=NOW)
    assert len(cells) == CELLS
    assert cells[-4:] == [Cell.BEAT, Cell.NONE, Cell.BEAT, Cell.WARNED]
    assert set(cells[:-4]) == {Cell.BEAT}


def test_before_it_was_installed_no_heartbeat_is_missing() -> None:
    figures = a_health("URS")
    young = replace(figures, since=NOW - timedelta(hours=2), beats=figures.beats[-12:])
    cells = cells_of(young, now=NOW)
    assert cells[-4:] == [Cell.BEAT] * 4
    assert set(cells[:-5]) == {Cell.BEFORE}


def test_an_agent_that_is_silent_leaves_hollow_cells() -> None:
    glance = AgentGlance(a_status("med-02"), a_health("MCP_03"))
    row = row_of(PAIRED, glance, seen=NOW, problem=unreachable())
    cells = row.cells(now=NOW + timedelta(hours=3))
    assert cells[-5:] == [Cell.NONE] * 5
    assert "no heartbeat for 3 h of the last day" in spoken(row, now=NOW + timedelta(hours=3))
    assert (waiting_text(row), cpu_text(row)) == ("?", "–")


def test_a_clock_that_is_wrong_moves_no_cell() -> None:
    figures = replace(a_health("URS"), at=NOW)
    row = row_of(PAIRED, AgentGlance(a_status("rtg-01"), figures), seen=NOW + timedelta(days=9), problem=None)
    assert set(row.cells(now=NOW + timedelta(days=9))) == {Cell.BEAT}


@pytest.mark.parametrize(
    ("queue", "growing", "expected"),
    [(8 * GB, 44, True), (8 * GB, 0, False), (0, 0, False)],
)
def test_a_queue_that_grows_is_full_at_some_time(queue: int, growing: int, expected: bool) -> None:
    beats = a_health("URS", queue=queue, growing=growing).beats
    assert (full_in(beats, most=10 * GB) is not None) is expected


def test_a_queue_that_is_nearly_full_needs_a_person() -> None:
    figures = a_health("MCP_01", queue=8_100_000_000, growing=44)
    row = row_of(PAIRED, AgentGlance(a_status("med-01"), figures), seen=NOW, problem=None)
    assert (row.health, row.words) == (Health.WARNING, "Disk queue 81 % full")
    assert row.explained.startswith("8.1 of 10.0 GB. In about 1 h")


def test_an_agent_that_is_too_old_shows_what_it_tells() -> None:
    row = row_of(PAIRED, AgentGlance(a_status("old-01", waiting=1)), seen=NOW, problem=None)
    assert (waiting_text(row), cpu_text(row), row.cells(now=NOW)) == ("1 job", "–", [])


def test_where_there_is_no_room_the_heartbeats_go_first() -> None:
    wide, narrow = Columns.of(0, 900), Columns.of(0, 700)
    assert wide.strip < wide.seen
    assert narrow.strip == narrow.seen
    assert narrow.watched < narrow.strip


# --- the page


def test_the_page_counts_what_is_watched_and_what_waits(page: AgentsPage) -> None:
    assert page._watched[0].text() == "6"
    assert page._waiting[0].text() == "8.3 GB"
    assert nameless(page) == []


def test_the_rail_tells_queue_folders_and_manners(page: AgentsPage) -> None:
    page.select("med-02:8443")
    (chart,) = page.detail.findChildren(QueueChart)
    assert chart.accessibleDescription() == "Now 8.1 GB of 10.0 GB, at most 8.1 GB"
    assert {"limit 10.0 GB", "41.0 GB", "voice-strict", "at most 5 % of one, low priority"} <= set(said(page))


def test_the_rail_keeps_its_focus_when_figures_change(page: AgentsPage, book: FakeBook, qtbot: QtBot) -> None:
    page.select(HERE)
    page.activateWindow()
    button(page, "Diagnose").setFocus()
    qtbot.waitUntil(lambda: button(page, "Diagnose").hasFocus())
    before = button(page, "Diagnose")
    book.healths[HERE] = a_health("Stat_Server", queue=9_000_000)
    page.ask()
    qtbot.waitUntil(lambda: not page._asking)
    assert button(page, "Diagnose") is not before
    assert button(page, "Diagnose").hasFocus()


def test_what_needs_another_role_is_disabled_and_says_so(page: AgentsPage) -> None:
    page.select("med-02:8443")
    assert not button(page, "Restart agent").isEnabled()
    assert button(page, "Diagnose").isEnabled()
    page.select("old-01:8443")
    assert not button(page, "Diagnose").isEnabled()
    assert "You are paired as viewer." in button(page, "Diagnose").accessibleDescription()


def test_an_agent_begins_anew_after_one_question(page: AgentsPage, book: FakeBook, qtbot: QtBot) -> None:
    page.select(HERE)
    button(page, "Restart agent").click()
    assert isinstance(page.dialog, RestartDialog)
    page.dialog.restart.click()
    qtbot.waitUntil(lambda: any(row.words == "Begins anew…" for row in page.rows()))
    assert ("restart", HERE) in book.calls
    book.statuses[HERE] = replace(a_status("nadia-pc"), started=NOW)
    with qtbot.waitSignal(page.renewed):
        page.ask()
    assert not any(row.words == "Begins anew…" for row in page.rows())


def test_a_diagnosis_is_shown_with_a_text_to_copy(page: AgentsPage, qtbot: QtBot) -> None:
    page.select("med-02:8443")
    button(page, "Diagnose").click()
    dialog = page.dialog
    assert isinstance(dialog, DiagnosisDialog)
    qtbot.waitUntil(lambda: bool(dialog.text))
    assert dialog.summary.words == "8 checks: 2 need a person."
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == diagnosis_text("med-02", DIAGNOSIS)
    dialog.close_it.click()


def test_a_text_to_copy_has_a_line_for_each_check() -> None:
    lines = diagnosis_text("rtg-01", DIAGNOSIS).splitlines()
    assert lines[0] == "rtg-01, 2023-06-14 14:32 UTC"
    assert len(lines) == 1 + len(DIAGNOSIS.checks)
    assert "FAIL folder /opt/gcti/logs/ORS: The agent may not read it. -> Check the path" in lines[3]
    assert lines[3].endswith("[CF-1899]")


def test_a_diagnosis_that_is_refused_says_why(page: AgentsPage, book: FakeBook, qtbot: QtBot) -> None:
    book.fail = CredentialsError("This token may not do that", happened="h.", todo="t.", code="CF-1393")
    page.select(HERE)
    button(page, "Diagnose").click()
    dialog = page.dialog
    assert isinstance(dialog, DiagnosisDialog)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(Note)))
    assert dialog.findChildren(Note)[0].accessibleName() == "This token may not do that"
    dialog.close_it.click()


def test_one_more_folder_is_watched_by_the_rule(page: AgentsPage, book: FakeBook, qtbot: QtBot) -> None:
    page.select(HERE)
    button(page, "Watch another folder").click()
    dialog = page.dialog
    assert isinstance(dialog, WatchDialog)
    assert not dialog.watch.isEnabled()
    dialog.choose("/opt/gcti/logs/URS")
    dialog.watch.click()
    qtbot.waitUntil(lambda: ("watch", HERE, "/opt/gcti/logs/URS", "all") in book.calls)


def test_folders_of_another_machine_are_added_there(page: AgentsPage) -> None:
    page.select("med-02:8443")
    assert not any(
        each.text() == "Watch another folder" and each.isVisibleTo(page)
        for each in page.findChildren(QPushButton)
    )
    assert any("More are added on that server" in words for words in said(page))
