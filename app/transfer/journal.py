"""The journal: a transfer is a row before it is a byte on the wire."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from app.domain.errors import InputError, LocalError
from app.domain.files import SealedBundle
from app.storage import Durability, KeptRoom, migrations_in, open_database
from app.transfer.destination import Level
from app.transfer.owners import Owner
from app.transfer.parts import Part, PartState
from app.transfer.source import SourceIdentity
from app.transfer.states import TransferState, is_final, move

_log = logging.getLogger(__name__)

LEASE_SECONDS = 90.0
"""A lease that was not renewed for so long is free, whoever holds it. One of before a restart of the machine
may seem to hold for longer; but then its owner is no more."""

_MANY_COMMITS = 64 * 1024 * 1024
"""Bytes of a file from which on it is worth while to make room for its commits."""

_LAST_WORDS = 64 * 1024
"""Bytes: some pages of the database and of its log."""

_ON_ITS_WAY = frozenset({TransferState.SENDING, TransferState.FINISHING, TransferState.VERIFYING})


@dataclass(frozen=True, slots=True)
class Transfer:
    """A row of the journal.

    Attributes:
        key: idempotency key; unique in the journal.
        destination: `Destination.identity`.
        source: path, size, time and edges of the file, when it was planned.
        remote: the peer's name of the file; empty before it has one.
        attempts: connections opened for it.
        resumed: how many of them went on from a part of the file.
        error_code, error: of the last error, ``CF-nnnn`` and what people read; empty when none.
            Of a proven one `error` says what could not even be compared.
        level: how it was proven; None before.
        created, updated: seconds since 1970.
    """

    id: int
    key: str
    destination: str
    name: str
    size: int
    sha256: str
    manifest_sha256: str
    source: SourceIdentity
    remote: str
    state: TransferState
    attempts: int
    resumed: int
    error_code: str
    error: str
    level: Level | None
    created: float
    updated: float


class TransferBusy(LocalError):
    """Another process or thread holds the transfer's lease."""

    code = "CF-1823"
    retryable = True


