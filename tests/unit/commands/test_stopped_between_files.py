"""Ctrl+C while the last bytes of a file are proven: that file is here, and no other one is fetched."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.commands import downloading, fetching
from app.commands.arriving import Arrival
from app.commands.console import Screen
from app.commands.downloading import DownloadOrder, download_files
from app.commands.fetching import FetchOrder, fetch_files
from app.commands.portal_options import PortalOptions
from app.domain.files import Origin
from app.portal.downloads import Downloaded
from app.transfer import FetchedOverSftp, Level

NAMES = ("one.zip", "two.zip", "three.zip")


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_download_brings_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [
        SimpleNamespace(
            case="0003256109", id=name, name=name, size=1, sha256="", sent=name, origin=Origin.SUPPORT
        )
        for name in NAMES
    ]
    client = SimpleNamespace(files=lambda _number: files)
    reached = SimpleNamespace(tokens=lambda: None, client=lambda _tokens: client, url="https://portal")
    brought: list[int] = []

    def proven_late(*_arguments: object, **_options: object) -> Downloaded:
        brought.append(len(brought))
        if len(brought) == 2:
            signal.raise_signal(signal.SIGINT)
        return Downloaded(path=tmp_path, size=1, sha256="", checked=False, resumed=False)

    monkeypatch.setattr(downloading, "reach", lambda _options: reached)
    monkeypatch.setattr(downloading, "shown", lambda *_a, **_k: nullcontext(Arrival()))
    monkeypatch.setattr(downloading, "keep_on", proven_late)
    order = DownloadOrder(case="0003256109", folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        download_files(PortalOptions(), order, Screen())
    assert len(brought) == 2


def test_a_fetch_brings_no_other_file_and_names_those_that_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = iter(NAMES)

    def proven_late(*_arguments: object, **_options: object) -> FetchedOverSftp:
        name = next(names)
        (tmp_path / name).write_bytes(b"1")
        if name == NAMES[1]:
            signal.raise_signal(signal.SIGINT)
        return FetchedOverSftp(sha256="", level=Level.SIZE_ONLY, resumed=False, received=1)

    monkeypatch.setattr(fetching, "shown", lambda *_a, **_k: nullcontext(Arrival()))
    monkeypatch.setattr(fetching, "keep_on", proven_late)
    monkeypatch.setattr(fetching, "network_of", lambda *_a, **_k: None)
    monkeypatch.setattr(fetching, "open_user_vault", lambda _folder: None)
    monkeypatch.setattr(fetching, "_server", lambda *_a, **_k: SimpleNamespace(peer="files.example:22"))
    order = FetchOrder(files=[f"sftp://me@files.example/{name}" for name in NAMES], folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fetch_files(order, Screen())
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == sorted(NAMES[:2])
    assert "one.zip, two.zip" in capsys.readouterr().err
