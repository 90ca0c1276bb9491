from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.watch import Candidate, decide_closed, rotated_name

QUIET = 30.0


def file(path: str, *, size: int = 10, modified: int = 0, quiet_for: float = 60.0) -> Candidate:
    return Candidate(path=path, size=size, modified_ns=modified, quiet_for=quiet_for)


def closed(*files: Candidate) -> set[str]:
    return set(decide_closed(files, quiet=QUIET).closed)


@pytest.mark.parametrize(
    ("name", "series", "renamed"),
    [
        ("sips_a.20230609_101502_118.log", "sips_a.log", False),
        ("sips_a-001.20230609_101502_118.log", "sips_a-001.log", False),
        ("mcp.log", "mcp.log", False),
        ("mcp.log.1", "mcp.log", True),
        ("mcp.log.20230609", "mcp.log", True),
        ("mcp.log.2023-06-09-11", "mcp.log", True),
        ("gax.2023-06-09.3.log", "gax.log", False),
        ("gax-2023-06-09.log", "gax.log", False),
        ("app.2023-06-09T10_15.log", "app.log", False),
        ("syslog", "syslog", False),
        ("mcp.log.1.gz", "mcp.log", True),
        ("mcp.log.gz", "mcp.log", True),
        ("sips_a.20230609_101502_118.log.zip", "sips_a.log", True),
    ],
)
def test_a_name_tells_series_and_rotation(name: str, series: str, renamed: bool) -> None:
    read = rotated_name(name)
    assert (read.series, read.renamed) == (series, renamed)


def test_the_newest_stamped_segment_is_growing_and_the_others_are_closed() -> None:
    assert closed(
        file("a.20230609_101502_118.log", modified=1),
        file("a.20230609_111502_118.log", modified=2),
        file("a.20230609_121502_118.log", modified=3),
    ) == {"a.20230609_101502_118.log", "a.20230609_111502_118.log"}


def test_a_renamed_segment_is_closed_once_it_is_quiet() -> None:
    assert closed(file("mcp.log"), file("mcp.log.1")) == {"mcp.log.1"}


def test_a_packed_segment_is_closed_and_closes_no_other() -> None:
    assert closed(
        file("a.20230609_101502_118.log", modified=1),
        file("a.20230609_111502_118.log.gz", modified=2),
    ) == {"a.20230609_111502_118.log.gz"}


def test_a_renamed_segment_that_its_writer_still_fills_is_growing() -> None:
    assert closed(file("mcp.log"), file("mcp.log.1", quiet_for=29.9)) == set()


def test_an_idle_live_file_is_never_closed() -> None:
    assert closed(file("mcp.log", quiet_for=1e9)) == set()


def test_the_last_segment_of_a_stopped_application_stays_growing() -> None:
    assert closed(file("a.20230609_101502_118.log", quiet_for=1e9)) == set()


def test_a_daily_file_beside_the_live_one_is_closed() -> None:
    assert closed(file("gax.log"), file("gax.2023-06-09.log")) == {"gax.2023-06-09.log"}


def test_a_renamed_copy_does_not_close_the_live_segment() -> None:
    assert "gax.log" not in closed(file("gax.log"), file("gax.log.1", modified=9))


def test_a_later_stamp_with_an_older_change_closes_nothing() -> None:
    # an hour that comes twice, or a clock that was set back
    assert (
        closed(file("a.20231029_024500_000.log", modified=1), file("a.20231029_020500_000.log", modified=2))
        == set()
    )


def test_series_of_other_folders_and_applications_do_not_close_each_other() -> None:
    assert (
        closed(
            file("x/a.20230609_101502_118.log", modified=1),
            file("y/a.20230609_111502_118.log", modified=2),
            file("x/b.20230609_121502_118.log", modified=3),
        )
        == set()
    )


def test_an_empty_segment_is_never_closed() -> None:
    assert closed(file("mcp.log"), file("mcp.log.1", size=0)) == set()


def test_it_says_when_to_look_again() -> None:
    decision = decide_closed([file("mcp.log.1", quiet_for=10.0), file("mcp.log", quiet_for=1.0)], quiet=QUIET)
    assert decision.look_again == pytest.approx(20.0)


NAMES = st.sampled_from(
    [
        "a.log",
        "a.log.1",
        "a.log.2",
        "a.20230609_101502_118.log",
        "a.20230609_111502_118.log",
        "a.20230609_121502_118.log",
        "b.20230609_111502_118.log",
        "b.log",
        "sub/a.log.1",
    ]
)
FILES = st.lists(
    st.builds(
        Candidate,
        path=NAMES,
        size=st.integers(0, 3),
        modified_ns=st.integers(0, 5),
        quiet_for=st.floats(0, 100),
    ),
    unique_by=lambda candidate: candidate.path,
    max_size=9,
)


@given(FILES)
def test_what_is_not_quiet_or_empty_is_never_closed(files: list[Candidate]) -> None:
    decision = decide_closed(files, quiet=QUIET)
    assert all(f.quiet_for >= QUIET and f.size > 0 for f in files if f.path in decision.closed)


@given(FILES)
def test_one_segment_of_every_series_without_rename_marks_stays_open(files: list[Candidate]) -> None:
    decision = decide_closed(files, quiet=QUIET)
    series: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in files:
        if not candidate.rotated.renamed:
            series.setdefault((candidate.folder, candidate.rotated.series), []).append(candidate)
    for members in series.values():
        assert any(member.path not in decision.closed for member in members)


@given(FILES)
def test_waiting_longer_never_opens_a_closed_segment_again(files: list[Candidate]) -> None:
    now = decide_closed(files, quiet=QUIET).closed
    later = decide_closed([replace(f, quiet_for=f.quiet_for + 5) for f in files], quiet=QUIET).closed
    assert now <= later


@given(FILES)
def test_after_the_wait_it_named_something_is_closed(files: list[Candidate]) -> None:
    decision = decide_closed(files, quiet=QUIET)
    if decision.look_again is not None:
        wait = decision.look_again + 1e-6
        later = decide_closed([replace(f, quiet_for=f.quiet_for + wait) for f in files], quiet=QUIET)
        assert later.closed > decision.closed
