"""Reloading: what counts at once, what after a restart, when the file is read, and setting one field."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent.api import Reach
from agent.jobs import TransferPace
from agent.service.config import AgentConfig, changes, named_files, read_config, set_field, until_restart
from agent.service.config_watch import ConfigWatch, Mark, marks_of
from app.agentlink import LimitsFrom, TransferLimits
from app.domain.errors import InputError

TEXT = """\
# of sip-a01
[agent]
data = "data"   # on the large disk

[portal]
url = "https://portal.example"

[transfer]
limit = "10 MB/s"  # agreed with the network team

[[rule]]
name = "sip"
folders = ["/logs/sip"]
case = "0003256109"  # open until spring
"""


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "agent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def config_of(folder: Path, text: str = TEXT) -> AgentConfig:
    return read_config(written(folder, text))


def test_the_same_file_asks_for_nothing(tmp_path: Path) -> None:
    found = changes(config_of(tmp_path), config_of(tmp_path, f"# a comment more\n{TEXT}"))
    assert (found.parts, found.limits, found.restart) == (False, False, ())


def test_other_limits_interrupt_nothing(tmp_path: Path) -> None:
    found = changes(config_of(tmp_path), config_of(tmp_path, TEXT.replace("10 MB/s", "2 MB/s")))
    assert (found.parts, found.limits) == (False, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('folders = ["/logs/sip"]', 'folders = ["/logs/sip", "/logs/urs"]'),
        ('case = "0003256109"', 'case = "0003256110"'),
        ("[transfer]", "[bundle]\nlevel = 1\n[transfer]"),
        ("[transfer]", "[transfer]\nat_once = 4"),
        ("[transfer]", '[masking]\nprofile = "voice-strict"\n[transfer]'),
        ("portal.example", "portal2.example"),
    ],
)
def test_everything_else_is_built_anew_without_a_restart(tmp_path: Path, before: str, after: str) -> None:
    found = changes(config_of(tmp_path), config_of(tmp_path, TEXT.replace(before, after)))
    assert (found.parts, found.restart) == (True, ())


def test_data_folder_and_api_count_after_a_restart(tmp_path: Path) -> None:
    old = config_of(tmp_path)
    new = config_of(tmp_path, TEXT.replace('"data"', '"elsewhere"') + '[api]\nremote = "0.0.0.0:8443"\n')
    found = changes(old, new)
    assert (found.parts, found.restart) == (False, ("agent.data", "api"))
    kept = until_restart(old, new)
    assert (kept.data, kept.api) == (tmp_path / "data", Reach())


def test_limits_of_the_file_do_not_undo_what_a_person_set(tmp_path: Path) -> None:
    pace = TransferPace(tmp_path / "limits.json", configured=TransferLimits(rate=1), fixed=False)
    pace.set(TransferLimits(rate=2))
    pace.configure(TransferLimits(rate=3), fixed=False)
    assert (pace.shown().limits.rate, pace.shown().set_by) == (2, LimitsFrom.PERSON)
    assert pace.reset().limits.rate == 3


def test_limits_that_became_fixed_count_at_once(tmp_path: Path) -> None:
    pace = TransferPace(tmp_path / "limits.json", configured=TransferLimits(rate=1), fixed=False)
    pace.set(TransferLimits(rate=2))
    pace.configure(TransferLimits(rate=3), fixed=True)
    assert (pace.shown().limits.rate, pace.shown().fixed, pace.limiter.rate_now()) == (3, True, 3)


def test_the_limits_of_the_file_count_at_once_when_nobody_set_others(tmp_path: Path) -> None:
    pace = TransferPace(tmp_path / "limits.json", configured=TransferLimits(rate=1), fixed=False)
    pace.configure(TransferLimits(rate=3), fixed=False)
    assert (pace.shown().limits.rate, pace.limiter.rate_now()) == (3, 3)


def watching(*marks: Mark) -> list[bool]:
    """What a watch says at each look; the first mark is that of the start."""
    given = iter(marks)
    watch = ConfigWatch(lambda: (next(given),))
    return [watch.changed() for _ in marks[1:]]


A, B, C = (1, 10, 7), (2, 11, 7), (3, 12, 7)


def test_a_change_is_said_once_when_it_has_stayed() -> None:
    assert watching(A, A, B, B, B, B) == [False, False, True, False, False]


def test_who_still_writes_is_waited_for() -> None:
    assert watching(A, B, C, C) == [False, False, True]


def test_a_file_that_is_away_for_a_moment_is_no_change() -> None:
    assert watching(A, None, None, A, A) == [False, False, False, False]


def test_a_file_that_stays_away_is_said_once() -> None:
    assert watching(A, *[None] * 20).index(True) == 10
    assert watching(A, *[None] * 20).count(True) == 1


def test_another_file_is_read_though_the_one_that_was_named_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text("x", encoding="utf-8")
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    watch = ConfigWatch(lambda: marks_of([path, tmp_path / "secret"]))
    (tmp_path / "secret").rename(tmp_path / "other")
    path.write_text("yy", encoding="utf-8")
    assert sum(watch.changed() for _ in range(20)) == 1


def test_a_file_that_was_never_there_keeps_no_other_change(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text("x", encoding="utf-8")
    watch = ConfigWatch(lambda: marks_of([path, tmp_path / "none"]))
    path.write_text("yy", encoding="utf-8")
    assert (watch.changed(), watch.changed()) == (False, True)


def test_a_replaced_file_is_a_change() -> None:
    assert watching(A, None, B, B) == [False, False, True]


def test_a_file_that_the_configuration_names_counts_as_well(tmp_path: Path) -> None:
    config = config_of(tmp_path, f'{TEXT}[masking]\nrules = "own.toml"\nkey_file = "keys"\n')
    own = tmp_path / "own.toml"
    assert set(named_files(config)) == {own, tmp_path / "keys"}
    own.write_text("x", encoding="utf-8")
    watch = ConfigWatch(lambda: marks_of([config.path, own]))
    own.write_text("yy", encoding="utf-8")
    assert (watch.changed(), watch.changed()) == (False, True)


def test_a_missing_file_that_comes_back_later_is_read(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    watch = ConfigWatch(lambda: marks_of([path]))
    path.write_text("x", encoding="utf-8")
    assert (watch.changed(), watch.changed()) == (False, True)


def test_setting_a_field_leaves_every_other_line_and_comment(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.chmod(0o640)
    set_field(path, "transfer.limit", "2 MB/s")
    assert path.read_text(encoding="utf-8") == TEXT.replace('"10 MB/s"', '"2 MB/s"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_server_without_a_proxy_that_is_none_is_not_written(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(InputError) as wrong:
        set_field(path, "network.no_proxy", '["http://intra.example"]')
    assert "network.no_proxy[0]" in wrong.value.happened
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_server_without_a_proxy_that_was_none_before_keeps_nobody_from_setting_another_field(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, TEXT.replace("[transfer]", '[network]\nno_proxy = ["10.1.*"]\n[transfer]'))
    set_field(path, "transfer.at_once", "3")
    assert read_config(path).transfer.at_once == 3


def test_a_field_of_a_rule_is_set(tmp_path: Path) -> None:
    path = written(tmp_path)
    set_field(path, "rule[0].case", "0003256110")
    assert path.read_text(encoding="utf-8") == TEXT.replace('"0003256109"', '"0003256110"')


def test_a_text_that_looks_like_a_number_is_what_the_field_wants(tmp_path: Path) -> None:
    path = written(tmp_path)
    set_field(path, "rule[0].case", "3256110")
    set_field(path, "transfer.at_once", "3")
    config = read_config(path)
    assert (config.rules[0].case, config.transfer.at_once) == ("0003256110", 3)


def test_lists_and_new_tables_are_set(tmp_path: Path) -> None:
    path = written(tmp_path)
    set_field(path, "rule[0].folders", '["/a", "/b"]')
    set_field(path, "logs.ids", "true")
    config = read_config(path)
    assert (config.rules[0].folders, config.logs.ids) == ((Path("/a"), Path("/b")), True)
    assert "# open until spring" in path.read_text(encoding="utf-8")


def test_an_empty_value_takes_the_field_out(tmp_path: Path) -> None:
    path = written(tmp_path)
    set_field(path, "transfer.limit", "")
    assert read_config(path).transfer.limits.rate is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("transfer.limit", "fast", "line 9, field transfer.limit"),
        ("transfer.lmit", "1 MB/s", "field transfer.lmit"),
        ("rule[0].case", "nothing", "field rule[0].case"),
        ("rule[7].case", "0003256110", "no such table"),
        ("rule[0]", "x", "no name of a field"),
        ("limit", "x", "no name of a field"),
        ("transfer..limit", "x", "no name of a field"),
        ("transfer.limit", '"open', "not one that TOML knows"),
        ("agent.data", "", "field agent.data"),
    ],
)
def test_what_is_not_right_is_said_and_nothing_is_written(
    tmp_path: Path, field: str, value: str, said: str
) -> None:
    path = written(tmp_path)
    with pytest.raises(InputError) as wrong:
        set_field(path, field, value)
    assert said in wrong.value.happened
    assert path.read_text(encoding="utf-8") == TEXT
    assert sorted(each.name for each in tmp_path.iterdir()) == ["agent.toml"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('remote = "8443"', "api.remote"),
        ('remote = "0.0.0.0"', "api.remote"),
        ('remote = "https://0.0.0.0:8443"', "api.remote"),
        ('names = ["a/b"]', "api.names"),
        ('operators = "a:b"', "api.operators"),
    ],
)
def test_a_wrong_reach_is_said_with_its_line(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(InputError) as wrong:
        config_of(tmp_path, f"{TEXT}[api]\n{text}\n")
    assert f"agent.toml, line 16, field {field}" in wrong.value.happened


def test_the_reach_is_read(tmp_path: Path) -> None:
    text = f'{TEXT}[api]\nremote = "[::]:8443"\nnames = ["sip-a01.example"]\noperators = "caseferry"\n'
    assert config_of(tmp_path, text).api == Reach(("::", 8443), ("sip-a01.example",), "caseferry")


def test_the_file_of_alarms_counts_as_well(tmp_path: Path) -> None:
    alarms = tmp_path / "alarms.toml"
    alarms.write_text('[[alarm]]\nname = "lost"\nseverity = "major"\nids = ["04504"]\n', encoding="utf-8")
    text = f'{TEXT}[alarms]\nrules = "alarms.toml"\n'
    assert alarms in named_files(config_of(tmp_path, text))
    assert alarms not in named_files(config_of(tmp_path, f"{text}enabled = false\n"))
