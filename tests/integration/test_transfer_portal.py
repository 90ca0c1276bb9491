"""Sending to our own portal over tus and SFTP, to the file that the case shows as verified."""

from __future__ import annotations

import base64
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import (
    CaseStates,
    JobRow,
    PortalDestinations,
    ProgressBoard,
    Rule,
    RuleBook,
    RuleSftp,
    Sender,
    VolumeRow,
    When,
)
from agent.jobs.destinations import JUST, RequireOpen
from agent.jobs.stillopen import WhileOpen
from app.agentlink import JobState, Via
from app.domain.errors import CredentialsError, RefusedError
from app.domain.files import FileCheck, SealedBundle
from app.portal import PortalClient
from app.portal.contract import CaseFile
from app.secrets import FileVault
from app.settings import Trust
from app.transfer import (
    Beat,
    Control,
    Destination,
    Journal,
    Level,
    Progress,
    Proof,
    RetryPolicy,
    SftpDestination,
    SftpLogin,
    Shipment,
    Stopped,
    TransferState,
    TusDestination,
    send,
)
from app.transfer.tus_places import Places
from tests.peers import transfer_sender
from tests.peers.agent import wait_for
from tests.peers.chaos_relay import ChaosRelay, Total
from tests.peers.fixed_token import FixedToken
from tests.peers.portal import PortalProcess
from tests.peers.portal_records import Login, Records, open_records, records
from tests.peers.portal_uploads import agent_token, portal_uploads
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal", "records"]

CASE = "0003256109"
MIB = 1024 * 1024
AT_ONCE = RetryPolicy(first=0.01, longest=0.05, give_up_after=240)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("portal") / "data", sftp=True) as running:
        yield running


@pytest.fixture(scope="module")
def token(portal: PortalProcess) -> FixedToken:
    return agent_token(portal)


@pytest.fixture
def bundle(tmp_path: Path, request: pytest.FixtureRequest) -> SealedBundle:
    name = f"{request.node.name.split('[')[0][5:60]}.zip"
    return sealed_bundle(tmp_path / "spool", size=3 * MIB + 7, name=name, seed=len(name))


def over_https(portal: PortalProcess, token: FixedToken, *, port: int | None = None) -> TusDestination:
    return portal_uploads(portal, token, case=CASE, port=port)


def over_sftp(portal: PortalProcess, login: Login, *, records: Records | None = None) -> SftpDestination:
    def stored(shipment: Shipment) -> str | None:
        assert records is not None
        found = records.files(CASE, shipment.name)
        return found[0].sha256 if found and found[0].check is not FileCheck.CHECKING else None

    assert portal.sftp_port is not None
    with portal.session() as session:
        host_key = session.get("/capabilities").json()["sftp"]["host_key"]
    return SftpDestination(
        "127.0.0.1",
        portal.sftp_port,
        login=SftpLogin(user=login.user, password=login.password),
        host_key=host_key,
        confirm=None if records is None else stored,
        part_size=MIB,
    )


def only_file(records: Records, bundle: SealedBundle) -> CaseFile:
    (file,) = records.files(CASE, bundle.name)
    return file


