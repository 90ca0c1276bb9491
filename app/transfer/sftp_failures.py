"""What goes wrong at an SFTP server, in our families."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paramiko.ssh_exception import SSHException

from app.domain.errors import PeerError, RefusedError, UnreachableError, WorldError
from app.transfer import failures
from app.transfer.session import translated
from app.transfer.ssh import Code, Malformed, StatusError


@contextmanager
def guarded(peer: str, *, alive: Callable[[], bool], writing: bool = False) -> Iterator[None]:
    """The server's statuses and the connection's end.

    Args:
        peer: ``host:port``.
        alive: whether the connection stands.
        writing: a failure without a reason then means that the server has no room.
    """
    try:
        yield
    except WorldError:
        raise
    except StatusError as error:
        raise of_status(peer, error, writing=writing) from error
    except EOFError as error:
        # The channel ended though the connection stands: the server's own part of it died.
        raise (_failed(peer) if alive() else failures.cut(peer)) from error
    except (OSError, SSHException, Malformed) as error:
        raise translated(peer, error) from error


def of_status(peer: str, error: StatusError, *, writing: bool = False) -> WorldError:
    """What a status means."""
    if error.code == Code.NO_SUCH_FILE:
        return PeerError(
            "The folder on the server is not there",
            happened=f"{peer} has no such file or folder.",
            todo="Check the folder in the settings; a temporary account may have been removed.",
            code="CF-1618",
        )
    if error.code == Code.PERMISSION_DENIED:
        what = "write, read back or rename here" if writing else "do this"
        # Servers have no code of their own for a file that their disk never takes, and call it so, too.
        larger = ", or the file is larger than its disk takes" if writing else ""
        return RefusedError(
            "The server does not allow it",
            happened=f"{peer} denies the right to {what}.",
            todo=f"Check the path and the account's rights{larger}.",
            code="CF-1213",
        )
    if error.code in (Code.NO_CONNECTION, Code.CONNECTION_LOST):
        return failures.cut(peer)
    return failures.storage_full(peer) if writing else _failed(peer)


def no_such_file(peer: str, name: str) -> PeerError:
    """What is to be fetched is not there."""
    return PeerError(
        "The server has no such file",
        happened=f"{peer} has no file {name}, or it is a folder.",
        todo="Check its path; without a slash in front it begins in the folder that signing in leads to.",
        code="CF-1633",
    )


def no_more_connections(peer: str) -> UnreachableError:
    """The server lets no further connection in beside those that it has."""
    return UnreachableError(
        "The server takes no further connection",
        happened=f"{peer} refuses one more beside those that are open.",
        todo="It goes on with those that are open.",
        code="CF-1522",
    )


def lost_a_part(peer: str, *, there: int, size: int) -> UnreachableError:
    """Fewer bytes than were acknowledged."""
    return UnreachableError(
        "The server lost a part of the file",
        happened=f"{peer} has {there} of {size} acknowledged bytes.",
        todo="It is sent again by itself.",
        code="CF-1521",
    )


def another_file(peer: str) -> RefusedError:
    """The name is taken."""
    return RefusedError(
        "A file of this name is there already",
        happened=f"{peer} has another file under the bundle's name; it was not touched.",
        todo="Send it under another name, or have the other file removed.",
        code="CF-1212",
    )


def not_renamed(peer: str, unfinished: str) -> RefusedError:
    """All of it is there, under a name that nobody takes for a whole file."""
    return RefusedError(
        "The server lets no file be renamed",
        happened=f"{peer} has all of it, as {posixpath.basename(unfinished)}, and denies it its own name.",
        todo="Ask who runs the server to let this account rename files, then try again.",
        code="CF-1215",
    )


def taken_away(peer: str) -> PeerError:
    """All of it was there, and now it is not."""
    return PeerError(
        "It is not known whether the file arrived",
        happened=f"{peer} had all of it, and now has it neither unfinished nor under its name.",
        todo="Look whether the receiver has taken it; if not, send it as a new transfer.",
        code="CF-1632",
    )


def _failed(peer: str) -> PeerError:
    return PeerError(
        "The server failed to do it",
        happened=f"{peer} answered with a failure and gave no reason.",
        todo="Look into the server's log; try again later.",
        code="CF-1619",
        retryable=True,
    )
