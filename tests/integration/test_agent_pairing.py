"""Pairing over real TLS: the listener for other machines, the command of the other machine, revoking."""

from __future__ import annotations

import io
import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.api import Reach
from app.agentlink import (
    ENDPOINT_VARIABLE,
    AgentClient,
    Drop,
    PairAsk,
    PairBegin,
    PairedAgents,
    PairingOpen,
    Role,
    pair_with,
)
from app.commands import main
from app.commands.agents import kept_agents
from app.domain.errors import (
    CredentialsError,
    InputError,
    LocalError,
    RefusedError,
    TrustError,
    UnreachableError,
)
from app.transfer.network import show_certificate
from tests.peers.ports import free_port
from tests.peers.served_api import ServedApi

HERE = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
"""As good as another machine: the certificate is not made out for it."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stretching costs is told by a test of its own."""
    monkeypatch.setattr("app.agentlink.pairing._SCRYPT_N", 2)


@pytest.fixture
def wall() -> list[datetime]:
    return [datetime.now(UTC)]


@pytest.fixture
def api(tmp_path: Path, wall: list[datetime]) -> Iterator[ServedApi]:
    reach = Reach(remote=(HERE, free_port(HERE)), names=("sip-a01",))
    (tmp_path / "logs").mkdir()
    with ServedApi(tmp_path / "data", tmp_path / "logs", reach=reach, wall=lambda: wall[0]) as served:
        yield served


def port_of(opened: PairingOpen) -> int:
    return int(opened.address.rpartition(":")[2])


def paired(api: ServedApi, role: Role = Role.OPERATOR) -> AgentClient:
    """A client of another machine; close it."""
    opened = api.client.pair(PairAsk(role))
    shown = show_certificate(HERE, port_of(opened))
    code = opened.code.replace("-", "")
    agent = pair_with(HERE, port_of(opened), certificate=shown.der, code=code, name="desk-7")
    return AgentClient(agent.endpoint)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HERE, port)) == 0


def test_nobody_is_listened_to_before_a_pairing(api: ServedApi) -> None:
    found = api.client.paired()
    assert not found.listening
    assert not is_listening(int(found.address.rpartition(":")[2]))


def test_without_the_setting_there_is_no_pairing(tmp_path: Path) -> None:
    with ServedApi(tmp_path / "data") as api, pytest.raises(RefusedError) as refused:
        api.client.pair(PairAsk())
    assert refused.value.code == "CF-1283"


def test_a_paired_program_calls_with_its_role(api: ServedApi) -> None:
    client = paired(api, Role.VIEWER)
    assert client.status().host == "sip-a01"
    with pytest.raises(CredentialsError):
        client.drain()
    assert [(each.name, each.role) for each in api.client.paired().programs] == [("desk-7", Role.VIEWER)]
    client.close()


def test_both_sides_see_the_same_fingerprint(api: ServedApi) -> None:
    opened = api.client.pair(PairAsk())
    shown = show_certificate(HERE, port_of(opened)).fingerprint
    assert shown.replace(":", "").lower() == opened.certificate_sha256


def test_a_paired_administrator_does_nothing_that_is_for_this_machine(api: ServedApi, tmp_path: Path) -> None:
    client = paired(api, Role.ADMIN)
    client.restart()
    for refused in (client.paired, lambda: client.pair(PairAsk()), lambda: client.revoke("x")):
        with pytest.raises(RefusedError) as no:
            refused()
        assert no.value.code == "CF-1282"
    with pytest.raises(RefusedError) as outside:
        client.drop(Drop(case="0003256109", paths=[str(tmp_path / "a.log")]))
    assert outside.value.code == "CF-1290"
    assert client.drop(Drop(case="0003256109", paths=[str(tmp_path / "logs" / "a.log")])).id == "j1"
    client.close()


def test_the_token_of_the_endpoint_file_does_not_count_from_other_machines(api: ServedApi) -> None:
    opened = api.client.pair(PairAsk())
    stolen = AgentClient(replace(api.server.endpoint, host=HERE, port=port_of(opened)))
    with pytest.raises(CredentialsError) as unknown:
        stolen.status()
    assert unknown.value.code == "CF-1392"
    stolen.close()


def test_a_revoked_program_is_shut_out_and_the_last_one_ends_the_listening(api: ServedApi) -> None:
    client = paired(api)
    [program] = api.client.paired().programs
    left = api.client.revoke(program.id)
    assert (left.programs, left.listening) == ([], False)
    with pytest.raises((CredentialsError, UnreachableError)):
        client.status()
    client.close()


def test_a_code_that_runs_out_ends_the_listening(api: ServedApi, wall: list[datetime]) -> None:
    opened = api.client.pair(PairAsk())
    assert is_listening(port_of(opened))
    wall[0] += timedelta(minutes=10)
    api.server.settle()
    assert not is_listening(port_of(opened))


def test_paired_programs_are_listened_to_after_a_restart(tmp_path: Path) -> None:
    reach = Reach(remote=(HERE, free_port(HERE)))
    with ServedApi(tmp_path / "data", reach=reach) as api:
        client = paired(api)
        client.close()
    with ServedApi(tmp_path / "data", reach=reach):
        again = AgentClient(client.endpoint)
        assert again.status().host == "sip-a01"
        again.close()


def test_a_port_that_is_taken_is_said_when_pairing(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((HERE, 0))
        other.listen()
        reach = Reach(remote=(HERE, other.getsockname()[1]))
        with ServedApi(tmp_path / "data", reach=reach) as api:
            with pytest.raises(LocalError) as taken:
                api.client.pair(PairAsk())
            assert taken.value.code == "CF-1881"
            assert api.client.paired().problem
            assert api.client.status().host == "sip-a01"


@pytest.mark.parametrize(("host", "served"), [("sip-a01", True), (HERE, True), ("evil.example", False)])
def test_other_machines_call_it_by_its_own_names_only(api: ServedApi, host: str, served: bool) -> None:
    port = port_of(api.client.pair(PairAsk()))
    status, answer = api.raw("GET", "/v1/hello", host=HERE, port=port, Host=f"{host}:{port}")
    assert (status == 200) is served
    assert served or answer["error"]["code"] == "CF-1193"


def test_a_web_page_cannot_pair(api: ServedApi) -> None:
    api.client.pair(PairAsk())
    status, answer = api.raw("POST", "/v1/pair/begin", {"nonce": "0" * 32}, Origin="https://evil.example")
    assert (status, answer["error"]["code"]) == (403, "CF-1391")


def test_pairing_needs_no_token_but_an_open_code(api: ServedApi) -> None:
    bare = AgentClient(replace(api.server.endpoint, token=""))
    with pytest.raises(RefusedError):
        bare.pair_begin(PairBegin("0" * 32))
    api.client.pair(PairAsk())
    assert len(bare.pair_begin(PairBegin("0" * 32)).nonce) == 32
    with pytest.raises(CredentialsError):
        bare.status()
    bare.close()


def caseferry(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(list(words))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_of_the_other_machine_pairs_sees_and_forgets(
    api: ServedApi, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = api.client.pair(PairAsk(Role.OPERATOR))
    place = f"{HERE}:{port_of(opened)}"
    words = ("agents", "pair", place, "--fingerprint", opened.certificate_sha256, "--code", opened.code)
    code, out, _ = caseferry(*words, capsys=capsys)
    assert (code, place in out) == (0, True)
    code, out, _ = caseferry("agents", "status", "--agent", place, capsys=capsys)
    assert (code, "sip-a01" in out) == (0, True)
    code, out, _ = caseferry("agents", "list", "--json", capsys=capsys)
    token = PairedAgents.all(kept_agents())[0].endpoint.token
    assert (code, place in out, token in out) == (0, True, False)
    assert caseferry("agents", "forget", place, capsys=capsys)[0] == 0
    assert kept_agents().all() == []


def test_the_command_follows_a_call_through_the_agents_of_other_machines(
    api: ServedApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "CF-1593" in caseferry("agents", "call", "7C1QF2", capsys=capsys)[2]
    opened = api.client.pair(PairAsk(Role.OPERATOR))
    place = f"{HERE}:{port_of(opened)}"
    words = ("agents", "pair", place, "--fingerprint", opened.certificate_sha256, "--code", opened.code)
    assert caseferry(*words, capsys=capsys)[0] == 0
    code, out, _ = caseferry("agents", "call", "7C1QF2", "--from", "2026-03-04T05:00", capsys=capsys)
    head = "2026-03-04T05:06:07.000Z sip-a01 sips_a sips_a.log:7"
    assert (code, out.splitlines()) == (0, [head, "one record of 7C1QF2"])
    told = json.loads((tmp_path / "data" / "endpoint.json").read_text(encoding="utf-8"))
    away = tmp_path / "away.json"
    away.write_text(json.dumps(told | {"port": free_port(HERE)}), encoding="utf-8")
    code, out, err = caseferry(
        "agents", "call", "7C1QF2", "--agent", place, "--agent", str(away), capsys=capsys
    )
    assert (code, out.splitlines()[1:], "away.json" in err) == (9, ["one record of 7C1QF2"], True)
    away.unlink()  # as an agent that was stopped does
    code, out, err = caseferry(
        "agents", "call", "7C1QF2", "--agent", place, "--agent", str(away), capsys=capsys
    )
    assert (code, out.splitlines()[1:], "CF-1590" in err) == (9, ["one record of 7C1QF2"], True)


def test_a_damaged_endpoint_file_on_this_machine_holds_up_no_paired_agent(
    api: ServedApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = api.client.pair(PairAsk(Role.OPERATOR))
    words = ("--fingerprint", opened.certificate_sha256, "--code", opened.code)
    assert caseferry("agents", "pair", f"{HERE}:{port_of(opened)}", *words, capsys=capsys)[0] == 0
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{", encoding="utf-8")
    monkeypatch.setenv(ENDPOINT_VARIABLE, str(damaged))
    code, out, err = caseferry("agents", "call", "7C1QF2", capsys=capsys)
    assert (code, out.splitlines()[1:], "CF-1190" in err) == (9, ["one record of 7C1QF2"], True)


def test_the_command_keeps_nothing_when_the_fingerprint_is_another(
    api: ServedApi, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = api.client.pair(PairAsk())
    place = f"{HERE}:{port_of(opened)}"
    code, _, err = caseferry(
        "agents", "pair", place, "--fingerprint", "ab" * 32, "--code", opened.code, capsys=capsys
    )
    assert (code, "CF-1481" in err) == (5, True)
    assert kept_agents().all() == []
    assert api.client.paired().programs == []


def test_a_person_who_is_not_there_agrees_to_nothing(
    api: ServedApi, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"{HERE}:{port_of(api.client.pair(PairAsk()))}"
    code, _, err = caseferry("agents", "pair", place, capsys=capsys)
    assert "CF-1481" in err
    assert code != 0


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "kept"), [("yes\n", 1), ("no\n", 0)])
def test_a_person_sees_the_fingerprint_and_decides(
    api: ServedApi,
    answer: str,
    kept: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = api.client.pair(PairAsk())
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    place = f"{HERE}:{port_of(opened)}"
    _, _, err = caseferry("agents", "pair", place, "--code", opened.code, capsys=capsys)
    assert bytes.fromhex(opened.certificate_sha256).hex(":").upper() in err.replace("\n", "")
    assert (len(kept_agents().all()), len(api.client.paired().programs)) == (kept, kept)


def test_a_wrong_code_leaves_nothing_on_either_side(
    api: ServedApi, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = api.client.pair(PairAsk())
    place = f"{HERE}:{port_of(opened)}"
    wrong = "AAAAAAAA" if not opened.code.startswith("AAAA") else "BBBBBBBB"
    words = ("agents", "pair", place, "--fingerprint", opened.certificate_sha256, "--code", wrong)
    _, _, err = caseferry(*words, capsys=capsys)
    assert "CF-1389" in err
    assert (kept_agents().all(), api.client.paired().programs) == ([], [])


def test_another_certificate_after_the_look_is_not_trusted(api: ServedApi, tmp_path: Path) -> None:
    """Who answers the call shows something else than what the person compared."""
    opened = api.client.pair(PairAsk())
    with ServedApi(tmp_path / "other", reach=Reach(remote=(HERE, free_port(HERE)))) as other:
        der = show_certificate(HERE, port_of(other.client.pair(PairAsk()))).der
    with pytest.raises(TrustError) as refused:
        pair_with(HERE, port_of(opened), certificate=der, code="AAAAAAAA", name="x")
    assert refused.value.code == "CF-1490"


def test_a_place_that_was_not_paired_cannot_be_forgotten(vault: Any) -> None:
    with pytest.raises(InputError) as nothing:
        PairedAgents(vault).forget("h:1")
    assert nothing.value.code == "CF-1187"


@pytest.fixture
def vault(tmp_path: Path) -> Any:
    from app.secrets import open_agent_vault

    return open_agent_vault(tmp_path / "vault")
