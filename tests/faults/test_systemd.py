"""The unit under a real systemd, in a container: installed, reloaded, watched, restarted, stopped, removed.

It takes a while, so it runs in the lane of faults only (``./dev test faults``), as root, with systemd-nspawn.
"""

from __future__ import annotations

import os

import pytest

from agent.service.units.systemd import UNIT_FOLDER, UNIT_NAME
from tests.peers.booted import PYTHON, PYTHON_PATH, boot, why_not

_WHY = why_not() if os.environ.get("CASEFERRY_KILLS") else "it takes a minute and runs in the lane of faults"

pytestmark = [
    pytest.mark.root,
    pytest.mark.timeout(400),
    pytest.mark.skipif(bool(_WHY), reason=f"NOT PROVEN HERE, the unit under a real systemd: {_WHY}"),
]

CONFIG = "/etc/caseferry-agent.toml"
USER = "daemon"
"""An account that every Debian has."""
OPERATORS = "adm"
"""A group that every Debian has."""

AGENT = f"""\
# a server
[agent]
data = "/var/lib/caseferry"
scan = "1s"
quiet = "1s"
[portal]
url = "https://127.0.0.1:1"
client_id = "c"
client_secret_file = "/etc/caseferry-secret"
[api]
operators = "{OPERATORS}"
[[rule]]
name = "sip"
folders = ["/srv/logs"]
case = "0003256109"
"""

DROP_IN = f"""\
[Service]
Environment=PYTHONPATH={PYTHON_PATH} LD_LIBRARY_PATH=/opt/python/lib
WatchdogSec=30
StandardError=append:/out/agent-errors
"""

SERVICE = f"{PYTHON} -m agent.service service"

SCRIPT = f"""
export PYTHONPATH={PYTHON_PATH}
show() {{ systemctl show {UNIT_NAME} -p "$1" --value; }}
trap 'systemctl status --no-pager --full {UNIT_NAME} > /out/last-state 2>&1' EXIT
{SERVICE} status > /dev/null; echo "status-before=$?"
{SERVICE} install --config {CONFIG} --user {USER} --group {OPERATORS} > /out/installed 2>&1
code=$?; echo "installed=$code"; [ $code = 0 ] || exit 0
echo "enabled=$(systemctl is-enabled {UNIT_NAME})"
{SERVICE} status > /dev/null; echo "status=$?"
echo "active=$(show ActiveState)"
echo "said=$(show StatusText)"
pid=$(show MainPID)
echo "operators=$(stat -c '%a %G' /var/lib/caseferry/endpoint-operators.json)"
echo "user=$(stat -c %U /proc/$pid)"
echo "capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/$pid/status)"
echo "seccomp=$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/$pid/status)"
echo "no-new-privileges=$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/$pid/status)"
{PYTHON} -m agent.service status --config {CONFIG} --json > /out/status.json; echo "asked=$?"
for _ in $(seq 120); do
  {PYTHON} -m agent.service status --config {CONFIG} --json > /out/jobs.json
  grep -q '"waiting":1' /out/jobs.json && echo "masked-and-packed=yes" && break
  sleep 0.5
done
systemctl reload {UNIT_NAME}; echo "reloaded=$?"
echo "same-process=$([ "$(show MainPID)" = "$pid" ] && echo yes)"
{PYTHON} -m agent.service restart --config {CONFIG} > /dev/null; echo "begun-anew=$?"
for _ in $(seq 120); do
  {PYTHON} -m agent.service status --config {CONFIG} --json > /out/second.json 2>/dev/null
  [ $? = 0 ] && ! cmp -s /out/status.json /out/second.json && break
  sleep 0.5
done
for _ in $(seq 120); do [ "$(show StatusText)" = "Watching for 1 rules." ] && break; sleep 0.5; done
echo "still-same-process=$([ "$(show MainPID)" = "$pid" ] && echo yes)"
echo "restarts=$(show NRestarts)"
kill -STOP $pid
for _ in $(seq 120); do
  [ "$(show NRestarts)" = 1 ] && [ "$(show ActiveState)" = active ] && break
  sleep 0.5
done
echo "watchdog-restarts=$(show NRestarts)"
echo "active-again=$(show ActiveState)"
systemctl stop {UNIT_NAME}; echo "stopped=$?"
echo "result=$(show Result)"
echo "left=$(ls /var/lib/caseferry/endpoint.json 2>/dev/null)"
echo "mode=$(stat -c %a /var/lib/caseferry)"
{SERVICE} remove > /dev/null; echo "removed=$?"
{SERVICE} status > /dev/null; echo "status-behind=$?"
echo "unit-left=$(ls {UNIT_FOLDER}/{UNIT_NAME} 2>/dev/null)"
echo "data-left=$(ls /var/lib/caseferry/journal.db)"
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the script found, by name."""
    lines = boot(
        tmp_path_factory.mktemp("booted"),
        SCRIPT,
        files={
            f"{UNIT_FOLDER}/{UNIT_NAME}.d/probe.conf": DROP_IN,
            CONFIG: AGENT,
            "/etc/caseferry-secret": "made-up\n",
            "/srv/logs/sips_a.log.1": "10:15:00.118 Std 05060 a call\n\tAttributeANI\t'+4930901820417'\n",
            "/srv/logs/sips_a.log": "",
        },
    )
    return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("status-before", "9"),
        ("installed", "0"),
        ("enabled", "enabled"),
        ("status", "0"),
        ("active", "active"),
        ("said", "Watching for 1 rules."),
        ("operators", f"640 {OPERATORS}"),
        ("user", USER),
        ("capabilities", "0000000000000000"),
        ("seccomp", "2"),
        ("no-new-privileges", "1"),
        ("asked", "0"),
        ("masked-and-packed", "yes"),
        ("reloaded", "0"),
        ("same-process", "yes"),
        ("begun-anew", "0"),
        ("still-same-process", "yes"),
        ("restarts", "0"),
        ("watchdog-restarts", "1"),
        ("active-again", "active"),
        ("stopped", "0"),
        ("result", "success"),
        ("left", ""),
        ("mode", "710"),
        ("removed", "0"),
        ("status-behind", "9"),
        ("unit-left", ""),
        ("data-left", "/var/lib/caseferry/journal.db"),
    ],
)
def test_the_unit_does_as_systemd_expects(told: dict[str, str], name: str, found: str) -> None:
    assert told.get(name) == found
