"""The way out: proxies with sign-in, client certificates, pins, and an environment that has no say."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest
import trustme

from app.domain.errors import (
    CredentialsError,
    InputError,
    PeerError,
    RefusedError,
    TrustError,
    UnreachableError,
    WorldError,
)
from app.portal import PortalClient
from app.settings import Trust, session
from app.transfer import TusDestination, show_host_key
from app.transfer.network import (
    Certificates,
    Network,
    Pins,
    ShownCertificate,
    Way,
    dial,
    parse_proxy,
    prove_pin,
    show_certificate,
)
from app.transfer.wire import Patience, Wire
from tests.peers.faulty_tus import FaultyTus, faulty_tus
from tests.peers.mutual_tls import MutualTls
from tests.peers.portal import PortalProcess
from tests.peers.proxies import TestProxy


class Ask(Protocol):
    def __call__(self, server: MutualTls, *, shows: Path | None) -> None: ...


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        yield running


@pytest.fixture(params=[False, True], ids=["http", "socks5"])
def proxy(request: pytest.FixtureRequest) -> Iterator[TestProxy]:
    with TestProxy(user="nadia", password="p@ss", socks=request.param) as running:
        yield running


def through(proxy: TestProxy, *, url: str = "", no_proxy: tuple[str, ...] = ()) -> Network:
    text = url or proxy.url.replace("p@ss", "p%40ss")
    return Network(proxy=parse_proxy(text), no_proxy=no_proxy)


def ask(server: FaultyTus, network: Network, *, context: ssl.SSLContext | None = None) -> None:
    destination = TusDestination(
        server.url, ssl_context=context or server.ssl_context(), network=network, streams=1
    )
    with closing(destination):
        destination.announced()


def test_a_server_is_reached_through_a_proxy_that_wants_a_sign_in(
    server: FaultyTus, proxy: TestProxy
) -> None:
    ask(server, through(proxy))
    assert proxy.asked == [f"127.0.0.1:{server.port}"]
    assert server.count("OPTIONS") == 1


def test_a_wrong_password_of_the_proxy_is_said_so(server: FaultyTus, proxy: TestProxy) -> None:
    with pytest.raises(CredentialsError) as caught:
        ask(server, through(proxy, url=proxy.url.replace("p@ss", "wrong-one")))
    assert caught.value.code == "CF-1340"
    assert "wrong-one" not in str(caught.value)


@pytest.mark.parametrize(
    ("socks", "answer", "kind", "code"),
    [
        (False, 403, RefusedError, "CF-1250"),
        (False, 401, CredentialsError, "CF-1340"),
        (False, 502, UnreachableError, "CF-1541"),
        (True, 2, RefusedError, "CF-1250"),
        (True, 4, UnreachableError, "CF-1541"),
        (True, 5, UnreachableError, "CF-1541"),
    ],
)
def test_what_a_proxy_refuses_is_told_apart(
    server: FaultyTus, socks: bool, answer: int, kind: type[WorldError], code: str
) -> None:
    with TestProxy(socks=socks) as refusing:
        refusing.answer = answer
        with pytest.raises(kind) as caught:
            ask(server, through(refusing))
    assert caught.value.code == code


def test_a_proxy_that_is_not_there_is_said_so(server: FaultyTus) -> None:
    with pytest.raises(UnreachableError) as caught:
        ask(server, Network(proxy=parse_proxy("http://127.0.0.1:1")))
    assert caught.value.code == "CF-1540"


def test_what_is_no_proxy_is_said_so(server: FaultyTus) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def babble() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(1000)
            client.sendall(b"220 mail.example ESMTP\r\n\r\n")

    speaker = threading.Thread(target=babble)
    speaker.start()
    try:
        with pytest.raises(PeerError) as caught:
            ask(server, Network(proxy=parse_proxy(f"http://127.0.0.1:{listener.getsockname()[1]}")))
    finally:
        speaker.join()
        listener.close()
    assert caught.value.code == "CF-1640"


def test_the_second_way_of_a_pac_script_is_taken_when_the_first_is_dead(server: FaultyTus) -> None:
    ask(server, Network(pac=lambda url: "PROXY 127.0.0.1:1; DIRECT"))
    assert server.count("OPTIONS") == 1


def test_a_server_under_no_proxy_is_reached_directly(server: FaultyTus) -> None:
    ask(server, Network(proxy=parse_proxy("http://127.0.0.1:1"), no_proxy=("127.0.0.0/8",)))
    assert server.count("OPTIONS") == 1


def test_a_name_is_resolved_for_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has moved is found by the next connection; nothing remembers where it was."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        moves = iter([first, second])

        def resolved(host: str, port: int, *_how: object, **_named: object) -> list[tuple[object, ...]]:
            assert (host, port) == ("portal.example", 443)
            where = next(moves).getsockname()
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)]

        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        for server in (first, second):
            with closing(dial("portal.example", 443, network=Network(), seconds=5)) as made:
                assert made.getpeername() == server.getsockname()


@pytest.mark.parametrize(
    "network",
    [
        Network(),
        Network(proxy=parse_proxy("http://127.0.0.1:1")),
        Network(proxy=parse_proxy("socks5://127.0.0.1:1")),
    ],
    ids=["directly", "http", "socks5"],
)
@pytest.mark.parametrize("host", ["portal..example", f"{'a' * 64}.example"], ids=["two dots", "a long part"])
def test_a_name_that_no_server_can_have_is_said_so(host: str, network: Network) -> None:
    with pytest.raises(InputError) as caught:
        dial(host, 443, network=network, seconds=5)
    assert caught.value.code == "CF-1132"


def test_an_sftp_server_of_a_name_that_none_can_have_is_said_so() -> None:
    with pytest.raises(InputError) as caught:
        show_host_key("sftp..example", 22)
    assert caught.value.code == "CF-1132"


def test_the_environment_has_no_say(
    server: FaultyTus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(other))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    context = Certificates(ca_files=(server.ca_file,), system_store=False).ssl_context()
    ask(server, Network(), context=context)


def test_the_portals_calls_take_the_same_way(tmp_path: Path, proxy: TestProxy) -> None:
    with PortalProcess(tmp_path / "data") as portal:
        way = Way(
            network=through(proxy),
            certificates=Certificates(ca_files=(portal.ca_file,), system_store=False),
        )
        with closing(PortalClient(portal.url, trust=Trust(way=way))) as client:
            assert client.capabilities().tus_extensions
    assert len(proxy.asked) == 1


def test_the_environment_adds_nothing_to_the_systems_authorities(
    server: FaultyTus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
    with pytest.raises(TrustError):
        ask(server, Network(), context=Certificates().ssl_context())


def test_own_authorities_count_beside_the_systems(server: FaultyTus) -> None:
    ask(server, Network(), context=Certificates(ca_files=(server.ca_file,)).ssl_context())


def test_the_systems_authorities_alone_do_not_know_it(server: FaultyTus) -> None:
    with pytest.raises(TrustError) as caught:
        ask(server, Network(), context=Certificates().ssl_context())
    assert caught.value.code == "CF-1410"


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_file_without_certificates_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pem").write_bytes(content)
    with pytest.raises(InputError) as caught:
        Certificates(ca_files=(tmp_path / "x.pem",)).ssl_context()
    assert caught.value.code == "CF-1171"


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2], ids=["1.3", "1.2"])
def mutual(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MutualTls]:
    with MutualTls(tmp_path, newest=request.param) as running:
        yield running


def context_for(server: MutualTls, *, shows: Path | None) -> ssl.SSLContext:
    return Certificates(
        ca_files=(server.ca_file,), system_store=False, client_certificate=shows
    ).ssl_context()


def speak(server: MutualTls, *, shows: Path | None) -> None:
    destination = TusDestination(server.url, ssl_context=context_for(server, shows=shows), streams=1)
    with closing(destination):
        destination.announced()


def put(server: MutualTls, *, shows: Path | None) -> None:
    """As `speak`, with a body that does not leave at once."""
    context = context_for(server, shows=shows)
    wire = Wire(server.url, ssl_context=context, tokens=None, patience=Patience())
    with closing(wire):
        wire.request("PATCH", server.url, headers={}, body=memoryview(bytes(4 << 20)))


def get(server: MutualTls, *, shows: Path | None) -> None:
    """As `speak`, with an answer that is read piece by piece."""
    context = context_for(server, shows=shows)
    wire = Wire(server.url, ssl_context=context, tokens=None, patience=Patience())
    with closing(wire):
        wire.fetch(server.url, headers={})


def call(server: MutualTls, *, shows: Path | None) -> None:
    """As the portal's calls."""
    certificates = Certificates(ca_files=(server.ca_file,), system_store=False, client_certificate=shows)
    with session(Trust(way=Way(certificates=certificates))) as http:
        http.get(server.url)


