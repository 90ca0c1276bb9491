"""SFTP answers in any order, short, and from servers that mean no good."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paramiko.ssh_exception import SSHException

from app.transfer.ssh import Code, Malformed, Mode, SftpClient, StatusError
from app.transfer.ssh.protocol import Fields, Kind, number, string
from app.transfer.ssh.writing import Writing

FILE = bytes(number % 253 for number in range(200_000))


class Server:
    """A `Stream` whose other end holds `FILE`, and answers as it was told."""

    def __init__(self, *, order: list[int] | None = None, shortest: list[int] | None = None) -> None:
        self.order, self.shortest = order or [], shortest or []
        self.asked: deque[tuple[int, bytes, bytes]] = deque()
        self.out = bytearray()
        self.written = bytearray(len(FILE))
        self.most_asked = 0
        self.status: int = Code.OK
        self.near = False

    def send(self, *pieces: bytes | memoryview) -> None:
        whole = b"".join(pieces)
        while whole:
            length = int.from_bytes(whole[:4], "big")
            body, whole = whole[4 : 4 + length], whole[4 + length :]
            self.asked.append((body[0], body[1:5], body[5:]))
        self.most_asked = max(self.most_asked, len(self.asked))

    def ready(self) -> bool:
        return bool(self.out)

    def receive(self, most: int) -> memoryview:
        if not self.out:
            if not self.asked:
                raise AssertionError("the client waits for an answer to nothing")
            place = self.order.pop() % len(self.asked) if self.order else 0
            self.asked.rotate(-place)
            self.out += self.answer(*self.asked.popleft())
            self.asked.rotate(place)
        count = min(most, len(self.out), 1000)
        piece = bytes(self.out[:count])
        del self.out[:count]
        return memoryview(piece)

    def answer(self, kind: int, request: bytes, rest: bytes) -> bytes:
        fields = Fields(rest)
        fields.string()
        if kind == Kind.READ:
            offset, count = fields.long_number(), fields.number()
            if self.shortest:
                count = min(count, 1 + self.shortest.pop() % count)
            return self.data(request, FILE[offset : offset + count])
        if kind == Kind.WRITE:
            offset, data = fields.long_number(), fields.string()
            self.written[offset : offset + len(data)] = data
        return packet(Kind.STATUS, request, number(self.status), string(""), string(""))

    def data(self, request: bytes, found: bytes) -> bytes:
        if not found:
            return packet(Kind.STATUS, request, number(Code.EOF), string(""), string(""))
        return packet(Kind.DATA, request, string(found))

    def expect(self, count: int) -> None:
        """What comes, comes at once."""

    def end_of_sending(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        """Nothing is open."""


def packet(kind: int, *fields: bytes) -> bytes:
    body = bytes([kind]) + b"".join(fields)
    return struct.pack(">I", len(body)) + body


@settings(max_examples=40, deadline=None)
@given(
    order=st.lists(st.integers(0, 100), max_size=40),
    shortest=st.lists(st.integers(0, 100_000), max_size=10),
    borders=st.lists(st.integers(0, len(FILE)), max_size=8),
)
def test_reads_are_whole_whatever_the_order_and_length_of_answers(
    order: list[int], shortest: list[int], borders: list[int]
) -> None:
    edges = sorted(borders)
    ranges = list(zip(edges[::2], edges[1::2], strict=False))
    client = SftpClient(Server(order=order, shortest=shortest))
    pieces = list(client.read_in_order(b"h", ranges))
    assert all(FILE[at : at + len(piece)] == piece for at, piece in pieces)
    assert b"".join(piece for _at, piece in pieces) == b"".join(FILE[low:high] for low, high in ranges)


def read(client: SftpClient, start: int, length: int) -> bytes:
    return b"".join(piece for _at, piece in client.read_in_order(b"h", [(start, start + length)]))


class Breaking(Server):
    """Takes so many sends; what was asked before is answered all the same."""

    def __init__(self, *, takes: int, error: type[Exception]) -> None:
        super().__init__()
        self.takes, self.error = takes, error

    def send(self, *pieces: bytes | memoryview) -> None:
        if not self.takes:
            raise self.error
        self.takes -= 1
        super().send(*pieces)

    def ready(self) -> bool:
        return not self.takes and bool(self.out or self.asked)

    def receive(self, most: int) -> memoryview:
        return super().receive(most) if self.ready() else memoryview(b"")


@pytest.mark.parametrize("error", [EOFError, ConnectionResetError, SSHException, TimeoutError])
def test_answers_that_came_before_the_connection_broke_are_given(error: type[Exception]) -> None:
    came: list[memoryview] = []
    client = SftpClient(Breaking(takes=2, error=error))
    with pytest.raises((EOFError, TimeoutError)):
        came.extend(
            piece for _at, piece in client.read_in_order(b"h", [(0, len(FILE))], asking=lambda _count: None)
        )
    assert b"".join(came) == FILE[: 2 * 32_768]


def test_a_connection_that_takes_nothing_and_has_nothing_is_given_up_at_once() -> None:
    with pytest.raises(TimeoutError):
        read(SftpClient(Breaking(takes=0, error=TimeoutError)), 0, 1000)


def test_a_range_is_asked_for_before_the_one_before_has_come() -> None:
    server = Server()
    client = SftpClient(server)
    taken: list[int] = []

    def ranges() -> Iterator[tuple[int, int]]:
        for start in range(0, len(FILE), 50_000):
            taken.append(start)
            yield start, start + 50_000

    next(client.read(b"h", ranges()))
    assert taken == [0, 50_000, 100_000, 150_000]


@settings(max_examples=40, deadline=None)
@given(order=st.lists(st.integers(0, 100), max_size=40), start=st.integers(0, 9999))
def test_writes_are_whole_whatever_the_order_of_answers(order: list[int], start: int) -> None:
    server = Server(order=order)
    *_, last = SftpClient(server).write(b"h", start, memoryview(FILE)[start:])
    assert last == len(FILE) - start
    assert server.written[start:] == FILE[start:]
    assert not server.asked


def test_what_is_under_way_is_bounded() -> None:
    server = Server()
    client = SftpClient(server)
    read(client, 0, len(FILE))
    assert server.most_asked <= 128


def test_a_write_that_failed_is_raised_once_every_answer_is_in() -> None:
    server = Server()
    client = SftpClient(server)
    server.status = Code.FAILURE
    with pytest.raises(StatusError) as caught:
        list(client.write(b"h", 0, memoryview(FILE)))
    assert caught.value.code == Code.FAILURE
    server.status = Code.OK
    client.remove("still usable")


def test_a_part_is_begun_before_the_one_before_is_acknowledged() -> None:
    server = Server()
    client = SftpClient(server)
    half = len(FILE) // 2
    writing = Writing(client, b"h")
    for start in (0, half):
        end = half if start == 0 else len(FILE)
        for _sent in writing.begin(start, memoryview(FILE)[start:end]):
            pass
    assert writing.begun == 2
    writing.end()
    assert writing.begun == 1
    writing.end()
    assert server.written == FILE
    client.remove("still usable")


def test_what_is_about_to_leave_is_told_before_it_is_sent() -> None:
    server = Server()
    told: list[int] = []

    def leaving(count: int) -> None:
        assert not any(server.written[sum(told) :])
        told.append(count)

    for _sent in Writing(SftpClient(server), b"h").begin(0, memoryview(FILE), leaving=leaving):
        pass
    assert sum(told) == len(FILE)


def test_a_write_that_failed_ends_the_part_that_was_begun_behind_it() -> None:
    server = Server()
    client = SftpClient(server)
    writing = Writing(client, b"h")
    server.status = Code.FAILURE
    for start in (0, 1000):
        for _sent in writing.begin(start, memoryview(FILE)[start : start + 1000]):
            if start:
                break
    with pytest.raises(StatusError):
        writing.end()
    assert writing.begun == 0
    server.status = Code.OK
    client.remove("still usable")


def test_a_file_that_ends_before_is_said_to() -> None:
    client = SftpClient(Server())
    with pytest.raises(StatusError) as caught:
        read(client, len(FILE) - 10, 20)
    assert caught.value.code == Code.EOF
    assert read(client, 0, 5) == FILE[:5]


class Names(Server):
    """Every name is there; its size is its length."""

    def answer(self, kind: int, request: bytes, rest: bytes) -> bytes:
        name = Fields(rest).string()
        if kind == Kind.STAT:
            return packet(Kind.ATTRS, request, number(1), struct.pack(">Q", len(name)))
        if kind == Kind.OPEN:
            return packet(Kind.HANDLE, request, string(name))
        return super().answer(kind, request, rest)


@settings(max_examples=40, deadline=None)
@given(order=st.lists(st.integers(0, 100), max_size=10))
def test_each_question_that_was_begun_has_its_own_answer(order: list[int]) -> None:
    client = SftpClient(Names(order=order))
    opening = client.begin_open("four", Mode.READ)
    sizes = [client.begin_stat("x" * length) for length in (3, 1, 2)]
    closing = client.begin_close(b"h")
    found = [client.end_stat(number) for number in sizes]
    assert [each and each.size for each in found] == [3, 1, 2]
    assert client.end_open(opening) == b"four"
    client.end_close(closing)


def test_a_few_bytes_are_written_and_the_file_is_closed() -> None:
    server = Server()
    client = SftpClient(server)
    client.end(*client.begin_write_and_close(b"h", b"companion"))
    assert server.written[:9] == b"companion"


def test_a_failed_write_of_a_few_bytes_is_raised() -> None:
    server = Server()
    server.status = Code.FAILURE
    client = SftpClient(server)
    with pytest.raises(StatusError):
        client.end(*client.begin_write_and_close(b"h", b"companion"))


class Malicious(Server):
    """Answers everything with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.reply = answer

    def answer(self, kind: int, request: bytes, rest: bytes) -> bytes:
        return self.reply.replace(b"####", request)


