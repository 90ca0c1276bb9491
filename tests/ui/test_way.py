"""The way out as the settings say it: the system's proxies as PAC says them, and the vault's password."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery
from pytestqt.qtbot import QtBot

from app.domain.errors import CredentialsError, InputError
from app.settings import Trust
from app.transfer.network import Proxy, ProxyKind, parse_pac_result
from tests.peers.portal import PortalProcess
from tests.peers.proxies import TestProxy
from ui.shell.configuration import NetworkChoice, ProxyUse, keep_network, read_settings
from ui.shell.keeping import WayBook
from ui.shell.surroundings import Surroundings
from ui.shell.way import pac_words, system_proxies, way_of
from ui.tasks import Task

HTTP = QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "proxy.example", 3128)
SOCKS = QNetworkProxy(QNetworkProxy.ProxyType.Socks5Proxy, "2001:db8::1", 1080)
NONE = QNetworkProxy(QNetworkProxy.ProxyType.NoProxy)
FTP = QNetworkProxy(QNetworkProxy.ProxyType.FtpCachingProxy, "ftp.example", 21)


class Answering(QNetworkProxyFactory):
    """The system's settings of a test; remembers the threads that asked."""

    def __init__(self, *answer: QNetworkProxy) -> None:
        super().__init__()
        self.answer = list(answer)
        self.asked: list[tuple[str, int]] = []

    def queryProxy(self, query: QNetworkProxyQuery) -> list[QNetworkProxy]:
        self.asked.append((query.url().toString(), threading.get_ident()))
        return self.answer


def test_proxies_are_said_as_a_pac_script_says_them() -> None:
    assert (
        pac_words([HTTP, SOCKS, FTP, NONE]) == "PROXY proxy.example:3128; SOCKS5 [2001:db8::1]:1080; DIRECT"
    )
    assert pac_words([]) == "DIRECT"
    assert parse_pac_result(pac_words([SOCKS])) == (Proxy(ProxyKind.SOCKS5, "2001:db8::1", 1080),)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Answering:
    factory = Answering(HTTP, NONE)
    monkeypatch.setattr(
        "ui.shell.way.QNetworkProxyFactory.systemProxyForQuery", staticmethod(factory.queryProxy)
    )
    return factory


def test_the_system_is_asked_in_another_thread_than_the_windows(qtbot: QtBot, system: Answering) -> None:
    with pytest.raises(RuntimeError):
        system_proxies("https://portal.example:443/")
    found: list[str] = []
    owner = QObject()
    Task.run(system_proxies, "https://portal.example:443/", owner=owner).on_done(found.append)
    qtbot.waitUntil(lambda: bool(found))
    assert found == ["PROXY proxy.example:3128; DIRECT"]
    assert system.asked == [("https://portal.example:443/", system.asked[0][1])]
    assert system.asked[0][1] != threading.get_ident()


def test_the_systems_proxies_get_the_sign_in_and_this_machine_needs_none(system: Answering) -> None:
    way = way_of(NetworkChoice(proxy_user="nadia"), password="p", ca_file=None, pinned=b"")
    ways = in_a_thread(lambda: way.network.ways("portal.example", 443))
    assert ways == (Proxy(ProxyKind.HTTP, "proxy.example", 3128, "nadia", "p"), None)
    assert way.network.ways("127.0.0.1", 443) == (None,)


def test_a_proxy_of_ones_own_is_passed_by_for_what_is_named() -> None:
    choice = NetworkChoice(use=ProxyUse.THIS, proxy="socks5://p.example:1080", no_proxy=["intra.example"])
    network = way_of(choice, password="", ca_file=None, pinned=b"").network
    assert network.ways("portal.example", 443) == (Proxy(ProxyKind.SOCKS5, "p.example", 1080),)
    assert network.ways("a.intra.example", 443) == (None,)


def test_a_kept_choice_comes_back_and_leaves_the_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "desktop.toml"
    path.write_text('# ours\nportal = "https://p.example"\n', encoding="utf-8")
    choice = NetworkChoice(
        use=ProxyUse.THIS, proxy="http://p.example:8080", proxy_user="nadia", no_proxy=["10.0.0.0/8"]
    )
    keep_network(path, choice)
    assert read_settings(path).network == choice
    keep_network(path, NetworkChoice())
    assert read_settings(path).network == NetworkChoice()
    assert path.read_text(encoding="utf-8").startswith("# ours\n")


@pytest.fixture
def surroundings(demo_portal: PortalProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return Surroundings(
        portal=demo_portal.url, trust=Trust(demo_portal.ca_file), agent="", data=tmp_path / "desktop"
    )


def test_a_proxy_is_tried_before_it_is_kept_and_its_password_lies_in_the_vault(
    surroundings: Surroundings, tmp_path: Path
) -> None:
    book = WayBook(surroundings, surroundings.portal)
    with TestProxy(user="nadia", password="p@ss") as proxy:
        choice = NetworkChoice(use=ProxyUse.THIS, proxy=f"http://127.0.0.1:{proxy.port}", proxy_user="nadia")
        with pytest.raises(CredentialsError):
            book.try_way(choice, "wrong")
        assert "answers" in book.try_way(choice, "p@ss")
        book.keep_way(choice, "p@ss")
        assert "answers" in book.try_way(choice, None)
    kept = (tmp_path / "home" / "config" / "desktop.toml").read_text(encoding="utf-8")
    assert "nadia" in kept
    assert "p@ss" not in kept


def test_what_cannot_be_used_is_not_kept(surroundings: Surroundings, tmp_path: Path) -> None:
    book = WayBook(surroundings, surroundings.portal)
    for choice in (
        NetworkChoice(use=ProxyUse.THIS),
        NetworkChoice(ca_files=[str(tmp_path / "no.pem")]),
        NetworkChoice(client_certificate=str(tmp_path / "no.pem")),
        NetworkChoice(no_proxy=["intra.example", "10.1.*"]),
    ):
        with pytest.raises(InputError):
            book.keep_way(choice, None)
    assert not (tmp_path / "home" / "config" / "desktop.toml").exists()


def test_a_server_without_a_proxy_that_is_none_is_named_before_it_is_tried(
    surroundings: Surroundings,
) -> None:
    book = WayBook(surroundings, surroundings.portal)
    with pytest.raises(InputError) as wrong:
        book.try_way(NetworkChoice(no_proxy=["intra.example", "10.1.*"]), None)
    assert "entry 2 (10.1.*)" in wrong.value.happened


def in_a_thread(call):  # type: ignore[no-untyped-def]
    answer = []
    thread = threading.Thread(target=lambda: answer.append(call()))
    thread.start()
    thread.join()
    return answer[0]
