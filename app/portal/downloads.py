"""Fetching a file of a case: into ``.part``, checked against the portal's digest, then put in place."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from app.domain.errors import IntegrityError, LocalError
from app.portal.calls import Calls, part, unexpected
from app.portal.contract import CaseFile
from app.settings import translated

_CHUNK = 1024 * 1024
_CONTENT_RANGE = re.compile(r"\Abytes (\d+)-\d+/(\d+|\*)\Z")


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that arrived.

    Attributes:
        sha256: of what lies on this disk, lower-case hex.
        checked: whether the portal had a digest to compare it with.
        resumed: whether it went on from an earlier part.
    """

    path: Path
    size: int
    sha256: str
    checked: bool
    resumed: bool


def download(
    calls: Calls, file: CaseFile, *, target: Path, on_progress: Callable[[int, int], None] | None
) -> Downloaded:
    """Fetch `file` to `target`; see `PortalClient.download`."""
    rest = target.with_name(f"{target.name}.part")
    with _disk(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        begun = rest.stat().st_size if rest.is_file() else 0
    resumed = 0 < begun <= file.size
    digest = _fetch(calls, file, rest=rest, offset=begun if resumed else 0, on_progress=on_progress)
    if resumed and not _equal(file, digest):
        # The beginning may belong to other content: fetched once more, from the start.
        resumed = False
        digest = _fetch(calls, file, rest=rest, offset=0, on_progress=on_progress)
    if not _equal(file, digest):
        with _disk(target):
            rest.unlink(missing_ok=True)
        raise IntegrityError(
            "The file that arrived is not identical",
            happened=f"The digest of {target.name} differs from the portal's. The file was thrown away.",
            todo="Fetch it again; if it differs again, tell support.",
            code="CF-1771",
        )
    with _disk(target):
        rest.replace(target)
    return Downloaded(path=target, size=file.size, sha256=digest, checked=bool(file.sha256), resumed=resumed)


def _fetch(
    calls: Calls,
    file: CaseFile,
    *,
    rest: Path,
    offset: int,
    on_progress: Callable[[int, int], None] | None,
) -> str:
    """Bring `rest` to the file's full size and return its digest."""
    digest = hashlib.sha256()
    with _disk(rest), os.fdopen(os.open(rest, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as part_file:
        remaining = offset
        while remaining and (block := part_file.read(min(_CHUNK, remaining))):
            digest.update(block)
            remaining -= len(block)
        part_file.truncate(offset)
        if offset < file.size or file.size == 0:
            for block, start in _blocks(calls, file, offset):
                if start == 0 and part_file.tell():
                    part_file.seek(0)
                    part_file.truncate()
                    digest = hashlib.sha256()
                part_file.write(block)
                digest.update(block)
                if on_progress is not None:
                    on_progress(part_file.tell(), file.size)
        part_file.flush()
        os.fsync(part_file.fileno())
        size = part_file.tell()
    if size != file.size:
        raise unexpected(f"the file has {file.size} bytes, and {size} came")
    return digest.hexdigest()


def _blocks(calls: Calls, file: CaseFile, offset: int) -> Iterator[tuple[bytes, int]]:
    """Blocks with the offset of each; the first one tells whether the portal went on or began anew."""
    path = f"cases/{part(file.case)}/files/{part(file.id)}/content"
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    with calls.open("GET", path, headers=headers) as answer:
        start = _start(answer, offset)
        while True:
            with translated(answer.url):
                block = bytes(answer.raw.read(_CHUNK, decode_content=False))
            if not block:
                return
            if start + len(block) > file.size:
                raise unexpected("more bytes came than the file has")
            yield block, start
            start += len(block)


def _start(answer: requests.Response, offset: int) -> int:
    if answer.status_code == 200:
        return 0
    match = _CONTENT_RANGE.match(answer.headers.get("Content-Range", ""))
    if answer.status_code != 206 or match is None or int(match[1]) != offset:
        raise unexpected("the part of the file is not the one that was asked for")
    return offset


def _equal(file: CaseFile, digest: str) -> bool:
    return not file.sha256 or hmac.compare_digest(file.sha256.lower().encode(), digest.encode())


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalError(
            "The file cannot be written here",
            happened=f"{path.name}: {error.strerror or type(error).__name__}.",
            todo="Free space or choose another folder; what arrived is kept.",
            code="CF-1873",
        ) from error
