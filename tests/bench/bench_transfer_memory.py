"""Memory of a sending process with many connections: ``./dev bench transfer-memory [--mib N]``. Linux.

A process of its own sends a file over a long way, where many connections are opened; *memory* is the most
that the system gave it (``VmHWM``), its Python and libraries included. As many connections as were seen open
at once are printed beside it; with fewer than 16 nothing is decided, and the exit code says so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench.far_relay import delaying_relay
from tests.peers.openssh import openssh
from tests.peers.portal import PortalProcess, agent_tokens, register_agent
from tests.peers.sealed import sealed_bundle

MOST = 120e6
"""Bytes that are wanted at most with so many connections:"""

CONNECTIONS = 16

CASE = "0003256109"
_ROOT = Path(__file__).parents[2]
_WAY, _RATE = 0.05, 2e6
"""Seconds each way, and bytes per second of each connection: a link on which only more connections help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 when it is more than wanted, or with fewer connections."""
    parser = argparse.ArgumentParser(prog="bench transfer-memory", description=__doc__)
    parser.add_argument("--mib", type=int, default=192, help="size of the file in MiB (default 192)")
    options = parser.parse_args(argv)
    good = True
    with tempfile.TemporaryDirectory(prefix="caseferry-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        bundle = sealed_bundle(folder / "spool", size=options.mib << 20)
        for how, config in _ways(stack, folder):
            ours = {"journal": str(folder / f"{how}.db"), "round_trip": 2 * _WAY}
            found = _measure({"bundle": str(bundle.path), **ours, **config})
            verdict = _verdict(found)
            good &= verdict == "holds"
            print(
                f"{how}: {found['memory'] / 1e6:.0f} MB with {found['connections']} of {CONNECTIONS}"
                f" connections (at most {MOST / 1e6:.0f}: {verdict}); at rest {found['rest'] / 1e6:.0f} MB",
                flush=True,
            )
    return 0 if good else 1


def _verdict(found: dict[str, int]) -> str:
    if found["memory"] > MOST:
        return "NOT"
    return "holds" if found["connections"] == CONNECTIONS else "not decided"


def _ways(stack: ExitStack, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    shell = stack.enter_context(openssh(folder / "ssh"))
    portal = stack.enter_context(PortalProcess(folder / "portal", sftp=False))
    tokens = agent_tokens(portal, register_agent(portal))
    to_shell = stack.enter_context(delaying_relay(shell.port, seconds=_WAY, rate=_RATE))
    to_portal = stack.enter_context(
        delaying_relay(int(portal.url.rsplit(":", 1)[1]), seconds=_WAY, rate=_RATE)
    )
    sftp = {
        "port": to_shell,
        "user": shell.user,
        "key_file": str(shell.key_file),
        "host_key": shell.host_key,
    }
    tus = {"port": to_portal, "ca_file": str(portal.ca_file), "token": tokens.access, "case": CASE}
    return [("SFTP", {"sftp": sftp}), ("tus", {"tus": tus})]


def _measure(config: dict[str, Any]) -> dict[str, int]:
    command = [sys.executable, "-m", "tests.bench.memory_once", json.dumps(config)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
