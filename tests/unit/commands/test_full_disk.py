"""A disk that does not take a masked copy: nothing is sealed that would be taken for all of the files."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

import app.commands.masking_run
from app.commands import main
from app.masking import MaskedFile, MaskingError

CASE = "0003256109"


@pytest.mark.parametrize(
    ("number", "code", "said"), [(errno.ENOSPC, "CF-1907", "CF-1892"), (errno.EFBIG, "CF-1917", "CF-1817")]
)
def test_no_bundle_is_sealed_without_the_files_that_the_disk_did_not_take(
    number: int,
    code: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("first.log", "second.log", "third.log"):
        (logs / name).write_text("2026-11-24T04:20:00.123 call 1\n" * 9)
    mask_file = app.commands.masking_run.mask_file

    def full_for_the_second(engine: Any, source: Any, *, name: str, **options: Any) -> MaskedFile:
        if name == "second.log":
            refused = OSError(number, "it refuses")
            raise MaskingError("The file cannot be masked", happened=str(refused), todo="", code=code)
        return mask_file(engine, source, name=name, **options)

    monkeypatch.setattr(app.commands.masking_run, "mask_file", full_for_the_second)
    out = tmp_path / "out" / "logs.zip"
    out.parent.mkdir()
    assert main(["bundle", "seal", CASE, str(logs), "--out", str(out)]) == 8
    assert said in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []
