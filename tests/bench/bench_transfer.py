"""How fast a bundle goes out, beside the tools that everybody has: `curl` to the portal, `sftp` to the sshd.

Over SFTP it comes back, too, as a download with its SHA-256.

Rounds are interleaved and their order is turned round each time, so that a busy machine is fair to all; the
figures are medians. CPU is of the sending side only, in seconds per 10^9 bytes.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.domain.files import SealedBundle
from app.transfer import (
    Destination,
    Journal,
    RemoteFile,
    SftpDestination,
    SftpLogin,
    SftpServer,
    TusDestination,
    fetch_over_sftp,
    send,
)
from app.transfer.login import HostKey
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.portal import PortalProcess, Tokens, agent_tokens, register_agent
from tests.peers.portal_records import Records, open_records
from tests.peers.sealed import sealed_bundle

CASE = "0003256109"
MIB = 1024 * 1024


@dataclass(slots=True)
class Lane:
    """One way of sending, and what was measured.

    Attributes:
        run: sends once.
        beside: name of the lane whose rate is 1.00; empty for none.
    """

    name: str
    run: Callable[[], None]
    beside: str = ""
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="bench transfer", description=__doc__)
    parser.add_argument("--mib", type=int, default=256, help="size of the bundle in MiB (default 256)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--only", choices=("https", "ssh"), help="one of the two groups alone")
    options = parser.parse_args(argv)
    if options.mib < 1 or options.rounds < 1:
        parser.error("--mib and --rounds are at least 1")
    console = Console()
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        bundle = sealed_bundle(folder / "spool", size=options.mib * MIB)
        lanes = [
            *(_https(stack, folder, bundle) if options.only != "ssh" else ()),
            *(_ssh(stack, folder, bundle) if options.only != "https" else ()),
        ]
        for number in range(options.rounds):
            for lane in lanes if number % 2 == 0 else lanes[::-1]:
                console.print(f"[dim]round {number + 1}: {lane.name}[/]")
                _measure(lane)
        console.print(_table(lanes, size=bundle.size))
    return 0


def _https(stack: ExitStack, folder: Path, bundle: SealedBundle) -> Iterator[Lane]:
    portal = stack.enter_context(PortalProcess(folder / "portal", sftp=True))
    records = stack.enter_context(open_records(portal.data))
    tokens = agent_tokens(portal, register_agent(portal))
    journal = stack.enter_context(Journal(folder / "journal.sqlite3"))

    def destination() -> TusDestination:
        return TusDestination(
            f"{portal.url}/api/v1/uploads",
            ssl_context=ssl.create_default_context(cafile=str(portal.ca_file)),
            tokens=_Fixed(tokens.access),
            metadata={"case": CASE},
            state_url="state",
        )

    beside = "curl PATCH, portal" if shutil.which("curl") else ""
    if beside:
        yield Lane(beside, lambda: _curl(portal, tokens, bundle))
    yield Lane("ours over tus, portal", lambda: _send(journal, bundle, destination()), beside)
    yield Lane(
        "ours over SFTP, portal", lambda: _send(journal, bundle, _portal_sftp(portal, records)), beside
    )


def _ssh(stack: ExitStack, folder: Path, bundle: SealedBundle) -> Iterator[Lane]:
    server = stack.enter_context(openssh(folder / "ssh"))
    journal = stack.enter_context(Journal(folder / "journal-ssh.sqlite3"))

    login = SftpLogin(user=server.user, key_file=server.key_file)
    place = SftpServer("127.0.0.1", server.port, login=login, host_key=HostKey.parse(server.host_key))

    def up() -> None:
        destination = SftpDestination("127.0.0.1", server.port, login=login, host_key=server.host_key)
        _send(journal, bundle, destination)
        _empty(server.folder)

    def down() -> None:
        target = folder / "fetched" / "logs.zip"
        wanted = RemoteFile(peer=place.peer, path=str(bundle.path), sha256=bundle.sha256)
        fetch_over_sftp(wanted, target=target, connect=place.open)
        _empty(target.parent)

    gcm = ("-c", "aes128-gcm@openssh.com")
    for verb, ours in (("put", up), ("get", down)):
        beside = f"sftp {verb}, sshd" if shutil.which("sftp") else ""
        if beside:
            yield Lane(beside, partial(_sftp, server, bundle, folder, verb))
            yield Lane(
                f"sftp {verb} aes128-gcm, sshd", partial(_sftp, server, bundle, folder, verb, *gcm), beside
            )
        yield Lane(f"ours over SFTP, {verb}, sshd", ours, beside)


@dataclass(frozen=True, slots=True)
class _Fixed:
    value: str

    def bearer(self) -> str:
        return self.value

    def rejected(self) -> None:
        """There is no other."""


def _send(journal: Journal, bundle: SealedBundle, destination: Destination) -> None:
    send(journal, bundle, destination, key=uuid.uuid4().hex)


def _portal_sftp(portal: PortalProcess, records: Records) -> SftpDestination:
    login = records.sftp_account(CASE)
    with portal.session() as session:
        host_key = session.get("/capabilities").json()["sftp"]["host_key"]
    assert portal.sftp_port is not None
    return SftpDestination(
        "127.0.0.1",
        portal.sftp_port,
        login=SftpLogin(user=login.user, password=login.password),
        host_key=host_key,
    )


def _curl(portal: PortalProcess, tokens: Tokens, bundle: SealedBundle) -> None:
    """One upload in one PATCH; the creation is not curl's work, but takes a moment only."""
    pairs = {
        "case": CASE,
        "filename": bundle.name,
        "sha256": bundle.sha256,
        "manifest_sha256": bundle.manifest_sha256,
        "idempotency_key": uuid.uuid4().hex,
    }
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items())
    with portal.session(tokens=tokens) as session:
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(bundle.size), "Upload-Metadata": metadata}
        made = session.post("/uploads", headers=headers)
        made.raise_for_status()
    target = made.headers["Location"]
    command = ["curl", "--silent", "--show-error", "--fail", "--cacert", str(portal.ca_file), "-X", "PATCH"]
    for header in (
        f"Authorization: Bearer {tokens.access}",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream",
        "Expect:",
    ):
        command += ["-H", header]
    url = target if target.startswith("https:") else portal.url + target
    subprocess.run([*command, "--upload-file", str(bundle.path), url], check=True)


