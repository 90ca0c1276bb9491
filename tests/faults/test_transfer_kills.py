"""SIGKILL of the sender before its n-th write or flush: nothing is lost, nothing is doubled.

Some points over the whole transfer by default; ``CASEFERRY_KILL_POINTS=200`` tries 200 for each way of
sending, in slices that each have a time limit of their own and share one server.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.files import SealedBundle
from app.transfer import Journal, TransferState
from tests.peers.faulting import build_library
from tests.peers.faulty_tus import FaultyTus, faulty_tus
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_sender import Nursery

KIB = 1024
PART_SIZE = 256 * KIB
POINTS = int(os.environ.get("CASEFERRY_KILL_POINTS", "3"))
PER_SLICE = 20
SLICES = range((POINTS + PER_SLICE - 1) // PER_SLICE)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the killing library is preloaded by Linux's loader"),
    pytest.mark.timeout(240 + 20 * min(POINTS, PER_SLICE)),
    pytest.mark.parametrize("number", SLICES, ids="slice{}".format),
]


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    folder = tmp_path_factory.mktemp("kill")
    running = Nursery(folder, library=build_library(folder))
    yield running
    running.close()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> SealedBundle:
    return sealed_bundle(tmp_path_factory.mktemp("spool"), size=3 * 1024 * KIB + 321)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path_factory.mktemp("tus")) as running:
        yield running


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture(scope="module")
def whole_calls() -> dict[str, int]:
    """How many writes and flushes a whole transfer has, by its kind; counted once."""
    return {}


class Sender:
    """Sends one bundle under one key after the other, is killed in it, and comes again."""

    def __init__(self, nursery: Nursery, folder: Path, config: dict[str, Any]) -> None:
        self._nursery = nursery
        self._journal = folder / "journal.sqlite3"
        self._config = {**config, "journal": self._journal, "part_size": PART_SIZE}
        self._keys = 0

    def run(self, *, kill_at: int = 0) -> bool:
        """One process to its end: whether it came to the transfer's."""
        code = self._nursery.run({**self._config, "key": f"k{self._keys}"}, kill_at=kill_at)
        assert code in (0, -signal.SIGKILL), self._nursery.errors()
        return code == 0

    def calls(self) -> int:
        """How many writes and flushes a whole transfer has."""
        self._keys += 1
        assert self.run()
        return self._nursery.calls()

    def killed_before(self, point: int, *, emptied: Callable[[], None]) -> int:
        """A new transfer, killed before this call and sent to its end then; the call that it really was.

        Not every transfer has as many calls: one that was over before is made anew and killed earlier.
        """
        while True:
            self._keys += 1
            emptied()
            if not self.run(kill_at=point):
                assert self.run()
                return point
            assert point > 1
            point = point * 3 // 4

    def journalled(self) -> set[TransferState]:
        with Journal(self._journal) as journal:
            return {one.state for one in journal.transfers()}


def points(number: int, *, calls: int) -> list[int]:
    """This slice of the points over all calls, the first and the last among them."""
    mine = range(number * PER_SLICE, min(POINTS, (number + 1) * PER_SLICE))
    return [1 + each * (calls - 1) // max(1, POINTS - 1) for each in mine]


def test_over_https(
    nursery: Nursery,
    web: FaultyTus,
    bundle: SealedBundle,
    tmp_path: Path,
    whole_calls: dict[str, int],
    number: int,
) -> None:
    tus = {"url": web.url, "ca_file": web.ca_file, "state_url": "state"}
    sender = Sender(nursery, tmp_path, {"bundle": bundle.path, "tus": tus})
    content = bundle.path.read_bytes()
    calls = whole_calls.get("https") or whole_calls.setdefault("https", sender.calls())
    for point in points(number, calls=calls):
        killed = sender.killed_before(point, emptied=web.uploads.clear)
        whole = [bytes(one.data) for one in web.uploads.values() if len(one.data) == one.length]
        assert whole == [content], f"killed before call {killed} of {calls}"
    assert sender.journalled() == {TransferState.VERIFIED}


@pytest.mark.real_peer
def test_over_sftp(
    nursery: Nursery,
    shell: OpenSsh,
    bundle: SealedBundle,
    tmp_path: Path,
    whole_calls: dict[str, int],
    number: int,
) -> None:
    def emptied() -> None:
        for path in shell.folder.iterdir():
            path.unlink()

    sftp = {
        "port": shell.port,
        "user": shell.user,
        "key_file": shell.key_file,
        "host_key": shell.host_key,
    }
    sender = Sender(nursery, tmp_path, {"bundle": bundle.path, "sftp": sftp})
    content = bundle.path.read_bytes()
    emptied()
    calls = whole_calls.get("sftp") or whole_calls.setdefault("sftp", sender.calls())
    for point in points(number, calls=calls):
        killed = sender.killed_before(point, emptied=emptied)
        stored = {path.name: path.read_bytes() for path in shell.folder.iterdir()}
        assert set(stored) == {"logs.zip", "logs.zip.sha256"}, f"killed before call {killed} of {calls}"
        assert stored["logs.zip"] == content, f"killed before call {killed} of {calls}"
    assert sender.journalled() == {TransferState.VERIFIED}
