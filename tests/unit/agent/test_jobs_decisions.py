"""The pure decisions of jobs: what is claimed, when it is tried again, what names leave the machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.catalogue import Segment, SegmentState
from agent.jobs import Rule, When, after_error, in_portions, offered
from agent.jobs.collected import SourceMoved
from agent.jobs.naming import bundle_name, distinct, member_name
from agent.watch import Fingerprint
from app.agentlink import JobState, Via
from app.domain.disks import never_so_large
from app.domain.errors import (
    CredentialsError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)
from app.masking import load_rules, new_key, reference_engine

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RULE = Rule(
    name="all",
    folders=(Path("/logs"),),
    applications=(),
    case="0003256109",
    when=When(every=None),
    via=Via.HTTPS,
)


def segment(key: str, *, size: int = 10, application: str = "sips_a", folder: str = "/logs") -> Segment:
    return Segment(
        id=1,
        folder=Path(folder),
        path=f"{key}.log.1",
        application=application,
        generation=1,
        device=1,
        inode=1,
        modified_ns=0,
        print=Fingerprint(size=size, head_length=size, head="", tail=""),
        state=SegmentState.CLOSED,
        key=key,
    )


def keys(rule: Rule, *segments: Segment, claimed: set[str] | None = None) -> list[str]:
    return [one.key for one in offered(rule, segments, claimed=claimed or set())]


def test_claimed_segments_and_those_of_other_folders_are_not_looked_at() -> None:
    segments = [segment("a"), segment("b"), segment("b"), segment("c", folder="/other")]
    assert keys(RULE, *segments, claimed={"a"}) == ["b"]


@pytest.mark.parametrize(
    ("patterns", "application", "fits"),
    [
        ((), "anything", True),
        (("sips_*",), "sips_a", True),
        (("SIPS_*",), "sips_a", True),
        (("urs*", "sips_?"), "sips_a", True),
        (("urs*",), "sips_a", False),
    ],
)
def test_a_rule_wants_applications_by_pattern(
    patterns: tuple[str, ...], application: str, fits: bool
) -> None:
    assert replace(RULE, applications=patterns).wants(application) is fits


@given(st.lists(st.integers(1, 50), max_size=60))
def test_portions_hold_every_segment_once_in_order_and_are_bounded(sizes: list[int]) -> None:
    segments = [segment(str(number), size=size) for number, size in enumerate(sizes)]
    portions = list(in_portions(segments, files=5, size=100))
    assert [one.key for portion in portions for one in portion] == [one.key for one in segments]
    assert all(len(portion) <= 5 for portion in portions)
    assert all(sum(one.size for one in portion) <= 100 or len(portion) == 1 for portion in portions)


def test_a_batch_is_due_after_its_time_and_when_the_clock_was_set_back() -> None:
    when = When(every=timedelta(minutes=10))
    assert when.due(last=None, now=NOW)
    assert not when.due(last=NOW, now=NOW + timedelta(minutes=9))
    assert when.due(last=NOW, now=NOW + timedelta(minutes=10))
    assert when.due(last=NOW, now=NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (UnreachableError("t", happened="h", todo="d"), JobState.WAITING),
        (LocalError("t", happened="h", todo="d"), JobState.WAITING),
        (PeerError("t", happened="h", todo="d"), JobState.WAITING),
        (RefusedError("t", happened="h", todo="d", rule="R-FILE-1"), JobState.FAILED),
        (CredentialsError("t", happened="h", todo="d"), JobState.FAILED),
        (TrustError("t", happened="h", todo="d"), JobState.FAILED),
        (IntegrityError("t", happened="h", todo="d"), JobState.FAILED),
        (never_so_large("A bundle", left="Nothing half is left."), JobState.FAILED),
    ],
)
def test_what_may_pass_is_waited_for_and_the_rest_needs_a_person(error: WorldError, state: JobState) -> None:
    turn = after_error(error, attempts=0, now=NOW, spread=0.5)
    assert turn.state is state
    assert (turn.next_attempt is None) == (state is JobState.FAILED)


def test_a_portal_that_answers_nonsense_is_not_tried_for_ever() -> None:
    error = PeerError("t", happened="h", todo="d")
    assert after_error(error, attempts=0, tries=20, now=NOW, spread=0.5).state is JobState.FAILED


@pytest.mark.parametrize(
    "waited_for",
    [
        UnreachableError("The portal is away for a day", happened="h", todo="d"),
        LocalError("The disk is full", happened="h", todo="d", code="CF-1892"),
        LocalError("The spool is full", happened="h", todo="d", code="CF-1877"),
    ],
)
@pytest.mark.parametrize("comes_then", [PeerError("t", happened="h", todo="d"), SourceMoved()])
def test_what_comes_after_a_long_wait_has_all_its_tries(
    waited_for: WorldError, comes_then: WorldError
) -> None:
    turn = after_error(waited_for, attempts=0, now=NOW, spread=1.0)
    for _ in range(100):
        turn = after_error(waited_for, attempts=turn.attempts, tries=turn.tries, now=NOW, spread=1.0)
    turn = after_error(comes_then, attempts=turn.attempts, tries=turn.tries, now=NOW, spread=1.0)
    assert (turn.state, turn.tries) == (JobState.WAITING, 1)
    assert turn.next_attempt == NOW + timedelta(seconds=5)


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 40), (1000, 40)])
def test_what_waits_for_room_in_the_spool_looks_again_every_forty_seconds(
    attempts: int, seconds: int
) -> None:
    error = LocalError("The spool is full", happened="h", todo="d", code="CF-1877")
    turn = after_error(error, attempts=attempts, now=NOW, spread=1.0)
    assert turn.next_attempt == NOW + timedelta(seconds=seconds)


def test_what_the_peer_asks_for_is_waited() -> None:
    error = UnreachableError("t", happened="h", todo="d", retry_after=120)
    turn = after_error(error, attempts=0, now=NOW, spread=0.0)
    assert turn.next_attempt == NOW + timedelta(seconds=120)


@given(st.integers(0, 1000), st.floats(0, 1))
def test_waits_grow_and_stay_within_a_quarter_of_an_hour(attempts: int, spread: float) -> None:
    error = UnreachableError("t", happened="h", todo="d")
    turn = after_error(error, attempts=attempts, now=NOW, spread=spread)
    assert turn.next_attempt is not None
    assert timedelta(seconds=2.5) <= turn.next_attempt - NOW <= timedelta(minutes=15)


def test_a_bundles_name_says_source_time_and_job() -> None:
    assert bundle_name("sip-and-urs", created=NOW, job="0123456789abcdef") == (
        "sip-and-urs-20260304-050607-01234567.zip"
    )


def test_names_in_a_bundle_are_distinct_whatever_their_case() -> None:
    assert distinct(["a.log", "A.log", "a.log"]) == ["a.log", "A.log~2", "a.log~3"]


ENGINE = reference_engine(load_rules(), new_key())


def test_a_name_keeps_what_support_needs() -> None:
    name = member_name(ENGINE, folder="sips_a", path="sips_a-001.20230609_101502_118.log")
    assert name == "sips_a/sips_a-001.20230609_101502_118.log"


def test_a_personal_value_in_a_name_is_masked() -> None:
    name = member_name(ENGINE, folder="", path="trace of jane.doe@example.com.log")
    assert "jane.doe" not in name
    assert "MAIL-" in name


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/./b", "..", "con\x00.log", "   "])
def test_no_name_leads_out_of_the_bundle(path: str) -> None:
    name = member_name(ENGINE, folder="", path=path)
    parts = name.split("/")
    assert name
    assert not name.startswith("/")
    assert all(part not in ("", ".", "..") for part in parts)
