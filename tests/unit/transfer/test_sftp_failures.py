"""What a status of an SFTP server says to the person whose file it is."""

from __future__ import annotations

import pytest

from app.transfer.sftp_failures import of_status
from app.transfer.ssh import Code, StatusError


@pytest.mark.parametrize("writing", [True, False])
def test_a_denied_write_may_also_be_of_a_file_that_is_too_large(writing: bool) -> None:
    error = of_status("sftp.example:22", StatusError(Code.PERMISSION_DENIED), writing=writing)
    assert error.code == "CF-1213"
    assert ("larger than its disk takes" in error.todo) is writing
