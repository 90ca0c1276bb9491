"""A real agent with rules and alarms at a real portal: what goes, what stays and why, what is raised."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.audit import trail_records
from agent.service import run_command
from app.agentlink import JobState, RuleShown, TransferLimits
from tests.peers.agent import AgentProcess, rule, write_config
from tests.peers.deliveries import arrived
from tests.peers.portal import PortalProcess, portal, register_agent
from tests.peers.timed_logs import KnownSegment

__all__ = ["portal"]

OPEN = "0003256109"
PHONE = "+4930901820417"
LONG_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
ALARMS = """
[[alarm]]
name = "lost"
ids = ["04504"]
severity = "major"
actions = ["notify", "hold", "draft"]
text = "A connection is lost."
"""


def log(application: str, at: datetime, *texts: str) -> KnownSegment:
    made = KnownSegment(f"{application}.{at:%Y%m%d_%H%M%S}_000.log", application=application)
    made.begin(at)
    made.header = b"Version:           8.1.103.95\n" + made.header
    for number, text in enumerate(texts):
        made.add(at + timedelta(seconds=number), text)
    return made


@dataclass(frozen=True, slots=True)
class Server:
    agent: AgentProcess
    config: Path

    def rules(self) -> dict[str, RuleShown]:
        return {each.name: each for each in self.agent.client.rules().rules}

    def events(self) -> set[tuple[str, str]]:
        """Kinds and subjects of all events of this run."""
        client = self.agent.client
        last = client.events(0, timeout=0).last
        found: set[tuple[str, str]] = set()
        for back in itertools.count(1):
            seen = {(event.kind, event.subject) for event in client.events(last - back, timeout=0).events}
            if ("resync", "") in seen:
                return found
            found |= seen
        raise AssertionError("the events have no beginning")

    def command(self, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
        """Run ``caseferry-agent`` with ``--json``; its exit code and answer."""
        capsys.readouterr()
        code = run_command([*words, "--config", str(self.config), "--json"])
        return code, json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def server(portal: PortalProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three closed segments of one application, one of another, and the live ones of both."""
    root = tmp_path_factory.mktemp("server")
    folder = root / "logs"
    folder.mkdir()
    hour = timedelta(hours=1)
    segments = [
        log("sips_a", LONG_AGO - 24 * hour, "Std 05060 quiet"),
        log("sips_a", LONG_AGO - hour, f"Std 47006 WARN {PHONE} dropped"),
        log("sips_a", LONG_AGO, "Trc 04120 quiet", f"Std 04504 Connection of {PHONE} lost"),
        log("sips_a", LONG_AGO + hour, "Std 05060 live"),
        log("urs_a", LONG_AGO - hour, "Alr 00001 other"),
        log("urs_a", LONG_AGO, "Std 05060 live"),
    ]
    for made in segments:
        (folder / made.name).write_bytes(made.content)
    with portal.session("Nadia") as session:
        closed = session.get("/cases", params={"view": "closed", "account": "acc-1001"}).json()["items"]
    sips = ["sips_*"]
    credential = register_agent(portal)
    config = write_config(
        root,
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=credential["client_id"],
        client_secret=credential["client_secret"],
        rules=[
            rule(folder, case=OPEN, name="warnings", applications=sips) | {"levels": "warning"},
            rule(folder, case=OPEN, name="around", applications=sips, when="alarm lost") | {"around": "5m"},
            rule(folder, case=OPEN, name="too", applications=sips) | {"levels": "warning"},
            rule(folder, case=closed[0]["number"], name="closed", applications=sips),
            rule(folder, case="0009999999", name="unknown", applications=sips),
        ],
    )
    (root / "alarms.toml").write_text(ALARMS, encoding="utf-8")
    with config.open("a", encoding="utf-8") as stream:
        stream.write('\n[alarms]\nrules = "alarms.toml"\n')
    with AgentProcess(config) as agent:
        agent.wait_until_shipped(2)
        agent.wait_for(lambda: agent.client.drafts().drafts)
        agent.wait_for(lambda: not any(alarm.waiting for alarm in agent.client.alarms().alarms))
        yield Server(agent, config)


def reasons(shown: RuleShown) -> dict[str, int]:
    return {each.reason: each.files for each in shown.not_sent}


def test_every_rule_tells_what_it_sent_and_what_not_and_why(server: Server) -> None:
    expected = {
        "warnings": ("open", 1, {"level": 2, "application": 1}),
        "around": ("open", 1, {"no alarm": 2, "application": 1}),
        "too": ("open", 0, {"level": 2, "application": 1, "in the case": 1}),
        "closed": ("closed", 0, {"case closed": 3, "application": 1}),
        "unknown": ("unknown", 0, {"case unknown": 3, "application": 1}),
    }

    def told() -> dict[str, tuple[str, int, dict[str, int]]]:
        found = server.rules().items()
        return {name: (shown.case_state, shown.sent, reasons(shown)) for name, shown in found}

    with contextlib.suppress(AssertionError):  # what differs is shown below
        server.agent.wait_for(lambda: told() == expected)
    assert told() == expected


def test_only_what_rules_sent_has_arrived(server: Server, portal: PortalProcess) -> None:
    names = {job.name for job in server.agent.jobs()}
    texts = [bundle.text for bundle in arrived(portal, OPEN) if bundle.name in names]
    assert sorted("04504" in text for text in texts) == [False, True]
    assert sum("47006" in text for text in texts) == 1
    assert not any(PHONE[1:] in text for text in texts)


