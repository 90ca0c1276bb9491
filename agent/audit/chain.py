"""Whether a trail is whole: every record there, unchanged, in its place. Pure: lines in, breaks out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.audit.record import (
    FIRST_PREVIOUS,
    AuditRecord,
    NotARecord,
    digest_of,
    is_genuine,
    read_record,
)

MOST_BREAKS = 100


@dataclass(frozen=True, slots=True)
class Head:
    """The last record, as it is known apart from the files.

    Attributes:
        digest: SHA-256 of its line.
        genuine: whether the holder of the key has written this down.
    """

    seq: int
    digest: str
    genuine: bool = True


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain breaks; `line` counts from 1."""

    file: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What was found.

    Attributes:
        records: lines that were read.
        first, last: numbers of the first and last record; 0 when there is none.
        breaks: at most `MOST_BREAKS`; none when all is well.
    """

    records: int
    files: int
    first: int
    last: int
    digest: str
    breaks: tuple[Break, ...]


@dataclass(slots=True)
class ChainCheck:
    """Follows a trail line by line.

    Attributes:
        key: of the HMACs; without it only the chain of digests is followed.
        start: records before this number are passed over.
    """

    key: bytes | None
    start: int = 1
    breaks: list[Break] = field(default_factory=list)
    records: int = 0
    files: int = 0
    first: int = 0
    _expected: int = 1
    _previous: str | None = FIRST_PREVIOUS
    _last: int = 0
    _digest: str = FIRST_PREVIOUS
    _file: str = ""
    _line: int = 0

    def begin(self, file: str, *, first: int) -> None:
        """A file follows; `first` is the number of its first record, by its name."""
        if not self.files and self.start >= first > 1:
            self._expected, self._previous = first, None  # earlier files were not asked for
        self.files += 1
        self._file, self._line = file, 0

    def take(self, line: bytes) -> None:
        """The next line, with its end of line."""
        self._line += 1
        record = self._read(line)
        digest = digest_of(line)
        if record is None:
            self._went_on(self._expected, None, digest)
            return
        if self.key is not None and not is_genuine(line, self.key):
            self._say(self._expected, f"record {self._expected} was changed, or another put in its place.")
            self._went_on(self._expected, None, digest)
            return
        follows: str | None = digest
        if record.seq > self._expected:
            self._say(record.seq, f"{_records(self._expected, record.seq - 1)} missing before this line.")
        elif record.seq < self._expected:
            self._say(self._expected, f"record {record.seq} stands in the wrong place.")
            self._went_on(self._expected - 1, None, digest)
            return
        elif self._previous not in (None, record.prev):
            self._say(record.seq, f"record {record.seq} does not follow from the line before it.")
        self._went_on(record.seq, follows, digest)

    def torn(self, size: int) -> None:
        """The file ends with so many bytes that are no whole line."""
        self._line += 1
        self._say(self._expected, f"{size} bytes at the end are no whole line: it was torn by a crash.")
        self._previous = None

    def end(self, head: Head | None) -> ChainReport:
        """The report, held against the head that was kept elsewhere."""
        place = self._last or self._expected
        if head is None:
            if self._last:
                self._say(place, "which record is the last one is not known: audit.db is missing or damaged.")
        elif not head.genuine:
            self._say(place, "what audit.db tells of the last record was changed.")
        elif head.seq > self._last:
            self._say(head.seq, f"{_records(self._last + 1, head.seq)} missing at the end.")
        elif head.seq < self._last:
            self._say(self._last, f"{_records(head.seq + 1, self._last)} not known to audit.db.")
        elif head.seq and self._previous is not None and head.digest != self._digest:
            self._say(self._last, f"record {self._last} is not the one that was written last.")
        return ChainReport(
            records=self.records,
            files=self.files,
            first=self.first,
            last=self._last,
            digest=self._digest if self._last else "",
            breaks=tuple(self.breaks),
        )

    def _read(self, line: bytes) -> AuditRecord | None:
        try:
            return read_record(line)
        except NotARecord:
            self._say(self._expected, f"record {self._expected} cannot be read.")
            return None

    def _went_on(self, seq: int, previous: str | None, digest: str) -> None:
        self._last, self._expected = seq, seq + 1
        self._previous, self._digest = previous, digest
        if seq >= self.start:
            self.records += 1
            self.first = self.first or seq

    def _say(self, seq: int, what: str) -> None:
        if seq >= self.start and len(self.breaks) < MOST_BREAKS:
            self.breaks.append(Break(self._file, self._line, what))


def check_lines(
    files: Iterable[tuple[str, Iterable[bytes]]], *, key: bytes | None, head: Head | None
) -> ChainReport:
    """Check whole files that are given as lines; their names begin with the number of their first record."""
    check = ChainCheck(key)
    for name, lines in files:
        check.begin(name, first=int(name.partition(".")[0]))
        for line in lines:
            check.take(line)
    return check.end(head)


def _records(first: int, last: int) -> str:
    return f"record {first} is" if first == last else f"records {first} to {last} are"
