"""From an unfinished file whose every byte is acknowledged to a closed one that is proven."""

from __future__ import annotations

import hashlib
import hmac
import logging
import posixpath
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from app.domain.errors import IntegrityError, UnreachableError
from app.transfer import failures
from app.transfer.destination import Beat, Level, Shipment
from app.transfer.parts import Part
from app.transfer.session import Session
from app.transfer.sftp_drop_box import NotReadable, Seen, close_unread, is_denied, renames_nothing
from app.transfer.sftp_failures import another_file, lost_a_part, not_renamed
from app.transfer.sftp_proof import (
    ReadBack,
    ShellDigest,
    checked_by_server,
    chosen,
    differing,
    printed_by_shell,
    read_back,
)
from app.transfer.sftp_sample import sample
from app.transfer.ssh import Code, Mode, StatusError

_log = logging.getLogger(__name__)

_CONFIRM_EVERY = (0.2, 2.0)
_CONFIRM_FOR = 900.0
_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Closing:
    """How files are closed in one folder of one server.

    Every method works on a session that nobody else uses, and may raise what the session raises.

    Attributes:
        peer: ``host:port``.
        folder: on the server; empty for where the sign-in leads.
        policy: how much is read back where the server cannot say a digest.
        ask_shell: whether ``sha256sum`` may be run there.
        confirmed_later: the receiver will say the digest of the whole: the server is not asked for one, and
            only the last part is read back.
        dice: choose what is read back.
    """

    peer: str
    folder: str
    policy: ReadBack
    ask_shell: bool
    confirmed_later: bool
    dice: random.Random

    def path(self, name: str) -> str:
        """Of a file in the folder."""
        return posixpath.join(self.folder, name) if self.folder else name

    def absolute(self, session: Session, place: int, path: str) -> str:
        """The absolute path of a file in the folder, whose own was asked for (`begin_real_path`); or none."""
        try:
            return posixpath.join(session.client.end_real_path(place), posixpath.basename(path))
        except StatusError:
            return ""

    def asks_shell_of(self, session: Session) -> bool:
        """Whether the server's shell is asked for the digest: not where SFTP itself is known to say it."""
        announced = any(name.startswith("check-file") for name in session.client.extensions)
        return self.ask_shell and not self.confirmed_later and not announced

    def size_of(self, session: Session, path: str) -> int | None:
        """Bytes of a file; None when it is not there."""
        return self._end_size(session, session.client.begin_stat(path))

    def seen(self, session: Session, unfinished: str, final: str) -> Seen | None:
        """What there is of a file under both of its names; None when the server does not let that be seen."""
        found: list[int | None] = []
        for number in [session.client.begin_stat(path) for path in (unfinished, final)]:
            try:
                found.append(self._end_size(session, number))
            except StatusError as error:
                if not is_denied(error):
                    raise
        return Seen(*found) if len(found) == 2 else None

    def _end_size(self, session: Session, number: int) -> int | None:
        found = session.client.end_stat(number)
        if found is None:
            return None
        if found.size is None:
            raise failures.garbage(self.peer, "a file without a size")
        return found.size

    def close(
        self,
        session: Session,
        shipment: Shipment,
        *,
        unfinished: str,
        parts: Sequence[Part],
        others: Sequence[Session] = (),
        shell: ShellDigest | None = None,
        settled: Callable[[], None] = lambda: None,
        beat: Beat,
    ) -> Level:
        """Size, digest, companion, rename: who sees the file sees its digest; the level that is reached.

        Args:
            session: as above.
            shipment: the bundle.
            unfinished: path of the file under its temporary name.
            parts: what is known of it, each with its digest: parts, or slices of them.
            others: more sessions, for reading back.
            shell: has been asked for the digest already; None: it is asked when nothing else says one.
            settled: waits until the server has said that the handles which wrote it are closed.
            beat: see `Beat`.

        Raises:
            UnreachableError: bytes are missing (CF-1521).
            IntegrityError: what is there is not what was sent (CF-1721).
            RefusedError: another file has the name (CF-1212), or no file may be renamed here (CF-1215).
            NotReadable: nothing can be read back; the session is not usable then.
        """
        taken = session.client.begin_stat(self.path(shipment.name))
        with _reading():
            size, handle = self._opened(session, unfinished)
            named = self._end_size(session, taken) is not None
        settled()
        if named and handle:
            # Before the companion is written: a file of somebody else may have one of its own.
            session.client.close(handle)
            self.must_be_ours(session, shipment, beat=beat)
            session.client.remove(unfinished)
            return self.prove_closed(session, shipment, beat=beat)
        if size != shipment.size:
            raise lost_a_part(self.peer, there=size or 0, size=shipment.size)
        with _reading():
            level = self._check(
                session,
                handle,
                shipment,
                unfinished=unfinished,
                parts=parts,
                others=others,
                shell=shell,
                beat=beat,
            )
        closing = session.client.begin_close(handle)
        taken = session.client.begin_stat(self.path(shipment.name))
        begun = self._begin_companion(session, shipment)
        session.client.end_close(closing)
        if self._end_size(session, taken) is None:
            companion = self._rename(session, shipment, unfinished=unfinished, companion=begun)
        else:
            companion = self._companion_lies(session, begun)
            self.must_be_ours(session, shipment, beat=beat)
            session.client.remove(unfinished)
        return level or (Level.COMPANION if companion else Level.SIZE_ONLY)

    def close_unread(self, session: Session, shipment: Shipment, *, unfinished: str) -> str:
        """As `close`, where nothing can be read back: level D, and what is to be said of it beyond that."""

        def companion() -> None:
            session.client.end(*self._begin_companion(session, shipment))

        final = self.path(shipment.name)
        return close_unread(
            session,
            shipment,
            unfinished=unfinished,
            final=final,
            seen=self.seen(session, unfinished, final),
            companion=companion,
            peer=self.peer,
        )

    def prove_closed(self, session: Session, shipment: Shipment, *, beat: Beat) -> Level:
        """The level of a file that was found closed, and was compared already.

        The receiver may have taken it since then: it has what was compared, and no more is claimed.

        Raises:
            NotReadable: nothing can be read back; the session is not usable then.
        """
        final = self.path(shipment.name)
        with _reading():
            _size, handle = self._opened(session, final)
            if not handle:
                return Level.SIZE_ONLY
            level, _doubted = self._ask_server(session, handle, shipment, final, shell=None, beat=beat)
        session.client.close(handle)
        companion = self._companion_lies(session, self._begin_companion(session, shipment))
        return level or (Level.COMPANION if companion else Level.SIZE_ONLY)

    def must_be_ours(self, session: Session, shipment: Shipment, *, beat: Beat) -> None:
        """Read back whole what has the bundle's name.

        Raises:
            RefusedError: it is another file (CF-1212).
        """
        handle = session.client.open(self.path(shipment.name), Mode.READ)
        ours = session.client.fstat(handle).size == shipment.size
        if ours:
            whole = Part(0, shipment.size, shipment.sha256)
            ours = read_back(session, handle, [whole], beat=beat) == [shipment.sha256]
        session.client.close(handle)
        if not ours:
            raise another_file(self.peer)

    def throw_away(self, session: Session, unfinished: str, *, sha256: str) -> None:
        """Remove an unfinished file, and the companion that was to lie beside it once it has its name."""
        if self.size_of(session, unfinished) is None:
            return
        session.client.remove(unfinished)
        name = _name_of(posixpath.basename(unfinished))
        final = posixpath.join(posixpath.dirname(unfinished), name)
        # A file that has the name may have a companion of the same words, and then keeps it.
        if name and sha256 and self.size_of(session, final) is None:
            self._withdraw(session, f"{final}.sha256", _companion(sha256, name))

    def _withdraw(self, session: Session, path: str, line: bytes) -> None:
        """Remove a companion that is ours by its words; what cannot be read is left."""
        if self.size_of(session, path) != len(line):
            return
        try:
            handle = session.client.open(path, Mode.READ)
            pieces = session.client.read_in_order(handle, [(0, len(line))])
            found = b"".join(bytes(piece) for _at, piece in pieces)
            session.client.close(handle)
            if found == line:
                session.client.remove(path)
        except StatusError:
            _log.info("the companion of a file that was given up stays at the server")

    def _opened(self, session: Session, path: str) -> tuple[int | None, bytes]:
        """Size and handle of a file; no size and no handle when it is not there."""
        number = session.client.begin_open(path, Mode.READ)
        size = self.size_of(session, path)
        try:
            return size, session.client.end_open(number)
        except StatusError as error:
            if error.code == Code.NO_SUCH_FILE and size is None:
                return None, b""
            raise

    def _check(
        self,
        session: Session,
        handle: bytes,
        shipment: Shipment,
        *,
        unfinished: str,
        parts: Sequence[Part],
        others: Sequence[Session],
        shell: ShellDigest | None,
        beat: Beat,
    ) -> Level | None:
        """Prove the digest; the level that this alone reaches."""
        looked = parts[-1:] if self.confirmed_later else chosen(parts, dice=self.dice)
        whole = [Part(0, shipment.size, shipment.sha256)] if shipment.size else []
        sampled = self.policy is ReadBack.SAMPLE
        with sample(others if sampled else (), unfinished, looked) as begun:
            level, doubted = self._ask_server(session, handle, shipment, unfinished, shell=shell, beat=beat)
            if begun is not None and not begun.equal(beat=beat):
                raise self._differs()
        if level is None and (begun is None or doubted):
            looked = looked if sampled and not doubted else whole
            if differing(session, handle, looked, beat=beat, ask=False):
                raise self._differs()
        return level

    def _differs(self) -> IntegrityError:
        return failures.stored_differs(self.peer, note="what was read back is not what was sent")

    def _ask_server(
        self,
        session: Session,
        handle: bytes,
        shipment: Shipment,
        path: str,
        *,
        shell: ShellDigest | None,
        beat: Beat,
    ) -> tuple[Level | None, bool]:
        """Level A when the server itself says the right digest of the whole; and whether it says a wrong one.

        A wrong one may be of another file, or of another range: reading back decides.
        """
        if not shipment.size or self.confirmed_later:
            return None, False
        theirs = checked_by_server(session, handle, offset=0, length=shipment.size, rest=beat.rest)
        if theirs is None and shell is not None:
            theirs = shell.said(beat=beat)
        elif theirs is None and self.ask_shell:
            theirs = self._printed_by_shell(session, path, size=shipment.size, beat=beat)
        if theirs is None:
            return None, False
        equal = hmac.compare_digest(theirs, shipment.sha256)
        return (Level.SERVER_SHA256 if equal else None), not equal

    def _printed_by_shell(self, session: Session, path: str, *, size: int, beat: Beat) -> str | None:
        try:
            absolute = session.client.real_path(path)
        except StatusError:
            return None
        return printed_by_shell(session, absolute, size=size, rest=beat.rest)

    def _begin_companion(self, session: Session, shipment: Shipment) -> tuple[int, ...]:
        """Write it, without waiting for the answers: their numbers, or none when the server takes none."""
        line = _companion(shipment.sha256, shipment.name)
        path = self.path(f"{shipment.name}.sha256")
        try:
            handle = session.client.open(path, Mode.WRITE | Mode.CREATE | Mode.TRUNCATE)
        except StatusError:
            _log.info("the server takes no companion beside the file")
            return ()
        return session.client.begin_write_and_close(handle, line)

    def _companion_lies(self, session: Session, begun: tuple[int, ...]) -> bool:
        try:
            session.client.end(*begun)
        except StatusError:
            _log.info("the server keeps no companion beside the file")
            return False
        return bool(begun)

    def _rename(
        self, session: Session, shipment: Shipment, *, unfinished: str, companion: tuple[int, ...]
    ) -> bool:
        """Give the file its name, right behind the companion that is written; whether that lies there."""
        final = self.path(shipment.name)
        renaming = session.client.begin_posix_rename(unfinished, final)
        lies = self._companion_lies(session, companion)
        try:
            session.client.end(renaming)
        except StatusError:
            try:
                session.client.rename(unfinished, final)
            except StatusError as error:
                if lies:
                    # Beside a file that perhaps never comes it would be a promise.
                    with suppress(StatusError):
                        session.client.remove(f"{final}.sha256")
                if not renames_nothing(error):
                    raise
                raise not_renamed(self.peer, unfinished) from error
        return lies


