"""How well an arrival over tus is called proven when the server keeps, loses or claims what it should not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domain.errors import UnreachableError
from app.domain.files import SealedBundle
from app.transfer import Journal, Level, Proof, RetryPolicy, TusDestination, send
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

KIB = 1024
PART = 256 * KIB
AT_ONCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=240)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path_factory.mktemp("tus")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_there(server: FaultyTus) -> None:
    server.uploads.clear()
    server.script.clear()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> SealedBundle:
    return sealed_bundle(tmp_path_factory.mktemp("spool"), size=900 * KIB)


class Case:
    """One bundle on its way to a server that compares every request, and names no digest of the whole."""

    def __init__(self, server: FaultyTus, bundle: SealedBundle, journal: Journal) -> None:
        self.server, self.bundle, self.journal = server, bundle, journal

    def send(self, *, policy: RetryPolicy = AT_ONCE, state_url: str = "") -> Proof:
        there = TusDestination(
            self.server.url, ssl_context=self.server.ssl_context(), state_url=state_url, part_size=PART
        )
        proof = send(self.journal, self.bundle, there, key="k", policy=policy)
        assert bytes(self.server.only_upload().data) == self.bundle.path.read_bytes()
        return proof

    def claims(self, offset: int) -> Reply:
        """What it says it has."""
        headers = (("Upload-Offset", str(offset)), ("Upload-Length", str(self.bundle.size)))
        return Reply(status=200, headers=headers)


@pytest.fixture
def case(server: FaultyTus, bundle: SealedBundle, journal: Journal) -> Case:
    return Case(server, bundle, journal)


def test_an_answer_that_was_lost_costs_no_level(case: Case) -> None:
    case.server.say("PATCH", None, Reply(status=500, after_storing=True))
    assert case.send().level is Level.EVERY_PART


def test_a_part_of_which_nothing_was_kept_costs_no_level(case: Case) -> None:
    case.server.say("PATCH", None, Reply(cut_after=0))
    assert case.send().level is Level.EVERY_PART


def test_bytes_that_were_kept_without_being_compared_are_not_called_compared(case: Case) -> None:
    case.server.say("PATCH", None, Reply(cut_after=100_000))
    assert case.send().level is Level.SIZE_ONLY


def test_a_later_process_does_not_call_them_compared_either(case: Case) -> None:
    case.server.say("PATCH", None, Reply(cut_after=100_000), *[Reply(status=500)] * 9)
    case.server.say("HEAD", None, None, *[Reply(status=500)] * 9)
    with pytest.raises(UnreachableError):
        case.send(policy=RetryPolicy(first=0.001, longest=0.002, give_up_after=0.05))
    case.server.script.clear()
    assert case.send().level is Level.SIZE_ONLY


@pytest.mark.parametrize("claimed", [PART, 300 * KIB])
@pytest.mark.parametrize(("state_url", "level"), [("", Level.SIZE_ONLY), ("state", Level.SERVER_SHA256)])
def test_a_server_that_claims_bytes_that_it_was_never_sent(
    case: Case, claimed: int, state_url: str, level: Level
) -> None:
    case.server.say("HEAD", case.claims(claimed))
    assert case.send(state_url=state_url).level is level


def test_a_server_that_claims_less_than_it_acknowledged_is_sent_it_again(case: Case) -> None:
    case.server.say("PATCH", None, None, Reply(status=500))
    case.server.say("HEAD", None, case.claims(PART))
    proof = case.send()
    assert (proof.level, proof.sent > case.bundle.size) == (Level.EVERY_PART, True)
