"""The running portal's log requests: three kinds of callers, each with its own calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.program import main
from tests.peers.portal import PortalProcess, PortalSession, agent_tokens, portal, register_agent, support

__all__ = ["portal"]
CASE = "3256109"
WISH = {
    "applications": ["sips_*"],
    "first": "2026-06-14T10:00:00Z",
    "last": "2026-06-14T12:00:00Z",
    "why": "Calls drop.",
}


@pytest.fixture(scope="module")
def asker(portal: PortalProcess) -> Iterator[PortalSession]:
    with support(portal) as session:
        yield session


@pytest.fixture(scope="module")
def agent(portal: PortalProcess) -> Iterator[PortalSession]:
    with portal.session(tokens=agent_tokens(portal, register_agent(portal))) as session:
        yield session


def asked(asker: PortalSession) -> dict[str, Any]:
    answer = asker.post(f"/support/cases/{CASE}/log-requests", json=WISH)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def test_a_request_goes_from_support_to_the_agent_and_its_answer_into_the_case(
    portal: PortalProcess, asker: PortalSession, agent: PortalSession
) -> None:
    request = asked(asker)["request"]
    given = agent.get("/log-requests", params={"wait": 20}).json()["items"]
    assert request["id"] in [item["id"] for item in given]
    body = {"kind": "refused", "reason": "Not at this hour."}
    view = agent.post(f"/log-requests/{request['id']}/answer", json=body).json()
    assert [(each["kind"], each["reason"]) for each in view["answers"]] == [("refused", "Not at this hour.")]
    with portal.session("Nadia") as person:
        shown = person.get(f"/cases/{CASE}/log-requests").json()["items"]
        assert view in shown
        assert "Not at this hour." in person.get(f"/cases/{CASE}/updates").json()["items"][0]["text"]


def test_only_support_asks_and_only_agents_answer(
    portal: PortalProcess, asker: PortalSession, agent: PortalSession
) -> None:
    request = asked(asker)["request"]["id"]
    place = f"/log-requests/{request}/answer"
    with portal.session("Nadia") as person, portal.session() as nobody:
        assert agent.post(f"/support/cases/{CASE}/log-requests", json=WISH).status_code == 401
        assert person.post(f"/support/cases/{CASE}/log-requests", json=WISH).status_code == 401
        assert nobody.post(f"/support/cases/{CASE}/log-requests", json=WISH).status_code == 401
        assert person.post(place, json={"kind": "sent"}).status_code == 403
        assert asker.post(place, json={"kind": "sent"}).status_code == 401


def test_an_agent_of_another_customer_neither_sees_nor_answers_it(
    portal: PortalProcess, asker: PortalSession
) -> None:
    request = asked(asker)["request"]["id"]
    other = register_agent(portal, name="Lena", account="acc-2001")
    with portal.session(tokens=agent_tokens(portal, other)) as session:
        assert session.get("/log-requests").json()["items"] == []
        assert session.get(f"/log-requests/{request}").status_code == 404
        assert session.post(f"/log-requests/{request}/answer", json={"kind": "sent"}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"applications": []},
        {"last": "2026-06-14T09:00:00Z"},
        {"first": "2026-01-01T00:00:00Z"},
        {"first": "2026-06-14T10:00:00"},
        {"more": 1},
    ],
)
def test_a_wish_that_is_not_right_is_refused(asker: PortalSession, change: dict[str, object]) -> None:
    answer = asker.post(f"/support/cases/{CASE}/log-requests", json={**WISH, **change})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")


def test_the_owner_of_a_portal_makes_support_users(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "data"), "--add-support", "Mara"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], len(made["token"]) > 30) == ("Mara", True)
