"""Where keys cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands.console import Screen
from app.commands.keys import new
from app.domain.errors import LocalError
from app.sandbox.site import open_site


def test_a_key_file_whose_lock_cannot_be_made_is_the_worlds_doing(tmp_path: Path) -> None:
    (tmp_path / "keys.lock").mkdir()
    with pytest.raises(LocalError, match="key file cannot be written"):
        new(Screen(), key_file=tmp_path / "keys")


def test_a_portal_whose_data_folder_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LocalError, match="data folder cannot be used"):
        open_site(tmp_path / "file", url="")