def test_over_https_the_portal_verifies_what_it_stored(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    proof = send(journal, bundle, over_https(portal, token), key="one")
    assert proof.level is Level.SERVER_SHA256
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def test_over_sftp_the_portal_verifies_what_it_stored(
    portal: PortalProcess, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    login = records.sftp_account(CASE)
    proof = send(journal, bundle, over_sftp(portal, login, records=records), key="two")
    assert proof.level is Level.SERVER_SHA256
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def stopped_midway(journal: Journal, bundle: SealedBundle, destination: Destination, *, key: str) -> None:
    control = Control()

    def follow(progress: Progress) -> None:
        if progress.acked >= 2 * MIB:
            control.stop()

    with pytest.raises(Stopped):
        send(journal, bundle, destination, key=key, control=control, on_progress=follow)


def test_over_sftp_a_stopped_transfer_is_gone_on_with(
    portal: PortalProcess, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    login = records.sftp_account(CASE)
    stopped_midway(journal, bundle, over_sftp(portal, login), key="three")
    proof = send(journal, bundle, over_sftp(portal, login, records=records), key="three")
    # What was under way on another connection may have arrived, too.
    assert 0 < proof.sent <= bundle.size - 2 * MIB
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def withdraw(
    journal: Journal, bundle: SealedBundle, destination: Destination, *, key: str
) -> tuple[bool, list[tuple[int, bool]]]:
    """Withdraw it as the agent does; whether it was, and what was told before."""
    told: list[tuple[int, bool]] = []
    sender = Sender(
        transfers=journal,
        journal=cast(Any, None),
        spool=cast(Any, SimpleNamespace(bundle=lambda _job, _name: bundle.path)),
        destinations=cast(Any, SimpleNamespace(of=lambda _job: destination)),
        progress=ProgressBoard(),
        policy=AT_ONCE,
        changed=lambda _job: None,
        pace=cast(Any, None),
        record=lambda _job, _volume: None,
        outdated=lambda _job, _volume, there, withdrawn: told.append((there, withdrawn)),
    )
    volume = VolumeRow("j", 1, bundle.name, bundle.size, bundle.sha256, bundle.manifest_sha256, key)
    now = datetime.now(UTC)
    job = JobRow("j", CASE, "all", Via.HTTPS, JobState.SENDING, bundle.name, now, now)
    return sender.withdraw(job, volume), told


def test_what_the_portal_has_of_a_withdrawn_bundle_is_thrown_away(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    stopped_midway(journal, bundle, over_https(portal, token), key="withdrawn")
    begun = journal.find("withdrawn")
    assert begun is not None
    withdrawn, ((there, told),) = withdraw(journal, bundle, over_https(portal, token), key="withdrawn")
    assert (withdrawn, told, 2 * MIB <= there < bundle.size) == (True, True, True)
    ended = journal.find("withdrawn")
    assert ended is not None
    assert (ended.state, records.files(CASE, bundle.name)) == (TransferState.CANCELLED, [])
    for url in Places.addresses(begun.remote):
        assert _status_of(url, portal=portal, token=token) in (404, 410)


def test_a_bundle_of_which_nothing_has_left_is_withdrawn_without_asking_the_portal(
    bundle: SealedBundle, journal: Journal
) -> None:
    nobody = cast(Any, SimpleNamespace())
    assert withdraw(journal, bundle, nobody, key="unsent") == (True, [(0, True)])


def test_a_bundle_that_the_portal_has_whole_is_not_withdrawn(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    send(journal, bundle, over_https(portal, token), key="whole")
    nobody = cast(Any, SimpleNamespace())
    assert withdraw(journal, bundle, nobody, key="whole") == (False, [(bundle.size, False)])
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def _status_of(url: str, *, portal: PortalProcess, token: FixedToken) -> int:
    """Of an upload, asked as tus does."""
    context = ssl.create_default_context(cafile=str(portal.ca_file))
    headers = {"Authorization": f"Bearer {token.bearer()}", "Tus-Resumable": "1.0.0"}
    asked = urllib.request.Request(url, method="HEAD", headers=headers)
    try:
        with urllib.request.urlopen(asked, context=context, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


class _KilledAfterRename(WhileOpen):
    """The sender's process ends right after the file has its name, before anything was written about it."""

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        super().finish(shipment, beat=beat)
        raise Stopped("killed")


def test_a_kill_right_after_the_rename_ends_in_the_one_file(
    portal: PortalProcess, records: Records, bundle: SealedBundle, journal: Journal, tmp_path: Path
) -> None:
    destinations, job = rule_by_sftp(portal, records.sftp_account(CASE), tmp_path)
    whole = destinations.of(job)
    killed = _KilledAfterRename(whole, lambda: None)
    with pytest.raises(Stopped):
        send(journal, bundle, killed, key="killed")
    wait_for(lambda: records.files(CASE, bundle.name))
    proof = send(journal, bundle, destinations.of(job), key="killed")
    assert proof.sha256 == bundle.sha256
    wait_for(lambda: [file.check for file in records.files(CASE, bundle.name)] == [FileCheck.VERIFIED])


def _open(number: str, *, within: timedelta = JUST) -> None:
    """Every case takes files."""


def rule_by_sftp(
    portal: PortalProcess, login: Login, folder: Path, *, require_open: RequireOpen | None = None
) -> tuple[PortalDestinations, JobRow]:
    """An agent's rule that sends by SFTP, and a job of it."""
    with portal.session() as session:
        sftp = session.get("/capabilities").json()["sftp"]
    password = folder / "password"
    password.write_text(login.password)
    account = RuleSftp("127.0.0.1", sftp["port"], sftp["host_key"], login.user, password)
    rule = Rule("one", (folder,), (), CASE, When(None), Via.SFTP, account)
    now = datetime.now(UTC)
    job = JobRow(
        id="1",
        case=CASE,
        source="one",
        via=Via.SFTP,
        state=JobState.SENDING,
        name="one.zip",
        created=now,
        changed=now,
    )
    destinations = PortalDestinations(
        url=portal.url,
        trust=Trust(ca_file=portal.ca_file),
        tokens=FixedToken(""),
        vault=FileVault(folder / "vault", bytes(32)),
        rules={"one": rule},
        require_open=require_open or _open,
    )
    return destinations, job


def test_a_case_that_closes_midway_ends_it_with_the_rule_and_a_later_try_arrives(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    def close(progress: Progress) -> None:
        if progress.acked >= MIB:
            records.set_status(CASE, closed=True)

    try:
        with pytest.raises(RefusedError) as refused:
            send(journal, bundle, over_https(portal, token), key="midway", on_progress=close)
        with pytest.raises(RefusedError) as again:
            send(journal, bundle, over_https(portal, token), key="midway")
    finally:
        records.set_status(CASE, closed=False)
    assert [refused.value.rule, again.value.rule] == ["R-FILE-1", "R-FILE-1"]
    send(journal, bundle, over_https(portal, token), key="midway")
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def test_a_case_that_closes_midway_gets_nothing_of_a_rule_by_sftp_and_a_later_try_arrives(
    portal: PortalProcess,
    token: FixedToken,
    records: Records,
    bundle: SealedBundle,
    journal: Journal,
    tmp_path: Path,
) -> None:
    asking = PortalClient(portal.url, trust=Trust(ca_file=portal.ca_file), tokens=token)
    book = RuleBook(tmp_path / "rules.db")
    cases = CaseStates(lambda case: asking.case_intake(case).takes_files, book)
    login = records.sftp_account(CASE)
    destinations, job = rule_by_sftp(portal, login, tmp_path, require_open=cases.require_open)

    def close(progress: Progress) -> None:
        if progress.acked >= MIB:
            records.set_status(CASE, closed=True)

    try:
        with pytest.raises(RefusedError) as refused:
            send(journal, bundle, destinations.of(job), key="by-sftp", on_progress=close)
        assert records.files(CASE, bundle.name) == []
    finally:
        records.set_status(CASE, closed=False)
    assert (refused.value.code, refused.value.rule) == ("CF-1296", "R-FILE-1")
    send(journal, bundle, destinations.of(job), key="by-sftp")
    wait_for(lambda: [file.check for file in records.files(CASE, bundle.name)] == [FileCheck.VERIFIED])
    asking.close()
    book.close()


def test_a_key_that_another_journal_sent_makes_no_second_file(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        with Journal(tmp_path / name) as journal:
            send(journal, bundle, over_https(portal, token), key="four")
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def test_a_killed_sender_is_resumed_by_a_new_process(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, tmp_path: Path
) -> None:
    port = int(portal.url.rpartition(":")[2])
    with ChaosRelay(port, total=Total(hold_after_sent=2 * MIB + 5000)) as relay:
        config = {
            "journal": tmp_path / "journal.sqlite3",
            "bundle": bundle.path,
            "key": "five",
            "tus": {
                "url": f"https://127.0.0.1:{relay.port}/api/v1/uploads",
                "ca_file": portal.ca_file,
                "token": token.value,
                "metadata": {"case": CASE},
                "state_url": "state",
            },
        }
        with transfer_sender.started(config, tmp_path):
            assert relay.held.wait(timeout=120)
        relay.release()
        proof = transfer_sender.finish(transfer_sender.start(config, tmp_path))
    assert (proof["level"], proof["resumed"]) == ("A", 1)
    assert only_file(records, bundle).check is FileCheck.VERIFIED


def test_a_killed_portal_is_gone_on_with(tmp_path: Path, bundle: SealedBundle, journal: Journal) -> None:
    portal = PortalProcess(tmp_path / "data")
    outcome: list[Proof] = []
    with ChaosRelay(0, total=Total(hold_after_sent=2 * MIB + 5000)) as relay:
        with portal:
            token = agent_token(portal)
            relay.target = int(portal.url.rpartition(":")[2])
            destination = over_https(portal, token, port=relay.port)
            sender = threading.Thread(
                target=lambda: outcome.append(send(journal, bundle, destination, key="six", policy=AT_ONCE))
            )
            sender.start()
            assert relay.held.wait(timeout=120)
            portal.kill()
            portal.start()
            relay.target = int(portal.url.rpartition(":")[2])
            relay.release()
            sender.join(timeout=120)
        assert [proof.level for proof in outcome] == [Level.SERVER_SHA256]
        with open_records(portal.data) as records:
            assert only_file(records, bundle).check is FileCheck.VERIFIED


def test_a_portal_is_reached_over_ipv6(tmp_path: Path, bundle: SealedBundle, journal: Journal) -> None:
    with PortalProcess(tmp_path / "portal", listen="[::1]:0") as there:
        assert there.url.startswith("https://[::1]:")
        token = agent_token(there)
        proof = send(journal, bundle, over_https(there, token), key="over-6", policy=AT_ONCE)
        assert proof.level is Level.SERVER_SHA256
        (found,) = journal.transfers()
        assert found.destination.startswith("https://[::1]:")


def test_a_closed_case_is_refused_with_its_rule(
    portal: PortalProcess, token: FixedToken, records: Records, bundle: SealedBundle, journal: Journal
) -> None:
    with records.closed(CASE), pytest.raises(RefusedError) as caught:
        send(journal, bundle, over_https(portal, token), key="seven")
    assert caught.value.rule == "R-FILE-1"


def test_a_token_that_is_none_is_the_persons_matter(
    portal: PortalProcess, bundle: SealedBundle, journal: Journal
) -> None:
    forged = FixedToken(base64.urlsafe_b64encode(b"forged" * 8).decode())
    with pytest.raises(CredentialsError):
        send(journal, bundle, over_https(portal, forged), key="eight")


@pytest.mark.parametrize("expired", [True, False])
def test_an_sftp_account_that_expired_or_never_was_is_said(
    portal: PortalProcess, records: Records, bundle: SealedBundle, journal: Journal, expired: bool
) -> None:
    login = records.sftp_account(CASE)
    if expired:
        records.expire_account(login.user)
    else:
        login = Login(user=login.user, password="wrong")
    with pytest.raises(CredentialsError) as caught:
        send(journal, bundle, over_sftp(portal, login), key="nine")
    assert caught.value.code == "CF-1311"
