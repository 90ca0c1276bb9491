"""The lens: which value a token stands for, for the holder of the key and on the customer's own disk only.

A file of sealed records (AES-256-GCM), each with a batch of entries; the key is derived from the pseudonym
key that made the tokens, so that who rotates keeps the older keys to read older entries. It is opt-in and
bounded, its entries may expire, and a person can be erased from it. It begins with bytes that no log has:
masking takes it for binary, so that it cannot come into a bundle.
"""

from __future__ import annotations

import os
import secrets
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import InputError, IntegrityError, LocalError
from app.masking.erasing import Erased
from app.masking.face import Kind
from app.masking.keys import KeyRing, PseudonymKey
from app.masking.lensmark import MARK
from app.masking.unmasking import TokenText, Unmasked, turned_back
from app.secrets import FileLock, read_private, replace_file

DAY = 86_400.0
_SALT = 16
_HEAD = len(MARK) + _SALT
_RECORD = struct.Struct(">I10s12s")
_BATCH = 512
_LONGEST = 4096
_LARGEST = 512 * 1024 * 1024


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """A token and what it stands for.

    Attributes:
        token: ``<KIND:16 hex>``, whatever form the rules write tokens in.
        expires: seconds since 1970; 0 means never.
    """

    token: str
    kind: str
    value: str
    expires: float


_ENTRIES = msgspec.msgpack.Decoder(list[Entry])


@dataclass(frozen=True, slots=True)
class LensFacts:
    """What a lens holds, without its values.

    Attributes:
        entries: values that can be turned back now.
        expired: values past their time; they are gone with the next `Lens.sweep`.
        locked: records whose key is not in the ring.
        by_kind: entries by kind.
    """

    entries: int
    expired: int
    locked: int
    by_kind: dict[str, int]


