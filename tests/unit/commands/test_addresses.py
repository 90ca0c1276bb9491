"""Addresses of files on SFTP servers."""

from __future__ import annotations

import pytest

from app.commands.addresses import ServerFile, parse_server_file
from app.domain.errors import InputError


@pytest.mark.parametrize(
    ("text", "user", "host", "port", "path"),
    [
        ("sftp://me@files.example.com/pub/a.zip", "me", "files.example.com", 22, "/pub/a.zip"),
        ("sftp://me@files.example.com:2222/~/a%20b.zip", "me", "files.example.com", 2222, "a b.zip"),
        ("sftp://a%40b@[2001:db8::1]:2200/a.zip", "a@b", "2001:db8::1", 2200, "/a.zip"),
        ("me@files.example.com:pub/a%20b.zip", "me", "files.example.com", 22, "pub/a%20b.zip"),
        ("me@files.example.com:/pub/a.zip", "me", "files.example.com", 22, "/pub/a.zip"),
        ("me@[::1]:~/a.zip", "me", "::1", 22, "a.zip"),
    ],
)
def test_an_address_names_who_where_and_what(text: str, user: str, host: str, port: int, path: str) -> None:
    assert parse_server_file(text) == ServerFile(user=user, host=host, port=port, path=path)


@pytest.mark.parametrize(
    "text",
    [
        "a.zip",
        "https://files.example.com/a.zip",
        "sftp://files.example.com/a.zip",
        "sftp://me@files.example.com",
        "sftp://me@files.example.com/pub/",
        "sftp://me@files.example.com:0/a.zip",
        "sftp://me@files.example.com:70000/a.zip",
        "me@files.example.com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no address of a file"):
        parse_server_file(text)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        parse_server_file("sftp://me:hunter2@files.example.com/a.zip")
    assert "password" in caught.value.happened
    assert "hunter2" not in caught.value.happened + str(caught.value)
