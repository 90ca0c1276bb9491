"""How fast the desktop fetches: the limits of this PC's agent, exact, in its hours, and while idle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from app.agentlink import LendAsk, Lent, LimitHours, LimitsFrom, LimitsShown, TransferLimits
from app.domain.errors import UnreachableError
from app.transfer import Limiter, Limits
from app.transfer.bandwidth import Flow
from app.transfer.idle import QUIET_FOR, Reading
from tests.peers.fake_pace import FakePace
from ui.shell.download_pace import LOOK_EVERY, DownloadPace

BLOCK = 64 * 1024
MB = 1_000_000
NOON = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - local, as the limiter's; a Wednesday


class Agent:
    """Says what its limits are; or that it cannot be reached."""

    def __init__(self, limits: TransferLimits) -> None:
        self.shown = LimitsShown(limits, LimitsFrom.PERSON, fixed=False, rate_now=None)
        self.asked = 0
        self.away = False
        self.borrowers: set[str] = set()
        self.limiter: Flow | None = None

    def limits(self) -> LimitsShown:
        self.asked += 1
        if self.away:
            raise UnreachableError("Away", happened="It does not answer.", todo="Wait.", code="CF-1510")
        return self.shown

    def lend(self, ask: LendAsk) -> Lent:
        if self.away:
            raise UnreachableError("Away", happened="It does not answer.", todo="Wait.", code="CF-1510")
        self.borrowers.add(ask.who)
        if self.limiter is not None:
            self.limiter.take(ask.bytes, going=lambda: None)
        return Lent(ask.bytes)

    def set(self, limits: TransferLimits) -> None:
        self.shown = replace(self.shown, limits=limits)


class Portal:
    """Sends as many bytes as a file has, through the limiter that it is given."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.limiters: list[Limiter] = []

    def download(
        self,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None],
        limiter: Limiter,
    ) -> object:
        self.limiters.append(limiter)
        flow, done = limiter.flow(), 0
        while done < self.size:
            count = min(BLOCK, self.size - done)
            flow.take(count, going=partial(on_progress, done, self.size))
            done += count
            on_progress(done, self.size)
        return target


class Machine:
    """A machine whose counters follow what a test says of others, and of the agent."""

    def __init__(self, pace: FakePace) -> None:
        self._pace = pace
        self.busy = self.link = 0.0

    def read(self, moved: int) -> Reading:
        return Reading(
            at=self._pace.now(), busy=self.busy, own=0.0, link=int(self.link), moved=moved, processors=2
        )


class Scene:
    """A desktop beside an agent, in a time that passes by being waited for."""

    def __init__(
        self,
        limits: TransferLimits,
        *,
        size: int = 10 * MB,
        start: datetime = NOON,
        alone: bool = True,
    ) -> None:
        self.pace = FakePace(start=start, alone=alone)
        self.agent, self.portal = Agent(limits), Portal(size)
        self.machine = Machine(self.pace)
        self.desktop = DownloadPace(
            self.agent,  # type: ignore[arg-type]
            pace=self.pace,
            machine=self.machine,
            monotonic=self.pace.now,
            beside=lambda call: call(),
        )

    def fetch(self, on_progress: Callable[[int, int], None] | None = None) -> float:
        """Fetch a file; the seconds that it took."""
        began = self.pace.now()
        self.desktop.fetch(
            self.portal,  # type: ignore[arg-type]
            "0003256109",
            "f1",
            Path("x"),
            on_progress=on_progress,
        )
        return self.pace.now() - began


def test_a_download_is_as_fast_as_the_limit_to_five_percent_over_ten_seconds() -> None:
    assert Scene(TransferLimits(rate=MB)).fetch() == pytest.approx(10, rel=0.05)


def test_without_limits_and_without_an_agent_it_does_not_wait() -> None:
    assert Scene(TransferLimits()).fetch() == 0
    alone = DownloadPace(None)
    assert not alone.held
    assert alone.limiter.limits.rate is None