@pytest.mark.parametrize("ask_it", [speak, get, call])
def test_a_client_certificate_is_shown(mutual: MutualTls, ask_it: Ask) -> None:
    ask_it(mutual, shows=mutual.own)
    assert len(mutual.seen) == 1


@pytest.mark.parametrize("ask_it", [speak, put, get, call])
def test_a_server_that_demands_a_client_certificate_is_told_apart(mutual: MutualTls, ask_it: Ask) -> None:
    with pytest.raises(WorldError) as caught:
        ask_it(mutual, shows=None)
    assert (caught.value.retryable, "client certificate" in str(caught.value)) == (False, True)
    if ssl.TLSVersion.TLSv1_2 is not mutual.newest:
        assert caught.value.code == "CF-1313"


@pytest.mark.parametrize("ask_it", [speak, put, get, call])
def test_a_client_certificate_that_the_server_does_not_accept_is_told_apart(
    mutual: MutualTls, ask_it: Ask
) -> None:
    with pytest.raises(CredentialsError) as caught:
        ask_it(mutual, shows=mutual.stranger)
    assert caught.value.code == "CF-1314"


@pytest.mark.parametrize("ask_it", [speak, get, call])
@pytest.mark.parametrize(
    ("page", "code"),
    [("No required SSL certificate was sent", "CF-1313"), ("The SSL certificate error", "CF-1314")],
)
def test_a_page_about_the_client_certificate_is_told_like_an_alert(
    tmp_path: Path, ask_it: Ask, page: str, code: str
) -> None:
    with MutualTls(tmp_path, page=page) as server, pytest.raises(CredentialsError) as caught:
        ask_it(server, shows=None)
    assert caught.value.code == code


