"""A portal that is away for more than a day: what was made meanwhile arrives once, and nobody has to help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import JobJournal, JobRow, ProgressBoard, Sender, Spool, TransferPace, Workshop
from app.agentlink import JobState, TransferLimits, Via
from app.bundle import reopen_bundle
from app.domain.errors import PeerError, UnreachableError
from app.transfer import Beat, Control, Interrupted, Journal, Opened, Part, Progress, RetryPolicy, Shipment
from app.transfer import send as send_bundle
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle

BEGIN = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
BACK = BEGIN + timedelta(hours=26)
SENDS = frozenset({JobState.SENDING, JobState.VERIFYING})
EVERY = timedelta(hours=8)
PART = 1000
NONSENSE = 3
"""Answers of a proxy, for each job, before the portal behind it is there again."""


class Portal(MemoryDestination):
    """Away until it is back; then something else answers in its place for a while."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.store, connections=1, part_size=PART)
        self._site = site

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        if shipment.key in self._site.failing:
            self._site.opened += 1
            raise UnreachableError("Fault", happened="h", todo="d", code="CF-1514")
        if self._site.away and self._site.now < BACK:
            self._site.opened += 1
            raise self._site.refusal()
        self._site.answers[shipment.key] += 1
        if self._site.away and self._site.answers[shipment.key] <= NONSENSE:
            raise PeerError("What?", happened="Another program answers.", todo="Look.", code="CF-1630")
        return super().open_or_resume(shipment, remote=remote, acked=acked, beat=beat)


class Site:
    """An agent that seals a bundle every eight hours, in one thread and with a clock in the hand."""

    def __init__(self, folder: Path) -> None:
        self.now = BEGIN
        self.away = False
        self.later: float | None = 3600
        self.opened = self.asked = 0
        self.answers: Counter[str] = Counter()
        self.failing: set[str] = set()
        self.store = MemoryStore()
        self.spool = Spool(folder / "spool")
        self.transfers = Journal(folder / "transfers.db")
        self.journal = JobJournal(folder / "journal.db", wall=lambda: self.now)
        destinations = SimpleNamespace(
            of=lambda _job: Portal(self),
            address=lambda _job: "the portal",
            ask=lambda _job: self._ask(),
            forget=lambda _job: None,
        )
        sender = Sender(
            transfers=self.transfers,
            journal=self.journal,
            spool=self.spool,
            destinations=cast("Any", destinations),
            progress=ProgressBoard(),
            policy=RetryPolicy(give_up_after=0.0, draw=lambda: 0.0),
            changed=lambda _job: None,
            pace=TransferPace(folder / "limits.json", configured=TransferLimits(), fixed=False),
            record=lambda _job, _volume: None,
        )
        engine = SimpleNamespace(rule_set_sha256="rules", key_id="key")
        tools = SimpleNamespace(journal=self.journal, sender=sender, spool=self.spool, engine=engine)
        self.workshop = Workshop(
            cast("Any", tools), changed=lambda _job: None, senders=0, wall=lambda: self.now
        )
        self._made = sealed_bundle(folder / "sealed", size=4 * PART).path.read_bytes()

    def refusal(self) -> UnreachableError:
        """What comes of every attempt to speak with the portal."""
        return UnreachableError("Away", happened="h", todo="d", code="CF-1510", retry_after=self.later)

    def _ask(self) -> None:
        self.asked += 1
        if self.away and self.now < BACK:
            raise self.refusal()

    def seal(self) -> str:
        """One more job whose bundle is ready to be sent; its id."""
        number = f"j{len(self.journal.jobs())}"
        job = JobRow(
            number, "0003256109", "all", Via.HTTPS, JobState.SENDING, f"{number}.zip", self.now, self.now
        )
        self.journal.create(job, [])
        self._put(number)
        return number

    def seal_again(self, number: str) -> None:
        """What the thread that prepares does with a bundle that was lost."""
        self._put(number)
        self.journal.move(number, before=(JobState.BUNDLING,), after=JobState.SENDING)

    def _put(self, number: str) -> None:
        place = self.spool.bundle(number, f"{number}.zip")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(self._made)
        bundle = reopen_bundle(place)
        self.journal.volumes.note_sealed(number, 1, bundle, key=f"key of {number}", packed_sizes={})

    def work(self) -> None:
        """Everything that is due at this moment."""
        while (job := self.workshop._first(SENDS, self.now)) is not None:
            self.workshop.away.taken(job, self.now)
            self.workshop._work(job, Control())

    def live_until(self, end: datetime, *, sealing: bool) -> None:
        """Go from one due moment to the next, and seal a bundle every eight hours."""
        seal_at = self.now
        while self.now < end:
            if sealing and self.now >= seal_at:
                self.seal()
                seal_at += EVERY
            self.work()
            due = self.journal.next_due(after=self.now) or end
            self.now = min(due, end, *([seal_at] if sealing else []))

    def states(self) -> Counter[JobState]:
        return Counter(job.state for job in self.journal.jobs())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.transfers.close()
    made.journal.close()


