"""``caseferry mask``: mask files into a folder, with a report; or show before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import app.masking  # its page for people is loaded by who wants one
from app.commands.console import LEFT_OUT, Screen, counted
from app.commands.inputs import Inputs, SourceFile, gather, shown
from app.commands.masking_run import (
    Masked,
    Masking,
    check_lens,
    check_output,
    mask_all,
    open_masking,
    personal_names,
    workshop_in,
)
from app.commands.options import MaskingOptions
from app.commands.studying import say_study, study_inputs
from app.domain.errors import InputError
from app.masking import Engine, Report, Study, report_json, report_of
from app.secrets import replace_file


@dataclass(frozen=True, slots=True)
class MaskOrder:
    """What is to be masked, and where the results go.

    Attributes:
        report: the report as JSON.
        page: the report as a page for people; none when None.
    """

    paths: Sequence[Path]
    out: Path
    report: Path
    page: Path | None = None
    masking: MaskingOptions = field(default_factory=MaskingOptions)


def mask(order: MaskOrder, screen: Screen) -> int:
    """Mask; 0 when every file was masked, 9 when some stay here (the report names them).

    Everything that can be refused is refused before the first byte is written.
    """
    inputs = gather(order.paths, outside=order.out)
    _check_report(order, inputs)
    check_lens(inputs, order.masking.lens, out=order.out)
    with open_masking(order.masking) as masking:
        check_output(inputs, order.out)
        screen.note(masking.note)
        study = study_inputs(masking, inputs, screen)
        masked = _masked(masking, inputs, study, out=order.out, screen=screen)
        report = _report(masking, masked, study)
    replace_file(order.report, report_json(report).encode("utf-8", "backslashreplace"))
    if order.page is not None:
        replace_file(order.page, app.masking.report_page(report).encode("utf-8", "backslashreplace"))
    say_study(study, screen)
    _say(screen, report, engine=masking.engine, inputs=inputs, study=study)
    for name, size in masked.grown.items():
        screen.note(
            f"Grew while it was read: {name}; its first {size} bytes are masked, not what came since."
        )
    return LEFT_OUT if report.left_here else 0


def order_of(
    paths: Sequence[Path],
    *,
    out: Path | None,
    report: Path | None,
    page: Path | None,
    masking: MaskingOptions,
) -> MaskOrder:
    """The order, when nothing is missing.

    Raises:
        InputError: ``--out`` or ``--report`` is (``CF-1928``).
    """
    missing = [name for name, given in (("--out", out), ("--report", report)) if given is None]
    if out is None or report is None:
        raise InputError(
            "An option is missing",
            happened=f"Masking into a folder needs {' and '.join(missing)}; nothing was written.",
            todo="Give them, or --preview to only look at before and after.",
            code="CF-1928",
        )
    return MaskOrder(paths=paths, out=out, report=report, page=page, masking=masking)


def _report(masking: Masking, masked: Masked, study: Study | None) -> Report:
    lens = masking.lens
    return report_of(
        masking.engine,
        masked.files,
        refused=masked.refused,
        profile=masking.profile,
        lens=None if lens is None else lens.added,
        lens_full=0 if lens is None else lens.full,
        study=study,
    )


def _masked(masking: Masking, inputs: Inputs, study: Study | None, *, out: Path, screen: Screen) -> Masked:
    total = sum(file.size for file in inputs.files)
    done = 0
    with screen.bar("Masking", total=total) as bar:

        def tell(file: SourceFile) -> None:
            nonlocal done
            done += file.size
            bar.show(done, total, file.name)

        return mask_all(
            masking.engine,
            inputs,
            check=masking.check,
            target=lambda file: out / file.name,
            workshop=workshop_in(out),
            study=study,
            on_file=tell,
        )


def _check_report(order: MaskOrder, inputs: Inputs) -> None:
    """The reports must not fall on an original, nor on a masked copy, nor on one another."""
    taken = {(order.out / file.name).resolve() for file in inputs.files}
    taken |= {file.path.resolve() for file in inputs.files}
    for report in (order.report, order.page):
        if report is None:
            continue
        if report.resolve() in taken:
            raise InputError(
                "The report is in the way",
                happened=f"{shown(report.name)} is also the name of another file; nothing was written.",
                todo="Give the report another name.",
                code="CF-1145",
            )
        if report.is_dir() or not report.name:
            raise InputError(
                "The report cannot be written there",
                happened=f"{shown(report.name)} is a folder.",
                todo="Give the name of a file.",
                code="CF-1146",
            )
        taken.add(report.resolve())


def _say(screen: Screen, report: Report, *, engine: Engine, inputs: Inputs, study: Study | None) -> None:
    counts = report.counts
    files, values = len(report.files), sum(counts.values())
    screen.line(f"{counted(files, 'file', 'files')} masked, {counted(values, 'value', 'values')} replaced.")
    for kind, count in counts.items():
        screen.line(f"  {kind:<8} {count}")
    if report.files:
        share = 100 * report.residual_read / report.masked_size if report.masked_size else 100.0
        screen.line(f"The check after masking read {share:.4g} % of it and found nothing.")
    for refused in report.left_here:
        screen.note(f"Left here: {refused.name} ({refused.code}) {refused.words}")
    if report.lens_full:
        screen.note(f"The lens is full: {report.lens_full} values cannot be turned back.")
    odd = personal_names(inputs.files, engine, study)
    if odd:
        screen.note(
            f"{odd} file names look personal themselves. They are kept as they are here;"
            " in a bundle they would be masked."
        )
