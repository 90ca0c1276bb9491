from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import CredentialsError, IntegrityError, LocalError
from app.secrets import FileVault

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "vault"


def test_a_secret_survives_reopening(path):
    FileVault(path, KEY).put("name", b"\x00value")
    assert FileVault(path, KEY).get("name") == b"\x00value"


def test_a_name_nobody_put_is_none(path):
    assert FileVault(path, KEY).get("name") is None


def test_a_deleted_secret_is_gone_and_the_others_stay(path):
    vault = FileVault(path, KEY)
    vault.put("a", b"1")
    vault.put("b", b"2")
    vault.delete("a")
    vault.delete("never there")
    assert (vault.get("a"), vault.get("b")) == (None, b"2")


def test_nothing_of_a_secret_is_readable_in_the_file(path):
    FileVault(path, KEY).put("refresh-token", b"a-very-secret-value")
    content = path.read_bytes()
    assert b"secret-value" not in content
    assert b"refresh" not in content


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_the_file_is_for_its_owner_only(path):
    FileVault(path, KEY).put("a", b"1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(st.data())
def test_every_flipped_bit_is_detected(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("vault") / "vault"
    vault = FileVault(path, KEY)
    vault.put("a", b"1")
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with pytest.raises(IntegrityError):
        vault.get("a")


@given(st.data())
def test_a_shortened_file_is_detected(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("vault") / "vault"
    vault = FileVault(path, KEY)
    vault.put("a", b"1")
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(IntegrityError):
        vault.get("a")


def test_another_key_does_not_open_it_and_does_not_overwrite_it(path):
    FileVault(path, KEY).put("a", b"1")
    with pytest.raises(IntegrityError):
        FileVault(path, bytes(32)).put("b", b"2")
    assert FileVault(path, KEY).get("a") == b"1"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_a_vault_that_others_may_read_is_refused(path):
    FileVault(path, KEY).put("a", b"1")
    path.chmod(0o644)
    with pytest.raises(CredentialsError) as raised:
        FileVault(path, KEY).get("a")
    assert raised.value.code == "CF-1371"


def test_a_failed_write_keeps_the_old_content_and_leaves_no_rest(path, monkeypatch):
    vault = FileVault(path, KEY)
    vault.put("a", b"1")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LocalError, match="No space left"):
        vault.put("a", b"2")
    monkeypatch.undo()
    assert vault.get("a") == b"1"
    assert sorted(p.name for p in path.parent.iterdir()) == ["vault", "vault.lock"]


def test_threads_lose_no_secret(path):
    vaults = [FileVault(path, KEY) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: vaults[n % 4].put(f"name-{n}", b"v"), range(24)))
    assert all(vaults[0].get(f"name-{n}") == b"v" for n in range(24))


def test_another_process_waits_for_the_exclusive_holder(path):
    vault = FileVault(path, KEY)
    code = (
        "import sys; from pathlib import Path; from app.secrets import FileVault\n"
        "print('started', flush=True)\n"
        f"v = FileVault(Path({str(path)!r}), bytes(range(32)))\n"
        "with v.exclusive(): print((v.get('a') or b'none').decode(), flush=True)\n"
    )
    with vault.exclusive():
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "started\n"
        vault.put("a", b"written first")
    assert other.communicate(timeout=120)[0] == "written first\n"


def test_its_representation_shows_no_secret(path):
    vault = FileVault(path, KEY)
    vault.put("a", b"hidden")
    assert repr(vault) == "FileVault(vault)"
