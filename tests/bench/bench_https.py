"""How fast files go over HTTPS: to the portal beside `@tus/server` and nginx, and back beside `curl`.

How rates, ratios and CPU are taken is said in `tests.bench.lanes`. What goes to nginx and to `@tus/server`
is neither hashed nor verified there; what goes to the portal is both.

Everything lies in memory unless `--folder` says otherwise: what is ours is durable when it is done, which
nginx, `@tus/server` and curl leave to the system. On a disk that is slower than the network, its rate is all
that is seen.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import uuid
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urljoin

import requests
from rich.console import Console

from app.domain.files import SealedBundle
from app.transfer import Journal, TusDestination, send
from app.transfer.downloads import Wanted, fetch
from app.transfer.wire import Patience, Wire
from tests.bench.lanes import CASE, Lane, emptied, measure, memory_folder, table
from tests.peers.fixed_token import FixedToken
from tests.peers.nginx import Nginx, installed, nginx
from tests.peers.portal import PortalProcess, agent_tokens, register_agent
from tests.peers.sealed import sealed_bundle
from tests.peers.tus_reference import TusReference, tus_reference

MIB = 1 << 20


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="bench https", description=__doc__)
    parser.add_argument("--mib", type=int, default=256, help="size of the file in MiB (default 256)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    parser.add_argument(
        "--folder", type=Path, default=memory_folder(), help="where everything lies (default: memory)"
    )
    options = parser.parse_args(argv)
    if options.mib < 1 or options.rounds < 1:
        parser.error("--mib and --rounds are at least 1")
    if not installed() or not shutil.which("curl"):
        parser.error("nginx and curl are the measure; install them")
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="caseferry-bench-", dir=options.folder) as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        bundle = sealed_bundle(folder / "spool", size=options.mib * MIB)
        web = stack.enter_context(nginx(folder / "nginx"))
        lanes = [*_up(stack, folder, bundle, web), *_down(folder, bundle, web)]
        measure(lanes, rounds=options.rounds, say=lambda line: console.print(f"[dim]{line}[/]"))
        title = f"{bundle.size / 1e6:.0f} MB over HTTPS on the loopback, {os.cpu_count()} cores"
        console.print(table(lanes, title=title, size=bundle.size))
    return 0


def _up(stack: ExitStack, folder: Path, bundle: SealedBundle, web: Nginx) -> Iterator[Lane]:
    portal = stack.enter_context(PortalProcess(folder / "portal"))
    reference = stack.enter_context(tus_reference(folder / "reference"))
    tokens = agent_tokens(portal, register_agent(portal))
    token = tokens.access
    journal = stack.enter_context(Journal(folder / "journal.sqlite3"))

    def put() -> None:
        _curl("--upload-file", str(bundle.path), "-H", "Expect:", f"{web.url}/up", ca_file=web.ca_file)

    def to_portal() -> None:
        destination = TusDestination(
            f"{portal.url}/api/v1/uploads",
            ssl_context=ssl.create_default_context(cafile=str(portal.ca_file)),
            tokens=FixedToken(token),
            metadata={"case": CASE},
            state_url="state",
        )
        send(journal, bundle, destination, key=uuid.uuid4().hex)

    def curl_to_reference() -> None:
        with requests.Session() as session:
            session.trust_env = False  # REQUESTS_CA_BUNDLE would win over `verify`
            session.verify = str(reference.ca_file)
            target = _created(session, reference.url, bundle, {})
        _curl_patch(urljoin(reference.url, target), bundle, ca_file=reference.ca_file)

    def curl_to_portal() -> None:
        with portal.session(tokens=tokens) as session:
            target = _created(session, "/uploads", bundle, {"case": CASE, "sha256": bundle.sha256})
        _curl_patch(urljoin(portal.url, target), bundle, ca_file=portal.ca_file, token=token)

    in_reference = emptied(reference.folder, size=bundle.size)
    in_portal = emptied(portal.data / "cases" / CASE / "files", size=bundle.size)
    yield Lane("up: curl PUT, nginx", put, (web.folder / "up").unlink)
    yield Lane("up: curl PATCH, @tus/server", curl_to_reference, in_reference)
    yield Lane("up: ours, @tus/server", lambda: _to_reference(journal, bundle, reference), in_reference)
    yield Lane("up: curl PATCH, portal", curl_to_portal, in_portal, {"up: curl PATCH, @tus/server": 3.0})
    yield Lane(
        "up: ours, portal", to_portal, in_portal, {"up: curl PUT, nginx": 0.5, "up: ours, @tus/server": 3.0}
    )


def _created(session: requests.Session, url: str, bundle: SealedBundle, pairs: dict[str, str]) -> str:
    """The address of a new upload of one file, made for curl."""
    every = {"filename": bundle.name, "idempotency_key": uuid.uuid4().hex} | pairs
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in every.items())
    made = session.post(
        url,
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(bundle.size), "Upload-Metadata": metadata},
    )
    made.raise_for_status()
    return made.headers["Location"]


def _curl_patch(url: str, bundle: SealedBundle, *, ca_file: Path, token: str = "") -> None:
    """The whole file in one PATCH."""
    headers = ["Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Expect:"]
    headers += ["Content-Type: application/offset+octet-stream"]
    headers += [f"Authorization: Bearer {token}"] if token else []
    words = [word for header in headers for word in ("-H", header)]
    _curl("-X", "PATCH", *words, "--upload-file", str(bundle.path), url, ca_file=ca_file)


def _to_reference(journal: Journal, bundle: SealedBundle, reference: TusReference) -> None:
    destination = TusDestination(reference.url, ssl_context=reference.ssl_context())
    send(journal, bundle, destination, key=uuid.uuid4().hex)


def _down(folder: Path, bundle: SealedBundle, web: Nginx) -> Iterator[Lane]:
    (web.folder / "down").write_bytes(bundle.path.read_bytes())
    url, target = f"{web.url}/down", folder / "fetched"
    context = ssl.create_default_context(cafile=str(web.ca_file))
    sha256 = hashlib.sha256(bundle.path.read_bytes()).hexdigest()

    def curl() -> None:
        _curl("--output", str(target), url, ca_file=web.ca_file)

    def ours() -> None:
        fetch(
            Wanted(url, bundle.size, sha256),
            target=target,
            connect=lambda: Wire(url, ssl_context=context, tokens=None, patience=Patience()),
            refused=lambda status, _headers, _body: RuntimeError(str(status)),
        )

    yield Lane("down: curl, nginx", curl, target.unlink)
    yield Lane("down: ours with SHA-256, nginx", ours, target.unlink, {"down: curl, nginx": 0.8})


def _curl(*arguments: str, ca_file: Path) -> None:
    subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", "--cacert", str(ca_file), *arguments], check=True
    )


if __name__ == "__main__":
    sys.exit(main())
