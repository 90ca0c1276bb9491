"""SFTP requests on one channel, every answer of which is looked at."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from paramiko.ssh_exception import SSHException

from app.transfer.ssh.protocol import (
    DATA_HEAD,
    LONGEST_ANSWER,
    VERSION,
    Attributes,
    Code,
    Fields,
    Kind,
    Limits,
    Malformed,
    Mode,
    StatusError,
    long_number,
    number,
    read_request,
    request,
    string,
)
from app.transfer.ssh.stream import Stream
from app.transfer.ssh.writing import BYTES_UNDER_WAY, MOST_UNDER_WAY, Writing

USUAL_WRITE = 32 * 1024
USUAL_READ = 32 * 1024
"""Bytes of data that every server takes, and answers, in one piece."""

LARGEST_REQUEST = 255 * 1024
"""Bytes of one read or write, however much more a server may take."""

_NEAR = 0.003
"""Seconds of a round trip below which the processor, not the way, is what holds back."""


class SftpClient:
    """The client's side of a session. Not thread-safe; a connection that failed is not used again.

    Attributes:
        extensions: what the server announced, with versions.
        round_trip: seconds that its quickest answer took; None before the first.

    Every method raises `StatusError` for a status that is not OK, `Malformed` for what is no answer, and what
    `Stream` raises.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.extensions: dict[str, bytes] = {}
        self._limits = Limits()
        self._asked_limits: int | None = None
        self.round_trip: float | None = None
        self._next = 0
        self._begun: set[int] = set()
        self._early: dict[int, tuple[int, Fields]] = {}

    @property
    def largest_write(self) -> int:
        """Bytes of one write: as much as the server says that it takes, else what every server takes."""
        return min(self.limits.write or USUAL_WRITE, LARGEST_REQUEST)

    @property
    def largest_read(self) -> int:
        """Bytes of one read."""
        return min(self.limits.read or USUAL_READ, LARGEST_REQUEST)

    def start(self, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Agree on the version, and learn what the server can do; `meanwhile` is called before the answer."""
        self.stream.send(number(5) + bytes((Kind.INIT,)) + number(VERSION))
        meanwhile()
        kind, fields = self._answer()
        if kind != Kind.VERSION or fields.number() < VERSION:
            raise Malformed("the server speaks no SFTP of version 3")
        while fields.left:
            name = fields.string().decode("utf-8", "replace")
            self.extensions[name] = fields.string()
        if "limits@openssh.com" in self.extensions:
            self._asked_limits = self._begin(Kind.EXTENDED, string("limits@openssh.com"))

    @property
    def limits(self) -> Limits:
        """What the server takes at once; its answer is waited for when it is first needed."""
        self._await_limits()
        return self._limits

    def open(self, path: str, mode: Mode) -> bytes:
        """A handle of the file."""
        return self._handle(self._ask(Kind.OPEN, string(path), number(mode), number(0)))

    def begin_open(self, path: str, mode: Mode) -> int:
        """As `open`, without waiting; see `end_open`."""
        return self._begin(Kind.OPEN, string(path), number(mode), number(0))

    def end_open(self, request_number: int) -> bytes:
        """The handle of an open that was begun; before, anything may be asked but reads and writes."""
        return self._handle(self._reply_to(request_number))

    def close(self, handle: bytes) -> None:
        """Close it; some servers say only here that a write failed."""
        self._ok(self._ask(Kind.CLOSE, string(handle)))

    def begin_close(self, handle: bytes) -> int:
        """As `close`, without waiting; see `end_close`."""
        return self._begin(Kind.CLOSE, string(handle))

    def end_close(self, request_number: int) -> None:
        """The status of a close that was begun."""
        self._ok(self._reply_to(request_number))

    def stat(self, path: str) -> Attributes | None:
        """What there is of that name; None for nothing."""
        return self._attributes_if_any(self._ask(Kind.STAT, string(path)))

    def begin_stat(self, path: str) -> int:
        """As `stat`, without waiting; see `end_stat`."""
        return self._begin(Kind.STAT, string(path))

    def end_stat(self, request_number: int) -> Attributes | None:
        """The answer to a stat that was begun; before, anything may be asked but reads and writes."""
        return self._attributes_if_any(self._reply_to(request_number))

    def fstat(self, handle: bytes) -> Attributes:
        """What is known of an open file."""
        return self._attributes(self._ask(Kind.FSTAT, string(handle)))

    def truncate(self, handle: bytes, size: int) -> None:
        """Cut it to a size."""
        self._ok(self._ask(Kind.FSETSTAT, string(handle), number(1), long_number(size)))

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._ok(self._ask(Kind.REMOVE, string(path)))

    def rename(self, old: str, new: str) -> None:
        """Rename; most servers refuse when there is one of the new name."""
        self._ok(self._ask(Kind.RENAME, string(old), string(new)))

    def posix_rename(self, old: str, new: str) -> None:
        """Rename at once, in place of what has the new name (``posix-rename@openssh.com``)."""
        self.end(self.begin_posix_rename(old, new))

    def begin_posix_rename(self, old: str, new: str) -> int:
        """As `posix_rename`, without waiting; see `end`."""
        self._await_limits()
        return self._begin(Kind.EXTENDED, string("posix-rename@openssh.com"), string(old), string(new))

    def real_path(self, path: str) -> str:
        """The absolute name."""
        return self.end_real_path(self.begin_real_path(path))

    def begin_real_path(self, path: str) -> int:
        """As `real_path`, without waiting; see `end_real_path`."""
        return self._begin(Kind.REALPATH, string(path))

    def end_real_path(self, request_number: int) -> str:
        """The answer; before, anything may be asked but reads and writes."""
        kind, fields = self._reply_to(request_number)
        self._expect(Kind.NAME, kind, fields)
        if fields.number() != 1:
            raise Malformed("one name was asked for")
        return fields.string().decode("utf-8", "surrogateescape")

    def end(self, *request_numbers: int) -> None:
        """The statuses of what was begun, all of them waited for; raises the first that is not OK."""
        answers = [self._reply_to(each) for each in request_numbers]
        for answer in answers:
            self._ok(answer)

    @property
    def syncs(self) -> bool:
        """Whether the server can be asked to write a file to its disk (``fsync@openssh.com``)."""
        return "fsync@openssh.com" in self.extensions

    def begin_sync(self, handle: bytes) -> int:
        """Have the server write the file to its disk, without waiting; see `end_sync`."""
        return self.begin_extended("fsync@openssh.com", string(handle))

    def end_sync(self, request_number: int) -> None:
        """The status of what was begun; nothing else may be asked before."""
        self._ok(self._reply_to(request_number))

    def begin_extended(self, name: str, *fields: bytes) -> int:
        """Ask for an extension, without waiting; see `end_extended`. Its answer is the next that comes."""
        self._await_limits()
        return self._begin(Kind.EXTENDED, string(name), *fields)

    def end_extended(self, request_number: int) -> Fields:
        """Its reply; nothing else may be asked before."""
        kind, reply = self._reply_to(request_number)
        self._expect(Kind.EXTENDED_REPLY, kind, reply)
        return reply

    def begin_write_and_close(self, handle: bytes, data: bytes) -> tuple[int, int]:
        """Write a few bytes as the file's first ones, and close it, in one go; see `end`."""
        writing = self._begin(Kind.WRITE, string(handle), long_number(0), string(data))
        return writing, self._begin(Kind.CLOSE, string(handle))

    def write(self, handle: bytes, offset: int, data: memoryview) -> Iterator[int]:
        """Write with many requests under way; gives the bytes sent so far about every 256 KiB.

        When it ends, the server has acknowledged every byte. Left before its end, the client is not usable;
        after a `StatusError` it is.
        """
        writing = Writing(self, handle)
        yield from writing.begin(offset, data)
        writing.end()

    def read(
        self,
        handle: bytes,
        ranges: Iterable[tuple[int, int]],
        *,
        asking: Callable[[int], None] | None = None,
        most: Callable[[], int] = lambda: LARGEST_REQUEST,
    ) -> Iterator[tuple[int, memoryview]]:
        """The bytes of ranges, each byte once, as pieces with their offsets; in any order, usually in theirs.

        A range is asked for while the ones before are on their way. Left before its end, the client is not
        usable; after a `StatusError` it is. `Code.EOF`: the file ends before.

        Args:
            handle: of the file.
            ranges: first byte and first one behind; taken one by one, as soon as they can be asked for.
            asking: called with a count before so many bytes are asked for; may wait. Answers that came
                meanwhile are given before more is asked for.
            most: how many bytes one request asks for; asked before each.
        """
        size = self.largest_read
        depth = max(1, min(MOST_UNDER_WAY, BYTES_UNDER_WAY // size))
        waiting: dict[int, tuple[int, int]] = {}
        failed: StatusError | None = None
        sends = True
        wanted = _Wanted(ranges, size)
        while True:
            asked: list[bytes] = []
            while (
                sends
                and failed is None
                and len(waiting) < depth
                and (follows := wanted.next(most())) is not None
            ):
                request_number = self.next_number()
                waiting[request_number] = follows
                asked.append(read_request(request_number, handle, *follows))
                if asking is not None:
                    asking(follows[1])
                    break
            if asked:
                sends = self._ask_if_it_stands(asked)
                if sends and asking is not None and len(waiting) < depth and not self.stream.ready():
                    continue
            if not waiting:
                break
            self._foretell(waiting)
            length, kind, answered = self._head()
            if answered not in waiting:
                raise Malformed("an answer to no request")
            at, count = waiting.pop(answered)
            if kind != Kind.DATA:
                try:
                    self._not_ok(kind, Fields(self._exactly(length - 5)))
                except StatusError as error:
                    failed = failed or error
                continue
            left = self._data_length(length, most=count)
            wanted.again(at + left, count - left)
            while left:
                piece = self._some(left)
                yield at, piece
                at += len(piece)
                left -= len(piece)
        if failed is not None:
            raise failed

    def read_in_order(
        self,
        handle: bytes,
        ranges: Iterable[tuple[int, int]],
        *,
        asking: Callable[[int], None] | None = None,
        most: Callable[[], int] = lambda: LARGEST_REQUEST,
    ) -> Iterator[tuple[int, memoryview]]:
        """See `read`; in the order of the ranges, which do not overlap."""
        taken: deque[tuple[int, int]] = deque()

        def noted() -> Iterator[tuple[int, int]]:
            for start, end in ranges:
                if start < end:
                    taken.append((start, end))
                    yield start, end

        early: dict[int, memoryview] = {}
        for at, piece in self.read(handle, noted(), asking=asking, most=most):
            early[at] = piece
            while taken and (follows := early.pop(taken[0][0], None)) is not None:
                start, end = taken.popleft()
                yield start, follows
                if start + len(follows) < end:
                    taken.appendleft((start + len(follows), end))

    def _ask_if_it_stands(self, asked: list[bytes]) -> bool:
        """Whether these could be asked.

        Where the connection broke, the answers before that lie here still, and it is said behind them.
        """
        try:
            self.stream.send(*asked)
        except TimeoutError:
            if not self.stream.ready():
                raise
            return False
        except (OSError, EOFError, SSHException):
            return False
        return True

    def _foretell(self, waiting: dict[int, tuple[int, int]]) -> None:
        """These reads have no answer yet."""
        if self.stream.near:
            self.stream.expect(sum(count for _at, count in waiting.values()))

    def _head(self) -> tuple[int, int, int]:
        """Length, kind and request number of the next answer, data or not."""
        length = int.from_bytes(self._exactly(4), "big")
        if not 5 <= length <= LONGEST_ANSWER + DATA_HEAD:
            raise Malformed("an answer has an impossible length")
        head = Fields(self._exactly(5))
        return length, head.take(1)[0], head.number()

    def _data_length(self, length: int, *, most: int) -> int:
        count = int.from_bytes(self._exactly(4), "big")
        if not 0 < count <= most or count != length - DATA_HEAD:
            raise Malformed("a read is answered with more than was asked for, or with nothing")
        return count

    def next_status(self) -> tuple[int, StatusError | None]:
        """The next answer, which must be a status: the request's number, and what went wrong with it."""
        kind, fields = self._answer()
        answered = fields.number()
        try:
            self._ok((kind, fields))
        except StatusError as error:
            return answered, error
        return answered, None

    def next_number(self) -> int:
        """The number of a new request."""
        self._next = (self._next + 1) & 0xFFFF_FFFF
        return self._next

    def _ask(self, kind: Kind, *fields: bytes) -> tuple[int, Fields]:
        began = time.monotonic()
        answer = self._reply_to(self._begin(kind, *fields))
        took = time.monotonic() - began
        self.round_trip = took if self.round_trip is None else min(took, self.round_trip)
        self.stream.near = self.round_trip < _NEAR
        return answer

    def _begin(self, kind: Kind, *fields: bytes) -> int:
        request_number = self.next_number()
        self._begun.add(request_number)
        self.stream.send(request(kind, request_number, *fields))
        return request_number

    def _reply_to(self, request_number: int) -> tuple[int, Fields]:
        while request_number not in self._early:
            kind, reply = self._answer()
            answered = reply.number()
            if answered not in self._begun:
                raise Malformed("an answer to no request")
            self._begun.discard(answered)
            self._early[answered] = (kind, reply)
        return self._early.pop(request_number)

    def _answer(self) -> tuple[int, Fields]:
        length = int.from_bytes(self._exactly(4), "big")
        if not 5 <= length <= LONGEST_ANSWER:
            raise Malformed("an answer has an impossible length")
        body = self._exactly(length)
        return body[0], Fields(body[1:])

    def _exactly(self, count: int) -> bytes:
        if not count:
            return b""
        first = self._some(count)
        if len(first) == count:
            return bytes(first)
        pieces = [first]
        left = count - len(first)
        while left:
            pieces.append(self._some(left))
            left -= len(pieces[-1])
        return b"".join(pieces)

    def _some(self, most: int) -> memoryview:
        piece = self.stream.receive(most)
        if not piece:
            raise EOFError
        return piece

    def _ok(self, answer: tuple[int, Fields]) -> None:
        kind, fields = answer
        if kind != Kind.STATUS:
            raise Malformed("a status was expected")
        code = fields.number()
        if code != Code.OK:
            raise StatusError(code)

    def _expect(self, wanted: Kind, kind: int, fields: Fields) -> None:
        if kind != wanted:
            self._not_ok(kind, fields)

    def _not_ok(self, kind: int, fields: Fields) -> None:
        if kind != Kind.STATUS:
            raise Malformed("an answer of another kind than was asked for")
        code = fields.number()
        if code == Code.OK:
            raise Malformed("a status where more was asked for")
        raise StatusError(code)

    def _handle(self, answer: tuple[int, Fields]) -> bytes:
        kind, fields = answer
        self._expect(Kind.HANDLE, kind, fields)
        handle = fields.string()
        if len(handle) > 256:
            raise Malformed("a handle is too long")
        return handle

    def _await_limits(self) -> None:
        if self._asked_limits is not None:
            asked, self._asked_limits = self._asked_limits, None
            reply = self.end_extended(asked)
            self._limits = Limits(*(reply.long_number() for _ in range(4)))

    def _attributes_if_any(self, answer: tuple[int, Fields]) -> Attributes | None:
        try:
            return self._attributes(answer)
        except StatusError as error:
            if error.code == Code.NO_SUCH_FILE:
                return None
            raise

    def _attributes(self, answer: tuple[int, Fields]) -> Attributes:
        kind, fields = answer
        self._expect(Kind.ATTRS, kind, fields)
        return fields.attributes()


class _Wanted:
    """What is still to be asked for: what a short answer left out first, then what follows."""

    def __init__(self, ranges: Iterable[tuple[int, int]], size: int) -> None:
        self._ranges = iter(ranges)
        self._size = size
        self._at = self._end = 0
        self._missing: deque[tuple[int, int]] = deque()

    def next(self, most: int) -> tuple[int, int] | None:
        """Offset and bytes of the next request, about `most` of them; None when there is none."""
        if self._missing:
            return self._missing.popleft()
        while self._at >= self._end:
            follows = next(self._ranges, None)
            if follows is None:
                return None
            self._at, self._end = follows
        at, count = self._at, min(self._size, most, self._end - self._at)
        self._at += count
        return at, count

    def again(self, at: int, count: int) -> None:
        """These bytes were asked for, and did not come."""
        if count:
            self._missing.append((at, count))
