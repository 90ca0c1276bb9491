"""The agent's API over real HTTPS: who is let in, and what is said to those who are not."""

from __future__ import annotations

import json
import socket
import ssl
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3

from agent.api import ApiServer, EventBoard, Standing
from app.agentlink import (
    AgentClient,
    Confirm,
    Drop,
    Hello,
    Job,
    JobPlace,
    JobPriority,
    JobRef,
    JobRetry,
    Jobs,
    JobsAsk,
    JobState,
    LendAsk,
    Lent,
    LimitHours,
    LimitsFrom,
    LimitsShown,
    Preview,
    PreviewAsk,
    Quarantine,
    Role,
    Status,
    TransferLimits,
    Via,
    read_endpoint,
)
from app.domain.errors import (
    CredentialsError,
    Defect,
    InputError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
JOB = Job(
    id="j1",
    case="0003256109",
    name="a.zip",
    source="all",
    via=Via.HTTPS,
    state=JobState.SENDING,
    created=NOW,
    changed=NOW,
    counts={"TEL": 3},
)


class Desk:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def status(self) -> Status:
        return Status("0.1", "sip-a01", NOW, "https://p", True, [], {"verified": 2}, 0, "scan")

    def jobs(self, ask: JobsAsk) -> Jobs:
        self.asked.append(ask)
        return Jobs(jobs=[JOB])

    def job(self, ask: JobRef) -> Job:
        return replace(JOB, id=ask.job)

    def drop(self, ask: Drop) -> Job:
        self.asked.append(ask)
        return JOB

    def preview(self, ask: PreviewAsk) -> Preview:
        raise InputError("No such file", happened="It is not there.", todo="Look again.", code="CF-1199")

    def confirm(self, ask: Confirm) -> Job:
        raise RefusedError("No", happened="A rule.", todo="Nothing.", rule="R-FILE-1", code="CF-1293")

    def pause(self, ask: JobRef) -> Job:
        raise ZeroDivisionError("a telephone number: +4930901820417")

    def resume(self, ask: JobRef) -> Job:
        return JOB

    def cancel(self, ask: JobRef) -> Job:
        return JOB

    def retry(self, ask: JobRetry) -> Job:
        return JOB

    def prioritise(self, ask: JobPriority) -> Job:
        return replace(JOB, priority=ask.priority)

    def move(self, ask: JobPlace) -> Job:
        return replace(JOB, name=ask.before)

    def limits(self) -> LimitsShown:
        return LimitsShown(TransferLimits(), LimitsFrom.CONFIGURATION, fixed=False, rate_now=None)

    def set_limits(self, ask: TransferLimits) -> LimitsShown:
        return LimitsShown(ask, LimitsFrom.PERSON, fixed=False, rate_now=ask.rate)

    def reset_limits(self) -> LimitsShown:
        return self.limits()

    def lend(self, ask: LendAsk) -> Lent:
        return Lent(ask.bytes)

    def quarantine(self) -> Quarantine:
        return Quarantine(files=[])


class QuietService:
    """A service that is asked for its folders only."""

    def roots(self) -> list[Path]:
        return []


class Running:
    def __init__(self, folder: Path) -> None:
        self.desk = Desk()
        self.board = EventBoard(first=1000)
        self.server = ApiServer(
            folder=folder,
            hello=Hello("Caseferry agent", "0.1", "i1", 1, 1),
            standing=Standing(self.desk),
            service=QuietService(),
            board=self.board,
            wall=lambda: datetime.now(UTC),
        )
        self.path = self.server.start()
        self.client = AgentClient(read_endpoint(self.path))

    def raw(self, verb: str, path: str, *, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        """A request as any program of this machine could send it; underscores in names mean dashes."""
        endpoint = self.server.endpoint
        context = ssl.create_default_context(cadata=endpoint.certificate)
        with urllib3.HTTPSConnectionPool(endpoint.host, endpoint.port, ssl_context=context) as pool:
            answer = pool.request(
                verb,
                path,
                body=body,
                headers={name.replace("_", "-"): value for name, value in headers.items()},
                retries=False,
            )
            return answer.status, json.loads(answer.data) if answer.data else None

    def call(self, document: Any, **headers: str) -> tuple[int, Any]:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        given = {"Authorization": f"Bearer {self.server.endpoint.token}", "Content_Type": "application/json"}
        return self.raw("POST", "/v1/rpc", body=body, **{**given, **headers})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("agent"))
    yield made
    made.client.close()
    made.server.stop()


def test_hello_needs_no_token(running: Running) -> None:
    status, answer = running.raw("GET", "/v1/hello")
    assert (status, answer["contract_max"]) == (200, 1)


def test_typed_answers_come_back_as_they_were(running: Running) -> None:
    assert running.client.jobs(JobsAsk(case="0003256109")).jobs == [JOB]
    assert running.desk.asked[-1] == JobsAsk(case="0003256109")
    assert running.client.status().jobs == {"verified": 2}
    assert running.client.job("j7").id == "j7"


def test_typed_questions_arrive_as_they_were(running: Running) -> None:
    drop = Drop(case="0003256109", paths=["/a/ü.log"])
    running.client.drop(drop)
    assert running.desk.asked[-1] == drop


def test_limits_and_order_go_both_ways_as_they_were(running: Running) -> None:
    limits = TransferLimits(
        rate=2_000_000, hours=[LimitHours([0, 1], "08:00", "18:00", None)], only_idle=True, connections=4
    )
    found = running.client.set_limits(limits)
    assert (found.limits, found.set_by, found.rate_now) == (limits, LimitsFrom.PERSON, 2_000_000)
    assert running.client.reset_limits().set_by is LimitsFrom.CONFIGURATION
    assert running.client.prioritise("j1", -3).priority == -3
    assert running.client.move("j1", before="j2").name == "j2"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_the_endpoint_file_is_for_its_owner_only(running: Running) -> None:
    assert stat.S_IMODE(running.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((running.path.parent / "api-key.pem").stat().st_mode) == 0o600


def test_an_error_of_the_world_comes_back_in_its_family(running: Running) -> None:
    with pytest.raises(InputError) as wrong:
        running.client.preview(PreviewAsk(job="j1", name="x"))
    assert (wrong.value.title, wrong.value.code) == ("No such file", "CF-1199")


def test_a_refusal_keeps_its_rule(running: Running) -> None:
    with pytest.raises(RefusedError) as refused:
        running.client.confirm(Confirm(job="j1", acknowledgement="a"))
    assert refused.value.rule == "R-FILE-1"


def test_a_defect_tells_its_reference_and_nothing_else(
    running: Running, expected_logs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    expected_logs("agent.api")
    with pytest.raises(Defect) as defect:
        running.client.pause("j1")
    assert defect.value.reference in caplog.text
    _, answer = running.call({"id": 1, "method": "pause", "params": {"job": "j1"}})
    assert "telephone" not in json.dumps(answer)


def test_a_call_without_the_token_is_not_answered(running: Running) -> None:
    status, answer = running.call({"id": 1, "method": "status"}, Authorization="Bearer wrong")
    assert (status, answer["error"]["code"]) == (401, "CF-1392")
    status, _ = running.raw("GET", "/v1/events?since=0&timeout=0")
    assert status == 401


def test_an_old_token_is_a_matter_of_credentials(running: Running) -> None:
    stale = AgentClient(replace(running.server.endpoint, token="old"))
    with pytest.raises(CredentialsError):
        stale.status()
    stale.close()


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://evil.example"}, "CF-1391"),
        ({"Sec_Fetch_Site": "cross-site"}, "CF-1391"),
        ({"Host": "evil.example"}, "CF-1193"),
        ({"Content_Type": "text/plain"}, "CF-1194"),
    ],
)
def test_what_a_web_page_can_send_is_refused(running: Running, headers: dict[str, str], code: str) -> None:
    status, answer = running.call({"id": 1, "method": "status"}, **headers)
    assert status in (400, 403)
    assert answer["error"]["code"] == code


def test_a_body_over_one_mebibyte_is_refused(running: Running) -> None:
    status, answer = running.call({"id": 1, "method": "drop", "params": {"paths": ["x" * 2**20]}})
    assert (status, answer["error"]["code"]) == (400, "CF-1195")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"{", "not an object"),
        ({"id": 1, "method": "format_disk"}, "format_disk"),
        ({"id": 1, "method": "__init__"}, "__init__"),
        ({"id": 1, "method": "jobs", "params": {"cse": "x"}}, "cse"),
        ({"id": 1, "method": "jobs", "params": {"limit": "many"}}, "limit"),
        ({"id": 1, "method": "jobs", "params": [1]}, "object"),
        ({"id": 1, "method": "job"}, "job"),
        ({"id": 1, "method": "status", "params": {"x": 1}}, "no parameters"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(running: Running, document: Any, said: str) -> None:
    status, answer = running.call(document)
    assert status == 400
    assert said in answer["error"]["happened"]


def test_a_viewer_may_look_but_not_touch(running: Running) -> None:
    token = running.server.tokens.issue(label="a viewer", role=Role.VIEWER)
    viewer = AgentClient(replace(running.server.endpoint, token=token))
    assert viewer.status().watch == "scan"
    with pytest.raises(CredentialsError) as refused:
        viewer.cancel("j1")
    assert "operator" in refused.value.happened
    viewer.close()


def test_events_come_to_whoever_waits(running: Running) -> None:
    since = running.client.events(0, timeout=0).last
    running.board.publish("job", "j1")
    found = running.client.events(since, timeout=60)
    assert [(event.kind, event.subject) for event in found.events] == [("job", "j1")]
    assert running.client.events(found.last, timeout=0.05).events == []


def test_a_number_of_another_run_asks_for_everything_anew(running: Running) -> None:
    assert [event.kind for event in running.client.events(2**40, timeout=0).events] == ["resync"]


def test_another_program_on_the_port_is_not_trusted(running: Running, tmp_path: Path) -> None:
    other = Running(tmp_path)
    squatted = replace(running.server.endpoint, port=other.server.endpoint.port)
    client = AgentClient(squatted)
    with pytest.raises(TrustError) as refused:
        client.status()
    assert refused.value.code == "CF-1490"
    client.close()
    other.client.close()
    other.server.stop()


def test_a_stopped_agent_is_unreachable_and_its_endpoint_is_gone(tmp_path: Path) -> None:
    other = Running(tmp_path)
    other.server.stop()
    with pytest.raises(UnreachableError):
        other.client.status()
    with pytest.raises(UnreachableError) as nobody:
        read_endpoint(other.path)
    assert nobody.value.code == "CF-1590"
    other.client.close()


def test_an_answer_of_another_contract_is_the_peers_fault(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.desk, "status", lambda: {"version": 1})
    with pytest.raises(PeerError):
        running.client.status()


def test_silent_connections_keep_nobody_out(running: Running) -> None:
    endpoint = running.server.endpoint
    place = (endpoint.host, endpoint.port)
    begun = f"POST /v1/rpc HTTP/1.1\r\nHost: {place[0]}:{place[1]}\r\nContent-Length: 9\r\n\r\n".encode()
    context = ssl.create_default_context(cadata=endpoint.certificate)
    with ThreadPoolExecutor(1) as pool, ExitStack() as held:
        served = pool.submit(running.client.events, running.board.after(0).last, timeout=60.0)
        for number in range(80):
            silent = socket.create_connection(place)
            silent = held.enter_context(context.wrap_socket(silent, server_hostname=place[0]))
            if number % 2:
                silent.sendall(begun)
        assert running.call({"id": 1, "method": "status"})[0] == 200
        running.board.publish("job", "j1")
        assert [event.subject for event in served.result(60).events] == ["j1"]


def test_connections_that_never_speak_take_few_descriptors(running: Running) -> None:
    place = (running.server.endpoint.host, running.server.endpoint.port)
    with ExitStack() as held:
        mute = [held.enter_context(socket.create_connection(place, timeout=60)) for _number in range(300)]
        assert running.call({"id": 1, "method": "status"})[0] == 200
        # those that were let in first were shut: the peer reads the end, or that there is nobody
        for each in mute[:100]:
            with suppress(ConnectionError):
                assert each.recv(1) == b""
