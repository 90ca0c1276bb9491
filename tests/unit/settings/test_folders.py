"""The folders of this user."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings.folders import FolderError, data_folder


def test_a_folder_that_cannot_be_made_is_the_worlds_doing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    monkeypatch.setenv("CASEFERRY_HOME", str(in_the_way))
    with pytest.raises(FolderError, match="data: Not a directory"):
        data_folder()
