"""A real agent answers about the logs of its server: found, searched, followed, held, judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.service import run_command
from app.agentlink import AgentClient, CallAsk, CallView, CoverageAsk, HoldAsk, LogScope, SearchAsk
from app.domain.errors import InputError
from tests.peers.agent import AgentProcess, rule, write_config
from tests.peers.timed_logs import KnownSegment, steady

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
CONN, CALL = "00e2029a670222cb", "7C1QF2V5B57K1C9HGB2O1RVR4K000A2F"
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Server:
    agent: AgentProcess
    config: Path
    folder: Path
    sip: KnownSegment

    def command(self, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
        """Run ``caseferry-agent`` with ``--json``; its exit code and answer."""
        capsys.readouterr()
        code = run_command([*words, "--config", str(self.config), "--json"])
        return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("server")
    folder = root / "logs"
    folder.mkdir()
    sip = KnownSegment("sips_a.20230609_080000_000.log")
    sip.begin(START)
    steady(sip, START, count=300, step=SECOND)
    sip.add(START + 300 * SECOND, f"[0] message\n\tAttributeConnID\t{CONN}\n\tAttributeCallUUID\t'{CALL}'")
    urs = KnownSegment("urs_a.20230609_080000_000.log", application="urs_a")
    urs.begin(START)
    urs.add(START + 301 * SECOND, f"_I_I_{CONN} [09:05] >>>>resume")
    for known in (sip, urs):
        (folder / known.name).write_bytes(known.content)
    config = write_config(
        root, rules=[rule(folder, case="0003256109", applications=["nothing"])], agent={"scan": "200ms"}
    )
    with config.open("a", encoding="utf-8") as stream:
        stream.write('\n[logs]\nevidence = "10MB"\nids = true\n')
    with AgentProcess(config) as agent:
        agent.wait_for(lambda: len(agent.client.readiness().applications) == 2)
        yield Server(agent, config, folder, sip)


def test_a_range_is_found_to_the_byte(server: Server) -> None:
    first, last = START + 100 * SECOND, START + 110 * SECOND
    found = server.agent.client.find(LogScope(["sips_*"], first=first, last=last))
    (log,) = found.logs
    data = (server.folder / log.name).read_bytes()
    assert b"".join(data[begin:end] for begin, end in log.ranges) == server.sip.between(first, last)
    assert data[: log.header] == server.sip.header


def test_the_command_finds_the_same(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = server.command(
        "find",
        "--app",
        "sips_a",
        "--from",
        "2023-06-09T08:01:40+00:00",
        "--to",
        "2023-06-09T10:01:50+02:00",
        capsys=capsys,
    )
    assert (code, [log["name"] for log in answer["logs"]]) == (0, [server.sip.name])


def test_a_word_is_searched(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = server.command("search", "number 17 ", "--limit", "5", capsys=capsys)
    assert code == 0
    assert [record["at"] for record in answer["records"]] == ["2023-06-09T08:00:17Z"]


def test_a_call_is_followed_through_both_applications(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = server.command("call", CALL, capsys=capsys)
    assert code == 0
    assert [record["application"] for record in answer["view"]["records"]] == ["sips_a", "urs_a"]
    assert {one["value"] for one in answer["view"]["ids"]} == {CALL, CONN}


def test_a_second_agent_is_asked_as_well(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = server.command("call", CALL, "--peer", str(server.agent.endpoint), capsys=capsys)
    assert (code, len(answer["view"]["records"])) == (0, 2)


def test_a_second_agent_that_does_not_run_holds_up_no_other(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "endpoint.json"
    code, answer = server.command("call", CALL, "--peer", str(gone), capsys=capsys)
    assert (code, len(answer["view"]["records"])) == (9, 2)
    assert answer["failed"] == {str(gone): "CF-1590"}


def test_a_second_agent_whose_endpoint_file_is_damaged_holds_up_no_other(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "endpoint.json"
    damaged.write_text("{", encoding="utf-8")
    code, answer = server.command("call", CALL, "--peer", str(damaged), capsys=capsys)
    assert (code, len(answer["view"]["records"])) == (9, 2)
    assert answer["failed"] == {str(damaged): "CF-1190"}


def test_a_call_tells_of_logs_that_could_not_be_read(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(_agent: AgentClient, _ask: CallAsk) -> CallView:
        return CallView(ids=[], records=[], common=[], cut=False, lost=2)

    monkeypatch.setattr(AgentClient, "call", seen)
    assert run_command(["call", CALL, "--config", str(server.config)]) == 0
    assert "2 segments could not be read" in capsys.readouterr().err


def test_what_was_marked_outlives_its_file(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    extra = KnownSegment("mcp_1.20230609_080000_000.log", application="mcp_1")
    extra.begin(START)
    steady(extra, START, count=10, step=SECOND)
    path = server.folder / extra.name
    path.write_bytes(extra.content)
    client = server.agent.client
    server.agent.wait_for(lambda: client.find(LogScope(["mcp_1"])).logs)
    held = client.hold(HoldAsk("calls dropped", START, START + 60 * SECOND, applications=["mcp_1"]))
    assert (held.segments, held.missing) == (1, 0)
    path.unlink()
    server.agent.wait_for(
        lambda: [log for log in client.find(LogScope(["mcp_1"])).logs if log.held and not log.problem]
    )
    hits = client.search(SearchAsk("number 7", scope=LogScope(["mcp_1"])))
    assert len(hits.records) == 1
    code, answer = server.command("release", str(held.hold), capsys=capsys)
    assert (code, answer["holds"]) == (0, [])
    assert client.find(LogScope(["mcp_1"])).logs == []


def test_readiness_and_coverage_tell_what_is_there(server: Server) -> None:
    found = {one.application: one for one in server.agent.client.readiness().applications}
    assert (found["sips_a"].host, found["sips_a"].first) == ("sip-a01", START)
    lanes = server.agent.client.coverage(CoverageAsk(START, START + timedelta(hours=1))).lanes
    assert {lane.application for lane in lanes} >= {"sips_a", "urs_a"}


@pytest.mark.parametrize(
    "ask",
    [
        CallAsk(ids=[]),
        CallAsk(ids=[CONN], around=601),
        CallAsk(ids=[CONN], limit=0),
        CallAsk(ids=[CONN], scope=LogScope(first=START, last=START)),
    ],
)
def test_what_makes_no_sense_is_refused(server: Server, ask: CallAsk) -> None:
    with pytest.raises(InputError):
        server.agent.client.call(ask)


def test_the_doctor_tells_how_ready_the_logs_are(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = server.command("doctor", capsys=capsys)
    checks = {finding["check"]: finding for finding in answer["findings"]}
    assert code != 0, "there is no portal"
    told = checks["logs of sips_a on sip-a01"]["result"]
    assert told.startswith("1 segments, no present rate, verbosity unknown, its clock ")
    assert told.endswith(" s from that of its files."), "it was read while it grew"
