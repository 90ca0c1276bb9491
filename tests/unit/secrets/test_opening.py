from __future__ import annotations

import stat
import sys

import keyring
import keyring.backend
import keyring.errors
import pytest

from app.domain.errors import CredentialsError, LocalError
from app.secrets import open_agent_vault, open_user_vault


class _Memory(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


class _Forgets(_Memory):
    def set_password(self, service, username, password):
        pass


class _Locked(_Memory):
    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked("locked")

    set_password = get_password


@pytest.fixture
def backend():
    before = keyring.get_keyring()

    def use(chosen):
        keyring.set_keyring(chosen)
        return chosen

    yield use
    keyring.set_keyring(before)


def test_a_persons_key_lies_in_the_key_store_and_not_on_the_disk(tmp_path, backend):
    backend(_Memory())
    open_user_vault(tmp_path).put("a", b"1")
    again = open_user_vault(tmp_path)
    assert again.get("a") == b"1"
    assert not (tmp_path / "vault.key").exists()
    assert again.key_note == "The key lies in the system's key store."


def test_two_data_folders_have_two_keys(tmp_path, backend):
    kept = backend(_Memory()).kept
    open_user_vault(tmp_path / "a")
    open_user_vault(tmp_path / "b")
    assert len(set(kept.values())) == 2


@pytest.mark.parametrize(("kind", "reason"), [(_Forgets, "did not keep"), (_Locked, "KeyringLocked")])
def test_without_a_usable_key_store_the_key_lies_in_a_file_and_the_reason_is_said(
    tmp_path, backend, kind, reason
):
    backend(kind())
    vault = open_user_vault(tmp_path)
    vault.put("a", b"1")
    assert reason in vault.key_note
    assert open_user_vault(tmp_path).get("a") == b"1"
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600


def test_a_locked_key_store_never_replaces_the_key_of_a_vault(tmp_path, backend):
    memory = backend(_Memory())
    open_user_vault(tmp_path).put("a", b"1")
    backend(_Locked())
    with pytest.raises(CredentialsError) as raised:
        open_user_vault(tmp_path)
    assert raised.value.code == "CF-1373"
    backend(memory)
    assert open_user_vault(tmp_path).get("a") == b"1"


def test_an_agents_key_is_made_once(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    open_agent_vault(tmp_path).put("a", b"1")
    assert open_agent_vault(tmp_path).get("a") == b"1"


def test_a_key_from_systemd_comes_first(tmp_path, monkeypatch):
    (tmp_path / "caseferry-vault-key").write_bytes(b"k" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    open_agent_vault(tmp_path / "state").put("a", b"1")
    assert not (tmp_path / "state" / "vault.key").exists()
    assert open_agent_vault(tmp_path / "state").get("a") == b"1"


def test_a_short_key_from_systemd_is_refused(tmp_path, monkeypatch):
    (tmp_path / "caseferry-vault-key").write_bytes(b"short")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(CredentialsError) as raised:
        open_agent_vault(tmp_path / "state")
    assert raised.value.code == "CF-1370"


def test_a_lost_agent_key_is_reported_and_nothing_is_overwritten(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    open_agent_vault(tmp_path).put("a", b"1")
    before = (tmp_path / "vault").read_bytes()
    (tmp_path / "vault.key").unlink()
    with pytest.raises(CredentialsError):
        open_agent_vault(tmp_path)
    assert (tmp_path / "vault").read_bytes() == before


def test_a_data_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "file").touch()
    with pytest.raises(LocalError) as raised:
        open_agent_vault(tmp_path / "file" / "data")
    assert raised.value.code == "CF-1872"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_an_agent_key_that_others_may_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    open_agent_vault(tmp_path)
    (tmp_path / "vault.key").chmod(0o640)
    with pytest.raises(CredentialsError) as raised:
        open_agent_vault(tmp_path)
    assert raised.value.code == "CF-1371"


def test_a_service_takes_over_what_was_kept_before_it_had_its_own_key(tmp_path, monkeypatch):
    data, given = tmp_path / "data", tmp_path / "given"
    open_agent_vault(data).put("secret", b"1")
    given.mkdir()
    (given / "caseferry-vault-key").write_bytes(bytes(range(32)))
    (given / "caseferry-vault-key").chmod(0o600)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    for _start in range(2):
        assert open_agent_vault(data).get("secret") == b"1"
        assert not (data / "vault.key").exists()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(CredentialsError) as caught:
        open_agent_vault(data)
    assert caught.value.code == "CF-1373"


def test_a_service_that_was_killed_while_it_took_over_goes_on(tmp_path, monkeypatch):
    data, given = tmp_path / "data", tmp_path / "given"
    open_agent_vault(data).put("secret", b"1")
    left = (data / "vault.key").read_bytes()
    given.mkdir()
    (given / "caseferry-vault-key").write_bytes(bytes(range(32)))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    open_agent_vault(data)
    (data / "vault.key").write_bytes(left)
    (data / "vault.key").chmod(0o600)
    assert open_agent_vault(data).get("secret") == b"1"
    assert not (data / "vault.key").exists()
