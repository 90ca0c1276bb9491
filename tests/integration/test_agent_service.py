"""A real agent as a service: it takes another configuration, drains, begins anew, and tells its manager."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.service import run_command
from app.agentlink import (
    AgentClient,
    ConfigValue,
    Drop,
    JobState,
    PairAsk,
    Role,
    Verdict,
    WatchFolder,
    read_endpoint,
)
from app.domain.errors import CredentialsError, InputError, RefusedError
from tests.peers.agent import AgentProcess, rule, write_config

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and modes are of POSIX")

CASE = "0003256109"
SECRET = "tw1tter-and-bisted-8842"


class Site:
    """An agent with one watched folder, and what its manager was told."""

    def __init__(self, root: Path, manager: socket.socket) -> None:
        self.root = root
        self.manager = manager
        self.heard: queue.Queue[str] = queue.Queue()
        (root / "sip").mkdir()
        (root / "urs").mkdir()
        (root / "sip" / "a.log").write_text("10:00:00.000 Std 05060 hello\n", encoding="utf-8")
        self.config = write_config(
            root,
            rules=[rule(root / "sip", case=CASE, applications=["nothing"])],
            agent={"scan": "200ms"},
            client_secret=SECRET,
        )
        self.good = self.config.read_text(encoding="utf-8")
        environment = {
            "NOTIFY_SOCKET": str(manager.getsockname()),
            "WATCHDOG_USEC": "120000000",
            "WATCHDOG_PID": "",
        }
        self.agent = AgentProcess(self.config, env=environment)

    def told(self, what: str) -> list[str]:
        """What the manager hears, up to and with the first message that begins with `what`."""
        heard: list[str] = []
        while not heard or not heard[-1].startswith(what):
            heard.append(self.heard.get(timeout=120))
        return heard

    def listen(self) -> None:
        """Hear everything at once, as a manager does."""
        while message := self.manager.recv(4096):
            self.heard.put(message.decode())

    def write(self, text: str) -> None:
        """Another state of the file, in place at once."""
        fresh = self.config.with_name("next.toml")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.config)

    def folders(self) -> set[str]:
        return {Path(folder.path).name for folder in self.agent.client.status().folders}

    def with_urs(self) -> str:
        return self.good.replace(str(self.root / "sip"), str(self.root / "urs"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("service")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(root / "notify"))
        made = Site(root, manager)
        listening = threading.Thread(target=made.listen)
        listening.start()
        try:
            with made.agent:
                yield made
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.sendto(b"", str(root / "notify"))
            listening.join()


@pytest.fixture
def plain(site: Site) -> Iterator[Site]:
    """The same, and afterwards the first configuration is in force again."""
    yield site
    site.write(site.good)
    site.agent.client.reload()


def command(site: Site, *words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = run_command([*words, "--config", str(site.config)])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_the_manager_is_told_that_it_is_ready_and_then_that_it_is_alive(site: Site) -> None:
    assert site.told("READY=1")
    assert site.told("WATCHDOG=1")


def test_health_tells_the_first_beat_and_what_is_watched(site: Site) -> None:
    client = site.agent.client
    site.agent.wait_for(lambda: client.health().beats or None)
    health = client.health()
    assert health.since is not None
    assert [Path(folder.path).name for folder in health.folders] == ["sip"]
    assert (health.queue, health.queue_most) == (0, 10_000_000_000)


def test_the_running_agent_has_its_doctor_look(site: Site) -> None:
    checks = {check.check: check.verdict for check in site.agent.client.diagnose().checks}
    assert checks["configuration"] is Verdict.OK
    assert checks["service"] is Verdict.OK
    assert checks["portal"] is Verdict.FAIL, "there is none"


def test_one_more_folder_is_watched_at_once(plain: Site) -> None:
    plain.agent.client.watch_folder(WatchFolder(str(plain.root / "urs")))
    assert plain.folders() == {"sip", "urs"}


def test_a_changed_file_is_taken_by_itself(plain: Site) -> None:
    plain.write(plain.with_urs())
    plain.agent.wait_for(lambda: plain.folders() == {"urs"})
    status = plain.agent.client.status()
    assert status.config is not None
    assert status.config.problem == ""


def test_a_signal_has_the_file_read_and_the_manager_is_told(plain: Site) -> None:
    assert plain.agent.process is not None
    plain.write(plain.with_urs())
    plain.agent.process.send_signal(signal.SIGHUP)
    plain.told("RELOADING=1")
    plain.told("READY=1")
    plain.agent.wait_for(lambda: plain.folders() == {"urs"})


def test_who_called_before_still_calls_and_events_go_on(plain: Site) -> None:
    client = plain.agent.client
    since = client.events(0, timeout=0).last
    plain.write(plain.with_urs())
    client.reload()
    assert plain.folders() == {"urs"}
    kinds = {event.kind for event in client.events(since, timeout=60).events}
    assert "resync" in kinds


def test_a_wrong_file_changes_nothing_and_is_said_with_its_line(
    plain: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    plain.write(plain.good.replace('scan = "200ms"', 'scan = "soon"'))
    with pytest.raises(InputError) as wrong:
        plain.agent.client.reload()
    assert "line 5, field agent.scan" in wrong.value.happened
    found = plain.agent.client.status().config
    assert found is not None
    assert "line 5, field agent.scan" in found.problem
    assert plain.folders() == {"sip"}
    code, said = command(plain, "doctor", capsys=capsys)
    assert (code, "agent.scan" in said) == (2, True)
    code, said = command(plain, "status", capsys=capsys)
    assert (code, "line 5, field agent.scan" in said) == (0, True)


def test_what_the_file_names_and_cannot_be_used_changes_nothing(
    plain: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file itself is right: it shows when the parts are built, while everything still runs."""
    plain.write(plain.with_urs() + '\n[masking]\nkey_file = "missing.key"\n')
    code, said = command(plain, "reload", capsys=capsys)
    assert (code != 0, "missing.key" in said) == (True, True)
    assert plain.folders() == {"sip"}
    _, told = command(plain, "status", capsys=capsys)
    assert "was not taken" in told


