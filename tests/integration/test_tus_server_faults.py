"""tus at the running portal when things go wrong: cuts, hanging requests, two at once, kill -9."""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from app.sandbox.uploads import format_metadata
from tests.peers.portal import PortalProcess, PortalSession
from tests.peers.portal_records import Records, open_records

CASE = "0003256109"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
SIZE = 6_000_000


class Scene:
    """A portal, a signed-in person, and uploads of one content."""

    def __init__(self, portal: PortalProcess, records: Records) -> None:
        self.portal = portal
        self.records = records
        self.session = portal.session("Nadia")
        self.word = records.acknowledge(CASE, portal.person("Nadia").email)

    def begin(self, content: bytes, *, name: str) -> str:
        """Create; the upload's address."""
        metadata = format_metadata(
            {
                "case": CASE,
                "filename": name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "acknowledgement": self.word,
            }
        )
        headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        reply = self.session.post("/uploads", headers=headers)
        assert reply.status_code == 201, reply.text
        return reply.headers["Location"]

    def offset(self, where: str) -> int:
        reply = self.session.head(where, headers=TUS)
        assert reply.status_code == 200
        return int(reply.headers["Upload-Offset"])

    def patch(self, where: str, offset: int, content: bytes) -> requests.Response:
        return self.session.patch(where, data=content, headers={**BYTES, "Upload-Offset": str(offset)})

    def state(self, where: str) -> dict[str, object]:
        found: dict[str, object] = self.session.get(f"{where}/state").json()
        return found

    def wire(self, where: str, offset: int, size: int) -> http.client.HTTPSConnection:
        """A PATCH of which the headers are sent and the body not yet."""
        address = urlsplit(self.portal.url)
        context = ssl.create_default_context(cafile=str(self.portal.ca_file))
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=context, timeout=120
        )
        connection.putrequest("PATCH", where)
        authorization = str(self.session.headers["Authorization"])
        for name, value in {
            **BYTES,
            "Upload-Offset": str(offset),
            "Content-Length": str(size),
            "Authorization": authorization,
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection

    def wait_for_bytes(self, where: str, count: int) -> int:
        """Until that many bytes lie on the portal's disk; how many lie there then."""
        path = self.portal.data / "uploads" / where.rsplit("/", 1)[-1]
        until(lambda: path.exists() and path.stat().st_size >= count)
        return path.stat().st_size


def until(condition: object, *, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come about in time"
        pause.wait(0.02)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        PortalProcess(tmp_path_factory.mktemp("tus") / "data") as portal,
        open_records(portal.data) as records,
    ):
        scene = Scene(portal, records)
        yield scene
        scene.session.close()


def test_a_cut_in_the_middle_keeps_what_arrived_and_is_counted(scene: Scene) -> None:
    content = os.urandom(SIZE)
    where = scene.begin(content, name="cut.log")
    connection = scene.wire(where, 0, SIZE)
    connection.send(content[:4_000_000])
    scene.wait_for_bytes(where, 2_000_000)
    connection.close()
    offset = scene.offset(where)
    assert 2_000_000 <= offset <= 4_000_000
    assert scene.patch(where, offset, content[offset:]).status_code == 204
    assert scene.state(where)["check"] == "verified"
    (file,) = scene.records.files(CASE, "cut.log")
    assert file.resumed == 1


def test_a_new_request_takes_over_from_one_that_hangs(scene: Scene) -> None:
    content = os.urandom(SIZE)
    where = scene.begin(content, name="hang.log")
    hanging = scene.wire(where, 0, SIZE)
    hanging.send(content[:3_000_000])
    stored = scene.wait_for_bytes(where, 2_000_000)
    offset = scene.offset(where)
    # What the system's buffers still held when the request was taken over may be sent again.
    assert stored <= offset <= 3_000_000
    reply = hanging.getresponse()
    assert reply.status == 423
    hanging.close()
    assert scene.patch(where, offset, content[offset:]).status_code == 204
    assert scene.state(where)["check"] == "verified"


def test_many_requests_that_take_over_at_once_lose_nothing_and_write_nowhere_else(scene: Scene) -> None:
    content = os.urandom(20_000_000)
    where = scene.begin(content, name="many.log")
    hanging = scene.wire(where, 0, len(content))
    hanging.send(content[:11_700_000])
    scene.wait_for_bytes(where, 5_000_000)
    offsets: list[int] = []

    def ask() -> None:
        with PortalSession(scene.portal) as other:
            other.headers["Authorization"] = scene.session.headers["Authorization"]
            reply = other.head(where, headers=TUS)
            assert reply.status_code == 200
            offsets.append(int(reply.headers["Upload-Offset"]))

    # One that comes before a second of silence waits for it with the others: these come behind it, each while
    # the one before it takes over.
    silence = threading.Event()
    silence.wait(1.2)
    newcomers = [threading.Thread(target=ask) for _ in range(6)]
    for newcomer in newcomers:
        newcomer.start()
        silence.wait(0.01)
    for newcomer in newcomers:
        newcomer.join()
    hanging.close()
    offset = scene.offset(where)
    assert offsets == [offset] * 6
    assert offset > 5_000_000
    assert scene.patch(where, offset, content[offset:]).status_code == 204
    assert scene.state(where)["check"] == "verified"
    assert "Traceback" not in scene.portal.log_file.read_text(encoding="utf-8")


def test_two_requests_at_once_write_one_file(scene: Scene) -> None:
    content = os.urandom(SIZE)
    where = scene.begin(content, name="two.log")
    first = scene.wire(where, 0, SIZE)
    first.send(content[:1_500_000])
    scene.wait_for_bytes(where, 1_000_000)
    replies: list[requests.Response] = []
    with PortalSession(scene.portal) as other:
        other.headers["Authorization"] = scene.session.headers["Authorization"]
        sender = threading.Thread(
            target=lambda: replies.append(
                other.patch(where, data=content, headers={**BYTES, "Upload-Offset": "0"})
            )
        )
        sender.start()
        pause = threading.Event()
        taken = False
        for at in range(1_500_000, SIZE, 500_000):
            try:
                first.send(content[at : at + 500_000])
            except OSError:  # a machine that stood still for a second made it look as if it hung
                taken = True
                break
            pause.wait(0.1)
        status = 423 if taken else first.getresponse().status
        sender.join(120)
    first.close()
    assert [again.status_code for again in replies] in ([409], [423])
    if status != 204:
        assert status == 423
        offset = scene.offset(where)
        assert scene.patch(where, offset, content[offset:]).status_code == 204
    assert scene.state(where)["check"] == "verified"


def test_a_request_that_keeps_sending_is_not_interrupted(scene: Scene) -> None:
    content = os.urandom(SIZE)
    where = scene.begin(content, name="alive.log")
    first = scene.wire(where, 0, SIZE)
    stop = threading.Event()
    sent = [0]

    def trickle() -> None:
        while not stop.wait(0.2) and sent[0] < SIZE - 20_000:
            first.send(content[sent[0] : sent[0] + 10_000])
            sent[0] += 10_000

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        until(lambda: sent[0] > 0)
        reply = scene.session.head(where, headers=TUS)
    finally:
        stop.set()
        sender.join()
    assert reply.status_code == 423
    assert reply.headers["Retry-After"] == "1"
    first.send(content[sent[0] :])
    assert first.getresponse().status == 204
    first.close()
    assert scene.state(where)["check"] == "verified"


def test_a_checked_chunk_that_is_cut_is_discarded(scene: Scene) -> None:
    content = os.urandom(SIZE)
    where = scene.begin(content, name="checked.log")
    address = urlsplit(scene.portal.url)
    context = ssl.create_default_context(cafile=str(scene.portal.ca_file))
    connection = http.client.HTTPSConnection(
        address.hostname or "", address.port, context=context, timeout=120
    )
    connection.putrequest("PATCH", where)
    for name, value in {
        **BYTES,
        "Upload-Offset": "0",
        "Content-Length": str(SIZE),
        "Upload-Checksum": "sha1 " + "A" * 27 + "=",
        "Authorization": str(scene.session.headers["Authorization"]),
    }.items():
        connection.putheader(name, value)
    connection.endheaders(content[:3_000_000])
    scene.wait_for_bytes(where, 1_000_000)
    connection.close()
    assert scene.offset(where) == 0


def test_a_file_that_is_complete_when_the_case_closes_is_kept_aside(scene: Scene) -> None:
    content = os.urandom(SIZE)
    where = scene.begin(content, name="late.log")
    connection = scene.wire(where, 0, SIZE)
    connection.send(content[:3_000_000])
    scene.wait_for_bytes(where, 2_000_000)
    with scene.records.closed(CASE):
        connection.send(content[3_000_000:])
        reply = connection.getresponse()
        assert reply.status == 409
        state = scene.state(where)
    connection.close()
    assert (state["phase"], state["check"], state["file"]) == ("done", "unknown", "")
    assert "R-FILE-1" in str(state["note"])
    assert scene.records.files(CASE, "late.log") == []
    assert (scene.portal.data / "cases" / CASE / "aside" / where.rsplit("/", 1)[-1]).read_bytes() == content
    assert "late.log" in scene.records.feed(CASE)[0]


def test_no_bytes_are_taken_when_the_acknowledgement_has_run_out(scene: Scene) -> None:
    where = scene.begin(b"abcd", name="word.log")
    scene.records.withdraw_acknowledgements()
    try:
        reply = scene.patch(where, 0, b"abcd")
        assert (reply.status_code, reply.json()["code"]) == (403, "not-acknowledged")
    finally:
        scene.word = scene.records.acknowledge(CASE, scene.portal.person("Nadia").email)
    assert scene.patch(where, 0, b"abcd").status_code == 204


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PortalProcess, Records]]:
    """A portal that tests end and start again."""
    with (
        PortalProcess(tmp_path_factory.mktemp("kill") / "data") as portal,
        open_records(portal.data) as records,
    ):
        yield portal, records


