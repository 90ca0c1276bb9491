"""The way that people go by hand: ``sed -E … | gzip -6 | curl``, from raw logs to a server for files."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.masking import load_rules
from tests.bench.masking_peers import all_keys, expressions
from tests.peers.nginx import Nginx, installed, nginx

NAME = "sed -E … | gzip -6 | curl, nginx"


@dataclass(frozen=True, slots=True)
class ByHand:
    """A share of the logs, the equivalent expressions, and a server that only stores.

    Attributes:
        head: the beginning of every log, as much of each: lines of one application are slower than another's.
        size: bytes of it: sed is slow, and its rate does not depend on how much it gets.
    """

    head: Path
    program: Path
    server: Nginx
    size: int

    def seconds(self) -> float:
        """How long it takes for that share."""
        there = f"{self.server.url}/by-hand.gz"
        curl = f"curl --silent --show-error --fail --cacert {self.server.ca_file} --upload-file - {there}"
        command = f"set -o pipefail; sed -E -f {self.program} {self.head} | gzip -6 | {curl}"
        began = time.perf_counter()
        subprocess.run(["bash", "-c", command], check=True)
        took = time.perf_counter() - began
        (self.server.folder / "by-hand.gz").unlink()
        return took


@contextmanager
def by_hand(folder: Path, logs: Sequence[Path], *, size: int) -> Iterator[ByHand | None]:
    """Ready to go with about so many bytes of the logs; None where one of the programs is missing."""
    if not installed() or not all(shutil.which(program) for program in ("bash", "sed", "gzip", "curl")):
        yield None
        return
    folder.mkdir()
    head, program = folder / "head.log", folder / "program.sed"
    head.write_bytes(b"".join(_beginning(path, size // len(logs)) for path in logs))
    found = expressions(all_keys(load_rules()))
    program.write_text("".join(f"s~{find}~{put}~gI\n" for find, put in found), encoding="utf-8")
    with nginx(folder / "web") as server:
        yield ByHand(head=head, program=program, server=server, size=head.stat().st_size)


def _beginning(path: Path, size: int) -> bytes:
    """Whole lines."""
    with path.open("rb") as stream:
        taken = stream.read(size)
    return taken[: taken.rfind(b"\n") + 1]
