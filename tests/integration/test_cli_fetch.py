"""``caseferry fetch``: a file of an SFTP server comes to this disk, and what it was proven by is said."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.transfer import HostKey, KnownHosts, RemoteFile, SftpLogin, SftpServer, fetch_over_sftp
from app.transfer.ssh.protocol import string
from tests.peers.commands import fresh, run, stopped_while_it_moves
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.ports import free_port

pytestmark = pytest.mark.real_peer

DATA = random.Random(31).randbytes(3_000_077)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture(autouse=True)
def _only_the_file(server: OpenSsh) -> None:
    for path in server.folder.iterdir():
        path.unlink()
    (server.folder / "patch.zip").write_bytes(DATA)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return fresh(tmp_path / "home")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


def url(server: OpenSsh, name: str = "~/patch.zip") -> str:
    return f"sftp://{server.user}@127.0.0.1:{server.port}/{name}"


def fetch(
    home: dict[str, str], server: OpenSsh, here: Path, *words: object, progress: str = "none"
) -> subprocess.CompletedProcess[str]:
    signed = ("--key-file", server.key_file, "--host-key", server.host_key, "--progress", progress)
    return run(home, "fetch", url(server), "--to", here, *signed, *words)


def only(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    assert len(found) == 1
    return found[0]


def test_a_file_that_nobody_vouches_for_has_level_d_and_a_warning(
    home: dict[str, str], server: OpenSsh, here: Path
) -> None:
    done = fetch(home, server, here)
    assert done.returncode == 0, done.stderr
    assert (here / "patch.zip").read_bytes() == DATA
    assert [path.name for path in here.iterdir()] == ["patch.zip"]
    assert "Level D" in done.stdout
    assert f"SHA-256 {SHA256}" in done.stdout
    assert "Warning" in done.stdout


def test_a_companion_beside_it_proves_level_c(home: dict[str, str], server: OpenSsh, here: Path) -> None:
    (server.folder / "patch.zip.sha256").write_text(f"{SHA256}  patch.zip\n")
    found = only(fetch(home, server, here, "--json"))
    assert (found["level"], found["sha256"], found["size"]) == ("C", SHA256, len(DATA))


def test_what_the_servers_shell_computes_proves_level_a(
    home: dict[str, str], tmp_path: Path, here: Path
) -> None:
    with openssh(tmp_path / "shell", shell=True) as server:
        (server.folder / "patch.zip").write_bytes(DATA)
        absolute = url(server, str(server.folder / "patch.zip").lstrip("/"))
        done = run(
            home, "fetch", absolute, "--to", here, "--key-file", server.key_file,
            "--host-key", server.host_key, "--json",
        )  # fmt: skip
    assert only(done)["level"] == "A"


def test_a_file_that_is_not_what_was_named_is_put_aside(
    home: dict[str, str], server: OpenSsh, here: Path
) -> None:
    done = fetch(home, server, here, "--sha256", "0" * 64)
    assert done.returncode == 7
    assert "CF-1771" in done.stderr
    assert [path.name for path in here.iterdir()] == ["patch.zip.quarantine"]


def test_what_lies_here_identical_is_not_fetched_again_and_another_file_is_not_touched(
    home: dict[str, str], server: OpenSsh, here: Path
) -> None:
    assert only(fetch(home, server, here, "--sha256", SHA256.upper(), "--json"))["already"] is False
    assert only(fetch(home, server, here, "--sha256", SHA256, "--json"))["already"] is True
    again = fetch(home, server, here)
    assert (again.returncode, "CF-1220" in again.stderr) == (3, True)
    (here / "patch.zip").write_bytes(b"mine")
    other = fetch(home, server, here, "--sha256", SHA256)
    assert (other.returncode, "CF-1220" in other.stderr) == (3, True)
    assert (here / "patch.zip").read_bytes() == b"mine"


class _CutOffError(Exception):
    pass


def test_a_repeat_goes_on_where_an_earlier_one_ended(
    home: dict[str, str], server: OpenSsh, here: Path
) -> None:
    def stop(done: int, _size: int) -> None:
        if done:
            raise _CutOffError

    there = SftpServer(
        "127.0.0.1",
        server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=HostKey.parse(server.host_key),
    )
    with pytest.raises(_CutOffError):
        fetch_over_sftp(
            RemoteFile(peer=there.peer, path="patch.zip"),
            target=here / "patch.zip",
            connect=there.open,
            connections=1,
            on_progress=stop,
        )
    assert only(fetch(home, server, here, "--json"))["resumed"] is True
    assert (here / "patch.zip").read_bytes() == DATA


def test_another_host_key_ends_it_before_anything_is_signed_in(
    home: dict[str, str], server: OpenSsh, here: Path
) -> None:
    other = f"ssh-ed25519 {b64encode(string(b'ssh-ed25519') + string(bytes(32))).decode()}"
    done = run(
        home, "fetch", url(server), "--to", here, "--key-file", server.key_file, "--host-key", other
    )  # fmt: skip
    assert (done.returncode, "CF-1411" in done.stderr) == (5, True)


def test_without_a_person_no_unknown_host_key_is_agreed_to(
    home: dict[str, str], server: OpenSsh, here: Path
) -> None:
    done = run(home, "fetch", url(server), "--to", here, "--key-file", server.key_file, typed="yes\n")
    assert (done.returncode, "CF-1414" in done.stderr) == (5, True)
    assert HostKey.parse(server.host_key).fingerprint in done.stderr


def test_a_host_key_that_was_agreed_to_counts(home: dict[str, str], server: OpenSsh, here: Path) -> None:
    known = KnownHosts(Path(home["CASEFERRY_HOME"]) / "data" / "host-keys.json")
    known.keep("127.0.0.1", server.port, HostKey.parse(server.host_key))
    done = run(home, "fetch", url(server), "--to", here, "--key-file", server.key_file, "--json")
    assert only(done)["level"] == "D"


def test_a_wrong_password_is_said_and_not_shown(home: dict[str, str], server: OpenSsh, here: Path) -> None:
    words = ("--to", here, "--host-key", server.host_key)
    done = run(home, "fetch", url(server), *words, typed="correct horse\n")
    assert (done.returncode, "CF-1311" in done.stderr) == (4, True)
    assert "correct horse" not in done.stdout + done.stderr


def test_a_locked_key_is_opened_by_its_passphrase(
    home: dict[str, str], server: OpenSsh, here: Path, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    locked.write_bytes(server.key_file.read_bytes())
    locked.chmod(0o600)
    command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(locked)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    words = ("--host-key", server.host_key, "--key-file", locked, "--json", "--to")
    assert only(run(home, "fetch", url(server), *words, here, typed="open sesame\n"))["sha256"] == SHA256
    wrong = run(home, "fetch", url(server), *words, tmp_path / "other", typed="closed\n")
    assert (wrong.returncode, "CF-1312" in wrong.stderr) == (4, True)


@pytest.mark.parametrize("name", ["~/nothing.zip", "~/."])
def test_what_is_no_file_there_is_said(home: dict[str, str], server: OpenSsh, here: Path, name: str) -> None:
    words = ("--to", here, "--key-file", server.key_file, "--host-key", server.host_key)
    done = run(home, "fetch", url(server, name), *words)
    assert (done.returncode, "CF-1633" in done.stderr) == (6, True)


def test_events_say_how_far_it_is(home: dict[str, str], server: OpenSsh, here: Path) -> None:
    done = fetch(home, server, here, progress="lines")
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert (events[-1]["done"], events[-1]["size"]) == (len(DATA), len(DATA))


def test_events_say_why_nothing_comes(home: dict[str, str], server: OpenSsh, here: Path) -> None:
    away = f"sftp://{server.user}@127.0.0.1:{free_port()}/~/patch.zip"
    words = ("--to", here, "--key-file", server.key_file, "--host-key", server.host_key)
    done = run(home, "fetch", away, *words, "--give-up", "1s", "--progress", "lines")
    assert done.returncode == 6
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert {event["code"] for event in events} == {"CF-1519"}
    assert events[0]["retry_in"] is not None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_fetch_that_is_stopped_says_so_and_goes_on_later(
    home: dict[str, str], server: OpenSsh, here: Path, number: signal.Signals, code: int
) -> None:
    signed = ("--key-file", server.key_file, "--host-key", server.host_key)
    done = stopped_while_it_moves(
        home, number, "fetch", url(server), "--to", here, *signed, "--limit", "200 kB/s"
    )
    assert (done.returncode, "the same command goes on" in done.stderr) == (code, True)
    assert (here / "patch.zip.part").exists()
    assert only(fetch(home, server, here, "--json"))["resumed"] is True
    assert (here / "patch.zip").read_bytes() == DATA
