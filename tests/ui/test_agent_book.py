"""The desktop's book of agents, over the agent's real API: paired, asked, chosen, forgotten."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.api import METHODS, Reach
from app.agentlink import Drop, Role
from app.domain.errors import CredentialsError, InputError, LocalError, UnreachableError
from app.domain.places import place_of
from app.secrets import FileVault
from app.settings import Trust
from tests.peers.served_api import ServedApi
from ui.shell.agent_book import AgentElsewhere, PairedBook
from ui.shell.services import HERE
from ui.shell.surroundings import Surroundings

ELSEWHERE = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
"""As good as another machine."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.agentlink.pairing._SCRYPT_N", 2)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ServedApi]:
    with socket.socket() as probe:
        probe.bind((ELSEWHERE, 0))
        port = int(probe.getsockname()[1])
    (tmp_path / "logs").mkdir()
    with ServedApi(tmp_path / "data", tmp_path / "logs", reach=Reach(remote=(ELSEWHERE, port))) as served:
        yield served


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault(tmp_path / "vault", bytes(32))


@pytest.fixture
def book(api: ServedApi, vault: FileVault) -> PairedBook:
    return PairedBook(lambda: vault, api.server.path)


def paired(api: ServedApi, book: PairedBook) -> str:
    opened = api.server.pair(Role.OPERATOR)
    place = place_of(ELSEWHERE, int(opened.address.rpartition(":")[2]))
    book.pair(place, opened.code, shown=book.look(place))
    return place


def test_a_paired_agent_stands_beside_that_of_this_machine_and_answers(
    api: ServedApi, book: PairedBook
) -> None:
    place = paired(api, book)
    assert [(agent.place, agent.role) for agent in book.all()] == [(HERE, ""), (place, "operator")]
    assert {agent.sha256 for agent in book.all()} == {api.server.endpoint.certificate_sha256}
    assert [book.glance(each).status.host for each in (HERE, place)] == ["sip-a01", "sip-a01"]


def test_a_glance_tells_how_the_agent_was(api: ServedApi, book: PairedBook) -> None:
    assert book.glance(HERE).health == api.desk.health()


def test_an_agent_that_is_too_old_is_seen_all_the_same(
    api: ServedApi, book: PairedBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(METHODS, "health")
    glance = book.glance(HERE)
    assert (glance.status.host, glance.health) == ("sip-a01", None)


def test_what_an_agent_is_to_do_goes_to_that_agent(api: ServedApi, book: PairedBook, tmp_path: Path) -> None:
    place = paired(api, book)
    assert [check.check for check in book.diagnose(place).checks] == ["disk"]
    book.restart(HERE)
    book.watch_folder(HERE, folder=str(tmp_path), rule="all")
    assert api.service.told == ["restart", f"watch {tmp_path}"]
    with pytest.raises(CredentialsError):
        book.restart(place)


def test_the_certificate_that_is_shown_is_that_of_the_pairing(api: ServedApi, book: PairedBook) -> None:
    opened = api.server.pair(Role.VIEWER)
    shown = book.look(place_of(ELSEWHERE, int(opened.address.rpartition(":")[2])))
    assert shown.fingerprint.replace(":", "").lower() == opened.certificate_sha256


def test_a_wrong_code_pairs_with_nobody(api: ServedApi, book: PairedBook) -> None:
    opened = api.server.pair(Role.VIEWER)
    place = place_of(ELSEWHERE, int(opened.address.rpartition(":")[2]))
    other = "0000-0000" if opened.code != "0000-0000" else "1111-1111"
    with pytest.raises(CredentialsError, match="CF-1389"):
        book.pair(place, other, shown=book.look(place))
    assert [agent.place for agent in book.all()] == [HERE]


def test_a_place_where_nobody_answers_is_said(book: PairedBook) -> None:
    with socket.socket() as probe:
        probe.bind((ELSEWHERE, 0))
        closed = int(probe.getsockname()[1])
    with pytest.raises(UnreachableError):
        book.look(place_of(ELSEWHERE, closed))


def test_a_forgotten_agent_cannot_be_asked(api: ServedApi, book: PairedBook) -> None:
    place = paired(api, book)
    book.forget(place)
    with pytest.raises(InputError, match="CF-1187"):
        book.glance(place)


def test_the_agent_of_this_machine_that_is_gone_is_said(
    vault: FileVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shell.agent_book.find_local_agent", lambda: None)
    book = PairedBook(lambda: vault)
    assert book.all() == []
    with pytest.raises(LocalError, match="CF-1833"):
        book.glance(HERE)


def test_the_chosen_agent_is_followed_and_takes_no_files_of_this_pc(
    api: ServedApi, vault: FileVault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("ui.shell.surroundings.open_user_vault", lambda _folder: vault)
    around = Surroundings("", Trust(), str(api.server.path), tmp_path / "desktop")
    place = paired(api, around.agents)
    chosen = Surroundings("", Trust(), str(api.server.path), tmp_path / "desktop", chosen_agent=place)
    agent = chosen.open_agent()
    assert isinstance(agent, AgentElsewhere)
    try:
        assert agent.status().host == "sip-a01"
        with pytest.raises(LocalError, match="CF-1832"):
            agent.drop(Drop(case="0003256109", paths=[str(tmp_path / "a.log")]))
    finally:
        agent.close()
