"""What a start loads is looked through by nobody while it is loaded, and what comes after it as ever."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.loading import nothing_is_garbage
from tests.peers.portal import ROOT

_SAY = """
import gc, json
from app.loading import nothing_is_garbage

began = []
gc.callbacks.append(lambda phase, _about: began.append(phase))
with nothing_is_garbage():
    kept = [[] for _ in range(100_000)]
    inside = len(began)
after = [[] for _ in range(100_000)]
print(json.dumps([inside, gc.isenabled(), bool(began)]))
"""


def test_cycles_are_looked_for_after_it_and_not_within() -> None:
    said = subprocess.run([sys.executable, "-c", _SAY], cwd=ROOT, capture_output=True, check=True).stdout
    inside, enabled, looked = json.loads(said)
    assert inside == 0
    assert enabled
    assert looked


def test_after_a_start_that_fails_cycles_are_looked_for() -> None:
    def fail() -> None:
        with nothing_is_garbage():
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert gc.isenabled()


def test_a_process_that_looks_for_no_cycles_goes_on_so() -> None:
    gc.disable()
    try:
        with nothing_is_garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


_END = """
import gc
from app.loading import end_without_a_look

class Seen:
    def __del__(self):
        print("looked")

end_without_a_look()
cycle = Seen()
cycle.itself = cycle
del cycle
print("done")
"""


def test_a_process_ends_without_a_look_for_cycles(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-c", _END], cwd=tmp_path, env=environment, capture_output=True, check=True
    ).stdout
    assert said.split() == [b"done"]
