"""Masking many files into a folder: each appears whole, for its owner only, or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import app.secrets  # its vault, which loads ciphers, is asked for by who has no key file
from app.commands.inputs import Inputs, SourceFile, shown
from app.commands.options import MaskingOptions
from app.domain.errors import InputError, LocalError
from app.masking import (
    EVERYTHING,
    Engine,
    KeyRing,
    MaskedFile,
    MaskingError,
    PseudonymKey,
    Refused,
    ResidualCheck,
    Study,
    load_rules,
    mask_file,
    mask_name,
    new_key,
    open_beginning,
    open_engine,
    read_canaries,
    read_key_ring,
    reopen_masked,
    residual_check,
    write_key_file,
)
from app.masking.ruleversions import RuleStore
from app.settings import data_folder

if TYPE_CHECKING:
    from app.deflate import Deflate
    from app.masking.lens import Lens
    from app.secrets import SecretStore

KEY_IN_VAULT = "pseudonym-key"
OLDER_IN_VAULT = "pseudonym-keys-older"
_PASSED_CODES = {"unreadable": "CF-1908", "not a file": "CF-1902"}


@dataclass(frozen=True, slots=True)
class Masked:
    """What a run did: files that were masked, and those that stay here with the reason.

    Attributes:
        grown: bytes that were read of files that had more at the end of the run, by their masked names.
    """

    files: tuple[MaskedFile, ...]
    refused: tuple[Refused, ...]
    grown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Masking:
    """Everything one run masks with.

    Attributes:
        lens: None when tokens are not to be turned back.
        note: where the key is kept, for people.
        profile: of the rules.
        apart: whether what a file tells is looked for in that file only.
    """

    engine: Engine
    check: ResidualCheck
    lens: Lens | None
    note: str
    profile: str
    apart: bool = False

    @property
    def fingerprint(self) -> bytes:
        """Equal where equal files give an equal result, and what is let through was checked alike."""
        engine = self.engine
        shared = "apart" if self.apart else "together"
        parts = (engine.name, engine.rule_set_sha256, engine.key_id, self.check.fingerprint, shared)
        return "\0".join(parts).encode()


@contextmanager
def open_masking(options: MaskingOptions) -> Iterator[Masking]:
    """Read rules, key, known values and lens; what is new in the lens is on the disk at the end.

    Raises:
        WorldError: what is not right, before anything is written.
    """
    rules = load_rules(options.rules, profile=options.profile)
    RuleStore(data_folder() / "rules").keep(options.rules, rules, now=datetime.now(UTC))
    reach = EVERYTHING if options.check_all else None
    known = None if options.known is None else read_canaries(options.known, country=rules.country)
    ring, note = key_ring(options.key_file)
    engine = open_engine(rules, ring.current)
    check = residual_check(rules, ring.current, canaries=known, reach=reach)
    if options.lens is None:
        if options.keep_days is not None:
            raise _days("they say how long values stay in the lens, and there is no --lens")
        yield Masking(engine, check, None, note, rules.profile, options.apart)
        return
    with open_lens(options.lens, ring, days=options.keep_days, country=rules.country) as lens:
        engine.on_token = lens.keep
        yield Masking(engine, check, lens, note, rules.profile, options.apart)


def open_lens(path: Path, ring: KeyRing, *, days: float | None = None, country: str = "") -> Lens:
    """The lens of this file.

    Raises:
        InputError: the days are none (``CF-1926``), or the file is no lens.
    """
    from app.masking.lens import Lens

    if days is not None and not 0 < days <= 36_500:
        raise _days("days are more than none and at most 36500")
    return Lens(path, ring, days=days, country=country)


def _days(why: str) -> InputError:
    return InputError(
        "The days of the lens are not right",
        happened=f"--keep-days: {why}.",
        todo="Give the days until a value leaves the lens, such as --keep-days 90.",
        code="CF-1926",
    )


def check_lens(inputs: Inputs, lens: Path | None, *, out: Path | None = None) -> None:
    """The lens stays here: it may be no input, and may not lie where masked copies go.

    Raises:
        InputError: it would (``CF-1927``).
    """
    from app.masking.lensmark import is_lens

    place = None if lens is None else lens.resolve()
    inside = place is not None and out is not None and out.resolve() in place.parents
    if inside or any(file.path.resolve() == place or is_lens(file.path) for file in inputs.files):
        raise InputError(
            "A lens stays here",
            happened="It tells who is behind the tokens; it may not lie among logs or masked copies.",
            todo="Keep it in a folder of its own; nothing was written.",
            code="CF-1927",
        )


def key_ring(key_file: Path | None) -> tuple[KeyRing, str]:
    """The keys, and where they are kept, for people.

    A key file that does not exist yet is made. Without one, the person's own key is taken from the vault
    (made at the first use), so that the same caller has the same token in every run.
    """
    if key_file is not None:
        if not key_file.exists():
            key = new_key()
            write_key_file(key_file, key)
            return KeyRing(key), f"A new key was written to {key_file.name}."
        return read_key_ring(key_file), f"The key is that of {key_file.name}."
    vault = app.secrets.open_user_vault(data_folder())
    with vault.exclusive():
        kept = ring_in(vault)
        if kept is None:
            kept = KeyRing(new_key())
            put_ring(vault, kept)
    return kept, vault.key_note


def ring_in(vault: SecretStore) -> KeyRing | None:
    """The keys of a vault; None when it has none yet."""
    current, older = vault.get(KEY_IN_VAULT), vault.get(OLDER_IN_VAULT) or b""
    if current is None:
        return None
    size = len(current)
    return KeyRing(
        PseudonymKey(current), tuple(PseudonymKey(older[at : at + size]) for at in range(0, len(older), size))
    )


def put_ring(vault: SecretStore, ring: KeyRing) -> None:
    """Keep the keys in a vault; older ones first, so that a kill between loses none."""
    vault.put(OLDER_IN_VAULT, b"".join(key.secret for key in ring.older))
    vault.put(KEY_IN_VAULT, ring.current.secret)


def pseudonym_key(key_file: Path | None) -> tuple[PseudonymKey, str]:
    """The current key of `key_ring`, and where it is kept."""
    ring, note = key_ring(key_file)
    return ring.current, note


def mask_all(
    engine: Engine,
    inputs: Inputs,
    *,
    check: ResidualCheck,
    target: Callable[[SourceFile], Path],
    workshop: Path,
    study: Study | None = None,
    on_file: Callable[[SourceFile], None] | None = None,
    on_masked: Callable[[MaskedFile], None] | None = None,
    deflate: Deflate | None = None,
) -> Masked:
    """Mask every file; one that cannot be masked stays here, and the others go on.

    Args:
        engine: with rules and key.
        inputs: the files, and what was passed over.
        check: reads every copy before it gets its name; a copy in which something is left is thrown away.
        target: where a file's masked copy goes.
        workshop: a folder on the same disk for copies that are not complete; it is made and removed.
        study: of these files (`study_inputs`); without one each is masked by itself.
        on_file: called after each file.
        on_masked: called with each file that was masked and checked, while the next one waits.
        deflate: packs the copies; None: they are for people.
    """
    files: list[MaskedFile] = []
    sources: list[SourceFile] = []
    refused = [
        Refused(mask_name(engine, shown(each.name), study=study), _PASSED_CODES[each.reason], each.detail)
        for each in inputs.passed
    ]
    with _local(workshop):
        workshop.mkdir(parents=True, mode=0o700)
    try:
        for number, source in enumerate(inputs.files):
            unfinished = workshop / str(number)
            try:
                masked = check.examine(
                    _mask_one(engine, source, target=unfinished, study=study, deflate=deflate)
                )
                final = target(source)
                _put_in_place(unfinished, final)
                files.append(reopen_masked(final, name=masked.name, report=masked.report))
                sources.append(source)
                if on_masked is not None:
                    on_masked(files[-1])
            except MaskingError as error:
                unfinished.unlink(missing_ok=True)
                refused.append(
                    Refused(
                        mask_name(engine, shown(source.name), study=study),
                        error.code,
                        f"{error.title}: {error.happened}",
                        error.todo,
                    )
                )
            if on_file is not None:
                on_file(source)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return Masked(files=tuple(files), refused=tuple(refused), grown=_grown(sources, files))


def _grown(sources: Sequence[SourceFile], files: Sequence[MaskedFile]) -> dict[str, int]:
    """Who is written to meanwhile: bytes that were read of it, by the copy's name."""
    read = {file.name: file.report.raw_size for file in files}
    sizes = {file.name: _size_of(source.path) for source, file in zip(sources, files, strict=True)}
    return {name: size for name, size in read.items() if sizes[name] > size}


def _size_of(path: Path) -> int:
    """Bytes by now; 0 when it is gone, as a log is that was rotated."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _mask_one(
    engine: Engine, source: SourceFile, *, target: Path, study: Study | None, deflate: Deflate | None
) -> MaskedFile:
    """Mask a file as it is now, or what was studied of it: a log may have grown since."""
    name = shown(source.name)
    if study is None:
        return mask_file(engine, source.path, target=target, name=name, deflate=deflate)
    with open_beginning(source.path, source.size) as stream:
        return mask_file(engine, stream, target=target, name=name, study=study, deflate=deflate)


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


def personal_names(files: Sequence[SourceFile], engine: Engine, study: Study | None) -> int:
    """How many relative names hold something that masking would replace."""
    names = (shown(file.name) for file in files)
    return sum(mask_name(engine, name, study=study) != name for name in names)


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
