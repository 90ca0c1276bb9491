"""The portal as a process: its ready line, its certificate, its data folder, its end."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from app.sandbox.program import main
from tests.peers.portal import ROOT, PortalProcess, portal

__all__ = ["portal"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def modes(data: Path) -> set[int]:
    private = [data / "demo-people.json", data / "portal.sqlite3", *(data / "keys").iterdir()]
    private += [*(data / "tls").iterdir(), *(data / "cases").glob("*/files/*")]
    return {path.stat().st_mode & 0o077 for path in private}


def test_a_kill_and_a_restart_keep_what_was_answered_and_whom_clients_trust(data: Path) -> None:
    portal = PortalProcess(data)
    portal.start()
    people, ca = portal.people, portal.ca_file.read_bytes()
    with portal.session("Nadia") as session:
        assert session.post("/cases/3256226/comments", json={"text": "Durable."}).status_code == 201
    portal.kill()
    with portal, portal.session("Nadia") as again:
        feed = again.get("/cases/3256226/updates").json()["items"]
        assert (portal.people, portal.ca_file.read_bytes()) == (people, ca)
    assert feed[0]["text"] == "Durable."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards files by lists, not by modes")
def test_nobody_else_can_read_the_data_folder(portal: PortalProcess) -> None:
    assert modes(portal.data) == {0}
    assert portal.data.stat().st_mode & 0o077 == 0


def test_a_client_without_its_ca_does_not_trust_it(portal: PortalProcess) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{portal.url}/api/v1/capabilities", timeout=60)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_its_certificate_stands_a_strict_check(portal: PortalProcess, name: str) -> None:
    context = ssl.create_default_context(cafile=str(portal.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    port = int(portal.url.rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as raw,
        context.wrap_socket(raw, server_hostname=name) as secure,
    ):
        assert secure.version() in ("TLSv1.2", "TLSv1.3")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process may answer")
def test_sigterm_ends_the_portal_well_while_clients_listen(data: Path) -> None:
    portal = PortalProcess(data, sftp=True)
    portal.start()
    with portal.session("Nadia") as session:
        stream = session.get("/events", stream=True)
        assert next(stream.iter_lines())
        assert portal.stop() == 0
        assert b"retry" not in b"".join(stream.iter_content(None))
    assert "ERROR" not in portal.log_file.read_text(encoding="utf-8")


def test_an_address_that_is_taken_is_said_and_nothing_is_left_behind(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--data", str(data), "--listen", f"127.0.0.1:{port}")
    assert (ended.returncode, ended.stdout) == (8, "")
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "(CF-1808)" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--listen", "8443"),
        ("--listen", "127.0.0.1:70000"),
        ("--sftp", "x"),
        ("--demo-cases", "-1"),
        ("--demo-cases", "5"),
    ],
)
def test_a_wrong_argument_is_named(
    data: Path, arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--data", str(data), *arguments])
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_the_api_document_names_its_problems(portal: PortalProcess) -> None:
    with portal.session() as session:
        document = session.get("/api/v1/openapi.json").json()
    get_case = document["paths"]["/api/v1/cases/{number}"]["get"]["responses"]
    assert get_case["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Case"}
    assert "application/problem+json" in get_case["4XX"]["content"]
    assert "HTTPValidationError" not in json.dumps(document)


def test_the_api_document_declares_how_to_sign_in(portal: PortalProcess) -> None:
    with portal.session() as session:
        document = session.get("/api/v1/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert set(schemes["person"]["flows"]) == {"authorizationCode", "x-deviceAuthorization"}
    assert set(schemes["agent"]["flows"]) == {"clientCredentials"}
    assert document["paths"]["/api/v1/cases"]["get"]["security"] == [{"person": ["cases"]}]
    assert "security" not in document["paths"]["/api/v1/capabilities"]["get"]
    uploads = document["paths"]["/api/v1/uploads"]["post"]["security"]
    assert {name for option in uploads for name in option} == {"person", "agent"}


def test_a_portal_alone_has_sftp_and_says_where_everything_is(data: Path) -> None:
    with PortalProcess(data, sftp=True) as portal, portal.session("Nadia") as session:
        assert session.get("/capabilities").json()["sftp"]["port"] == portal.sftp_port
        said = portal.log_file.read_text(encoding="utf-8")
        assert all(text in said for text in (portal.url, str(portal.ca_file), str(data / "demo-people.json")))
        assert not any(person.password in said for person in portal.people)
