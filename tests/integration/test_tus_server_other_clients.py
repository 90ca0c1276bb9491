"""The portal's tus side, spoken to by clients that others have written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.files import FileCheck
from tests.peers.portal import PortalProcess, agent_tokens, register_agent
from tests.peers.portal_records import Records, records
from tests.peers.tus_clients import tus_js_client, tuspy

__all__ = ["records"]

pytestmark = pytest.mark.real_peer

CASE = "0003256109"
MIB = 1 << 20
Client = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("others") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def token(portal: PortalProcess) -> str:
    return agent_tokens(portal, register_agent(portal)).access


class Sending:
    """One file that a client sends to the portal."""

    def __init__(self, portal: PortalProcess, records: Records, token: str, path: Path, name: str) -> None:
        self.portal, self.records, self.name = portal, records, name
        self.content = os.urandom(7 * MIB + 1234)
        path.write_bytes(self.content)
        self.wish: dict[str, Any] = {
            "endpoint": f"{portal.url}/api/v1/uploads",
            "file": str(path),
            "token": token,
            "metadata": {
                "case": CASE,
                "filename": name,
                "sha256": hashlib.sha256(self.content).hexdigest(),
                "idempotency_key": name,
            },
        }

    def by(self, client: Client, **wishes: Any) -> dict[str, Any]:
        return client({**self.wish, **wishes}, ca_file=self.portal.ca_file)

    def verified(self) -> bool:
        (file,) = self.records.files(CASE, self.name)
        stored = self.portal.data / "cases" / CASE / "files" / file.id
        return file.check is FileCheck.VERIFIED and stored.read_bytes() == self.content


@pytest.fixture
def sending(
    portal: PortalProcess, records: Records, token: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Sending:
    return Sending(portal, records, token, tmp_path / "file", f"{request.node.name}.log")


@pytest.mark.parametrize("client", [tus_js_client, tuspy])
def test_a_file_arrives(sending: Sending, client: Client) -> None:
    assert "error" not in sending.by(client)
    assert sending.verified()


@pytest.mark.parametrize("client", [tus_js_client, tuspy])
def test_what_was_begun_is_gone_on_with(sending: Sending, client: Client) -> None:
    begun = sending.by(client, stopAfter=3 * MIB)
    assert sending.records.files(CASE, sending.name) == []
    assert "error" not in sending.by(client, uploadUrl=begun["url"])
    assert sending.verified()


def test_tus_js_client_sends_parts_side_by_side(sending: Sending) -> None:
    assert "error" not in sending.by(tus_js_client, parallel=3)
    assert sending.verified()


def test_tus_js_client_sends_bytes_with_the_creation(sending: Sending) -> None:
    assert "error" not in sending.by(tus_js_client, during=True)
    assert sending.verified()


def test_tus_js_client_sends_all_in_one_request(sending: Sending) -> None:
    assert "error" not in sending.by(tus_js_client, chunk=1 << 30)
    assert sending.verified()


def test_tuspy_has_every_request_checked(sending: Sending) -> None:
    assert "error" not in sending.by(tuspy, checksum=True)
    assert sending.verified()


@pytest.mark.parametrize("client", [tus_js_client, tuspy])
def test_a_foreign_case_is_refused(sending: Sending, client: Client) -> None:
    sending.wish["metadata"]["case"] = "0003999999"
    assert sending.by(client)["status"] == 404


@pytest.mark.parametrize("client", [tus_js_client, tuspy])
def test_a_token_that_is_not_ours_is_refused(sending: Sending, client: Client) -> None:
    assert sending.by(client, token="no.token")["status"] == 401
