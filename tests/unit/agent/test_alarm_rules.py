"""Rules of alarms: files with their places of errors, lines that are spotted, rates and storms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.alarms import (
    MOST_AN_HOUR,
    Action,
    AlarmRule,
    Rate,
    Series,
    Severity,
    Spotter,
    Step,
    is_quiet,
    message_id,
    read_alarm_rules,
    step,
)
from agent.alarms.folding import HOUR, QUIET
from app.domain.errors import InputError
from app.settings import resource

MINUTE = 60_000_000
WHOLE = """
[[alarm]]
name = "lost"
ids = ["04504", "04505"]
applications = ["sips_*"]
severity = "major"
rate = "5 in 10m"
actions = ["notify", "hold", "draft"]
around = "5m"
text = "Lost."
[[alarm]]
name = "words"
pattern = 'out of (memory|disk)'
severity = "critical"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "alarms.toml"
    path.write_text(text, encoding="utf-8")
    return path


def rule(name: str = "lost", *, ids: tuple[str, ...] = (), pattern: str = "", **more: object) -> AlarmRule:
    return AlarmRule(name, Severity.MAJOR, ids=ids, pattern=pattern, **more)  # type: ignore[arg-type]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    first, second = read_alarm_rules(write(tmp_path, WHOLE))
    assert first == AlarmRule(
        "lost",
        Severity.MAJOR,
        ids=("04504", "04505"),
        applications=("sips_*",),
        rate=Rate(5, timedelta(minutes=10)),
        actions=(Action.NOTIFY, Action.HOLD, Action.DRAFT),
        around=timedelta(minutes=5),
        text="Lost.",
    )
    assert (second.pattern, second.rate.count, second.actions) == (
        "out of (memory|disk)",
        1,
        (Action.NOTIFY,),
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"04505"', '"4505"', "alarms.toml, line 4, field alarm[0].ids[1]"),
        ('severity = "major"', 'severity = "bad"', "line 6, field alarm[0].severity"),
        ('rate = "5 in 10m"', 'rate = "5 a minute"', "line 7, field alarm[0].rate"),
        ('rate = "5 in 10m"', 'rate = "5 in 100h"', "line 7, field alarm[0].rate"),
        ('"draft"]', '"mail"]', "line 8, field alarm[0].actions[2]"),
        ('around = "5m"', 'around = "0m"', "line 9, field alarm[0].around"),
        ("(memory|disk)", "(memory|disk", "line 13, field alarm[1].pattern"),
        ("out of (memory|disk)", r"(a)\1", "line 13, field alarm[1].pattern"),
        ("out of (memory|disk)", "x*", "line 13, field alarm[1].pattern"),
        ("pattern = 'out of (memory|disk)'", "", "field alarm[1].ids"),
        ('name = "words"', 'name = "lost"', "line 12, field alarm[1].name"),
        ('name = "words"', 'name = "two words"', "line 12, field alarm[1].name"),
        ('text = "Lost."', 'test = "Lost."', "line 10, field alarm[0].test"),
        ('text = "Lost."', f'text = "{"x" * 301}"', "line 10, field alarm[0].text"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_alarm_rules(write(tmp_path, WHOLE.replace(before, after, 1)))
    assert said in error.value.happened


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("2023-06-09T10:15:02.118 Std 04504 Connection to urs_a lost", "connection-lost"),
        ("2023-06-09T10:15:02.118 Standard h a GCTI-00-04504 Connection to urs_a lost", "connection-lost"),
        ("10:15:02.118 Std 20002 CTI Link disconnected", "cti-link-lost"),
        ("2023-06-09 10:15:03,441 FATAL [main] c.e.gms - stops", "fatal"),
        ("java.lang.IllegalStateException: state", "java-errors"),
        ("10:15:02.118 Std 05060 Application started", "restarts"),
        ("10:15:02.118 Trc 04120 Check point 2023-06-09T10:15:02", ""),
        ("10:15:02.118 Int 04543 Interaction message from 04504", ""),
        ("\tat c.e.gms.CallbackService.start(CallbackService.java:118)", ""),
    ],
)
def test_the_built_in_rules_know_well_known_messages(line: str, name: str) -> None:
    rules = read_alarm_rules(resource("alarms", "default.toml"))
    found = Spotter(rules).find(f"a\n{line}\nb\n".encode(), application="sips_a")
    assert [spotted.rule.name for spotted in found] == ([name] if name else [])


def test_a_line_is_spotted_once_for_each_rule_with_its_whole_extent() -> None:
    spotter = Spotter([rule("ids", ids=("04504",)), rule("text", pattern="los[st]")])
    plain = b"x\n1 Std 04504 Std 04504 lost lost\ny\nloss"
    found = [
        (spotted.rule.name, plain[spotted.start : spotted.end])
        for spotted in spotter.find(plain, application="")
    ]
    line = b"1 Std 04504 Std 04504 lost lost"
    assert sorted(found) == [("ids", line), ("text", line), ("text", b"loss")]


