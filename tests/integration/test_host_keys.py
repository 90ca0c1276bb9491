"""Host keys of SFTP servers: looked at without signing in, agreed to by a person only, kept, and held to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import TrustError
from app.transfer import HostKey, KnownHosts, SftpLogin, SftpServer, settle_host_key, show_host_key
from tests.peers.openssh import OpenSsh, openssh


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def never(_key: HostKey) -> bool:
    raise AssertionError("nobody was to be asked")


def settle(server: OpenSsh, known: KnownHosts, *, announced: str = "", agree: bool | None = None) -> HostKey:
    return settle_host_key(
        "127.0.0.1",
        server.port,
        announced=announced,
        known=known,
        look=lambda: show_host_key("127.0.0.1", server.port),
        agree=never if agree is None else lambda _key: bool(agree),
    )


def test_the_key_that_a_server_shows_is_its_own(server: OpenSsh) -> None:
    shown = show_host_key("127.0.0.1", server.port)
    assert shown == HostKey.parse(server.host_key)
    assert shown.fingerprint.startswith("SHA256:")


def test_a_key_counts_after_a_person_has_agreed_to_it_once(server: OpenSsh, tmp_path: Path) -> None:
    key = settle(server, KnownHosts(tmp_path / "hosts.json"), agree=True)
    assert settle(server, KnownHosts(tmp_path / "hosts.json")) == key


def test_a_key_that_nobody_agreed_to_is_not_kept(server: OpenSsh, tmp_path: Path) -> None:
    with pytest.raises(TrustError) as caught:
        settle(server, KnownHosts(tmp_path / "hosts.json"), agree=False)
    assert caught.value.code == "CF-1414"
    assert KnownHosts(tmp_path / "hosts.json").places() == {}


def test_what_the_portal_announces_needs_no_question(server: OpenSsh, tmp_path: Path) -> None:
    assert (
        settle(server, KnownHosts(tmp_path / "hosts.json"), announced=server.host_key).line in server.host_key
    )


def test_a_key_that_was_agreed_to_is_not_replaced_by_an_announced_one(
    server: OpenSsh, tmp_path: Path
) -> None:
    known = KnownHosts(tmp_path / "hosts.json")
    agreed = other_key()
    known.keep("127.0.0.1", server.port, agreed)
    with pytest.raises(TrustError) as caught:
        settle(server, known, announced=server.host_key)
    assert agreed.fingerprint in caught.value.happened
    assert HostKey.parse(server.host_key).fingerprint in caught.value.happened


def test_a_changed_key_is_refused_with_both_fingerprints(server: OpenSsh) -> None:
    known = other_key()
    wrong = SftpServer("127.0.0.1", server.port, SftpLogin(user="nobody", password="x"), host_key=known)
    with pytest.raises(TrustError) as caught:
        wrong.open()
    assert caught.value.code == "CF-1411"
    assert known.fingerprint in caught.value.happened
    assert HostKey.parse(server.host_key).fingerprint in caught.value.happened


def test_a_key_that_was_agreed_to_is_forgotten_again(server: OpenSsh, tmp_path: Path) -> None:
    known = KnownHosts(tmp_path / "hosts.json")
    known.keep("127.0.0.1", server.port, other_key())
    known.forget("127.0.0.1", server.port)
    assert KnownHosts(tmp_path / "hosts.json").of("127.0.0.1", server.port) is None


def other_key() -> HostKey:
    """A key of the same kind that is no server's."""
    kind = b"ssh-ed25519"
    return HostKey("ssh-ed25519", len(kind).to_bytes(4, "big") + kind + (32).to_bytes(4, "big") + bytes(32))


def test_keys_that_two_programs_keep_are_both_kept(server: OpenSsh, tmp_path: Path) -> None:
    key = HostKey.parse(server.host_key)
    one, other = KnownHosts(tmp_path / "hosts.json"), KnownHosts(tmp_path / "hosts.json")
    one.keep("one.example", 22, key)
    other.keep("other.example", 22, key)
    one.forget("nobody.example", 22)
    assert set(one.places()) == {"one.example:22", "other.example:22"}
