"""What an SFTP client is told when the portal's disk refuses."""

from __future__ import annotations

import errno

import pytest
from paramiko.sftp import SFTP_FAILURE, SFTP_PERMISSION_DENIED

from app.sandbox.sftp.handles import failure_of


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (errno.ENOSPC, SFTP_FAILURE, "try again later"),
        (errno.EDQUOT, SFTP_FAILURE, "try again later"),
        (errno.EFBIG, SFTP_PERMISSION_DENIED, "takes no file so large"),
        (errno.EIO, SFTP_FAILURE, "refused"),
    ],
)
def test_only_what_passes_is_to_be_tried_again(number: int, status: int, said: str) -> None:
    failure = failure_of(OSError(number, "it refuses"))
    assert failure == status
    assert said in failure.text
