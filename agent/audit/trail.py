"""The trail itself: JSON lines in files that are only appended to, each line durable before it counts."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from agent.audit.chain import ChainCheck, ChainReport, Head
from agent.audit.index import TrailIndex
from agent.audit.record import (
    FIRST_PREVIOUS,
    AuditEvent,
    AuditRecord,
    EventKind,
    NotARecord,
    compose,
    digest_of,
    read_record,
)
from app.domain.errors import LocalError
from app.secrets import FileLock

_log = logging.getLogger(__name__)

FOLDER_NAME = "audit"
INDEX_NAME = "audit.db"
_DAMAGED = "CF-1804"
MOST_BYTES = 4 * 1024 * 1024
"""Of one file; the next record begins another one, and the chain goes on in it."""

Wall = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


class AuditTrail:
    """Appends records. One process writes; methods may be called from any thread.

    The next record is noted in the index before it goes into the file: after a crash in between it is
    written from there, so that an event is recorded once, and a tail that was cut off is noticed.
    """

    def __init__(self, data: Path, key: bytes, *, wall: Wall = utc_now, most_bytes: int = MOST_BYTES) -> None:
        """Open it; what a crash has left is mended before the first record is written.

        Args:
            data: the agent's data folder.
            key: of the HMACs.
            wall: aware time.
            most_bytes: of one file.

        Raises:
            LocalError: it cannot be read or written (CF-1880).
        """
        self.folder = data / FOLDER_NAME
        self._key = key
        self._wall = wall
        self._most = most_bytes
        self._lock = trail_lock(data)
        self._mended = False
        self.index = TrailIndex(data / INDEX_NAME)
        try:
            with _translated():
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except BaseException:
            self.index.close()
            raise

    def close(self) -> None:
        """Close the index."""
        self.index.close()

    def append(self, event: AuditEvent) -> bool:
        """Record an event; durable when this returns.

        Returns:
            Whether it was new.

        Raises:
            LocalError: it cannot be written (CF-1880); it is written before the next one.
        """
        with _translated(), self._lock.held():
            if not self._mended:
                self._mend()
            if self.index.has(event.id):
                return False
            self._write(event)
            return True

    def _write(self, event: AuditEvent) -> None:
        head = self.index.head(None) or Head(0, FIRST_PREVIOUS)
        seq = head.seq + 1
        line = compose(event, seq=seq, at=self._wall(), prev=head.digest, key=self._key)
        self._mended = False
        self.index.note(event.id, head=Head(seq, digest_of(line)), key=self._key, line=line)
        self._put(line, seq=seq)
        self._mended = True

    def _put(self, line: bytes, *, seq: int) -> None:
        files = trail_files(self.folder)
        path = files[-1] if files else None
        if path is None or (path.stat().st_size and path.stat().st_size + len(line) > self._most):
            path = self.folder / f"{seq:012d}.jsonl"
        fresh = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        if fresh:
            _sync_folder(self.folder)

    def _mend(self) -> None:
        """Bring files and index together again, and say what was found."""
        torn = self._take_torn_aside()
        files = trail_files(self.folder)
        last = _last_line(files)
        head = self.index.head(self._key)
        found: list[AuditEvent] = []
        if head is None and last:
            found.append(self._gather(last))
        elif head is not None and not head.genuine:
            found.append(_said("head-changed", head.seq))
        elif head is not None and digest_of(last) != head.digest:
            line = self.index.line()
            if digest_of(line) == head.digest and _follows(line, last):
                self._put(line, seq=head.seq)
            else:
                found.append(_said("tail-missing", head.seq))
        self._mended = True
        if torn is not None:
            name, size = torn
            found.append(AuditEvent(f"trail/torn/{name}", EventKind.TRAIL, "agent", facts={"torn": size}))
        for event in found:
            if not self.index.has(event.id):
                _log.warning("the audit trail was mended or is broken: %s", event.id)
                self._write(event)

    def _gather(self, last: bytes) -> AuditEvent:
        """The index was lost: what the files hold counts, and this is said."""
        records = list(_readable(self.folder))
        seq = records[-1].seq if records else 0
        events = [(record.id, record.seq) for record in records]
        self.index.gather(events, head=Head(seq, digest_of(last)), key=self._key, line=last)
        return _said("index-missing", seq)

    def _take_torn_aside(self) -> tuple[str, int] | None:
        """A last line without its end is cut off, after its bytes were kept in a file beside."""
        files = trail_files(self.folder)
        if not files:
            return None
        path = files[-1]
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole == len(content):
            return None
        torn = content[whole:]
        name = f"torn-{path.stem}-{whole}-{digest_of(torn)[:8]}"
        _write_whole(self.folder / name, torn)
        with path.open("r+b") as stream:
            stream.truncate(whole)
            os.fsync(stream.fileno())
        return name, len(torn)


def trail_lock(data: Path) -> FileLock:
    """Held while a record is written, and while it is looked how long the files are."""
    return FileLock(data / f"{INDEX_NAME}.lock")


def trail_files(folder: Path) -> list[Path]:
    """The files of a trail, in the order of their records."""
    return sorted(path for path in folder.glob("*.jsonl") if path.stem.isdecimal())


def trail_records(folder: Path) -> Iterator[AuditRecord]:
    """Every record that can be read, in order; nothing is proven.

    Raises:
        LocalError: a file cannot be read (CF-1880).
    """
    with _translated():
        yield from _readable(folder)


def check_trail(data: Path, *, key: bytes | None, start: int = 1) -> ChainReport:
    """Prove a trail, also while an agent writes it.

    Args:
        data: the agent's data folder.
        key: of the HMACs; without it the chain of digests alone is followed.
        start: number of the first record that is of interest.

    Raises:
        LocalError: it cannot be read (CF-1880).
    """
    folder = data / FOLDER_NAME
    with _translated():
        head, sizes = _as_it_stands(data, key)
        names = [path for path in trail_files(folder) if path in sizes]
        while len(names) > 1 and int(names[1].stem) <= start:
            names.pop(0)
        check = ChainCheck(key, start)
        for path in names:
            check.begin(path.name, first=int(path.stem))
            with path.open("rb") as stream:
                left = sizes[path]
                while left and (line := stream.readline(left)):
                    left -= len(line)
                    check.take(line) if line.endswith(b"\n") else check.torn(len(line))
        return check.end(head)


def _as_it_stands(data: Path, key: bytes | None) -> tuple[Head | None, dict[Path, int]]:
    """Head and sizes of one moment."""
    folder = data / FOLDER_NAME
    if not folder.is_dir():
        return None, {}
    with trail_lock(data).held():
        sizes = {path: path.stat().st_size for path in trail_files(folder)}
        if not (data / INDEX_NAME).exists():
            return None, sizes
        return _known_head(data / INDEX_NAME, key), sizes


def _known_head(path: Path, key: bytes | None) -> Head | None:
    """The last record by the index; None when that is damaged: the files prove all but their end then."""
    try:
        index = TrailIndex(path)
    except LocalError as error:
        if error.code != _DAMAGED:
            raise
        return None
    try:
        return index.head(key)
    except LocalError as error:
        if error.code != _DAMAGED:
            raise
        return None
    finally:
        index.close()


def _readable(folder: Path) -> Iterator[AuditRecord]:
    for path in trail_files(folder):
        with path.open("rb") as stream:
            for line in stream:
                try:
                    yield read_record(line)
                except NotARecord:
                    continue  # `check_trail` says where


def _last_line(files: list[Path]) -> bytes:
    for path in reversed(files):
        content = path.read_bytes()
        if content:
            return content[content.rfind(b"\n", 0, len(content) - 1) + 1 :]
    return b""


def _follows(line: bytes, last: bytes) -> bool:
    """Whether the line is the very next one."""
    return read_record(line).prev == (digest_of(last) if last else FIRST_PREVIOUS)


def _said(what: str, seq: int) -> AuditEvent:
    return AuditEvent(f"trail/{what}/{seq}", EventKind.TRAIL, "agent", facts={"found": what, "after": seq})


def _write_whole(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the disk says into an error for people."""
    try:
        yield
    except OSError as error:
        raise LocalError(
            "The audit trail cannot be used",
            happened=f"{FOLDER_NAME}: {error.strerror or type(error).__name__}.",
            todo="Free space on this disk and check the rights of the data folder.",
            code="CF-1880",
            retryable=True,
        ) from error