def test_a_client_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_bytes(b"nonsense")
    with pytest.raises(InputError) as caught:
        Certificates(client_certificate=tmp_path / "x.pem").ssl_context()
    assert caught.value.code == "CF-1165"


def test_a_certificate_counts_after_a_person_has_agreed_to_it(server: FaultyTus, tmp_path: Path) -> None:
    shown = show_certificate("127.0.0.1", server.port)
    Pins(tmp_path / "pins.json").keep(shown, confirmed=shown.fingerprint)
    pinned = Pins(tmp_path / "pins.json").of("127.0.0.1", server.port)
    ask(server, Network(), context=Certificates(pinned=pinned).ssl_context())
    assert server.count("OPTIONS") == 1


def test_another_fingerprint_is_no_agreement(server: FaultyTus, tmp_path: Path) -> None:
    shown = show_certificate("127.0.0.1", server.port)
    pins = Pins(tmp_path / "pins.json")
    with pytest.raises(TrustError):
        pins.keep(shown, confirmed="00" * 32)
    assert pins.of("127.0.0.1", server.port) == b""
    assert not (tmp_path / "pins.json").exists()


def test_a_pinned_server_with_another_certificate_is_refused(server: FaultyTus, tmp_path: Path) -> None:
    shown = show_certificate("127.0.0.1", server.port)
    with faulty_tus(tmp_path / "other") as other, pytest.raises(TrustError):
        ask(other, Network(), context=Certificates(pinned=shown.der).ssl_context())


def test_a_changed_certificate_is_named_beside_the_one_that_was_agreed_to(
    server: FaultyTus, tmp_path: Path
) -> None:
    agreed = show_certificate("127.0.0.1", server.port)
    with faulty_tus(tmp_path / "other") as other:
        now = show_certificate("127.0.0.1", other.port)
        with pytest.raises(TrustError) as caught:
            prove_pin("127.0.0.1", other.port, agreed=agreed.der)
    assert agreed.fingerprint in caught.value.happened
    assert now.fingerprint in caught.value.happened


