"""The bundles of a job: a large collection is sent in several, so that sending begins while masking goes on.

Each is sealed from files that all passed masking and its check, and sent under a key of its own, while the
next one is being masked. What was sealed and sent is final: what is masked later goes into a later bundle.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from agent.jobs.rows import FileRow, FileState, JobRow, job_row
from app.bundle import BundleFormat
from app.domain.files import SealedBundle
from app.storage import Database
from app.transfer import Level

UNPLANNED = 0
"""`FileRow.volume` before it is known how large the files are."""

_PREPARING = ("collecting", "masking", "bundling")
_TO_BE_SENT = (FileState.WAITING, FileState.MASKED)


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A bundle of a job that was sealed, at least once.

    Attributes:
        number: from 1.
        sha256: empty when the bundle was lost and is to be sealed again.
        key: idempotency key of its transfer.
        resumed: how often its transfer went on from a part of it.
        verified: the other side has it.
        level: how that was proven, as `app.transfer.Level` names it; empty when it was not kept.
        masked_by: rules and key of what is in it, see `agent.jobs.masking.masked_by`.
        withdrawn: how often it was taken back, as rules or key had changed since it was sealed.
    """

    job: str
    number: int
    name: str
    size: int
    sha256: str
    manifest_sha256: str
    key: str
    resumed: int = 0
    verified: bool = False
    level: str = ""
    masked_by: str = ""
    withdrawn: int = 0

    @property
    def sealed(self) -> bool:
        """Whether it is ready to be sent, or was sent."""
        return bool(self.sha256)


def plan(files: Sequence[FileRow], *, most: int) -> dict[int, int]:
    """Numbers of files to volumes, for those that have none yet; in their order, behind all others. Pure.

    Args:
        files: of one job, collected.
        most: raw bytes of a volume; a larger file is a volume of its own.
    """
    volume = max((file.volume for file in files), default=0) + 1
    planned: dict[int, int] = {}
    size = 0
    for file in files:
        if file.volume != UNPLANNED:
            continue
        counts = file.raw_size if file.state in _TO_BE_SENT else 0
        if size and size + counts > most:
            volume, size = volume + 1, 0
        planned[file.number] = volume
        size += counts
    return planned


def to_be_sealed(files: Sequence[FileRow], volumes: Iterable[VolumeRow]) -> list[int]:
    """Numbers of the volumes that still have to be made, in their order. Pure."""
    sealed = {volume.number for volume in volumes if volume.sealed}
    return sorted({file.volume for file in files if file.state in _TO_BE_SENT} - sealed)


def untold(
    files: Sequence[FileRow], volumes: Iterable[VolumeRow], *, number: int, last: bool
) -> list[FileRow]:
    """Files that are not sent and that no manifest has named yet: those that volume `number` names. Pure.

    Args:
        files: of one job.
        volumes: of the same.
        number: of the volume that is sealed now.
        last: nothing comes after it: it names all that are left.
    """
    sealed = {volume.number for volume in volumes if volume.sealed}
    return [
        file
        for file in files
        if file.state not in _TO_BE_SENT and file.volume not in sealed and (last or file.volume <= number)
    ]


def volume_name(name: str, number: int) -> str:
    """The name of a job's bundle: that of the job, from the second on with its number before the suffix."""
    if number <= 1:
        return name
    suffix = next((form.suffix for form in BundleFormat if name.endswith(form.suffix)), "")
    return f"{name.removesuffix(suffix)}-v{number:02d}{suffix}"


def weakest_level(volumes: Iterable[VolumeRow]) -> str:
    """How all bundles that arrived are proven at least; empty when that is not known of every one. Pure."""
    levels = [volume.level for volume in volumes if volume.verified]
    return max(levels) if levels and all(levels) else ""


