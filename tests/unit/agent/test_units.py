"""The agent as a service of three systems: what is written, what is called, what is said."""

from __future__ import annotations

import configparser
import plistlib
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.service.starting import run_command
from agent.service.units import (
    Installer,
    LaunchdDaemon,
    Ran,
    SystemdUnit,
    UnitOrder,
    WindowsService,
    WindowsServiceSpec,
    property_list,
    unit_text,
)
from agent.service.units.launchd import DAEMONS, LABEL
from agent.service.units.systemd import UNIT_FOLDER, UNIT_NAME, quoted
from app.domain.errors import InputError, LocalError

ORDER = UnitOrder(
    command=(
        "/opt/caseferry/bin/python",
        "-m",
        "agent.service",
        "run",
        "--config",
        "/etc/caseferry/a b.toml",
    ),
    data=Path("/var/lib/caseferry"),
    user="caseferry",
    groups=("genesys",),
)


class FakeMachine:
    """Files in memory; remembers what was called, and answers as it is told."""

    def __init__(self, *, users: Sequence[str] = ("caseferry",), systemd: bool = True) -> None:
        self.systemd = systemd
        self.files: dict[Path, tuple[bytes, int]] = {}
        self.called: list[list[str]] = []
        self.answers: dict[str, Ran] = {}
        self.users = users

    def run(self, words: Sequence[str]) -> Ran:
        self.called.append(list(words))
        return self.answers.get(words[1], Ran(0, ""))

    def read(self, path: Path) -> bytes | None:
        found = self.files.get(path)
        return None if found is None else found[0]

    def write(self, path: Path, content: bytes, *, mode: int) -> None:
        self.files[path] = (content, mode)

    def remove(self, path: Path) -> None:
        self.files.pop(path, None)

    def has_folder(self, path: Path) -> bool:
        return self.systemd and path == Path("/run/systemd/system")

    def has_user(self, name: str) -> bool:
        return name in self.users


class FakeServices:
    """The service manager of Windows, with one service at most."""

    def __init__(self) -> None:
        self.spec: WindowsServiceSpec | None = None
        self.running = False

    def create(self, spec: WindowsServiceSpec) -> None:
        self.spec = spec

    def start(self, name: str) -> None:
        assert self.spec is not None
        assert self.spec.name == name
        self.running = True

    def delete(self, name: str) -> None:
        self.spec, self.running = None, False

    def state(self, name: str) -> str | None:
        return None if self.spec is None else "running" if self.running else "stopped"


@pytest.fixture
def machine() -> FakeMachine:
    return FakeMachine()


def parsed(text: str) -> configparser.RawConfigParser:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read_string(text)
    return unit


def test_systemd_gets_a_unit_that_is_started_now_and_at_every_boot(machine: FakeMachine) -> None:
    SystemdUnit(machine).install(ORDER)
    content, mode = machine.files[UNIT_FOLDER / UNIT_NAME]
    assert (content.decode(), mode) == (unit_text(ORDER), 0o644)
    assert machine.called == [
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", UNIT_NAME],
        ["systemctl", "restart", UNIT_NAME],
    ]


def test_the_unit_says_whom_it_runs_as_and_what() -> None:
    service = parsed(unit_text(ORDER))["Service"]
    assert shlex.split(service["ExecStart"]) == list(ORDER.command)
    assert (service["User"], service["SupplementaryGroups"]) == ("caseferry", "genesys")
    assert (service["StateDirectory"], service["ReadWritePaths"]) == ('"caseferry"', '"/var/lib/caseferry"')
    assert (service["Type"], service["WatchdogSec"]) == ("notify", "120")


@pytest.mark.parametrize("system", ["systemd", "launchd"])
def test_more_files_may_be_open_than_a_service_is_granted_by_itself(system: str) -> None:
    if system == "systemd":
        found = int(parsed(unit_text(ORDER))["Service"]["LimitNOFILE"])
    else:
        limits = property_list(ORDER)["SoftResourceLimits"]
        assert isinstance(limits, dict)
        found = limits["NumberOfFiles"]
    assert found >= 65536


