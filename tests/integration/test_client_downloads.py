"""Downloads of the client from a portal that fails on purpose."""

from __future__ import annotations

import hashlib
import json

import pytest

from app.agentlink import LendAsk, Lent, LimitsFrom, LimitsShown, TransferLimits
from app.domain.errors import (
    IntegrityError,
    LocalError,
    PeerError,
    UnreachableError,
)
from tests.peers.fake_pace import FakePace
from tests.peers.faulty_client import authority, client, portal, trust
from tests.peers.faulty_portal import Answer
from ui.shell.download_pace import DownloadPace

__all__ = ["authority", "client", "portal", "trust"]

CONTENT = bytes(range(256)) * 5000
NUMBER = "0003256109"
FILE = f"/api/v1/cases/{NUMBER}/files/f1"


def file_answer(content: bytes = CONTENT, sha256: str | None = None) -> Answer:
    members = {
        "id": "f1",
        "case": NUMBER,
        "name": "x.zip",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest() if sha256 is None else sha256,
        "origin": "support",
        "check": "verified",
        "via": "",
        "sent": "2023-06-14T12:00:00Z",
        "sent_by": "s",
    }
    return Answer(body=json.dumps(members).encode())


def ranged(seen) -> Answer:
    start = int(seen.headers.get("Range", "bytes=0-")[6:-1])
    if not start:
        return Answer(body=CONTENT, media_type="application/zip")
    return Answer(
        206,
        CONTENT[start:],
        "application/zip",
        {"Content-Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"},
    )


def test_a_cut_download_goes_on_from_its_part(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT, cut_after=400_000), ranged)
    target = tmp_path / "x.zip"
    with pytest.raises(UnreachableError):
        client.download(NUMBER, "f1", target)
    assert not target.exists()
    assert client.download(NUMBER, "f1", target).resumed
    assert target.read_bytes() == CONTENT
    assert not (tmp_path / "x.zip.part").exists()
    assert portal.asked(f"{FILE}/content")[-1].headers["Range"].startswith("bytes=")


def test_a_part_of_other_content_is_fetched_again_from_the_start(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", ranged)
    (tmp_path / "x.zip.part").write_bytes(b"other content" * 1000)
    (tmp_path / "x.zip.part.json").write_text(
        '{"place": "https://elsewhere.example/f1", "size": 13000, "sha256": ""}'
    )
    client.download(NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == CONTENT


def test_a_portal_without_ranges_sends_the_whole_again(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT, cut_after=400_000), Answer(body=CONTENT))
    with pytest.raises(UnreachableError):
        client.download(NUMBER, "f1", tmp_path / "x.zip")
    client.download(NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == CONTENT


def test_a_digest_that_differs_leaves_the_older_file_alone(portal, client, tmp_path):
    portal.answers(FILE, file_answer(sha256="0" * 64))
    portal.answers(f"{FILE}/content", Answer(body=CONTENT))
    (tmp_path / "x.zip").write_bytes(b"older")
    with pytest.raises(IntegrityError):
        client.download(NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == b"older"
    left = sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("x"))
    assert left == ["x.zip", "x.zip.quarantine"]


def test_more_bytes_than_announced_are_refused(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT + b"more"))
    with pytest.raises(PeerError):
        client.download(NUMBER, "f1", tmp_path / "x.zip")


def test_an_empty_file_arrives(portal, client, tmp_path):
    portal.answers(FILE, file_answer(b""))
    portal.answers(f"{FILE}/content", Answer(body=b""))
    assert client.download(NUMBER, "f1", tmp_path / "x").checked
    assert (tmp_path / "x").read_bytes() == b""


def test_a_folder_that_cannot_be_written_is_a_local_error(portal, client, tmp_path):
    portal.answers(FILE, file_answer())
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LocalError):
        client.download(NUMBER, "f1", tmp_path / "file" / "x.zip")


def test_the_desktops_limit_holds_for_what_comes_from_the_portal(portal, client, tmp_path):
    class Agent:
        def lend(self, ask: LendAsk) -> Lent:
            return Lent(ask.bytes)

        def limits(self):
            return LimitsShown(TransferLimits(rate=128_000), LimitsFrom.PERSON, fixed=False, rate_now=None)

    portal.answers(FILE, file_answer())
    portal.answers(f"{FILE}/content", Answer(body=CONTENT))
    time = FakePace(alone=True)
    began = time.now()
    pace = DownloadPace(Agent(), pace=time, monotonic=time.now, beside=lambda call: call())
    pace.fetch(client, NUMBER, "f1", tmp_path / "x.zip")
    assert (tmp_path / "x.zip").read_bytes() == CONTENT
    assert time.now() - began == pytest.approx(10, rel=0.05)
