"""How a transfer over HTTPS ends: asked to, given up, or because its source is another one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import (
    LocalError,
    RefusedError,
    UnreachableError,
    WorldError,
)
from app.domain.files import SealedBundle
from app.transfer import (
    Control,
    Interrupted,
    Journal,
    Patience,
    Progress,
    RetryPolicy,
    SourceChanged,
    TransferState,
    TusDestination,
    send,
)
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal
from tests.peers.tus_case import KIB, Case

__all__ = ["journal"]

NO_PATIENCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        yield running


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=1300 * KIB)


@pytest.fixture
def case(server: FaultyTus, bundle: SealedBundle, journal: Journal) -> Case:
    return Case(server, bundle, journal)


@pytest.mark.parametrize(
    ("method", "asked", "state"),
    [
        ("HEAD", "stop", "sending"),
        ("HEAD", "cancel", "cancelled"),
        ("GET", "stop", "verifying"),
        ("GET", "cancel", "cancelled"),
    ],
)
def test_a_silent_server_is_not_waited_for_when_a_person_wants_it_to_end(
    case: Case, method: str, asked: str, state: str
) -> None:
    case.server.say(method, Reply(hang_after=0))
    control = Control()

    def interrupt() -> None:
        assert case.server.hung.wait(timeout=60)
        getattr(control, asked)()

    person = threading.Thread(target=interrupt)
    person.start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        case.send(control=control, patience=Patience(answer=100))
    person.join()
    assert time.monotonic() - began < 60
    assert case.state().value == state
    case.server.release()


def test_a_pause_while_the_server_is_silent_is_a_pause_and_goes_on(case: Case) -> None:
    case.server.say("HEAD", Reply(hang_after=0))
    control = Control()

    def pause() -> None:
        assert case.server.hung.wait(timeout=60)
        control.pause()

    def resume(progress: Progress) -> None:
        if progress.state is TransferState.PAUSED:
            case.server.release()
            control.resume()

    person = threading.Thread(target=pause)
    person.start()
    case.send(control=control, patience=Patience(answer=100), on_progress=resume)
    person.join()
    assert case.arrived()


def test_a_silent_server_is_given_up_after_the_agreed_time(case: Case) -> None:
    case.server.say("PATCH", *[Reply(status=500)] * 500)
    with pytest.raises(UnreachableError):
        case.send(policy=NO_PATIENCE)
    assert case.state() is TransferState.FAILED


def test_after_giving_up_the_next_call_goes_on(case: Case) -> None:
    case.server.say("PATCH", None, *[Reply(status=500)] * 200)
    with pytest.raises(UnreachableError):
        case.send(policy=NO_PATIENCE)
    case.server.script["PATCH"].clear()
    proof = case.send()
    assert (proof.sent, case.arrived()) == (case.bundle.size - 512 * KIB, True)


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path, case: Case) -> None:
    destination = TusDestination("https://127.0.0.1:1/files", ssl_context=case.server.ssl_context())
    with pytest.raises(WorldError) as caught:
        send(case.journal, case.bundle, destination, key="k", policy=NO_PATIENCE)
    assert caught.value.code == "CF-1519"


def test_a_source_that_changed_is_a_new_transfer_and_said_so(case: Case) -> None:
    begun_and_given_up(case)
    with case.bundle.path.open("r+b") as file:
        file.seek(100)
        file.write(b"other")
    with pytest.raises(SourceChanged):
        case.send()
    assert case.state() is TransferState.SUPERSEDED
    assert case.server.uploads == {}


@pytest.mark.parametrize("by", [-10, 10])
def test_a_source_of_another_length_is_a_new_transfer_and_leaves_nothing_behind(case: Case, by: int) -> None:
    begun_and_given_up(case)
    with case.bundle.path.open("r+b") as file:
        file.truncate(case.bundle.size + by)
    with pytest.raises(SourceChanged):
        case.send()
    found = case.journal.find("k")
    assert found is not None
    assert (found.state, found.error_code) == (TransferState.SUPERSEDED, "CF-1722")
    assert case.server.uploads == {}


def test_a_source_that_is_gone_is_the_last_error_and_goes_on_when_it_is_back(case: Case) -> None:
    begun_and_given_up(case)
    aside = case.bundle.path.rename(case.bundle.path.with_suffix(".aside"))
    with pytest.raises(LocalError):
        case.send()
    found = case.journal.find("k")
    assert found is not None
    assert (found.state, found.error_code) == (TransferState.FAILED, "CF-1821")
    aside.rename(case.bundle.path)
    assert case.send().resumed
    assert case.arrived()


def begun_and_given_up(case: Case) -> None:
    case.server.say("PATCH", None, *[Reply(status=500)] * 200)
    with pytest.raises(UnreachableError):
        case.send(policy=NO_PATIENCE)
    case.server.script["PATCH"].clear()


def test_the_last_byte_of_a_changed_source_never_leaves(case: Case) -> None:
    with case.bundle.path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"X")
    with pytest.raises(SourceChanged):
        case.send()
    assert case.server.uploads == {}


def test_the_journal_names_the_last_error(case: Case) -> None:
    case.server.say("POST", Reply(status=403))
    with pytest.raises(RefusedError):
        case.send()
    found = case.journal.find("k")
    assert found is not None
    assert found.error_code == "CF-1210"