def test_after_a_day_without_a_portal_everything_arrives_once_though_a_proxy_answers_first(
    site: Site,
) -> None:
    site.away = True
    site.live_until(BACK, sealing=True)
    assert (site.states(), site.store.files) == ({JobState.WAITING: 4}, {})
    site.live_until(BACK + timedelta(hours=1), sealing=False)
    assert site.states() == {JobState.VERIFIED: 4}
    assert (len(site.store.files), set(site.store.closings.values())) == (4, {1})


def test_what_had_left_before_a_day_without_a_portal_is_not_sent_again(site: Site) -> None:
    number = site.seal()
    bundle = reopen_bundle(site.spool.bundle(number, f"{number}.zip"))
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * PART:
            control.stop()

    with suppress(Interrupted):
        send_bundle(
            site.transfers, bundle, Portal(site), key=f"key of {number}", control=control, on_progress=follow
        )
    site.away = True
    site.live_until(BACK + timedelta(hours=1), sealing=False)
    assert site.states() == {JobState.VERIFIED: 1}
    assert site.store.stored == bundle.size


def test_a_bundle_that_got_lost_while_the_portal_was_away_is_sealed_again(site: Site) -> None:
    number = site.seal()
    site.away = True
    site.live_until(BEGIN + timedelta(hours=3), sealing=False)
    site.spool.bundle(number, f"{number}.zip").unlink()
    site.live_until(BACK + timedelta(hours=1), sealing=False)
    assert site.states() == {JobState.BUNDLING: 1}


def test_a_bundle_that_is_taken_away_again_and_again_is_for_a_person(site: Site) -> None:
    number = site.seal()
    for _loss in range(4):
        site.spool.bundle(number, f"{number}.zip").unlink()
        site.work()
        if site.states() == {JobState.BUNDLING: 1}:
            site.seal_again(number)
    assert site.states() == {JobState.FAILED: 1}


def test_everything_goes_on_within_a_minute_of_the_portals_return(site: Site) -> None:
    site.away, site.later, site.now = True, None, BACK - timedelta(hours=1)
    site.answers.update({f"key of j{number}": NONSENSE for number in range(4)})
    for _job in range(4):
        site.seal()
    site.live_until(BACK, sealing=False)
    site.live_until(BACK + timedelta(minutes=1), sealing=False)
    assert site.states() == {JobState.VERIFIED: 4}


def test_without_a_portal_one_cheap_question_a_minute_is_asked_however_many_jobs_wait(site: Site) -> None:
    site.away, site.later = True, None
    for _job in range(20):
        site.seal()
    site.live_until(BEGIN + timedelta(hours=2), sealing=False)
    assert site.opened == 1
    assert 2 * 60 - 1 <= site.asked <= 2 * 60 * 2 + 1


def test_a_portal_that_wants_to_be_left_alone_for_an_hour_is(site: Site) -> None:
    site.away = True
    for _job in range(20):
        site.seal()
    site.live_until(BEGIN + timedelta(hours=9, minutes=30), sealing=False)
    assert not site.workshop.away.may_be_back("the portal")
    site.work()
    assert (site.opened, site.asked) == (1, 9)


def test_jobs_that_come_meanwhile_make_what_the_portal_asked_for_no_longer(site: Site) -> None:
    site.away = True
    for _job in range(3):
        site.seal()
        site.live_until(site.now + timedelta(minutes=25), sealing=False)
    assert site.journal.next_due(after=site.now) == BEGIN + timedelta(hours=2)
    assert (site.opened, site.asked) == (1, 1)


def test_a_job_at_which_the_portal_fails_does_not_hold_up_others_for_ever(site: Site) -> None:
    site.away, site.later, site.now = True, None, BACK - timedelta(hours=1)
    site.answers.update({f"key of j{number}": NONSENSE for number in range(4)})
    for _job in range(4):
        site.seal()
    site.failing.add("key of j0")
    site.live_until(BACK + timedelta(hours=1), sealing=False)
    assert site.states() == {JobState.WAITING: 1, JobState.VERIFIED: 3}


def test_a_portal_that_answers_and_takes_nothing_is_not_sent_to_every_minute(site: Site) -> None:
    site.failing.add(f"key of {site.seal()}")
    site.live_until(BEGIN + timedelta(hours=8), sealing=False)
    assert 8 * 4 <= site.opened <= 8 * 8 + 8