def test_nothing_of_the_template_is_left_open() -> None:
    bare = UnitOrder(command=("/x",), data=Path("/srv/agent"), user="caseferry")
    text = unit_text(bare)
    assert set(re.findall("@[A-Za-z-]*", text)) == {"@system-service", "@privileged", "@chown"}
    assert "StateDirectory" not in text
    assert "SupplementaryGroups" not in text


@pytest.mark.parametrize(
    ("name", "line"),
    [("vault.key", "LoadCredential"), ("vault.cred", "LoadCredentialEncrypted")],
)
def test_the_key_of_the_vault_comes_as_a_credential(name: str, line: str) -> None:
    order = UnitOrder(("/x",), Path("/srv/a"), "caseferry", vault_key=Path("/etc/caseferry") / name)
    assert parsed(unit_text(order))["Service"][line] == f'"caseferry-vault-key:/etc/caseferry/{name}"'


@pytest.mark.parametrize(
    ("word", "written"),
    [("a b", '"a b"'), ("50%", '"50%%"'), ("$HOME", '"$$HOME"'), ('q"\\', '"q\\"\\\\"')],
)
def test_words_are_quoted_as_systemd_reads_them(word: str, written: str) -> None:
    assert quoted(word) == written


@pytest.mark.parametrize("user", ["a\nExecStart=/bin/sh", "", "a b", "%i"])
def test_no_name_smuggles_a_line_into_the_unit(user: str) -> None:
    with pytest.raises(InputError) as wrong:
        unit_text(UnitOrder(("/x",), Path("/srv/a"), user))
    assert wrong.value.code == "CF-1177"


def test_no_path_smuggles_a_line_into_the_unit() -> None:
    with pytest.raises(InputError):
        unit_text(UnitOrder(("/x", "/etc/a\nUser=root"), Path("/srv/a"), "caseferry"))


@pytest.mark.parametrize("kind", [SystemdUnit, LaunchdDaemon])
def test_an_account_that_is_missing_is_said_before_anything_is_written(kind: type) -> None:
    machine = FakeMachine(users=())
    with pytest.raises(LocalError) as missing:
        kind(machine).install(ORDER)
    assert (missing.value.code, "caseferry" in missing.value.happened) == ("CF-1883", True)
    assert (machine.files, machine.called) == ({}, [])


def test_what_systemd_refuses_is_said(machine: FakeMachine) -> None:
    machine.answers["enable"] = Ran(1, "Failed to enable unit: Access denied")
    with pytest.raises(LocalError) as refused:
        SystemdUnit(machine).install(ORDER)
    assert "Access denied" in refused.value.happened


def test_a_service_that_does_not_start_is_no_matter_of_rights(machine: FakeMachine) -> None:
    machine.answers["restart"] = Ran(1, 'See "journalctl -xeu caseferry-agent.service" for details.')
    with pytest.raises(LocalError) as refused:
        SystemdUnit(machine).install(ORDER)
    assert "doctor" in refused.value.todo
    assert not refused.value.happened.endswith("..")


def test_a_service_that_cannot_start_for_a_while_is_never_given_up() -> None:
    assert parsed(unit_text(ORDER))["Unit"]["StartLimitIntervalSec"] == "0"


def test_without_systemd_nothing_is_written_and_it_is_said_what_to_do() -> None:
    machine = FakeMachine(systemd=False)
    with pytest.raises(LocalError) as refused:
        SystemdUnit(machine).install(ORDER)
    assert (refused.value.code, machine.files, machine.called) == ("CF-1883", {}, [])
    assert "not started with systemd" in refused.value.happened
    assert "caseferry-agent run" in refused.value.todo


def test_a_unit_can_be_taken_away_where_systemd_does_not_run(machine: FakeMachine) -> None:
    SystemdUnit(machine).install(ORDER)
    machine.systemd = False
    machine.called.clear()
    assert SystemdUnit(machine).status().detail == "this machine was not started with systemd"
    SystemdUnit(machine).remove()
    assert (machine.files, machine.called) == ({}, [])


