"""The Transfers page: what stands still, why, in which order it goes, and a person's word on it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.agentlink import ErrorReply, Job, JobState, Via
from tests.peers.fakes import FakeAgent
from tests.peers.made_up import NOW, a_job
from tests.ui.conftest import nameless
from tests.ui.test_transfers_page import click, notes, open_page
from ui.pages.transfers import TransfersPage
from ui.pages.transfers.asking import NotThereDialog
from ui.pages.transfers.rows import Verb


def waiting_page(qtbot: QtBot, qapp: QApplication, *jobs: Job) -> tuple[TransfersPage, FakeAgent]:
    agent = FakeAgent(list(jobs))
    page = open_page(qtbot, qapp, agent)
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    return page, agent


def test_transfers_that_wait_for_their_turn_are_moved_by_keyboard_and_by_menu(
    qtbot: QtBot, qapp: QApplication
) -> None:
    jobs = [a_job(name, JobState.SENDING, queued=True, place=n) for n, name in enumerate("abc")]
    page, agent = waiting_page(qtbot, qapp, *jobs)
    page.select("c")
    qtbot.keyClick(page.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: agent.called("move") == [("c", "b")])
    page.select("a")
    assert {Verb.UP, Verb.DOWN} <= set(page.detail.verbs())
    qtbot.waitUntil(lambda: page.model.row_of("c") < page.model.row_of("b"))
    page.act("a", Verb.DOWN)
    qtbot.waitUntil(lambda: agent.called("move")[1:] == [("a", "b")])
    page.follower.stop()
    agent.close()


def test_why_a_transfer_waits_stands_beside_the_list(qtbot: QtBot, qapp: QApplication) -> None:
    job = a_job("a", JobState.SENDING, queued=True)
    page, agent = waiting_page(qtbot, qapp, job)
    page.select("a")
    qtbot.waitUntil(lambda: "It waits for its turn." in notes(page))
    click(page, qtbot, "a", Verb.FIRST)
    qtbot.waitUntil(lambda: agent.called("prioritise") == [("a", 1)])
    agent.push(replace(job, queued=False))
    qtbot.waitUntil(lambda: "It waits for its turn." not in notes(page))
    page.follower.stop()
    agent.close()


def test_no_rates_are_drawn_of_what_waits_for_its_turn(qtbot: QtBot, qapp: QApplication) -> None:
    sending = a_job("a", JobState.SENDING, sent=1, rate=5_000_000.0)
    page, agent = waiting_page(qtbot, qapp, sending, a_job("b", JobState.SENDING, queued=True))
    qtbot.waitUntil(lambda: page.model.spark("a") == [5_000_000.0])
    assert page.follower.history("b").readings == ()
    agent.push(replace(sending, queued=True, rate=0.0))
    qtbot.waitUntil(lambda: page.model.spark("a") == [])
    page.follower.stop()
    agent.close()


def test_why_a_running_transfer_does_not_get_on_stands_beside_the_list(
    qtbot: QtBot, qapp: QApplication
) -> None:
    problem = ErrorReply("CF-1501", "The portal does not answer", retryable=True)
    page, agent = waiting_page(qtbot, qapp, a_job("a", JobState.SENDING, sent=1, problem=problem))
    page.select("a")
    qtbot.waitUntil(lambda: any("The portal does not answer" in note for note in notes(page)))
    page.follower.stop()
    agent.close()


def elsewhere(qtbot: QtBot, qapp: QApplication) -> tuple[TransfersPage, FakeAgent, NotThereDialog]:
    problem = ErrorReply("CF-1114", "The file was sent another way before", "sftp://old may have all of it.")
    page, agent = waiting_page(qtbot, qapp, a_job("a", JobState.FAILED, problem=problem))
    click(page, qtbot, "a", Verb.NOT_THERE)
    qtbot.waitUntil(lambda: bool(page.findChildren(NotThereDialog)))
    return page, agent, page.findChildren(NotThereDialog)[0]


def test_a_persons_word_that_a_bundle_is_not_there_needs_its_own_tick(
    qtbot: QtBot, qapp: QApplication
) -> None:
    page, agent, dialog = elsewhere(qtbot, qapp)
    assert nameless(dialog) == []
    assert not dialog.send.isEnabled()
    assert (dialog.leave.isDefault(), dialog.known.isChecked()) == (True, False)
    dialog.known.click()
    dialog.send.click()
    qtbot.waitUntil(lambda: agent.called("retry") == [("a", "not there")])
    page.follower.stop()
    agent.close()


def test_without_that_word_it_stays_where_it_is(qtbot: QtBot, qapp: QApplication) -> None:
    page, agent, dialog = elsewhere(qtbot, qapp)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.findChildren(NotThereDialog))
    assert agent.called("retry") == []
    page.follower.stop()
    agent.close()


def test_how_an_arrival_is_proven_stands_beside_the_list_with_its_level(
    qtbot: QtBot, qapp: QApplication
) -> None:
    arrived = a_job("a", JobState.VERIFIED, changed=NOW, via=Via.SFTP, level="C")
    page, agent = waiting_page(qtbot, qapp, arrived)
    page.select("a")
    words = " ".join(label.text() for label in page.detail.findChildren(QLabel))
    assert "C: a sample read back, its digest lies beside it" in words
    page.follower.stop()
    agent.close()
