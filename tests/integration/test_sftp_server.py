"""The portal's SFTP side, with the clients people use: OpenSSH sftp, PuTTY psftp, paramiko for the rest."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest

from app.domain.files import FileCheck
from tests.conftest import ExpectedLogs
from tests.peers.portal import PortalProcess
from tests.peers.portal_records import Login, Records, open_records, records
from tests.peers.sftp_clients import CASE, Clients, cut_off, until

__all__ = ["records"]

pytestmark = pytest.mark.real_peer

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    for program in ("sftp", "psftp"):
        assert shutil.which(program), f"{program} is needed (openssh-client, putty-tools)"
    with PortalProcess(tmp_path_factory.mktemp("sftp") / "data", sftp=True) as running:
        yield running


@pytest.fixture
def clients(portal: PortalProcess, records: Records, tmp_path: Path) -> Clients:
    return Clients(portal, records, records.sftp_account(CASE), tmp_path)


@pytest.fixture(params=["openssh", "putty"])
def run(request: pytest.FixtureRequest, clients: Clients) -> Run:
    return clients.openssh if request.param == "openssh" else clients.putty


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Of a file that no other test sends, with no other client."""
    return f"{request.node.originalname[5:45]}-{request.node.callspec.params['run']}.log"


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a client printed, all of whose words were followed."""
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestSending:
    def test_a_file_with_its_companion_is_verified(self, clients: Clients, run: Run, name: str) -> None:
        content = os.urandom(1_000_000)
        clients.write(name, content)
        assert name in said(run(f"put {name}\nput {name}.sha256\nls\n"))
        file = clients.case_file(name, FileCheck.VERIFIED)
        assert (file.via, file.size, file.sha256) == (
            "sftp",
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        assert (clients.portal.data / "cases" / CASE / "files" / file.id).read_bytes() == content
        assert name in "\n".join(clients.records.feed(CASE))
        # Whoever made the account need not be who sent it.
        assert file.sent_by == f"SFTP account {clients.login.user}"

    def test_what_was_sent_can_be_listed_and_fetched_back_also_when_it_is_verified(
        self, clients: Clients, run: Run, name: str
    ) -> None:
        clients.write(name, os.urandom(200_000))
        run(f"put {name}\nput {name}.sha256\n")
        clients.case_file(name, FileCheck.VERIFIED)
        said(run(f"ls\nget {name} again.log\nget {name}.sha256 again.sha256\n"))
        assert (clients.folder / "again.log").read_bytes() == (clients.folder / name).read_bytes()
        assert (clients.folder / "again.sha256").read_text() == (
            clients.folder / f"{name}.sha256"
        ).read_text()

    def test_an_upload_is_resumed(self, clients: Clients, run: Run, name: str) -> None:
        content = os.urandom(500_000)
        clients.write(name, content)
        with clients.paramiko() as client, client.open(name, "wb") as remote:
            remote.write(content[:200_000])
            remote.stat()
            cut_off(client)
        until(lambda: clients.waiting(name).stat().st_size == 200_000)
        said(run(f"reput {name}\nput {name}.sha256\n"))
        file = clients.case_file(name, FileCheck.VERIFIED)
        assert file.resumed == 1

    def test_an_upload_over_several_connections_was_not_resumed(self, clients: Clients) -> None:
        content = os.urandom(300_000)
        clients.write("lanes.log", content)
        with clients.paramiko() as one, one.open("lanes.log.part", "wb") as first:
            first.write(content[:100_000])
            first.stat()
            with clients.paramiko() as two, two.open("lanes.log.part", "r+b") as second:
                second.seek(100_000)
                second.write(content[100_000:])
        with clients.paramiko() as client:
            client.posix_rename("lanes.log.part", "lanes.log")
        clients.openssh("put lanes.log.sha256\n")
        assert clients.case_file("lanes.log", FileCheck.VERIFIED).resumed == 0

    def test_a_file_that_is_removed_takes_its_resumptions_with_it(self, clients: Clients) -> None:
        clients.write("anew.log", b"anew")
        with clients.paramiko() as client:
            with client.open("anew.log.part", "wb") as remote:
                remote.write(b"an")
            with client.open("anew.log.part", "ab") as remote:
                remote.write(b"old")
            client.remove("anew.log.part")
        clients.openssh("put anew.log anew.log.part\nrename anew.log.part anew.log\nput anew.log.sha256\n")
        assert clients.case_file("anew.log", FileCheck.VERIFIED).resumed == 0

    def test_cutting_a_file_to_a_size_resumes_nothing(self, clients: Clients) -> None:
        clients.write("cut.log", b"cut")
        with clients.paramiko() as client:
            with client.open("cut.log.part", "wb") as remote:
                remote.write(b"cut and more")
            client.truncate("cut.log.part", 3)
            client.posix_rename("cut.log.part", "cut.log")
        clients.openssh("put cut.log.sha256\n")
        assert clients.case_file("cut.log", FileCheck.VERIFIED).resumed == 0

    def test_a_temporary_name_is_not_shown_until_it_is_renamed(
        self, clients: Clients, run: Run, name: str
    ) -> None:
        verb = "rename" if run == clients.openssh else "mv"
        clients.write(name, os.urandom(1000))
        said(run(f"put {name} {name}.filepart\n{verb} {name}.filepart {name}\nput {name}.sha256\n"))
        clients.case_file(name, FileCheck.VERIFIED)
        assert clients.records.files(CASE, f"{name}.filepart") == []

    def test_a_file_that_differs_from_its_companion_is_kept_aside(self, clients: Clients) -> None:
        clients.put("differs.log", b"stored", announced=b"announced")
        file = clients.case_file("differs.log", FileCheck.DIFFERS)
        assert file.note
        assert (clients.portal.data / "cases" / CASE / "aside" / file.id).read_bytes() == b"stored"
        assert "differs.log" not in clients.openssh("ls\n").stdout.replace("sftp> ls", "")

    def test_a_plain_file_is_shown_as_unknown_and_verified_by_a_later_companion(
        self, clients: Clients
    ) -> None:
        clients.write("plain.log", b"plain")
        clients.openssh("put plain.log\n")
        assert (
            clients.case_file("plain.log", FileCheck.UNKNOWN).sha256 == hashlib.sha256(b"plain").hexdigest()
        )
        clients.openssh("put plain.log.sha256\n")
        assert clients.case_file("plain.log", FileCheck.VERIFIED).note == ""

    def test_the_same_file_sent_again_is_not_doubled(self, clients: Clients) -> None:
        clients.write("twice.log", b"twice")
        for _ in range(2):
            clients.openssh("put twice.log\nput twice.log.sha256\n")
            until(lambda: not clients.waiting("twice.log").exists())
        assert len(clients.records.files(CASE, "twice.log")) == 1

    def test_a_companion_may_come_first(self, clients: Clients) -> None:
        clients.write("first.log", b"first")
        clients.openssh("put first.log.sha256\nput first.log\n")
        clients.case_file("first.log", FileCheck.VERIFIED)
        until(lambda: not clients.waiting("first.log.sha256").exists())

    def test_a_connection_that_breaks_leaves_nothing_in_the_case(self, clients: Clients) -> None:
        with clients.paramiko() as client:
            remote = client.open("broken.log", "wb")
            remote.write(b"x" * 1000)
            remote.stat()
            cut_off(client)
        clients.write("after.log", b"after")
        clients.openssh("put after.log\n")
        clients.case_file("after.log", FileCheck.UNKNOWN)
        assert clients.records.files(CASE, "broken.log") == []
        assert clients.waiting("broken.log").stat().st_size == 1000
        assert stat.S_IMODE(clients.waiting("broken.log").stat().st_mode) == 0o600


class TestConfinement:
    @pytest.mark.parametrize(
        "path",
        [
            "/etc/passwd",
            "../../../../etc/passwd",
            "x/../../../etc/passwd",
            "..\\..\\secret",
            "/proc/self/environ",
        ],
    )
    def test_nothing_outside_the_folder_can_be_read_or_written(self, clients: Clients, path: str) -> None:
        with clients.paramiko() as client:
            with pytest.raises(OSError):  # noqa: PT011
                client.open(path, "rb")
            with pytest.raises(OSError):  # noqa: PT011
                client.open(path, "wb")
            with pytest.raises(OSError):  # noqa: PT011
                client.stat(path)

    def test_clients_cannot_leave_the_folder(self, run: Run) -> None:
        up = run("cd ..\npwd\nls\n")
        assert "portal.sqlite3" not in up.stdout
        assert "/etc" not in up.stdout
        assert run("get /etc/passwd stolen\n").returncode != 0

    def test_a_file_cannot_be_renamed_out_of_the_folder(self, clients: Clients) -> None:
        with clients.paramiko() as client:
            client.open("in.part", "wb").close()
            for target in ("/tmp/out", "../../tmp/out", "a/b", "nul"):
                with pytest.raises(OSError):  # noqa: PT011
                    client.rename("in.part", target)
                with pytest.raises(OSError):  # noqa: PT011
                    client.posix_rename("in.part", target)
            client.rename("in.part", "../still-in.part")
            assert client.stat("still-in.part").st_size == 0
        assert not (clients.waiting("x").parent.parent / "still-in.part").exists()

    def test_links_and_folders_cannot_be_made(self, clients: Clients) -> None:
        with clients.paramiko() as client:
            for act in (
                lambda: client.symlink("/etc/passwd", "link"),
                lambda: client.mkdir("folder"),
                lambda: client.rmdir("/"),
            ):
                with pytest.raises(OSError):  # noqa: PT011
                    act()

    def test_a_link_that_lies_in_the_folder_is_neither_shown_nor_followed(self, clients: Clients) -> None:
        clients.waiting("sneaky").parent.mkdir(parents=True, exist_ok=True)
        clients.waiting("sneaky").symlink_to("/etc/passwd")
        try:
            with clients.paramiko() as client:
                assert "sneaky" not in client.listdir()
                for mode in ("rb", "r+b", "wb"):
                    with pytest.raises(OSError):  # noqa: PT011
                        client.open("sneaky", mode)
        finally:
            clients.waiting("sneaky").unlink()

    def test_a_case_does_not_see_the_files_of_another(self, clients: Clients) -> None:
        row = clients.records.site.database.row(
            "SELECT number FROM cases WHERE status <> 'Closed' AND number <> ?", (CASE,)
        )
        assert row is not None
        clients.write("mine.log", b"mine")
        clients.openssh("put mine.log mine.part\n")
        other = Clients(
            clients.portal, clients.records, clients.records.sftp_account(row["number"]), clients.folder
        )
        with other.paramiko() as client:
            assert "mine.part" not in client.listdir()

    def test_a_file_of_the_case_cannot_be_changed_or_removed(self, clients: Clients) -> None:
        clients.put("kept.log", b"kept")
        file = clients.case_file("kept.log", FileCheck.VERIFIED)
        with clients.paramiko() as client:
            for act in (lambda: client.remove("kept.log"), lambda: client.rename("kept.log", "away.log")):
                with pytest.raises(PermissionError):
                    act()
            with client.open("kept.log", "r+b") as remote:
                remote.write(b"evil")
        until(lambda: not clients.waiting("kept.log").exists())
        stored = clients.portal.data / "cases" / CASE / "files" / file.id
        assert stored.read_bytes() == b"kept"

    def test_there_is_no_shell_no_command_and_no_forwarding(
        self, clients: Clients, expected_logs: ExpectedLogs
    ) -> None:
        expected_logs("paramiko.transport")
        with paramiko.Transport(("127.0.0.1", clients.portal.sftp_port or 0)) as transport:
            transport.connect(clients.host_key(), clients.login.user, clients.login.password)
            for act in ("exec", "shell"):
                channel = transport.open_session()
                with pytest.raises(paramiko.SSHException):
                    channel.exec_command("id") if act == "exec" else channel.invoke_shell()
            with pytest.raises(paramiko.SSHException):
                transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1))
            with pytest.raises(paramiko.SSHException):
                transport.request_port_forward("127.0.0.1", 0)

    def test_open_files_are_limited(self, clients: Clients) -> None:
        with clients.paramiko() as client:
            files = [client.open(f"{number}.part", "wb") for number in range(64)]
            with pytest.raises(OSError, match="64"):
                client.open("more.part", "wb")
            files[0].close()
            client.open("more.part", "wb").close()

    def test_attributes_that_mean_nothing_here_are_taken(self, clients: Clients) -> None:
        with clients.paramiko() as client:
            client.open("attributes.part", "wb").close()
            client.chmod("attributes.part", 0o777)
            client.utime("attributes.part", (1, 1))
            client.truncate("attributes.part", 5)
            assert client.stat("attributes.part").st_size == 5
        assert stat.S_IMODE(clients.waiting("attributes.part").stat().st_mode) == 0o600


class TestAccounts:
    def test_a_wrong_password_is_refused(self, run: Run) -> None:
        done = run("ls\n", password="wrong")
        assert done.returncode != 0
        assert "denied" in (done.stdout + done.stderr).lower()

    def test_an_expired_account_is_refused(self, clients: Clients, run: Run) -> None:
        clients.records.expire_account(clients.login.user)
        assert run("ls\n").returncode != 0

    def test_an_account_of_a_closed_case_is_refused(self, clients: Clients) -> None:
        with clients.records.closed(CASE):
            assert clients.openssh("ls\n").returncode != 0
        assert clients.openssh("ls\n").returncode == 0

    def test_an_open_session_ends_with_its_account(
        self, clients: Clients, expected_logs: ExpectedLogs
    ) -> None:
        expected_logs("paramiko.transport")  # it may be told of the end by a reset
        with clients.paramiko() as client:
            remote = client.open("ending.part", "wb")
            remote.write(b"x")
            clients.records.expire_account(clients.login.user)

            def refused() -> bool:
                try:
                    remote.write(b"y")
                    remote.stat()
                except (OSError, EOFError, paramiko.SSHException):
                    return True
                return False

            until(refused)

    def test_an_unknown_user_is_refused(self, clients: Clients) -> None:
        stranger = Clients(
            clients.portal, clients.records, Login("root", clients.login.password), clients.folder
        )
        assert stranger.openssh("ls\n").returncode != 0

    def test_the_log_holds_no_password_and_no_user(self, clients: Clients) -> None:
        clients.openssh("ls\n")
        log = clients.portal.log_file.read_text(encoding="utf-8")
        assert "SFTP session" in log
        assert clients.login.password not in log
        assert clients.login.user not in log


def test_a_finished_file_is_taken_after_a_kill(tmp_path: Path) -> None:
    with PortalProcess(tmp_path / "data", sftp=True) as portal, open_records(portal.data) as records:
        key = (portal.data / "keys" / "sftp_host_ed25519").read_bytes()
        clients = Clients(portal, records, records.sftp_account(CASE), tmp_path)
        clients.write("killed.log", b"killed")
        clients.openssh("put killed.log\n")
        portal.kill()
        assert records.files(CASE, "killed.log") == []
        portal.start()
        clients.case_file("killed.log", FileCheck.UNKNOWN)
        clients.openssh("put killed.log.sha256\n")
        clients.case_file("killed.log", FileCheck.VERIFIED)
        assert (portal.data / "keys" / "sftp_host_ed25519").read_bytes() == key
        assert stat.S_IMODE((portal.data / "keys" / "sftp_host_ed25519").stat().st_mode) == 0o600