class VolumeLedger:
    """The journal's table of bundles. Usable from any thread."""

    def __init__(self, database: Database) -> None:
        """Use the journal's database."""
        self._database = database

    def of(self, job: str) -> list[VolumeRow]:
        """The bundles of a job, in order."""
        rows = self._database.rows("SELECT * FROM volumes WHERE job = ? ORDER BY number", (job,))
        return [_volume_row(row) for row in rows]

    def of_jobs(self, jobs: Iterable[str]) -> dict[str, list[VolumeRow]]:
        """The bundles of several jobs at once."""
        found: dict[str, list[VolumeRow]] = {job: [] for job in jobs}
        rows = self._database.rows(
            "SELECT * FROM volumes WHERE job IN (SELECT value FROM json_each(?)) ORDER BY job, number",
            (msgspec.json.encode(list(found)).decode(),),
        )
        for row in rows:
            found[row["job"]].append(_volume_row(row))
        return found

    def plan(self, job: str, planned: Mapping[int, int]) -> None:
        """Which file goes into which volume."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE job_files SET volume = ? WHERE job = ? AND number = ?",
                [(volume, job, number) for number, volume in planned.items()],
            )

    def note_sealed(
        self,
        job: str,
        number: int,
        bundle: SealedBundle,
        *,
        key: str,
        packed_sizes: Mapping[str, int],
        names: Iterable[FileRow] = (),
        masked_by: str = "",
    ) -> None:
        """The bundle's facts, and the size of each file in it by name; before its first byte is sent.

        Args:
            job: its id.
            number: of the volume.
            bundle: as it was sealed.
            key: idempotency key.
            packed_sizes: by name in the bundle.
            names: files that are not in it and that its manifest names.
            masked_by: rules and key of what is in it.
        """
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE job_files SET packed_size = ? WHERE job = ? AND name = ?",
                [(size, job, name) for name, size in packed_sizes.items()],
            )
            connection.executemany(
                "UPDATE job_files SET volume = ? WHERE job = ? AND number = ?",
                [(number, job, file.number) for file in names],
            )
            connection.execute(
                "INSERT INTO volumes (job, number, name, size, sha256, manifest_sha256, idempotency_key, "
                "masked_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, number) DO UPDATE SET "
                "name = excluded.name, size = excluded.size, sha256 = excluded.sha256, "
                "manifest_sha256 = excluded.manifest_sha256, idempotency_key = excluded.idempotency_key, "
                "masked_by = excluded.masked_by",
                (
                    *(job, number, bundle.name, bundle.size, bundle.sha256, bundle.manifest_sha256, key),
                    masked_by,
                ),
            )
            self._sum_up(connection, job)

    def lost(self, job: str, number: int) -> None:
        """The sealed bundle is not there any more, or another one: it is to be sealed again."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE volumes SET sha256 = '', size = 0 WHERE job = ? AND number = ?", (job, number)
            )

    def withdraw(self, job: str, number: int) -> None:
        """The sealed bundle is not sent: what is in it is masked and sealed again, under another key."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE volumes SET sha256 = '', size = 0, withdrawn = withdrawn + 1 "
                "WHERE job = ? AND number = ?",
                (job, number),
            )

    def note_verified(self, job: str, number: int, *, resumed: int, level: Level) -> None:
        """The other side has the bundle, proven to this level; and how often its transfer was resumed."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE volumes SET verified = 1, resumed = ?, level = ? WHERE job = ? AND number = ?",
                (resumed, level.value, job, number),
            )
            self._sum_up(connection, job)

    def sent_ahead(self) -> list[JobRow]:
        """Jobs that are being prepared and have a sealed bundle that was not sent, in their order."""
        rows = self._database.rows(
            "SELECT * FROM jobs WHERE (state IN (SELECT value FROM json_each(?1)) "
            "OR (state = 'waiting' AND back_to IN (SELECT value FROM json_each(?1)))) AND EXISTS "
            "(SELECT 1 FROM volumes WHERE volumes.job = jobs.id AND volumes.sha256 <> '' AND NOT verified) "
            "ORDER BY place",
            (msgspec.json.encode(_PREPARING).decode(),),
        )
        return [job_row(row) for row in rows]

    @staticmethod
    def _sum_up(connection: sqlite3.Connection, job: str) -> None:
        """The job's own columns: sums; digests and key only while it has one bundle."""
        connection.execute(
            "UPDATE jobs SET (size, resumed, sha256, manifest_sha256, idempotency_key) = (SELECT sum(size), "
            "sum(resumed), iif(count(*) = 1, max(sha256), ''), iif(count(*) = 1, max(manifest_sha256), ''), "
            "iif(count(*) = 1, max(idempotency_key), '') FROM volumes WHERE job = ?) WHERE id = ?",
            (job, job),
        )


def _volume_row(row: sqlite3.Row) -> VolumeRow:
    return VolumeRow(
        job=row["job"],
        number=row["number"],
        name=row["name"],
        size=row["size"],
        sha256=row["sha256"],
        manifest_sha256=row["manifest_sha256"],
        key=row["idempotency_key"],
        resumed=row["resumed"],
        verified=bool(row["verified"]),
        level=row["level"],
        masked_by=row["masked_by"],
        withdrawn=row["withdrawn"],
    )
