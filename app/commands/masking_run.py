"""Masking many files into a folder: each appears whole, for its owner only, or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.commands.inputs import Inputs, SourceFile, shown
from app.domain.errors import InputError, LocalError
from app.masking import (
    Engine,
    MaskedFile,
    MaskingError,
    PseudonymKey,
    Refused,
    mask_file,
    mask_name,
    new_key,
    read_key_file,
    reopen_masked,
    write_key_file,
)
from app.secrets import open_user_vault
from app.settings import data_folder

KEY_IN_VAULT = "pseudonym-key"
_PASSED_CODES = {"unreadable": "CF-1908", "not a file": "CF-1902"}


@dataclass(frozen=True, slots=True)
class Masked:
    """What a run did: files that were masked, and those that stay here with the reason."""

    files: tuple[MaskedFile, ...]
    refused: tuple[Refused, ...]


def pseudonym_key(key_file: Path | None) -> tuple[PseudonymKey, str]:
    """The key, and where it is kept, for people.

    A key file that does not exist yet is made. Without one, the person's own key is taken from the vault
    (made at the first use), so that the same caller has the same token in every run.
    """
    if key_file is not None:
        if not key_file.exists():
            key = new_key()
            write_key_file(key_file, key)
            return key, f"A new key was written to {key_file.name}."
        return read_key_file(key_file), f"The key is that of {key_file.name}."
    vault = open_user_vault(data_folder())
    with vault.exclusive():
        kept = vault.get(KEY_IN_VAULT)
        if kept is None:
            kept = new_key().secret
            vault.put(KEY_IN_VAULT, kept)
    return PseudonymKey(kept), vault.key_note


def mask_all(
    engine: Engine,
    inputs: Inputs,
    *,
    target: Callable[[SourceFile], Path],
    workshop: Path,
    on_file: Callable[[SourceFile], None] | None = None,
) -> Masked:
    """Mask every file; one that cannot be masked stays here, and the others go on.

    Args:
        engine: with rules and key.
        inputs: the files, and what was passed over.
        target: where a file's masked copy goes.
        workshop: a folder on the same disk for copies that are not complete; it is made and removed.
        on_file: called after each file.
    """
    files: list[MaskedFile] = []
    refused = [
        Refused(mask_name(engine, shown(each.name)), _PASSED_CODES[each.reason], each.detail)
        for each in inputs.passed
    ]
    with _local(workshop):
        workshop.mkdir(parents=True, mode=0o700)
    try:
        for number, source in enumerate(inputs.files):
            unfinished = workshop / str(number)
            try:
                masked = mask_file(engine, source.path, target=unfinished, name=shown(source.name))
                final = target(source)
                _put_in_place(unfinished, final)
                files.append(reopen_masked(final, name=masked.name, report=masked.report))
            except MaskingError as error:
                refused.append(
                    Refused(
                        mask_name(engine, shown(source.name)), error.code, f"{error.title}: {error.happened}"
                    )
                )
            if on_file is not None:
                on_file(source)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return Masked(files=tuple(files), refused=tuple(refused))


def check_output(inputs: Inputs, out: Path) -> None:
    """Refuse an output folder in which something would be lost or unmasked; nothing is written before.

    Raises:
        InputError: the originals lie in it, or a file of one of the names is there already.
        LocalError: it cannot be made or written.
    """
    home = out.resolve()
    for file in inputs.files:
        folder = file.path.absolute().parent.resolve()
        if home in (folder, *folder.parents, *file.path.resolve().parents):
            raise InputError(
                "The originals lie in the output folder",
                happened=f"{shown(file.name)} is inside it; masked and unmasked files must not be mixed.",
                todo="Choose an output folder that holds none of the originals.",
                code="CF-1143",
            )
    with _local(out):
        out.mkdir(parents=True, exist_ok=True)
    for file in inputs.files:
        if os.path.lexists(out / file.name):
            raise InputError(
                "A file is in the way",
                happened=f"{shown(file.name)} exists in the output folder; nothing was written.",
                todo="Choose an empty folder, or remove the older copy.",
                code="CF-1144",
            )


def personal_names(files: Sequence[SourceFile], engine: Engine) -> int:
    """How many relative names hold something that masking would replace."""
    return sum(1 for file in files if mask_name(engine, shown(file.name)) != shown(file.name))


def workshop_in(folder: Path) -> Path:
    """A fresh hidden folder name."""
    return folder / f".caseferry-{secrets.token_hex(8)}"


def _put_in_place(unfinished: Path, final: Path) -> None:
    """Give the whole copy its name; never over something that is there."""
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(unfinished, final)
        except (OSError, NotImplementedError):
            if os.path.lexists(final):
                raise
            unfinished.rename(final)  # a disk without hard links
        else:
            unfinished.unlink()
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise MaskingError(
            "The masked copy cannot be put in place",
            happened=f"The output folder does not take it: {error.strerror or type(error).__name__}.",
            todo="Check the free space and the rights of the output folder, and run it again.",
            code="CF-1959",
        ) from error


@contextmanager
def _local(folder: Path) -> Iterator[None]:
    """Errors of the output folder in the project's words."""
    try:
        yield
    except OSError as error:
        raise LocalError(
            "The output folder cannot be used",
            happened=f"{shown(folder.name)}: {error.strerror or type(error).__name__}.",
            todo="Choose a folder that you may write to.",
            code="CF-1840",
        ) from error
