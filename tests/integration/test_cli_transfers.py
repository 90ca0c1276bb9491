"""Sending with limits, several bundles at once, and what a person must agree to by hand."""

from __future__ import annotations

import io
import json
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.commands.console import Screen
from app.commands.portal_options import PortalOptions
from app.commands.reaching import CERTIFICATES, reach
from app.commands.trusting import agree_on_first_use
from app.domain.errors import TrustError
from app.transfer.network import Pins, ShownCertificate, show_certificate
from tests.peers.commands import COMMAND, client_of, fresh, heard_by_children, run
from tests.peers.portal import ROOT, PortalProcess
from tests.peers.proxies import TestProxy
from tests.peers.whole_commands import no_key_store

__all__ = ["no_key_store"]

FIRST, SECOND = "0003256109", "0003256187"


@pytest.fixture(scope="module")
def portal(people_portal: PortalProcess) -> PortalProcess:
    return people_portal


@pytest.fixture(scope="module")
def home(people_home: dict[str, str]) -> dict[str, str]:
    return people_home


def log_of(folder: Path, name: str, *, lines: int = 2000) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(
        "".join(f"10:15:02.{n % 1000:03} {n * 2654435761 % 2**32:08x} step {n}\n" for n in range(lines))
    )
    return path


@pytest.fixture(scope="module")
def sealed_once(home: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle for each of the two cases; a copy of it under another name is another bundle."""
    folder, made = tmp_path_factory.mktemp("sealed"), {}
    for case in (FIRST, SECOND):
        made[case] = folder / f"{case}.zip"
        done = run(home, "bundle", "seal", case, log_of(folder, f"{case}.log"), "--out", made[case])
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def seal(sealed_once: dict[str, Path], tmp_path: Path) -> Callable[[str, str], Path]:
    def named(case: str, name: str) -> Path:
        return Path(shutil.copy(sealed_once[case], tmp_path / f"{name}.zip"))

    return named


def test_a_limit_holds_and_events_say_how_far_it_is(home: dict[str, str], tmp_path: Path) -> None:
    began = time.monotonic()
    done = run(
        home, "send", FIRST, log_of(tmp_path / "logs", "a.log", lines=100_000),
        "--acknowledge", "--json", "--limit", "400 KB/s", "--connections", "2", "--progress", "lines",
    )  # fmt: skip
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    size = json.loads(done.stdout)["size"]
    assert took > size / 400_000 * 0.8
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert told[-1]["state"] == "verified"
    assert max(each["connections"] for each in told) <= 2
    assert [each["acked"] for each in told] == sorted(each["acked"] for each in told)


def test_bundles_of_several_cases_arrive_once_each(
    home: dict[str, str], portal: PortalProcess, seal: Callable[[str, str], Path]
) -> None:
    bundles = [seal(FIRST, "one"), seal(FIRST, "two")]
    bundles.append(seal(SECOND, "three"))
    for _again in range(2):
        done = run(home, "bundle", "send", *bundles, "--first", bundles[2], "--acknowledge", "--json")
        assert done.returncode == 0, done.stderr
    sent = json.loads(done.stdout)
    assert [(each["case"], each["file"], each["level"]) for each in sent] == [
        (FIRST, "one.zip", "A"),
        (FIRST, "two.zip", "A"),
        (SECOND, "three.zip", "A"),
    ]
    client = client_of(portal, home)
    names = [file.name for number in (FIRST, SECOND) for file in client.files(number)]
    assert [names.count(name) for name in ("one.zip", "two.zip", "three.zip")] == [1, 1, 1]


def test_bundles_that_were_stopped_go_on_and_arrive_once(
    home: dict[str, str], portal: PortalProcess, tmp_path: Path
) -> None:
    # Of some hundred thousand bytes, as the first ones leave before a limit counts.
    bundle = tmp_path / "stopped.zip"
    sealed = run(home, "bundle", "seal", SECOND, log_of(tmp_path, "a.log", lines=60_000), "--out", bundle)
    assert (sealed.returncode, bundle.stat().st_size > 200_000) == (0, True)
    words = ["bundle", "send", str(bundle), "--acknowledge", "--progress", "lines"]
    started = [*COMMAND, *words, "--limit", "100 B/s"]
    with (
        heard_by_children(signal.SIGINT),
        subprocess.Popen(started, env=home, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        while '"sending"' not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert process.returncode == 130
    assert run(home, *words).returncode == 0
    names = [file.name for file in client_of(portal, home).files(SECOND)]
    assert names.count("stopped.zip") == 1


def test_a_damaged_bundle_is_found_before_any_is_sent(
    home: dict[str, str], portal: PortalProcess, seal: Callable[[str, str], Path]
) -> None:
    good, bad = seal(FIRST, "good"), seal(FIRST, "bad")
    bad.write_bytes(bad.read_bytes()[:-1])
    done = run(home, "bundle", "send", good, bad, "--acknowledge")
    assert done.returncode == 7
    assert "good.zip" not in [file.name for file in client_of(portal, home).files(FIRST)]


def test_bundles_are_not_sent_without_a_persons_word(
    home: dict[str, str], seal: Callable[[str, str], Path]
) -> None:
    done = run(home, "bundle", "send", seal(FIRST, "quiet"))
    assert (done.returncode, "CF-1240" in done.stderr) == (3, True)


def test_a_wrong_limit_is_said_before_anything_is_asked(home: dict[str, str], tmp_path: Path) -> None:
    done = run(home, "send", FIRST, log_of(tmp_path, "a.log"), "--limit", "fast")
    assert (done.returncode, "CF-1166" in done.stderr) == (2, True)


class Person(io.StringIO):
    """Somebody at a terminal, who answers in this way."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stranger(portal: PortalProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PortalOptions:
    """A portal that no authority of this machine vouches for, and nobody has agreed to yet."""
    monkeypatch.setenv("CASEFERRY_HOME", str(tmp_path / "home"))
    return PortalOptions(portal=portal.url)


def fingerprint(portal: PortalProcess) -> str:
    return show_certificate("127.0.0.1", int(portal.url.rpartition(":")[2])).fingerprint


def test_a_person_is_shown_the_fingerprint_and_agrees_once(
    portal: PortalProcess,
    stranger: PortalOptions,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Person("yes\n"))
    reached = agree_on_first_use(stranger, reach(stranger), Screen())
    assert fingerprint(portal) in capsys.readouterr().err
    assert reached.client(reached.tokens()).capabilities().product
    monkeypatch.setattr(sys, "stdin", Person(""))
    assert agree_on_first_use(stranger, reach(stranger), Screen()).settled


@pytest.mark.parametrize("stdin", [Person("no\n"), io.StringIO("yes\n")], ids=["a no", "nobody there"])
def test_nothing_but_a_persons_yes_pins_a_certificate(
    portal: PortalProcess,
    stranger: PortalOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stdin: io.StringIO,
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(TrustError) as caught:
        agree_on_first_use(stranger, reach(stranger), Screen())
    assert caught.value.code == "CF-1441"
    assert fingerprint(portal) in caught.value.happened
    assert not (tmp_path / "home" / "data" / CERTIFICATES).exists()


def test_a_portal_with_another_certificate_than_agreed_to_is_refused_with_both(
    portal: PortalProcess, stranger: PortalOptions, tmp_path: Path
) -> None:
    place = ("127.0.0.1", int(portal.url.rpartition(":")[2]))
    agreed = ssl.PEM_cert_to_DER_cert(portal.ca_file.read_text())
    pins = Pins(tmp_path / "home" / "data" / CERTIFICATES)
    other = ShownCertificate(":".join(map(str, place)), agreed)
    pins.keep(other, confirmed=other.fingerprint)
    with pytest.raises(TrustError) as caught:
        reach(stranger)
    assert caught.value.code == "CF-1440"
    assert fingerprint(portal) in caught.value.happened
    assert Pins(tmp_path / "home" / "data" / CERTIFICATES).places()[":".join(map(str, place))] in (
        caught.value.happened
    )


def test_what_was_agreed_to_is_listed_and_forgotten(portal: PortalProcess, tmp_path: Path) -> None:
    environment = fresh(tmp_path / "home")
    host, port = "127.0.0.1", int(portal.url.rpartition(":")[2])
    shown = show_certificate(host, port)
    Pins(tmp_path / "home" / "data" / CERTIFICATES).keep(shown, confirmed=shown.fingerprint)
    listed = json.loads(run(environment, "trust", "list", "--json").stdout)
    assert listed["certificates"] == {f"{host}:{port}": shown.fingerprint}
    assert run(environment, "trust", "forget", f"{host}:{port}").returncode == 0
    assert json.loads(run(environment, "trust", "list", "--json").stdout)["certificates"] == {}
    assert "CF-1158" in run(environment, "trust", "forget", f"{host}:{port}").stderr


def test_the_proxys_password_comes_from_the_vault(home: dict[str, str]) -> None:
    with TestProxy(user="nadia", password="p@ss") as proxy:
        address = f"http://nadia@127.0.0.1:{proxy.port}"
        assert run(home, "cases", "--proxy", address).returncode == 4
        kept = run(home, "proxy-password", "--proxy", address, typed="p@ss\n")
        assert kept.returncode == 0, kept.stderr
        assert "p@ss" not in kept.stdout + kept.stderr
        assert run(home, "cases", "--proxy", address).returncode == 0
        assert run(home, "proxy-password", "--forget", "--proxy", address).returncode == 0
        assert run(home, "cases", "--proxy", address).returncode == 4
    assert proxy.asked


def test_a_bundle_that_has_the_name_of_an_older_file_arrives_by_sftp(
    home: dict[str, str], portal: PortalProcess, tmp_path: Path
) -> None:
    digests = []
    for number, via in enumerate(("https", "sftp")):
        bundle = tmp_path / str(number) / "same-name.zip"
        log = log_of(bundle.parent, "a.log", lines=100 + number)
        assert run(home, "bundle", "seal", SECOND, log, "--out", bundle).returncode == 0
        sent = run(home, "bundle", "send", bundle, "--via", via, "--acknowledge", "--json")
        assert sent.returncode == 0, sent.stderr
        digests.append(json.loads(sent.stdout)[0]["sha256"])
    files = [file for file in client_of(portal, home).files(SECOND) if file.name == "same-name.zip"]
    assert {file.sha256 for file in files} == set(digests)
    assert [file.check for file in files] == ["verified", "verified"]
