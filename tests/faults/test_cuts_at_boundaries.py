"""The connection is cut at every boundary of a part, a byte before and a byte behind it, and at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from app.domain.files import SealedBundle
from app.transfer import (
    Journal,
    Level,
    Proof,
    ReadBack,
    RetryPolicy,
    SftpDestination,
    SftpLogin,
    TransferState,
    TusDestination,
    send,
)
from tests.conftest import ExpectedLogs
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.lying_sftp import LyingSftp
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

PART = 64 * 1024
PARTS = 3
AT_ONCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=30)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> SealedBundle:
    made = sealed_bundle(tmp_path_factory.mktemp("spool"), size=PARTS * PART - 5000)
    assert (PARTS - 1) * PART < made.size < PARTS * PART
    return made


def verified(journal: Journal) -> bool:
    return [one.state for one in journal.transfers()] == [TransferState.VERIFIED]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path_factory.mktemp("tus")) as running:
        yield running


@pytest.mark.parametrize("kept", ["nothing", "a byte", "all but a byte", "all"])
@pytest.mark.parametrize("part", range(PARTS))
def test_over_https(web: FaultyTus, bundle: SealedBundle, journal: Journal, part: int, kept: str) -> None:
    length = min(PART, bundle.size - part * PART)
    count = {"nothing": 0, "a byte": 1, "all but a byte": length - 1, "all": length}[kept]
    web.uploads.clear()
    web.requests.clear()
    web.say("PATCH", *[None] * part, Reply(cut_after=count))
    there = TusDestination(web.url, ssl_context=web.ssl_context(), state_url="state", part_size=PART)
    proof = send(journal, bundle, there, key="k", policy=AT_ONCE)
    assert bytes(web.only_upload().data) == bundle.path.read_bytes()
    assert (web.count("POST"), not web.script["PATCH"]) == (1, True)
    assert proof.sent <= bundle.size + PART
    assert verified(journal)


def test_over_https_when_the_answer_about_the_whole_is_cut(
    web: FaultyTus, bundle: SealedBundle, journal: Journal
) -> None:
    web.uploads.clear()
    web.say("GET", Reply(raw=b""))
    there = TusDestination(web.url, ssl_context=web.ssl_context(), state_url="state", part_size=PART)
    proof = send(journal, bundle, there, key="k", policy=AT_ONCE)
    assert (proof.level, proof.sent) == (Level.SERVER_SHA256, bundle.size)
    assert bytes(web.only_upload().data) == bundle.path.read_bytes()


@pytest.fixture(scope="module")
def running_liar() -> Iterator[LyingSftp]:
    with LyingSftp() as running:
        yield running


@pytest.fixture
def shell(running_liar: LyingSftp, expected_logs: ExpectedLogs) -> LyingSftp:
    # paramiko on the server's side logs how its clients leave.
    expected_logs("tests.lying")
    running_liar.content = None
    running_liar.renamed.clear()
    running_liar.companion.clear()
    return running_liar


def send_over_sftp(shell: LyingSftp, bundle: SealedBundle, journal: Journal) -> Proof:
    there = SftpDestination(
        "127.0.0.1",
        shell.port,
        login=SftpLogin(user="u", password="p"),
        host_key=shell.host_key,
        part_size=PART,
        read_back=ReadBack.WHOLE,
    )
    with closing(there):
        return send(journal, bundle, there, key="k", policy=AT_ONCE)


def arrived_over_sftp(shell: LyingSftp, bundle: SealedBundle) -> bool:
    content = bundle.path.read_bytes()
    return shell.content == content and shell.companion.startswith(bundle.sha256.encode())


@pytest.mark.parametrize("kept", ["nothing", "a byte", "all but a byte", "all"])
@pytest.mark.parametrize("part", range(PARTS))
def test_over_sftp(shell: LyingSftp, bundle: SealedBundle, journal: Journal, part: int, kept: str) -> None:
    first, last = part * PART, min(bundle.size, (part + 1) * PART) - 1
    shell.cut_at = {"nothing": first, "a byte": first + 1, "all but a byte": last}.get(kept)
    shell.cut_behind = last if kept == "all" else None
    proof = send_over_sftp(shell, bundle, journal)
    assert (shell.cut_at, shell.cut_behind) == (None, None)
    assert arrived_over_sftp(shell, bundle)
    assert len([name for name in shell.renamed if ".sha256" not in name]) == 1
    assert proof.sent <= bundle.size + PARTS * PART
    assert verified(journal)


def test_over_sftp_when_the_answer_to_the_rename_is_lost(
    shell: LyingSftp, bundle: SealedBundle, journal: Journal
) -> None:
    shell.loses_rename = True
    proof = send_over_sftp(shell, bundle, journal)
    assert proof.sent == bundle.size
    assert arrived_over_sftp(shell, bundle)
    assert verified(journal)