def test_with_both_a_line_needs_the_id_and_the_pattern() -> None:
    spotter = Spotter([rule(ids=("04504",), pattern="urs")])
    plain = b"Std 04504 sips\nStd 04504 urs\nurs\n"
    assert [spotted.start for spotted in spotter.find(plain, application="")] == [15]


def test_other_applications_lines_are_passed_over() -> None:
    spotter = Spotter([rule(ids=("04504",), applications=("SIPS_*",))])
    assert spotter.find(b"Std 04504\n", application="sips_a")
    assert not spotter.find(b"Std 04504\n", application="urs_a")


@pytest.mark.parametrize(
    ("line", "found"),
    [(b"10:15 Std 04504 x", "04504"), (b"h a GCTI-01-20002 x", "01-20002"), (b"nothing 04504", "")],
)
def test_a_message_has_an_id(line: bytes, found: str) -> None:
    assert message_id(line) == found


def run(moments: list[int], rate: Rate) -> list[Step]:
    series, steps = Series(), []
    for moment in moments:
        series, what = step(series, moment, rate=rate)
        steps.append(what)
    return steps


def test_a_rate_needs_its_lines_within_its_time() -> None:
    rate = Rate(3, timedelta(minutes=10))
    assert run([0, 1, 2, 3], rate) == [Step.COUNTED, Step.COUNTED, Step.RAISED, Step.COUNTED]
    assert Step.RAISED not in run([0, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE], rate)


def test_the_eleventh_alarm_in_an_hour_begins_a_storm_that_ends_when_it_is_quiet() -> None:
    steps = run([*range(11), 11, 12, 12 + QUIET, 13 + 2 * QUIET], Rate())
    assert steps[:10] == [Step.RAISED] * 10
    assert steps[10:] == [Step.STORM, Step.FOLDED, Step.FOLDED, Step.FOLDED, Step.STORM]
    assert run([*range(10), HOUR + 20], Rate())[-1] is Step.RAISED


def test_lines_of_older_logs_that_are_read_later_are_within_no_time_of_newer_ones() -> None:
    rate = Rate(3, timedelta(minutes=10))
    assert Step.RAISED not in run([6 * HOUR, 6 * HOUR + 1, 0, 3 * HOUR], rate)
    assert Step.RAISED not in run([9 * MINUTE, -9 * MINUTE, 0], rate)
    assert run([6 * HOUR, 6 * HOUR + 1, 0, 1, 2], rate)[-1] is Step.RAISED
    assert run([6 * HOUR, 6 * HOUR + 1, 0, 6 * HOUR + 2], rate)[-1] is Step.RAISED


def test_alarms_of_older_logs_that_are_read_later_make_no_storm_of_another_hour() -> None:
    assert run([*range(6 * HOUR, 6 * HOUR + 10), 0], Rate())[-1] is Step.RAISED
    assert run([*range(6 * HOUR, 6 * HOUR + 10), 0, 6 * HOUR + 11], Rate())[-1] is Step.STORM


@given(
    gaps=st.lists(st.integers(0, 40 * MINUTE) | st.integers(0, 1000), max_size=60),
    count=st.integers(1, 4),
    minutes=st.integers(1, 60),
)
def test_whatever_comes_ten_alarms_an_hour_are_raised_at_most_and_every_other_line_is_folded(
    gaps: list[int], count: int, minutes: int
) -> None:
    moments = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    steps = run(moments, Rate(count, timedelta(minutes=minutes)))
    raised = [at for at, what in zip(moments, steps, strict=True) if what is Step.RAISED]
    assert all(sum(at - HOUR < other <= at for other in raised) <= MOST_AN_HOUR for at in raised)
    storming = False
    for before, at, what in zip([0, *moments], moments, steps, strict=False):
        if what is Step.FOLDED:
            assert storming
            assert at - before <= QUIET
        storming = what in (Step.STORM, Step.FOLDED)
    if count == 1:
        assert Step.COUNTED not in steps


def test_a_storm_ends_by_the_agents_clock_too_also_when_that_was_set_back() -> None:
    assert not is_quiet(0, now=QUIET)
    assert is_quiet(0, now=QUIET + 1)
    assert is_quiet(QUIET + 1, now=0)


def test_patterns_that_are_too_large_together_are_looked_for_all_the_same() -> None:
    large = "(?:[a-z0-9]{30}[^xyz]{30}){30}"
    rules = [rule(f"r{number}", pattern=f"{large}{number}|word{number}$") for number in range(100)]
    spotted = Spotter(rules).find(b"a word7\nno such word\nword99\n", application="sips_a")
    assert [each.rule.name for each in spotted] == ["r7", "r99"]
