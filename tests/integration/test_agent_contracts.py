"""Who may call what: roles, machines, folders; and what programs of an older contract can still do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agent.api import Reach
from app.agentlink import (
    OPERATORS_ENDPOINT_NAME,
    AgentClient,
    Agreement,
    ConfigValue,
    Drop,
    Hello,
    PairAsk,
    Role,
    WatchFolder,
    agreement,
    find_local_agent,
    read_endpoint,
)
from app.domain.errors import CredentialsError, RefusedError
from tests.peers.served_api import ServedApi

CASE = "0003256109"


@dataclass(frozen=True)
class FirstJob:
    """A job as a program of contract 1 reads it."""

    id: str
    case: str
    name: str
    source: str
    via: str
    state: str
    created: datetime
    changed: datetime
    raw_size: int = 0
    size: int = 0
    sent: int = 0
    problem: Any = None


@dataclass(frozen=True)
class FirstJobs:
    jobs: list[FirstJob]


@dataclass(frozen=True)
class FirstFolder:
    path: str
    readable: bool
    segments: int
    growing: int
    problem: str = ""


@dataclass(frozen=True)
class FirstStatus:
    """The agent at a glance, as a program of contract 1 reads it."""

    version: str
    host: str
    started: datetime
    portal: str
    portal_reachable: bool
    folders: list[FirstFolder]
    jobs: dict[str, int]
    quarantined: int
    watch: str
    watch_reason: str = field(default="")


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApi]:
    """An agent that no longer speaks contract 1."""
    with ServedApi(tmp_path_factory.mktemp("later"), contracts=(2, 4)) as served:
        yield served


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApi]:
    root = tmp_path_factory.mktemp("api")
    (root / "logs").mkdir()
    with ServedApi(root / "data", root / "logs") as served:
        yield served


def old_call(api: ServedApi, method: str, params: Any = None) -> tuple[int, Any]:
    """A call of a program of contract 1, which does not tell its contract."""
    return api.raw("POST", "/v1/rpc", {"id": 1, "method": method, "params": params})


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("status", None, FirstStatus),
        ("jobs", {"case": CASE, "limit": 10}, FirstJobs),
        ("job", {"job": "j1"}, FirstJob),
    ],
)
def test_an_older_program_still_sees(later: ServedApi, method: str, params: Any, kind: type) -> None:
    status, answer = old_call(later, method, params)
    assert status == 200
    assert msgspec.convert(answer["result"], kind, strict=False)


def test_an_older_program_still_drains_and_restarts(later: ServedApi) -> None:
    later.service.told.clear()
    assert [old_call(later, name)[0] for name in ("drain", "undrain", "restart")] == [200, 200, 200]
    assert later.service.told == ["drain", "undrain", "restart"]


def test_an_older_program_is_told_what_else_it_cannot_do(later: ServedApi) -> None:
    status, answer = old_call(later, "drop", {"case": CASE, "paths": ["/x"]})
    assert (status, answer["error"]["code"]) == (400, "CF-1176")
    assert "restart" in answer["error"]["happened"]
    assert later.desk.dropped == []


def test_a_program_of_this_contract_is_served(later: ServedApi) -> None:
    assert later.client.drop(Drop(case=CASE, paths=["/x"])).id == "j1"


@pytest.mark.parametrize(
    ("agent", "program", "found"),
    [
        ((1, 2), (1, 2), Agreement.FULL),
        ((2, 4), (1, 1), Agreement.ENDURING),
        ((2, 4), (1, 2), Agreement.FULL),
        ((1, 1), (2, 3), Agreement.NONE),
        ((1, 2), (2, 3), Agreement.FULL),
    ],
)
def test_both_sides_know_what_they_share(
    agent: tuple[int, int], program: tuple[int, int], found: Agreement
) -> None:
    hello = Hello("Caseferry agent", "9.9", "i", *agent)
    assert agreement(hello, oldest=program[0], newest=program[1]) is found


@pytest.mark.parametrize("header", ["", "none", "-1", "9" * 40, "²"])
def test_a_contract_that_is_none_is_the_first(later: ServedApi, header: str) -> None:
    given = {"Caseferry_Contract": header.encode().decode("latin-1")}
    status, _ = later.raw("POST", "/v1/rpc", {"id": 1, "method": "quarantine"}, **given)
    assert status == 400


def test_an_operator_drains_but_does_not_restart(api: ServedApi) -> None:
    operator = api.as_role(Role.OPERATOR)
    assert operator.drain().draining
    for refused in (operator.restart, operator.reload, operator.paired, lambda: operator.pair(PairAsk())):
        with pytest.raises(CredentialsError) as no:
            refused()
        assert no.value.code == "CF-1393"
    with pytest.raises(CredentialsError):
        operator.configure(ConfigValue("agent.host", "x"))
    operator.close()


def test_a_viewer_does_not_drain(api: ServedApi) -> None:
    viewer = api.as_role(Role.VIEWER)
    with pytest.raises(CredentialsError):
        viewer.drain()
    viewer.close()


def test_an_operator_diagnoses_and_a_viewer_does_not(api: ServedApi) -> None:
    operator, viewer = api.as_role(Role.OPERATOR), api.as_role(Role.VIEWER)
    assert [check.check for check in operator.diagnose().checks] == ["disk"]
    with pytest.raises(CredentialsError):
        viewer.diagnose()
    operator.close()
    viewer.close()


def test_an_administrator_alone_has_one_more_folder_watched(api: ServedApi, tmp_path: Path) -> None:
    api.client.watch_folder(WatchFolder(str(tmp_path)))
    assert f"watch {tmp_path}" in api.service.told
    operator = api.as_role(Role.OPERATOR)
    with pytest.raises(CredentialsError):
        operator.watch_folder(WatchFolder(str(tmp_path)))
    operator.close()


def test_an_operator_asks_for_files_of_the_watched_folders_only(api: ServedApi, tmp_path: Path) -> None:
    [logs] = api.service.allowed
    operator = api.as_role(Role.OPERATOR)
    inside = Drop(case=CASE, paths=[str(logs / "a.log")])
    assert operator.drop(inside).id == "j1"
    for outside in (
        tmp_path / "a.log",
        logs.parent / "data",
        logs / ".." / "data" / "vault",
        Path("/etc/shadow"),
    ):
        with pytest.raises(RefusedError) as no:
            operator.drop(Drop(case=CASE, paths=[str(logs / "a.log"), str(outside)]))
        assert (no.value.code, str(outside) in no.value.happened) == ("CF-1290", False)
    operator.close()


def test_a_refused_path_is_told_to_be_recorded(api: ServedApi) -> None:
    operator = api.as_role(Role.OPERATOR)
    with pytest.raises(RefusedError):
        operator.drop(Drop(case=CASE, paths=["/etc/shadow"]))
    operator.close()
    assert "refused drop CF-1290" in api.service.told


def test_who_opens_the_paths_knows_where_the_caller_may(api: ServedApi, tmp_path: Path) -> None:
    [logs] = api.service.allowed
    operator = api.as_role(Role.OPERATOR)
    operator.drop(Drop(case=CASE, paths=[str(logs / "a.log")]))
    operator.close()
    api.client.drop(Drop(case=CASE, paths=[str(tmp_path / "a.log")]))
    assert api.desk.within[-2:] == [(logs,), None]


def test_a_link_in_a_watched_folder_leads_nowhere_else(api: ServedApi, tmp_path: Path) -> None:
    [logs] = api.service.allowed
    (logs / "link").symlink_to(tmp_path)
    operator = api.as_role(Role.OPERATOR)
    with pytest.raises(RefusedError):
        operator.drop(Drop(case=CASE, paths=[str(logs / "link" / "a.log")]))
    operator.close()


def test_who_could_read_the_file_anyway_may_drop_it(api: ServedApi, tmp_path: Path) -> None:
    """The endpoint file is readable by the agent's own account only: it gains nothing by asking the agent."""
    assert api.client.drop(Drop(case=CASE, paths=[str(tmp_path / "a.log")])).id == "j1"