def killed_midway(portal: PortalProcess, records: Records, content: bytes, *, name: str) -> str:
    """The address of an upload of which the portal had 600 000 bytes when it was ended."""
    scene = Scene(portal, records)
    where = scene.begin(content, name=name)
    assert scene.patch(where, 0, content[:600_000]).status_code == 204
    scene.session.close()
    portal.kill()
    return where


class TestKill:
    def test_an_upload_survives_the_death_of_the_portal(self, killed: tuple[PortalProcess, Records]) -> None:
        content = os.urandom(SIZE)
        portal, records = killed
        scene = Scene(portal, records)
        where = scene.begin(content, name="killed.log")
        assert scene.patch(where, 0, content[:2_000_000]).status_code == 204
        connection = scene.wire(where, 2_000_000, SIZE - 2_000_000)
        connection.send(content[2_000_000:5_000_000])
        scene.wait_for_bytes(where, 3_000_000)
        scene.session.close()
        portal.kill()
        connection.close()
        portal.start()
        scene = Scene(portal, records)
        offset = scene.offset(where)
        assert 2_000_000 <= offset <= 5_000_000
        assert scene.patch(where, offset, content[offset:]).status_code == 204
        assert scene.state(where)["check"] == "verified"
        (file,) = records.files(CASE, "killed.log")
        stored = portal.data / "cases" / CASE / "files" / file.id
        assert stored.read_bytes() == content
        assert file.resumed == 1
        scene.session.close()

    def test_a_file_shorter_than_its_row_goes_back_to_what_is_there(
        self, killed: tuple[PortalProcess, Records]
    ) -> None:
        content = os.urandom(1_000_000)
        portal, records = killed
        where = killed_midway(portal, records, content, name="short.log")
        os.truncate(portal.data / "uploads" / where.rsplit("/", 1)[-1], 400_000)
        portal.start()
        scene = Scene(portal, records)
        assert scene.offset(where) == 400_000
        assert scene.patch(where, 400_000, content[400_000:]).status_code == 204
        assert scene.state(where)["check"] == "verified"
        scene.session.close()

    def test_a_check_that_was_interrupted_is_done_at_the_next_start(
        self, killed: tuple[PortalProcess, Records]
    ) -> None:
        content = os.urandom(1_000_000)
        portal, records = killed
        where = killed_midway(portal, records, content, name="checking.log")
        identity = where.rsplit("/", 1)[-1]
        # As after a kill between the last byte and the end of the check.
        with (portal.data / "uploads" / identity).open("ab") as stream:
            stream.write(content[600_000:])
        with records.site.database.transaction() as connection:
            connection.execute(
                "UPDATE uploads SET received = length, phase = 'checking' WHERE id = ?", (identity,)
            )
        portal.start()
        scene = Scene(portal, records)
        until(lambda: scene.state(where)["phase"] == "done")
        assert scene.state(where)["check"] == "verified"
        assert len(records.files(CASE, "checking.log")) == 1
        scene.session.close()

    def test_a_stop_in_the_middle_of_a_body_keeps_what_arrived(
        self, killed: tuple[PortalProcess, Records]
    ) -> None:
        content = os.urandom(SIZE)
        portal, records = killed
        scene = Scene(portal, records)
        where = scene.begin(content, name="stopped.log")
        connection = scene.wire(where, 0, SIZE)
        connection.send(content[:3_000_000])
        stored = scene.wait_for_bytes(where, 2_000_000)
        scene.session.close()
        assert portal.stop() == 0
        connection.close()
        portal.start()
        scene = Scene(portal, records)
        offset = scene.offset(where)
        # What the system's buffers still held at the stop had not arrived; nothing of the rest may be lost.
        assert stored <= offset <= 3_000_000
        assert scene.patch(where, offset, content[offset:]).status_code == 204
        assert scene.state(where)["check"] == "verified"
        scene.session.close()
