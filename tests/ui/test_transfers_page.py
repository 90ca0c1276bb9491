"""The Transfers page: groups, orders to the agent, events merged, and what it says without an agent."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.agentlink import AgentEvent, ErrorReply, Events, Job, JobState
from app.domain.errors import UnreachableError
from tests.peers.fakes import FakeAgent, fake_services
from tests.peers.heartbeat import Heartbeat
from tests.peers.made_up import NOW, a_job
from ui.pages.transfers import JobFollower, TransfersPage
from ui.pages.transfers.delegate import icon_rects, named_rects
from ui.pages.transfers.model import Head
from ui.pages.transfers.rows import Group, TransferRow, Verb
from ui.theme import install_theme
from ui.widgets.glyphs import Note

GONE = UnreachableError("The agent does not answer", happened="Refused.", todo="Start it.")


@pytest.fixture
def agent() -> Iterator[FakeAgent]:
    agent = FakeAgent()
    yield agent
    agent.close()


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, agent: FakeAgent) -> Iterator[TransfersPage]:
    page = open_page(qtbot, qapp, agent)
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    yield page
    page.follower.stop()


def open_page(qtbot: QtBot, qapp: QApplication, agent: FakeAgent | None) -> TransfersPage:
    install_theme(qapp)
    page = TransfersPage(fake_services(agent=agent))
    qtbot.addWidget(page)
    page.resize(1384, 867)
    page.show()
    return page


def entries(page: TransfersPage) -> list[str]:
    shown = [page.model.entry(row) for row in range(page.model.rowCount())]
    return [f"{e.group.value} {e.count}" if isinstance(e, Head) else e.id for e in shown]


def row_of(page: TransfersPage, job: str) -> TransferRow:
    entry = page.model.entry(page.model.row_of(job))
    assert isinstance(entry, TransferRow)
    return entry


def click(page: TransfersPage, qtbot: QtBot, job: str, verb: Verb) -> None:
    index = page.model.index(page.model.row_of(job))
    page.list.scrollTo(index)
    rect = page.list.visualRect(index)
    places = dict(icon_rects(row_of(page, job), rect) + named_rects(row_of(page, job), rect))
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=places[verb].center())


def notes(page: TransfersPage) -> list[str]:
    return [note.accessibleName() for note in page.findChildren(Note) if note.isVisibleTo(page)]


def test_jobs_stand_in_their_groups(page: TransfersPage) -> None:
    assert [entry for entry in entries(page) if " " in entry] == [
        "Active 3",
        "Needs you 2",
        "Waiting 2",
        "Done today 1",
    ]


def test_the_model_is_a_good_model(page: TransfersPage, agent: FakeAgent, qtbot: QtBot) -> None:
    tester = ModelTester(None)
    tester.check(page.model)
    agent.push(a_job("one-more", JobState.SENDING, created=NOW, changed=NOW))
    qtbot.waitUntil(lambda: page.model.row_of("one-more") >= 0)


def test_the_pause_button_of_a_row_pauses_it(page: TransfersPage, agent: FakeAgent, qtbot: QtBot) -> None:
    click(page, qtbot, "urs-ors-statsrv-0614", Verb.PAUSE)
    qtbot.waitUntil(lambda: row_of(page, "urs-ors-statsrv-0614").group is Group.WAITING)
    assert agent.called("pause") == [("urs-ors-statsrv-0614",)]


def test_p_pauses_and_resumes_by_keyboard(page: TransfersPage, agent: FakeAgent, qtbot: QtBot) -> None:
    page.select("statserver-heap-0614")
    qtbot.keyClick(page.list, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: row_of(page, "statserver-heap-0614").group is Group.WAITING)
    qtbot.keyClick(page.list, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: agent.called("resume") == [("statserver-heap-0614",)])


def test_a_failed_row_shows_reason_and_is_tried_again(
    page: TransfersPage, agent: FakeAgent, qtbot: QtBot
) -> None:
    assert "The temporary SFTP account ended" in row_of(page, "rm-ports-0613").line
    assert "1.2 of 3.0 GB sent; nothing is lost" in row_of(page, "rm-ports-0613").line
    click(page, qtbot, "rm-ports-0613", Verb.RETRY)
    qtbot.waitUntil(lambda: agent.called("retry") == [("rm-ports-0613",)])


def test_cancel_asks_only_when_something_was_sent(
    page: TransfersPage, agent: FakeAgent, qtbot: QtBot
) -> None:
    page.act("mcp-site-b-0614", Verb.CANCEL)
    qtbot.waitUntil(lambda: agent.called("cancel") == [("mcp-site-b-0614",)])
    page.act("config-export-full", Verb.CANCEL)
    qtbot.waitUntil(lambda: "Cancel config-export-full.zip?" in notes(page))
    agent.push()
    qtbot.wait(400)
    assert "Cancel config-export-full.zip?" in notes(page), "a question waits for its answer"
    assert len(agent.called("cancel")) == 1
    button = next(b for b in page.findChildren(QAbstractButton) if b.text() == "Cancel transfer")
    button.click()
    qtbot.waitUntil(lambda: len(agent.called("cancel")) == 2)


def test_a_job_in_review_leads_to_its_review(page: TransfersPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.review_requested) as asked:
        click(page, qtbot, "ors-strategy-0614", Verb.REVIEW)
    assert asked.args == ["ors-strategy-0614"]


def test_the_detail_follows_the_selection(page: TransfersPage, qtbot: QtBot) -> None:
    page.select("rm-ports-0613")
    assert page.detail.job is not None
    assert page.detail.job.id == "rm-ports-0613"
    qtbot.waitUntil(lambda: any("The temporary SFTP account ended" in note for note in notes(page)))


def test_the_selection_stays_when_a_job_moves_to_another_group(
    page: TransfersPage, agent: FakeAgent, qtbot: QtBot
) -> None:
    page.select("statserver-heap-0614")
    agent.push(replace(agent.all_jobs["statserver-heap-0614"], state=JobState.VERIFIED, changed=NOW))
    qtbot.waitUntil(lambda: row_of(page, "statserver-heap-0614").group is Group.DONE)
    assert page.list.currentIndex().row() == page.model.row_of("statserver-heap-0614")


def test_a_group_folds_by_its_head(page: TransfersPage, qtbot: QtBot) -> None:
    rect = page.list.visualRect(page.model.index(0))
    qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() - QPoint(100, 0))
    assert entries(page)[:2] == ["Active 3", "Needs you 2"]


def test_without_an_agent_the_page_says_what_to_do(qtbot: QtBot, qapp: QApplication) -> None:
    page = open_page(qtbot, qapp, None)
    assert page.empty.isVisible()
    assert not page.send.isEnabled()


def test_an_agent_that_does_not_answer_is_told_and_noticed_when_it_is_back(
    qtbot: QtBot, qapp: QApplication, agent: FakeAgent
) -> None:
    agent.fail = {"jobs": GONE, "events": GONE}
    page = open_page(qtbot, qapp, agent)
    qtbot.waitUntil(lambda: page.follower.problem is not None)
    assert page.empty.isVisible()
    agent.fail.clear()
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    page.follower.stop()


def test_what_was_seen_stays_when_the_agent_goes(page: TransfersPage, agent: FakeAgent, qtbot: QtBot) -> None:
    agent.fail = {"jobs": GONE}
    page.follower.refresh()
    qtbot.waitUntil(lambda: "The agent on this PC does not answer." in notes(page))
    assert page.model.rowCount() > 0


class StormyAgent(FakeAgent):
    """Its progress never rests: every poll answers at once with a thousand events."""

    def __init__(self, jobs: list[Job]) -> None:
        super().__init__(jobs)
        self.told = 0
        self._numbers = itertools.count(1)

    def events(self, since: int, timeout: float = 25.0) -> Events:
        if self.closed:
            raise GONE
        with self._wake:
            self._wake.wait(0.1)
            self.told += 1_000
            for job in list(self.all_jobs.values()):
                self.all_jobs[job.id] = replace(job, sent=min(job.sent + 100_000, job.size))
        return Events(self.told, [AgentEvent(n, "job", "j-1") for n in range(since + 1, self.told + 1)])


@pytest.mark.gaps
def test_ten_thousand_events_a_second_make_four_repaints(qtbot: QtBot, qapp: QApplication) -> None:
    agent = StormyAgent([a_job(f"j-{n}", JobState.SENDING, sent=0, rate=1e6) for n in range(60)])
    page = open_page(qtbot, qapp, agent)
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    changes: list[int] = []
    page.model.dataChanged.connect(lambda first, last: changes.append(last.row() - first.row()))
    before, began = agent.told, time.monotonic()
    with Heartbeat() as heart:
        qtbot.waitUntil(lambda: agent.told - before >= 10_000 and len(changes) >= 3)
    seconds = time.monotonic() - began
    page.follower.stop()
    agent.close()
    assert len(changes) <= 4 * seconds + 3, "one ranged change per refresh, and the clock's own tick"
    heart.assert_smooth()


def test_events_of_a_job_tell_its_way(qtbot: QtBot, qapp: QApplication, agent: FakeAgent) -> None:
    follower = JobFollower(agent, clock=lambda: NOW)
    job = a_job("j", JobState.SENDING, sent=0)
    follower.take_job(job)
    problem = ErrorReply("CF-1501", "The portal does not answer")
    follower.take_job(replace(job, state=JobState.WAITING, problem=problem))
    follower.take_job(replace(job, state=JobState.SENDING, sent=5_000_000))
    assert [seen.text for seen in follower.seen("j")] == [
        "Goes on after 5.0 MB",
        "The portal does not answer.",
        "Uploading",
        "Started by you",
    ]


def test_a_waiting_transfer_is_moved_by_keyboard(page: TransfersPage, agent: FakeAgent, qtbot: QtBot) -> None:
    agent.push(replace(agent.all_jobs["ixn-db-failover"], source="drop"))
    waiting = [each.id for each in agent.all_jobs.values() if row_of_or_none(page, each.id) is Group.WAITING]
    first, second = sorted(waiting, key=page.model.row_of)[:2]
    qtbot.waitUntil(lambda: page.follower.job(second) == agent.all_jobs[second])
    page.select(second)
    qtbot.keyClick(page.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: agent.called("move") == [(second, first)])
    qtbot.waitUntil(lambda: page.model.row_of(second) < page.model.row_of(first))


def test_a_transfer_is_sent_before_others_from_its_menu(
    page: TransfersPage, agent: FakeAgent, qtbot: QtBot
) -> None:
    page.select("ixn-db-failover")
    assert Verb.FIRST in page.detail.verbs()
    page.act("ixn-db-failover", Verb.FIRST)
    qtbot.waitUntil(lambda: agent.called("prioritise") == [("ixn-db-failover", 1)])
    qtbot.waitUntil(lambda: Verb.USUAL in page.detail.verbs())


def test_the_limit_of_this_moment_stands_above_the_list_and_leads_to_where_it_is_set(
    page: TransfersPage, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: page.limit.text() == "No limit")
    with qtbot.waitSignal(page.limits_requested):
        page.limit.click()


def test_the_days_bandwidth_stands_below_the_list(
    page: TransfersPage, agent: FakeAgent, qtbot: QtBot
) -> None:
    qtbot.waitUntil(page.strip.isVisible)
    assert page.strip.chart.accessibleName().startswith("Bandwidth today: ")
    with qtbot.waitSignal(page.limits_requested):
        page.strip.edit.click()
    agent.fail["limits"] = GONE
    page._ask_for_limits()
    qtbot.waitUntil(lambda: not page.strip.isVisible())


def row_of_or_none(page: TransfersPage, job: str) -> Group | None:
    row = page.model.row_of(job)
    return row_of(page, job).group if row >= 0 else None