@pytest.mark.parametrize(
    "reply",
    [
        packet(Kind.DATA, b"####", string(bytes(101))),
        packet(Kind.DATA, b"####", string(b"")),
        packet(Kind.DATA, b"####", number(50) + bytes(100)),
        packet(Kind.DATA, b"####", number(100) + bytes(50)),
        packet(Kind.DATA, b"\xff\xff\xff\xff", string(bytes(100))),
        packet(Kind.STATUS, b"####", number(Code.OK)),
        packet(Kind.STATUS, b"####"),
        packet(Kind.HANDLE, b"####", string(b"x")),
        b"\x00\x00\x00\x01\x67",
        b"\xff\xff\xff\xff" + bytes(100),
        b"\x00\x00\x00\x00" + bytes(100),
    ],
    ids=[
        "more-than-asked",
        "nothing",
        "packet-longer-than-its-data",
        "data-longer-than-its-packet",
        "answer-to-nobody",
        "ok-instead-of-data",
        "cut-status",
        "another-kind",
        "too-short",
        "endless",
        "empty",
    ],
)
def test_what_is_no_answer_to_a_read_is_refused(reply: bytes) -> None:
    with pytest.raises(Malformed):
        read(SftpClient(Malicious(reply)), 0, 100)


@pytest.mark.parametrize(
    "reply",
    [
        packet(Kind.HANDLE, b"####", string(bytes(300))),
        packet(Kind.HANDLE, b"####", number(1000) + b"x"),
        packet(Kind.HANDLE, b"\x00\x00\x00\x63", string(b"x")),
        packet(Kind.STATUS, b"####", number(Code.OK)),
        packet(Kind.DATA, b"####", string(b"x")),
    ],
    ids=["long-handle", "cut-handle", "answer-to-nobody", "ok-without-handle", "another-kind"],
)
def test_what_is_no_answer_to_an_open_is_refused(reply: bytes) -> None:
    with pytest.raises(Malformed):
        SftpClient(Malicious(reply)).open("name", Mode.READ)


@pytest.mark.parametrize(
    "reply",
    [packet(Kind.VERSION, number(2)), packet(Kind.STATUS, number(3)), packet(Kind.VERSION, b"\x00")],
    ids=["version-2", "another-kind", "cut"],
)
def test_what_is_no_version_is_refused(reply: bytes) -> None:
    server = Malicious(reply)
    server.out += reply
    with pytest.raises(Malformed):
        SftpClient(server).start()


@given(raw=st.binary(max_size=64))
def test_attributes_of_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        Fields(raw).attributes()
    except Malformed:
        return
