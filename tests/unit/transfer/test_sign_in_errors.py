"""What is told of an SFTP sign-in that did not come about."""

from __future__ import annotations

import pytest
from paramiko.ssh_exception import AuthenticationException

from app.domain.errors import CredentialsError, UnreachableError
from app.transfer.session import translated


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Authentication failed.", CredentialsError),
        ("Authentication failed: transport shut down or saw EOF", UnreachableError),
    ],
)
def test_a_connection_that_was_cut_is_no_wrong_password(said: str, kind: type[Exception]) -> None:
    assert type(translated("host:22", AuthenticationException(said))) is kind
