"""``caseferry fetch``: files of an SFTP server to this disk, each with what it was proven by."""

from __future__ import annotations

import hashlib
import hmac
import posixpath
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from app.commands.addresses import ServerFile, parse_server_file
from app.commands.arriving import shown
from app.commands.carrying_options import FetchingOptions
from app.commands.console import Screen
from app.commands.downloading import Tell, effort_of, make_folder, refuse_another
from app.commands.portal_options import ServerOptions
from app.commands.reaching import HOST_KEYS, network_of
from app.commands.stopping import stopped_by_signals
from app.domain.errors import InputError
from app.domain.places import place_of
from app.secrets import open_user_vault
from app.settings import data_folder
from app.transfer import (
    Control,
    FetchedOverSftp,
    HostKey,
    KnownHosts,
    Level,
    Limiter,
    RemoteFile,
    SftpLogin,
    SftpServer,
    fetch_over_sftp,
    needs_passphrase,
    settle_host_key,
    show_host_key,
)
from app.transfer.downloads import broken_on_stop, keep_on, local_name
from app.transfer.downloads.landing import Landing, disk
from app.transfer.network import Network
from app.transfer.network.opening import Opening
from app.transfer.session import Session

MOST_CONNECTIONS = 16
PROVEN = {
    Level.SERVER_SHA256: "level A: identical to the SHA-256 that the server computed of what it stores",
    Level.COMPANION: "level C: identical to the SHA-256 in the .sha256 file beside it",
    Level.SIZE_ONLY: "level D: the size is right; nobody says a SHA-256 to compare the content with",
}
_GIVEN = "level A: identical to the SHA-256 that you gave"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """What is to be fetched, and where to.

    Attributes:
        files: addresses; see `parse_server_file`.
        sha256: what the one file must be, in hex; empty when that is not known.
        connections: at once for one file; None: as the server is near or far.
    """

    files: Sequence[str]
    folder: Path = Path()
    sha256: str = ""
    connections: int | None = None
    server: ServerOptions = field(default_factory=ServerOptions)
    fetching: FetchingOptions = field(default_factory=FetchingOptions)
    json: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """One file of ``fetch --json``.

    Attributes:
        level: A, C or D; see `PROVEN`.
        already: whether it lay here, identical to the SHA-256 that was given, and was not fetched.
    """

    file: str
    path: str
    size: int
    sha256: str
    level: str
    resumed: bool
    already: bool


@dataclass(frozen=True, slots=True)
class _Aim:
    file: ServerFile
    target: Path


def fetch_files(order: FetchOrder, screen: Screen) -> int:
    """Fetch them one after the other; 0 when every one is here.

    Raises:
        InputError: an address, a digest or a number is not right (CF-1157, CF-1159).
        RefusedError: another file of a name is here (CF-1220).
        TrustError: the host key is another one (CF-1411), or nobody agreed to it (CF-1414).
        WorldError: also what `fetch_over_sftp` raises.
        KeyboardInterrupt: a signal asked it to stop; what arrived is kept.
    """
    limiter, policy = effort_of(order.fetching)
    aims = _aims(order)
    make_folder(order.folder)
    done = []
    servers: dict[tuple[str, str, int], SftpServer] = {}
    network = network_of(order.server.proxy, order.server.no_proxy, store=open_user_vault(data_folder()))
    for aim in aims:
        if aim.target.exists():
            done.append(_here_already(aim, order.sha256))
            continue
        account = aim.file.account
        if account not in servers:
            servers[account] = _server(aim.file, order.server, screen, network=network)
        control = Control()
        with (
            _telling_what_is_here(done, screen),
            stopped_by_signals(control.stop) as signals,
            shown(screen, aim.target.name, size=0, how=order.fetching.progress) as arrival,
        ):
            found = keep_on(
                partial(_fetch, aim, servers[account], limiter, order, control),
                policy=policy,
                limiter=limiter,
                tell=arrival.tell,
                waiting=arrival.waiting,
                here=Landing(aim.target).all_arrived,
                place=f"sftp://{servers[account].peer}",
                control=control,
            )
        done.append(
            Arrived(
                file=aim.file.path,
                path=str(aim.target),
                size=aim.target.stat().st_size,
                sha256=found.sha256,
                level=found.level,
                resumed=found.resumed,
                already=False,
            )
        )
        if aim is not aims[-1]:
            with _telling_what_is_here(done, screen):
                signals.heed()  # who asked for the end while the last bytes were proven wants no other file
    _say(done, screen, order)
    return 0


