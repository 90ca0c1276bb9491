"""The samples of docs/agent.md are taken as they are printed, also with what stands in comments."""

from __future__ import annotations

import re
from pathlib import Path

import app
from agent.service.config import AgentConfig, read_config

DOCUMENT = Path(app.__file__).parent.parent / "docs" / "agent.md"
SAMPLES = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
IN_COMMENT = re.compile(r"^# (?=\[|(?!portal_key|certificate_file)\w+ = )", re.MULTILINE)
"""A setting in a comment; two of them are left there: a key that is made up, and what rules out another."""


def taken(text: str, folder: Path) -> AgentConfig:
    (folder / "agent.toml").write_text(text.replace('"/', f'"{folder.as_posix()}/'), encoding="utf-8")
    (folder / "alarms.toml").write_text(SAMPLES[1], encoding="utf-8")
    return read_config(folder / "agent.toml")


def test_the_configuration_is_taken_as_it_is_printed(tmp_path: Path) -> None:
    assert [rule.name for rule in taken(SAMPLES[0], tmp_path).rules] == ["sip-and-urs"]


def test_the_sftp_destination_is_taken_out_of_its_comment(tmp_path: Path) -> None:
    text = IN_COMMENT.sub("", SAMPLES[0]).replace('via = "https"', 'via = "sftp"')
    sftp = taken(text, tmp_path).rules[0].sftp
    assert sftp is not None
    assert sftp.host == "sftp.example"
