from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from app.domain.errors import InputError, TrustError, UnreachableError
from app.settings import Trust, session


class _Answers(BaseHTTPRequestHandler):
    location = ""

    def do_GET(self):
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", self.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args):
        pass


@contextmanager
def serving(certificate: trustme.LeafCert | None, location: str = "") -> Iterator[int]:
    handler = type("Handler", (_Answers,), {"location": location})
    server = _Quiet(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def test_a_server_of_the_given_authority_answers(authority, ca_file):
    with serving(authority.issue_cert("127.0.0.1")) as port, session(Trust(ca_file)) as http:
        assert http.get(f"https://127.0.0.1:{port}/").text == "ok"


def test_a_server_of_another_authority_is_not_trusted(ca_file):
    with (
        serving(trustme.CA().issue_cert("127.0.0.1")) as port,
        session(Trust(ca_file)) as http,
        pytest.raises(TrustError) as raised,
    ):
        http.get(f"https://127.0.0.1:{port}/")
    assert raised.value.code == "CF-1470"


def test_the_environment_cannot_add_an_authority(ca_file, tmp_path, monkeypatch):
    other = trustme.CA()
    other.cert_pem.write_to_path(tmp_path / "other.pem")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "other.pem"))
    with (
        serving(other.issue_cert("127.0.0.1")) as port,
        session(Trust(ca_file)) as http,
        pytest.raises(TrustError),
    ):
        http.get(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_cannot_add_an_authority_to_the_systems(name, tmp_path, monkeypatch):
    other = trustme.CA()
    other.cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv(name, str(tmp_path / "other.pem"))
    with (
        serving(other.issue_cert("127.0.0.1")) as port,
        session(Trust()) as http,
        pytest.raises(TrustError) as raised,
    ):
        http.get(f"https://127.0.0.1:{port}/")
    assert raised.value.code == "CF-1470"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the store is no file there")
def test_the_environment_cannot_take_the_systems_authorities_away(authority, ca_file, tmp_path, monkeypatch):
    built = ssl.get_default_verify_paths()._replace(openssl_cafile=str(ca_file))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: built)
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with serving(authority.issue_cert("127.0.0.1")) as port, session(Trust()) as http:
        assert http.get(f"https://127.0.0.1:{port}/").text == "ok"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the store is no file there")
@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_system_store_without_a_certificate_is_passed_over(
    content, authority, ca_file, tmp_path, monkeypatch
):
    empty = tmp_path / "empty.pem"
    empty.write_bytes(content)
    built = ssl.get_default_verify_paths()._replace(openssl_cafile=str(empty), openssl_capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: built)
    monkeypatch.setattr("app.settings.system_store._FILES", (str(empty), str(ca_file)))
    with serving(authority.issue_cert("127.0.0.1")) as port, session(Trust()) as http:
        assert http.get(f"https://127.0.0.1:{port}/").text == "ok"


def test_verify_false_of_a_call_does_not_switch_verification_off(ca_file):
    with (
        serving(trustme.CA().issue_cert("127.0.0.1")) as port,
        session(Trust(ca_file)) as http,
        pytest.raises(TrustError),
    ):
        http.get(f"https://127.0.0.1:{port}/", verify=False)


def test_no_other_authority_than_the_given_one_is_loaded(ca_file):
    with session(Trust(ca_file)) as http, pytest.raises(UnreachableError):
        http.get("https://127.0.0.1:9/")
    context = http.get_adapter("https://x").poolmanager.connection_pool_kw["ssl_context"]
    assert context.cert_store_stats()["x509"] == 1


def test_a_certificate_of_another_name_is_refused(authority, ca_file):
    with (
        serving(authority.issue_cert("portal.example")) as port,
        session(Trust(ca_file)) as http,
        pytest.raises(TrustError) as raised,
    ):
        http.get(f"https://127.0.0.1:{port}/")
    assert raised.value.code == "CF-1471"


def test_a_redirect_that_drops_tls_is_not_followed(authority, ca_file):
    with serving(None) as plain:
        leaf = authority.issue_cert("127.0.0.1")
        with (
            serving(leaf, f"http://127.0.0.1:{plain}/") as port,
            session(Trust(ca_file)) as http,
            pytest.raises(TrustError) as raised,
        ):
            http.get(f"https://127.0.0.1:{port}/redirect")
    assert raised.value.code == "CF-1473"


def test_an_address_without_tls_is_refused(ca_file):
    with session(Trust(ca_file)) as http, pytest.raises(TrustError) as raised:
        http.get("http://127.0.0.1:9/secret?token=abc")
    assert "abc" not in str(raised.value)


def test_a_port_that_speaks_no_tls_is_a_trust_error(ca_file):
    with serving(None) as port, session(Trust(ca_file)) as http, pytest.raises(TrustError) as raised:
        http.get(f"https://127.0.0.1:{port}/")
    assert raised.value.code == "CF-1474"


def test_a_closed_port_is_unreachable(ca_file):
    with session(Trust(ca_file)) as http, pytest.raises(UnreachableError) as raised:
        http.get("https://127.0.0.1:9/")
    assert raised.value.code == "CF-1570"


@pytest.mark.parametrize(
    "name",
    ["no-such-host.invalid", "portal..invalid", ".invalid", f"{'a' * 64}.invalid", "[::1"],
    ids=["unknown", "two dots", "a dot in front", "a long part", "half a bracket"],
)
def test_a_name_without_an_address_is_unreachable(ca_file, name):
    with session(Trust(ca_file)) as http, pytest.raises(UnreachableError) as raised:
        http.get(f"https://{name}/")
    assert raised.value.code == "CF-1572"


def test_a_ca_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.pem"):
        Trust(tmp_path / "none.pem").ssl_context()


def test_a_ca_file_without_a_certificate_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(InputError) as raised:
        Trust(tmp_path / "ca.pem").ssl_context()
    assert raised.value.code == "CF-1171"


def test_the_system_store_context_verifies():
    context = Trust().ssl_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
