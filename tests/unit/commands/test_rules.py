"""``caseferry rules``: check, import, compare, gather, and the way back to an earlier version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.commands import main
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]


@pytest.fixture
def filters(tmp_path: Path) -> Path:
    path = tmp_path / "opts.cfg"
    path.write_text("[log-filter-data]\nVoucherNo=hide\nSegmentCode=copy\nCustomerName=copy\n")
    return path


def test_the_products_rules_are_right_with_every_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "check", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said["profiles"]) == {"balanced", "voice-strict", "infrastructure-only"}
    assert said["title"].endswith("balanced")


def test_a_wrong_profile_is_found_though_it_is_not_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'format = 1\nname = "m"\nversion = 1\nextends = "default"\n[profiles.x.policy]\nTEL = "gone"\n'
    )
    assert main(["rules", "check", str(path)]) == 2
    assert "mine.toml, line 6, field profiles.x.policy.TEL" in capsys.readouterr().err.replace("\n", " ")


def test_two_patterns_with_one_id_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    pattern = '[[patterns]]\nrule = "p"\npattern = "ab"\n'
    path.write_text(f'format = 1\nname = "m"\nversion = 1\nextends = "default"\n{pattern}{pattern}')
    assert main(["rules", "check", str(path)]) == 2
    assert "mine.toml, line 9, field patterns.rule" in capsys.readouterr().err.replace("\n", " ")


def test_an_import_is_a_rule_file_and_says_what_differs(
    tmp_path: Path, filters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rules.toml"
    assert main(["rules", "import", str(filters), "--out", str(out), "--name", "site"]) == 0
    assert "CustomerName is copied there" in capsys.readouterr().err
    assert main(["rules", "compare", "default", str(out), "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {"part": "key", "name": "VoucherNo", "before": "", "after": "KEYED learn value"} in changes
    assert main(["rules", "import", str(filters), "--out", str(out)]) == 2


def test_patterns_that_are_left_out_end_with_nine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "p.json"
    source.write_text('[{"regex": "PO-[0-9]{5}", "priority": 3}, {"regex": "a(?=b)", "priority": 1}]')
    assert main(["rules", "import", str(source), "--out", str(tmp_path / "r.toml")]) == 9
    assert "[1].regex uses look-ahead" in capsys.readouterr().err


def test_hosts_are_gathered_from_logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("Application name: A\nHost name: srv-voice-7\n")
    out = tmp_path / "lists" / "site.toml"
    out.parent.mkdir()
    assert main(["rules", "gather", str(tmp_path / "logs"), "--out", str(out)]) == 0
    assert 'hosts = ["srv-voice-7"]' in out.read_text(encoding="utf-8")
    assert "srv-voice" not in capsys.readouterr().out


def test_rules_that_masked_are_kept_and_come_back(
    tmp_path: Path, filters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, log = tmp_path / "rules.toml", tmp_path / "a.log"
    log.write_text("VoucherNo='99887766'\n")
    main(["rules", "import", str(filters), "--out", str(rules), "--name", "site"])
    before = rules.read_bytes()
    arguments = ["mask", str(log), "--rules", str(rules), "--key-file", str(tmp_path / "key")]
    arguments += [
        "--out",
        str(tmp_path / "out"),
        "--report",
        str(tmp_path / "r.json"),
        "--profile",
        "voice-strict",
    ]
    assert main(arguments) == 0
    assert (tmp_path / "out" / "a.log").read_text() == "VoucherNo='<KEYED:->'\n"
    capsys.readouterr()
    assert main(["rules", "list", "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)
    assert kept["title"] == "site 1 voice-strict"
    rules.write_text(before.decode().replace("VoucherNo", "TicketRef"))
    assert main(["rules", "rollback", kept["sha256"][:10], "--out", str(rules)]) == 0
    assert rules.read_bytes() == before
    assert main(["rules", "rollback", "0123456789", "--out", str(rules)]) == 2
