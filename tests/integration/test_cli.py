"""``caseferry`` as people run it: a process of its own, against the real portal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
import trustme

from app.bundle import verify_bundle
from app.secrets import open_user_vault
from tests.peers.commands import COMMAND, client_of, fresh, run, run_process, sign_in
from tests.peers.faulty_portal import Answer, FaultyPortal
from tests.peers.portal import ROOT, PortalProcess
from tests.peers.unpacking import members_of

NUMBER = "0003256109"
CALLER = "+4930901820417"


@pytest.fixture(scope="module")
def portal(people_portal: PortalProcess) -> PortalProcess:
    return people_portal


@pytest.fixture(scope="module")
def home(people_home: dict[str, str]) -> dict[str, str]:
    """The environment of a person who has signed in once, in the browser."""
    return people_home


@pytest.fixture
def logs(tmp_path) -> Path:
    folder = tmp_path / "logs"
    (folder / "sip").mkdir(parents=True)
    line = f"10:15:02.118 call from {CALLER} tel:{CALLER}\n"
    (folder / "sips_a.20230609_101502_118.log").write_text(line * 200)
    (folder / "sip" / "urs.20230609_101502_118.log").write_text(line * 50)
    return folder


@pytest.fixture(autouse=True)
def _no_key_store(monkeypatch):
    import keyring
    from keyring.backends import null

    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())
    yield
    keyring.set_keyring(before)


def test_the_portal_is_remembered_after_the_sign_in(portal, tmp_path):
    environment = fresh(tmp_path, portal)
    assert "Nadia Ferrow" in sign_in(portal, environment)
    for name in ("CASEFERRY_PORTAL", "CASEFERRY_CA"):
        del environment[name]
    assert run_process(environment, "cases").returncode == 0
    assert run(environment, "sign-out").returncode == 0
    assert run(environment, "cases").returncode == 4


def test_cases_are_listed_as_json_with_every_field(home):
    done = run(home, "cases", "--json", "--view", "group", "--limit", 3, "--sort", "-number")
    assert done.returncode == 0, done.stderr
    page = json.loads(done.stdout)
    numbers = [case["number"] for case in page["items"]]
    assert len(numbers) == 3
    assert numbers == sorted(numbers, reverse=True)
    assert page["total"] > 3


def test_all_cases_follow_the_pages(home):
    few = json.loads(run(home, "cases", "--json", "--view", "group", "--limit", 2).stdout)
    everything = json.loads(run(home, "cases", "--json", "--view", "group", "--all").stdout)
    assert len(everything["items"]) == few["total"]


def test_a_list_in_a_pipe_is_one_line_per_case(home):
    lines = run(home, "cases", "--words", "re-INVITE").stdout.splitlines()
    assert lines[0].startswith("Case\tSubject")
    assert lines[1].startswith(f"{NUMBER}\tCalls drop after re-INVITE timeout on trunk DN\t")


def test_a_case_is_shown_by_its_short_number(home):
    done = run(home, "case", "3256109")
    assert done.returncode == 0, done.stderr
    assert "Calls drop after re-INVITE timeout on trunk DN" in done.stdout
    shown = json.loads(run(home, "case", NUMBER, "--json").stdout)
    assert shown["case"]["number"] == NUMBER
    assert shown["files"]
    assert shown["updates"]


def test_a_comment_arrives(home, portal):
    assert run(home, "comment", NUMBER, "Traces follow.").returncode == 0
    assert "Traces follow." in [update.text for update in client_of(portal, home).updates(NUMBER).items]


def test_an_empty_comment_is_not_sent(home, portal):
    done = run(home, "comment", NUMBER, " ")
    assert done.returncode == 2
    assert "The comment is empty" in done.stderr
    assert "CF-1155" in done.stderr


def test_a_log_that_is_written_to_meanwhile_is_named_with_the_bytes_that_were_sent(home, logs):
    growing = logs / "sips_a.20230609_101502_118.log"
    over = threading.Event()

    def write_on():
        while not over.wait(0.002):
            with growing.open("ab") as stream:
                stream.write(b"10:15:09.118 ok\n")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        done = run(home, "send", NUMBER, logs, "--acknowledge", "--json")
    finally:
        over.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    sent = json.loads(done.stdout)["grown"]
    assert list(sent) == [growing.name]
    assert 0 < sent[growing.name] < growing.stat().st_size
    assert f"{growing.name}; its first {sent[growing.name]} bytes are in the bundle" in done.stderr


@pytest.mark.parametrize("via", ["https", "sftp"])
def test_a_folder_arrives_masked_and_verified(home, portal, logs, tmp_path, via):
    done = run(home, "send", NUMBER, logs, "--via", via, "--acknowledge", "--json")
    assert done.returncode == 0, done.stderr
    sent = json.loads(done.stdout)
    assert (sent["level"], sent["via"], sent["members"]) == ("A", via, 2)
    client = client_of(portal, home)
    file = next(each for each in client.files(NUMBER) if each.name == sent["file"])
    assert (file.check, file.via, file.sha256) == ("verified", via, sent["sha256"])
    client.download(NUMBER, file.id, tmp_path / "back.zip")
    verified = verify_bundle(tmp_path / "back.zip")
    assert verified.sha256 == sent["sha256"]
    assert [member.name for member in verified.manifest.members] == [
        "sip/urs.20230609_101502_118.log",
        "sips_a.20230609_101502_118.log",
    ]
    import zipfile

    with zipfile.ZipFile(tmp_path / "back.zip") as archive:
        text = b"".join(archive.read(name) for name in archive.namelist())
    assert CALLER.encode() not in text
    assert b"<TEL:" in text


@pytest.mark.parametrize("via", ["https", "sftp"])
def test_a_bundle_of_the_other_format_arrives_verified_with_its_manifest(home, portal, logs, tmp_path, via):
    done = run(
        home,
        "send",
        NUMBER,
        logs,
        "--via",
        via,
        "--format",
        "tar.zst",
        "--level",
        "3",
        "--acknowledge",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    sent = json.loads(done.stdout)
    assert (sent["level"], sent["file"].endswith(".tar.zst")) == ("A", True)
    client = client_of(portal, home)
    file = next(each for each in client.files(NUMBER) if each.name == sent["file"])
    assert (file.check, file.has_manifest) == ("verified", True)
    client.download(NUMBER, file.id, tmp_path / "back")
    manifest, *members = members_of((tmp_path / "back").read_bytes()).values()
    assert json.loads(manifest)["packing"].endswith(", level 3")
    assert len(members) == 2
    assert CALLER.encode() not in b"".join(members)
    assert run(home, "bundle", "verify", tmp_path / "back").returncode == 0


@pytest.mark.parametrize(
    "packing", [["--format", "7z"], ["--level", "10"], ["--format", "tar.zst", "--level", "0"]]
)
def test_a_packing_that_is_none_is_refused_before_anything_is_masked(home, logs, packing):
    assert run(home, "send", NUMBER, logs, "--acknowledge", *packing).returncode == 2


def test_the_same_send_again_is_no_second_file(home, portal, logs):
    first = json.loads(run(home, "send", NUMBER, logs, "--acknowledge", "--json").stdout)
    again = json.loads(run(home, "send", NUMBER, logs, "--acknowledge", "--json").stdout)
    assert again["sha256"] == first["sha256"]
    assert sum(each.name == first["file"] for each in client_of(portal, home).files(NUMBER)) == 1


def test_what_has_changed_since_it_was_sealed_is_a_new_transfer_and_said_so(home, logs):
    assert run(home, "send", NUMBER, logs).returncode == 3, "sealed, and not sent"
    again = run(home, "send", NUMBER, logs)
    assert "it goes on from there" in again.stderr
    assert "new transfer" not in again.stderr
    with sorted(logs.rglob("*.log"))[0].open("a", encoding="utf-8") as file:
        file.write("10:15:02.000 one more line\n")
    changed = run(home, "send", NUMBER, logs, "--acknowledge")
    assert "This is a new transfer, from its first byte" in changed.stderr
    assert f"logs-{NUMBER}-" in changed.stderr
    assert changed.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("killed_at", ["bundles/*.zip", "journal.db"])
def test_a_send_that_is_killed_goes_on_and_doubles_nothing(portal, home, logs, tmp_path, killed_at):
    environment = {**home, "CASEFERRY_HOME": str(tmp_path / "own")}
    sign_in(portal, environment)
    state = tmp_path / "own" / "data" / "sends"
    command = [*COMMAND, "send", NUMBER, str(logs), "--acknowledge", "--json"]
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    ends = time.monotonic() + 60
    pause = threading.Event()
    while not list(state.glob(killed_at)) and process.poll() is None and time.monotonic() < ends:
        pause.wait(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = run_process(environment, "send", NUMBER, logs, "--acknowledge", "--json")
    assert done.returncode == 0, done.stderr
    sent = json.loads(done.stdout)
    files = [each for each in client_of(portal, environment).files(NUMBER) if each.name == sent["file"]]
    assert [(each.check, each.sha256) for each in files] == [("verified", sent["sha256"])]
    assert list((state / "bundles").iterdir()) == []


def test_without_the_acknowledgement_nothing_is_sent(home, portal, logs):
    before = len(client_of(portal, home).files(NUMBER))
    done = run(home, "send", NUMBER, logs)
    assert done.returncode == 3
    assert "R-FILE-1" in done.stderr
    assert len(client_of(portal, home).files(NUMBER)) == before


def test_a_file_that_cannot_be_masked_stays_here_and_the_exit_code_says_so(home, portal, logs, tmp_path):
    (logs / "core.bin").write_bytes(b"\x7fELF\x00\x01\x02\x00\x00\x00" * 500)
    done = run(home, "send", NUMBER, logs, "--acknowledge", "--json")
    assert done.returncode == 9
    assert "core.bin" in done.stderr
    assert json.loads(done.stdout)["left_out"] == 1


def test_a_closed_case_takes_no_files_and_nothing_is_masked(home, logs):
    closed = json.loads(run(home, "cases", "--view", "closed", "--json").stdout)["items"][0]["number"]
    done = run(home, "send", closed, logs, "--acknowledge")
    assert done.returncode == 3
    assert "R-FILE-1" in done.stderr
    assert "CF-1241" in done.stderr


@pytest.mark.parametrize("name", ["x.zip", "x.tar.zst"])
def test_a_bundle_is_sealed_without_the_portal_and_proven(tmp_path, logs, name):
    environment = fresh(tmp_path / "own")
    done = run(environment, "bundle", "seal", NUMBER, logs, "--out", tmp_path / name, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    proven = verify_bundle(tmp_path / name)
    assert (told["sha256"], told["size"]) == (proven.sha256, proven.size)
    assert (proven.manifest.case, len(proven.manifest.members)) == (NUMBER, 2)
    assert CALLER.encode() not in b"".join(members_of((tmp_path / name).read_bytes()).values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "own", name]


@pytest.mark.parametrize(("name", "code"), [("taken.zip", "CF-1144"), ("x.7z", "CF-1156")])
def test_a_bundle_is_not_sealed_over_a_file_or_without_a_format(tmp_path, logs, name, code):
    (tmp_path / "taken.zip").write_bytes(b"mine")
    done = run(fresh(tmp_path / "own"), "bundle", "seal", NUMBER, logs, "--out", tmp_path / name)
    assert (done.returncode, code in done.stderr) == (2, True)
    assert (tmp_path / "taken.zip").read_bytes() == b"mine"
    assert not (tmp_path / "x.7z").exists()


def test_a_file_that_cannot_be_masked_is_named_in_the_sealed_bundle(tmp_path, logs):
    (logs / "core").write_bytes(b"\x7fELF" + bytes(3000))
    done = run(fresh(tmp_path / "own"), "bundle", "seal", NUMBER, logs, "--out", tmp_path / "x.zip")
    assert done.returncode == 9, done.stderr
    assert [left.name for left in verify_bundle(tmp_path / "x.zip").manifest.left_out] == ["core"]


def test_a_bundle_that_was_changed_does_not_verify(home, portal, logs, tmp_path):
    sent = json.loads(run(home, "send", NUMBER, logs, "--acknowledge", "--json").stdout)
    client = client_of(portal, home)
    file = next(each for each in client.files(NUMBER) if each.name == sent["file"])
    target = tmp_path / "b.zip"
    client.download(NUMBER, file.id, target)
    assert run(home, "bundle", "verify", target).returncode == 0
    assert json.loads(run(home, "bundle", "verify", target, "--json").stdout)["verified"] is True
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    assert run(home, "bundle", "verify", target).returncode == 7


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["cases", "--portal", "http://127.0.0.1:1"], 2, "CF-1182"),
        (["cases", "--portal", "https://portal..example"], 2, "CF-1182"),
        (["cases", "--portal", "https://[::1"], 2, "CF-1182"),
        (["cases", "--portal", "https://127.0.0.1:9"], 4, "CF-1382"),
        (["cases", "--view", "nonsense"], 2, "CF-1149"),
        (["nonsense"], 2, "CF-1149"),
        (["case", "not-a-number"], 2, "CF-1101"),
        (["case", "9999999999"], 2, "CF-1183"),
        (["cases", "--ca", "/no/such/ca.pem"], 2, "CF-1170"),
        (["bundle", "verify", "/no/such.zip"], 8, "CF-1813"),
        (["send", NUMBER, "/no/such/log"], 2, "CF-1141"),
        (["sign-in", "--portal", "https://127.0.0.1:9"], 6, "CF-1570"),
    ],
)
def test_every_failure_has_its_exit_code_and_error_code(home, arguments, code, said):
    done = run(home, *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr
    assert done.stdout == ""


def test_an_untrusted_portal_is_exit_5(home, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    done = run(home, "cases", "--ca", tmp_path / "other.pem")
    assert done.returncode == 5
    assert "CF-1470" in done.stderr


def test_a_portal_that_answers_500_is_exit_6(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with FaultyPortal(authority) as faulty:
        faulty.answers("/.well-known/oauth-authorization-server", Answer(500))
        environment = fresh(tmp_path / "home")
        done = run(environment, "sign-in", "--portal", faulty.url, "--ca", tmp_path / "ca.pem")
    assert done.returncode == 6
    assert "CF-1582" in done.stderr


def test_no_secret_reaches_the_log(home):
    log = (Path(home["CASEFERRY_HOME"]) / "log" / "caseferry.log").read_text()
    store = open_user_vault(Path(home["CASEFERRY_HOME"]) / "data")
    kept = json.loads(store.get(f"sign-in {home['CASEFERRY_PORTAL']}") or b"{}")
    assert kept["access_token"] not in log
    assert kept["refresh_token"] not in log


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
def test_the_portal_verb_runs_the_portal_and_stops_gracefully(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "portal", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"],
        env=fresh(tmp_path / "home"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        answer = requests.get(f"{ready['url']}/api/v1/capabilities", verify=ready["ca_file"], timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert answer.status_code == 200
