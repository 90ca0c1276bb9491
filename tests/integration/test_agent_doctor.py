"""``doctor`` and ``status``: each cause has its line and its exit code."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.audit import AuditEvent, AuditTrail, EventKind
from agent.catalogue import CATALOGUE_NAME, Segment, SegmentState, open_catalogue
from agent.keeping import LEDGER_NAME, KeptLedger
from agent.service import run_command
from agent.service.auditing import audit_key
from agent.service.mending import LOST_WITH
from agent.watch import Fingerprint, scan_folder
from app.agentlink import ConfigValue
from app.secrets import open_agent_vault
from tests.peers.agent import AgentProcess, rule, write_config
from tests.peers.portal import PortalProcess, portal, register_agent

__all__ = ["portal"]

Examined = tuple[int, dict[str, dict[str, Any]]]


@pytest.fixture
def examined(capsys: pytest.CaptureFixture[str]) -> Callable[[Path], Examined]:
    def examine(config: Path) -> Examined:
        code = run_command(["doctor", "--config", str(config), "--json"])
        findings = json.loads(capsys.readouterr().out)["findings"]
        return code, {finding["check"]: finding for finding in findings}

    return examine


@pytest.fixture(scope="module")
def credential(portal: PortalProcess) -> dict[str, str]:
    return register_agent(portal)


def configured(portal: PortalProcess, credential: dict[str, str], folder: Path, **changes: Any) -> Path:
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    settings: dict[str, Any] = {
        "url": portal.url,
        "ca_file": portal.ca_file,
        "client_id": credential["client_id"],
        "client_secret": credential["client_secret"],
        "rules": [rule(logs, case="0003256109")],
    }
    return write_config(folder / "agent", **{**settings, **changes})


def test_a_sound_agent_is_found_sound(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    code, findings = examined(configured(portal, credential, tmp_path))
    assert code == 0
    assert {finding["verdict"] for finding in findings.values()} == {"ok"}
    assert {
        "configuration",
        "disk",
        "masking rules",
        "pseudonym key",
        "portal",
        "clock",
        "credential",
    } <= set(findings)


def test_a_mistake_in_the_configuration_is_two(tmp_path: Path, examined: Callable[[Path], Examined]) -> None:
    config = write_config(tmp_path, rules=[{"name": "a", "folders": ["/x"], "case": "not a case"}])
    code, findings = examined(config)
    assert code == 2
    assert "rule[0].case" in findings["configuration"]["result"]


def test_a_missing_folder_is_eight_and_named(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    gone = tmp_path / "gone"
    config = configured(portal, credential, tmp_path, rules=[rule(gone, case="0003256109")])
    code, findings = examined(config)
    assert code == 8
    assert findings[f"folder {gone}"]["verdict"] == "fail"


def test_an_agent_without_rules_is_a_warning(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    code, findings = examined(configured(portal, credential, tmp_path, rules=[]))
    assert code == 9
    assert findings["rules"]["verdict"] == "warn"


def test_a_portal_that_is_away_is_six(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    code, findings = examined(configured(portal, credential, tmp_path, url="https://127.0.0.1:9"))
    assert code == 6
    assert findings["portal"]["code"].startswith("CF-15")


def test_an_unknown_authority_is_five(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    code, findings = examined(configured(portal, credential, tmp_path, ca_file=None))
    assert code == 5
    assert findings["portal"]["code"].startswith("CF-14")


def test_a_wrong_client_secret_is_four_and_is_not_repeated(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    code, findings = examined(configured(portal, credential, tmp_path, client_secret="hunter2"))
    assert code == 4
    assert findings["clock"]["verdict"] == "ok"
    assert "hunter2" not in json.dumps(findings)


def test_an_account_that_may_not_look_into_the_data_folder_is_told_so(
    portal: PortalProcess,
    credential: dict[str, str],
    tmp_path: Path,
    examined: Callable[[Path], Examined],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configured(portal, credential, tmp_path)
    data = tmp_path / "agent" / "data"
    data.mkdir()
    (data / "endpoint.json").touch()

    def refused(_data: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("agent.service.doctor.read_endpoint_in", refused)
    code, found = examined(config)
    assert (code, found["service"]["code"]) == (8, "CF-1896")
    assert found["portal"]["verdict"] == "ok"


def test_archives_that_are_not_opened_are_a_warning_as_they_are_never_sent(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    config = configured(portal, credential, tmp_path)
    (tmp_path / "logs" / "sip.log.2.7z").write_bytes(b"x")
    code, findings = examined(config)
    (found,) = (finding for check, finding in findings.items() if check.startswith("packed files"))
    assert (code, found["verdict"]) == (9, "warn")


def test_status_without_an_agent_is_six(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(portal, credential, tmp_path)
    assert run_command(["status", "--config", str(config)]) == 6
    assert "No agent is running here" in capsys.readouterr().err


def test_a_command_without_its_option_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run"]) == 2
    assert "--config" in capsys.readouterr().err


def test_a_broken_audit_trail_is_told_with_its_place(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    config = configured(portal, credential, tmp_path)
    data = config.parent / "data"
    trail = AuditTrail(data, audit_key(open_agent_vault(data)))
    for number in range(3):
        trail.append(AuditEvent(f"e/{number}", EventKind.CONFIG, "agent"))
    trail.close()
    path = data / "audit" / "000000000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b"e/1", b"e/7"))
    code, findings = examined(config)
    assert (code, findings["audit trail"]["verdict"]) == (9, "warn")
    assert "000000000001.jsonl:2" in findings["audit trail"]["result"]


def test_what_was_lost_of_destroyed_logs_is_told(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    config = configured(portal, credential, tmp_path)
    data = tmp_path / "agent" / "data"
    data.mkdir(exist_ok=True)
    ledger = KeptLedger(data / LEDGER_NAME, wall=lambda: datetime(2026, 3, 1, 10, 15, tzinfo=UTC))
    nothing = Fingerprint(size=0, head_length=0, head="", tail="")
    log = Segment(
        id=1, folder=tmp_path / "logs", path="urs.log", application="urs", generation=0, device=1, inode=2,
        modified_ns=3, print=replace(nothing, size=700), state=SegmentState.GROWING, key="",
    )  # fmt: skip
    ledger.begin([(log, nothing)])
    for row in ledger.open_of([1]).values():
        ledger.rescue(row, key="k", reason="It was destroyed before these bytes were kept.")
    ledger.close()
    _, findings = examined(config)
    assert findings["lost"]["verdict"] == "warn"
    assert findings["lost"]["result"].startswith("700 bytes of logs were destroyed")
    assert findings["lost"]["result"].endswith("the last 01 Mar 10:15 UTC of urs.log.")


def test_a_hold_that_misses_something_is_a_warning(
    portal: PortalProcess, credential: dict[str, str], tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    config = configured(portal, credential, tmp_path)
    data = tmp_path / "agent" / "data"
    data.mkdir(exist_ok=True)
    catalogue = open_catalogue(data / CATALOGUE_NAME, quiet=1.0)
    (tmp_path / "logs" / "urs.log").write_bytes(b"10:15:02.118 one\n")
    catalogue.observe(scan_folder(tmp_path / "logs"))
    with catalogue.database.transaction() as connection:
        connection.execute("INSERT INTO holds VALUES (1, 'incident', 'x', 1, 2, '[]', 1, 9000000000000000)")
        connection.execute("INSERT INTO holds VALUES (2, 'collection', 'j', 0, 0, '[]', 1, 9000000000000000)")
        connection.execute(
            "INSERT INTO held SELECT id, 1, 'The quota for evidence is used up.' FROM holds WHERE id < 3"
        )
    catalogue.close()
    code, findings = examined(config)
    assert (code, findings["evidence"]["verdict"]) == (9, "warn")
    assert findings["evidence"]["result"] == (
        "Of incident 1, 1 segments are not held. The quota for evidence is used up."
    )
    assert "backlog" not in findings, "the log still lies in its folder"


@pytest.mark.parametrize("name", LOST_WITH)
def test_a_database_that_was_set_aside_is_told_with_what_was_lost(
    portal: PortalProcess,
    credential: dict[str, str],
    tmp_path: Path,
    examined: Callable[[Path], Examined],
    name: str,
) -> None:
    config = configured(portal, credential, tmp_path)
    data = tmp_path / "agent" / "data"
    data.mkdir(exist_ok=True)
    (data / f"{name}.damaged-20261129T030000.000000Z").write_bytes(b"damaged")
    code, findings = examined(config)
    assert (code, findings["state"]["code"]) == (9, "CF-1804")
    assert findings["state"]["result"].endswith(f"is kept (1 MB). {LOST_WITH[name]}")


def test_an_agent_starts_with_a_server_without_a_proxy_that_is_none_and_says_so(
    tmp_path: Path, examined: Callable[[Path], Examined]
) -> None:
    config = write_config(tmp_path / "agent")
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[network]\nno_proxy = ["http://nadia:s3cret@intra.example"]\n')
    with AgentProcess(config):
        pass
    log = "".join(each.read_text(encoding="utf-8") for each in (tmp_path / "agent").rglob("*.log"))
    assert "field network.no_proxy[0]" in log
    assert "s3cret" not in log
    finding = examined(config)[1]["no_proxy"]
    assert finding["verdict"] == "warn"
    assert "field network.no_proxy[0]" in finding["result"]


def test_an_agent_with_two_patterns_of_one_id_takes_another_change_and_says_so(
    tmp_path: Path, examined: Callable[[Path], Examined], expected_logs: Callable[[str], None]
) -> None:
    expected_logs("app.masking.doubled")
    config = write_config(tmp_path / "agent")
    (config.parent / "own.toml").write_text(
        'format = 1\nname = "m"\nversion = 1\nextends = "default"\n'
        + 2 * '[[patterns]]\nrule = "p"\npattern = "ab"\n',
        encoding="utf-8",
    )
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[masking]\nrules = "own.toml"\n')
    with AgentProcess(config) as agent:
        taken = agent.client.configure(ConfigValue("transfer.at_once", "3"))
        assert ["own.toml, line 9, field patterns.rule" in said for said in taken.doubts] == [True]
        assert agent.client.status().config == taken
    finding = examined(config)[1]["masking rules"]
    assert finding["verdict"] == "warn"
    assert "own.toml, line 9, field patterns.rule" in finding["result"]