def temporary_name(shipment: Shipment) -> str:
    """Of an unfinished file: hidden, and another one for every key: two transfers of one name do not meet."""
    return f".{shipment.name}.{hashlib.sha256(shipment.key.encode()).hexdigest()[:8]}.part"


def _name_of(temporary: str) -> str:
    """The name that it is to get; empty when this is no temporary one of ours."""
    found = _TEMPORARY.fullmatch(temporary)
    return "" if found is None else found[1]


def _companion(sha256: str, name: str) -> bytes:
    return f"{sha256}  {name}\n".encode()


@contextmanager
def _reading() -> Iterator[None]:
    """That the server denies it is no error: it is a drop box."""
    try:
        yield
    except StatusError as error:
        if is_denied(error):
            raise NotReadable from error
        raise


def await_confirmation(
    confirm: Callable[[Shipment], str | None], shipment: Shipment, *, peer: str, beat: Beat
) -> None:
    """Ask the receiver until it says the digest of what it stored, and that is ours.

    Raises:
        IntegrityError: it says another one (CF-1721).
        UnreachableError: it says none for long (CF-1520).
    """
    pause, longest = _CONFIRM_EVERY
    waited = 0.0
    while waited < _CONFIRM_FOR:
        stored = confirm(shipment)
        if stored:
            if stored != shipment.sha256:
                raise failures.stored_differs(peer)
            return
        beat.rest(pause)
        waited += pause
        pause = min(longest, pause * 1.5)
    raise UnreachableError(
        "The receiver has not confirmed the file yet",
        happened=f"No digest of it was named within {_CONFIRM_FOR:.0f} s.",
        todo="It is asked again by itself; the file arrived whole.",
        code="CF-1520",
    )
