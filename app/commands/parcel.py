"""From paths to a sealed bundle that survives a kill: the same paths, rules and key give the same bundle."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import app
from app.bundle import (
    BundleFacts,
    BundleFormat,
    LeftOut,
    Manifest,
    Sealer,
    choose_compressor,
    deflate_for,
    read_manifest,
    reopen_bundle,
)
from app.commands.carrying_options import PackingOptions
from app.commands.console import Screen
from app.commands.inputs import Inputs, SourceFile, gather
from app.commands.masking_run import Masked, Masking, check_lens, mask_all, workshop_in
from app.commands.studying import say_study, study_inputs
from app.domain.disks import never_so_large
from app.domain.errors import InputError, IntegrityError, LocalError
from app.domain.files import SealedBundle
from app.masking import LeftMember, Refused
from app.secrets import FileLock

_REASONS = {"CF-1902": "binary", "CF-1908": "unreadable"}
_UNWRITTEN, _TOO_LARGE = "CF-1907", "CF-1917"
"""Of a file whose masked copy the disk did not take: the file is not the reason."""

_ABANDONED_SECONDS = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A sealed bundle and what it says of itself.

    Attributes:
        again: whether an earlier run had sealed it already.
        before: name of the bundle that an earlier run of files of the same names had sealed and not sent to
            its proof, when they, the rules, the key, the packing or the program were others then; else empty.
        reasons: why files stay here, in words, by their names; of an earlier run they are not known any more.
        grown: bytes that are in the bundle of files that grew while they were read, by their names.
    """

    bundle: SealedBundle
    manifest: Manifest
    again: bool
    before: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    grown: Mapping[str, int] = field(default_factory=dict)

    @property
    def left_here(self) -> list[str]:
        """What stays here, and why, a line each."""
        told = ((left, self.reasons.get(left.name, "")) for left in self.manifest.left_out)
        return [f"Left here: {left.name} ({left.reason}, {left.detail}) {why}".rstrip() for left, why in told]

    @property
    def still_written(self) -> list[str]:
        """Which files grew while they were read, and how far they are in the bundle, a line each."""
        return [
            f"Grew while it was read: {name}; its first {size} bytes are in the bundle, not what came since."
            for name, size in self.grown.items()
        ]


def make_parcel(
    paths: Sequence[Path],
    *,
    case: str,
    masking: Masking,
    packing: PackingOptions,
    folder: Path,
    screen: Screen,
) -> Parcel:
    """Mask and seal, or find what an earlier run of the same command sealed.

    Args:
        paths: files and folders.
        case: where it goes.
        masking: with rules, key, check and lens.
        packing: format and level.
        folder: where bundles wait until they are proven at the portal.
        screen: shows progress.

    Raises:
        InputError: no file could be masked.
    """
    inputs = gather(paths)
    check_lens(inputs, None)
    form = BundleFormat(packing.format)
    packed_by = choose_compressor(form, packing.level).name
    name = _fingerprint(inputs, case=case, masking=masking, packed_by=packed_by)[:10]
    target = folder / f"logs-{case}-{name}{form.suffix}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder.parent / "bundles.lock").held():
        _sweep(folder)
        if target.exists():
            with suppress(IntegrityError, InputError, LocalError):
                return Parcel(bundle=reopen_bundle(target), manifest=read_manifest(target), again=True)
        parcel = seal_parcel(
            inputs, case=case, masking=masking, level=packing.level, target=target, screen=screen
        )
        return replace(parcel, before=_begun_before(parcel, case=case))


def _begun_before(parcel: Parcel, *, case: str) -> str:
    """The newest other bundle for the case that waits here and has files of the same names."""
    mine, names = parcel.bundle.path, _names(parcel.manifest)
    others: list[tuple[float, Path]] = []
    for path in mine.parent.glob(f"logs-{case}-*"):
        # One that arrives meanwhile, of a run beside this one, is gone by now.
        with suppress(FileNotFoundError):
            if path != mine and path.is_file():
                others.append((path.stat().st_mtime, path))
    for _, other in sorted(others, reverse=True):
        # A bundle that cannot be read tells nothing of its files; whoever sends it is told why.
        with suppress(IntegrityError, InputError, LocalError):
            if _names(read_manifest(other)) == names:
                return other.name
    return ""


def _names(manifest: Manifest) -> set[str]:
    return {each.name for each in manifest.members} | {each.name for each in manifest.left_out}


