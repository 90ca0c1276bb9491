from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from agent.api.rights import close_to_others, give_to_group, windows_group_rights, windows_rights
from app.domain.errors import LocalError

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_what_lay_open_in_the_data_folder_is_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "spool").mkdir(parents=True)
    (data / "journal.db").write_bytes(b"x")
    (data / "journal.db").chmod(0o644)
    data.chmod(0o755)
    close_to_others(data)
    assert (mode(data), mode(data / "journal.db"), mode(data / "spool")) == (0o700, 0o600, 0o700)


@posix
def test_what_a_link_points_to_keeps_its_rights(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "log.txt"
    data.mkdir()
    outside.write_bytes(b"x")
    outside.chmod(0o644)
    (data / "link").symlink_to(outside)
    close_to_others(data)
    assert mode(outside) == 0o644


@posix
def test_the_group_may_read_one_file_and_pass_through_its_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    file = data / "endpoint-operators.json"
    file.write_bytes(b"{}")
    grp = pytest.importorskip("grp", reason="groups are of POSIX")
    group = grp.getgrgid(os.getegid()).gr_name
    give_to_group(file, group)
    assert (mode(data), mode(file), file.stat().st_gid) == (0o710, 0o640, os.getegid())


def test_a_group_that_does_not_exist_is_said(tmp_path: Path) -> None:
    file = tmp_path / "endpoint-operators.json"
    file.write_bytes(b"{}")
    with pytest.raises(LocalError) as unknown:
        give_to_group(file, "no-such-group-here")
    assert (unknown.value.code, "no such group" in unknown.value.happened) == ("CF-1876", True)


def test_on_windows_the_folder_is_for_system_administrators_and_the_account() -> None:
    [call] = windows_rights(Path("C:/ProgramData/Caseferry"), account=r"NT SERVICE\CaseferryAgent")
    assert call[0] == "icacls"
    assert call[2:4] == ["/inheritance:r", "/grant:r"]
    assert [grant.rpartition(":(OI)")[0] for grant in call[4:]] == [
        "*S-1-5-18",
        "*S-1-5-32-544",
        r"NT SERVICE\CaseferryAgent",
    ]


def test_on_windows_operators_pass_through_and_read_one_file() -> None:
    folder, file = windows_group_rights(Path("d"), Path("d/e.json"), "Operators")
    assert (folder[-1], file[1:], "(OI)" in folder[-1]) == (
        "Operators:(X)",
        [str(Path("d/e.json")), "/grant", "Operators:R"],
        False,
    )
