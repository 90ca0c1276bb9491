"""Reading the files that go together once before they are masked, so that what one tells is masked in all."""

from __future__ import annotations

from contextlib import suppress

from app.commands.console import Screen
from app.commands.inputs import Inputs
from app.commands.masking_run import Masking
from app.masking import MaskingError, Study, open_beginning, study_file


def study_inputs(masking: Masking, inputs: Inputs, screen: Screen) -> Study | None:
    """What the files tell together; None for one file, and for files that are kept apart.

    A file that cannot be read teaches nothing; masking says why it stays here.
    """
    if masking.apart or len(inputs.files) < 2:
        return None
    study = masking.engine.study()
    done, total = 0, sum(file.size for file in inputs.files)
    with screen.bar("Reading", total=total) as bar:
        for file in inputs.files:
            with suppress(MaskingError), open_beginning(file.path, file.size) as stream:
                study_file(masking.engine, stream, study)
            done += file.size
            bar.show(done, total, file.name)
    return study


def say_study(study: Study | None, screen: Screen) -> None:
    """Tell how many values were looked for in all files, and whether that was all of them."""
    if study is None:
        return
    screen.note(
        f"{study.learned} values that {study.files} files told are masked in all of them"
        " (--apart: each file by itself)."
    )
    if study.not_learned:
        screen.note(
            f"The bound of what is remembered was reached: {study.not_learned} values were looked for in"
            " their own file at most."
        )
