"""What a job says when a disk, a share or the machine refuses for a while: what it is, and what helps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from agent.jobs.spool import Spool
from app.domain.errors import LocalError


def fault(number: int, name: Path | None = None) -> OSError:
    return OSError(number, os.strerror(number), *([] if name is None else [str(name)]))


def said(tmp_path: Path, error: OSError) -> LocalError:
    (tmp_path / "data").mkdir()
    with pytest.raises(LocalError) as caught, Spool(tmp_path / "data" / "spool").waiting_for_the_disk():
        raise error
    assert caught.value.retryable
    return caught.value


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_what_the_data_folder_refuses_is_told_as_such(tmp_path: Path, number: int) -> None:
    error = said(tmp_path, fault(number, tmp_path / "data" / "spool" / "j"))
    assert (error.code, error.title) == ("CF-1896", "The data folder cannot be used")


def test_no_room_is_the_data_folders_also_where_no_file_is_named(tmp_path: Path) -> None:
    assert said(tmp_path, fault(errno.ENOSPC)).code == "CF-1896"


def test_a_share_that_gives_no_log_is_no_data_folder(tmp_path: Path) -> None:
    error = said(tmp_path, fault(errno.ESTALE, tmp_path / "share" / "nadia.log"))
    assert (error.code, error.title) == ("CF-1845", "A log cannot be read now")
    assert "nadia" not in error.happened


def test_a_machine_without_a_file_to_open_is_told_whichever_file_it_was(tmp_path: Path) -> None:
    error = said(tmp_path, fault(errno.EMFILE, tmp_path / "data" / "spool" / "j"))
    assert error.code == "CF-1844"
    assert "LimitNOFILE" in error.todo


def test_a_disk_that_fails_without_a_name_is_either(tmp_path: Path) -> None:
    assert said(tmp_path, fault(errno.EIO)).code == "CF-1846"


def test_what_does_not_pass_is_a_defect_as_before(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), Spool(tmp_path / "spool").waiting_for_the_disk():
        raise PermissionError(errno.EACCES, "no")


def test_a_file_that_the_disk_never_takes_is_no_defect_and_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught, Spool(tmp_path / "spool").waiting_for_the_disk():
        raise fault(errno.EFBIG)
    assert (caught.value.code, caught.value.retryable) == ("CF-1817", False)
