"""Exchanging an agent's parts: what becomes of it when the new ones, or the old ones, do not come up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.api import EventBoard
from agent.jobs import RuleBook, Verdict
from agent.service import doctor, serving
from agent.service.config import read_config
from agent.service.doctor import Finding
from agent.service.overview import ServiceState
from agent.service.pulse import Pulse
from agent.service.running import RunningAgent
from agent.service.serving import AgentService
from app.agentlink import (
    CheckShown,
    ConfigShown,
    ConfigValue,
    PairedProgram,
    PairedPrograms,
    PairedRef,
    Role,
    WatchFolder,
)
from app.agentlink import Verdict as CheckVerdict
from app.domain.errors import InputError, LocalError
from app.masking.rules import DoubledId
from tests.peers.agent import rule, write_config
from tests.unit.agent.test_rules import NEW


class Parts:
    """Parts of an agent that only say what is done with them."""

    made: list[Parts]
    refuse: list[Exception]
    doubled: tuple[DoubledId, ...] = ()

    def __init__(self, _config: Any, **_rest: Any) -> None:
        if self.refuse and (error := self.refuse.pop(0)):
            raise error
        self.desk = object()
        self.notes = self
        self.running = self.closed = False
        self.told: list[dict[str, str]] = []
        self.refused: list[tuple[str, str]] = []
        self.noted: list[bool] = []
        self.made.append(self)

    def start(self, *, working: bool = True) -> None:
        self.running = True
        del working

    def halt(self) -> None:
        self.running = False

    def close(self) -> None:
        self.closed = True

    def drain(self) -> None:
        """Nothing runs."""

    def beat(self) -> None:
        """Nobody looks."""

    def busy(self) -> int:
        return 0

    def note_config(self) -> bool:
        self.noted.append(len(self.noted) > 0)
        return self.noted[-1]

    def pairings(self, programs: dict[str, str], *, made_room: Collection[str] = ()) -> None:
        self.told.append(programs)

    def refused_if_possible(self, method: str, code: str, *, at: datetime) -> None:
        del at
        self.refused.append((method, code))


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentService]:
    monkeypatch.setattr(Parts, "made", [], raising=False)
    monkeypatch.setattr(Parts, "refuse", [], raising=False)
    monkeypatch.setattr(serving, "RunningAgent", Parts)
    config = read_config(write_config(tmp_path / "agent"))
    config.data.mkdir()
    made = AgentService(config)
    made._parts.start()
    yield made
    made.stop()


def no() -> InputError:
    return InputError("No", happened="It is not right.", todo="Correct it.", code="CF-1100")


def test_parts_that_cannot_be_built_leave_the_old_ones_as_they_were(service: AgentService) -> None:
    service.drain()
    Parts.refuse = [no()]
    with pytest.raises(InputError):
        service.undrain()
    assert service.state().draining
    assert [parts.running for parts in Parts.made] == [False, True]
    assert not service.restarting.is_set()


@pytest.mark.parametrize("errors", [[no(), no()], [ValueError("a defect")]], ids=["twice", "a defect"])
def test_an_agent_without_parts_begins_anew(
    service: AgentService, errors: list[Exception], expected_logs: Any
) -> None:
    service.drain()
    Parts.refuse = list(errors)
    expected_logs("agent.service.serving")
    with pytest.raises(type(errors[-1])):
        service.undrain()
    assert service.restarting.is_set()


def test_a_reload_that_comes_when_the_service_has_ended_starts_nothing(service: AgentService) -> None:
    service.drain()
    service.stop()
    service.reload()
    service.undrain()
    assert [parts.running for parts in Parts.made] == [False]


def appended(service: AgentService, text: str) -> None:
    with service._config.path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_change_with_a_server_without_a_proxy_that_is_none_is_not_taken(service: AgentService) -> None:
    appended(service, '\n[network]\nno_proxy = ["http://intra.example"]\n')
    with pytest.raises(InputError):
        service.reload()
    assert "network.no_proxy[0]" in service.state().config.problem


@pytest.fixture
def doubting(service: AgentService) -> Iterator[AgentService]:
    """A service that was started with a server without a proxy that is none."""
    appended(service, '\n[network]\nno_proxy = ["http://intra.example"]\n')
    made = AgentService(read_config(service._config.path))
    made._parts.start()
    yield made
    made.stop()


def test_a_server_without_a_proxy_that_was_none_before_keeps_nobody_from_another_change(
    doubting: AgentService, expected_logs: Any
) -> None:
    expected_logs("agent.service.serving")
    appended(doubting, '\n[transfer]\nlimit = "2 MB/s"\n')
    doubting.configure(ConfigValue("transfer.at_once", "3"))
    assert (doubting._config.transfer.limits.rate, doubting._config.transfer.at_once) == (2_000_000, 3)


def test_a_server_without_a_proxy_that_was_none_before_is_told_with_its_place(
    doubting: AgentService, expected_logs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    expected_logs("agent.service.serving")
    assert doubting.reload().doubts == doubting.state().config.doubts
    (said,) = doubting.state().config.doubts
    assert "agent.toml, line" in said
    assert "field network.no_proxy[0]" in said
    assert said in caplog.text


def test_one_more_server_without_a_proxy_that_is_none_is_not_taken(doubting: AgentService) -> None:
    path = doubting._config.path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('["http://', '["10.1.*", "http://'), encoding="utf-8")
    with pytest.raises(InputError):
        doubting.reload()
    assert "network.no_proxy[0]" in doubting.state().config.problem


def test_nothing_is_set_in_a_file_with_a_server_without_a_proxy_that_was_not_taken(
    service: AgentService,
) -> None:
    appended(service, '\n[network]\nno_proxy = ["http://intra.example"]\n')
    before = service._config.path.read_bytes()
    with pytest.raises(InputError):
        service.configure(ConfigValue("transfer.at_once", "3"))
    assert service._config.path.read_bytes() == before


def own_rules(folder: Path, *, patterns: int) -> Path:
    path = folder / "own.toml"
    path.write_text(
        'format = 1\nname = "m"\nversion = 1\nextends = "default"\n'
        + patterns * '[[patterns]]\nrule = "p"\npattern = "ab"\n',
        encoding="utf-8",
    )
    return path


def test_a_change_to_rules_with_two_patterns_of_one_id_is_not_taken(service: AgentService) -> None:
    own_rules(service._config.path.parent, patterns=2)
    appended(service, '\n[masking]\nrules = "own.toml"\n')
    with pytest.raises(InputError):
        service.reload()
    assert "own.toml, line 9, field patterns.rule" in service.state().config.problem


@pytest.fixture
def doubled(service: AgentService, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentService]:
    """A service that was started with rules with two patterns of one id."""
    own_rules(service._config.path.parent, patterns=2)
    appended(service, '\n[masking]\nrules = "own.toml"\n')
    monkeypatch.setattr(Parts, "doubled", (DoubledId("p", "own.toml, line 9: two"),))
    made = AgentService(read_config(service._config.path))
    made._parts.start()
    yield made
    made.stop()


def test_two_patterns_that_had_one_id_before_keep_nobody_from_another_change(
    doubled: AgentService, expected_logs: Any
) -> None:
    expected_logs("app.masking.doubled")
    appended(doubled, "\n[transfer]\nat_once = 3\n")
    assert doubled.reload().doubts == ["own.toml, line 9: two"]
    assert doubled._config.transfer.at_once == 3


def test_a_third_pattern_of_an_id_that_two_had_before_is_not_taken(
    doubled: AgentService, expected_logs: Any
) -> None:
    expected_logs("app.masking.doubled")
    own_rules(doubled._config.path.parent, patterns=3)
    with pytest.raises(InputError):
        doubled.reload()
    assert "own.toml, line 12, field patterns.rule" in doubled.state().config.problem


def test_an_id_that_two_patterns_had_in_another_file_is_told_of_a_new_one(doubled: AgentService) -> None:
    path = doubled._config.path
    own_rules(path.parent, patterns=2).rename(path.parent / "other.toml")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("own.toml", "other.toml"), encoding="utf-8")
    with pytest.raises(InputError):
        doubled.reload()
    assert "other.toml, line 9, field patterns.rule" in doubled.state().config.problem


def test_a_configuration_that_is_taken_is_told_until_it_is_recorded(service: AgentService) -> None:
    service.reload()
    for _ in range(3):
        service.tick()
    assert Parts.made[0].noted == [False, True]


def test_a_rehearsal_forgets_nothing_that_rules_did_not_send(tmp_path: Path) -> None:
    config = read_config(write_config(tmp_path / "agent"))
    config.data.mkdir()
    book = RuleBook(config.data / "rules.db")
    book.note("gone", {"k": (NEW, Verdict.CASE_CLOSED)}, now_wanted=set())
    book.close()
    now = datetime.now(UTC)
    state = ServiceState(draining=False, config=ConfigShown(read=now))
    pulse = Pulse(config.data / "pulse.json", wall=lambda: now)
    RunningAgent(config, board=EventBoard(first=2), state=lambda: state, started=now, pulse=pulse).close()
    book = RuleBook(config.data / "rules.db")
    kept = book.withheld("gone")
    book.close()
    assert [each.count for each in kept] == [1]


def test_who_is_let_in_and_revoked_is_told_once(
    service: AgentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = [PairedProgram("p-1", "desk-7", Role.VIEWER, service.state().config.read)]
    monkeypatch.setattr(service._api, "paired", lambda: PairedPrograms(list(programs), "", listening=False))
    monkeypatch.setattr(service._api, "revoke", lambda _number: programs.clear())
    service.tick()
    service.tick()
    service.revoke(PairedRef("p-1"))
    service.tick()
    assert Parts.made[0].told == [{"p-1": "viewer"}, {}]


def test_a_pairing_code_that_was_tried_in_vain_is_in_the_trail(service: AgentService) -> None:
    service.tick()
    assert Parts.made[0].refused == []
    service._api.pairing.wrong += 1
    for _ in range(2):
        service.tick()
    assert Parts.made[0].refused == [("pair", "CF-1389")]


def test_a_trail_that_cannot_be_written_does_not_end_the_service(
    service: AgentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_programs: object, *, made_room: Collection[str] = ()) -> None:
        raise LocalError("Full", happened="The disk is full.", todo="Free space.", code="CF-1880")

    with monkeypatch.context() as broken:
        broken.setattr(Parts.made[0], "pairings", full)
        service.tick()
    service.tick()
    assert Parts.made[0].told == [{}]


def test_the_doctor_of_the_running_agent_tells_what_the_command_tells(
    service: AgentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = Finding("disk", CheckVerdict.WARN, "Little room.", "Free some.", code="CF-1896", exit_code=8)
    monkeypatch.setattr(doctor, "examine", lambda path: [little] if path == service._config.path else [])
    (check,) = service.diagnose().checks
    assert check == CheckShown("disk", CheckVerdict.WARN, "Little room.", "Free some.", "CF-1896")


def test_one_more_folder_stands_in_the_file_and_is_in_force(service: AgentService, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "more").mkdir()
    tables = [rule(tmp_path / "logs", case="0003256109")]
    write_config(tmp_path / "agent", rules=tables)
    service.reload()
    assert service.watch_folder(WatchFolder(str(tmp_path / "more"))).problem == ""
    assert service.roots() == [tmp_path / "logs", tmp_path / "more"]
    assert str(tmp_path / "more") in service._config.path.read_text(encoding="utf-8")
