"""A type that several threads read for the first time at once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_AT_ONCE = """
import sys, threading
import msgspec
from app.agentlink import Jobs, Status
from app.decoding import ready
sys.setswitchinterval(1e-6)
go = threading.Barrier(6)
def read(kind):
    go.wait()
    for _ in range(20):
        try:
            msgspec.json.decode(b'{"jobs": [], "folders": []}', type=ready(kind))
        except msgspec.ValidationError:
            pass
threads = [threading.Thread(target=read, args=((Jobs, Status)[number % 2],)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
_TYPED = re.compile(r"msgspec\.(?:(?:json|msgpack|toml)\.decode|convert)\([^\n]*?type=(?P<kind>[^\n]*)")


def test_threads_that_meet_a_type_at_the_same_moment_all_read_it() -> None:
    for _ in range(2):
        subprocess.run([sys.executable, "-c", _AT_ONCE], cwd=ROOT, check=True)


def test_every_type_is_made_ready_before_a_document_is_read_as_it() -> None:
    careless = [
        f"{path.relative_to(ROOT)}: {call[0]}"
        for room in ("app", "agent", "ui")
        for path in (ROOT / room).rglob("*.py")
        for call in _TYPED.finditer(path.read_text(encoding="utf-8"))
        if not call["kind"].startswith(("ready(", "dict[str, "))
    ]
    assert careless == []
