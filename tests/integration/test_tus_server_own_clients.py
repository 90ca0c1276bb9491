"""The project's own clients send a real bundle to the portal, over both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.files import FileCheck, SealedBundle
from app.transfer import Journal, SftpDestination, SftpLogin, send
from tests.peers.portal import PortalProcess
from tests.peers.portal_records import Records, records
from tests.peers.portal_uploads import agent_token, portal_uploads
from tests.peers.sealed import sealed_bundle
from tests.peers.sftp_clients import CASE, Clients, until

__all__ = ["records"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("own") / "data", sftp=True) as running:
        yield running


@pytest.fixture
def bundle(tmp_path: Path, request: pytest.FixtureRequest) -> SealedBundle:
    return sealed_bundle(tmp_path, size=5_000_000, name=f"{request.node.name}.zip")


def test_a_bundle_over_tus_is_verified_with_its_manifest(
    portal: PortalProcess, records: Records, bundle: SealedBundle, tmp_path: Path
) -> None:
    destination = portal_uploads(portal, agent_token(portal), case=CASE)
    with Journal(tmp_path / "journal.sqlite3") as journal:
        proof = send(journal, bundle, destination, key="own-tus")
    assert proof.sha256 == bundle.sha256
    (file,) = records.files(CASE, bundle.name)
    assert (file.check, file.sha256, file.has_manifest) == (FileCheck.VERIFIED, bundle.sha256, True)


def test_a_bundle_over_sftp_is_verified_by_its_companion(
    portal: PortalProcess, records: Records, bundle: SealedBundle, tmp_path: Path
) -> None:
    clients = Clients(portal, records, records.sftp_account(CASE), tmp_path)
    destination = SftpDestination(
        "127.0.0.1",
        portal.sftp_port or 0,
        login=SftpLogin(user=clients.login.user, password=clients.login.password),
        host_key=f"ssh-ed25519 {clients.host_key().get_base64()}",
        part_size=1 << 20,
    )
    with Journal(tmp_path / "journal.sqlite3") as journal:
        proof = send(journal, bundle, destination, key="own-sftp")
    assert proof.sha256 == bundle.sha256
    file = clients.case_file(bundle.name, FileCheck.VERIFIED)
    assert (file.via, file.has_manifest) == ("sftp", True)


def test_a_bundle_without_a_companion_is_verified_by_its_manifest(
    portal: PortalProcess, records: Records, bundle: SealedBundle, tmp_path: Path
) -> None:
    clients = Clients(portal, records, records.sftp_account(CASE), tmp_path)
    assert clients.openssh(f"put {bundle.name}\n").returncode == 0
    file = clients.case_file(bundle.name, FileCheck.VERIFIED)
    assert (file.sha256, file.has_manifest) == (bundle.sha256, True)


def test_a_damaged_bundle_without_a_companion_is_kept_aside(
    portal: PortalProcess, records: Records, bundle: SealedBundle, tmp_path: Path
) -> None:
    content = bytearray(bundle.path.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.path.write_bytes(content)
    clients = Clients(portal, records, records.sftp_account(CASE), tmp_path)
    assert clients.openssh(f"put {bundle.name}\n").returncode == 0
    file = clients.case_file(bundle.name, FileCheck.DIFFERS)
    until(lambda: not clients.waiting(bundle.name).exists())
    assert "manifest" in file.note