def test_a_pinned_certificate_is_no_question_of_names_for_the_portals_calls(tmp_path: Path) -> None:
    authority = trustme.CA()
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("another.example").configure_cert(listening)
    with listening.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=_answer_twice, args=(listener,))
        thread.start()
        shown = show_certificate("127.0.0.1", port)
        way = Way(certificates=Certificates(pinned=shown.der))
        with session(Trust(way=way)) as http:
            assert http.get(f"https://127.0.0.1:{port}/").status_code == 204
        thread.join(timeout=60)


def test_the_portals_calls_refuse_another_certificate_than_the_pinned_one(
    server: FaultyTus, tmp_path: Path
) -> None:
    agreed = show_certificate("127.0.0.1", server.port)
    way = Way(certificates=Certificates(pinned=agreed.der))
    with (
        faulty_tus(tmp_path / "other") as other,
        session(Trust(way=way)) as http,
        pytest.raises(TrustError) as caught,
    ):
        http.get(f"https://127.0.0.1:{other.port}/")
    assert caught.value.code == "CF-1440"
    assert agreed.fingerprint in caught.value.happened


def test_the_environment_does_not_override_whom_we_trust(
    server: FaultyTus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs.pem"
    theirs.write_bytes(ssl.DER_cert_to_PEM_cert(show_certificate("127.0.0.1", server.port).der).encode())
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(theirs))
    way = Way(certificates=Certificates(ca_files=(_authority(tmp_path),), system_store=False))
    with session(Trust(way=way)) as http, pytest.raises(TrustError):
        http.get(f"https://127.0.0.1:{server.port}/")


def _authority(folder: Path) -> Path:
    path = folder / "another-ca.pem"
    path.write_bytes(trustme.CA().cert_pem.bytes())
    return path


def _answer_twice(listener: ssl.SSLSocket) -> None:
    for number in range(2):
        client, _ = listener.accept()
        with client:
            if number:
                client.recv(4096)
                client.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def test_a_pin_trusts_nothing_that_its_authority_signs(server: FaultyTus, tmp_path: Path) -> None:
    authority = trustme.CA()
    (tmp_path / "ca.der").write_bytes(ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode()))
    context = Certificates(pinned=(tmp_path / "ca.der").read_bytes()).ssl_context()
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(listening)
    with listening.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as listener:
        thread = threading.Thread(target=_accept_once, args=(listener,))
        thread.start()
        destination = TusDestination(
            f"https://127.0.0.1:{listener.getsockname()[1]}/files", ssl_context=context
        )
        with closing(destination), pytest.raises(TrustError) as caught:
            destination.announced()
        thread.join(timeout=60)
    assert caught.value.code == "CF-1440"


def test_pins_are_forgotten_again_and_are_for_their_owner_only(server: FaultyTus, tmp_path: Path) -> None:
    shown = show_certificate("127.0.0.1", server.port)
    pins = Pins(tmp_path / "pins.json")
    pins.keep(shown, confirmed=shown.fingerprint.lower())
    if os.name == "posix":
        assert (tmp_path / "pins.json").stat().st_mode & 0o077 == 0
    pins.forget("127.0.0.1", server.port)
    assert Pins(tmp_path / "pins.json").of("127.0.0.1", server.port) == b""


def test_what_another_program_forgot_does_not_come_back(tmp_path: Path) -> None:
    one, other = ShownCertificate("one.example:443", b"one"), ShownCertificate("other.example:443", b"other")
    desktop = Pins(tmp_path / "pins.json")
    desktop.keep(one, confirmed=one.fingerprint)
    Pins(tmp_path / "pins.json").forget("one.example", 443)
    desktop.keep(other, confirmed=other.fingerprint)
    assert set(desktop.places()) == set(Pins(tmp_path / "pins.json").places()) == {"other.example:443"}


def _accept_once(listener: ssl.SSLSocket) -> None:
    try:
        client, _ = listener.accept()
        with client:
            client.recv(100)
    except OSError:
        return


def test_a_password_that_socks_cannot_carry_is_not_accepted() -> None:
    with TestProxy(user="nadia", password="right", socks=True) as proxy:
        way = parse_proxy(proxy.url.replace("right", "x" * 300))
        with pytest.raises(CredentialsError) as caught:
            dial("127.0.0.1", 443, network=Network(proxy=way), seconds=5)
    assert caught.value.code == "CF-1340"
