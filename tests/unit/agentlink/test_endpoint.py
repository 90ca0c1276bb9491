from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from app.agentlink import (
    ENDPOINT_VARIABLE,
    AgentClient,
    Endpoint,
    endpoint_places,
    error_of,
    find_local_agent,
    read_endpoint,
    reply_of,
)
from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    LocalError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)
from app.settings import data_folder

ENDPOINT = Endpoint(host="127.0.0.1", port=4, certificate_sha256="ab", token="t", instance="i")


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(ENDPOINT))
    return path


def test_no_agent_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ENDPOINT_VARIABLE, str(tmp_path / "none.json"))
    assert find_local_agent() is None


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(data_folder() / "agent" / "endpoint.json")
    named = tmp_path / "other.json"
    monkeypatch.setenv(ENDPOINT_VARIABLE, str(named))
    assert endpoint_places() == (named,)
    assert find_local_agent() is None
    write(named)
    assert find_local_agent() == ENDPOINT


def test_the_agent_of_the_user_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT_VARIABLE, raising=False)
    write(data_folder() / "agent" / "endpoint.json")
    assert find_local_agent() == ENDPOINT


@pytest.mark.parametrize("content", [b"", b"{}", b'{"host": 1}', b"\xff"])
def test_a_damaged_endpoint_file_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "endpoint.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as wrong:
        read_endpoint(path)
    assert wrong.value.code == "CF-1190"


def test_an_endpoint_without_a_certificate_is_never_called() -> None:
    with pytest.raises(InputError):
        AgentClient(ENDPOINT)


@pytest.mark.root
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become another user"
)
def test_an_account_outside_the_operators_is_told_so(tmp_path: Path) -> None:
    path = write(tmp_path / "endpoint.json")
    path.chmod(0o600)
    for folder in tmp_path.parents:
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    tmp_path.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(CredentialsError) as refused:
            read_endpoint(path)
    finally:
        os.seteuid(0)
    assert "group" in refused.value.happened


@pytest.mark.parametrize(
    "error",
    [
        InputError("t", happened="h", todo="d", code="CF-1101"),
        RefusedError("t", happened="h", todo="d", rule="R-FILE-1", code="CF-1201"),
        CredentialsError("t", happened="h", todo="d", code="CF-1301"),
        TrustError("t", happened="h", todo="d", code="CF-1401"),
        UnreachableError("t", happened="h", todo="d", code="CF-1501"),
        PeerError("t", happened="h", todo="d", code="CF-1601"),
        IntegrityError("t", happened="h", todo="d", code="CF-1701"),
        LocalError("t", happened="h", todo="d", code="CF-1801", retryable=True),
        WorldError("t", happened="h", todo="d", code="CF-1901"),
    ],
)
def test_every_family_survives_the_wire(error: WorldError) -> None:
    back = error_of(reply_of(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert isinstance(back, WorldError)
    assert back.retryable == error.retryable
    assert getattr(back, "rule", "") == getattr(error, "rule", "")
