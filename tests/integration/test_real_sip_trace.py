"""A real SIP trace, made by SIPp with made-up callers, on its whole way to a case at the portal."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from app.bundle import MANIFEST_NAME, verify_bundle
from tests.peers.agent import AgentProcess, rule, write_config
from tests.peers.portal import PortalProcess, register_agent
from tests.peers.sipp_calls import Caller, call_ids, made_up_callers, trace_calls

CASE = "0003256109"
CALLS = 60


class Delivered:
    """What went in and what came out at the portal."""

    def __init__(self, *, callers: list[Caller], raw: dict[str, str], bundle: Path, announced: str) -> None:
        self.callers = callers
        self.raw = raw
        self.bundle = bundle
        self.announced = announced
        with zipfile.ZipFile(bundle) as archive:
            names = [name for name in archive.namelist() if name != MANIFEST_NAME]
            self.masked = {name.rpartition("/")[2]: archive.read(name).decode() for name in names}
            self.everything = b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    place = tmp_path_factory.mktemp("sip-trace")
    folder = place / "logs"
    folder.mkdir()
    callers = made_up_callers(seed=20260609, count=CALLS)
    desk, caller = folder / "desk.log", folder / "caller.log"
    trace_calls(callers=callers, workdir=place / "sipp", desk_trace=desk, caller_trace=caller)
    raw = {path.name + ".1": path.read_text(encoding="utf-8") for path in (desk, caller)}
    for path in (desk, caller):  # the writer rotates: now the segments are closed
        path.rename(folder / f"{path.name}.1")
    with PortalProcess(place / "portal") as portal:
        credential = register_agent(portal)
        config = write_config(
            place / "agent",
            url=portal.url,
            ca_file=portal.ca_file,
            client_id=credential["client_id"],
            client_secret=credential["client_secret"],
            rules=[rule(folder, case=CASE)],
        )
        with AgentProcess(config) as agent:
            jobs = agent.wait_until_shipped(2)
        bundles = [_fetch(portal, digest=job.sha256, into=place / f"{job.id}.zip") for job in jobs]
    assert len(bundles) == 1, "both traces were closed at once and belong to one rule: one bundle"
    return Delivered(callers=callers, raw=raw, bundle=bundles[0], announced=jobs[0].sha256)


def _fetch(portal: PortalProcess, *, digest: str, into: Path) -> Path:
    """Download the case's file with this digest as support would, without any code of the client's."""
    with portal.session("Nadia") as session:
        files = session.get(f"/cases/{CASE}/files").json()["items"]
        found = [file for file in files if file["sha256"] == digest]
        assert [file["check"] for file in found] == ["verified"]
        into.write_bytes(session.get(f"/cases/{CASE}/files/{found[0]['id']}/content").content)
    return into


def test_the_traces_really_held_every_number_and_name(delivered: Delivered) -> None:
    text = "".join(delivered.raw.values())
    assert all(caller.number in text and caller.name in text for caller in delivered.callers)


def test_no_injected_number_or_name_arrived(delivered: Delivered) -> None:
    values = {caller.number.lstrip("+") for caller in delivered.callers}
    values |= {part for caller in delivered.callers for part in (caller.name, *caller.name.split())}
    assert [value for value in sorted(values) if value.encode() in delivered.everything] == []


def test_no_dialled_digit_arrived(delivered: Delivered) -> None:
    signals = [
        line for text in delivered.masked.values() for line in text.splitlines() if line.startswith("Signal=")
    ]
    assert len(signals) == 2 * CALLS
    assert not any(line.removeprefix("Signal=").strip().isdigit() for line in signals)


@pytest.mark.parametrize("name", ["desk.log.1", "caller.log.1"])
def test_every_call_id_is_still_there(delivered: Delivered, name: str) -> None:
    assert call_ids(delivered.masked[name]) == call_ids(delivered.raw[name])


@pytest.mark.parametrize("name", ["desk.log.1", "caller.log.1"])
def test_the_number_of_lines_is_the_same(delivered: Delivered, name: str) -> None:
    assert delivered.masked[name].count("\n") == delivered.raw[name].count("\n")


def test_one_caller_has_one_token_in_both_traces(delivered: Delivered) -> None:
    def tokens(name: str) -> set[str]:
        return {
            line.split("<tel:")[1].rstrip(">")
            for line in delivered.masked[name].splitlines()
            if line.startswith("P-Asserted-Identity")
        }

    assert tokens("desk.log.1") == tokens("caller.log.1")
    assert len(tokens("desk.log.1")) == CALLS


def test_the_digest_is_equal_and_the_manifest_holds(delivered: Delivered) -> None:
    assert hashlib.sha256(delivered.bundle.read_bytes()).hexdigest() == delivered.announced
    verify_bundle(delivered.bundle)