def _fetch(
    aim: _Aim, server: SftpServer, limiter: Limiter, order: FetchOrder, control: Control, tell: Tell
) -> FetchedOverSftp:
    opening = Opening()
    with (
        control.watched(opening.end),
        broken_on_stop(
            partial(server.open, opening=opening), control=control, break_off=Session.break_off
        ) as made,
    ):
        return fetch_over_sftp(
            RemoteFile(peer=server.peer, path=aim.file.path, sha256=order.sha256.lower()),
            target=aim.target,
            connect=made,
            connections=order.connections,
            on_progress=tell,
            flow=limiter.flow(),
        )


@contextmanager
def _telling_what_is_here(done: Sequence[Arrived], screen: Screen) -> Iterator[None]:
    """Nobody knows without a digest that a file is what was asked for: the next call refuses those."""
    try:
        yield
    except KeyboardInterrupt:
        if done:
            names = ", ".join(Path(each.path).name for each in done)
            screen.note(f"Here already, to be left out of the next call: {names}.")
        raise


def _aims(order: FetchOrder) -> list[_Aim]:
    """Everything that can be refused before anybody is called."""
    if order.connections is not None and not 1 <= order.connections <= MOST_CONNECTIONS:
        raise InputError(
            "This is no number of connections",
            happened=f"{order.connections} is not between 1 and {MOST_CONNECTIONS}.",
            todo="Give a number in between, or leave it out.",
            code="CF-1159",
        )
    if not order.files:
        raise _not_right("No file is named.")
    if order.sha256 and len(order.files) > 1:
        raise _not_right("One SHA-256 cannot be that of several files.")
    if order.sha256 and not _is_digest(order.sha256):
        raise _not_right("A SHA-256 has 64 hexadecimal digits.")
    files = [parse_server_file(text) for text in order.files]
    aims = [_Aim(file, order.folder / local_name(posixpath.basename(file.path))) for file in files]
    if len({aim.target.name.casefold() for aim in aims}) < len(aims):
        raise _not_right("Two of the files have one name.")
    return aims


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(each in "0123456789abcdef" for each in text.lower())


def _not_right(happened: str) -> InputError:
    return InputError(
        "These files cannot be fetched together",
        happened=happened,
        todo="Name one file for each command, or several of different names without --sha256.",
        code="CF-1138",
    )


def _here_already(aim: _Aim, sha256: str) -> Arrived:
    """It lies here, identical to what was asked for.

    Raises:
        RefusedError: nobody knows that, or it is another one (CF-1220).
    """
    found = ""
    if sha256 and aim.target.is_file():
        digest = hashlib.sha256()
        with disk(aim.target), aim.target.open("rb") as content:
            while block := content.read(_BLOCK):
                digest.update(block)
        found = digest.hexdigest()
    if not found or not hmac.compare_digest(found, sha256.lower()):
        raise refuse_another(aim.target)
    return Arrived(
        file=aim.file.path,
        path=str(aim.target),
        size=aim.target.stat().st_size,
        sha256=found,
        level=Level.SERVER_SHA256,
        resumed=False,
        already=True,
    )


def _server(file: ServerFile, options: ServerOptions, screen: Screen, *, network: Network) -> SftpServer:
    """The server, its host key settled before anybody types a password."""
    host_key = settle_host_key(
        file.host,
        file.port,
        announced=options.host_key,
        known=KnownHosts(data_folder() / HOST_KEYS),
        look=lambda: show_host_key(file.host, file.port, network=network),
        agree=lambda key: _agreed(screen, file, key),
    )
    return SftpServer(
        file.host, file.port, login=_login(file, options, screen.secret), host_key=host_key, network=network
    )


def _login(file: ServerFile, options: ServerOptions, secret: Callable[[str], str]) -> SftpLogin:
    if options.key_file is None:
        return SftpLogin(user=file.user, password=secret(f"Password of {file.user} at {file.host}:"))
    phrase = ""
    if needs_passphrase(options.key_file):
        phrase = secret(f"Passphrase of {options.key_file.name}:")
    return SftpLogin(user=file.user, key_file=options.key_file, key_passphrase=phrase)


def _agreed(screen: Screen, file: ServerFile, key: HostKey) -> bool:
    place = place_of(file.host, file.port)
    screen.note(f"You have not agreed to the host key of {place} yet. The server shows:")
    screen.note(f"  {key.kind} {key.fingerprint}")
    return screen.ask("Did you compare it with what the server's operator told you, and is it the same?")


def _say(done: Sequence[Arrived], screen: Screen, order: FetchOrder) -> None:
    if order.json:
        screen.json(list(done))
        return
    for each in done:
        proof = _GIVEN if order.sha256 else PROVEN[Level(each.level)]
        screen.line(f"{each.path}: {each.size} bytes{', here already' if each.already else ''}")
        screen.line(f"  SHA-256 {each.sha256}")
        screen.line(f"  {proof[:1].upper()}{proof[1:]}.")
        if each.level == Level.SIZE_ONLY:
            screen.line("  Warning: compare this SHA-256 with one that the sender tells you.")
