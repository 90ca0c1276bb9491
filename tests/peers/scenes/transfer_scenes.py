"""Transfers in every state, and the review of what was masked, with jobs of an invented agent."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from app.agentlink import ErrorReply, JobState
from tests.peers.fakes import FakeAgent, fake_services
from tests.peers.made_up import NOW, a_job, a_review_job
from tests.peers.scenes.registry import scene
from tests.peers.scenes.settings_scenes import LIMITS
from tests.peers.scenes.stage import Stage
from ui.pages.review import ReviewPage
from ui.pages.transfers import JobFollower, TransfersPage
from ui.pages.transfers.rows import Verb
from ui.shell.shell import TRANSFERS

_SECONDS = 870


def put_page(stage: Stage, page: QWidget) -> None:
    """Show a page of ours in the real window."""
    shell = stage.shell
    shell.stack.addWidget(page)
    shell.sidebar.show_page(TRANSFERS)
    shell.stack.setCurrentWidget(page)


def follower_with_history(agent: FakeAgent) -> JobFollower:
    """A follower that has watched for a quarter of an hour, with one interruption."""
    follower = JobFollower(agent, clock=lambda: NOW, monotonic=lambda: float(_SECONDS))
    for job in agent.all_jobs.values():
        if job.state is JobState.SENDING:
            for second in range(0, _SECONDS, 3):
                wave = 1 + 0.09 * math.sin(second / 27) + 0.05 * math.sin(second / 5.3)
                lost = 340 < second < 380
                follower.history(job.id).add(0.0 if lost else job.rate * wave, at=float(second))
    return follower


@scene("05_transfers")
def transfers(stage: Stage) -> QWidget:
    agent = FakeAgent()
    agent.shown = replace(agent.shown, limits=LIMITS, rate_now=16_000_000)
    follower = follower_with_history(agent)
    page = TransfersPage(fake_services(agent=agent), follower=follower)
    follower.setParent(page)
    morning = NOW.astimezone().replace(hour=0, minute=0)
    for minute in range(0, 14 * 60, 1):
        rate = 30e6 if minute < 6 * 60 else 0 if minute < 10 * 60 else 9e6
        for second in (0, 30):
            page.day.add(
                rate * (1 + 0.2 * math.sin(minute / 17)),
                at=morning + timedelta(minutes=minute, seconds=second),
            )
    put_page(stage, page)
    stage.until(lambda: page.model.rowCount() > 8 and page.strip.isVisible())
    follower.stop()
    agent.close()
    return stage.desktop


def standing_still(stage: Stage) -> TransfersPage:
    """Jobs that wait for their turn, for the hours, for a portal that is away, and for a person's word."""
    problem = ErrorReply("CF-1501", "The portal does not answer", "It refused it.", retryable=True)
    elsewhere = ErrorReply(
        "CF-1114",
        "The file was sent another way before",
        "sftp://old.example.com/in may have all of it; it is never sent twice.",
        "Send it the way it was sent before: little more than the proof can be missing there.",
    )
    sends, half = JobState.SENDING, 3_100_000_000
    agent = FakeAgent(
        [
            a_job("urs-ors-statsrv-0614", sends, sent=half, problem=problem),
            a_job("rm-ports-0613", JobState.FAILED, problem=elsewhere),
            a_job("ixn-db-failover", sends, queued=True, place=1, created=NOW),
            a_job("statserver-heap-0614", sends, queued=True, place=2, sent=half),
            a_job("mcp-site-b-0614", JobState.MASKING, queued=True, held=True, size=0, source="nightly"),
        ]
    )
    follower = JobFollower(agent, clock=lambda: NOW)
    page = TransfersPage(fake_services(agent=agent), follower=follower)
    follower.setParent(page)
    put_page(stage, page)
    stage.until(lambda: page.model.rowCount() > 5)
    follower.stop()
    agent.close()
    return page


@scene("05_transfers_waiting")
def waiting(stage: Stage) -> QWidget:
    standing_still(stage).select("ixn-db-failover")
    return stage.desktop


@scene("05_transfers_not_there")
def not_there(stage: Stage) -> QWidget:
    page = standing_still(stage)
    page.select("rm-ports-0613")
    page.act("rm-ports-0613", Verb.NOT_THERE)
    return stage.desktop


@scene("05_transfers_no_agent")
def no_agent(stage: Stage) -> QWidget:
    put_page(stage, TransfersPage(fake_services(agent=None)))
    return stage.desktop


@scene("07a_mask_preview")
def review(stage: Stage) -> QWidget:
    job = a_review_job(lines=700)
    agent = FakeAgent([job], lines=700)
    follower = JobFollower(agent, clock=lambda: NOW)
    page = ReviewPage(fake_services(agent=agent), follower=follower)
    follower.setParent(page)
    stage.shell.review = page
    put_page(stage, page)
    page.show_job(job.id)
    stage.until(lambda: page.diff.lines.at(0) is not None)
    for file in job.files:
        page.open_file(file.name)
    page.open_file("SIP_Server_A.20230609_104500_120.log")
    page.acknowledge.setChecked(True)
    stage.until(lambda: page.diff.lines.at(0) is not None and page.selected.leave_button.isVisible())
    for _ in range(120):
        page.go(forward=True)
    stage.until(lambda: "hit" in page.diff.accessibleDescription())
    return stage.desktop


@scene("07a_file_held_back")
def held_back(stage: Stage) -> QWidget:
    job = a_review_job()
    agent = FakeAgent([job])
    follower = JobFollower(agent, clock=lambda: NOW)
    page = ReviewPage(fake_services(agent=agent), follower=follower)
    follower.setParent(page)
    stage.shell.review = page
    put_page(stage, page)
    page.show_job(job.id)
    stage.until(lambda: page.diff.lines.at(0) is not None)
    page.open_file("core.1201")
    return stage.desktop