def test_the_command_shows_the_rules(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = server.command("rules", capsys=capsys)
    assert (code, [each["name"] for each in answer["rules"]]) == (
        0,
        ["warnings", "around", "too", "closed", "unknown"],
    )
    assert run_command(["rules", "--config", str(server.config)]) == 0
    shown = capsys.readouterr().out
    assert f"warnings: case {OPEN} (open), closed, warning or worse; 1 files" in shown
    texts = [each["text"] for each in answer["rules"][2]["not_sent"]]
    assert "They are already in the case, or on their way there, by rule warnings." in texts


def test_the_command_names_every_file_that_a_rule_did_not_send(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    not_sent = {each.reason: each.names for each in server.rules()["closed"].not_sent}
    assert len(set(not_sent["case closed"])) == 3
    assert all(name.startswith("sips_a.") for name in not_sent["case closed"])
    assert run_command(["rules", "--files", "--config", str(server.config)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown.count("The case is closed (R-FILE-1). 3 files:") == 1
    assert {f"  {name}" for name in not_sent["case closed"]} <= set(shown)


def test_an_alarm_is_told_kept_and_held_and_proposes_a_case_without_a_person_in_it(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    code, listed = server.command("alarms", "list", capsys=capsys)
    (alarm,) = listed["alarms"]
    assert (code, alarm["rule"], alarm["version"], alarm["waiting"]) == (0, "lost", "8.1.103.95", [])
    assert ("alarm", str(alarm["alarm"])) in server.events()
    assert [hold.reason for hold in server.agent.client.holds().holds if hold.reason == "alarm"] == ["alarm"]
    code, draft = server.command("alarms", "draft", "1", capsys=capsys)
    assert (draft["component"], draft["message"], len(draft["lines"])) == ("sips_a", "04504", 1)
    assert PHONE[1:] not in json.dumps([listed, draft])
    assert "Std 04504 Connection of <TEL:" in draft["lines"][0]


def test_a_draft_is_there_until_a_person_takes_it(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["alarms", "draft", "--config", str(server.config)]) == 0
    assert "sips_a 8.1.103.95: A" in capsys.readouterr().out
    code, taken = server.command("alarms", "draft", "1", "--take", capsys=capsys)
    assert (code, bool(taken["taken"])) == (0, True)
    assert server.command("alarms", "draft", capsys=capsys) == (0, {"drafts": []})


def test_what_is_not_there_is_an_error_of_the_command_line(server: Server) -> None:
    assert run_command(["alarms", "show", "99", "--config", str(server.config)]) == 2
    assert run_command(["alarms", "draft", "--take", "--config", str(server.config)]) == 2
    assert run_command(["alarms", "show", "1", "--config", str(server.config)]) == 0
    assert run_command(["alarms", "list", "--config", str(server.config)]) == 0


def test_what_is_cancelled_for_one_rule_is_sent_by_the_other(portal: PortalProcess, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for made in (
        log("sips_b", LONG_AGO, "Std 1 only once"),
        log("sips_b", LONG_AGO + timedelta(hours=1), "Std 1 live"),
    ):
        (folder / made.name).write_bytes(made.content)
    credential = register_agent(portal)
    config = write_config(
        tmp_path,
        url=portal.url,
        ca_file=portal.ca_file,
        client_id=credential["client_id"],
        client_secret=credential["client_secret"],
        rules=[rule(folder, case=OPEN, name=name) for name in ("first", "second")],
    )
    with config.open("a", encoding="utf-8") as stream:
        stream.write('\n[transfer]\nlimit = "0"\n')
    with AgentProcess(config) as agent:
        (job,) = agent.wait_for_states(JobState.SENDING)
        assert job.source == "first"
        agent.client.cancel(job.id)
        agent.wait_for(lambda: [each for each in agent.jobs() if each.source == "second"])
        agent.client.set_limits(TransferLimits())
        (sent,) = agent.wait_until_shipped(1)
        names = {each.name for each in agent.jobs()}
    assert sent.source == "second"
    texts = [bundle.text for bundle in arrived(portal, OPEN) if bundle.name in names]
    assert [text.count("only once") for text in texts] == [1]


def test_a_bundle_that_was_sealed_leaves_masked_by_the_stricter_rules_of_now(
    portal: PortalProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    hour = timedelta(hours=1)
    for made in (log("sips_c", LONG_AGO, f"Std 1 sealed {PHONE}"), log("sips_c", LONG_AGO + hour, "Std 1")):
        (folder / made.name).write_bytes(made.content)
    credential = register_agent(portal)

    def configured(*, profile: str, limit: str) -> Path:
        config = write_config(
            tmp_path,
            url=portal.url,
            ca_file=portal.ca_file,
            client_id=credential["client_id"],
            client_secret=credential["client_secret"],
            rules=[rule(folder, case=OPEN, name="sealed")],
            masking={"profile": profile},
        )
        with config.open("a", encoding="utf-8") as stream:
            stream.write(f'\n[transfer]\nlimit = "{limit}"\n')
        return config

    with AgentProcess(configured(profile="balanced", limit="0")) as agent:
        (job,) = agent.wait_for_states(JobState.SENDING)
    with AgentProcess(configured(profile="voice-strict", limit="none")) as agent:
        (sent,) = agent.wait_until_shipped(1)
    assert sent.id == job.id
    records = [r for r in trail_records(tmp_path / "data" / "audit") if r.job == job.id]
    (outdated,) = [record.facts for record in records if record.kind == "outdated"]
    assert (outdated["there"], outdated["withdrawn"]) == (0, True)
    (bundle,) = [each for each in arrived(portal, OPEN) if each.name == sent.name]
    last = [record.facts for record in records if record.kind == "sending"][-1]
    assert last["rule_set"] != outdated["rule_set"]
    assert last["rule_set"] in json.dumps(bundle.manifest)
