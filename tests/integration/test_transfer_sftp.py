"""Sending to OpenSSH's sshd, through kills, cuts and wrong keys."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import CredentialsError, PeerError, RefusedError, TrustError
from app.domain.files import SealedBundle
from app.transfer import (
    Cancelled,
    Control,
    Journal,
    Level,
    Progress,
    ReadBack,
    RetryPolicy,
    SftpDestination,
    SftpLogin,
    Stopped,
    TransferState,
    send,
)
from app.transfer.parts import Part, acked_parts
from tests.peers import transfer_sender
from tests.peers.chaos_relay import ChaosRelay, Total
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

pytestmark = pytest.mark.real_peer

MIB = 1024 * 1024
AT_ONCE = RetryPolicy(first=0.01, longest=0.05, give_up_after=240)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty_folder(server: OpenSsh) -> None:
    for path in server.folder.iterdir():
        path.unlink()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=5 * MIB + 321)


def destination(
    server: OpenSsh,
    *,
    port: int | None = None,
    login: SftpLogin | None = None,
    host_key: str = "",
    folder: str = "",
    read_back: ReadBack = ReadBack.SAMPLE,
) -> SftpDestination:
    return SftpDestination(
        "127.0.0.1",
        port or server.port,
        login=login or SftpLogin(user=server.user, key_file=server.key_file),
        host_key=host_key or server.host_key,
        folder=folder,
        part_size=MIB,
        read_back=read_back,
    )


def names(server: OpenSsh) -> set[str]:
    return {path.name for path in server.folder.iterdir()}


def test_a_bundle_arrives_whole_under_its_name(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    send(journal, bundle, destination(server), key="k")
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
    assert names(server) == {"logs.zip", "logs.zip.sha256"}


def test_the_companion_satisfies_sha256sum(server: OpenSsh, bundle: SealedBundle, journal: Journal) -> None:
    proof = send(journal, bundle, destination(server), key="k")
    check = subprocess.run(["sha256sum", "-c", "--strict", "logs.zip.sha256"], cwd=server.folder, check=False)
    assert check.returncode == 0
    assert proof.level is Level.COMPANION


def test_the_receivers_own_digest_proves_best(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    confirming = SftpDestination(
        "127.0.0.1",
        server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=server.host_key,
        confirm=lambda shipment: shipment.sha256,
    )
    assert send(journal, bundle, confirming, key="k").level is Level.SERVER_SHA256


def test_the_same_key_is_not_sent_twice(server: OpenSsh, bundle: SealedBundle, journal: Journal) -> None:
    send(journal, bundle, destination(server), key="k")
    assert send(journal, bundle, destination(server), key="k").sent == 0


def test_a_killed_sender_is_resumed_by_a_new_process(
    server: OpenSsh, bundle: SealedBundle, tmp_path: Path
) -> None:
    with ChaosRelay(server.port, total=Total(hold_after_sent=3 * MIB + 4711)) as relay:
        config = {
            "journal": tmp_path / "journal.sqlite3",
            "bundle": bundle.path,
            "key": "k",
            "sftp": {
                "port": relay.port,
                "user": server.user,
                "key_file": server.key_file,
                "host_key": server.host_key,
            },
        }
        with transfer_sender.started(config, tmp_path):
            assert relay.held.wait(timeout=120)
        relay.release()
        proof = transfer_sender.finish(transfer_sender.start(config, tmp_path))
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
    assert names(server) == {"logs.zip", "logs.zip.sha256"}
    assert proof["resumed"] == 1
    assert proof["sent"] <= bundle.size - MIB


def test_a_cut_costs_less_than_two_parts(server: OpenSsh, bundle: SealedBundle, journal: Journal) -> None:
    with ChaosRelay(server.port, total=Total(cut_after_sent=3 * MIB + 99_999)) as relay:
        proof = send(journal, bundle, destination(server, port=relay.port), key="k", policy=AT_ONCE)
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
    assert relay.struck == 1
    assert proof.sent <= bundle.size + 2 * MIB


def stopped_midway(server: OpenSsh, bundle: SealedBundle, journal: Journal) -> Path:
    """The unfinished file at the server after two acknowledged parts."""
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * MIB:
            control.stop()

    with pytest.raises(Stopped):
        send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    (part,) = server.folder.iterdir()
    return part


def acknowledged(journal: Journal) -> list[Part]:
    """What the server had when it was stopped: two parts at least, as others may have been on their way."""
    (transfer,) = journal.transfers()
    return acked_parts(journal.parts(transfer.id))


def changed(part: Path, *, at: int) -> None:
    """Somebody writes to the unfinished file."""
    with part.open("r+b") as file:
        file.seek(at)
        file.write(b"changed")


def test_what_was_changed_at_the_server_meanwhile_is_not_built_upon(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    part = stopped_midway(server, bundle, journal)
    had = acknowledged(journal)
    changed(part, at=had[-1].end - 10)
    proof = send(journal, bundle, destination(server), key="k")
    assert proof.sent > bundle.size - sum(each.length for each in had)
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()


def test_reading_back_whole_finds_a_change_in_the_first_part(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    part = stopped_midway(server, bundle, journal)
    had = acknowledged(journal)
    changed(part, at=had[0].offset)
    proof = send(journal, bundle, destination(server, read_back=ReadBack.WHOLE), key="k")
    assert proof.sent > bundle.size - sum(each.length for each in had)
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()


def test_bytes_that_were_never_acknowledged_are_sent_again(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    part = stopped_midway(server, bundle, journal)
    with part.open("ab") as file:
        file.write(b"\0" * 8 * MIB)
    send(journal, bundle, destination(server), key="k")
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()


def test_a_cancel_leaves_nothing_at_the_server(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * MIB:
            control.cancel()

    with pytest.raises(Cancelled):
        send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    assert names(server) == set()


def test_a_file_that_arrived_before_the_kill_is_not_sent_again(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    stopped_midway(server, bundle, journal).unlink()
    (server.folder / "logs.zip").write_bytes(bundle.path.read_bytes())
    proof = send(journal, bundle, destination(server), key="k")
    assert proof.sent == 0
    assert names(server) == {"logs.zip", "logs.zip.sha256"}


def test_a_complete_file_that_the_receiver_took_is_not_sent_again(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    stopped_before_the_name(server, bundle, journal).unlink()
    with pytest.raises(PeerError) as caught:
        send(journal, bundle, destination(server), key="k")
    assert caught.value.code == "CF-1632"
    assert names(server) <= {"logs.zip.sha256"}


def test_a_complete_file_is_only_renamed(server: OpenSsh, bundle: SealedBundle, journal: Journal) -> None:
    stopped_before_the_name(server, bundle, journal)
    assert send(journal, bundle, destination(server), key="k").sent == 0
    assert names(server) == {"logs.zip", "logs.zip.sha256"}


def stopped_before_the_name(server: OpenSsh, bundle: SealedBundle, journal: Journal) -> Path:
    """The file at the server when every byte is acknowledged, and it has its temporary name."""
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.state is TransferState.FINISHING:
            control.stop()

    with pytest.raises(Stopped):
        send(journal, bundle, destination(server), key="k", control=control, on_progress=follow)
    (part,) = (path for path in server.folder.iterdir() if path.suffix == ".part")
    return part


def test_another_file_of_the_name_is_not_touched(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    (server.folder / "logs.zip").write_bytes(b"somebody else's")
    with pytest.raises(RefusedError) as caught:
        send(journal, bundle, destination(server), key="k")
    assert caught.value.code == "CF-1212"
    assert (server.folder / "logs.zip").read_bytes() == b"somebody else's"


@pytest.mark.parametrize("stopped", ["midway", "before the name"])
def test_a_companion_of_another_file_is_not_touched_either(
    server: OpenSsh, bundle: SealedBundle, journal: Journal, stopped: str
) -> None:
    (stopped_midway if stopped == "midway" else stopped_before_the_name)(server, bundle, journal)
    theirs = {"logs.zip": b"somebody else's", "logs.zip.sha256": b"their digest"}
    for name, content in theirs.items():
        (server.folder / name).write_bytes(content)
    with pytest.raises(RefusedError) as caught:
        send(journal, bundle, destination(server), key="k")
    assert caught.value.code == "CF-1212"
    assert {name: (server.folder / name).read_bytes() for name in theirs} == theirs


def test_a_file_that_arrived_from_elsewhere_midway_takes_the_place_of_the_unfinished_one(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    stopped_midway(server, bundle, journal)
    (server.folder / "logs.zip").write_bytes(bundle.path.read_bytes())
    proof = send(journal, bundle, destination(server), key="k")
    assert (proof.sent, proof.level) == (0, Level.COMPANION)
    assert names(server) == {"logs.zip", "logs.zip.sha256"}


def test_a_wrong_password_is_said_and_nothing_is_sent(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    wrong = SftpLogin(user=server.user, password="not the password")
    with pytest.raises(CredentialsError) as caught:
        send(journal, bundle, destination(server, login=wrong), key="k")
    assert caught.value.code == "CF-1311"
    assert names(server) == set()


def test_no_password_stands_in_an_error_or_a_representation(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    wrong = SftpLogin(user=server.user, password="correct horse")
    with pytest.raises(CredentialsError) as caught:
        send(journal, bundle, destination(server, login=wrong), key="k")
    assert "correct horse" not in f"{caught.value}{caught.value.__cause__}{wrong!r}"


def test_a_changed_host_key_is_refused_before_the_sign_in(
    server: OpenSsh, bundle: SealedBundle, journal: Journal, tmp_path: Path
) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    other = (tmp_path / "other.pub").read_text()
    with pytest.raises(TrustError) as caught:
        send(journal, bundle, destination(server, host_key=other), key="k")
    assert caught.value.code == "CF-1411"


def test_a_folder_that_is_not_there_is_named_as_the_reason(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    with pytest.raises(PeerError) as caught:
        send(journal, bundle, destination(server, folder="nowhere"), key="k")
    assert caught.value.code == "CF-1618"
