"""What a start loads is looked through by nobody, and what comes after it as ever."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

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
frozen = gc.get_freeze_count()
after = [[] for _ in range(100_000)]
print(json.dumps([inside, frozen, gc.isenabled(), bool(began)]))
"""


def test_cycles_are_looked_for_after_it_and_not_among_what_was_loaded() -> None:
    said = subprocess.run([sys.executable, "-c", _SAY], cwd=ROOT, capture_output=True, check=True).stdout
    inside, frozen, enabled, looked = json.loads(said)
    assert inside == 0
    assert frozen > 100_000
    assert enabled
    assert looked


def test_a_start_that_fails_leaves_cycles_looked_for_and_freezes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frozen: list[None] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(None))

    def fail() -> None:
        with nothing_is_garbage():
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert gc.isenabled()
    assert frozen == []


def test_a_process_that_looks_for_no_cycles_goes_on_so() -> None:
    gc.disable()
    try:
        with nothing_is_garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
