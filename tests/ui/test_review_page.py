"""Review masking: windows of lines, hits, files held back, the word of R-FILE-1, and what never leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.agentlink import Confirm, Job, JobState
from app.domain.errors import RefusedError
from tests.peers.fakes import FakeAgent, FakePortal, fake_services
from tests.peers.heartbeat import Heartbeat
from tests.peers.made_up import NOW, NUMBER, a_job, a_review_job
from ui.pages.review import ReviewPage
from ui.pages.transfers import JobFollower
from ui.theme import install_theme
from ui.widgets.glyphs import Note
from ui.widgets.mask_lines import KEPT_WINDOWS, WINDOW

MASKED = "SIP_Server_A.20230609_101500_312.log"


@pytest.fixture
def job() -> Job:
    return a_review_job()


@pytest.fixture
def agent(job: Job) -> Iterator[FakeAgent]:
    agent = FakeAgent([job])
    yield agent
    agent.close()


@pytest.fixture
def portal() -> FakePortal:
    return FakePortal()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, agent: FakeAgent, portal: FakePortal, job: Job) -> ReviewPage:
    page = closed_page(qtbot, qapp, agent, portal)
    page.show_job(job.id)
    qtbot.waitUntil(lambda: page.diff.lines.at(0) is not None and page._selected >= 0)
    return page


def closed_page(qtbot: QtBot, qapp: QApplication, agent: FakeAgent, portal: FakePortal) -> ReviewPage:
    install_theme(qapp)
    follower = JobFollower(agent, clock=lambda: NOW)
    page = ReviewPage(fake_services(agent=agent, portal=portal), follower=follower)
    follower.setParent(page)
    qtbot.addWidget(page)
    page.resize(1384, 867)
    page.show()
    return page


def look_at_everything(page: ReviewPage, job: Job, qtbot: QtBot) -> None:
    for file in job.files:
        page.open_file(file.name)
    page.acknowledge.setChecked(True)
    qtbot.waitUntil(page.send.isEnabled)


def test_only_windows_of_lines_are_fetched(page: ReviewPage, agent: FakeAgent, qtbot: QtBot) -> None:
    page.diff.verticalScrollBar().setValue(30_000)
    qtbot.waitUntil(lambda: page.diff.lines.at(30_000) is not None)
    asks = [arguments[0] for arguments in agent.called("preview")]
    assert max(ask.limit for ask in asks) <= 500  # type: ignore[attr-defined]
    assert len(asks) <= 5


def test_scrolling_through_a_file_keeps_a_bounded_part_of_it(page: ReviewPage, qtbot: QtBot) -> None:
    for row in range(0, 8_000, 400):
        page.diff.verticalScrollBar().setValue(row)
        qtbot.waitUntil(lambda row=row: page.diff.lines.at(row) is not None)
    known = sum(page.diff.lines.at(row) is not None for row in range(0, 50_000, WINDOW))
    assert known <= KEPT_WINDOWS


def test_f_and_shift_f_visit_the_hits(page: ReviewPage, qtbot: QtBot) -> None:
    first = page._selected
    page.diff.setFocus()
    qtbot.keyClick(page.diff, Qt.Key.Key_F)
    assert page._selected == first + 1
    qtbot.keyClick(page.diff, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert page._selected == first


def test_a_hit_far_away_is_scrolled_to_and_marked_when_it_has_come(page: ReviewPage, qtbot: QtBot) -> None:
    page._select(len(page._lines.index) - 1)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "hit" in page.diff.accessibleDescription() and page._wanted_hit is None)
    assert page.diff.first_row > 0


def test_a_category_narrows_the_visits(page: ReviewPage) -> None:
    page.found.category_rows["email"].click()
    place = page._lines.index.place(page._selected)  # type: ignore[union-attr]
    line = page.diff.lines.at(place.line - 1)
    assert line is not None
    assert line.hits[place.position].kind == "MAIL"


def test_only_lines_with_changes(page: ReviewPage, qtbot: QtBot) -> None:
    page.found.only_changes.setChecked(True)
    qtbot.waitUntil(lambda: page.diff.lines.at(0) is not None)
    rows = [page.diff.lines.at(row) for row in range(20)]
    assert all(line is not None and line.hits for line in rows)


def test_both_sides_scroll_sideways_together_while_in_step(page: ReviewPage, qtbot: QtBot) -> None:
    qtbot.keyClick(page.diff, Qt.Key.Key_Right)
    assert page.diff.horizontal_offsets == (8, 8)
    page.found.step.setChecked(False)
    page.diff._move_sideways(8, pane=1)
    assert page.diff.horizontal_offsets == (8, 16)


def test_a_click_on_a_hit_selects_it(page: ReviewPage, qtbot: QtBot) -> None:
    page.diff.verticalScrollBar().setValue(0)
    line = page.diff.lines.at(7)
    assert line is not None
    width = page.diff.fontMetrics().averageCharWidth()
    point = QPoint(50 + line.hits[0].before_column * width + 20, 7 * 24 + 12)
    qtbot.mouseClick(page.diff.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert page._lines.index.place(page._selected).line == 8  # type: ignore[union-attr]


def test_a_file_held_back_shows_its_reason(page: ReviewPage) -> None:
    page.open_file("core.1201")
    assert page.state.isVisible()
    assert not page.diff.isVisible()
    assert page.found.file_rows["core.1201"].accessibleName().startswith("core.1201, held back")


def test_it_is_sent_only_after_every_file_was_looked_at_and_the_word_was_given(
    page: ReviewPage, job: Job, qtbot: QtBot
) -> None:
    assert not page.send.isEnabled()
    assert "not looked at yet" in page.reason.words
    for file in job.files:
        page.open_file(file.name)
    assert page.reason.words == "Tick the box when you have checked the masking"
    assert not page.send.isEnabled()
    page.acknowledge.setChecked(True)
    assert page.send.isEnabled()


def test_confirming_gives_the_word_to_the_portal_first(
    page: ReviewPage, job: Job, agent: FakeAgent, portal: FakePortal, qtbot: QtBot
) -> None:
    look_at_everything(page, job, qtbot)
    page.open_file("trunk_dn_options.cfg")
    page.selected.leave_button.click()
    with qtbot.waitSignal(page.sent) as sent:
        page.send.click()
    assert sent.args == [job.id]
    assert portal.called("acknowledge") == [(NUMBER,)]
    assert agent.called("confirm") == [(Confirm(job.id, "ack-1", ["trunk_dn_options.cfg"]),)]


def test_a_refused_word_sends_nothing_and_may_be_repeated(
    page: ReviewPage, job: Job, agent: FakeAgent, portal: FakePortal, qtbot: QtBot
) -> None:
    portal.fail["acknowledge"] = RefusedError(
        "The case is closed", happened="It was closed.", todo="Reopen it.", rule="R-FILE-1"
    )
    look_at_everything(page, job, qtbot)
    page.send.click()
    qtbot.waitUntil(lambda: any(n.accessibleName() == "The case is closed" for n in page.findChildren(Note)))
    assert agent.called("confirm") == []
    assert page.send.isEnabled()


def test_do_not_send_cancels_the_job(page: ReviewPage, job: Job, agent: FakeAgent, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.back_requested):
        page.discard.click()
    assert agent.called("cancel") == [(job.id,)]


def test_a_job_that_is_still_being_masked_opens_by_itself_when_it_is_ready(
    qtbot: QtBot, qapp: QApplication, agent: FakeAgent, portal: FakePortal, job: Job
) -> None:
    masking = replace(job, state=JobState.MASKING)
    agent.all_jobs = {job.id: masking}
    page = closed_page(qtbot, qapp, agent, portal)
    page._follower.start()
    page.show_job(job.id)
    qtbot.waitUntil(lambda: page.job is not None)
    assert page.progress.isVisible()
    agent.push(replace(job, changed=NOW))
    qtbot.waitUntil(lambda: page.diff.isVisible() and page.diff.lines.at(0) is not None)
    page._follower.stop()


def test_a_failed_job_says_why_and_that_nothing_was_sent(
    qtbot: QtBot, qapp: QApplication, agent: FakeAgent, portal: FakePortal
) -> None:
    failed = a_job("f", JobState.FAILED, problem=None)
    agent.all_jobs = {"f": failed}
    page = closed_page(qtbot, qapp, agent, portal)
    page.show_job("f")
    qtbot.waitUntil(lambda: page.job is not None)
    assert page.state.isVisible()
    assert not page.send.isEnabled()


def test_no_raw_value_is_spoken(page: ReviewPage, qtbot: QtBot) -> None:
    for _ in range(20):
        page.go(forward=True)
        words = f"{page.diff.accessibleName()} {page.diff.accessibleDescription()}"
        assert "2025550187" not in words
        assert "J. Example" not in words


@pytest.mark.gaps
def test_the_gui_thread_never_waits_for_lines(page: ReviewPage, qtbot: QtBot) -> None:
    with Heartbeat() as heart:
        for row in range(0, 40_000, 4_000):
            page.diff.verticalScrollBar().setValue(row)
            page.go(forward=True)
            qtbot.wait(20)
    heart.assert_smooth()