def test_another_content_of_a_named_file_is_taken_as_well(plain: Site) -> None:
    client = plain.agent.client
    since = client.events(0, timeout=0).last
    (plain.root / "client-secret").write_text(f"{SECRET}-2", encoding="utf-8")
    client.reload()
    assert "resync" in {event.kind for event in client.events(since, timeout=60).events}


def test_what_needs_a_restart_is_said(plain: Site, capsys: pytest.CaptureFixture[str]) -> None:
    plain.write(plain.good + '\n[api]\nremote = "127.0.0.1:8443"\n')
    assert plain.agent.client.reload().restart == ["api"]
    _, told = command(plain, "status", capsys=capsys)
    assert "After a restart only: api." in told
    _, examined = command(plain, "doctor", "--json", capsys=capsys)
    assert "Changed, but not in force: api." in examined


def test_a_field_is_set_by_a_call_and_counts_at_once(plain: Site) -> None:
    client = plain.agent.client
    shown = client.configure(ConfigValue("transfer.limit", "3 MB/s"))
    assert (shown.problem, client.limits().limits.rate) == ("", 3_000_000)
    with pytest.raises(InputError):
        client.configure(ConfigValue("transfer.limit", "fast"))
    assert client.limits().limits.rate == 3_000_000


def test_a_field_is_set_by_the_command(plain: Site, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = command(plain, "set", "transfer.limit", "4 MB/s", capsys=capsys)
    assert code == 0
    plain.agent.wait_for(lambda: plain.agent.client.limits().limits.rate == 4_000_000)


def test_a_drained_agent_takes_nothing_new_until_it_works_again(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    client = site.agent.client
    drop = Drop(case=CASE, paths=[str(site.root / "sip" / "a.log")])
    assert command(site, "drain", capsys=capsys)[0] == 0
    site.agent.wait_for(lambda: client.drain().running == 0)
    assert client.status().draining
    with pytest.raises(RefusedError) as refused:
        client.drop(drop)
    assert refused.value.code == "CF-1280"
    assert client.reload().problem == ""
    assert client.status().draining
    assert not client.undrain().draining
    job = client.drop(drop)
    site.agent.wait_for(lambda: client.job(job.id).state is JobState.REVIEW)
    client.cancel(job.id)


def is_open_to_others(path: Path) -> bool:
    """False for a file that is gone by now: databases and probes come and go."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    return bool(stat.S_IMODE(mode) & 0o077) and not stat.S_ISLNK(mode)


def test_nothing_of_the_data_folder_is_open_to_others(site: Site) -> None:
    data = site.root / "data"
    # The walk passes over folders that are gone by now: those of jobs come and go, too.
    inside = [Path(folder) / name for folder, *names in os.walk(data) for each in names for name in each]
    assert len(inside) > 3
    assert [path.name for path in (data, *inside) if is_open_to_others(path)] == []


def test_a_restart_begins_anew_in_the_same_process(site: Site) -> None:
    process, client = site.agent.process, site.agent.client
    assert process is not None
    assert process.stdout is not None
    before, started = client.endpoint.token, client.status().started
    client.restart()
    ready = json.loads(process.stdout.readline())
    endpoint = read_endpoint(Path(ready["endpoint"]))
    site.agent.adopt(endpoint)
    assert (process.poll(), site.agent.client.status().started > started) == (None, True)
    stale = AgentClient(replace(endpoint, token=before))
    with pytest.raises(CredentialsError):
        stale.status()
    stale.close()


def test_its_log_holds_no_secret(site: Site) -> None:
    client = site.agent.client
    token = client.endpoint.token
    with pytest.raises(RefusedError):
        client.pair(PairAsk(Role.OPERATOR))
    wrong = AgentClient(replace(client.endpoint, token=f"{token}x"))
    with pytest.raises(CredentialsError):
        wrong.status()
    wrong.close()
    said = "".join(path.read_text(encoding="utf-8") for path in (site.root / "data" / "log").iterdir())
    assert "call pair by endpoint file" in said
    assert [secret for secret in (SECRET, token, "BEGIN") if secret in said] == []


def test_the_manager_is_told_of_the_end(site: Site) -> None:
    assert site.agent.stop() == 0
    assert site.told("STOPPING=1")
