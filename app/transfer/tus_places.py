"""Where a file lies on a tus server while it is sent: one upload, or several that are joined at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import msgspec

from app.decoding import ready
from app.transfer.parts import SMALLEST_PART
from app.transfer.ranges import ByteRange

_JSON = "{"
_STEP = 64 * 1024
"""Runs begin at its multiples: coarser ones would make fewer runs of a small file than there are streams."""


class _Run(msgspec.Struct, array_like=True):
    start: int
    end: int
    url: str


class _Written(msgspec.Struct):
    """`Opened.remote` of several uploads."""

    runs: list[_Run]
    final: str = ""
    unchecked: bool = False


class Places:
    """The addresses of a file's uploads, in the order of their bytes. Thread-safe.

    A plain upload is one run over the whole file, and its address is the name in the journal. Several runs
    are written there as JSON. `creation` is where uploads are created.

    Attributes:
        unchecked: whether the server has bytes that it never said to have compared.
    """

    def __init__(
        self, runs: Sequence[ByteRange], *, creation: str, urls: Sequence[str] = (), final: str = ""
    ) -> None:
        self.creation = creation
        self.runs = tuple(runs)
        self.final = final
        self.unchecked = False
        self._urls = list(urls) or [""] * len(self.runs)
        self._lock = threading.Lock()

    @classmethod
    def planned(cls, size: int, *, streams: int, creation: str) -> Places:
        """For a new file: as many runs as streams, none shorter than two of the smallest parts."""
        count = max(1, min(streams, size // (2 * SMALLEST_PART)))
        length = -(-size // count)
        length += -length % _STEP if count > 1 else 0
        starts = range(0, size, length) if size else range(1)
        return cls([ByteRange(start, min(start + length, size)) for start in starts], creation=creation)

    @classmethod
    def read(cls, remote: str, *, size: int, creation: str, own: Callable[[str], bool]) -> Places | None:
        """From the journal; None when it is not a layout of this file on this server."""
        if not remote.startswith(_JSON):
            whole = [ByteRange(0, size)]
            return cls(whole, creation=creation, urls=[remote]) if own(remote) else None
        try:
            written = msgspec.json.decode(remote, type=ready(_Written))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        reached = 0
        for run in written.runs:
            if run.start != reached or run.end <= run.start or (run.url and not own(run.url)):
                return None
            reached = run.end
        if reached != size or (written.final and not own(written.final)):
            return None
        runs = [ByteRange(run.start, run.end) for run in written.runs]
        urls = [run.url for run in written.runs]
        places = cls(runs, creation=creation, urls=urls, final=written.final)
        places.unchecked = written.unchecked
        return places

    @staticmethod
    def addresses(remote: str) -> list[str]:
        """Every address that `Opened.remote` holds."""
        if not remote.startswith(_JSON):
            return [remote] if remote else []
        try:
            written = msgspec.json.decode(remote, type=ready(_Written))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return []
        return [url for url in (*(run.url for run in written.runs), written.final) if url]

    @property
    def several(self) -> bool:
        """Whether they are joined at the end."""
        return len(self.runs) > 1

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses, empty where there is no upload yet."""
        with self._lock:
            return tuple(self._urls)

    def run_of(self, offset: int) -> int:
        """The number of the run that holds a byte.

        Raises:
            ValueError: none does.
        """
        for number, run in enumerate(self.runs):
            if run.start <= offset < run.end:
                return number
        raise ValueError(f"byte {offset} is in no run")

    def put(self, number: int, url: str) -> str:
        """The run has an upload now, or none when empty; what the journal must know."""
        with self._lock:
            self._urls[number] = url
        return self.written()

    def join(self, url: str) -> str:
        """The joined upload is there; what the journal must know."""
        with self._lock:
            self.final = url
        return self.written()

    def written(self) -> str:
        """`Opened.remote`."""
        with self._lock:
            if not self.several and not (self.unchecked and self._urls[0]):
                return self._urls[0]
            runs = [_Run(run.start, run.end, url) for run, url in zip(self.runs, self._urls, strict=True)]
            return msgspec.json.encode(_Written(runs, self.final, self.unchecked)).decode()