class Journal:
    """The transfers of one data folder, in SQLite (WAL, ``synchronous=FULL``). Several processes may open it.

    What only says how far a running attempt is, and the leases of processes, do not wait for the disk: a kill
    loses nothing of it, and after a power cut it is not true any more. The next commit that waits takes it
    along.

    Usable as a context manager.
    """

    def __init__(self, path: Path) -> None:
        """Open or make it.

        Raises:
            LocalError: it cannot be opened, or was written by a newer program.
        """
        self._database = open_database(
            path, migrations_in(Path(__file__).parent / "migrations"), durability=Durability.FULL
        )
        self._room = KeptRoom(path.with_name(f"{path.name}-room"), size=_LAST_WORDS)
        self._held: set[int] = set()
        self._held_lock = threading.Lock()
        try:
            self._owner = Owner(path)
        except OSError as error:
            self._database.close()
            raise LocalError(
                "The journal cannot be opened",
                happened=f"{path.name}: {error.strerror}.",
                todo="Check the rights of the data folder and the space on its disk.",
                code="CF-1822",
            ) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; leases that this handle holds are free."""
        self._database.close()
        self._owner.close()

    def find(self, key: str) -> Transfer | None:
        """The transfer of this key."""
        row = self._database.row("SELECT * FROM transfers WHERE key = ?", (key,))
        return None if row is None else _transfer(row)

    def transfers(self, *, unfinished_only: bool = False) -> list[Transfer]:
        """All transfers, the newest first."""
        found = map(_transfer, self._database.rows("SELECT * FROM transfers ORDER BY created DESC, id DESC"))
        return [one for one in found if not (unfinished_only and is_final(one.state))]

    def begin(
        self,
        bundle: SealedBundle,
        identity: SourceIdentity,
        *,
        key: str,
        destination: str,
        now: float,
    ) -> Transfer:
        """The row of this key: made anew, or the one that is there; its place may be another, see `redirect`.

        Raises:
            InputError: the key stands for another content (CF-1131), or another place may have all of it
                (CF-1114).
        """
        self._room.keep()
        with self._database.transaction() as connection:
            found = self.find(key)
            if found is not None:
                _check_same(found, bundle)
                self._check_free(found, destination=destination)
                return found
            connection.execute(
                "INSERT INTO transfers (key, destination, name, size, sha256, manifest_sha256, source_path,"
                " source_mtime_ns, source_head, source_tail, state, created, updated)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key, destination, bundle.name, bundle.size, bundle.sha256, bundle.manifest_sha256,
                    str(identity.path), identity.mtime_ns, identity.head, identity.tail,
                    TransferState.PLANNED, now, now,
                ),
            )  # fmt: skip
            made = self.find(key)
            if made is None:
                raise KeyError("a row is gone within the transaction that made it")
        if bundle.size >= _MANY_COMMITS:
            self._database.lengthen_log()
        return made

    def redirect(self, transfer: Transfer, destination: str, *, now: float) -> Transfer:
        """Send it to this place from now on, from its first byte; for who holds its lease.

        What another place has of it is left to that place, which keeps nothing unfinished for ever.

        Raises:
            InputError: that one may have all of it (CF-1114).
        """
        with self._database.transaction() as connection:
            self._check_lease(connection, transfer.id)
            self._check_free(transfer, destination=destination)
            connection.execute("DELETE FROM parts WHERE transfer = ?", (transfer.id,))
            connection.execute("DELETE FROM ends WHERE transfer = ?", (transfer.id,))
            connection.execute(
                "UPDATE transfers SET destination = ?, remote = '', updated = ? WHERE id = ?",
                (destination, now, transfer.id),
            )
        return replace(transfer, destination=destination, remote="", updated=now)

    def _check_free(self, found: Transfer, *, destination: str) -> None:
        """That it is sent to no two places: one to which not every byte can have left has not the file."""
        left = sum(part.length for part in self.parts(found.id) if part.state is not PartState.PLANNED)
        may_be_there = left >= found.size and found.destination not in self.vouched(found.id)
        if found.destination != destination and may_be_there and not is_final(found.state):
            raise _elsewhere(found)

    def vouch(self, key: str, *, now: float) -> str:
        """A person knows that the place which the row names has not got the file: it may go elsewhere.

        Nothing here can tell whether that is so; where it is not, the file is in two places then. It counts
        until something is sent to that place again. Returns the place, or nothing: no such row, or it ended.

        Raises:
            TransferBusy: it is being sent there at this moment.
        """
        with self._database.transaction() as connection:
            found = self.find(key)
            if found is None or is_final(found.state):
                return ""
            lease = connection.execute("SELECT owner FROM leases WHERE transfer = ?", (found.id,)).fetchone()
            if lease is not None and self._holds(lease["owner"], found.id):
                raise _busy()
            connection.execute(
                "INSERT OR REPLACE INTO vouched (transfer, destination, at) VALUES (?, ?, ?)",
                (found.id, found.destination, now),
            )
        _log.info("transfer %d: a person says that it is not at %s", found.id, found.destination)
        return found.destination

    def vouched(self, transfer: int) -> dict[str, float]:
        """Places of which a person said that they have not got it, and when (seconds since 1970)."""
        rows = self._database.rows("SELECT destination, at FROM vouched WHERE transfer = ?", (transfer,))
        return {row["destination"]: row["at"] for row in rows}

    def parts(self, transfer: int) -> list[Part]:
        """Its parts that may have been sent, in order; what is in none of them has not left."""
        return [
            Part(row["start"], row["length"], row["sha256"], PartState(row["state"]), row["upto"])
            for row in self._database.rows(
                "SELECT * FROM parts WHERE transfer = ? ORDER BY start", (transfer,)
            )
        ]

    def replace_parts(self, transfer: int, parts: Sequence[Part]) -> None:
        """Another plan, when the peer has less or more than was known.

        Raises:
            TransferBusy: the lease ran out, and another process took it; as of every change under a lease.
        """
        with self._database.transaction() as connection:
            self._check_lease(connection, transfer)
            connection.execute("DELETE FROM parts WHERE transfer = ?", (transfer,))
            _insert_parts(connection, transfer, parts)

    def note_parts(self, transfer: int, parts: Sequence[Part]) -> None:
        """Note digests and states in one commit; *sent* before the first byte, *acked* on the peer's word.

        What a part is known by may be noted after it was *sent*; a kill in between leaves it without.
        """
        with self._database.transaction() as connection:
            self._check_lease(connection, transfer)
            connection.executemany(
                "INSERT INTO parts (transfer, start, length, sha256, state, upto) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (transfer, start) DO UPDATE SET length = excluded.length,"
                " sha256 = excluded.sha256, state = excluded.state, upto = excluded.upto",
                _rows(transfer, parts),
            )

    def move(
        self,
        transfer: int,
        state: TransferState,
        *,
        now: float,
        error_code: str = "",
        error: str = "",
        attempt: bool = False,
    ) -> None:
        """Another state.

        Args:
            transfer: id of the row.
            state: the new one; a state may follow itself.
            now: seconds since 1970.
            error_code: why, ``CF-nnnn``.
            error: why, for people.
            attempt: counts one more attempt; that the file is not at its place is not known from then on.

        Raises:
            IllegalMove: the state does not follow from the present one.
        """
        with self._database.transaction(waits=state not in _ON_ITS_WAY) as connection:
            self._check_lease(connection, transfer)
            row = connection.execute("SELECT * FROM transfers WHERE id = ?", (transfer,)).fetchone()
            move(TransferState(row["state"]), state)
            connection.execute(
                "UPDATE transfers SET state = ?, error_code = ?, error = ?, attempts = attempts + ?,"
                " updated = ? WHERE id = ?",
                (state, error_code, error, int(attempt), now, transfer),
            )
            if attempt:
                place = (transfer, row["destination"])
                connection.execute("DELETE FROM vouched WHERE transfer = ? AND destination = ?", place)

    def note_unwritten(self, transfer: int, *, now: float, error_code: str, error: str) -> None:
        """The journal itself could not be written, which ended an attempt: its row fails with that.

        It goes into the room that is kept for it beside the journal. The row stays as it is when even that is
        not enough, and when it is at its end: then something else could not be written.
        """
        self._room.give_up()
        self._note_failed(transfer, now=now, error_code=error_code, error=error)

    def note_defect(self, transfer: int, *, now: float, error: str) -> None:
        """A defect of ours ended an attempt: its row fails with the words that people read of it.

        The row stays as it is when it is at its end, and when the journal cannot be written.
        """
        self._note_failed(transfer, now=now, error_code="", error=error)

    def _note_failed(self, transfer: int, *, now: float, error_code: str, error: str) -> None:
        try:
            row = self._database.row("SELECT state FROM transfers WHERE id = ?", (transfer,))
            if row is None or is_final(TransferState(row["state"])):
                return
            self.move(transfer, TransferState.FAILED, now=now, error_code=error_code, error=error)
        except LocalError as again:
            _log.info("transfer %d: its row does not tell why it ended: %s", transfer, again.code)

    def note_remote(self, transfer: int, remote: str, *, resumed: bool) -> None:
        """The peer's name of the file, before its first byte; and whether a part of the file was there."""
        with self._database.transaction() as connection:
            self._check_lease(connection, transfer)
            connection.execute(
                "UPDATE transfers SET remote = ?, resumed = resumed + ? WHERE id = ?",
                (remote, int(resumed), transfer),
            )

    def ends(self, transfer: int) -> dict[str, float]:
        """Until when (seconds since 1970) the peer keeps unfinished files, by its names of them."""
        rows = self._database.rows("SELECT name, until FROM ends WHERE transfer = ?", (transfer,))
        return {row["name"]: row["until"] for row in rows}

    def note_end(self, transfer: int, name: str, *, until: float) -> None:
        """The peer keeps an unfinished file until then; after a power cut that may be forgotten."""
        with self._database.transaction(waits=False) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO ends (transfer, name, until) VALUES (?, ?, ?)",
                (transfer, name, until),
            )

    def note_verified(self, transfer: int, level: Level, *, now: float, doubt: str = "") -> None:
        """The end, with its proof, and what could not even be compared."""
        with self._database.transaction() as connection:
            self.move(transfer, TransferState.VERIFIED, now=now, error=doubt)
            connection.execute("UPDATE transfers SET level = ? WHERE id = ?", (level, transfer))
            connection.execute("DELETE FROM ends WHERE transfer = ?", (transfer,))

    def forget(self, *, before: float) -> int:
        """Remove ended transfers last changed before `before` (seconds since 1970, days ago); how many.

        What killed processes left beside the journal before that goes, too.
        """
        self._owner.sweep(before=before)
        ended = [one.id for one in self.transfers() if is_final(one.state) and one.updated < before]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM transfers WHERE id = ?", [(one,) for one in ended])
        return len(ended)

    @contextmanager
    def leased(self, transfer: int, *, now: float) -> Iterator[None]:
        """Hold the transfer for this handle while the block runs.

        Args:
            transfer: its id.
            now: seconds of the clock that all processes of this machine share and nobody sets: were it the
                time of day, a clock that is put forward would free the lease of a sender that lives.

        Raises:
            TransferBusy: another process, or another thread of this one, sends it.
        """
        self._take(transfer, now=now)
        try:
            yield
        finally:
            self._held.discard(transfer)
            self._release(transfer)

    def _take(self, transfer: int, *, now: float) -> None:
        with self._held_lock:
            with self._database.transaction(waits=False) as connection:
                row = connection.execute("SELECT * FROM leases WHERE transfer = ?", (transfer,)).fetchone()
                if row is not None and row["until"] > now and self._holds(row["owner"], transfer):
                    raise _busy()
                connection.execute(
                    "INSERT OR REPLACE INTO leases (transfer, owner, until) VALUES (?, ?, ?)",
                    (transfer, self._owner.name, now + LEASE_SECONDS),
                )
            self._held.add(transfer)

    def _holds(self, owner: str, transfer: int) -> bool:
        """Whether the owner of a lease lives and still wants it."""
        if owner == self._owner.name:
            return transfer in self._held
        return self._owner.is_alive(owner)

    def _release(self, transfer: int) -> None:
        """Remove the lease; on a full disk the row stays, and runs out for other processes."""
        try:
            with self._database.transaction(waits=False) as connection:
                connection.execute(
                    "DELETE FROM leases WHERE transfer = ? AND owner = ?", (transfer, self._owner.name)
                )
        except LocalError as error:
            _log.info("transfer %d: its lease stays until it runs out: %s", transfer, error.code)

    def _check_lease(self, connection: sqlite3.Connection, transfer: int) -> None:
        """A process that was frozen for long learns here that its transfer is another one's, or ended."""
        if transfer not in self._held:
            return
        row = connection.execute("SELECT owner FROM leases WHERE transfer = ?", (transfer,)).fetchone()
        if row is None or row["owner"] != self._owner.name:
            raise _busy()

    def renew(self, transfer: int, *, now: float) -> None:
        """Keep the lease; `now` as in `leased`.

        Raises:
            TransferBusy: it ran out, and another process took it.
        """
        with self._database.transaction(waits=False) as connection:
            cursor = connection.execute(
                "UPDATE leases SET until = ? WHERE transfer = ? AND owner = ?",
                (now + LEASE_SECONDS, transfer, self._owner.name),
            )
            if cursor.rowcount != 1:
                raise _busy()


