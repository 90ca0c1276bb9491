"""``[requests]`` and ``[[request_rule]]``: read into the policy, or refused with line and field."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest

from agent.requests import DataKind, Decision
from agent.service.config import AgentConfig, read_config
from app.domain.errors import InputError

BEGIN = '[agent]\ndata = "data"\n[portal]\nurl = "https://portal.example"\n'
KEY = base64.b64encode(bytes(32)).decode()


def read(folder: Path, text: str) -> AgentConfig:
    path = folder / "agent.toml"
    path.write_text(BEGIN + text, encoding="utf-8")
    return read_config(path)


def test_requests_are_off_unless_they_are_turned_on(tmp_path: Path) -> None:
    assert not read(tmp_path, "").requests.enabled


def test_a_whole_policy_is_read_in_its_order(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"""
[requests]
enabled = true
portal_key = "{KEY}"
account = "acc-1001"
[[request_rule]]
name = "sip"
then = "send"
applications = ["sips_*"]
largest = "200MB"
longest = "6h"
kinds = ["timed", "packed"]
profiles = ["voice-strict"]
hours = ["mon-fri 08:00-18:00", "sat 08:00-12:00"]
[[request_rule]]
name = "rest"
then = "never"
""",
    ).requests
    assert (found.enabled, found.portal_key, found.account) == (True, bytes(32), "acc-1001")
    sip, rest = found.rules
    assert (sip.then, rest.then) == (Decision.SEND, Decision.NEVER)
    assert (sip.largest, sip.longest) == (200_000_000, timedelta(hours=6))
    assert sip.kinds == {DataKind.TIMED, DataKind.PACKED}
    assert (len(sip.hours), sip.profiles, sip.applications) == (2, ("voice-strict",), ("sips_*",))


ASK = '[[request_rule]]\nname = "a"\nthen = "ask"\n'


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('[requests]\nportal_key = "short"', "line 6, field requests.portal_key"),
        ('[[request_rule]]\nname = "a b"\nthen = "send"', "line 6, field request_rule[0].name"),
        ('[[request_rule]]\nname = "a"\nthen = "maybe"', "line 7, field request_rule[0].then"),
        (f'{ASK}largest = "9"', "line 8, field request_rule[0].largest"),
        (f'{ASK}longest = "9"', "line 8, field request_rule[0].longest"),
        (f'{ASK}hours = ["x"]', "line 8, field request_rule[0].hours[0]"),
        (f'{ASK}kinds = ["x"]', "line 8, field request_rule[0].kinds[0]"),
        (f"{ASK}{ASK}", "line 9, field request_rule[1].name"),
    ],
)
def test_a_mistake_is_answered_with_its_place(tmp_path: Path, lines: str, place: str) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, lines)
    assert place in refused.value.happened


def test_a_rule_of_segments_may_not_take_the_name_of_a_request(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="reserved"):
        read(tmp_path, '[[rule]]\nname = "request-1"\nfolders = ["/logs"]\ncase = "1"')
