"""A real agent and a real portal: what support asks for is sent, refused, or not answered in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.requests import RequestState
from agent.service import run_command
from app.agentlink import LogAsk, LogAskRef, RequestKeyTrust
from app.domain.errors import RefusedError
from app.portal import AgentTokens, PortalClient, read_request_key, request_key_fingerprint
from app.settings import Trust
from tests.peers.agent import AgentProcess, Site, rule, write_config
from tests.peers.portal import PortalProcess, portal, register_agent, support
from tests.peers.request_hall import RequestHall

__all__ = ["portal"]
CASE = "0003256109"


@pytest.fixture(scope="module")
def config(portal: PortalProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An agent that watches two applications and sends nothing of them by itself."""
    folder = tmp_path_factory.mktemp("asked")
    for application in ("sips_a", "urs_a"):
        Site(folder / "logs", application=application).rotate_by_rename()
    credential = register_agent(portal)
    return write_config(
        folder / "agent",
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=credential["client_id"],
        client_secret=credential["client_secret"],
        rules=[rule(folder / "logs", case=CASE, applications=["nothing-of-this"])],
        requests={"enabled": True, "account": "acc-1001"},
        request_rules=[
            {"name": "sip", "then": "send", "applications": ["sips_*"], "largest": "10MB"},
            {"name": "urs", "then": "never", "applications": ["urs*"]},
        ],
    )


@pytest.fixture(scope="module")
def agent(portal: PortalProcess, config: Path) -> Iterator[AgentProcess]:
    """It has agreed to the portal's key, and has read both applications."""
    with AgentProcess(config) as running:
        running.client.trust_request_key(RequestKeyTrust(fingerprint(portal)))
        running.wait_for(lambda: len(running.client.find().logs) == 2)
        yield running


def offered(portal: PortalProcess) -> str:
    with portal.session() as nobody:
        return str(nobody.get("/capabilities").json()["log_request_key"])


def fingerprint(portal: PortalProcess) -> str:
    return request_key_fingerprint(read_request_key(offered(portal)))


def ask(portal: PortalProcess, *applications: str) -> str:
    """Support asks for yesterday up to tomorrow; the request's id."""
    now = datetime.now(UTC)
    wish = {
        "applications": list(applications),
        "first": (now - timedelta(days=1)).isoformat(),
        "last": (now + timedelta(days=1)).isoformat(),
    }
    with support(portal) as session:
        made = session.post(f"/support/cases/{CASE}/log-requests", json=wish)
    assert made.status_code == 201, made.text
    return str(made.json()["request"]["id"])


def answers(portal: PortalProcess, request: str) -> list[dict[str, Any]]:
    with support(portal) as session:
        items = session.get(f"/support/cases/{CASE}/log-requests").json()["items"]
    found: list[dict[str, Any]] = next(item["answers"] for item in items if item["request"]["id"] == request)
    return found


def until_answered(agent: AgentProcess, portal: PortalProcess, request: str, kind: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        return next((each for each in answers(portal, request) if each["kind"] == kind), None)

    return agent.wait_for(found)


def asked(agent: AgentProcess, request: str) -> LogAsk:
    return next(one for one in agent.client.requests().requests if one.id == request)


def test_what_the_policy_sends_is_in_the_case_and_in_the_trail(
    portal: PortalProcess, agent: AgentProcess, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = ask(portal, "sips_*")
    sent = until_answered(agent, portal, request, "sent")
    with portal.session("Nadia") as person:
        files = {file["id"]: file for file in person.get(f"/cases/{CASE}/files").json()["items"]}
        manifest = person.get(f"/cases/{CASE}/files/{sent['files'][0]}/manifest").json()
    assert [files[file]["check"] for file in sent["files"]] == ["verified"]
    assert sorted(member["name"] for member in manifest["members"]) == ["sips_a/sips_a.log.1"]
    assert asked(agent, request).state == "sent"
    assert run_command(["audit", "verify", "--config", str(config)]) == 0
    capsys.readouterr()
    assert run_command(["audit", "show", "--case", "3256109", "--json", "--config", str(config)]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [record["kind"] for record in records if request in json.dumps(record)]
    assert kinds[:4] == ["requested", "answered", "created", "sending"]
    assert sorted(kinds[4:]) == ["answered", "sent"]  # by two threads: the job's end, and the portal's answer
    (sending,) = [record for record in records if record["kind"] == "sending"]
    assert sending["facts"]["approval"].startswith("rule sip, 20")


def test_what_the_policy_never_sends_is_refused_with_its_reason(
    portal: PortalProcess, agent: AgentProcess
) -> None:
    request = ask(portal, "urs*")
    refused = until_answered(agent, portal, request, "refused")
    assert refused["reason"] == "The customer's policy never sends logs of urs_a."
    with pytest.raises(RefusedError, match="CF-1284"):
        agent.client.allow_request(LogAskRef(request))


def test_a_server_without_such_logs_says_so(portal: PortalProcess, agent: AgentProcess) -> None:
    assert until_answered(agent, portal, ask(portal, "tserver*"), "nothing")["files"] == []


def test_a_request_that_nobody_answers_in_eight_hours_is_refused(
    portal: PortalProcess, tmp_path: Path
) -> None:
    credential = register_agent(portal)
    trust = Trust(ca_file=portal.ca_file)
    tokens = AgentTokens(
        portal.url,
        trust=trust,
        client_id=credential["client_id"],
        client_secret=credential["client_secret"],
    )
    client = PortalClient(portal.url, trust=trust, tokens=tokens)
    now = datetime.now(UTC)
    key = read_request_key(offered(portal))
    hall = RequestHall(tmp_path, client=client, key=key, start=now - timedelta(hours=4))
    try:
        hall.now = now
        request = ask(portal, "sips_*")
        for signed in client.log_requests(wait=20):
            hall.desk.take(signed)
        hall.turn()
        assert hall.row(request).state is RequestState.WAITING
        hall.now += timedelta(hours=8)
        hall.turn()
        kinds = {each["kind"]: each["reason"] for each in answers(portal, request)}
        assert kinds["expired"] == "Nobody answered within 8 hours."
        assert hall.jobs() == []
    finally:
        hall.close()
        client.close()


def test_the_key_of_the_portal_counts_when_its_fingerprint_was_compared(
    portal: PortalProcess, agent: AgentProcess, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["requests", "key", "--config", str(config)]
    assert run_command([*words, "--trust", "0000 1111"]) == 2
    assert "CF-1136" in capsys.readouterr().err
    assert run_command([*words, "--trust", fingerprint(portal)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"Counts:  {fingerprint(portal)}"


def test_requests_are_listed_for_people(
    portal: PortalProcess, agent: AgentProcess, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = ask(portal, "urs*")
    until_answered(agent, portal, request, "refused")
    assert run_command(["requests", "list", "--json", "--config", str(config)]) == 0
    listed = json.loads(capsys.readouterr().out)["requests"]
    assert run_command(["requests", "list", "--config", str(config)]) == 0
    assert f" {request} " in capsys.readouterr().out
    assert [one["asked_by"] for one in listed if one["id"] == request] == ["Mara Lindqvist"]
