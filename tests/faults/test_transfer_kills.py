"""SIGKILL of the sender before its n-th write or flush: nothing is lost, nothing is doubled.

Some points over the whole transfer by default; ``CASEFERRY_KILLS=200`` tries 200 for each way of sending.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.files import SealedBundle
from app.transfer import Journal, TransferState
from tests.peers import transfer_sender
from tests.peers.faulting import build_library
from tests.peers.faulty_tus import FaultyTus, faulty_tus
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.sealed import sealed_bundle

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
POINTS = int(os.environ.get("CASEFERRY_KILLS", "3"))

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the killing library is preloaded by Linux's loader"),
    pytest.mark.timeout(240 + 20 * POINTS),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("kill"))


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=3 * MIB + 321)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[OpenSsh]:
    with openssh(tmp_path / "ssh") as running:
        yield running


class Sender:
    """Starts sending processes of one configuration, and counts or ends what they do."""

    def __init__(self, library: Path, folder: Path, config: dict[str, Any]) -> None:
        self.library, self.folder, self.config = library, folder, config

    def run(self, *, kill_at: int = 0) -> int:
        """The exit code, negative for a signal; the number of calls lies in ``count``."""
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",  # or the first run makes more calls than the others
            "LD_PRELOAD": str(self.library),
            "KILL_AT": str(kill_at),
            "KILL_COUNT": str(self.folder / "count"),
        }
        process = transfer_sender.start(self.config, self.folder, environment=environment)
        try:
            _out, err = process.communicate(timeout=120)
        finally:
            transfer_sender.end(process)
        assert process.returncode in (0, -signal.SIGKILL), err[-3000:]
        return process.returncode

    def calls(self) -> int:
        """How many writes and flushes a whole transfer has."""
        journal = Path(self.config["journal"])
        assert self.run() == 0
        for path in journal.parent.glob(f"{journal.name}*"):
            path.unlink()
        return int((self.folder / "count").read_text())

    def journalled(self) -> list[TransferState]:
        with Journal(Path(self.config["journal"])) as journal:
            return [one.state for one in journal.transfers()]


def points(calls: int) -> list[int]:
    """Spread over all calls, the first and the last among them."""
    count = min(POINTS, calls)
    return sorted({1 + number * (calls - 1) // max(1, count - 1) for number in range(count)})


def test_over_https(library: Path, web: FaultyTus, bundle: SealedBundle, tmp_path: Path) -> None:
    config = {
        "journal": tmp_path / "journal.sqlite3",
        "bundle": bundle.path,
        "key": "k",
        "tus": {"url": web.url, "ca_file": web.ca_file, "state_url": "state"},
    }
    sender = Sender(library, tmp_path, config)
    for number, point in enumerate(points(sender.calls())):
        web.uploads.clear()
        config["key"] = f"k{number}"
        sender.run(kill_at=point)
        assert sender.run() == 0
        whole = [bytes(one.data) for one in web.uploads.values() if len(one.data) == one.length]
        assert whole == [bundle.path.read_bytes()], f"killed before call {point}"
    assert set(sender.journalled()) == {TransferState.VERIFIED}


@pytest.mark.real_peer
def test_over_sftp(library: Path, shell: OpenSsh, bundle: SealedBundle, tmp_path: Path) -> None:
    config = {
        "journal": tmp_path / "journal.sqlite3",
        "bundle": bundle.path,
        "key": "k",
        "sftp": {
            "port": shell.port,
            "user": shell.user,
            "key_file": shell.key_file,
            "host_key": shell.host_key,
        },
    }
    sender = Sender(library, tmp_path, config)
    for number, point in enumerate(points(sender.calls())):
        for path in shell.folder.iterdir():
            path.unlink()
        config["key"] = f"k{number}"
        sender.run(kill_at=point)
        assert sender.run() == 0
        stored = {path.name: path.read_bytes() for path in shell.folder.iterdir()}
        assert set(stored) == {"logs.zip", "logs.zip.sha256"}, f"killed before call {point}"
        assert stored["logs.zip"] == bundle.path.read_bytes(), f"killed before call {point}"
    assert set(sender.journalled()) == {TransferState.VERIFIED}