def _insert_parts(connection: sqlite3.Connection, transfer: int, parts: Sequence[Part]) -> None:
    connection.executemany(
        "INSERT INTO parts (transfer, start, length, sha256, state, upto) VALUES (?, ?, ?, ?, ?, ?)",
        _rows(transfer, parts),
    )


def _rows(transfer: int, parts: Sequence[Part]) -> list[tuple[int, int, int, str, str, str]]:
    return [(transfer, part.offset, part.length, part.sha256, part.state.value, part.upto) for part in parts]


def _check_same(found: Transfer, bundle: SealedBundle) -> None:
    if (found.sha256, found.name) != (bundle.sha256, bundle.name):
        raise InputError(
            "The transfer's key is taken",
            happened="The journal has this key for another content or name.",
            todo="Send it as a new transfer, with a key of its own.",
            code="CF-1131",
        )


def _elsewhere(found: Transfer) -> InputError:
    return InputError(
        "The file was sent another way before",
        happened=f"{found.destination} may have all of it; it is never sent twice.",
        todo="Send it the way it was sent before: little more than the proof can be missing there. If you"
        " know that it is not there, say so: --not-there of send, bundle send or transfers retry; It is not"
        " there in the desktop.",
        code="CF-1114",
    )


def _busy() -> TransferBusy:
    return TransferBusy(
        "The transfer is running already",
        happened="Another process or window sends the same bundle.",
        todo="Follow that one, or try again when it has ended.",
    )


def _transfer(row: sqlite3.Row) -> Transfer:
    return Transfer(
        id=row["id"],
        key=row["key"],
        destination=row["destination"],
        name=row["name"],
        size=row["size"],
        sha256=row["sha256"],
        manifest_sha256=row["manifest_sha256"],
        source=SourceIdentity(
            path=Path(row["source_path"]),
            size=row["size"],
            mtime_ns=row["source_mtime_ns"],
            head=row["source_head"],
            tail=row["source_tail"],
        ),
        remote=row["remote"],
        state=TransferState(row["state"]),
        attempts=row["attempts"],
        resumed=row["resumed"],
        error_code=row["error_code"],
        error=row["error"],
        level=Level(row["level"]) if row["level"] else None,
        created=row["created"],
        updated=row["updated"],
    )