class Lens:
    """An open lens. Methods may be called from any thread; several programs may write to one file.

    Args:
        path: the file; made (0600) with the first value.
        ring: keys; new entries are sealed with the current one.
        days: how long new entries are kept; None means until they are erased.
        most: entries the file may hold; what comes later is counted in `full`.
        clock: seconds since 1970.

    Raises:
        InputError: the file is no lens (``CF-1934``).
        IntegrityError: a record was changed (``CF-1935``).
        CredentialsError: others may read it.
        LocalError: it cannot be read.
    """

    def __init__(
        self,
        path: Path,
        ring: KeyRing,
        *,
        days: float | None = None,
        most: int = 500_000,
        country: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._ring, self._most, self._country = path, ring, most, country
        self._life = None if days is None else days * DAY
        self._clock = clock
        self._guard = threading.RLock()
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        self._entries: dict[str, Entry] = {}
        self._fresh: list[Entry] = []
        self._locked = 0
        self._salt = b""
        self.added = 0
        self.full = 0
        self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def keep(self, kind: Kind, raw: bytes, token: bytes) -> None:
        """Remember a value; the first notation of it stays. For `Engine.on_token`.

        Raises:
            LocalError: the lens cannot be written.
        """
        text = str(TokenText.of(token.decode("ascii", "replace")))
        with self._guard:
            known = self._entries.get(text)
            if known is not None and not self._ends_sooner(known):
                return
            if len(raw) > _LONGEST or (known is None and len(self._entries) >= self._most):
                self.full += 1
                return
            expires = 0.0 if self._life is None else self._clock() + self._life
            entry = Entry(text, str(kind), _readable(raw) if known is None else known.value, expires)
            self._entries[text] = entry
            self._fresh.append(entry)
            self.added += known is None
            if len(self._fresh) >= _BATCH:
                self.flush()

    def flush(self) -> None:
        """Write what is new to the disk.

        Raises:
            LocalError: the lens cannot be written.
        """
        with self._guard:
            if self._fresh:
                self._append(self._fresh)
                self._fresh = []

    def unmask(self, text: str) -> Unmasked:
        """Text with the values in place of the tokens that this lens knows and that have not expired."""
        return turned_back(text, self._value)

    def facts(self) -> LensFacts:
        """What is in it."""
        by_kind: dict[str, int] = {}
        expired = 0
        for entry in self._entries.values():
            if self._expired(entry):
                expired += 1
            else:
                by_kind[entry.kind] = by_kind.get(entry.kind, 0) + 1
        return LensFacts(sum(by_kind.values()), expired, self._locked, dict(sorted(by_kind.items())))

    def erase(self, *, values: Iterable[str] = (), tokens: Iterable[str] = ()) -> int:
        """Take persons out, by values in any notation (`Erased`) or by tokens; how many entries went.

        A token stands for its value: what has the same value goes too, also under another key. The file is
        written anew without them, and without what has expired.

        Raises:
            InputError: some of it is sealed with a key that is not in the ring: it might hold them, too
                (``CF-1936``).
            LocalError: it cannot be written.
        """
        said, named = tuple(values), tuple(tokens)

        def persons() -> Callable[[Entry], bool]:
            known = (self._entries.get(str(TokenText.of(token))) for token in named)
            theirs = (entry.value for entry in known if entry is not None)
            gone = Erased(values=(*said, *theirs), tokens=named, ring=self._ring, country=self._country)
            return lambda entry: gone.holds(entry.token, entry.kind, entry.value)

        return self._rewrite(persons)

    def sweep(self) -> int:
        """Take out what has expired; how many entries went.

        Raises:
            InputError, LocalError: as `erase`.
        """
        return self._rewrite(lambda: self._expired)

    def _rewrite(self, who: Callable[[], Callable[[Entry], bool]]) -> int:
        """Take out the entries of which it is true; `who` is asked once all of them are known."""
        with self._guard, self._held():
            self.flush()
            self._load()  # what another program added meanwhile goes or stays, too
            if self._locked:
                raise InputError(
                    "The lens cannot be searched to its end",
                    happened=f"{self._locked} of its records are sealed with a key that is not here;"
                    " nothing was changed.",
                    todo="Give the key ring with the older keys.",
                    code="CF-1936",
                )
            before = len(self._entries)
            goes = who()
            kept = {
                token: entry
                for token, entry in self._entries.items()
                if not goes(entry) and not self._expired(entry)
            }
            entries = list(kept.values())
            salt = secrets.token_bytes(_SALT)
            content = (
                MARK
                + salt
                + b"".join(
                    _sealed(entries[at : at + _BATCH], self._ring.current, salt)
                    for at in range(0, len(entries), _BATCH)
                )
            )
            if self._path.exists() or entries:
                replace_file(self._path, content)
            self._entries, self._salt = kept, salt
            return before - len(kept)

    def _load(self) -> None:
        self._entries = {}
        self._locked = 0
        content = read_private(self._path)
        if content is None:
            self._salt = b""
            return
        if len(content) < _HEAD or not content.startswith(MARK) or len(content) > _LARGEST:
            raise _no_lens(self._path)
        self._salt = content[len(MARK) : _HEAD]
        ciphers = {key.id.encode("ascii"): _cipher(key, self._salt) for key in self._ring.keys}
        for start, key_id, nonce, sealed in _records(content):
            cipher = ciphers.get(key_id)
            if cipher is None:
                self._locked += 1
                continue
            try:
                entries = _ENTRIES.decode(cipher.decrypt(nonce, sealed, MARK + self._salt + key_id))
            except (InvalidTag, msgspec.MsgspecError) as fault:
                raise IntegrityError(
                    "The lens was changed",
                    happened=f"{self._path.name}: the record at byte {start} is not what was written.",
                    todo="Put a copy of the lens in its place, or begin a new one.",
                    code="CF-1935",
                ) from fault
            self._entries.update((entry.token, entry) for entry in entries)

    def _append(self, entries: Sequence[Entry]) -> None:
        """Behind the last whole record; what a crash left of another one is cut off."""
        try:
            with self._held():
                if not self._path.exists():
                    self._salt = secrets.token_bytes(_SALT)
                    replace_file(self._path, MARK + self._salt)
                handle = os.open(self._path, os.O_RDWR | getattr(os, "O_BINARY", 0))
                with os.fdopen(handle, "r+b") as file:
                    head = file.read(_HEAD)
                    if not head.startswith(MARK) or len(head) != _HEAD:
                        raise _no_lens(self._path)
                    self._salt = head[len(MARK) :]
                    end = _end_of_records(file)
                    file.truncate(end)
                    file.seek(end)
                    file.write(_sealed(entries, self._ring.current, self._salt))
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as fault:
            raise _not_written(self._path, fault) from fault

    def _held(self) -> AbstractContextManager[None]:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._lock.held()

    def _value(self, token: TokenText) -> str | None:
        entry = self._entries.get(str(token))
        return None if entry is None or self._expired(entry) else entry.value

    def _expired(self, entry: Entry) -> bool:
        return 0 < entry.expires <= self._clock()

    def _ends_sooner(self, known: Entry) -> bool:
        """Whether a value that was met again needs a later end; half a life is near enough."""
        if not known.expires:
            return False
        return self._life is None or known.expires < self._clock() + self._life / 2


def _readable(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _cipher(key: PseudonymKey, salt: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"caseferry/lens/1").derive(key.secret)
    return AESGCM(derived)


def _sealed(entries: Sequence[Entry], key: PseudonymKey, salt: bytes) -> bytes:
    nonce, key_id = secrets.token_bytes(12), key.id.encode("ascii")
    content = msgspec.msgpack.encode(entries)
    sealed = _cipher(key, salt).encrypt(nonce, content, MARK + salt + key_id)
    return _RECORD.pack(len(sealed), key_id, nonce) + sealed


def _records(content: bytes) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Whole records with their places; a last one that a crash cut short is left out."""
    at = _HEAD
    while at + _RECORD.size <= len(content):
        length, key_id, nonce = _RECORD.unpack_from(content, at)
        body = at + _RECORD.size
        if body + length > len(content):
            return
        yield at, key_id, nonce, content[body : body + length]
        at = body + length


def _end_of_records(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    at = _HEAD
    while at + _RECORD.size <= size:
        file.seek(at)
        length = _RECORD.unpack(file.read(_RECORD.size))[0]
        if at + _RECORD.size + length > size:
            break
        at += _RECORD.size + length
    return at


def _no_lens(path: Path) -> InputError:
    return InputError(
        "This is not a lens",
        happened=f"{path.name} is not a file that masking wrote as a lens, or it is too large.",
        todo="Give the file that was named with --lens when the logs were masked.",
        code="CF-1934",
    )


def _not_written(path: Path, fault: OSError) -> LocalError:
    return LocalError(
        "The lens cannot be written",
        happened=f"{path.name}: {fault.strerror or type(fault).__name__}.",
        todo="Check the free space and the rights of its folder, or mask without a lens.",
        code="CF-1937",
    )