def test_removing_the_unit_stops_it_first(machine: FakeMachine) -> None:
    SystemdUnit(machine).install(ORDER)
    machine.called.clear()
    SystemdUnit(machine).remove()
    assert machine.files == {}
    assert machine.called[0] == ["systemctl", "disable", "--now", UNIT_NAME]


def test_launchd_gets_a_property_list(machine: FakeMachine) -> None:
    LaunchdDaemon(machine).install(ORDER)
    path = DAEMONS / f"{LABEL}.plist"
    content, mode = machine.files[path]
    found = plistlib.loads(content)
    assert (found, mode) == (property_list(ORDER), 0o644)
    assert (found["Label"], found["ProgramArguments"]) == (LABEL, list(ORDER.command))
    assert (found["Umask"], found["KeepAlive"], found["RunAtLoad"]) == (63, {"SuccessfulExit": False}, True)
    assert machine.called[-1] == ["launchctl", "bootstrap", "system", str(path)]


def test_removing_the_daemon_unloads_it(machine: FakeMachine) -> None:
    LaunchdDaemon(machine).install(ORDER)
    LaunchdDaemon(machine).remove()
    assert machine.files == {}
    assert machine.called[-1] == ["launchctl", "bootout", f"system/{LABEL}"]


def test_windows_gets_a_service_with_an_account_of_its_own(machine: FakeMachine, tmp_path: Path) -> None:
    services = FakeServices()
    order = UnitOrder(
        (r"C:\Program Files\Caseferry\caseferry-agent.exe", "service", "host", "--config", r"C:\a.toml"),
        tmp_path / "data",
        r"NT SERVICE\CaseferryAgent",
    )
    WindowsService(machine, services).install(order)
    assert services.spec is not None
    assert services.spec.command_line == (
        r'"C:\Program Files\Caseferry\caseferry-agent.exe" service host --config C:\a.toml'
    )
    assert (services.spec.account, services.running) == (r"NT SERVICE\CaseferryAgent", True)
    [rights] = machine.called
    assert rights[:3] == ["icacls", str(tmp_path / "data"), "/inheritance:r"]
    assert rights[-1].startswith(r"NT SERVICE\CaseferryAgent:")


def test_a_windows_service_is_not_started_with_an_open_data_folder(
    machine: FakeMachine, tmp_path: Path
) -> None:
    services = FakeServices()
    machine.answers[str(tmp_path)] = Ran(5, "Access is denied.")
    with pytest.raises(LocalError):
        WindowsService(machine, services).install(UnitOrder(("x",), tmp_path, "account"))
    assert not services.running


@pytest.mark.parametrize("system", ["systemd", "launchd", "windows"])
def test_every_system_tells_how_the_service_is(system: str, machine: FakeMachine, tmp_path: Path) -> None:
    services = FakeServices()
    installers: dict[str, Installer] = {
        "systemd": SystemdUnit(machine),
        "launchd": LaunchdDaemon(machine),
        "windows": WindowsService(machine, services),
    }
    installer = installers[system]
    machine.answers |= {"is-active": Ran(3, "inactive"), "print": Ran(113, "Could not find service")}
    before = installer.status()
    installer.install(UnitOrder(ORDER.command, tmp_path, "caseferry"))
    machine.answers |= {"is-active": Ran(0, "active"), "print": Ran(0, "{\n\tstate = running\n}")}
    after = installer.status()
    assert (before.installed, before.running) == (False, False)
    assert (after.installed, after.running, after.detail) == (
        True,
        True,
        "active" if system == "systemd" else "running",
    )


@pytest.mark.parametrize(
    ("installed", "said"),
    [(True, "Removed."), (False, "There is no such service; nothing was removed.")],
)
def test_what_is_not_installed_is_not_said_to_be_removed(
    installed: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = FakeMachine()
    if installed:
        SystemdUnit(machine).install(ORDER)
    monkeypatch.setattr("agent.service.units.installer", lambda: SystemdUnit(machine))
    assert run_command(["service", "remove"]) == 0
    assert capsys.readouterr().out.strip() == said
    assert machine.files == {}