def _sftp(server: OpenSsh, bundle: SealedBundle, folder: Path, verb: str, *options: str) -> None:
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {server.host_key}\n", encoding="utf-8")
    command = ["sftp", "-q", "-b", "-", "-P", str(server.port), "-i", str(server.key_file), *options]
    command += [
        "-o",
        f"UserKnownHostsFile={known}",
        "-o",
        "StrictHostKeyChecking=yes",
        f"{server.user}@127.0.0.1",
    ]
    target = folder / "got.zip" if verb == "get" else "logs.zip"
    script = f"{verb} {bundle.path} {target}\n"
    subprocess.run(command, input=script, text=True, check=True, stdout=subprocess.DEVNULL)
    (folder / "got.zip").unlink(missing_ok=True)
    _empty(server.folder)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _measure(lane: Lane) -> None:
    with _clocked() as read:
        lane.run()
    seconds, cpu = read()
    lane.seconds.append(seconds)
    lane.cpu.append(cpu)


@contextmanager
def _clocked() -> Iterator[Callable[[], tuple[float, float]]]:
    """Wall and CPU seconds of the block, ours and of programs that it ran to their end."""
    began, cpu = time.monotonic(), _cpu()
    ended: list[float] = []

    def read() -> tuple[float, float]:
        return ended[0], ended[1]

    yield read
    ended += [time.monotonic() - began, _cpu() - cpu]


def _cpu() -> float:
    spent = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _table(lanes: Sequence[Lane], *, size: int) -> Table:
    table = Table(title=f"Sending {size / 1e6:.0f} MB over the loopback, {os.cpu_count()} cores")
    table.add_column("way")
    for column in ("MB/s", "beside", "CPU s/GB"):
        table.add_column(column, justify="right")
    rates = {lane.name: size / 1e6 / statistics.median(lane.seconds) for lane in lanes}
    for lane in lanes:
        beside = (
            f"{rates[lane.name] / rates[lane.beside]:.2f} × {lane.beside.split(',')[0].split()[0]}"
            if lane.beside
            else ""
        )
        cpu = statistics.median(lane.cpu) / (size / 1e9)
        table.add_row(lane.name, f"{rates[lane.name]:.0f}", beside, f"{cpu:.2f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