def test_the_limit_holds_for_all_downloads_together() -> None:
    scene = Scene(TransferLimits(rate=MB), size=5 * MB, alone=False)
    began = scene.pace.now()
    both = [threading.Thread(target=scene.fetch) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert scene.pace.now() - began == pytest.approx(10, rel=0.05)
    assert scene.portal.limiters == [scene.desktop.limiter] * 2


def test_the_hours_of_the_week_hold() -> None:
    """Wednesday, five seconds before six in the evening: slow until then, and fast after."""
    office = LimitHours(days=[0, 1, 2, 3, 4], begin="08:00", end="18:00", rate=MB)
    limits = TransferLimits(rate=5 * MB, hours=[office])
    evening = NOON.replace(hour=17, minute=59, second=55)
    # Five megabytes in the five seconds of the office, then the other five in one.
    assert Scene(limits, start=evening).fetch() == pytest.approx(6, abs=1.1)


def test_closed_hours_are_waited_for_and_shown_as_held() -> None:
    night = LimitHours(days=[2], begin="11:00", end="12:01", rate=0)
    scene = Scene(TransferLimits(hours=[night]), size=BLOCK)
    held: list[bool] = []
    took = scene.fetch(lambda _done, _whole: held.append(scene.desktop.held))
    assert took == pytest.approx(60, abs=1.1)
    assert held[0]
    assert not held[-1]


def test_nothing_is_fetched_while_others_use_the_machine() -> None:
    scene = Scene(TransferLimits(only_idle=True), size=4 * BLOCK)
    busy_until = scene.pace.now() + 30

    def others(_done: int, _whole: int) -> None:
        if scene.pace.now() < busy_until:
            scene.machine.busy = 2 * (scene.pace.now() - 1000)

    took = scene.fetch(others)
    assert 30 + QUIET_FOR - 2 * LOOK_EVERY <= took <= 30 + QUIET_FOR + 3 * LOOK_EVERY


def test_what_the_agent_sends_is_not_the_work_of_others() -> None:
    """The agent fills the link and a processor all the time: the download begins when it otherwise would."""
    scene = Scene(TransferLimits(only_idle=True), size=4 * BLOCK)

    def agent_at_work(_done: int, _whole: int) -> None:
        since = scene.pace.now() - 1000
        scene.machine.link, scene.machine.busy = 10 * MB * since, 1.5 * since
        scene.agent.shown = replace(scene.agent.shown, moved=int(10 * MB * since), worked=1.5 * since)

    assert scene.fetch(agent_at_work) <= QUIET_FOR + 3 * LOOK_EVERY


def test_other_limits_hold_for_a_download_that_is_under_way() -> None:
    scene = Scene(TransferLimits(rate=MB))

    def half_way(done: int, whole: int) -> None:
        if done >= whole // 2:
            scene.agent.set(TransferLimits(rate=5 * MB))

    assert scene.fetch(half_way) == pytest.approx(6, abs=LOOK_EVERY)


def test_what_settings_set_holds_at_once() -> None:
    scene = Scene(TransferLimits(rate=None))
    scene.desktop.take(replace(scene.agent.shown, limits=TransferLimits(rate=0)))
    assert scene.desktop.held


def test_an_agent_that_is_slow_holds_up_no_byte() -> None:
    """It answers once, and never again: the download ends under what it said, after a moment of patience."""
    scene, asked = Scene(TransferLimits(rate=MB)), []
    desktop = DownloadPace(
        scene.agent,  # type: ignore[arg-type]
        pace=scene.pace,
        monotonic=scene.pace.now,
        beside=asked.append,
    )
    scene.desktop = desktop
    # The first look at the limits is waited for; then it is asked to lend, and does not answer.
    assert scene.fetch() == pytest.approx(10 + 3, rel=0.05)
    assert scene.fetch() == pytest.approx(10, rel=0.05)
    assert len(asked) == 2


def test_what_the_agent_sends_and_what_is_fetched_is_one_sum() -> None:
    """The agent has as much to send as there is to fetch: each gets half of the limit."""
    scene = Scene(TransferLimits(rate=MB), size=5 * MB)
    limiter = Limiter(Limits(MB), pace=scene.pace)
    sending, sent = limiter.flow(), 0
    scene.agent.limiter = limiter.flow()

    def send_too(done: int, _whole: int) -> None:
        nonlocal sent
        while sent < done:
            sending.take(BLOCK, going=lambda: None)
            sent += BLOCK

    took = scene.fetch(send_too)
    assert (5 * MB + sent) / took == pytest.approx(MB, rel=0.05)
    assert sent == pytest.approx(5 * MB, rel=0.05)
    assert len(scene.agent.borrowers) == 1


def test_the_agent_is_not_asked_for_every_block() -> None:
    scene = Scene(TransferLimits(rate=MB))
    took = scene.fetch()
    assert scene.agent.asked <= took / LOOK_EVERY + 1


def test_an_agent_that_is_away_leaves_what_it_said_last(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    scene = Scene(TransferLimits(rate=MB), size=10 * MB)
    scene.fetch()
    scene.agent.away = True
    assert scene.fetch() == pytest.approx(10, rel=0.05)
    scene.pace.seconds += LOOK_EVERY
    assert scene.fetch() == pytest.approx(10, rel=0.05)
    assert [text for text in caplog.messages if "limits are not known anew" in text] == [
        "the agent's limits are not known anew (CF-1510); what it said last holds"
    ]