def test_operators_find_a_token_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grp = pytest.importorskip("grp", reason="groups are of POSIX")
    group = grp.getgrgid(os.getegid()).gr_name
    with ServedApi(tmp_path / "data", reach=Reach(operators=group)) as api:
        path = tmp_path / "data" / OPERATORS_ENDPOINT_NAME
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert stat.S_IMODE(api.server.path.stat().st_mode) == 0o600
        operator = AgentClient(read_endpoint(path))
        assert operator.status().host == "sip-a01"
        with pytest.raises(CredentialsError):
            operator.restart()
        operator.close()
    assert not path.exists()


def test_an_operator_of_this_machine_is_found_by_the_file_that_it_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the owner's file is missing here instead."""
    places = [tmp_path / "endpoint.json", tmp_path / OPERATORS_ENDPOINT_NAME]
    monkeypatch.setattr("app.agentlink.endpoint.data_folder", lambda: tmp_path / "home")
    monkeypatch.setattr("app.agentlink.endpoint.machine_folder", lambda: tmp_path)
    monkeypatch.delenv("CASEFERRY_AGENT_ENDPOINT", raising=False)
    with ServedApi(tmp_path / "data") as api:
        places[1].write_bytes(msgspec.json.encode(replace(api.server.endpoint, token="operator")))
        found = find_local_agent()
        assert found is not None
        assert found.token == "operator"
