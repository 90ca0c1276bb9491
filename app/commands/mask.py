"""``caseferry mask``: mask files into a folder, with a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.commands.console import LEFT_OUT, Screen
from app.commands.inputs import Inputs, SourceFile, gather, shown
from app.commands.masking_run import (
    Masked,
    check_output,
    mask_all,
    personal_names,
    pseudonym_key,
    workshop_in,
)
from app.domain.errors import InputError
from app.masking import Engine, load_rules, reference_engine, report_json, report_of
from app.secrets import replace_file


@dataclass(frozen=True, slots=True)
class MaskOrder:
    """What is to be masked, and where the results go."""

    paths: Sequence[Path]
    out: Path
    report: Path
    rules: Path | None = None
    key_file: Path | None = None


def mask(order: MaskOrder, screen: Screen) -> int:
    """Mask; 0 when every file was masked, 9 when some stay here (the report names them).

    Everything that can be refused is refused before the first byte is written.
    """
    inputs = gather(order.paths, outside=order.out)
    _check_report(order, inputs)
    rules = load_rules(order.rules)
    check_output(inputs, order.out)
    key, note = pseudonym_key(order.key_file)
    engine = reference_engine(rules, key)
    screen.note(note)
    masked = _masked(engine, inputs, out=order.out, screen=screen)
    text = report_json(report_of(engine, masked.files, refused=masked.refused))
    replace_file(order.report, text.encode("utf-8", "backslashreplace"))
    _say(screen, masked, engine=engine, inputs=inputs)
    return LEFT_OUT if masked.refused else 0


def _masked(engine: Engine, inputs: Inputs, *, out: Path, screen: Screen) -> Masked:
    total = sum(file.size for file in inputs.files)
    done = 0
    with screen.bar("Masking", total=total) as bar:

        def tell(file: SourceFile) -> None:
            nonlocal done
            done += file.size
            bar.show(done, total, file.name)

        return mask_all(
            engine,
            inputs,
            target=lambda file: out / file.name,
            workshop=workshop_in(out),
            on_file=tell,
        )


def _check_report(order: MaskOrder, inputs: Inputs) -> None:
    """The report must not fall on an original, nor on a masked copy."""
    report = order.report.resolve()
    names = {(order.out / file.name).resolve() for file in inputs.files}
    if report in names or any(report == file.path.resolve() for file in inputs.files):
        raise InputError(
            "The report is in the way",
            happened=f"{shown(order.report.name)} is also the name of a log file; nothing was written.",
            todo="Give the report another name.",
            code="CF-1145",
        )
    if order.report.is_dir() or not order.report.name:
        raise InputError(
            "The report cannot be written there",
            happened=f"{shown(order.report.name)} is a folder.",
            todo="Give the name of a file.",
            code="CF-1146",
        )


def _say(screen: Screen, masked: Masked, *, engine: Engine, inputs: Inputs) -> None:
    counts: dict[str, int] = {}
    for file in masked.files:
        for kind, count in file.report.counts.items():
            counts[kind] = counts.get(kind, 0) + count
    screen.line(f"{len(masked.files)} files masked, {sum(counts.values())} values replaced.")
    for kind, count in sorted(counts.items()):
        screen.line(f"  {kind:<8} {count}")
    for refused in masked.refused:
        screen.note(f"Left here: {refused.name} ({refused.code}) {refused.reason}")
    odd = personal_names(inputs.files, engine)
    if odd:
        screen.note(
            f"{odd} file names look personal themselves. They are kept as they are here;"
            " in a bundle they would be masked."
        )
