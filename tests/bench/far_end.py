"""The two ends of a long way, each a process of its own.

``serve FOLDER ADDRESS``; ``measure FOLDER WAY ROUNDS MIB ROWS ADDRESS``; ``await FOLDER``: for the first
to be ready.
"""

from __future__ import annotations

import json
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.transfer import Journal, TusDestination, send
from tests.bench.far import MIB, WAYS, Asked, Row, Way
from tests.bench.lanes import CASE, Lane, measure
from tests.bench.sftp_ways import Shore, Wanted
from tests.peers.fixed_token import FixedToken
from tests.peers.nginx import installed, nginx
from tests.peers.openssh import openssh
from tests.peers.portal import PortalProcess, agent_tokens, register_agent
from tests.peers.sealed import sealed_bundle

_LONGEST_START = 60.0
_CURL = "curl PUT, nginx"


def serve(folder: Path, address: str) -> None:
    """sshd, nginx and a portal, until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with (
        openssh(folder / "ssh", address=address) as shell,
        nginx(folder / "web", address=address) as web,
        PortalProcess(folder / "portal", listen=f"{address}:0") as portal,
    ):
        known = {
            "ssh_port": shell.port,
            "user": shell.user,
            "key_file": str(shell.key_file),
            "host_key": shell.host_key,
            "store": str(shell.folder),
            "web_port": int(web.url.rpartition(":")[2]),
            "web_folder": str(web.folder),
            "ca_file": str(web.ca_file),
            "portal_port": int(portal.url.rpartition(":")[2]),
            "portal_ca": str(portal.ca_file),
            "token": agent_tokens(portal, register_agent(portal)).access,
        }
        written = folder / "far.json.new"
        written.write_text(json.dumps(known))
        written.rename(folder / "far.json")
        threading.Event().wait()


def ready(folder: Path) -> dict[str, Any]:
    """What the server says of itself, as soon as it does."""
    until = time.monotonic() + _LONGEST_START
    while not (folder / "far.json").exists():
        if time.monotonic() > until:
            raise TimeoutError("the servers do not start")
        time.sleep(0.05)
    known: dict[str, Any] = json.loads((folder / "far.json").read_text())
    return known


def measure_way(folder: Path, way: Way, asked: Asked, *, address: str) -> None:
    """Rounds over the way, and their results into the folder."""
    known = ready(folder)
    bundle = sealed_bundle(folder / "spool", size=asked.mib * MIB)
    (folder / "size.json").write_text(json.dumps(bundle.size))
    control = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    allowed = control.with_name("tcp_allowed_congestion_control")
    if control.exists():
        bbr = "may" if "bbr" in allowed.read_text().split() else "may not"
        (folder / "congestion").write_text(f"{control.read_text().strip()}; a program {bbr} ask for bbr")
    with Journal(folder / "journal.sqlite3") as journal:
        shore = Shore(
            host=address,
            port=known["ssh_port"],
            user=known["user"],
            key_file=Path(known["key_file"]),
            host_key=known["host_key"],
            store=Path(known["store"]),
            folder=folder,
            bundle=bundle,
            journal=journal,
        )
        lanes = list(_lanes(way, asked.rows, shore, known, address))
        measure(lanes, rounds=asked.rounds, say=lambda line: print(line, flush=True))
    (folder / "results.json").write_text(json.dumps([lane.told() for lane in lanes]))


def _lanes(
    way: Way, rows: Sequence[Row], shore: Shore, known: dict[str, Any], address: str
) -> Iterator[Lane]:
    if way.curl and shutil.which("curl") and installed():
        yield Lane(_CURL, lambda: _curl(shore, known, address), (Path(known["web_folder"]) / "up").unlink)
    if Row.UP in rows:
        for lane in shore.up(Wanted(sftp=way.up), ciphers=False, lftp=False, rclone=False):
            if lane.name.startswith("ours"):
                lane.beside[_CURL] = way.curl
            yield lane
    if Row.TUS in rows:
        yield Lane("ours over tus, portal", lambda: _tus(shore, known, address), _nothing, {_CURL: way.curl})
    if Row.DOWN in rows:
        yield from shore.down(Wanted(sftp=way.down, rclone=1.0), ciphers=False, lftp=False)


def _tus(shore: Shore, known: dict[str, Any], address: str) -> None:
    there = TusDestination(
        f"https://{address}:{known['portal_port']}/api/v1/uploads",
        ssl_context=ssl.create_default_context(cafile=known["portal_ca"]),
        tokens=FixedToken(known["token"]),
        metadata={"case": CASE},
        state_url="state",
    )
    send(shore.journal, shore.bundle, there, key=uuid.uuid4().hex)


def _curl(shore: Shore, known: dict[str, Any], address: str) -> None:
    place = f"127.0.0.1:{known['web_port']}"
    command = ["curl", "--silent", "--show-error", "--fail", "--cacert", known["ca_file"], "-H", "Expect:"]
    there = ["--connect-to", f"{place}:{address}:{known['web_port']}", f"https://{place}/up"]
    subprocess.run([*command, "--upload-file", str(shore.bundle.path), *there], check=True)


def _nothing() -> None:
    """What went to the portal stays there."""


def main(words: list[str]) -> None:
    """See the module."""
    verb, folder = words[0], Path(words[1])
    if verb == "serve":
        serve(folder, words[2])
    elif verb == "await":
        ready(folder)
    else:
        way = next(way for way in WAYS if way.name == words[2])
        rows = tuple(Row(word) for word in words[5].split(","))
        asked = Asked(rows=rows, rounds=int(words[3]), mib=int(words[4]))
        measure_way(folder, way, asked, address=words[6])


if __name__ == "__main__":
    main(sys.argv[1:])