def seal_parcel(
    inputs: Inputs, *, case: str, masking: Masking, level: int | None, target: Path, screen: Screen
) -> Parcel:
    """Mask and seal; each file is packed while the next one is masked.

    Args:
        inputs: the files.
        case: where it is to go.
        masking: with rules, key and check.
        level: of compression; the format's default when None.
        target: the bundle; its name says the format, and an older one is replaced.
        screen: shows progress.

    Raises:
        InputError: no file could be masked.
        LocalError: the disk is full, or the folder cannot be written: a bundle without the files that it was
            full for would be taken for all of them.
    """
    study = study_inputs(masking, inputs, screen)
    copies = workshop_in(target.parent)
    total = sum(file.size for file in inputs.files)
    done = 0
    try:
        with Sealer(target, level=level) as sealer, screen.bar("Masking", total=total) as bar:

            def tell(file: SourceFile) -> None:
                nonlocal done
                done += file.size
                bar.show(done, total, file.name)

            masked = mask_all(
                masking.engine,
                inputs,
                check=masking.check,
                target=lambda file: copies / file.name,
                workshop=workshop_in(target.parent),
                study=study,
                on_file=tell,
                on_masked=sealer.add,
                deflate=deflate_for(target.name, level),
            )
            for each in masked.refused:
                if each.code == _UNWRITTEN:
                    raise _no_room(each)
                if each.code == _TOO_LARGE:
                    raise never_so_large(f"The masked copy of {each.name}", left="Nothing was sent.")
            if not masked.files:
                raise _nothing(masked)
            bundle = sealer.seal(
                engine=masking.engine,
                facts=BundleFacts(case=case, host="", created_by=f"caseferry {app.__version__}"),
                left_out=_left_out(masked),
            )
    finally:
        shutil.rmtree(copies, ignore_errors=True)
    say_study(study, screen)
    reasons = {each.name: _words(each) for each in _refused(masked)}
    return Parcel(
        bundle=bundle, manifest=read_manifest(target), again=False, reasons=reasons, grown=masked.grown
    )


def _refused(masked: Masked) -> list[Refused | LeftMember]:
    """Files that stay here, and members of archives."""
    return [*masked.refused, *(each for file in masked.files for each in file.report.left_out)]


def _words(each: Refused | LeftMember) -> str:
    return each.words if isinstance(each, Refused) else each.reason


def _left_out(masked: Masked) -> list[LeftOut]:
    return [
        LeftOut(name=each.name, reason=_REASONS.get(each.code, "quarantined"), detail=each.code)
        for each in _refused(masked)
    ]


def _nothing(masked: Masked) -> InputError:
    reason = masked.refused[0].reason if masked.refused else "there is none."
    return InputError(
        "Nothing of this can be sent",
        happened=f"None of the {len(masked.refused)} files could be masked: {reason}",
        todo="Give log files in text form that you may read.",
        code="CF-1148",
    )


def _no_room(refused: Refused) -> LocalError:
    return LocalError(
        "The masked copy cannot be written",
        happened=f"{refused.name}: {refused.reason}",
        todo="Free space where bundles are made (CASEFERRY_HOME, or --out). Nothing was sent.",
        code="CF-1892",
    )


def _fingerprint(inputs: Inputs, *, case: str, masking: Masking, packed_by: str) -> str:
    """One name for these files as they are now, with these rules, this key and this packing."""
    digest = hashlib.sha256()
    for text in (case.encode(), masking.fingerprint, app.__version__.encode(), packed_by.encode()):
        digest.update(text + b"\0")
    for file in sorted(inputs.files, key=lambda each: each.name):
        state = _state(file)
        digest.update(f"{file.name}\0{state}\0".encode("utf-8", "surrogateescape"))
    for passed in inputs.passed:
        digest.update(f"{passed.name}\0{passed.reason}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _state(file: SourceFile) -> str:
    try:
        found = file.path.stat()
    except OSError:
        return "gone"
    return f"{found.st_dev}/{found.st_ino}/{found.st_size}/{found.st_mtime_ns}"


def _sweep(folder: Path) -> None:
    """Under the lock nobody else is at work: what is half done was left by a kill, and goes."""
    for path in folder.iterdir():
        with suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif (
                path.suffix not in (".zip", ".zst") or time.time() - path.stat().st_mtime > _ABANDONED_SECONDS
            ):
                path.unlink()
