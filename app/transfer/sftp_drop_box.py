"""Drop boxes: servers that let nothing be read back of what they took, or not even its size be seen."""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from app.transfer.destination import Shipment
from app.transfer.session import Session
from app.transfer.sftp_failures import another_file, lost_a_part, not_renamed
from app.transfer.ssh import Code, Mode, StatusError

_log = logging.getLogger(__name__)

SIZE_UNSEEN = "the server lets nothing be seen of the file, not even its size"
"""What is said of an arrival that nothing was compared of; see `Doubtful`."""


class NotReadable(Exception):
    """The server does not let the file be read back; never leaves `SftpDestination`."""


def is_denied(error: StatusError) -> bool:
    """Whether the server refuses it to this account, whatever there is."""
    return error.code == Code.PERMISSION_DENIED


def renames_nothing(error: StatusError) -> bool:
    """Whether what was answered to a rename would be answered to any."""
    return error.code in (Code.PERMISSION_DENIED, Code.OP_UNSUPPORTED)


def open_to_write(session: Session, path: str, mode: Mode = Mode.WRITE) -> bytes:
    """A handle to write with, and to read with where the server lets us.

    Raises:
        StatusError: it cannot be written.
    """
    try:
        return session.client.open(path, Mode.READ | Mode.WRITE | mode)
    except StatusError as error:
        if not is_denied(error):
            raise
    return session.client.open(path, Mode.WRITE | mode)


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen of two names.

    Attributes:
        unfinished, closed: bytes of the file under its temporary and its own name; None when it is not there.
    """

    unfinished: int | None
    closed: int | None


def close_unread(
    session: Session,
    shipment: Shipment,
    *,
    unfinished: str,
    final: str,
    seen: Seen | None,
    companion: Callable[[], None],
    peer: str,
) -> str:
    """Give a file its name that cannot be read back; what is to be said of that, or nothing.

    Never over another file: the server is asked for the rename that refuses to.

    Args:
        session: used by nobody else.
        shipment: the bundle.
        unfinished: its path.
        final: the path that it is given.
        seen: their sizes; None when the server does not let them be seen.
        companion: writes it.
        peer: ``host:port``.

    Raises:
        UnreachableError: bytes are missing (CF-1521).
        RefusedError: another file has the name (CF-1212), or no file may be renamed here (CF-1215).
        StatusError: it cannot be renamed.
    """
    if seen is not None and seen.closed is not None:
        raise another_file(peer)
    if seen is not None and seen.unfinished != shipment.size:
        raise lost_a_part(peer, there=seen.unfinished or 0, size=shipment.size)
    lies = False
    if seen is not None:
        with suppress(StatusError):
            companion()
            lies = True
    try:
        session.client.rename(unfinished, final)
    except StatusError as error:
        if lies:
            # Beside a file that perhaps never comes it would be a promise.
            with suppress(StatusError):
                session.client.remove(f"{final}.sha256")
        if renames_nothing(error):
            raise not_renamed(peer, unfinished) from error
        if seen is not None or error.code != Code.FAILURE:
            raise
        raise another_file(peer) from error
    if seen is None:
        # Not sooner: a file of somebody else, which cannot be seen, may have one of its own.
        with suppress(StatusError):
            companion()
    _log.info("%s lets nothing be read back of %s", peer, posixpath.basename(final))
    return "" if seen is not None else SIZE_UNSEEN
