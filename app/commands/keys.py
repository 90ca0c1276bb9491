"""``caseferry keys``: make, rotate, show, export and import pseudonym keys. A key itself is never shown."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from app.commands.console import Screen, counted
from app.commands.inputs import shown
from app.commands.masking_run import put_ring, ring_in
from app.domain.errors import InputError, LocalError
from app.masking import KeyRing, new_key, read_key_ring, write_key_ring
from app.secrets import FileLock, SecretStore, open_user_vault, replace_file
from app.settings import data_folder

_LARGEST = 64 * 1024


def new(screen: Screen, *, key_file: Path | None) -> int:
    """Make the first key of a place; one that is there stays."""
    with _Place(key_file) as place:
        if place.ring is not None:
            raise InputError(
                "There is a key already",
                happened=f"{place.name} holds the key {place.ring.current.id}; nothing was changed.",
                todo="Use caseferry keys rotate for another one; the lens still opens with the older.",
                code="CF-1956",
            )
        place.put(KeyRing(new_key()))
        _say(place, screen)
    return 0


def rotate(screen: Screen, *, key_file: Path | None) -> int:
    """Make a new current key; the one until now is kept for the lens."""
    with _Place(key_file) as place:
        place.put(place.needed().rotated(new_key()))
        _say(place, screen)
    screen.note("From now on the same person has another token than before.")
    return 0


def show(screen: Screen, *, key_file: Path | None) -> int:
    """Say which keys there are, by their ids."""
    with _Place(key_file) as place:
        place.needed()
        _say(place, screen)
    return 0


def export(file: Path, screen: Screen, *, key_file: Path | None, passphrase_file: Path | None) -> int:
    """Write the keys for the next server, sealed under a passphrase."""
    from app.masking.keyexport import export_keys

    if os.path.lexists(file):
        raise InputError(
            "A file is in the way",
            happened=f"{shown(file.name)} exists; nothing was written.",
            todo="Give the name of a new file.",
            code="CF-1144",
        )
    with _Place(key_file) as place:
        ring = place.needed()
    sealed = export_keys(ring, _passphrase(passphrase_file, twice=True))
    replace_file(file, sealed)
    screen.line(
        f"{counted(len(ring.keys), 'key was', 'keys were')} written to {shown(file.name)};"
        f" the current one is {ring.current.id}."
    )
    screen.note("Bring the file and the passphrase to the next server by different ways.")
    return 0


def bring_in(
    file: Path, screen: Screen, *, key_file: Path | None, passphrase_file: Path | None, replace: bool
) -> int:
    """Take the keys of another server.

    Args:
        file: what ``caseferry keys export`` wrote.
        screen: where it is said.
        key_file: where the keys go; the vault when None.
        passphrase_file: its first line; asked for when None.
        replace: whether another current key steps back to the older ones.
    """
    from app.masking.keyexport import import_keys

    came = import_keys(_content(file), _passphrase(passphrase_file, twice=False))
    with _Place(key_file) as place:
        ring = place.ring
        if ring is not None and ring.current != came.current and not replace:
            raise InputError(
                "Another key is here",
                happened=f"{place.name} masks with {ring.current.id}, the file holds {came.current.id};"
                " nothing was changed.",
                todo="Give --replace: the key that is here is then kept for the lens only.",
                code="CF-1957",
            )
        place.put(came if ring is None else came.joined(ring))
        _say(place, screen)
    return 0


class _Place:
    """Where keys are kept: a file or the person's vault. Nobody else changes it while it is open."""

    def __init__(self, key_file: Path | None) -> None:
        self._file = key_file
        self._vault: SecretStore | None = None
        self.note = ""
        if key_file is None:
            vault = open_user_vault(data_folder())
            self._vault, self.note = vault, vault.key_note
            self._held: AbstractContextManager[None] = vault.exclusive()
        elif key_file.parent.is_dir():
            self._held = FileLock(key_file.with_name(key_file.name + ".lock")).held()
        else:
            self._held = nullcontext()

    @property
    def name(self) -> str:
        """For people."""
        return "The vault" if self._file is None else shown(self._file.name)

    def __enter__(self) -> _Place:
        try:
            self._held.__enter__()
        except OSError as error:  # the lock lies beside the file, which could not be written either
            raise LocalError(
                "The key file cannot be written",
                happened=f"{self.name}: {error.strerror or type(error).__name__}.",
                todo="Choose a file in a folder you may write to.",
                code="CF-1812",
            ) from error
        self.ring = self._read()
        return self

    def __exit__(self, *fault: object) -> None:
        self._held.__exit__(*fault)  # type: ignore[arg-type]

    def _read(self) -> KeyRing | None:
        if self._vault is not None:
            return ring_in(self._vault)
        if self._file is not None and self._file.exists():
            return read_key_ring(self._file)
        return None

    def needed(self) -> KeyRing:
        """The keys.

        Raises:
            InputError: there are none (``CF-1952``).
        """
        if self.ring is None:
            raise InputError(
                "There is no key yet",
                happened=f"{self.name} holds none.",
                todo="Make one with caseferry keys new, or import one with caseferry keys import.",
                code="CF-1952",
            )
        return self.ring

    def put(self, ring: KeyRing) -> None:
        """Keep these."""
        if self._vault is not None:
            put_ring(self._vault, ring)
        elif self._file is not None:
            write_key_ring(self._file, ring)
        self.ring = ring


def _say(place: _Place, screen: Screen) -> None:
    ring = place.needed()
    screen.line(f"{ring.current.id}  masks now")
    for key in ring.older:
        screen.line(f"{key.id}  older, for the lens")
    screen.note(place.note or f"The keys are in {place.name}.")


def _passphrase(file: Path | None, *, twice: bool) -> str:
    """The passphrase, typed without an echo or from the first line of a file; never from the arguments.

    Raises:
        InputError: there is nobody to ask (``CF-1953``), or it was typed differently (``CF-1954``).
    """
    if file is not None:
        lines = _content(file).decode("utf-8", "surrogateescape").splitlines()
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise InputError(
            "There is no passphrase",
            happened="Nobody can be asked: standard input is no terminal.",
            todo="Give --passphrase-file with a file that only you may read.",
            code="CF-1953",
        )
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != typed:
        raise InputError(
            "The passphrases differ",
            happened="The second one is not the first one; nothing was written.",
            todo="Run the command again.",
            code="CF-1954",
        )
    return typed


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST + 1)
    except OSError as fault:
        raise LocalError(
            "The file cannot be read",
            happened=f"{shown(file.name)}: {fault.strerror or type(fault).__name__}.",
            todo="Check the path and who may read it.",
            code="CF-1955",
        ) from fault
