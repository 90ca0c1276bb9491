"""Opening the vault of a person and the vault of an agent: finding the key, or making one."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import ExitStack
from pathlib import Path

from app.domain.errors import CredentialsError, LocalError
from app.secrets.keys import (
    KeyStore,
    KeyStoreUnusable,
    SystemKeyStore,
    keep_key_in_file,
    key_in_file,
    key_of_systemd,
)
from app.secrets.locking import FileLock
from app.secrets.vault import KEY_BYTES, FileVault

VAULT_NAME = "vault"
KEY_NAME = "vault.key"
_IN_STORE = "The key lies in the system's key store."


def open_agent_vault(folder: Path) -> FileVault:
    """The vault of an agent, in its data folder.

    The key comes from systemd's credential when the service has one, else from ``vault.key`` beside the
    vault (0600; sealed by DPAPI on Windows), which is made at the first use. A vault that was made under such
    a file, before the service had its credential, is sealed anew under the credential, and the file goes.

    Raises:
        CredentialsError: the vault exists and its key does not, or the key lies open.
        LocalError: the folder cannot be written.
    """
    vault = folder / VAULT_NAME
    lock = folder / f"{KEY_NAME}.lock"
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            held.enter_context(FileLock(lock).held())
        except OSError as error:
            raise LocalError(
                "The vault cannot be locked",
                happened=f"{lock.name}: {error.strerror or type(error).__name__}.",
                todo="Check the rights of the data folder, or use the account that it belongs to.",
                code="CF-1872",
            ) from error
        key = key_of_systemd()
        if key is not None:
            found = FileVault(vault, key, key_note="The key comes from systemd.")
            if (before := key_in_file(folder / KEY_NAME)) is not None:
                found.takes_over(FileVault(vault, before))
                (folder / KEY_NAME).unlink(missing_ok=True)
            return found
        note = "The key lies in a file beside the vault that only the agent's account can read."
        key = key_in_file(folder / KEY_NAME)
        if key is None:
            key = _new_key(vault, "it is in no file beside it, and this process was given none by systemd")
            keep_key_in_file(folder / KEY_NAME, key)
    return FileVault(vault, key, key_note=note)


def look_into_agent_vault(folder: Path) -> FileVault | None:
    """The vault of an agent, for who only reads what is in it; nothing is made, not even a lock.

    Returns:
        None when the agent has not made one yet.

    Raises:
        CredentialsError: the vault exists and its key does not, or the key lies open.
        LocalError: the key cannot be read.
    """
    vault = folder / VAULT_NAME
    key = key_of_systemd() or key_in_file(folder / KEY_NAME)
    if key is not None:
        return FileVault(vault, key)
    _refuse_lost_key(vault)
    return None


def open_user_vault(folder: Path, *, key_store: KeyStore | None = None) -> FileVault:
    """The vault of a person, in the data folder.

    The key lies in the operating system's key store. Where that cannot be used, it lies in ``vault.key``
    (0600), and `FileVault.key_note` says why.

    Args:
        folder: the data folder.
        key_store: the key store; the system's own when None.

    Raises:
        CredentialsError: the vault exists and its key cannot be had; nothing is overwritten.
        LocalError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault, key_file = folder / VAULT_NAME, folder / KEY_NAME
    store = key_store or SystemKeyStore()
    name = f"vault-key-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
    with FileLock(folder / f"{KEY_NAME}.lock").held():
        why = ""
        try:
            key = store.load(name)
            if key is not None and len(key) == KEY_BYTES:
                return FileVault(vault, key, key_note=_IN_STORE)
        except KeyStoreUnusable as unusable:
            why = str(unusable)
        key = key_in_file(key_file)
        if key is None:
            key = _new_key(vault, why)
            why = why or _keep_in_store(store, name, key)
            if not why:
                return FileVault(vault, key, key_note=_IN_STORE)
            keep_key_in_file(key_file, key)
        return FileVault(vault, key, key_note=_file_note(why))


def _keep_in_store(store: KeyStore, name: str, key: bytes) -> str:
    """Why the store did not take the key; empty when it did."""
    try:
        store.save(name, key)
    except KeyStoreUnusable as unusable:
        return str(unusable)
    return ""


def _file_note(why: str) -> str:
    reason = f", because {why}" if why else ""
    return f"The key lies in a file that only you can read{reason}."


def _new_key(vault: Path, why: str = "") -> bytes:
    _refuse_lost_key(vault, why)
    return secrets.token_bytes(KEY_BYTES)


def _refuse_lost_key(vault: Path, why: str = "") -> None:
    if vault.exists():
        raise CredentialsError(
            "The key of the vault is missing",
            happened=f"{vault.name} exists, but its key cannot be had{f': {why}' if why else ''}.",
            todo="Unlock the key store and try again (what a service has as a credential, only it opens); or"
            " remove the vault and sign in again.",
            code="CF-1373",
        )
