"""``caseferry doctor network`` as people run it: each step, and the one that fails."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from app.commands import main
from app.commands.reaching import HOST_KEYS, reach
from app.settings import data_folder
from app.transfer import HostKey, KnownHosts
from app.transfer.network import Network, Way
from tests.peers.faulty_tus import faulty_tus
from tests.peers.mutual_tls import MutualTls
from tests.peers.portal import PortalProcess
from tests.peers.proxies import TestProxy

Doctor = Callable[..., tuple[int, dict[str, dict[str, Any]]]]
STEPS = ["way", "resolve", "connect", "proxy", "tls", "portal", "sign-in", "uploads", "sftp"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("doctor") / "data", sftp=True) as running:
        yield running


@pytest.fixture
def doctor(
    portal: PortalProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CASEFERRY_PORTAL", portal.url)
    monkeypatch.setenv("CASEFERRY_CA", str(portal.ca_file))

    def run(*arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
        code = main(["doctor", "network", "--json", *arguments])
        steps = json.loads(capsys.readouterr().out)
        assert [step["step"] for step in steps] == STEPS
        return code, {step["step"]: step for step in steps}

    return run


def outcomes(steps: dict[str, dict[str, Any]], outcome: str) -> list[str]:
    return [name for name, step in steps.items() if step["outcome"] == outcome]


def test_a_way_without_faults_is_good_in_every_step(doctor: Doctor) -> None:
    code, steps = doctor()
    assert code == 0
    assert outcomes(steps, "failed") == []
    assert outcomes(steps, "left out") == ["proxy", "sign-in"]
    assert "each is checked by crc32, the whole by its SHA-256" in steps["uploads"]["text"], "as sends do"


def test_the_proxy_is_a_step_of_its_own(doctor: Doctor) -> None:
    with TestProxy() as proxy:
        code, steps = doctor("--proxy", proxy.url)
    assert code == 0
    assert steps["proxy"]["outcome"] == "ok"
    assert steps["way"]["text"] == f"through http://127.0.0.1:{proxy.port}"


def test_a_proxy_that_wants_a_sign_in_is_the_step_that_fails(doctor: Doctor) -> None:
    with TestProxy(user="nadia", password="right") as proxy:
        code, steps = doctor("--proxy", proxy.url.replace("right", "wrong"))
    assert code == 4
    assert outcomes(steps, "failed") == ["proxy"]
    assert steps["proxy"]["code"] == "CF-1340"
    assert "wrong" not in json.dumps(steps)


def test_a_name_without_an_address_is_the_step_that_fails(doctor: Doctor) -> None:
    code, steps = doctor("--portal", "https://nowhere.invalid")
    assert code == 6
    assert outcomes(steps, "failed") == ["resolve"]


def test_a_proxy_where_nobody_listens_is_blamed_and_not_the_portal(
    doctor: Doctor, portal: PortalProcess
) -> None:
    code, steps = doctor("--proxy", "http://127.0.0.1:1")
    assert code == 6
    assert outcomes(steps, "failed") == ["connect"]
    assert steps["connect"]["code"] == "CF-1540"
    assert "http://127.0.0.1:1: it refuses the connection" in steps["connect"]["text"]
    assert portal.url.rpartition(":")[2] not in steps["connect"]["text"]


def test_a_proxy_without_an_address_is_blamed_and_not_the_portal(doctor: Doctor) -> None:
    code, steps = doctor("--proxy", "http://nowhere.invalid:3128")
    assert code == 6
    assert outcomes(steps, "failed") == ["resolve"]
    assert steps["resolve"]["code"] == "CF-1540"
    assert "http://nowhere.invalid:3128: its name cannot be resolved" in steps["resolve"]["text"]


def test_the_second_way_of_a_pac_script_is_taken_when_the_first_is_dead(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestProxy() as proxy:
        network = Network(
            pac=lambda _url: f"PROXY nowhere.invalid:1; PROXY 127.0.0.1:1; PROXY 127.0.0.1:{proxy.port}"
        )
        monkeypatch.setattr(
            "app.commands.doctor.reach", lambda options: replace(reach(options), way=Way(network=network))
        )
        code, steps = doctor()
    assert (code, outcomes(steps, "failed")) == (0, [])
    assert "127.0.0.1:1: it refuses the connection" in steps["connect"]["text"]
    assert f"127.0.0.1:{proxy.port} answers" in steps["connect"]["text"]


def test_an_address_of_ipv6_stands_in_brackets_before_its_port(doctor: Doctor) -> None:
    _code, steps = doctor("--portal", "https://[::1]:1")
    assert "[::1]:1 refuses" in steps["connect"]["text"]


def test_a_port_where_nobody_listens_is_the_step_that_fails(doctor: Doctor) -> None:
    code, steps = doctor("--portal", "https://127.0.0.1:1")
    assert code == 6
    assert outcomes(steps, "failed") == ["connect"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_client_certificate_says_so_in_its_step(
    doctor: Doctor, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    with MutualTls(tmp_path, newest=version) as server:
        code, steps = doctor("--portal", server.root, "--ca", str(server.ca_file))
    assert (code in (4, 6), outcomes(steps, "failed")) == (True, ["tls"])
    told = steps["tls"]["text"] + steps["tls"]["todo"]
    assert "wants a client certificate" in told


def test_a_client_certificate_that_the_server_does_not_know_is_told(doctor: Doctor, tmp_path: Path) -> None:
    with MutualTls(tmp_path) as server:
        shown = ("--ca", str(server.ca_file), "--client-certificate", str(server.stranger))
        code, steps = doctor("--portal", server.root, *shown)
    assert (code, steps["tls"]["code"]) == (4, "CF-1314")


def test_a_client_certificate_that_is_let_in_is_no_fault(doctor: Doctor, tmp_path: Path) -> None:
    with MutualTls(tmp_path) as server:
        shown = ("--ca", str(server.ca_file), "--client-certificate", str(server.own))
        _code, steps = doctor("--portal", server.root, *shown)
    assert steps["tls"]["outcome"] == "ok"


def test_a_certificate_of_another_authority_is_the_step_that_fails(doctor: Doctor, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    code, steps = doctor("--ca", str(other))
    assert code == 5
    assert outcomes(steps, "failed") == ["tls"]


def test_the_sftp_port_alone_may_fail(doctor: Doctor) -> None:
    with TestProxy() as proxy:
        proxy.one_port_only = True
        code, steps = doctor("--proxy", proxy.url)
    assert code == 3
    assert outcomes(steps, "failed") == ["sftp"]
    assert steps["sftp"]["code"] == "CF-1250"


def test_another_host_key_than_the_one_agreed_to_is_the_step_that_fails(
    doctor: Doctor, portal: PortalProcess
) -> None:
    other = HostKey("ssh-ed25519", b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32))
    KnownHosts(data_folder() / HOST_KEYS).keep("127.0.0.1", portal.sftp_port or 0, other)
    code, steps = doctor()
    assert code == 5
    assert outcomes(steps, "failed") == ["sftp"]
    assert (steps["sftp"]["code"], other.fingerprint in steps["sftp"]["text"]) == ("CF-1411", True)


def test_a_server_that_is_no_portal_is_the_step_that_fails(doctor: Doctor, tmp_path: Path) -> None:
    from tests.peers.faulty_tus import faulty_tus

    with faulty_tus(tmp_path / "tus") as server:
        code, steps = doctor("--portal", f"https://127.0.0.1:{server.port}", "--ca", str(server.ca_file))
    assert code == 6
    assert outcomes(steps, "failed") == ["portal"]


@pytest.mark.usefixtures("doctor")
def test_people_read_a_line_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "network"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[10:20].strip() for line in lines] == STEPS


@pytest.mark.parametrize(
    ("name", "until", "said", "mended_by"),
    [
        ("portal.example", None, "not valid for '127.0.0.1'.", "Use the name in the certificate"),
        ("127.0.0.1", datetime(2021, 1, 1, tzinfo=UTC), "has expired.", "Check this machine's clock"),
    ],
)
def test_why_a_certificate_does_not_count_and_what_helps_are_said(
    doctor: Doctor, tmp_path: Path, name: str, until: datetime | None, said: str, mended_by: str
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    since = None if until is None else until - timedelta(days=1)
    with faulty_tus(tmp_path / "tus") as server:
        authority.issue_cert(name, not_before=since, not_after=until).configure_cert(server.context)
        code, steps = doctor("--portal", f"https://127.0.0.1:{server.port}", "--ca", str(tmp_path / "ca.pem"))
    assert code == 5
    assert outcomes(steps, "failed") == ["tls"]
    text = json.dumps(steps["tls"])
    assert said in text
    assert f"{said}." not in text
    assert mended_by in text


@pytest.mark.parametrize("by", ["option", "environment"])
def test_servers_without_a_proxy_that_cannot_be_read_are_said_once_and_the_way_is_tried_all_the_same(
    portal: PortalProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    by: str,
) -> None:
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    options = ["--portal", portal.url, "--ca", str(portal.ca_file)]
    if by == "option":
        options += ["--no-proxy", "10.0.0.0/8,10.1.*"]
    else:
        monkeypatch.setenv("CASEFERRY_NO_PROXY", "10.0.0.0/8,10.1.*")
    code = main(["doctor", "network", *options])
    said = capsys.readouterr().out
    assert code == 2
    assert said.count("entry 2 (10.1.*)") == 1
    assert "ok        portal" in said
